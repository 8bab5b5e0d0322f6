"""Who may lay claim to a name: how many people of the corpus bear it, and in how many stories they are named.

A bare surname that one person alone bears, and that turns up in one unrelated story after the other, is a public
figure's: nobody introduces a president. One that several people bear, or that two unrelated stories share, may be
anybody's. Where a part of the corpus is at hand, the store tells who else bears the same words, and in which stories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters.units import Unit
from resolver.context import Profiles
from resolver.model import Name, Role

__all__ = ["CLAIMS", "Claims"]

Ints = npt.NDArray[np.int64]

MOST_TOKENS = 4  # of a name that are looked at, the last ones
GIVEN_LETTERS = (
    2  # of the word beside a surname that tell one bearer from another: spellings differ behind them
)
BEARERS = (1, 2, 3)  # people who bear a name: edges of the bins
SPREAD = (2, 3, 5)  # stories in which somebody is named: edges of the bins
SILENT = frozenset({Role.TITLE, Role.PARTICLE, Role.GENERATION, Role.INITIAL})
PER_SIDE = (len(BEARERS) + 1) * (len(SPREAD) + 1)
CLAIMS = (len(SPREAD) + 1) + (2 * PER_SIDE + 1) + PER_SIDE


class Claims:
    """Counts of bearers and stories, ready to be looked up for pairs of units.

    Args:
        names: The distinct names that units refer to.
        units: The units.
        profiles: The units' contexts.
    """

    def __init__(self, names: Sequence[Name], units: Sequence[Unit], profiles: Profiles) -> None:
        self.name_of = np.array([unit.name for unit in units], dtype=np.int64)
        self.weak = np.array([unit.weak for unit in units], dtype=bool)
        words = [telling(name) for name in names]
        stories = self._stories(profiles, profiles.topics.events.numbers, len(names))
        bare = np.zeros(len(names), dtype=bool)
        bare[self.name_of[self.weak]] = True
        number: dict[str, int] = {}
        anyone: dict[int, set[int]] = defaultdict(set)  # stories of a word, whoever is meant
        bearer: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        self.token = np.full((len(names), MOST_TOKENS), -1, dtype=np.int64)
        for at, row in enumerate(words):
            for place, word in enumerate(row):
                token = number.setdefault(word, len(number))
                self.token[at, place] = token
                anyone[token] |= stories[at]
                if not bare[at]:
                    bearer[token][beside(row, place)] |= stories[at]
        for token, other, there in elsewhere(profiles, number):
            anyone[token] |= there
            if other is not None:
                bearer[token][other] |= there
        self.bearers = np.array([len(bearer[n]) for n in range(len(number))] or [0], dtype=np.int64)
        self.anyone = np.array([len(anyone[n]) for n in range(len(number))] or [0], dtype=np.int64)
        most = [max((len(found) for found in bearer[n].values()), default=0) for n in range(len(number))]
        self.own = np.zeros((len(names), MOST_TOKENS), dtype=np.int64)
        self.first = np.zeros((len(names), MOST_TOKENS), dtype=bool)
        for at, row in enumerate(words):
            for place, word in enumerate(row):
                token = number[word]
                own = len(bearer[token][beside(row, place)]) if not bare[at] else 0
                self.first[at, place] = own >= most[token]
                self.own[at, place] = self.anyone[token] if self.bearers[token] == 1 else own
        self.spread = self.own.max(axis=1, initial=0)

    def _stories(self, profiles: Profiles, label: Ints, names: int) -> list[set[int]]:
        """Return for each name the stories that it stands in."""
        found: list[set[int]] = [set() for _ in range(names)]
        article = profiles.article
        own = [profiles.topics.number[name] for name in article.names]
        for unit, name in enumerate(self.name_of.tolist()):
            rows = article.features[article.starts[unit] : article.starts[unit + 1]].tolist()
            found[name].update(int(label[own[row]]) for row in rows)
        return found

    def __call__(self, left: Ints, right: Ints) -> Ints:
        """Return the bin of each pair of units, in [0, `CLAIMS`); symmetric."""
        a, b = self.name_of[left], self.name_of[right]
        weak = self.weak[left].astype(np.int64) + self.weak[right]
        out = np.searchsorted(SPREAD, np.minimum(self.spread[a], self.spread[b]), side="right")
        start = len(SPREAD) + 1
        mixed = np.flatnonzero(weak == 1)
        swap = self.weak[right[mixed]]
        bare, full = np.where(swap, b[mixed], a[mixed]), np.where(swap, a[mixed], b[mixed])
        out[mixed] = start + self._mixed(bare, full)
        start += 2 * PER_SIDE + 1
        both = np.flatnonzero(weak == 2)
        one, other = self._said(a[both]), self._said(b[both])
        out[both] = start + np.minimum(
            side_bin(self.bearers[one], self.anyone[one]), side_bin(self.bearers[other], self.anyone[other])
        )
        return np.asarray(out, dtype=np.int64)

    def words_of(self, left: int, right: int) -> str:
        """Return in words what is counted of the rarer name of a pair of units."""
        known = [self.token[self.name_of[unit]] for unit in (left, right)]
        shared = [token for token in known[0].tolist() if token >= 0 and token in known[1].tolist()]
        if not shared:
            return "no word in common"
        token = min(shared, key=lambda t: (self.bearers[t], t))
        bearers, stories = int(self.bearers[token]), int(self.anyone[token])
        return f"{bearers} with a full name, in {stories} {'story' if stories == 1 else 'stories'}"

    def _said(self, name: Ints) -> Ints:
        """Return the word of each bare name by which it is looked up: its last one."""
        count = (self.token[name] >= 0).sum(axis=1)
        return np.asarray(np.maximum(self.token[name, np.maximum(count - 1, 0)], 0))

    def _mixed(self, bare: Ints, full: Ints) -> Ints:
        """Return the bin of bare names and full ones: 0 where they share no word."""
        token = self._said(bare)
        same = self.token[full] == token[:, None]
        place = same.argmax(axis=1)
        own, first = self.own[full, place], self.first[full, place]
        found = 1 + side_bin(self.bearers[token], own) + first * PER_SIDE
        return np.asarray(np.where(same.any(axis=1), found, 0), dtype=np.int64)


def elsewhere(profiles: Profiles, number: Mapping[str, int]) -> Iterator[tuple[int, str | None, set[int]]]:
    """Yield the words (by number) of names that are not at hand, what stands beside each, and their events.

    Beside a bare name stands nothing.
    """
    merged = profiles.topics.before.merged
    for name, events in profiles.borne:
        row = telling(name)
        if not events or number.keys().isdisjoint(row):  # it stands nowhere, or only sounds alike
            continue
        there, weak = {merged.get(event, event) for event in events}, name.weak
        for place, word in enumerate(row):
            if word in number:
                yield number[word], None if weak else beside(row, place), there


def side_bin(bearers: Ints, stories: Ints) -> Ints:
    """Return one bin for a number of bearers and a number of stories."""
    row = np.searchsorted(BEARERS, bearers, side="right").astype(np.int64)
    return row * (len(SPREAD) + 1) + np.searchsorted(SPREAD, stories, side="right").astype(np.int64)


def telling(name: Name) -> list[str]:
    """Return the words of a name by which somebody may be called."""
    words = [
        part
        for token in name.tokens
        if token.role not in SILENT
        for part in token.text.split("-")
        if len(part) > 1
    ]
    return words[-MOST_TOKENS:]


def beside(words: Sequence[str], place: int) -> str:
    """Return the first letters of the word that tells bearers of one surname apart: the first other one."""
    if len(words) < 2:
        return ""
    return words[0 if place else 1][:GIVEN_LETTERS]
