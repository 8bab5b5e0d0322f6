"""Candidate pairs of names -> pairs of units with their evidence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.candidates import Candidates
from resolver.clusters import Pairs
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
    left, right = open_pairs(
        work, *unit_pairs(work, np.asarray(candidates.left), np.asarray(candidates.right))
    )
    parts = [
        measured_pairs(work, left[low : low + PAIRS_AT_A_TIME], right[low : low + PAIRS_AT_A_TIME])
        for low in range(0, max(1, len(left)), PAIRS_AT_A_TIME)
    ]
    return Pairs(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.bits for part in parts]),
        np.concatenate([part.apart for part in parts]),
    )


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
    short = np.array([unit.weak and bool(o) for unit, o in zip(work.units, work.curated.ids, strict=True)])
    other = np.array([not unit.weak and not o for unit, o in zip(work.units, work.curated.ids, strict=True)])
    shut = (short[left] & other[right]) | (short[right] & other[left]) | (work.held[left] & work.held[right])
    return left[~shut], right[~shut]


def unit_pairs(work: Work, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Turn pairs of names into pairs of units, and add the pairs of units that share a name."""
    name_of = work.weights.name_of  # units are in the order of their names
    starts = np.searchsorted(name_of, np.arange(len(work.groups) + 1))
    count = np.diff(starts)
    keep = (count[left] * count[right]) <= ALL_PAIRS * ALL_PAIRS
    left, right = left[keep], right[keep]
    sizes = count[left] * count[right]
    pair = np.repeat(np.arange(len(left)), sizes)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = count[right][pair]
    a = starts[left][pair] + offset // np.maximum(width, 1)
    b = starts[right][pair] + offset % np.maximum(width, 1)
    same_a, same_b = [a], [b]
    for name in np.flatnonzero(count > 1).tolist():
        low, size = int(starts[name]), int(count[name])
        i, j = np.triu_indices(size, 1)
        near = i < ALL_PAIRS  # beyond that each is compared with the first ones only
        same_a.append(low + i[near])
        same_b.append(low + j[near])
    x, y = np.concatenate(same_a), np.concatenate(same_b)
    return np.minimum(x, y), np.maximum(x, y)
