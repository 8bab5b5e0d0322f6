"""Bare names, initials and short names: who owns them, and which could as well be another's."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from resolver.clusters import Constraints, Pairs, attach_weak, link, short_names
from resolver.context.arrays import smallest
from resolver.linking.basis import Outcome
from resolver.linking.work import Work
from resolver.model import LinkedBy
from resolver.scores import probability

__all__ = ["attach_short_names", "attach_weak_names", "doubts", "link_leftovers", "stand_alone"]

Ints = npt.NDArray[np.int64]

# Probability that a short name is the one organisation that it can stand for, see `clusters.bodies`: right for 60 of 69
# mentions on newsroom/train and the story threads of `training/stories`.
SHORT_NAME_SURE = 0.87

# Probability of the likeliest of several people below which a bare name joins none of them. By cross-validation over
# the story threads of newsroom/train and `training/stories`: five wrong merges fewer of 31 for .1 of B-cubed F1.
LEAST_SURE = 0.4


def doubts(work: Work, pairs: Pairs, labels: Ints) -> dict[int, Outcome]:
    """Return the outcomes of weak units that could as well belong to another cluster than their own."""
    told = (pairs.bits >= work.threshold) | (labels[pairs.left] == labels[pairs.right])
    free = pairs.only(told & ~pairs.apart & (work.weak[pairs.left] | work.weak[pairs.right]))
    named = set(labels[~work.weak].tolist())  # another bare name is nobody that one could belong to
    best: dict[int, dict[int, float]] = defaultdict(dict)
    for one, other, value in zip(free.left.tolist(), free.right.tolist(), free.bits.tolist(), strict=True):
        for unit, mate in ((one, other), (other, one)):
            cluster = int(labels[mate])
            if work.weak[unit] and (cluster in named or cluster == labels[unit]):
                best[unit][cluster] = max(value, best[unit].get(cluster, -np.inf))
    out = {}
    for unit, options in best.items():
        own = options.get(int(labels[unit]))
        if own is None:
            continue
        least = max(work.threshold, own - work.settings.ambiguity_bits)
        open_to = {c: v for c, v in options.items() if v >= least or c == labels[unit]}
        if len(open_to) > 1:
            ranked = sorted(open_to.items(), key=lambda o: (o[0] != labels[unit], -o[1], o[0]))
            weight = np.exp2([v for _, v in ranked])
            share = weight / weight.sum()
            p = work.chance(own)
            listed = tuple((c, p * float(s)) for (c, _), s in zip(ranked, share, strict=True))
            out[unit] = Outcome(int(labels[unit]), listed[0][1], LinkedBy.NAME, listed)
    return out


def stand_alone(work: Work, labels: Ints, outcomes: dict[int, Outcome]) -> tuple[Ints, dict[int, Outcome]]:
    """Return labels in which bare names that may be several people's and are no one's surely stand alone.

    Their outcomes list the people whom they may be and, with the rest of the probability, somebody of their own.
    """
    bound = {unit for pair in work.constraints.together for unit in pair}
    alone = [
        unit
        for unit, outcome in outcomes.items()
        if outcome.probability < LEAST_SURE and not work.held[unit] and unit not in bound
    ]
    new = labels.copy()
    apart = set(alone)
    new[alone] = len(labels) + np.array(alone, dtype=np.int64)
    stay = np.setdiff1d(np.arange(len(labels)), alone)
    new = smallest(new)
    moved = dict(zip(labels[stay].tolist(), new[stay].tolist(), strict=True))
    out = {}
    for unit, outcome in outcomes.items():
        own = int(new[unit])
        options = tuple((moved[c], p) for c, p in outcome.options if c in moved)
        chance = outcome.probability
        if unit in apart:
            chance = 1.0 - sum(p for _, p in options)
            options = ((own, chance), *options)
        out[unit] = outcome._replace(cluster=own, probability=chance, options=options)
    return new, out


def attach_weak_names(work: Work, pairs: Pairs, labels: Ints) -> dict[int, Outcome]:
    """Attach weak units to clusters; change `labels` in place and return their outcomes by unit."""
    bound = np.zeros(len(work.units), dtype=bool)  # by a verdict: no evidence moves them
    bound[[unit for pair in work.constraints.together for unit in pair if work.weak[unit]]] = True
    free = work.weak & ~bound & ~work.held
    left, right = pairs.left, pairs.right
    mixed = pairs.only((free[left] & ~work.weak[right]) | (free[right] & ~work.weak[left]))
    first = work.weak[mixed.left]
    weak, strong = np.where(first, mixed.left, mixed.right), np.where(first, mixed.right, mixed.left)
    here = np.array([len(unit.chains) for unit in work.units])
    whole = np.array([len(group.chains) for group in work.groups])  # loaded, of `sizes`
    weights = here + np.where(
        here == whole[work.weights.name_of], (work.sizes - whole)[work.weights.name_of], 0
    )
    articles = np.bincount(labels, weights=weights, minlength=len(labels)).astype(np.float64)
    found = attach_weak(
        np.r_[weak, [pair[0] for pair in work.shut]].astype(np.int64),
        np.r_[strong, [pair[1] for pair in work.shut]].astype(np.int64),
        np.r_[mixed.bits, np.full(len(work.shut), -np.inf)],
        np.r_[mixed.apart, np.ones(len(work.shut), dtype=bool)],
        labels,
        articles,
        threshold=work.threshold,
    )
    outcomes = {}
    for unit, cluster, value, options in found:
        labels[unit] = cluster
        open_to = [o for o in options if o[1] >= max(work.threshold, value - work.settings.ambiguity_bits)]
        weight = np.exp2([o[1] for o in open_to])
        share = weight / weight.sum()
        p = float(probability(value)) * float(share[0])
        listed = tuple((o[0], p * float(s / share[0])) for o, s in zip(open_to, share, strict=True))
        outcomes[unit] = Outcome(cluster, p, LinkedBy.NAME, listed if len(listed) > 1 else ())
    return outcomes


def attach_short_names(work: Work, labels: Ints, outcomes: dict[int, Outcome]) -> None:
    """Give short names of organisations to the ones they stand for, unless the table or a verdict placed them."""
    names = [work.groups[unit.name].name for unit in work.units]
    fixed = {unit for pair in (*work.constraints.together, *work.constraints.apart) for unit in pair}
    for unit, label in short_names(names, labels).items():
        if not (work.curated.ids[unit] or work.held[unit] or unit in fixed):
            labels[unit] = label
            outcomes[unit] = Outcome(label, SHORT_NAME_SURE, LinkedBy.NAME)


def link_leftovers(work: Work, pairs: Pairs, labels: Ints, outcomes: dict[int, Outcome]) -> None:
    """Cluster the weak units that found no owner among themselves, equal names only."""
    rest = work.weak & ~work.held
    rest[list(outcomes)] = False
    rest[[unit for pair in work.constraints.together for unit in pair]] = False
    name_of = work.weights.name_of
    same = name_of[pairs.left] == name_of[pairs.right]
    both = pairs.only(rest[pairs.left] & rest[pairs.right] & same & ~pairs.apart)
    if not len(both.left):
        return
    linkage = link(
        len(work.units),
        both.left,
        both.right,
        both.bits,
        score=work.weights.score,
        threshold=work.threshold,
        constraints=Constraints((), work.constraints.apart),
    )
    labels[rest] = linkage.labels[rest]
