"""Who may lay claim to a name: how many people of the corpus bear it, and in how many stories they are named.

A bare surname that one person alone bears, and that turns up in one unrelated story after the other, is a public
figure's: nobody introduces a president. One that several people bear, or that two unrelated stories share, may be
anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters.linkage import components
from resolver.clusters.units import Unit
from resolver.context import Profiles
from resolver.context.topics import distinct, expanded
from resolver.model import Name, Role

__all__ = ["CLAIMS", "Claims"]

Ints = npt.NDArray[np.int64]

MOST_TOKENS = 4  # of a name that are looked at, the last ones
GIVEN_LETTERS = (
    2  # of the word beside a surname that tell one bearer from another: spellings differ behind them
)
SAME_STORY = 0.1  # cosine from which two articles count as one story here
BEARERS = (1, 2, 3)  # people who bear a name: edges of the bins
SPREAD = (2, 3, 5)  # stories in which somebody is named: edges of the bins
SILENT = (Role.TITLE, Role.PARTICLE, Role.GENERATION, Role.INITIAL)
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
        bare = np.zeros(len(names), dtype=bool)
        bare[self.name_of[self.weak]] = True
        number: dict[str, int] = {}
        people: dict[tuple[int, str], int] = {}  # a word and the one beside it: bearers as far as names tell
        self.token = np.full((len(names), MOST_TOKENS), -1, dtype=np.int64)
        person = np.full((len(names), MOST_TOKENS), -1, dtype=np.int64)
        for at, name in enumerate(names):
            row = telling(name)
            for place, word in enumerate(row):
                token = number.setdefault(word, len(number))
                self.token[at, place] = token
                if not bare[at]:
                    person[at, place] = people.setdefault((token, beside(row, place)), len(people))
        stories = self._stories(profiles, len(names))
        self.anyone = told_in(self.token, len(number), *stories)  # stories of a word, whoever is meant
        told = told_in(person, len(people), *stories)
        called = np.fromiter((token for token, _ in people), dtype=np.int64, count=len(people))
        self.bearers = np.bincount(called, minlength=max(1, len(number)))
        most = np.zeros(len(self.bearers), dtype=np.int64)
        np.maximum.at(most, called, told[: len(people)])
        named = self.token >= 0
        own = np.where(person >= 0, told[person], 0)
        self.first = named & (own >= most[self.token])
        self.own = np.where(named, np.where(self.bearers[self.token] == 1, self.anyone[self.token], own), 0)
        self.spread = self.own.max(axis=1, initial=0)

    def _stories(self, profiles: Profiles, names: int) -> tuple[Ints, Ints]:
        """Return the stories that each name stands in, and where those of each name start."""
        topics, article = profiles.topics, profiles.article
        label = components(len(topics.norm), *profiles.stories.near(SAME_STORY))
        own = np.array([topics.number[name] for name in article.names], dtype=np.int64)
        name = np.repeat(self.name_of, np.diff(article.starts))
        width = max(1, len(label))
        codes = distinct(name * width + label[own[article.features]])
        return codes % width, np.searchsorted(codes // width, np.arange(names + 1))

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


def told_in(group: Ints, groups: int, stories: Ints, starts: Ints) -> Ints:
    """Return in how many stories each group of names is told of.

    Args:
        group: The groups that each name is in, a row each; -1 for none.
        groups: How many groups there are.
        stories: The stories of all names.
        starts: Where those of each name start.
    """
    name, place = np.nonzero(group >= 0)
    slot, offset = expanded(np.diff(starts)[name])
    width = int(stories.max(initial=0)) + 1
    codes = distinct(group[name, place][slot] * width + stories[starts[name][slot] + offset])
    return np.bincount(codes // width, minlength=max(1, groups))


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
    return next((word[:GIVEN_LETTERS] for at, word in enumerate(words) if at != place), "")
