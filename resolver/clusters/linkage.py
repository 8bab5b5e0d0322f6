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

from resolver.context.arrays import components

__all__ = ["Constraints", "Linkage", "link"]

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


def link(  # noqa: PLR0913 - pairs, how they are scored, and what is decided already
    count: int,
    left: Ints,
    right: Ints,
    bits: Floats,
    *,
    score: Callable[[Ints, Ints], tuple[Floats, npt.NDArray[np.bool_]]],
    threshold: float = 0.0,
    constraints: Constraints = Constraints(),
    held: npt.NDArray[np.bool_] | None = None,
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
        held: For each unit whether it stays with those that `constraints` says it is one with: two such are never
            compared, others may join them. None for none.

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
    held = np.zeros(count, dtype=bool) if held is None else held
    for every in of_equal_size(label):
        still = held[every].all(axis=1)
        out[every[still]] = every[still, :1]
        groups = every[~still]
        weights, apart = all_pairs(groups, score, held)
        # where every pair speaks for a merge, so does every mean
        whole = (weights >= threshold).all(axis=1) & ~apart.any(axis=1)
        whole &= ~np.isin(label[groups[:, 0]], list(decided))
        out[groups[whole]] = groups[whole, :1]
        rest, size = groups[~whole], groups.shape[1]
        merger = Merger(squared(weights[~whole], size), squared(apart[~whole], size))
        for row in np.flatnonzero(np.isin(label[rest[:, 0]], list(decided))).tolist():
            conflicts.extend(merger.decide(row, rest[row], decided[int(label[rest[row, 0]])]))
        out[rest] = np.take_along_axis(rest, merger.linked(threshold), axis=1)
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
    """Split components of more than `LARGEST` units by raising the bar until they fall apart; report it in one line."""
    count, level = len(label), threshold
    pieces = most = 0
    while True:
        sizes = np.bincount(label, minlength=count)
        large = np.flatnonzero(sizes > LARGEST)
        if not len(large) or level > threshold + 40:
            if pieces:
                cuts.append(cut_line(pieces, most, level, len(large)))
            return label
        pieces, most = pieces + len(large), max(most, int(sizes.max()))
        level += 2.0
        inside = np.isin(label, large)
        keep = (bits >= level) & inside[left]
        finer = components(count, np.r_[left[keep], must[:, 0]], np.r_[right[keep], must[:, 1]])
        label = np.where(inside, finer, label)


def cut_line(cuts: int, most: int, level: float, left: int) -> str:
    """Return what was cut, in a line."""
    what = (
        f"a component of {most:,} units was cut at"
        if cuts == 1
        else f"{cuts:,} components of up to {most:,} units were cut at up to"
    )
    kept = f"; {left:,} stayed larger than {LARGEST}" if left else ""
    return f"{what} {level:.0f} bits{kept}"


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
    groups: Ints,
    score: Callable[[Ints, Ints], tuple[Floats, npt.NDArray[np.bool_]]],
    held: npt.NDArray[np.bool_],
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Score all pairs inside each group (a row) in one call; return the bits and the limits, a row for each group.

    Two held units are not scored: a limit stands between them.
    """
    i, j = np.triu_indices(groups.shape[1], 1)
    left, right = groups[:, i], groups[:, j]
    bits, apart = np.zeros(left.shape), np.ones(left.shape, dtype=bool)
    asked = ~(held[left] & held[right])
    found, limits = score(left[asked], right[asked])
    bits[asked], apart[asked] = np.clip(found, -CLIP_BITS, CLIP_BITS), limits
    return bits, apart


def squared(pairs: npt.NDArray[Value], size: int) -> npt.NDArray[Value]:
    """Return the values of all pairs of groups, a row each, as symmetric matrices."""
    out = np.zeros((len(pairs), size, size), dtype=pairs.dtype)
    i, j = np.triu_indices(size, 1)
    out[:, i, j] = out[:, j, i] = pairs
    return out


class Merger:
    """The clusters of components of one size while they are merged; each goes by the position of its first member.

    Args:
        weights: Bits of all pairs of each component, symmetric.
        apart: Pairs that must stay apart, symmetric.
    """

    def __init__(self, weights: Floats, apart: npt.NDArray[np.bool_]) -> None:
        count, size = weights.shape[:2]
        self.owner = np.tile(np.arange(size), (count, 1))
        self.limits = apart.copy()
        self.total = weights.copy()
        self.members = np.ones((count, size))
        self.total[:, np.arange(size), np.arange(size)] = -np.inf

    def merge(self, row: Ints, one: Ints, other: Ints) -> None:
        """Merge two clusters of each of some components; weights add up and limits hold for the whole."""
        keep, gone = np.minimum(one, other), np.maximum(one, other)
        owner = self.owner[row]
        self.owner[row] = np.where(owner == gone[:, None], keep[:, None], owner)
        self.total[row, keep] += self.total[row, gone]
        self.total[row, :, keep] = self.total[row, keep]
        self.limits[row, keep] |= self.limits[row, gone]
        self.limits[row, :, keep] = self.limits[row, keep]
        self.members[row, keep] += self.members[row, gone]
        self.total[row, gone] = self.total[row, :, gone] = -np.inf
        self.total[row, keep, keep] = -np.inf

    def decide(self, row: int, group: Ints, constraints: Constraints) -> list[tuple[int, int]]:
        """Let decisions on the units of one component hold; return the pairs whose "same" could not be honoured."""
        place = {int(unit): at for at, unit in enumerate(group)}
        same = np.array([(place[a], place[b]) for a, b in constraints.together], dtype=np.int64).reshape(
            -1, 2
        )
        whole = components(len(group), same[:, 0], same[:, 1])
        self.limits[row] &= (
            whole[:, None] != whole
        )  # who is said to be one is so with all that the others are
        for a, b in constraints.apart:
            if a in place and b in place:
                self.limits[row, place[a], place[b]] = self.limits[row, place[b], place[a]] = True
        conflicts = []
        for a, b in constraints.together:
            one, other = self.owner[row, [place[a], place[b]]].tolist()
            if one != other and self.limits[row, one, other]:
                conflicts.append((a, b))
            elif one != other:
                self.merge(*(np.array([value]) for value in (row, one, other)))
        return conflicts

    def linked(self, threshold: float) -> Ints:
        """Merge greedily by mean weight; return for each unit the position of its cluster's first member."""
        row, size = np.arange(len(self.owner)), self.owner.shape[1]
        while len(row):
            members = self.members[row]
            mean = self.total[row] / (members[:, :, None] * members[:, None, :])
            mean[self.limits[row]] = -np.inf
            flat = mean.reshape(len(row), -1)
            best = flat.argmax(axis=1)
            go = flat[np.arange(len(row)), best] >= threshold
            row = row[go]
            self.merge(row, *np.divmod(best[go], size))
        return self.owner
