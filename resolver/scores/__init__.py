"""Pairs of names -> evidence in bits: tokens are aligned first, then aligned tokens are compared.

Comes in: parsed names. Goes out: `Evidence` for one pair, columns of bits for many. Every term is additive; missing
(no patronymic) is told apart from contradicted (another patronymic). Refuses to know: articles, context.

    tokens   the distinct tokens of a list of names, and the level at which two of them compare
    levels   coarser views of these levels
    align    which tokens of two names stand for which
    people   people's names: bits by learned tables
    plain    names of organisations and places
    likeness how alike names sound as wholes
    limits   names that can never be one person's

A bit is log2 of how much oftener an outcome is seen between spellings of one name than between two names' bearers.
Agreement on a token is worth more the rarer the token is (two Witkoffs are one man, two Smiths are not).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.columns import NameColumns, columns_of_names
from resolver.model import Evidence, Kind, Name
from resolver.scores.likeness import Likeness
from resolver.scores.limits import contradictions, incompatible, initials
from resolver.scores.people import People
from resolver.scores.plain import compare_plain

__all__ = ["Likeness", "NameScorer", "compare", "incompatible", "prior_bits", "probability"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PRIOR_START = -1.0  # bits; with the log of the number of names it gives about one true partner for each name
NOTHING_BITS = (
    -20.0
)  # two names without a letter to compare; names that are equal as they stand get `EQUAL_BITS`
EQUAL_BITS = 8.0
FEW = 2_000  # pairs of one call that are remembered


def prior_bits(names: int) -> float:
    """Return the log2 odds that two names drawn from so many are one entity: it falls as the number grows."""
    return PRIOR_START - math.log2(max(names, 2))


def probability(bits: float | Floats) -> Floats:
    """Return the probability of a total weight in bits, in [0, 1]."""
    value: Floats = 1.0 / (1.0 + np.exp2(-np.clip(np.asarray(bits, dtype=np.float64), -60, 60)))
    return value


def compare(left: Name, right: Name) -> list[Evidence]:
    """Return the evidence of two names of one kind, term by term; the sum is what `NameScorer.bits` gives.

    Args:
        left: A parsed name.
        right: The other one; swapping the two swaps the sides of each detail and changes no bits.
    """
    if left.kind != right.kind:
        return [
            Evidence(
                "kind",
                f"{left.kind} and {right.kind}",
                -30.0,
                "a person, an organisation, a place: never one",
            )
        ]
    if left.kind != Kind.PER:
        return compare_plain(left, right)
    people = People(columns_of_names((left, right)))
    if not people.tokens.size.any():
        same = left.surface == right.surface
        return [
            Evidence(
                "name", "same" if same else "nothing to compare", EQUAL_BITS if same else NOTHING_BITS, ""
            )
        ]
    return people.explain(np.array([0]), np.array([1]))[0]


class NameScorer:
    """Scores pairs of names by number.

    Args:
        names: The names that numbers refer to, all of one kind.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = names
        person = all(name.kind == Kind.PER for name in names)
        self.people = People(columns_of_names(names)) if person else None
        self.known: dict[int, float] = {}
        self.size = len(names)

    @classmethod
    def of_columns(cls, columns: NameColumns) -> NameScorer:
        """Return a scorer of people's names in columns; two names without a token are two names."""
        out = cls(())
        out.people, out.size = People(columns), len(columns)
        return out

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the summed evidence of each pair, in bits; symmetric.

        A few pairs at a time are remembered, because linking asks for the same ones again.
        """
        left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        if len(left) > FEW:
            return self._scored(left, right)
        codes = (np.minimum(left, right) * self.size + np.maximum(left, right)).tolist()
        new = [at for at, code in enumerate(codes) if code not in self.known]
        if new:
            scored = self._scored(left[new], right[new]).tolist()
            self.known.update(zip([codes[at] for at in new], scored, strict=True))
        return np.array([self.known[code] for code in codes], dtype=np.float64)

    def _scored(self, left: Ints, right: Ints) -> Floats:
        if self.people is None:
            pairs = zip(left.tolist(), right.tolist(), strict=True)
            return np.array(
                [total(compare(self.names[i], self.names[j])) for i, j in pairs], dtype=np.float64
            )
        out = self.people.bits(left, right)
        size = self.people.tokens.size
        for at in np.flatnonzero((size[left] == 0) & (size[right] == 0)).tolist():
            i, j = left[at], right[at]
            same = i == j or (len(self.names) and self.names[i].surface == self.names[j].surface)
            out[at] = EQUAL_BITS if same else NOTHING_BITS
        return out

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return the terms of each pair, as `compare` does, many pairs at once."""
        left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        if self.people is None or not self.people.tokens.size.all():
            pairs = zip(left.tolist(), right.tolist(), strict=True)
            return [compare(self.names[i], self.names[j]) for i, j in pairs]
        return self.people.explain(left, right)

    def generations(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return for each pair whether both names state a generation (Jr, II) and the two differ."""
        left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        if self.people is None:
            return np.zeros(len(left), dtype=bool)
        return np.asarray(self.people.contradicting_generations(left, right), dtype=bool)

    def contradictions(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return for each pair whether the names can never be one entity's."""
        left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        if self.people is None:
            return np.zeros(len(left), dtype=bool)
        return contradictions(self.people, left, right)

    def initials(self, left: Ints, right: Ints) -> npt.NDArray[np.int8]:
        """Return 1 where an initial of one name fits the other one, -1 where none does, 0 where neither has any."""
        left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        if self.people is None:
            return np.zeros(len(left), dtype=np.int8)
        return initials(self.people, left, right)


def total(terms: Sequence[Evidence]) -> float:
    """Return the sum of the bits of terms."""
    return sum(term.bits for term in terms)
