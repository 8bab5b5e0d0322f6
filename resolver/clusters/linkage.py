"""Average linkage inside connected components, under cannot-link.

Pairs whose bits reach the threshold connect units into components; inside a component every pair is scored, and the
two clusters with the highest mean weight are merged until none is left above the threshold or allowed. A mean over all
cross pairs, unlike closure over single links, does not let one good pair drag two people's names together, and a
cannot-link holds between whole clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Constraints", "Linkage", "components", "link"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)

CLIP_BITS = 10.0  # one pair says at most this much for or against a merge of two clusters
LARGEST = 400  # units of a component that are compared all with all (80k pairs); a larger one is cut first


class Constraints(NamedTuple):
    """Pairs of unit numbers that a person or the curated table has decided on."""

    together: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()


class Linkage(NamedTuple):
    """The outcome: a cluster number per unit, the cuts, and the conflicts between decisions."""

    labels: Ints
    cuts: list[str]
    conflicts: list[tuple[int, int]]


def components(count: int, left: Ints, right: Ints) -> Ints:
    """Return the component number of each of `count` units; the smallest unit of a component is its number.

    Labels sink along the edges and jump to their own label (pointer doubling), so that a chain of n units takes about
    log n rounds.
    """
    label = np.arange(count, dtype=np.int64)
    while True:
        low = np.minimum(label[left], label[right])
        new = label.copy()
        np.minimum.at(new, label[left], low)
        np.minimum.at(new, label[right], low)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def link(
    count: int,
    left: Ints,
    right: Ints,
    bits: Floats,
    *,
    score: Callable[[Ints, Ints], tuple[Floats, npt.NDArray[np.bool_]]],
    threshold: float = 0.0,
    constraints: Constraints = Constraints(),
) -> Linkage:
    """Cluster units.

    Args:
        count: Number of units.
        left: Candidate pairs, unit numbers.
        right: The other side of each pair.
        bits: Total weight of each pair, prior included.
        score: For pairs of units: their bits, and whether they must stay apart (a hard limit).
        threshold: Two clusters are merged only at a mean weight of at least this many bits.
        constraints: Human and curated decisions; `together` wins over evidence, `apart` over everything.

    Returns:
        Labels that do not depend on the order of the pairs.
    """
    must = np.array(constraints.together, dtype=np.int64).reshape(-1, 2)
    strong = bits >= threshold
    cuts: list[str] = []
    label = components(count, np.r_[left[strong], must[:, 0]], np.r_[right[strong], must[:, 1]])
    label = cut_large(label, left, right, bits, must, threshold, cuts)
    out = np.arange(count, dtype=np.int64)
    conflicts: list[tuple[int, int]] = []
    decided = by_component(constraints, label)
    for groups in of_equal_size(label):
        weights, apart = all_pairs(groups, score)
        # where every pair speaks for a merge, so does every mean
        whole = (weights >= threshold).all(axis=1) & ~apart.any(axis=1)
        whole &= ~np.isin(label[groups[:, 0]], list(decided))
        out[groups[whole]] = groups[whole, :1]
        rest, size = groups[~whole], groups.shape[1]
        squares = zip(rest, squared(weights[~whole], size), squared(apart[~whole], size), strict=True)
        for group, square, limits in squares:
            mine = decided.get(int(label[group[0]]), Constraints())
            merged, clashes = average_linkage(group, square, limits, threshold, mine)
            out[group] = group[merged]
            conflicts.extend(clashes)
    return Linkage(out, cuts, conflicts)


def by_component(constraints: Constraints, label: Ints) -> dict[int, Constraints]:
    """Return the decisions on pairs inside each component."""
    found: dict[int, tuple[list[tuple[int, int]], list[tuple[int, int]]]] = {}
    for side, pairs in enumerate(constraints):
        for a, b in pairs:
            if label[a] == label[b]:
                found.setdefault(int(label[a]), ([], []))[side].append((a, b))
    return {number: Constraints(tuple(same), tuple(apart)) for number, (same, apart) in found.items()}


def cut_large(
    label: Ints,
    left: Ints,
    right: Ints,
    bits: Floats,
    must: Ints,
    threshold: float,
    cuts: list[str],
) -> Ints:
    """Split components of more than `LARGEST` units by raising the bar until they fall apart; report each."""
    count, level = len(label), threshold
    while True:
        sizes = np.bincount(label, minlength=count)
        large = np.flatnonzero(sizes > LARGEST)
        if not len(large) or level > threshold + 40:
            return label
        level += 2.0
        inside = np.isin(label, large)
        keep = (bits >= level) & inside[left]
        finer = components(count, np.r_[left[keep], must[:, 0]], np.r_[right[keep], must[:, 1]])
        cuts.extend(f"a component of {sizes[n]} units was cut at {level:.0f} bits" for n in large)
        label = np.where(inside, finer, label)


def of_equal_size(label: Ints, limit: int = 500_000) -> Iterator[Ints]:
    """Yield the components of two units or more, those of one size together, a row each; at most `limit` pairs."""
    order = np.argsort(label, kind="stable")
    start = np.flatnonzero(np.diff(label[order], prepend=-1) != 0)
    size = np.diff(np.append(start, len(order)))
    for units in np.flatnonzero(np.bincount(size, minlength=2)[2:]) + 2:
        first = start[size == units]
        step = max(1, limit // int(units * (units - 1) // 2))
        for at in range(0, len(first), step):
            yield order[first[at : at + step, None] + np.arange(units)]


def batches(groups: Sequence[Ints], limit: int = 2_000_000) -> list[list[Ints]]:
    """Pack components so that a batch has at most about `limit` pairs to score."""
    out: list[list[Ints]] = []
    room = 0
    for group in groups:
        cost = len(group) * (len(group) - 1) // 2
        if not out or cost > room:
            out.append([])
            room = limit
        out[-1].append(group)
        room -= cost
    return out


def all_pairs(
    groups: Ints, score: Callable[[Ints, Ints], tuple[Floats, npt.NDArray[np.bool_]]]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Score all pairs inside each group (a row) in one call; return the bits and the limits, a row for each group."""
    i, j = np.triu_indices(groups.shape[1], 1)
    bits, apart = score(groups[:, i].ravel(), groups[:, j].ravel())
    shape = len(groups), len(i)
    return np.clip(bits, -CLIP_BITS, CLIP_BITS).reshape(shape), np.asarray(apart).reshape(shape)


