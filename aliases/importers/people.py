"""Readers of the big public tables: OpenSanctions, FollowTheMoney and Wikidata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aliases.importers.lists import csv_rows
from aliases.importers.records import Alias, Record, Source, Wish
from aliases.rows import Kind, Strength

__all__ = ["read_ftm", "read_opensanctions", "read_wikidata"]

_SCHEMAS = {
    "Person": Kind.PER,
    "LegalEntity": Kind.ORG,
    "Organization": Kind.ORG,
    "Company": Kind.ORG,
    "PublicBody": Kind.ORG,
    "Address": Kind.LOC,
}
"""FollowTheMoney schemata that are people, organisations or places; vessels, securities and links are not."""

_HUMAN = "Q5"
"""The class of people; `P31` says of what class an item is."""

_ITEM = re.compile(r"Q[1-9][0-9]*$")


def read_opensanctions(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of an OpenSanctions `targets.simple.csv`; its aliases are separated by semicolons."""
    for place, row in csv_rows(source, wish, needed=("id", "schema", "name", "aliases")):
        kind = _SCHEMAS.get(row["schema"])
        if kind is None:
            wish.reject(place, f"schema {row['schema'] or '(empty)'} is no person, organisation or place")
        elif wish.kind(kind):
            names = [Alias(part.strip(), Strength.STRONG) for part in row["aliases"].split(";")]
            item = row["id"] if _ITEM.match(row["id"]) else ""
            yield Record(place, row["id"], kind, row["name"], tuple(names), item, "", "OpenSanctions")


def read_ftm(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of FollowTheMoney JSON lines: `name` and `alias` are strong, `weakAlias` is weak."""
    for line in source.lines():
        place = source.place()
        entity = _json(line, place, wish)
        if entity is None:
            continue
        properties = entity.get("properties")
        if not isinstance(properties, dict) or not isinstance(entity.get("id"), str):
            wish.reject(place, "no FollowTheMoney entity: id and properties expected")
            continue
        kind = _SCHEMAS.get(str(entity.get("schema")))
        if kind is None:
            wish.reject(place, f"schema {entity.get('schema')} is no person, organisation or place")
            continue
        if not wish.kind(kind):
            continue
        names = _strings(properties, "name")
        name = str(entity.get("caption") or (names[0] if names else ""))
        aliases = [Alias(text, Strength.STRONG) for text in (*names, *_strings(properties, "alias"))]
        aliases += [Alias(text, Strength.STRONG) for text in _strings(properties, "previousName")]
        aliases += [Alias(text, Strength.WEAK) for text in _strings(properties, "weakAlias")]
        items = [text for text in (*_strings(properties, "wikidataId"), entity["id"]) if _ITEM.match(text)]
        roles = "; ".join(text.replace(";", ",") for text in _strings(properties, "position"))
        item = items[0] if items else ""
        yield Record(place, entity["id"], kind, name, tuple(aliases), item, roles[:2000], "FollowTheMoney")


def read_wikidata(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of a Wikidata JSON dump (an item a line), or of a SPARQL result as CSV.

    The CSV has the columns item and itemLabel; altLabel (one name a row, or several separated by `|`) and lang may
    stand beside them. Rows of one item must stand together. Every item counts as a human unless `kind` says
    otherwise; of a dump, humans alone are taken: their class is the one that every person states.
    """
    name = source.path.name.lower()
    if ".csv" in name:
        yield from _sparql(source, wish)
        return
    for line in source.lines():
        place = source.place()
        text = line.strip().rstrip(",")
        if text in ("[", "]", ""):
            continue
        item = _json(text, place, wish)
        if item is None:
            continue
        record = _item(item, place, wish)
        if record is not None:
            yield record


def _item(item: Mapping[str, Any], place: str, wish: Wish) -> Record | None:
    item_id, labels = item.get("id"), item.get("labels")
    if not isinstance(item_id, str) or not isinstance(labels, dict):
        wish.reject(place, "no Wikidata item: id and labels expected")
        return None
    if _HUMAN not in _values(item, "P31"):
        wish.reject(place, "no human")
        return None
    if not wish.kind(Kind.PER):
        return None
    names = [(lang, entry["value"]) for lang, entry in labels.items() if wish.lang(lang)]
    others = item.get("aliases")
    if isinstance(others, dict):
        names += [(lang, e["value"]) for lang, entries in others.items() if wish.lang(lang) for e in entries]
    preferred = [labels[lang]["value"] for lang in ("en", "mul") if lang in labels]
    if not preferred and not names:
        wish.reject(place, "no name in a wished language")
        return None
    name = preferred[0] if preferred else names[0][1]
    aliases = tuple(Alias(text, Strength.STRONG, "" if lang == "mul" else lang) for lang, text in names)
    return Record(place, item_id, Kind.PER, name, aliases, item_id, "", "Wikidata")


def _values(item: Mapping[str, Any], prop: str) -> Iterator[str]:
    claims = item.get("claims")
    for claim in claims.get(prop, ()) if isinstance(claims, dict) else ():
        value = claim.get("mainsnak", {}).get("datavalue", {}).get("value", {})
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            yield value["id"]


def _sparql(source: Source, wish: Wish) -> Iterator[Record]:
    current: Record | None = None
    for place, row in csv_rows(source, wish, needed=("item", "itemLabel")):
        match = _ITEM.search(row["item"])
        if match is None:
            wish.reject(place, "no item of Wikidata in the column item")
            continue
        item_id, lang = match.group(), row.get("lang", "")
        kind = Kind(row["kind"]) if row.get("kind") in tuple(Kind) else Kind.PER
        names = [row["itemLabel"], *row.get("altLabel", "").split("|")] if wish.lang(lang) else []
        found = tuple(Alias(text.strip(), Strength.STRONG, lang) for text in names)
        if current is not None and current.entity_id == item_id:
            current = current._replace(aliases=(*current.aliases, *found))
            continue
        if current is not None:
            yield current
        current = None
        if wish.kind(kind) and _ITEM.match(row["itemLabel"]) is None:
            current = Record(place, item_id, kind, row["itemLabel"], found, item_id, "", "Wikidata")
        elif wish.kind(kind):
            wish.reject(place, "no label in the language of the query")
    if current is not None:
        yield current


def _json(line: str, place: str, wish: Wish) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        wish.reject(place, "no JSON")
        return None
    if isinstance(found, dict):
        return found
    wish.reject(place, "no JSON object")
    return None


def _strings(properties: Mapping[str, Any], name: str) -> list[str]:
    values = properties.get(name, ())
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
