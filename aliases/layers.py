"""Two tables, one over the other: what the earlier one says wins.

columns, columns -> columns of both, and what was left out of the later one
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from aliases.large import Columns, values
from aliases.rows import Conflict, Strength, normalise

__all__ = ["layer"]


def layer(first: Columns, second: Columns) -> tuple[Columns, list[Conflict]]:
    """Return two tables as one, and the conflicts; memory grows with the number of names of the first.

    Args:
        first: Wins.
        second: Its entities whose id or wikidata_id stands in the first add their aliases to those. Its entities
            whose canonical name is a strong name of another entity of their kind in the first are left out:
            whether they are the same nobody knows. Its strong aliases that the first gives to another entity are
            left out.
    """
    earlier = _earlier(first)
    conflicts: list[Conflict] = []
    same: dict[str, str] = {}
    entities = second.entities.filter(pa.array(_new_entities(second, earlier, same, conflicts), pa.bool_()))
    ids, kept = _new_aliases(second, earlier, same, conflicts)
    at = second.aliases.column_names.index("entity_id")
    aliases = second.aliases.set_column(at, "entity_id", pa.array(ids, pa.string()))
    aliases = aliases.filter(pa.array(kept, pa.bool_()))
    whole = Columns(pa.concat_tables([first.entities, entities]), pa.concat_tables([first.aliases, aliases]))
    return whole, conflicts


class _Earlier(NamedTuple):
    """What the first table has: kinds by id, ids by Wikidata id, ids by kind and strong name, ids with aliases."""

    kinds: dict[str, str]
    items: dict[str, str]
    owners: dict[tuple[str, str], str]
    aliases: set[tuple[str, str]]


def _earlier(first: Columns) -> _Earlier:
    found = _Earlier({}, {}, {}, set())
    for entity_id, kind, name, item in values(
        first.entities, "entity_id", "kind", "canonical_name", "wikidata_id"
    ):
        found.kinds[entity_id] = kind
        found.owners[kind, normalise(name)] = entity_id
        if item:
            found.items[item] = entity_id
    for entity_id, alias, strength in values(first.aliases, "entity_id", "alias", "strength"):
        found.aliases.add((entity_id, alias))
        if strength == Strength.STRONG:
            found.owners.setdefault((found.kinds[entity_id], normalise(alias)), entity_id)
    return found


def _new_entities(
    second: Columns, earlier: _Earlier, same: dict[str, str], conflicts: list[Conflict]
) -> list[bool]:
    """Return which entities are new; fill `same` with the id under which each goes on."""
    kept = []
    for entity_id, kind, name, item in values(
        second.entities, "entity_id", "kind", "canonical_name", "wikidata_id"
    ):
        owner = earlier.owners.get((kind, normalise(name)))
        known = entity_id if entity_id in earlier.kinds else earlier.items.get(item)
        if known is not None:
            same[entity_id] = known
        elif owner is not None:
            why = "the canonical name is a strong name of an entity of an earlier table"
            conflicts.append(Conflict(owner, entity_id, name, why))
        else:
            same[entity_id] = entity_id
        kept.append(known is None and owner is None)
    return kept


def _new_aliases(
    second: Columns, earlier: _Earlier, same: dict[str, str], conflicts: list[Conflict]
) -> tuple[list[str], list[bool]]:
    """Return the id under which each alias goes on, and which aliases are kept."""
    kinds = {row[0]: row[1] for row in values(second.entities, "entity_id", "kind")} | earlier.kinds
    ids, kept = [], []
    for entity_id, alias, strength in values(second.aliases, "entity_id", "alias", "strength"):
        own = same.get(entity_id, "")
        keep = bool(own) and (own, alias) not in earlier.aliases
        if keep and strength == Strength.STRONG:
            owner = earlier.owners.get((kinds[own], normalise(alias)), own)
            keep = owner == own
            if not keep:
                why = "the alias is a strong name of another entity of an earlier table"
                conflicts.append(Conflict(owner, own, alias, why))
        ids.append(own)
        kept.append(keep)
    return ids, kept
