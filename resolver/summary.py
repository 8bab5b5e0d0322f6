"""What a run says of itself: counts, seconds by stage, faults and notes."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from resolver.model import Fault, Kind

__all__ = ["Clock", "Summary"]

log = logging.getLogger(__name__)

COUNTED = (
    "articles", "unchanged", "words", "mentions", "people", "organisations", "places", "spellings", "ambiguous"
)  # fmt: skip


@dataclass
class Summary:
    """What a run did; seconds are wall-clock seconds by stage.

    Articles, words and faults are those of the run, mentions and entities those of the store after it. `looked_at`
    says which part of the store was linked anew.
    """

    articles: int = 0
    unchanged: int = 0
    words: int = 0
    mentions: int = 0
    people: int = 0
    organisations: int = 0
    places: int = 0
    spellings: int = 0
    ambiguous: int = 0
    looked_at: str = ""
    run_id: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def nothing_new(self) -> bool:
        """Whether every article was known already."""
        return self.articles == 0

    def counts(self) -> dict[str, int]:
        """Return the numbers of the run for its record."""
        return {name: getattr(self, name) for name in COUNTED} | {"faults": len(self.faults)}

    def fill(self, totals: Mapping[str, int]) -> None:
        """Take over what the store holds after the run."""
        self.mentions, self.ambiguous = totals["mentions"], totals["ambiguous"]
        self.people, self.organisations, self.places = (totals[kind] for kind in Kind)
        self.spellings = totals["spellings"]


class Clock:
    """Adds up the wall-clock seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str) -> Clock:
        """Return the clock as a context in which the seconds of a stage are counted."""
        self._stage, self._began = stage, time.perf_counter()
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + time.perf_counter() - self._began
        log.info("%s: %.2f s", self._stage, self.seconds[self._stage])
