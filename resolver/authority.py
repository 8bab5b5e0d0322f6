"""Names -> entities of the curated table, by exact and folded spelling.

A strong alias identifies; a weak one (a bare "Bush") only proposes. Two entries with one spelling are left to context,
never to a coin toss. Refuses to know: articles, scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from aliases.table import AliasTable
from resolver.model import Kind
from resolver.names import fold

__all__ = ["Authority", "Entry"]


class Entry(NamedTuple):
    """An entity of the table that bears a spelling."""

    entity_id: str
    strong: bool


class Authority:
    """The curated table as a look-up by kind and spelling.

    Args:
        table: The table; None for an empty one.
    """

    def __init__(self, table: AliasTable | None) -> None:
        self.names: dict[str, str] = {}
        found: dict[tuple[Kind, str], dict[str, bool]] = defaultdict(dict)
        if table is not None:
            for entity_id, entity in table.entities.items():
                self.names[entity_id] = entity.canonical_name
                found[entity.kind, fold(entity.canonical_name)][entity_id] = True
            for row in table.aliases:
                if row.entity_id in table.entities and row.alias_type != "adjective":
                    entries = found[table.entities[row.entity_id].kind, fold(row.alias)]
                    entries[row.entity_id] = entries.get(row.entity_id, False) or row.strength == "strong"
        self._found = dict(found)

    def entries(self, surface: str, kind: Kind) -> list[Entry]:
        """Return the entities that bear a spelling, strong ones first, then by id."""
        found = self._found.get((kind, fold(surface)), {})
        return sorted((Entry(i, s) for i, s in found.items()), key=lambda e: (not e.strong, e.entity_id))

    def decided(self, surfaces: Sequence[str], kind: Kind) -> str:
        """Return the one entity that the spellings identify together, "" if none or several do.

        Args:
            surfaces: The spellings of one chain, the fullest first.
            kind: Their kind.
        """
        for surface in surfaces:
            strong = [entry.entity_id for entry in self.entries(surface, kind) if entry.strong]
            if len(strong) == 1:
                return strong[0]
            if strong:
                return ""
        return ""
