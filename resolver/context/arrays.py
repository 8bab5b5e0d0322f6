"""Ragged rows, sorted codes and what else is done with whole columns at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["components", "distinct", "expanded", "member", "ragged", "smallest", "spans", "summed"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def spans(counts: Ints, most: int) -> list[tuple[int, int]]:
    """Return consecutive ranges of entries whose counts add up to about `most` each."""
    ends = np.cumsum(counts)
    out, low = [], 0
    while low < len(counts):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + most, side="right")))
        out.append((low, high))
        low = high
    return out


def summed(codes: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Return the distinct codes in order and the sum of the weights of each."""
    order = np.argsort(codes, kind="stable")
    codes, weights = codes[order], weights[order]
    starts = (
        np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]]) if len(codes) else np.zeros(0, dtype=np.int64)
    )
    return codes[starts], np.add.reduceat(weights, starts) if len(codes) else weights


def distinct(values: Ints) -> Ints:
    """Return the distinct values in order: a sort and a comparison, which on whole numbers is faster than a hash."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


def member(codes: Ints, known: Ints) -> npt.NDArray[np.bool_]:
    """Return for each code whether it is among the known ones, which are in order."""
    if not len(known):
        return np.zeros(len(codes), dtype=bool)
    at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    return np.asarray(known[at] == codes)


def expanded(counts: Ints) -> tuple[Ints, Ints]:
    """Return, for as many slots as the counts add up to, which count each belongs to and its place therein."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def ragged(rows: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return rows of different lengths as one array and the start of each row."""
    starts = np.cumsum([0, *map(len, rows)])
    flat = np.fromiter((value for row in rows for value in row), dtype=np.int64, count=int(starts[-1]))
    return flat, starts


def smallest(labels: Ints) -> Ints:
    """Return labels by which every cluster goes by its smallest member."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first[back], dtype=np.int64)


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
