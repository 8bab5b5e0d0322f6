"""Columns of names -> a cluster number each: candidates, scores, guarded merging.

Full names are merged first, by mean weight of all cross pairs and never against a contradiction. Then weak names (one
token, or initials with one) join the cluster that they fit best, if no other fits nearly as well: they never bridge.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.candidates import candidates_of_columns
from resolver.clusters import link
from resolver.columns import INITIAL, PARTICLE, NameColumns
from resolver.scores import NameScorer, prior_bits, probability

__all__ = ["Clustered", "Floats", "Ints", "cluster_columns", "equal_rows"]

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# A list that somebody wants to have cleaned holds more spellings of one person than articles do; names of a long one
# are rarer than the `RAREST_BITS` that an unknown token counts. Bits, by the sanctions list and by generated names of
# 10,000 to 1,000,000.
LIST_BITS, SHORT_LIST, BITS_PER_DOUBLING = 2.5, 10_000, 0.3
MARGIN_BITS = 2.0  # by which a weak name must fit one cluster better than any other
Score = Callable[[Ints, Ints], tuple[Floats, Flags]]

CHUNK = 2_000_000  # pairs scored at once


class Clustered(NamedTuple):
    """A cluster number per name (that of one of its members), the probability of it, and what was capped or cut."""

    label: Ints
    probability: Floats
    notes: list[str]


def equal_rows(columns: NameColumns, texts: pa.Array) -> tuple[Ints, Ints]:
    """Return one row of each set of names with equal tokens, roles and generation, and each row's place among these.

    Names without a token are equal only if their texts are.
    """
    key = np.full(len(columns), 0x9E3779B97F4A7C15, dtype=np.uint64)
    wide = [columns.token[:, place].astype(np.uint64) for place in range(columns.token.shape[1])]
    alone = np.where(columns.size == 0, np.arange(len(columns)) + 1, 0).astype(np.uint64)
    del texts  # they are distinct: a row is its text
    for part in (*wide, columns.generation.astype(np.uint64), columns.script.astype(np.uint64), alone):
        key ^= part
        key *= np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(29)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), group.astype(np.int64)


def list_bits(count: int) -> float:
    """Return the bits by which two names of a list are likelier one person's than two names at large."""
    return LIST_BITS + BITS_PER_DOUBLING * math.log2(max(count, SHORT_LIST) / SHORT_LIST)


def weak_rows(columns: NameColumns) -> Flags:
    """Return which names are too little to bridge two others; the columns' form of `Name.weak`."""
    size = np.fromiter(map(len, columns.vocabulary), dtype=np.int64, count=len(columns.vocabulary))
    spelled = (columns.token >= 0) & (columns.role != INITIAL) & (columns.role != PARTICLE)
    if len(size):
        spelled &= size[columns.token] > 1
    out: Flags = spelled.sum(axis=1) < 2
    return out


def cluster_columns(columns: NameColumns) -> Clustered:
    """Cluster distinct names."""
    count = len(columns)
    candidates = candidates_of_columns(columns, misspelt=True)
    log.info("%d candidate pairs", len(candidates.left))
    scorer, prior = NameScorer.of_columns(columns), prior_bits(count) + list_bits(count)

    def weigh(left: Ints, right: Ints) -> Floats:
        parts = [
            np.asarray(scorer.bits(left[at : at + CHUNK], right[at : at + CHUNK]), dtype=np.float64)
            for at in range(0, len(left), CHUNK)
        ]
        return np.concatenate(parts) + prior if parts else np.empty(0)

    bits = weigh(candidates.left, candidates.right)
    near = bits >= -MARGIN_BITS
    left, right, bits, report = (
        candidates.left[near],
        candidates.right[near],
        bits[near],
        candidates.report,
    )
    del candidates  # the far pairs take memory
    known = left * count + right  # in order
    log.info("%d likely pairs", int((bits >= 0).sum()))
    weak = weak_rows(columns)

    def score(one: Ints, other: Ints) -> tuple[Floats, Flags]:
        codes = np.minimum(one, other) * count + np.maximum(one, other)
        place = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        out, new = bits[place], np.flatnonzero(known[place] != codes)
        out[new] = weigh(one[new], other[new])
        return out, np.asarray(scorer.contradictions(one, other), dtype=bool)

    label, cuts = merge_full(count, left, right, bits, weak, score)
    label = attach(label, left, right, bits, weak)
    return Clustered(label, certainty(label, left, right, bits), [*report, *cuts])


def merge_full(
    count: int, left: Ints, right: Ints, bits: Floats, weak: Flags, score: Score
) -> tuple[Ints, list[str]]:
    """Merge names that are not weak: pairs that touch no other pair at once, the rest by average linkage."""
    strong = (bits >= 0) & ~weak[left] & ~weak[right]
    a, b, value = left[strong], right[strong], bits[strong]
    degree = np.bincount(a, minlength=count) + np.bincount(b, minlength=count)
    alone = (degree[a] == 1) & (degree[b] == 1)
    _, apart = score(a[alone], b[alone]) if alone.any() else (None, np.zeros(0, dtype=bool))
    label = np.arange(count, dtype=np.int64)
    label[b[alone][~apart]] = a[alone][~apart]
    rest = ~alone
    members = np.flatnonzero(np.bincount(np.r_[a[rest], b[rest]], minlength=count))
    place = np.zeros(count, dtype=np.int64)
    place[members] = np.arange(len(members))
    linked = link(
        len(members),
        place[a[rest]],
        place[b[rest]],
        value[rest],
        score=lambda i, j: score(members[i], members[j]),
    )
    label[members] = members[linked.labels]
    return label, linked.cuts


def attach(label: Ints, left: Ints, right: Ints, bits: Floats, weak: Flags) -> Ints:
    """Let each weak name join the cluster of full names that it fits best, if by a margin."""
    out = label.copy()
    one = np.r_[left, right]
    other = np.r_[right, left]
    value = np.r_[bits, bits]
    use = weak[one] & ~weak[other]
    one, owner, value = one[use], label[other[use]], value[use]
    order = np.lexsort((owner, -value, one))
    one, owner, value = one[order], owner[order], value[order]
    first = np.flatnonzero(np.diff(one, prepend=-1) != 0)
    best = np.full(len(label), -1, dtype=np.int64)
    top = np.full(len(label), -np.inf)
    best[one[first]], top[one[first]] = owner[first], value[first]
    rival = np.full(len(label), -np.inf)
    elsewhere = owner != best[one]
    np.maximum.at(rival, one[elsewhere], value[elsewhere])
    joins = np.flatnonzero((top >= 0) & (top >= rival + MARGIN_BITS))
    out[joins] = best[joins]
    return out


def certainty(label: Ints, left: Ints, right: Ints, bits: Floats) -> Floats:
    """Return the probability of each name's place: of its likeliest link inside, or of having no partner outside."""
    joined = np.full(len(label), -np.inf)
    outside = np.full(len(label), -np.inf)
    same = label[left] == label[right]
    for side in (left, right):
        np.maximum.at(joined, side[same], bits[same])
        np.maximum.at(outside, side[~same], bits[~same])
    out: Floats = np.where(np.isfinite(joined), probability(joined), 1.0 - probability(outside))
    return out
