"""The pairs that are kept with their evidence: those nearest to the threshold, and what stories have joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters import Match, Pairs
from resolver.linking.work import Work
from resolver.model import ScoredPair
from resolver.scores import probability

__all__ = ["kept_pairs", "matched_pairs"]

Ints = npt.NDArray[np.int64]

# Pairs at odds worse than 1 in 16 are not kept for the store.
KEPT_BITS = -4.0
# Pairs kept with their evidence for each kind, those nearest to the threshold first.
KEPT_PAIRS = 20_000
# Pairs whose evidence is put into words at a time: bounds the memory.
EXPLAINED_AT_A_TIME = 1_000


def kept_pairs(work: Work, pairs: Pairs, labels: Ints) -> list[ScoredPair]:
    """Pairs of differently named units worth keeping, with their evidence, those nearest to the threshold first.

    Units that are surely one are not kept: there are as many such pairs as articles in a story, and they can be
    compared again at any time. Those of two units that were linked before have been kept then.
    """
    name_of = work.weights.name_of
    new = np.array([any(number not in work.former for number in unit.chains) for unit in work.units])
    pairs = pairs.only(new[pairs.left] | new[pairs.right])
    a, b, bits, _ = pairs.only((pairs.bits >= KEPT_BITS) & (name_of[pairs.left] != name_of[pairs.right]))
    doubtful = (labels[a] != labels[b]) | (bits <= -KEPT_BITS)
    near = np.flatnonzero(doubtful)
    near = near[np.argsort(np.abs(bits[near] - work.threshold), kind="stable")][:KEPT_PAIRS]
    out = []
    for low in range(0, len(near), EXPLAINED_AT_A_TIME):
        some = near[low : low + EXPLAINED_AT_A_TIME]
        explained = work.weights.explain(a[some], b[some])
        for at, evidence in zip(some.tolist(), explained, strict=True):
            x, y = sorted((work.units[int(a[at])].chains[0], work.units[int(b[at])].chains[0]))
            value = float(bits[at])
            out.append(ScoredPair(x, y, value, float(probability(value)), (), work.weights.once(evidence)))
    return out


def matched_pairs(work: Work, matches: Sequence[Match]) -> list[ScoredPair]:
    """Return the matches made inside stories as pairs of chains with their evidence."""
    out = []
    for match in matches:
        one, other = sorted((work.units[match.left].chains[0], work.units[match.right].chains[0]))
        p = float(probability(match.bits))
        out.append(ScoredPair(one, other, match.bits, p, ("story",), match.evidence))
    return out
