"""The state of one kind's linking: names, units, who of them the curated table has, weights, verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resolver.blocks import group_number
from resolver.clusters import Constraints, NameGroup, Unit, Weights, group_by_name, split_groups
from resolver.context import Model, Profiles
from resolver.linking.basis import Basis, Judgements, rounded
from resolver.linking.curated import Curated
from resolver.model import Counts, Kind
from resolver.proposals import Proposals
from resolver.scores import prior_bits, probability
from resolver.settings import Settings, Without

__all__ = ["FAMOUS", "SURE_BITS", "Work"]

# Chains from which one name is taken for one entity: whoever is named so often owns the name.
FAMOUS = 300
# Bits above the threshold from which chains are joined by names and context of their own; what is less sure waits until
# the story has been looked at as a whole.
SURE_BITS = 1.0


class Work:
    """The state of one kind's linking.

    Args:
        kind: Which chains are linked.
        members: Their numbers.
        basis: What linking stands on.
        settings: How to link.
        proposals: Weighs entities of the table for names that do not identify alone.
        model: The learned tables; None for the shipped ones.

    Attributes:
        groups: The distinct names with their chains.
        sizes: For each name how many chains of the corpus bear it.
        units: What is compared; in the order of their names.
        unit_of: The unit of each chain.
        held: For each unit whether it stays the entity that it was.
        curated: Who of the table the units are.
        weights: The scorer of pairs of units.
        bare: For each unit whether its name is weak.
        owned: For each unit whether its name is an entity's of the table.
        weak: For each unit whether its name is bare and no entity of the table.
        constraints: Verdicts and shared entities as pairs of units.
        verdicts: The pairs of units that verdicts say are one.
        shut: Weak units and full ones that a verdict keeps apart.
        brought: Units that a verdict brought to where they are.
        threshold: Least bits of a link.
    """

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
        chains, judgements, counts = basis.chains, basis.judgements, basis.counts
        self.kind, self.chains, self.settings, self.former = kind, chains, settings, basis.known
        self.groups: list[NameGroup] = group_by_name(
            chains, members, [basis.parse(chains[n].name, kind) for n in members]
        )
        names = [group.name for group in self.groups]
        topics = basis.topics if kind == Kind.PER else None
        self.sizes = np.array([size_of(group, counts) for group in self.groups])
        apart = (self.sizes < FAMOUS) & (topics is not None)
        self.units: list[Unit] = split_groups(self.groups, apart.tolist(), self.alone(judgements))
        self.unit_of = {number: at for at, unit in enumerate(self.units) for number in unit.chains}
        held = [self.held_id(unit, basis.held) for unit in self.units]
        self.held = np.array([bool(owner) for owner in held], dtype=bool)
        self.curated = Curated(kind, names, self.units, held, basis, proposals, settings)
        owners = [one or other for one, other in zip(held, self.curated.ids, strict=True)]
        members_of = [unit.chains for unit in self.units]
        self.weights = Weights(
            names,
            self.units,
            prior_bits(rounded(counts.names[kind] if counts else len(names))),
            owners,
            profiles=None if topics is None else Profiles(chains, members_of, topics, counts, basis.years),
            limits=Without.CONSTRAINTS not in settings.without,
            model=model,
        )
        self.bare = np.array([unit.weak for unit in self.units], dtype=bool)
        self.owned = np.array([bool(owner) for owner in self.curated.ids], dtype=bool)
        self.weak = self.bare & ~self.owned
        self.constraints = self.constrained(judgements, owners)
        ways = (*self.constraints.apart, *((b, a) for a, b in self.constraints.apart))
        self.shut = [(a, b) for a, b in ways if self.weak[a] and not self.weak[b]]
        self.brought: set[int] = set()
        p = min(max(settings.min_probability, 1e-9), 1 - 1e-9)
        self.threshold = float(np.log2(p / (1 - p)))

    def held_id(self, unit: Unit, held: frozenset[int]) -> str:
        """Return the entity that all chains of a unit are held in, "" if any is open."""
        found = {self.former[number] if number in held else "" for number in unit.chains}
        return found.pop() if len(found) == 1 else ""

    def alone(self, judgements: Judgements) -> set[int]:
        """Return the chains that are units of their own: judged so, or of a name that both sides of a verdict bear."""
        name = {number: at for at, group in enumerate(self.groups) for number in group.chains}
        out = set(judgements.alone)
        for left, right in judgements.different:
            both = {name.get(n) for n in left} & {name.get(n) for n in right}
            out.update(n for n in (*left, *right) if name.get(n) in both)
        return out

    def constrained(self, judgements: Judgements, owners: Sequence[str]) -> Constraints:
        """Return verdicts and shared entities as pairs of units."""
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
        for at, owner in enumerate(owners):
            if owner and first.setdefault(owner, at) != at:
                same.append((first[owner], at))
        return Constraints(tuple(same), tuple(sorted(apart)))

    def chance(self, bits: float) -> float:
        """Return the probability that a chain linked with so many bits is where it belongs."""
        if self.weights.profiles is None:
            return float(probability(bits))
        return self.weights.model.calibration(bits)


def size_of(group: NameGroup, counts: Counts | None) -> int:
    """Return how many chains of the corpus bear a name."""
    known = counts.chains.get(group_number(group.name), 0) if counts else 0
    return max(known, len(group.chains))
