"""A resolved store -> rows that a curator may take into the table: new aliases, new entities.

Comes in: resolved mentions and the table. Goes out: proposals with what speaks for them. Nothing is written here, and
nothing enters a table by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from aliases.large import values
from aliases.table import AliasTable, AliasType, Strength, guess_type
from resolver.model import Kind, Status
from resolver.names import fold, parse_name
from resolver.store import MentionRow

__all__ = ["Suggestion", "suggestions"]

EXAMPLES = 3
OUTLETS = 5


class Suggestion(NamedTuple):
    """A proposed row: `file` tells of which file, empty columns belong to the other one.

    `probability` is that of the least sure mention; `examples` quote up to three of them.
    """

    file: str
    entity_id: str
    kind: str
    canonical_name: str
    alias: str
    alias_type: str
    strength: str
    lang: str
    source: str
    note: str
    mentions: int
    articles: int
    outlets: str
    probability: float
    examples: str


def suggestions(
    mentions: Iterable[MentionRow],
    table: AliasTable,
    *,
    min_articles: int = 2,
    min_probability: float = 0.8,
) -> list[Suggestion]:
    """Return what a store knows and the table does not, by what the most articles say.

    Args:
        mentions: Resolved mentions; ambiguous ones prove nothing and are passed over.
        table: The curated table.
        min_articles: Articles that must have a spelling, or an entity.
        min_probability: Probability in [0, 1] that the least sure mention must have.
    """
    named = values(table.columns.entities, "entity_id", "canonical_name")
    others = values(table.columns.aliases, "entity_id", "alias")
    taken = {(entity_id, fold(name)) for entity_id, name in chain(named, others)}
    spelled: dict[tuple[str, str], list[MentionRow]] = defaultdict(list)
    unknown: dict[str, list[MentionRow]] = defaultdict(list)
    for mention in mentions:
        if mention.status == Status.AMBIGUOUS or mention.probability < min_probability:
            continue
        if mention.entity_id not in table.entities:
            unknown[mention.entity_id].append(mention)
        elif (mention.entity_id, fold(mention.surface)) not in taken:
            spelled[mention.entity_id, fold(mention.surface)].append(mention)
    found = [_alias(entity_id, rows) for (entity_id, _), rows in spelled.items()]
    used = set(table.entities)
    for _, rows in sorted(unknown.items()):
        name = rows[0].entity_name
        if not parse_name(name, rows[0].kind).weak and len({row.doc_id for row in rows}) >= min_articles:
            entity_id = _new_id(name, rows[0].kind, used)
            used.add(entity_id)
            found.append(_entity(entity_id, rows))
    kept = [row for row in found if row.articles >= min_articles]
    return sorted(kept, key=lambda row: (row.file, -row.articles, -row.mentions, row.entity_id, row.alias))


def _alias(entity_id: str, rows: list[MentionRow]) -> Suggestion:
    surface = min(
        Counter(" ".join(row.surface.split()) for row in rows).items(), key=lambda s: (-s[1], s[0])
    )[0]
    single = len(surface.split()) == 1 and guess_type(surface) is not AliasType.TRANSLITERATION
    strength = Strength.WEAK if single else Strength.STRONG
    return _row(
        rows, "aliases.csv", entity_id, alias=surface, alias_type=guess_type(surface), strength=strength
    )


def _entity(entity_id: str, rows: list[MentionRow]) -> Suggestion:
    return _row(rows, "entities.csv", entity_id, kind=rows[0].kind, canonical_name=rows[0].entity_name)


def _row(rows: list[MentionRow], file: str, entity_id: str, **columns: str) -> Suggestion:
    outlets = Counter(row.outlet for row in rows if row.outlet)
    named = [name for name, _ in sorted(outlets.items(), key=lambda o: (-o[1], o[0]))[:OUTLETS]]
    empty = dict.fromkeys(("kind", "canonical_name", "alias", "alias_type", "strength", "lang", "note"), "")
    return Suggestion(
        file=file,
        entity_id=entity_id,
        source="proposed by resolver aliases suggest",
        mentions=len(rows),
        articles=len({row.doc_id for row in rows}),
        outlets="; ".join(named),
        probability=round(min(row.probability for row in rows), 3),
        examples=" | ".join(_quote(row) for row in rows[:EXAMPLES]),
        **{**empty, **{column: str(value) for column, value in columns.items()}},
    )


def _quote(row: MentionRow) -> str:
    return f"{row.doc_id}: …{' '.join(f'{row.before}[{row.surface}]{row.after}'.split())}…"


def _new_id(name: str, kind: Kind, used: set[str]) -> str:
    """Return a readable id that no entity has yet."""
    base = f"{kind.lower()}:{fold(name).replace(' ', '-') or 'unnamed'}"[:190]
    number = 1
    while (made := base if number == 1 else f"{base}-{number}") in used:
        number += 1
    return made