def squared(pairs: npt.NDArray[Value], size: int) -> npt.NDArray[Value]:
    """Return the values of all pairs of groups, a row each, as symmetric matrices."""
    out = np.zeros((len(pairs), size, size), dtype=pairs.dtype)
    i, j = np.triu_indices(size, 1)
    out[:, i, j] = out[:, j, i] = pairs
    return out


class Merger:
    """The clusters of one component while they are merged; each goes by the position of its first member.

    Args:
        weights: Bits of all pairs, symmetric.
        apart: Pairs that must stay apart, symmetric.
    """

    def __init__(self, weights: Floats, apart: npt.NDArray[np.bool_]) -> None:
        size = len(weights)
        self.owner = np.arange(size)
        self.limits = apart
        self.total = weights.copy()
        self.members = np.ones(size)
        self.count = size
        np.fill_diagonal(self.total, -np.inf)

    def merge(self, one: int, other: int) -> None:
        """Merge two clusters; weights add up and limits hold for the whole."""
        keep, gone = min(one, other), max(one, other)
        self.owner[self.owner == gone] = keep
        self.total[keep] += self.total[gone]
        self.total[:, keep] = self.total[keep]
        self.limits[keep] |= self.limits[gone]
        self.limits[:, keep] = self.limits[keep]
        self.members[keep] += self.members[gone]
        self.total[gone] = self.total[:, gone] = -np.inf
        self.total[keep, keep] = -np.inf
        self.count -= 1

    def best(self) -> tuple[int, int, float]:
        """Return the two clusters with the highest mean weight that may be merged, and that mean."""
        mean = self.total / (self.members[:, None] * self.members[None, :])
        mean[self.limits] = -np.inf
        one, other = divmod(int(np.argmax(mean)), len(mean))
        return one, other, float(mean[one, other])


def average_linkage(
    group: Ints,
    weights: Floats,
    apart: npt.NDArray[np.bool_],
    threshold: float,
    constraints: Constraints,
) -> tuple[Ints, list[tuple[int, int]]]:
    """Merge greedily by mean weight.

    Returns:
        For each member the position of its cluster's first member; and the pairs of units whose "same" could not be
        honoured.
    """
    position = {int(unit): at for at, unit in enumerate(group)}
    same = np.array([(position[a], position[b]) for a, b in constraints.together], dtype=np.int64).reshape(
        -1, 2
    )
    whole = components(len(group), same[:, 0], same[:, 1])
    limits = apart & (whole[:, None] != whole)  # who is said to be one is so with all that the others are
    for a, b in constraints.apart:
        limits[position[a], position[b]] = limits[position[b], position[a]] = True
    merger = Merger(weights, limits)
    conflicts = []
    for a, b in constraints.together:
        one, other = int(merger.owner[position[a]]), int(merger.owner[position[b]])
        if one != other and limits[one, other]:
            conflicts.append((a, b))
        elif one != other:
            merger.merge(one, other)
    while merger.count > 1:
        one, other, mean = merger.best()
        if not mean >= threshold:
            break
        merger.merge(one, other)
    return merger.owner, conflicts
