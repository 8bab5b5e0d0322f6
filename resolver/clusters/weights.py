"""Name evidence and context evidence added up for pairs of units, with the hard limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters.units import Unit
from resolver.context import ContextScorer
from resolver.model import Evidence, Name
from resolver.scores import NameScorer

__all__ = ["Weights"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


# Beyond so many bits, names add only a part: every name has namesakes that no frequency list knows of, and among pairs
# of one full name in unrelated stories of newsroom/train and the other corpora one in six is two people.
SATURATION = 4.0
SLOPE = 0.1


class Weights:
    """The additive score of pairs of units of one kind: prior + names + context, in bits.

    Args:
        names: The distinct names that units refer to.
        scorer: A scorer over those names.
        units: The units.
        prior: Log2 odds that two names drawn from the corpus are one entity.
        curated: Curated entity id of each unit, "" for none.
        context: Scorer of the units' contexts; None leaves context out.
        limits: Whether hard limits hold.
    """

    def __init__(
        self,
        names: Sequence[Name],
        scorer: NameScorer,
        units: Sequence[Unit],
        prior: float,
        curated: Sequence[str],
        *,
        context: ContextScorer | None = None,
        limits: bool = True,
    ) -> None:
        self.names = names
        self.scorer = scorer
        self.units = units
        self.prior = prior
        self.limits = limits
        self.context = context
        self.name_of = np.array([unit.name for unit in units], dtype=np.int64)
        numbered: dict[str, int] = {"": 0}
        self.curated = np.array([numbered.setdefault(i, len(numbered)) for i in curated], dtype=np.int64)

    def name_bits(self, left: Ints, right: Ints) -> Floats:
        """Return prior and name evidence of each pair of units, in bits."""
        bits = (
            np.asarray(self.scorer.bits(self.name_of[left], self.name_of[right]), dtype=np.float64)
            + self.prior
        )
        return (
            np.where(bits > SATURATION, SATURATION + SLOPE * (bits - SATURATION), bits)
            if self.context
            else bits
        )

    def context_bits(self, left: Ints, right: Ints) -> Floats:
        """Return the context evidence of each pair of units, in bits."""
        return self.context.bits(left, right) if self.context is not None else np.zeros(len(left))

    def apart(self, left: Ints, right: Ints) -> Flags:
        """Return for each pair of units whether they must stay apart: by the table, by names, by gender."""
        a, b = self.curated[left], self.curated[right]
        out: Flags = (a > 0) & (b > 0) & (a != b)
        if not self.limits or not len(left):
            return out
        contradicting = self.scorer.contradictions(self.name_of[left], self.name_of[right])
        out |= np.asarray(contradicting, dtype=bool) & ((a != b) | (a == 0))
        if self.context is not None:
            out |= self.context.clashes(left, right)
        return out

    def score(self, left: Ints, right: Ints) -> tuple[Floats, Flags]:
        """Return total bits and hard limits of each pair of units."""
        return self.name_bits(left, right) + self.context_bits(left, right), self.apart(left, right)

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return every term of each pair of units: prior, names, context; many pairs cost little more than one."""
        names = self.scorer.explain(self.name_of[left], self.name_of[right])
        prior = Evidence(
            "prior", f"{len(self.names)} names", self.prior, "odds that two of them are one entity"
        )
        if self.context is None:
            return [[prior, *terms] for terms in names]
        whole = self.name_bits(left, right).tolist()
        context = self.context.explain(left, right)
        out = []
        for terms, bits, around in zip(names, whole, context, strict=True):
            damped = bits - self.prior - sum(term.bits for term in terms)
            if damped < -0.05:
                terms.append(
                    Evidence("namesakes", "saturated", damped, "a name alone cannot rule out a namesake")
                )
            out.append([prior, *terms, *around])
        return out
