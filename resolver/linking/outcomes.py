"""Clusters of units -> clusters of chains, with an outcome for every chain: what it was linked by, and how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.clusters import Match, Pairs, batches
from resolver.linking.basis import Linked, Outcome
from resolver.linking.kept import kept_pairs, matched_pairs
from resolver.linking.work import Work
from resolver.model import Cluster, LinkedBy
from resolver.scores import prior_bits

__all__ = ["result"]

Ints = npt.NDArray[np.int64]

# Names that a corpus has at least where the question is what a name alone is worth: the world has namesakes.
FEWEST_NAMES = 1_000


class Nearest(NamedTuple):
    """The evidence between a unit and the nearest other one of its cluster: in all, and by names alone."""

    bits: float
    names: float
    same_name: bool


class Found(NamedTuple):
    """What is known of the links of units.

    Attributes:
        attached: The outcomes of weak units that have found an owner or stay in doubt.
        numbers: The number of each label.
        nearest: The evidence of the unit that is nearest to each.
        joined: The match that brought a unit into its cluster, where a story did.
    """

    attached: Mapping[int, Outcome]
    numbers: Mapping[int, int]
    nearest: Mapping[int, Nearest]
    joined: Mapping[int, Match]


def result(
    work: Work,
    labels: Ints,
    attached: dict[int, Outcome],
    matches: list[Match],
    pairs: Pairs,
    notes: list[str],
) -> Linked:
    """Turn labels of units into clusters of chains, with an outcome for every chain."""
    numbers = {int(label): at for at, label in enumerate(sorted(set(labels.tolist())))}
    inside: dict[int, list[int]] = defaultdict(list)
    for unit, label in enumerate(labels.tolist()):
        inside[numbers[label]].append(unit)
    settled = [
        [unit for unit in units if unit not in attached]
        for units in inside.values()
        if not work.held[units].all()
    ]
    joined = {unit: match for match in matches for unit in (match.left, match.right)}
    found = Found(attached, numbers, nearest_units(work, settled), joined)
    clusters, outcomes = [], {}
    for cluster, units in sorted(inside.items()):
        owners = sorted({work.curated.ids[unit] for unit in units} - {""})
        chain_ids = sorted(work.chains[n].chain_id for unit in units for n in work.units[unit].chains)
        mine = cluster_outcomes(work, cluster, units, found)
        outcomes.update(mine)
        certainty = min((o.probability for o in mine.values()), default=1.0)
        clusters.append(Cluster(work.kind, tuple(chain_ids), certainty, owners[0] if owners else ""))
    return Linked(clusters, outcomes, matched_pairs(work, matches) + kept_pairs(work, pairs, labels), notes)


def cluster_outcomes(work: Work, cluster: int, units: Sequence[int], found: Found) -> dict[int, Outcome]:
    """Outcomes of the chains of one cluster: what each link could not have been made without."""
    settled = [unit for unit in units if unit not in found.attached]
    core = (
        max(settled, key=lambda u: (not work.weak[u], len(work.units[u].chains), -u)) if settled else units[0]
    )
    out = {}
    for unit in units:
        if unit in found.attached:
            outcome = found.attached[unit]
            numbers = found.numbers
            options = tuple((numbers[label], p) for label, p in outcome.options if label in numbers)
            outcome = outcome._replace(cluster=cluster, options=options)
        else:
            outcome = outcome_of(work, unit, core, cluster, found.nearest.get(unit), found.joined.get(unit))
        if unit in work.brought:
            outcome = outcome._replace(linked_by=LinkedBy.VERDICT)
        if unit in work.curated.options and not outcome.options and not work.curated.ids[unit]:
            outcome = outcome._replace(known=work.curated.options[unit])
        out.update(dict.fromkeys(work.units[unit].chains, outcome))
    return out


def outcome_of(
    work: Work, unit: int, core: int, cluster: int, nearest: Nearest | None, match: Match | None
) -> Outcome:
    """Outcome of a unit that was linked with the other settled units of its cluster."""
    if work.curated.ids[unit]:
        return Outcome(cluster, work.curated.sure[unit], LinkedBy.TABLE)
    if nearest is None:
        return Outcome(cluster, 1.0, LinkedBy.EXACT)
    sure = nearest.bits if match is None else max(nearest.bits, match.bits)
    if unit == core or nearest.same_name:
        by = LinkedBy.EXACT
    elif by_name(work, nearest):
        by = LinkedBy.NAME
    elif any(unit in pair for pair in work.verdicts):
        by = LinkedBy.VERDICT
    else:
        by = LinkedBy.CONTEXT
    return Outcome(cluster, work.chance(sure), by)


def by_name(work: Work, nearest: Nearest) -> bool:
    """Return whether the names alone would have made a link, in a corpus of a thousand names at least."""
    few = prior_bits(FEWEST_NAMES) - work.weights.prior if work.weights.profiles is not None else 0.0
    return nearest.names + min(few, 0.0) >= work.threshold


def nearest_units(work: Work, groups: Sequence[Sequence[int]]) -> dict[int, Nearest]:
    """Return for each unit of some clusters the evidence of the units that are nearest to it."""
    out: dict[int, Nearest] = {}
    for some in batches([np.array(group, dtype=np.int64) for group in groups if len(group) > 1]):
        corners = [np.triu_indices(len(group), 1) for group in some]
        left = np.concatenate([group[i] for group, (i, _) in zip(some, corners, strict=True)])
        right = np.concatenate([group[j] for group, (_, j) in zip(some, corners, strict=True)])
        names, bits = work.weights.name_bits(left, right), work.weights.bits(left, right)
        both = np.r_[left, right], np.r_[right, left]
        same = work.weights.name_of[both[0]] == work.weights.name_of[both[1]]
        order = np.lexsort((both[1], -np.tile(names, 2), both[0]))
        first = order[np.flatnonzero(np.diff(both[0][order], prepend=-1) != 0)]
        most = np.full(len(work.units), -np.inf)
        np.maximum.at(most, both[0], np.tile(bits, 2))
        for at in first.tolist():
            unit = int(both[0][at])
            out[unit] = Nearest(float(most[unit]), float(names[at % len(names)]), bool(same[at]))
    return out
