"""Candidate pairs of names -> pairs of units with their evidence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from resolver.candidates import Candidates
from resolver.clusters import Pairs
from resolver.context.arrays import expanded, spans
from resolver.linking.work import Work

__all__ = ["scored_pairs", "unit_pairs"]

Ints = npt.NDArray[np.int64]

# Chains of one common name that are compared all with all; of more, each with the first ones.
ALL_PAIRS = 60
# Bits of the name model below which two full names are not compared across stories: inside a story any two are.
LEAST_NAME_BITS = 3.0
# Pairs of units measured at a time: bounds the memory.
PAIRS_AT_A_TIME = 100_000


def scored_pairs(work: Work, candidates: Candidates) -> Pairs:
    """Return the pairs of units worth a look with their evidence, a part at a time to bound the memory."""
    nothing = np.zeros(0, dtype=np.int64)
    parts = [
        measured_pairs(work, *open_pairs(work, left, right))
        for left, right in unit_pairs(work, np.asarray(candidates.left), np.asarray(candidates.right))
    ] or [measured_pairs(work, nothing, nothing)]
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def measured_pairs(work: Work, left: Ints, right: Ints) -> Pairs:
    """Return pairs of units with their evidence; where context is used, only those whose names may be one."""
    if work.weights.profiles is not None:
        names = work.weights.scorer.bits(work.weights.name_of[left], work.weights.name_of[right])
        worth = (np.asarray(names) >= LEAST_NAME_BITS) | work.weak[left] | work.weak[right]
        left, right = left[worth], right[worth]
    return Pairs(left, right, *work.weights.score(left, right))


def open_pairs(work: Work, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the pairs without those of two held units, and of a curated bare name and another full name.

    That "Kok" alone is the table's says nothing of Liesbeth Kok.
    """
    short, other = work.bare & work.owned, ~work.bare & ~work.owned
    shut = (short[left] & other[right]) | (short[right] & other[left]) | (work.held[left] & work.held[right])
    return left[~shut], right[~shut]


def unit_pairs(work: Work, left: Ints, right: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of units of pairs of names, then the pairs of units that share a name, some at a time."""
    name_of = work.weights.name_of  # units are in the order of their names
    starts = np.searchsorted(name_of, np.arange(len(work.groups) + 1))
    count = np.diff(starts)
    keep = (count[left] * count[right]) <= ALL_PAIRS * ALL_PAIRS
    left, right = left[keep], right[keep]
    sizes = count[left] * count[right]
    for low, high in spans(sizes, PAIRS_AT_A_TIME):
        pair, offset = expanded(sizes[low:high])
        one, other = left[low + pair], right[low + pair]
        a, b = starts[one] + offset // count[other], starts[other] + offset % count[other]
        yield np.minimum(a, b), np.maximum(a, b)
    place = np.arange(len(name_of)) - starts[name_of]
    after = np.where(place < ALL_PAIRS, count[name_of] - 1 - place, 0)
    for low, high in spans(after, PAIRS_AT_A_TIME):
        slot, offset = expanded(after[low:high])
        yield low + slot, low + slot + 1 + offset
