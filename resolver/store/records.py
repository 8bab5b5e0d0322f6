"""The rows that only the store knows: runs, compared pairs and conflicts going in, answers coming out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from resolver.model import Decision, Evidence, Kind, LinkedBy, Name, Status

__all__ = [
    "Conflict",
    "EntityDetail",
    "EntityRow",
    "Index",
    "Link",
    "MentionRow",
    "RunRecord",
    "StoredPair",
    "Tales",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What a run says of itself.

    `started_at` and `finished_at` are ISO 8601 (UTC if no zone is given). `run_id` is 0 until the store has
    given a number. `counts` are whole numbers by name, `seconds` the duration of each stage.
    """

    started_at: str
    finished_at: str
    command: str = "resolve"
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    run_id: int = 0


class Tales(NamedTuple):
    """What changes under `event` and `story`: the numbers of texts, and numbers that became part of another one."""

    told: Mapping[str, Mapping[str, int]] = MappingProxyType({"event": {}, "story": {}})
    merged: Mapping[str, Mapping[int, int]] = MappingProxyType({"event": {}, "story": {}})

    def __bool__(self) -> bool:
        """Return whether anything changes."""
        return any((*self.told.values(), *self.merged.values()))


class Index(NamedTuple):
    """What a run adds to the means of finding near names: names with their keys, words of texts, running counts.

    `counts` says for (family, feature) how many texts more (or fewer) hold it. With `anew` all that was stored goes.
    """

    names: Sequence[Name] = ()
    words: Sequence[tuple[str, Sequence[str]]] = ()
    counts: Mapping[tuple[str, str], int] = {}
    anew: bool = False
    tales: Tales = Tales()

    def __bool__(self) -> bool:
        """Return whether anything is added or goes."""
        return bool(self.names or self.words or any(self.counts.values()) or self.anew or self.tales)


class StoredPair(NamedTuple):
    """Two chains that were compared (left < right as text), with every term of the score."""

    left: str
    right: str
    bits: float
    probability: float
    keys: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Conflict(NamedTuple):
    """Verdicts that cannot all be honoured: the pair in question, what clashes, and the chain of verdicts."""

    left: str
    right: str
    detail: str
    decision_ids: tuple[str, ...] = ()


class EntityRow(NamedTuple):
    """One line of a list of entities; `spellings` are (surface, mentions), commonest first."""

    entity_id: str
    kind: Kind
    name: str
    curated: bool
    mentions: int
    articles: int
    spellings: tuple[tuple[str, int], ...]


class MentionRow(NamedTuple):
    """A mention with who it is. `before` and `after` are up to 60 characters of text around it."""

    mention_id: str
    doc_id: str
    start: int
    end: int
    surface: str
    kind: Kind
    entity_id: str
    entity_name: str
    probability: float
    status: Status
    linked_by: LinkedBy
    candidates: tuple[tuple[str, float], ...]
    outlet: str | None
    date: str | None
    article_id: str
    chain_id: str | None
    title: str | None
    before: str
    after: str


class Link(NamedTuple):
    """A stored comparison between a chain of this entity and a chain of another one, seen from this one."""

    other_id: str
    other_name: str
    pair: StoredPair


class EntityDetail(NamedTuple):
    """All that is known of one entity; `outlets` are (outlet, mentions), commonest first.

    `links` are the likeliest comparisons with other entities, `formerly` the ids that were redirected here.
    """

    row: EntityRow
    mentions: tuple[MentionRow, ...]
    outlets: tuple[tuple[str, int], ...]
    links: tuple[Link, ...]
    decisions: tuple[Decision, ...]
    formerly: tuple[str, ...]
