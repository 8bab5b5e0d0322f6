"""Stories of which only some people are to be matched: the open ones, with whoever else is around them.

Clusters that are held are never matched with each other, so their scores matter only where one of them is somebody
whom an open cluster may be, as what else that one could be.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.clusters.stories import HOPEFUL, Scored, StoryMatcher
from resolver.clusters.weights import Weights

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
        self.asked = np.zeros(self.count, dtype=bool)

    def candidates(self, labels: Ints) -> Ints:
        """Return the codes of the pairs of clusters one of which is asked about."""
        codes = super().candidates(labels)
        return codes[self.asked[codes // self.count] | self.asked[codes % self.count]]

    def scored(self, labels: Ints, changed: Ints) -> Scored:
        """Return the scores of the open clusters' pairs, and of all pairs of whoever an open one may be."""
        open_ = np.zeros(self.count, dtype=bool)
        open_[labels[~self.held]] = True
        self.asked |= open_  # whoever was asked about stays so: what is known is not measured again
        found = super().scored(labels, changed)
        one, other = found.codes // self.count, found.codes % self.count
        hopeful = (found.score >= HOPEFUL) & (open_[one] | open_[other])
        self.asked[one[hopeful]] = self.asked[other[hopeful]] = True
        return super().scored(labels, np.zeros(0, dtype=np.int64))
