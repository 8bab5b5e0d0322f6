"""Who of the curated table the units are: by a name that identifies alone, or by what their articles say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters import Unit
from resolver.context import TELLING
from resolver.linking.basis import Basis, Outcome
from resolver.model import Kind, Name
from resolver.proposals import Proposals
from resolver.settings import Settings

__all__ = ["Curated"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Probability of a name that the table has as a strong one: the table is right, the kind may be wrong.
TABLE_SURE = 0.99


class Curated:
    """Entities of the curated table by unit.

    Args:
        kind: What the units are.
        names: The distinct names that units refer to.
        units: The units.
        held: The entity that each unit is held in, "" for none.
        basis: Their chains, and what became of these before.
        proposals: Weighs entities for names that do not identify alone.
        settings: How sure the table has to be.

    Attributes:
        ids: The entity of each unit, "" for none.
        sure: How surely.
        options: Entities that a unit may be as well, with their probabilities.
    """

    def __init__(
        self,
        kind: Kind,
        names: Sequence[Name],
        units: Sequence[Unit],
        held: Sequence[str],
        basis: Basis,
        proposals: Proposals,
        settings: Settings,
    ) -> None:
        self.kind, self.units, self.held = kind, units, held
        self.chains, self.former = basis.chains, basis.known
        self.proposals, self.settings = proposals, settings
        self.authority = proposals.authority
        self.sure = dict.fromkeys(range(len(units)), TABLE_SURE)
        self.options: dict[int, tuple[tuple[str, float], ...]] = {}
        self.ids = [
            (owner if self.authority.name(owner) else "") if owner else self.identified(at, unit)
            for at, (unit, owner) in enumerate(zip(units, held, strict=True))
        ]
        if kind == Kind.PER:
            self.give_up_bare_names([names[unit.name].folded for unit in units])

    def identified(self, at: int, unit: Unit) -> str:
        """Return the entity that the names of a unit's chains identify, or that its articles choose."""
        found = {
            self.authority.decided(self.chains[n].name, self.chains[n].forms, self.kind)
            for n in unit.chains[:TELLING]
        } - {""}
        if found or unit.weak:  # a weak name is asked about when no full name has claimed it
            return found.pop() if len(found) == 1 else ""
        return self.proposed([at])

    def outside_table(self, members: Sequence[int]) -> bool:
        """Return whether the table was asked about the name of some chains in an earlier run, and did not have it."""
        found = {self.former[number] for number in members if number in self.former}
        return bool(found) and not any(self.authority.name(owner) for owner in found)

    def give_up_bare_names(self, folded: Sequence[str]) -> None:
        """Let go of bare surnames of the table ("Lagerfeld") that may be another person's in these articles.

        They may, if full names outside the table that have the surname stand in as many articles as the surname alone.
        """
        others: Counter[str] = Counter()
        for name, owner, unit in zip(folded, self.ids, self.units, strict=True):
            if not owner and not unit.weak:
                for token in set(name.replace("-", " ").split()):
                    others[token] += len(unit.chains)
        bare = Counter[str]()
        for name, owner, unit in zip(folded, self.ids, self.units, strict=True):
            if owner and unit.weak:
                bare[name] += len(unit.chains)
        for at, name in enumerate(folded):
            if name in bare and others[name] >= bare[name] and self.units[at].weak and not self.held[at]:
                self.ids[at] = ""

    def proposed(self, units: Sequence[int]) -> str:
        """Return the entity that is meant by names which do not identify alone; note all that may be."""
        members = [n for at in units for n in self.units[at].chains[:TELLING]]
        choice = self.proposals.choice(
            members,
            self.kind,
            min_probability=self.settings.min_probability,
            margin=self.settings.ambiguity_bits,
        )
        owner, sure = choice.entity_id, choice.probability
        if not owner and not choice.options and not self.outside_table(members):
            owner, sure = self.authority.likely(self.chains[members[0]].name, self.kind)
        for at in units:
            self.sure[at] = sure
            if choice.options:
                self.options[at] = choice.options
        return owner if sure >= self.settings.min_probability else ""

    def ask_for_unclaimed(self, labels: Ints, outcomes: Mapping[int, Outcome], weak: Flags) -> None:
        """Give clusters of weak names that no full name has claimed to entities of the table, if articles say so.

        Args:
            labels: The cluster of each unit; changed in place.
            outcomes: The units that have found an owner.
            weak: For each unit whether its name is bare and no entity of the table.
        """
        first = {owner: int(labels[at]) for at, owner in enumerate(self.ids) if owner}
        claimed = set(labels[~weak].tolist()) | {int(labels[at]) for at in outcomes}
        free: dict[int, list[int]] = defaultdict(list)
        for at in np.flatnonzero(weak).tolist():
            if int(labels[at]) not in claimed and not self.held[at]:
                free[int(labels[at])].append(at)
        for label, units in free.items():
            whole = self.proposed(units)
            for at in units:  # what is open for all together may be clear for one: presidents of two years
                owner = whole or (self.proposed([at]) if len(units) > 1 else "")
                if owner:
                    labels[at] = first.setdefault(owner, at if not whole else label)
                    self.ids[at] = owner
