"""Bare names among clusters, where context has a say: which of them stand open, and who owns those left over.

A bare name that fits two people about equally well is taken out of its cluster, so that the story as a whole may
decide. One that the story leaves alone goes to whoever is named often, if nobody else fits: a bare surname in a story
of its own means the bearer whom everybody writes about. Clusters that share a full name are no rivals of each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.clusters.units import Unit
from resolver.context.arrays import smallest

__all__ = ["CLEAR_LEAD", "Owners", "Pairs"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Bits by which the owner of a bare name must lead over the next full name that it fits. By cross-validation 2.5
# instead of 1.5 has 18 false merges instead of 20 on newsroom/train for nothing and 180 instead of 188 on the story
# threads for .4 of B-cubed F1; 3.5 loses bare names without a merge less.
CLEAR_LEAD = 2.5
MOST_BARRED = (
    0.25  # share of the pairs of two clusters that may be barred by a hard limit: roles and sex are misread
)


class Pairs(NamedTuple):
    """Pairs of units with the evidence between them.

    Attributes:
        left: Numbers of units; `right` as well, of the same length.
        bits: Total evidence.
        apart: Whether names or context must not join the two.
    """

    left: Ints
    right: Ints
    bits: Floats
    apart: Flags

    def only(self, kept: Flags) -> Pairs:
        """Return the pairs where a mask is true."""
        return Pairs(self.left[kept], self.right[kept], self.bits[kept], self.apart[kept])

    def both_ways(self) -> Pairs:
        """Return each pair twice, the second time with its sides changed."""
        left, right = np.r_[self.left, self.right], np.r_[self.right, self.left]
        return Pairs(left, right, np.tile(self.bits, 2), np.tile(self.apart, 2))


class Options(NamedTuple):
    """Whom units or clusters may belong to, ordered by both, with the mean of what their pairs are worth."""

    first: Ints
    second: Ints
    mean: Floats

    @staticmethod
    def of(first: Ints, second: Ints, value: Floats) -> Options:
        """Return one entry for each distinct (first, second)."""
        width = int(second.max(initial=0)) + 1
        codes, back = np.unique(first * width + second, return_inverse=True)
        mean = np.bincount(back, weights=value, minlength=len(codes)) / np.bincount(
            back, minlength=len(codes)
        )
        return Options(codes // width, codes % width, mean)

    def by_first(self, often: Sequence[float]) -> Iterator[tuple[int, dict[int, float]]]:
        """Yield each first with {second: mean and how often the second is named}."""
        starts = np.flatnonzero(np.diff(self.first, prepend=-1)).tolist()
        for low, high in pairwise([*starts, len(self.first)]):
            seconds = self.second[low:high].tolist()
            yield (
                int(self.first[low]),
                {c: mean + often[c] for c, mean in zip(seconds, self.mean[low:high].tolist(), strict=True)},
            )


class Owners:
    """Decides who owns bare names.

    Args:
        units: What is clustered.
        weak: For each unit whether its name is bare and no entity of the table.
        held: For each unit whether it stays where it is.
        pairs: The scored pairs of units.
        shut: Pairs of units that a verdict keeps apart.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        weak: Flags,
        held: Flags,
        pairs: Pairs,
        shut: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.weak, self.held, self.pairs, self.shut = weak, held, pairs, shut
        self.name_of = [unit.name for unit in units]
        self.chains = np.array([len(unit.chains) for unit in units], dtype=np.float64)

    def detach_doubtful(self, labels: Ints) -> Ints:
        """Return labels in which bare names stand alone that fit another full name about as well as their own."""
        often, names = self.often(labels), self.full_names(labels)
        pairs = self.pairs.only(~self.pairs.apart).both_ways()
        pairs = pairs.only(self.weak[pairs.left] & ~self.weak[pairs.right] & ~self.held[pairs.left])
        options = Options.of(pairs.left, labels[pairs.right], pairs.bits)
        out = labels.copy()
        for unit, worth in options.by_first(often):
            own = int(labels[unit])
            rivals = [value for c, value in worth.items() if c != own and not names[own] & names[c]]
            if own in worth and max(rivals, default=-np.inf) > worth[own] - CLEAR_LEAD:
                out[unit] = len(labels) + unit  # its own number may be the whole cluster's
        return smallest(out)

    def attach_to_well_known(self, labels: Ints, *, least: float) -> Ints:
        """Return labels in which clusters without a full name are joined to the one that fits, if nobody else does.

        Args:
            labels: Cluster number of every unit, its smallest unit.
            least: Bits that the owner must reach: its best pair with each bare name, and how often it is named.
        """
        often, names = self.often(labels), self.full_names(labels)
        pairs = self.pairs.both_ways()
        fixed = set(labels[self.held].tolist())
        bare = np.array([label not in names and label not in fixed for label in labels.tolist()], dtype=bool)
        pairs = pairs.only(bare[pairs.left] & ~self.weak[pairs.right])
        own, mate = labels[pairs.left], labels[pairs.right]
        barred = Options.of(own, mate, pairs.apart.astype(np.float64))
        order = np.lexsort((-pairs.bits, pairs.left, mate, own))
        own, mate, unit = own[order], mate[order], pairs.left[order]
        best = np.r_[True, (np.diff(own) != 0) | (np.diff(mate) != 0) | (np.diff(unit) != 0)][: len(own)]
        options = Options.of(own[best], mate[best], pairs.bits[order][best])
        open_ = barred.mean <= MOST_BARRED  # of the same two clusters in the same order
        options = Options(options.first[open_], options.second[open_], options.mean[open_])
        out = labels.copy()
        shut = {frozenset((int(labels[a]), int(labels[b]))) for a, b in self.shut}
        joined: defaultdict[int, set[int]] = defaultdict(set)
        for own_label, options_of in options.by_first(often):
            worth = {
                c: value
                for c, value in options_of.items()
                if not any(frozenset((own_label, label)) in shut for label in (c, *joined[c]))
            }
            owner = min(worth, key=lambda c: (-worth[c], c), default=own_label)
            rivals = [value for c, value in worth.items() if c != owner and not names[owner] & names[c]]
            if worth.get(owner, -np.inf) >= max(least, max(rivals, default=-np.inf) + CLEAR_LEAD):
                out[labels == own_label] = owner
                joined[owner].add(own_label)
        return smallest(out)

    def often(self, labels: Ints) -> list[float]:
        """Return for each cluster half a bit for each doubling of its chains: see `attach_weak`."""
        size = np.bincount(labels, weights=self.chains, minlength=len(labels))
        return [float(bits) for bits in 0.5 * np.log2(np.maximum(size, 1.0))]

    def full_names(self, labels: Ints) -> defaultdict[int, set[int]]:
        """Return the numbers of the full names of each cluster."""
        out: defaultdict[int, set[int]] = defaultdict(set)
        for unit in np.flatnonzero(~self.weak).tolist():
            out[int(labels[unit])].add(self.name_of[unit])
        return out
