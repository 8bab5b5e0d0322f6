"""What is told of a name in one story, taken together: so that two stories' bearers of it can be told apart.

One article calls Ivan Georgiev the arbiter and four name him only; another story has an auditor of that name. Pair by
pair most of their articles contradict each other in nothing; the two stories do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.context import FAMILIES, Profiles
from resolver.context.evidence import Shared, Table, graded, shared
from resolver.context.topics import distinct, expanded, member

__all__ = ["Parts"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SHOWN = 6  # units of a part that speak for it where its words are shown


class Parts:
    """Units of one full name in one story, with what all of them are told to be.

    Args:
        profiles: The units' contexts.
        name_of: The number of each unit's name.
        weak: Whether each unit's name is weak: such ones stay by themselves.
        least: Cosine from which two articles tell one story.

    Attributes:
        of: The part of each unit.
    """

    def __init__(self, profiles: Profiles, name_of: Ints, weak: Flags, *, least: float) -> None:
        self.of = parts_of(profiles, name_of, weak, least=least)
        self.count = int(self.of.max(initial=-1)) + 1
        self.tables = {family: self.pooled(profiles.tables[family]) for family in FAMILIES}
        sexes = np.zeros((self.count, 2), dtype=np.int64)
        np.add.at(sexes, self.of, profiles.sex_votes)
        self.gender = graded(*sexes.T)
        self.order = np.argsort(self.of, kind="stable")
        self.starts = np.searchsorted(self.of[self.order], np.arange(self.count + 1))

    def pooled(self, found: Table) -> Table:
        """Return the features of each part."""
        width = max(1, len(found.names))
        owner = np.repeat(self.of, np.diff(found.starts))
        keys = distinct(owner * width + found.features)
        starts = np.searchsorted(keys // width, np.arange(self.count + 1))
        return found._replace(starts=starts, features=keys % width, keys=keys)

    def shared(self, family: str, left: Ints, right: Ints) -> Shared:
        """Return what the parts of each pair of units share of a family."""
        found = self.tables[family]
        one, other = self.of[left], self.of[right]
        rarity, count = shared(found, found.rarity, one, other)
        size = np.diff(found.starts)
        return Shared(rarity, count, (size[one] > 0) & (size[other] > 0))

    def sexes(self, left: Ints, right: Ints) -> Ints:
        """Return whether the parts' sexes agree, as `Profiles.sexes` does."""
        one, other = self.gender[self.of[left]], self.gender[self.of[right]]
        return np.asarray(np.sign(one * other) * np.minimum(np.abs(one), np.abs(other)))

    def members(self, unit: int) -> Sequence[int]:
        """Return some units of a unit's part, itself among them."""
        low, high = self.starts[self.of[unit]], self.starts[self.of[unit] + 1]
        return [unit, *(u for u in self.order[low:high].tolist()[:SHOWN] if u != unit)]


def parts_of(profiles: Profiles, name_of: Ints, weak: Flags, *, least: float) -> Ints:
    """Return the part of each unit: those of one full name whose articles are neighbours in a story are one."""
    count = len(name_of)
    found = profiles.article
    numbers = profiles.topics.number
    article_of = np.array([numbers[name] for name in found.names], dtype=np.int64)
    unit = np.repeat(np.arange(count), np.diff(found.starts))
    article = article_of[found.features]
    unit, article = unit[~weak[unit]], article[~weak[unit]]
    width = int(article_of.max(initial=0)) + 1
    places = name_of[unit] * width + article
    order = np.argsort(places, kind="stable")
    places, unit, article = places[order], unit[order], article[order]
    near = profiles.topics.near(least)
    one, other = np.r_[near[0], near[1]], np.r_[near[1], near[0]]
    by = np.argsort(one, kind="stable")
    one, other = one[by], other[by]
    starts = np.searchsorted(one, np.arange(width + 1))
    slot, offset = expanded(np.diff(starts)[article])
    probe = name_of[unit][slot] * width + other[starts[article][slot] + offset]
    hit = member(probe, places)
    left, right = unit[slot[hit]], unit[np.searchsorted(places, probe[hit])]
    # Neighbours may have no more in common than this name.
    close = profiles.stories.closest(left, right).cosine >= least
    left, right = left[close], right[close]
    label = np.arange(count)
    while True:  # every part comes to bear the number of its first unit
        before = label.copy()
        np.minimum.at(label, left, label[right])
        np.minimum.at(label, right, label[left])
        label = label[label]
        if np.array_equal(label, before):
            return np.unique(label, return_inverse=True)[1].reshape(-1)
