"""Stories of which only some people are to be matched: the open ones, with whoever else is around them.

Clusters that are held are never matched with each other, so their scores matter only where one of them is somebody
whom an open cluster may be, as what else that one could be: one of the people who share an article with the open one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.clusters.stories import Scored, StoryMatcher
from resolver.clusters.weights import Weights
from resolver.context.arrays import distinct, expanded, member

__all__ = ["NearbyMatcher"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class NearbyMatcher(StoryMatcher):
    """Merges clusters inside stories, each merge with an open one.

    Args:
        weights: As for `StoryMatcher`.
        rank: As for `StoryMatcher`.
        never: As for `StoryMatcher`.
        held: Which units are held.
    """

    def __init__(
        self, weights: Weights, rank: Ints, never: frozenset[tuple[int, int]], *, held: Flags
    ) -> None:
        super().__init__(weights, rank, never)
        self.held = held
        self.asked = np.zeros(0, dtype=np.int64)

    def candidates(self, _labels: Ints) -> Ints:
        """Return the codes of the pairs of clusters that are asked about."""
        return self.asked

    def scored(self, labels: Ints, changed: Ints) -> Scored:
        """Return the scores of the open clusters' pairs, and of the rivals of whoever an open one may be."""
        every = super().candidates(labels)
        known = self.asked  # what is known is not measured again
        self.asked = every[self.with_open(every, labels) | member(every, known)]
        found = super().scored(labels, changed)
        rivals = self.rivals(found.codes[self.hopeful(found, labels)], labels)
        self.asked = distinct(np.r_[self.asked, rivals[member(rivals, every)]])
        return super().scored(labels, np.zeros(0, dtype=np.int64))

    def hopeful(self, found: Scored, labels: Ints) -> Ints:
        """Return which pairs with an open cluster could be matches, if they lead."""
        hopeful = super().hopeful(found, labels)
        return hopeful[self.with_open(found.codes[hopeful], labels)]

    def with_open(self, codes: Ints, labels: Ints) -> Flags:
        """Return for each pair of clusters whether one of the two is open."""
        open_ = np.zeros(self.count, dtype=bool)
        open_[labels[~self.held]] = True
        return open_[codes // self.count] | open_[codes % self.count]

    def rivals(self, codes: Ints, labels: Ints) -> Ints:
        """Return each side of some pairs of clusters with everybody who shares an article with the other side."""
        mates = self.mates(labels)
        out = []
        for one, other in (
            (codes // self.count, codes % self.count),
            (codes % self.count, codes // self.count),
        ):
            slot, offset = expanded(np.diff(mates.starts)[one])
            mate = mates.order[mates.starts[one][slot] + offset]
            out.append(np.minimum(mate, other[slot]) * self.count + np.maximum(mate, other[slot]))
        return distinct(np.concatenate(out))
