"""Pairs of units -> clusters: average linkage, then whole stories; verdicts have the last word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters import Constraints, Linkage, Match, NearbyMatcher, Pairs, StoryMatcher, link
from resolver.linking.basis import Outcome
from resolver.linking.work import SURE_BITS, Work

__all__ = ["join", "link_units", "match_stories", "ranks"]

Ints = npt.NDArray[np.int64]

# The same where whole stories are looked at, and a match leads clearly over all others (`clusters.stories.LEAD`).
STORY_BITS = 1.2


def link_units(work: Work, pairs: Pairs) -> tuple[Ints, list[str]]:
    """Cluster units by what names and context say of each pair; the others stay single.

    With context full names come first: bare names between two clusters say less than the names in full.
    """
    free = pairs.only(~pairs.apart)
    if work.weights.profiles is None:
        found = linkage(work, free, work.constraints)
    else:
        full = linkage(work, free.only(~work.weak[free.left] & ~work.weak[free.right]), work.constraints)
        joined = np.flatnonzero(full.labels != np.arange(len(work.units))).tolist()
        together = tuple((int(full.labels[unit]), unit) for unit in joined)
        whole = work.constraints._replace(together=(*work.constraints.together, *together))
        found = linkage(work, free, whole)
    notes = [f"{work.kind}: {cut}" for cut in found.cuts]
    notes += [clash(work, a, b) for a, b in found.conflicts if (a, b) in work.verdicts]
    return found.labels, notes


def linkage(work: Work, pairs: Pairs, constraints: Constraints) -> Linkage:
    """Return clusters of units by average linkage."""
    return link(
        len(work.units),
        pairs.left,
        pairs.right,
        pairs.bits,
        score=work.weights.score,
        threshold=work.threshold + (SURE_BITS if work.weights.profiles is not None else 0.0),
        constraints=constraints,
        held=work.held,
    )


def match_stories(work: Work, labels: Ints) -> tuple[Ints, list[Match]]:
    """Match clusters that tell of one person of a story under different names."""
    rank = ranks(work)
    apart = frozenset((min(pair), max(pair)) for pair in work.constraints.apart)
    matcher = (
        NearbyMatcher(work.weights, rank, apart, held=work.held)
        if work.held.any()
        else StoryMatcher(work.weights, rank, apart)
    )
    return matcher.merge(labels, threshold=work.threshold + STORY_BITS)


def ranks(work: Work) -> Ints:
    """Return the best place of each unit among the people of an article, counted by mentions, from 1."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for unit, members in enumerate(work.units):
        for number in members.chains:
            chain = work.chains[number]
            places[chain.article_id].append((-len(chain.mention_ids), unit))
    out = np.full(len(work.units), np.iinfo(np.int64).max)
    for ranked in places.values():
        for place, (_, unit) in enumerate(sorted(ranked), 1):
            out[unit] = min(int(out[unit]), place)
    return out


def join(
    work: Work,
    labels: Ints,
    outcomes: dict[int, Outcome],
    joined: Sequence[tuple[int, int]],
    notes: list[str],
) -> dict[int, Outcome]:
    """Make one of the clusters that a verdict says are one, unless another verdict keeps them apart."""
    apart = np.array(work.constraints.apart, dtype=np.int64).reshape(-1, 2)
    for pair in work.constraints.apart:
        weak = [unit for unit in pair if unit in outcomes]
        if labels[pair[0]] == labels[pair[1]] and weak:  # two weak names went to one owner
            labels[weak[0]] = weak[0]
            del outcomes[weak[0]]
    for a, b in joined:
        if a not in work.unit_of or b not in work.unit_of:
            continue
        one, other = sorted((int(labels[work.unit_of[a]]), int(labels[work.unit_of[b]])))
        sides = labels[apart]
        if one == other:
            continue
        if (((sides == (one, other)) | (sides == (other, one))).all(axis=1)).any():
            notes.append(clash(work, work.unit_of[a], work.unit_of[b]))
            continue
        smaller = min(one, other, key=lambda label: (int((labels == label).sum()), -label))
        work.brought.update(np.flatnonzero(labels == smaller).tolist())
        labels[labels == other] = one
        for unit, outcome in outcomes.items():
            options = tuple((one if c == other else c, p) for c, p in outcome.options)
            cluster = one if outcome.cluster == other else outcome.cluster
            options = options if len(dict(options)) == len(options) else ()
            outcomes[unit] = outcome._replace(cluster=cluster, options=options)
    return outcomes


def clash(work: Work, left: int, right: int) -> str:
    """Return the note on two units that verdicts both join and part."""
    names = " and ".join(repr(work.groups[work.units[unit].name].name.surface) for unit in (left, right))
    return f"{work.kind}: verdicts clash: {names} are said to be the same and to be different"
