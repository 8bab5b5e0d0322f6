"""Readers of lists: any CSV with names, JRC-Names, and the patterns of spaCy's entity ruler."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence

from aliases.importers.records import LINE, Alias, Record, Source, Wish
from aliases.rows import Kind, Strength

__all__ = ["csv_rows", "read_jrc", "read_spacy", "read_table"]

_COLUMNS = {
    "entity_id": ("entity_id", "id", "identifier", "uri", "qid"),
    "name": ("canonical_name", "name", "label", "itemlabel", "title", "preferred_name"),
    "aliases": ("alias", "aliases", "altlabel", "variants", "variant", "synonyms"),
    "kind": ("kind", "type", "entity_type", "schema"),
    "strength": ("strength",),
    "lang": ("lang", "language"),
}
"""What the columns of a CSV may be called, without regard to case."""

_KINDS = {
    **dict.fromkeys(("per", "person", "people", "human", "p"), Kind.PER),
    **dict.fromkeys(("org", "organization", "organisation", "company", "o"), Kind.ORG),
    **dict.fromkeys(("loc", "location", "place", "gpe", "city", "country", "fac"), Kind.LOC),
}


def csv_rows(
    source: Source, wish: Wish, *, needed: Sequence[str], any_of: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (place, row) of a CSV file with a header; rows of another length are rejected.

    Args:
        source: The file, separated by commas, semicolons or tabs: whichever the header has.
        wish: Told what is left out.
        needed: Columns that must be there.
        any_of: Further columns, one of which must be there.
    """
    lines = source.lines()
    first = next(lines, "")
    separator = max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=separator), [])
    missing = [column for column in needed if column not in header]
    if missing or (any_of and not {column.lower() for column in header} & set(any_of)):
        lacks = ", ".join(missing) or f"one of {', '.join(any_of)}"
        raise source.fault(
            1, "", first.strip()[:200], f"a header with the columns {lacks}, which are missing"
        )
    csv.field_size_limit(LINE)
    reader = csv.reader((line.replace("\0", "\ufffd") for line in lines), delimiter=separator)
    while True:
        place = f"line {source.line + 1}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            wish.reject(place, f"no line of CSV: {error}")
            continue
        if row is None:
            return
        if len(row) == len(header):
            yield place, dict(zip(header, row, strict=True))
        elif row:
            wish.reject(place, f"not as many values as the header has ({len(header)})")


def read_table(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of any CSV that has a column of names: OpenRefine exports and lists by hand.

    Columns are found by their usual names; several aliases in a field are separated by `|` or `;`. Without an id,
    rows of one name are one entity; rows of one id must stand together.
    """
    current: Record | None = None
    for place, row in csv_rows(source, wish, needed=(), any_of=_COLUMNS["name"]):
        field = _fields(row)
        name = field["name"].strip()
        kind = _KINDS.get(field["kind"].strip().lower()) if field["kind"].strip() else Kind.PER
        if kind is None:
            wish.reject(place, f"kind {field['kind'][:40]} is no person, organisation or place")
            continue
        lang = field["lang"].strip()
        if not wish.kind(kind) or not wish.lang(lang):
            continue
        strength = Strength.WEAK if field["strength"].strip().lower() == "weak" else Strength.STRONG
        texts = field["aliases"].replace(";", "|").split("|")
        found = tuple(Alias(text.strip(), strength, lang) for text in texts)
        entity_id = field["entity_id"].strip() or f"{kind.lower()}:{'-'.join(name.lower().split())}"
        if current is not None and current.entity_id == entity_id:
            again = Alias(name, Strength.STRONG, lang)
            current = current._replace(aliases=(*current.aliases, again, *found))
            continue
        if current is not None:
            yield current
        current = Record(place, entity_id, kind, name, found, "", "", source.path.name)
    if current is not None:
        yield current


def _fields(row: dict[str, str]) -> dict[str, str]:
    small = {column.strip().lower(): value for column, value in row.items()}
    return {
        field: next((small[name] for name in names if name in small), "") for field, names in _COLUMNS.items()
    }


def read_jrc(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of a JRC-Names file: id, type (P, O or others), language and name, separated by tabs.

    Words of a name are joined by `+`; lines of one id stand together, and the first is the best name.
    """
    current: Record | None = None
    for line in source.lines():
        place = source.place()
        parts = line.rstrip("\r\n").split("\t")
        if not line.strip() or line.startswith("#"):
            continue
        if len(parts) != 4:
            wish.reject(place, "not four values separated by tabs: id, type, language, name")
            continue
        entity_id, kind_name, lang, name = (part.strip() for part in parts)
        kind = {"P": Kind.PER, "O": Kind.ORG}.get(kind_name.upper())
        if kind is None:
            wish.reject(place, f"type {kind_name[:20]} is neither P nor O")
            continue
        lang = "" if lang in ("u", "un", "und") else lang
        if not wish.kind(kind) or not wish.lang(lang):
            continue
        alias = Alias(name.replace("+", " "), Strength.STRONG, lang)
        if current is not None and current.entity_id == entity_id:
            current = current._replace(aliases=(*current.aliases, alias))
            continue
        if current is not None:
            yield current
        current = Record(place, entity_id, kind, alias.text, (), "", "", "JRC-Names")
    if current is not None:
        yield current


def read_spacy(source: Source, wish: Wish) -> Iterator[Record]:
    """Yield the entities of spaCy entity-ruler patterns; those of one `id` are names of one entity.

    A pattern of tokens becomes a name if every token states its text. Patterns of one id must stand together.
    """
    current: Record | None = None
    for line in source.lines():
        place = source.place()
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            wish.reject(place, "no JSON")
            continue
        pattern = entry.get("pattern") if isinstance(entry, dict) else None
        text = pattern if isinstance(pattern, str) else _tokens(pattern)
        if not text:
            wish.reject(place, "no pattern that states its text")
            continue
        kind = _KINDS.get(str(entry.get("label")).lower())
        if kind is None:
            wish.reject(place, f"label {str(entry.get('label'))[:40]} is no person, organisation or place")
            continue
        if not wish.kind(kind):
            continue
        entity_id = str(entry.get("id") or f"{kind.lower()}:{'-'.join(text.lower().split())}")
        if current is not None and current.entity_id == entity_id:
            current = current._replace(aliases=(*current.aliases, Alias(text, Strength.STRONG)))
            continue
        if current is not None:
            yield current
        current = Record(place, entity_id, kind, text, (), "", "", "spaCy patterns")
    if current is not None:
        yield current


def _tokens(pattern: object) -> str:
    if not isinstance(pattern, list):
        return ""
    words = []
    for token in pattern:
        word = (
            token.get("TEXT") or token.get("ORTH") or token.get("LOWER") if isinstance(token, dict) else None
        )
        if not isinstance(word, str):
            return ""
        words.append(word)
    return " ".join(words)
