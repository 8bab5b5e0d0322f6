"""Chains of all articles -> clusters: the stages names, candidates, scores and clusters, for each kind in turn.

Comes in: chains, the curated table, decisions. Goes out: clusters, the outcome of every chain, the pairs worth
keeping. Refuses to know: files, the store, entity ids.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.authority import Authority
from resolver.blocks import group_number
from resolver.candidates import Candidates, candidate_pairs
from resolver.clusters import (
    Constraints,
    Linkage,
    Match,
    NameGroup,
    NearbyMatcher,
    Owners,
    Pairs,
    StoryMatcher,
    Unit,
    Weights,
    attach_weak,
    batches,
    group_by_name,
    link,
    short_names,
    split_groups,
)
from resolver.context import TELLING, Model, Profiles, Topics
from resolver.model import Chain, Cluster, Counts, Kind, LinkedBy, Name, ScoredPair
from resolver.proposals import Proposals
from resolver.scores import prior_bits, probability
from resolver.settings import Settings, Without

__all__ = ["Basis", "Judgements", "Linked", "Outcome", "close_chains", "link_chains", "link_kind"]

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Chains from which one name is taken for one entity: whoever is named so often owns the name.
FAMOUS = 300
# Bits above the threshold from which chains are joined by names and context of their own; what is less sure waits until
# the story has been looked at as a whole.
SURE_BITS = 1.0
# The same where whole stories are looked at, and a match leads clearly over all others (`clusters.stories.LEAD`).
STORY_BITS = -0.3
# Names that a corpus has at least where the question is what a name alone is worth: the world has namesakes.
FEWEST_NAMES = 1_000
# Chains of one common name that are compared all with all; of more, each with the first ones.
ALL_PAIRS = 60
# Bits of the name model below which two full names are not compared across stories: inside a story any two are.
LEAST_NAME_BITS = 3.0
# Pairs of units measured at a time: bounds the memory.
PAIRS_AT_A_TIME = 400_000
# Pairs at odds worse than 1 in 16 are not kept for the store.
KEPT_BITS = -4.0
# Pairs kept with their evidence for each kind, those nearest to the threshold first.
KEPT_PAIRS = 20_000


# Probability that a short name is the one organisation that it can stand for, see `clusters.bodies`: right for 60 of 69
# mentions on newsroom/train and the story threads of `training/stories`.
SHORT_NAME_SURE = 0.87
# Probability of a name that the table has as a strong one: the table is right, the kind may be wrong.
TABLE_SURE = 0.99


class Judgements(NamedTuple):
    """Human verdicts on chains by number.

    Attributes:
        same: Pairs that are one, whatever the evidence.
        joined: Pairs whose clusters are one, once evidence has made them.
        different: Groups of chains no two of which, one of each side, are one.
        alone: Chains that are judged by themselves, not with the others of their name.
    """

    same: tuple[tuple[int, int], ...] = ()
    joined: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    alone: frozenset[int] = frozenset()


class Basis(NamedTuple):
    """What linking stands on.

    Attributes:
        chains: All chains in a canonical order (by id): the result depends on no other order.
        parse: Surface and kind -> Name.
        authority: The curated table.
        topics: The words of all articles; None leaves context out.
        judgements: Human verdicts; "different" outranks everything, "same" outranks evidence.
        counts: What is counted in the whole corpus if the chains are a part of it; None if they are all of it.
        years: The year of each article (by id) that has a date.
        known: The entities of chains (by number) that were linked before, by these settings and this table.
        held: Those of them that stay what they are: others may join them, they are not parted.
    """

    chains: Sequence[Chain]
    parse: Callable[[str, Kind], Name]
    authority: Authority
    topics: Topics | None = None
    judgements: Judgements = Judgements()
    counts: Counts | None = None
    years: Mapping[str, int] = MappingProxyType({})
    known: Mapping[int, str] = MappingProxyType({})
    held: frozenset[int] = frozenset()


class Outcome(NamedTuple):
    """What became of one chain: its cluster, how surely, by what, and the clusters it may belong to if that is open.

    `known` are entities of the table that it may be as well, by their ids.
    """

    cluster: int
    probability: float
    linked_by: LinkedBy
    options: tuple[tuple[int, float], ...] = ()
    known: tuple[tuple[str, float], ...] = ()


class Nearest(NamedTuple):
    """The evidence between a unit and the nearest other one of its cluster: in all, and by names alone."""

    bits: float
    names: float
    same_name: bool


class Linked(NamedTuple):
    """The result for one or all kinds; `outcomes` has one entry a chain, `pairs` refer to chains by number."""

    clusters: list[Cluster]
    outcomes: dict[int, Outcome]
    pairs: list[ScoredPair]
    notes: list[str]


def rounded(count: int) -> int:
    """Return the power of two that is nearest to a number of names.

    The prior depends on it alone, so that a few names more do not shift every score: an old decision is one that all
    of the corpus would make anew, until the corpus has doubled.
    """
    return 1 << max(0, round(math.log2(max(count, 1))))


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
        left, right = work.unit_pairs(np.asarray(found.left), np.asarray(found.right))
        new = np.array([any(n in fresh for n in unit.chains) for unit in work.units])
        out.update(n for at in np.flatnonzero(new).tolist() for n in work.units[at].chains)
        asked = new[left] | new[right]
        left, right = left[asked], right[asked]
        bits, apart = work.weights.score(left, right)
        often = 0.5 * np.log2(np.maximum(work.sizes[work.weights.name_of], 1))  # see `attach_weak`
        mixed = work.weak[left] != work.weak[right]
        bits = bits + np.where(mixed, np.maximum(often[left], often[right]), 0.0)
        for at in np.flatnonzero(~apart & (bits >= work.threshold - within)).tolist():
            for unit in (int(left[at]), int(right[at])):
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
    pairs = work.scored_pairs(candidates)
    if work.weights.profiles is not None:
        labels, notes = work.link_units(pairs)
        owners = Owners(work.units, work.weak, work.held, pairs)
        labels, matches = work.match_stories(owners.detach_doubtful(labels))
        labels = owners.attach_to_well_known(labels, least=work.threshold + SURE_BITS)
        outcomes = work.doubts(pairs, labels)
    else:
        labels, notes = work.link_units(pairs.only(~work.weak[pairs.left] & ~work.weak[pairs.right]))
        matches = []
        outcomes = work.attach_weak_names(pairs, labels)
        work.link_leftovers(pairs, labels, outcomes)
        if kind == Kind.ORG:
            work.attach_short_names(labels, outcomes)
    work.ask_table(labels, outcomes)
    outcomes = work.join(labels, outcomes, basis.judgements.joined, notes)
    return work.result(labels, outcomes, matches, pairs, candidates, notes)


class Work:
    """The state of one kind's linking: names, units, weights."""

    def __init__(
        self,
        kind: Kind,
        members: Sequence[int],
        basis: Basis,
        settings: Settings,
        proposals: Proposals,
        *,
        model: Model | None = None,
    ) -> None:
        chains, judgements = basis.chains, basis.judgements
        self.kind = kind
        self.chains = chains
        self.settings = settings
        self.groups: list[NameGroup] = group_by_name(
            chains, members, [basis.parse(chains[n].name, kind) for n in members]
        )
        names = [group.name for group in self.groups]
        counts = basis.counts
        use_context = basis.topics is not None and kind == Kind.PER
        self.sizes = np.array([self.size_of(group, counts) for group in self.groups])
        apart = (self.sizes < FAMOUS) & use_context
        self.units: list[Unit] = split_groups(self.groups, apart.tolist(), self.alone(judgements))
        self.unit_of = {number: at for at, unit in enumerate(self.units) for number in unit.chains}
        self.proposals = proposals
        self.known: dict[int, tuple[tuple[str, float], ...]] = {}
        self.sure = dict.fromkeys(range(len(self.units)), TABLE_SURE)
        self.former = basis.known
        held = [self.held_id(unit, basis.held) for unit in self.units]
        self.held = np.array([bool(owner) for owner in held], dtype=bool)
        self.curated = [
            (owner if proposals.authority.name(owner) else "") if owner else self.curated_id(at, unit)
            for at, (unit, owner) in enumerate(zip(self.units, held, strict=True))
        ]
        self.give_up_bare_names()
        self.owners = [one or other for one, other in zip(held, self.curated, strict=True)]
        profiles = (
            Profiles(chains, [unit.chains for unit in self.units], basis.topics, counts, basis.years)
            if use_context and basis.topics is not None
            else None
        )
        self.weights = Weights(
            names,
            self.units,
            prior_bits(rounded(counts.names[kind] if counts else len(names))),
            self.owners,
            profiles=profiles,
            limits=Without.CONSTRAINTS not in settings.without,
            model=model,
        )
        self.weak = np.array(
            [unit.weak and not owner for unit, owner in zip(self.units, self.curated, strict=True)]
        )
        self.constraints = self.constrained(judgements)
        ways = (*self.constraints.apart, *((b, a) for a, b in self.constraints.apart))
        self.brought: set[int] = set()  # units that a verdict brought to where they are
        self.shut = [(a, b) for a, b in ways if self.weak[a] and not self.weak[b]]
        p = min(max(settings.min_probability, 1e-9), 1 - 1e-9)
        self.threshold = float(np.log2(p / (1 - p)))

    @staticmethod
    def size_of(group: NameGroup, counts: Counts | None) -> int:
        """Return how many chains of the corpus bear a name."""
        known = counts.chains.get(group_number(group.name), 0) if counts else 0
        return max(known, len(group.chains))

    def held_id(self, unit: Unit, held: frozenset[int]) -> str:
        """Return the entity that all chains of a unit are held in, "" if any is open."""
        found = {self.former[number] if number in held else "" for number in unit.chains}
        return found.pop() if len(found) == 1 else ""

    def curated_id(self, at: int, unit: Unit) -> str:
        """Return the curated entity that the names of a unit's chains identify, or that its articles choose."""
        authority = self.proposals.authority
        found = {
            authority.decided(self.chains[n].name, self.chains[n].forms, self.kind)
            for n in unit.chains[:TELLING]
        } - {""}
        if found or unit.weak:  # a weak name is asked about when no full name has claimed it
            return found.pop() if len(found) == 1 else ""
        return self.proposed([at])

    def outside_table(self, members: Sequence[int]) -> bool:
        """Return whether the table was asked about the name of some chains in an earlier run, and did not have it."""
        found = {self.former[number] for number in members if number in self.former}
        return bool(found) and not any(self.proposals.authority.name(owner) for owner in found)

    def give_up_bare_names(self) -> None:
        """Let go of bare surnames of the table ("Lagerfeld") that may be another person's in these articles.

        They may, if full names outside the table that have the surname stand in as many articles as the surname alone.
        """
        if self.kind != Kind.PER:
            return
        folded = [self.groups[unit.name].name.folded for unit in self.units]
        others: Counter[str] = Counter()
        for name, owner, unit in zip(folded, self.curated, self.units, strict=True):
            if not owner and not unit.weak:
                for token in set(name.replace("-", " ").split()):
                    others[token] += len(unit.chains)
        bare = Counter[str]()
        for name, owner, unit in zip(folded, self.curated, self.units, strict=True):
            if owner and unit.weak:
                bare[name] += len(unit.chains)
        for at, name in enumerate(folded):
            if name in bare and others[name] >= bare[name] and self.units[at].weak and not self.held[at]:
                self.curated[at] = ""

    def proposed(self, units: Sequence[int]) -> str:
        """Return the curated entity that is meant by names which do not identify alone; note all that may be."""
        members = [n for at in units for n in self.units[at].chains[:TELLING]]
        choice = self.proposals.choice(
            members,
            self.kind,
            min_probability=self.settings.min_probability,
            margin=self.settings.ambiguity_bits,
        )
        owner, sure = choice.entity_id, choice.probability
        if not owner and not choice.options and not self.outside_table(members):
            owner, sure = self.proposals.authority.likely(self.chains[members[0]].name, self.kind)
        for at in units:
            self.sure[at] = sure
            if choice.options:
                self.known[at] = choice.options
        return owner if sure >= self.settings.min_probability else ""

    def scored_pairs(self, candidates: Candidates) -> Pairs:
        """Return the pairs of units worth a look with their evidence, a part at a time to bound the memory."""
        left, right = self.open_pairs(
            *self.unit_pairs(np.asarray(candidates.left), np.asarray(candidates.right))
        )
        parts = [
            self.measured_pairs(left[low : low + PAIRS_AT_A_TIME], right[low : low + PAIRS_AT_A_TIME])
            for low in range(0, max(1, len(left)), PAIRS_AT_A_TIME)
        ]
        return Pairs(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.bits for part in parts]),
            np.concatenate([part.apart for part in parts]),
        )

    def measured_pairs(self, left: Ints, right: Ints) -> Pairs:
        """Return pairs of units with their evidence; where context is used, only those whose names may be one."""
        if self.weights.profiles is not None:
            names = self.weights.scorer.bits(self.weights.name_of[left], self.weights.name_of[right])
            worth = (np.asarray(names) >= LEAST_NAME_BITS) | self.weak[left] | self.weak[right]
            left, right = left[worth], right[worth]
        return Pairs(left, right, *self.weights.score(left, right))

    def open_pairs(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return the pairs without those of two held units, and of a curated bare name and another full name.

        That "Kok" alone is the table's says nothing of Liesbeth Kok.
        """
        short = np.array([unit.weak and bool(o) for unit, o in zip(self.units, self.curated, strict=True)])
        other = np.array([not unit.weak and not o for unit, o in zip(self.units, self.curated, strict=True)])
        shut = (
            (short[left] & other[right]) | (short[right] & other[left]) | (self.held[left] & self.held[right])
        )
        return left[~shut], right[~shut]

    def ask_table(self, labels: Ints, outcomes: dict[int, Outcome]) -> None:
        """Give clusters of weak names that no full name has claimed to entities of the table, if articles say so."""
        first = {owner: int(labels[at]) for at, owner in enumerate(self.curated) if owner}
        claimed = set(labels[~self.weak].tolist()) | {int(labels[at]) for at in outcomes}
        free: dict[int, list[int]] = defaultdict(list)
        for at in np.flatnonzero(self.weak & ~self.held).tolist():
            if int(labels[at]) not in claimed:
                free[int(labels[at])].append(at)
        for label, units in free.items():
            whole = self.proposed(units)
            for at in units:  # what is open for all together may be clear for one: presidents of two years
                owner = whole or (self.proposed([at]) if len(units) > 1 else "")
                if owner:
                    labels[at] = first.setdefault(owner, at if not whole else label)
                    self.curated[at] = owner

    def alone(self, judgements: Judgements) -> set[int]:
        """Return the chains that are units of their own: judged so, or of a name that both sides of a verdict bear."""
        name = {number: at for at, group in enumerate(self.groups) for number in group.chains}
        out = set(judgements.alone)
        for left, right in judgements.different:
            both = {name.get(n) for n in left} & {name.get(n) for n in right}
            out.update(n for n in (*left, *right) if name.get(n) in both)
        return out

    def constrained(self, judgements: Judgements) -> Constraints:
        """Return verdicts and shared curated ids as pairs of units."""
        unit_of = self.unit_of
        self.verdicts = {
            (unit_of[a], unit_of[b]) for a, b in judgements.same if a in unit_of and b in unit_of
        }
        same = sorted(self.verdicts)
        apart = {
            (a, b)
            for left, right in judgements.different
            for a in {unit_of[n] for n in left if n in unit_of}
            for b in {unit_of[n] for n in right if n in unit_of}
            if a != b
        }
        first: dict[str, int] = {}
        for at, owner in enumerate(self.owners):
            if owner and first.setdefault(owner, at) != at:
                same.append((first[owner], at))
        return Constraints(tuple(same), tuple(sorted(apart)))

    def unit_pairs(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Turn pairs of names into pairs of units, and add the pairs of units that share a name."""
        name_of = self.weights.name_of  # units are in the order of their names
        starts = np.searchsorted(name_of, np.arange(len(self.groups) + 1))
        count = np.diff(starts)
        keep = (count[left] * count[right]) <= ALL_PAIRS * ALL_PAIRS
        left, right = left[keep], right[keep]
        sizes = count[left] * count[right]
        pair = np.repeat(np.arange(len(left)), sizes)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        width = count[right][pair]
        a = starts[left][pair] + offset // np.maximum(width, 1)
        b = starts[right][pair] + offset % np.maximum(width, 1)
        same_a, same_b = [a], [b]
        for name in np.flatnonzero(count > 1).tolist():
            low, size = int(starts[name]), int(count[name])
            i, j = np.triu_indices(size, 1)
            near = i < ALL_PAIRS  # beyond that each is compared with the first ones only
            same_a.append(low + i[near])
            same_b.append(low + j[near])
        x, y = np.concatenate(same_a), np.concatenate(same_b)
        return np.minimum(x, y), np.maximum(x, y)

    def link_units(self, pairs: Pairs) -> tuple[Ints, list[str]]:
        """Cluster units by what names and context say of each pair; the others stay single.

        With context full names come first: bare names between two clusters say less than the names in full.
        """
        free = pairs.only(~pairs.apart)
        if self.weights.profiles is None:
            found = self.linkage(free, self.constraints)
        else:
            full = self.linkage(free.only(~self.weak[free.left] & ~self.weak[free.right]), self.constraints)
            joined = np.flatnonzero(full.labels != np.arange(len(self.units))).tolist()
            together = tuple((int(full.labels[unit]), unit) for unit in joined)
            whole = self.constraints._replace(together=(*self.constraints.together, *together))
            found = self.linkage(free, whole)
        notes = [f"{self.kind}: {cut}" for cut in found.cuts]
        notes += [self.clash(a, b) for a, b in found.conflicts if (a, b) in self.verdicts]
        return found.labels, notes

    def linkage(self, pairs: Pairs, constraints: Constraints) -> Linkage:
        """Return clusters of units by average linkage."""
        return link(
            len(self.units),
            pairs.left,
            pairs.right,
            pairs.bits,
            score=self.weights.score,
            threshold=self.threshold + (SURE_BITS if self.weights.profiles is not None else 0.0),
            constraints=constraints,
        )

    def match_stories(self, labels: Ints) -> tuple[Ints, list[Match]]:
        """Match clusters that tell of one person of a story under different names."""
        rank = self.ranks()
        apart = frozenset((min(pair), max(pair)) for pair in self.constraints.apart)
        matcher = (
            NearbyMatcher(self.weights, rank, apart, held=self.held)
            if self.held.any()
            else StoryMatcher(self.weights, rank, apart)
        )
        return matcher.merge(labels, threshold=self.threshold + STORY_BITS)

    def ranks(self) -> Ints:
        """Return the best place of each unit among the people of an article, counted by mentions, from 1."""
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for unit, members in enumerate(self.units):
            for number in members.chains:
                chain = self.chains[number]
                places[chain.article_id].append((-len(chain.mention_ids), unit))
        out = np.full(len(self.units), np.iinfo(np.int64).max)
        for ranked in places.values():
            for place, (_, unit) in enumerate(sorted(ranked), 1):
                out[unit] = min(int(out[unit]), place)
        return out

    def doubts(self, pairs: Pairs, labels: Ints) -> dict[int, Outcome]:
        """Return the outcomes of weak units that could as well belong to another cluster than their own."""
        told = (pairs.bits >= self.threshold) | (labels[pairs.left] == labels[pairs.right])
        free = pairs.only(told & ~pairs.apart & (self.weak[pairs.left] | self.weak[pairs.right]))
        best: dict[int, dict[int, float]] = defaultdict(dict)
        for one, other, value in zip(
            free.left.tolist(), free.right.tolist(), free.bits.tolist(), strict=True
        ):
            for unit, mate in ((one, other), (other, one)):
                if self.weak[unit]:
                    cluster = int(labels[mate])
                    best[unit][cluster] = max(value, best[unit].get(cluster, -np.inf))
        out = {}
        for unit, options in best.items():
            own = options.get(int(labels[unit]))
            if own is None:
                continue
            least = max(self.threshold, own - self.settings.ambiguity_bits)
            open_to = {c: v for c, v in options.items() if v >= least or c == labels[unit]}
            if len(open_to) > 1:
                ranked = sorted(open_to.items(), key=lambda o: (o[0] != labels[unit], -o[1], o[0]))
                weight = np.exp2([v for _, v in ranked])
                share = weight / weight.sum()
                p = self.chance(own)
                listed = tuple((c, p * float(s)) for (c, _), s in zip(ranked, share, strict=True))
                out[unit] = Outcome(int(labels[unit]), listed[0][1], LinkedBy.NAME, listed)
        return out

    def clash(self, left: int, right: int) -> str:
        """Return the note on two units that verdicts both join and part."""
        names = " and ".join(repr(self.groups[self.units[unit].name].name.surface) for unit in (left, right))
        return f"{self.kind}: verdicts clash: {names} are said to be the same and to be different"

    def join(
        self, labels: Ints, outcomes: dict[int, Outcome], joined: Sequence[tuple[int, int]], notes: list[str]
    ) -> dict[int, Outcome]:
        """Make one of the clusters that a verdict says are one, unless another verdict keeps them apart."""
        apart = np.array(self.constraints.apart, dtype=np.int64).reshape(-1, 2)
        for pair in self.constraints.apart:
            weak = [unit for unit in pair if unit in outcomes]
            if labels[pair[0]] == labels[pair[1]] and weak:  # two weak names went to one owner
                labels[weak[0]] = weak[0]
                del outcomes[weak[0]]
        for a, b in joined:
            if a not in self.unit_of or b not in self.unit_of:
                continue
            one, other = sorted((int(labels[self.unit_of[a]]), int(labels[self.unit_of[b]])))
            sides = labels[apart]
            if one == other:
                continue
            if (((sides == (one, other)) | (sides == (other, one))).all(axis=1)).any():
                notes.append(self.clash(self.unit_of[a], self.unit_of[b]))
                continue
            smaller = min(one, other, key=lambda label: (int((labels == label).sum()), -label))
            self.brought.update(np.flatnonzero(labels == smaller).tolist())
            labels[labels == other] = one
            for unit, outcome in outcomes.items():
                options = tuple((one if c == other else c, p) for c, p in outcome.options)
                cluster = one if outcome.cluster == other else outcome.cluster
                options = options if len(dict(options)) == len(options) else ()
                outcomes[unit] = outcome._replace(cluster=cluster, options=options)
        return outcomes

    def attach_weak_names(self, pairs: Pairs, labels: Ints) -> dict[int, Outcome]:
        """Attach weak units to clusters; change `labels` in place and return their outcomes by unit."""
        bound = np.zeros(len(self.units), dtype=bool)  # by a verdict: no evidence moves them
        bound[[unit for pair in self.constraints.together for unit in pair if self.weak[unit]]] = True
        free = self.weak & ~bound & ~self.held
        left, right = pairs.left, pairs.right
        mixed = pairs.only((free[left] & ~self.weak[right]) | (free[right] & ~self.weak[left]))
        first = self.weak[mixed.left]
        weak, strong = np.where(first, mixed.left, mixed.right), np.where(first, mixed.right, mixed.left)
        here = np.array([len(unit.chains) for unit in self.units])
        whole = np.array([len(group.chains) for group in self.groups])  # loaded, of self.sizes
        weights = here + np.where(
            here == whole[self.weights.name_of], (self.sizes - whole)[self.weights.name_of], 0
        )
        articles = np.bincount(labels, weights=weights, minlength=len(labels)).astype(np.float64)
        found = attach_weak(
            np.r_[weak, [pair[0] for pair in self.shut]].astype(np.int64),
            np.r_[strong, [pair[1] for pair in self.shut]].astype(np.int64),
            np.r_[mixed.bits, np.full(len(self.shut), -np.inf)],
            np.r_[mixed.apart, np.ones(len(self.shut), dtype=bool)],
            labels,
            articles,
            threshold=self.threshold,
        )
        outcomes = {}
        for unit, cluster, value, options in found:
            labels[unit] = cluster
            open_to = [
                o for o in options if o[1] >= max(self.threshold, value - self.settings.ambiguity_bits)
            ]
            weight = np.exp2([o[1] for o in open_to])
            share = weight / weight.sum()
            p = float(probability(value)) * float(share[0])
            listed = tuple((o[0], p * float(s / share[0])) for o, s in zip(open_to, share, strict=True))
            outcomes[unit] = Outcome(cluster, p, LinkedBy.NAME, listed if len(listed) > 1 else ())
        return outcomes

    def attach_short_names(self, labels: Ints, outcomes: dict[int, Outcome]) -> None:
        """Give short names of organisations to the ones they stand for, unless the table or a verdict placed them."""
        names = [self.groups[unit.name].name for unit in self.units]
        fixed = {unit for pair in (*self.constraints.together, *self.constraints.apart) for unit in pair}
        for unit, label in short_names(names, labels).items():
            if not (self.curated[unit] or self.held[unit] or unit in fixed):
                labels[unit] = label
                outcomes[unit] = Outcome(label, SHORT_NAME_SURE, LinkedBy.NAME)

    def link_leftovers(self, pairs: Pairs, labels: Ints, outcomes: dict[int, Outcome]) -> None:
        """Cluster the weak units that found no owner among themselves, equal names only."""
        rest = self.weak & ~self.held
        rest[list(outcomes)] = False
        rest[[unit for pair in self.constraints.together for unit in pair]] = False
        name_of = self.weights.name_of
        same = name_of[pairs.left] == name_of[pairs.right]
        both = pairs.only(rest[pairs.left] & rest[pairs.right] & same & ~pairs.apart)
        if not len(both.left):
            return
        linkage = link(
            len(self.units),
            both.left,
            both.right,
            both.bits,
            score=self.weights.score,
            threshold=self.threshold,
            constraints=Constraints((), self.constraints.apart),
        )
        labels[rest] = linkage.labels[rest]

    def result(
        self,
        labels: Ints,
        attached: dict[int, Outcome],
        matches: list[Match],
        pairs: Pairs,
        candidates: Candidates,
        notes: list[str],
    ) -> Linked:
        """Turn labels of units into clusters of chains, with an outcome for every chain."""
        numbers = {int(label): at for at, label in enumerate(sorted(set(labels.tolist())))}
        inside: dict[int, list[int]] = defaultdict(list)
        for unit, label in enumerate(labels.tolist()):
            inside[numbers[label]].append(unit)
        nearest = self.nearest(
            [
                [unit for unit in units if unit not in attached]
                for units in inside.values()
                if not self.held[units].all()
            ]
        )
        joined = {unit: match for match in matches for unit in (match.left, match.right)}
        clusters, outcomes = [], {}
        for cluster, units in sorted(inside.items()):
            owners = sorted({self.curated[unit] for unit in units} - {""})
            chain_ids = sorted(self.chains[n].chain_id for unit in units for n in self.units[unit].chains)
            found = self.cluster_outcomes(cluster, units, attached, numbers, nearest, joined)
            outcomes.update(found)
            certainty = min((o.probability for o in found.values()), default=1.0)
            clusters.append(Cluster(self.kind, tuple(chain_ids), certainty, owners[0] if owners else ""))
        notes += [f"{self.kind}: {line}" for line in candidates.report]
        return Linked(clusters, outcomes, self.matched_pairs(matches) + self.kept_pairs(pairs, labels), notes)

    def cluster_outcomes(
        self,
        cluster: int,
        units: Sequence[int],
        attached: dict[int, Outcome],
        numbers: dict[int, int],
        nearest: Mapping[int, Nearest],
        joined: Mapping[int, Match],
    ) -> dict[int, Outcome]:
        """Outcomes of the chains of one cluster: what each link could not have been made without."""
        settled = [unit for unit in units if unit not in attached]
        core = (
            max(settled, key=lambda u: (not self.weak[u], len(self.units[u].chains), -u))
            if settled
            else units[0]
        )
        out = {}
        for unit in units:
            if unit in attached:
                outcome = attached[unit]
                options = tuple((numbers[label], p) for label, p in outcome.options if label in numbers)
                outcome = outcome._replace(cluster=cluster, options=options)
            else:
                outcome = self.outcome_of(unit, core, cluster, nearest.get(unit), joined.get(unit))
            if unit in self.brought:
                outcome = outcome._replace(linked_by=LinkedBy.VERDICT)
            if unit in self.known and not outcome.options and not self.curated[unit]:
                outcome = outcome._replace(known=self.known[unit])
            out.update(dict.fromkeys(self.units[unit].chains, outcome))
        return out

    def outcome_of(
        self, unit: int, core: int, cluster: int, nearest: Nearest | None, match: Match | None
    ) -> Outcome:
        """Outcome of a unit that was linked with the other settled units of its cluster."""
        if self.curated[unit]:
            return Outcome(cluster, self.sure[unit], LinkedBy.TABLE)
        if nearest is None:
            return Outcome(cluster, 1.0, LinkedBy.EXACT)
        sure = nearest.bits if match is None else max(nearest.bits, match.bits)
        if unit == core or nearest.same_name:
            by = LinkedBy.EXACT
        elif self.by_name(nearest):
            by = LinkedBy.NAME
        elif any(unit in pair for pair in self.verdicts):
            by = LinkedBy.VERDICT
        else:
            by = LinkedBy.CONTEXT
        return Outcome(cluster, self.chance(sure), by)

    def by_name(self, nearest: Nearest) -> bool:
        """Return whether the names alone would have made a link, in a corpus of a thousand names at least."""
        few = prior_bits(FEWEST_NAMES) - self.weights.prior if self.weights.profiles is not None else 0.0
        return nearest.names + min(few, 0.0) >= self.threshold

    def chance(self, bits: float) -> float:
        """Return the probability that a chain linked with so many bits is where it belongs."""
        if self.weights.profiles is None:
            return float(probability(bits))
        return self.weights.model.calibration(bits)

    def nearest(self, groups: Sequence[Sequence[int]]) -> dict[int, Nearest]:
        """Return for each unit of some clusters the evidence of the units that are nearest to it."""
        out: dict[int, Nearest] = {}
        for some in batches([np.array(group, dtype=np.int64) for group in groups if len(group) > 1]):
            corners = [np.triu_indices(len(group), 1) for group in some]
            left = np.concatenate([group[i] for group, (i, _) in zip(some, corners, strict=True)])
            right = np.concatenate([group[j] for group, (_, j) in zip(some, corners, strict=True)])
            names, bits = self.weights.name_bits(left, right), self.weights.bits(left, right)
            both = np.r_[left, right], np.r_[right, left]
            same = self.weights.name_of[both[0]] == self.weights.name_of[both[1]]
            order = np.lexsort((both[1], -np.tile(names, 2), both[0]))
            first = order[np.flatnonzero(np.diff(both[0][order], prepend=-1) != 0)]
            most = np.full(len(self.units), -np.inf)
            np.maximum.at(most, both[0], np.tile(bits, 2))
            for at in first.tolist():
                unit = int(both[0][at])
                out[unit] = Nearest(float(most[unit]), float(names[at % len(names)]), bool(same[at]))
        return out

    def matched_pairs(self, matches: Sequence[Match]) -> list[ScoredPair]:
        """Return the matches made inside stories as pairs of chains with their evidence."""
        out = []
        for match in matches:
            one, other = sorted((self.units[match.left].chains[0], self.units[match.right].chains[0]))
            p = float(probability(match.bits))
            out.append(ScoredPair(one, other, match.bits, p, ("story",), match.evidence))
        return out

    def kept_pairs(self, pairs: Pairs, labels: Ints) -> list[ScoredPair]:
        """Pairs of differently named units worth keeping, with their evidence, those nearest to the threshold first.

        Units that are surely one are not kept: there are as many such pairs as articles in a story, and they can be
        compared again at any time. Those of two units that were linked before have been kept then.
        """
        name_of = self.weights.name_of
        new = np.array([any(number not in self.former for number in unit.chains) for unit in self.units])
        pairs = pairs.only(new[pairs.left] | new[pairs.right])
        a, b, bits, _ = pairs.only((pairs.bits >= KEPT_BITS) & (name_of[pairs.left] != name_of[pairs.right]))
        doubtful = (labels[a] != labels[b]) | (bits <= -KEPT_BITS)
        near = np.flatnonzero(doubtful)
        near = near[np.argsort(np.abs(bits[near] - self.threshold), kind="stable")][:KEPT_PAIRS]
        explained = self.weights.explain(a[near], b[near])
        out = []
        for at, evidence in zip(near.tolist(), explained, strict=True):
            x, y = sorted((self.units[int(a[at])].chains[0], self.units[int(b[at])].chains[0]))
            value = float(bits[at])
            out.append(ScoredPair(x, y, value, float(probability(value)), (), tuple(evidence)))
        return out
