"""Chains of all articles -> clusters: the stages names, candidates, scores and clusters, for each kind in turn.

    basis      what linking stands on, and what it returns
    work       the state of one kind's linking: names, units, who of them the table has, weights, verdicts
    curated    who of the curated table the units are
    pairs      candidates -> pairs of units with their evidence
    joining    pairs -> clusters: linkage, stories, verdicts
    weak       bare names: without context they find an owner, and with it some stay in doubt
    outcomes   clusters of units -> clusters of chains, with an outcome for every chain
    kept       the pairs that are kept with their evidence

Comes in: chains, the curated table, decisions. Goes out: clusters, the outcome of every chain, the pairs worth
keeping. Refuses to know: files, the store, entity ids.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from resolver.authority import Authority
from resolver.candidates import candidate_pairs
from resolver.clusters import Owners
from resolver.context import Model
from resolver.linking.basis import Basis, Judgements, Linked, Outcome, rounded
from resolver.linking.joining import join, link_units, match_stories
from resolver.linking.outcomes import result
from resolver.linking.pairs import scored_pairs, unit_pairs
from resolver.linking.weak import (
    attach_short_names,
    attach_weak_names,
    doubts,
    link_leftovers,
    stand_alone,
)
from resolver.linking.work import FAMOUS, SURE_BITS, Work
from resolver.model import Kind
from resolver.proposals import Proposals
from resolver.settings import Settings

__all__ = [
    "FAMOUS",
    "Basis",
    "Judgements",
    "Linked",
    "Outcome",
    "Work",
    "close_chains",
    "link_chains",
    "link_kind",
    "rounded",
]


def link_chains(basis: Basis, settings: Settings) -> Linked:
    """Cluster the chains of a corpus, each kind by itself: a place is never a person of the same name."""
    total = Linked([], {}, [], [])
    proposals = Proposals(basis.authority, basis.chains, basis.years, basis.held)
    for kind in settings.kinds:
        members = [number for number, chain in enumerate(basis.chains) if chain.kind == kind]
        if members:
            found = link_kind(kind, members, basis, settings, proposals=proposals)
            shift = len(total.clusters)
            total.clusters.extend(found.clusters)
            total.pairs.extend(found.pairs)
            total.notes.extend(found.notes)
            for number, outcome in found.outcomes.items():
                options = tuple((cluster + shift, p) for cluster, p in outcome.options)
                total.outcomes[number] = outcome._replace(cluster=outcome.cluster + shift, options=options)
    return total


def close_chains(basis: Basis, fresh: Collection[int], settings: Settings, *, within: float) -> set[int]:
    """Return the chains that come close to a fresh one: whose pair has at most `within` bits less than a link needs.

    Nothing is clustered: this is how chains are found that have to be looked at again.
    """
    out: set[int] = set()
    proposals = Proposals(Authority(None), basis.chains, basis.years)  # who is in the table is told by its id
    for kind in settings.kinds:
        members = [number for number, chain in enumerate(basis.chains) if chain.kind == kind]
        if not any(number in fresh for number in members):
            continue
        work = Work(kind, members, basis, settings, proposals)
        total = basis.counts.names[kind] if basis.counts else None
        found = candidate_pairs([group.name for group in work.groups], total=total)
        new = np.array([any(n in fresh for n in unit.chains) for unit in work.units])
        out.update(n for at in np.flatnonzero(new).tolist() for n in work.units[at].chains)
        often = 0.5 * np.log2(np.maximum(work.sizes[work.weights.name_of], 1))  # see `attach_weak`
        for one, other in unit_pairs(work, np.asarray(found.left), np.asarray(found.right)):
            asked = new[one] | new[other]
            left, right = one[asked], other[asked]
            bits, apart = work.weights.score(left, right)
            mixed = work.weak[left] != work.weak[right]
            bits = bits + np.where(mixed, np.maximum(often[left], often[right]), 0.0)
            near = ~apart & (bits >= work.threshold - within)
            for unit in {*left[near].tolist(), *right[near].tolist()}:
                out.update(work.units[unit].chains)
    return out.difference(fresh)


def link_kind(
    kind: Kind,
    members: Sequence[int],
    basis: Basis,
    settings: Settings,
    *,
    model: Model | None = None,
    proposals: Proposals | None = None,
) -> Linked:
    """Cluster the chains of one kind: names, candidates, scores, clusters."""
    proposals = proposals or Proposals(basis.authority, basis.chains, basis.years)
    work = Work(kind, members, basis, settings, proposals, model=model)
    total = basis.counts.names[kind] if basis.counts else None
    candidates = candidate_pairs([group.name for group in work.groups], total=total)
    pairs = scored_pairs(work, candidates)
    if work.weights.profiles is not None:
        labels, notes = link_units(work, pairs)
        owners = Owners(work.units, work.weak, work.held, pairs, work.constraints.apart)
        labels, matches = match_stories(work, owners.detach_doubtful(labels))
        labels = owners.attach_to_well_known(labels, least=work.threshold + SURE_BITS)
        labels, outcomes = stand_alone(work, labels, doubts(work, pairs, labels))
    else:
        labels, notes = link_units(work, pairs.only(~work.weak[pairs.left] & ~work.weak[pairs.right]))
        matches = []
        outcomes = attach_weak_names(work, pairs, labels)
        link_leftovers(work, pairs, labels, outcomes)
        if kind == Kind.ORG:
            attach_short_names(work, labels, outcomes)
    work.curated.ask_for_unclaimed(labels, outcomes, work.weak)
    outcomes = join(work, labels, outcomes, basis.judgements.joined, notes)
    notes += [f"{kind}: {line}" for line in candidates.report]
    return result(work, labels, outcomes, matches, pairs, notes)
