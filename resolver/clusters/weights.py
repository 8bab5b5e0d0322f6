"""Name evidence and context evidence added up for pairs of units, with the hard limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters.claims import Claims
from resolver.clusters.measures import Measures, pair_bins
from resolver.clusters.units import Unit
from resolver.context import FAMILIES, Model, Profiles, load_model
from resolver.model import Evidence, Name
from resolver.scores import Likeness, NameScorer

__all__ = ["Weights", "feature_words"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TOGETHER_BITS = -12.0  # two names standing apart in one article are two people, whatever else speaks for one
ALONE_BITS = 11.0  # bits of the name model from which two names link alone, among a thousand names
CONTRADICT = -2  # sexes that are known and differ, see `Profiles.sexes`
LABELS = {
    "name": "names in the news",
    "apart": "given names contradict",
    "initials": "initials",
    "story": "context: story",
    "tales": "context: one story or two",
    "sentences": "context: sentences",
    "gender": "context: gender",
    "claim": "context: who bears the name",
    "years": "context: years apart",
    **{family: f"context: {label}" for family, label in FAMILIES.items()},
}
SAID = {  # terms whose values have words, from which value on
    "apart": (("no", "yes"), 0),
    "initials": (("do not fit", "none", "fit"), -1),
    "gender": (("contradict", "contradict?", "not known", "agree?", "agree"), -2),
    "tales": (
        ("two, one of 1 article", "two, one of 2 or 3 articles", "two of 4 articles or more", "one"),
        0,
    ),
}
SMALLEST_SHOWN = 0.05  # bits


class Weights:
    """The additive score of pairs of units of one kind, in bits.

    With context the bits of the name model are one of many measures, each worth what the learned tables say; without
    it they stand alone beside the prior.

    Args:
        names: The distinct names that units refer to.
        units: The units.
        prior: Log2 odds that two names drawn from the corpus are one entity; without context only.
        curated: Curated entity id of each unit, "" for none.
        profiles: The units' contexts; None leaves context out.
        limits: Whether hard limits hold.
        model: The learned tables.
    """

    def __init__(
        self,
        names: Sequence[Name],
        units: Sequence[Unit],
        prior: float,
        curated: Sequence[str],
        *,
        profiles: Profiles | None = None,
        limits: bool = True,
        model: Model | None = None,
    ) -> None:
        self.names = names
        self.scorer = NameScorer(names)
        self.units = units
        self.prior = prior
        self.limits = limits
        self.profiles = profiles
        self.name_of = np.array([unit.name for unit in units], dtype=np.int64)
        self.terms: dict[Evidence, Evidence] = {}
        numbered: dict[str, int] = {"": 0}
        self.curated = np.array([numbered.setdefault(i, len(numbered)) for i in curated], dtype=np.int64)
        if profiles is not None:
            self.model = model or load_model()
            weak = np.array([unit.weak for unit in units], dtype=np.int64)
            claims = Claims(names, units, profiles)
            self.measures = Measures(self.scorer, Likeness(names), self.name_of, weak, profiles, claims)

    def name_bits(self, left: Ints, right: Ints) -> Floats:
        """Return prior and name evidence of each pair of units, in bits."""
        found = self.scorer.bits(self.name_of[left], self.name_of[right])
        return np.asarray(found, dtype=np.float64) + self.prior

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the total of each pair of units, in bits; symmetric."""
        if self.profiles is None:
            return self.name_bits(left, right)
        return self.weighed(self.measures(left, right), left, right)

    def weighed(self, measured: Mapping[str, Floats], left: Ints, right: Ints) -> Floats:
        """Return the bits of pairs of units that have been measured."""
        total = self.model.pairs.total(pair_bins(measured))
        return total + TOGETHER_BITS * self.profiles.together(left, right) if self.profiles else total

    def never(self, left: Ints, right: Ints) -> Flags:
        """Return for each pair of units whether they can never be one: by the table, by Jr and Sr, by kinship."""
        a, b = self.curated[left], self.curated[right]
        out: Flags = (a > 0) & (b > 0) & (a != b)
        if self.limits and len(left):
            out |= self.scorer.generations(self.name_of[left], self.name_of[right])
            if self.profiles is not None:
                out |= self.profiles.relatives(left, right)
        return out

    def apart(self, left: Ints, right: Ints) -> Flags:
        """Return for each pair of units whether names or context must not join them; a whole story still may."""
        out = self.never(left, right)
        if not self.limits or not len(left):
            return out
        a, b = self.curated[left], self.curated[right]
        unsaid = (a != b) | (a == 0)
        contradicting = self.scorer.contradictions(self.name_of[left], self.name_of[right])
        out |= np.asarray(contradicting, dtype=bool) & unsaid
        if self.profiles is not None:
            out |= self.profiles.sexes(left, right) == CONTRADICT
        return out

    def other_roles(self, left: Ints, right: Ints) -> Flags:
        """Return for each pair whether names that would not link alone have roles, and none in common.

        Context can lift a weak match of names only where it does not contradict: an envoy and a coach are two men.
        """
        if self.profiles is None or not self.limits:
            return np.zeros(len(left), dtype=bool)
        role = self.profiles.shared("role", left, right)
        names = np.asarray(self.scorer.bits(self.name_of[left], self.name_of[right]), dtype=np.float64)
        return np.asarray(role.both & (role.number == 0) & (names < ALONE_BITS))

    def score(self, left: Ints, right: Ints) -> tuple[Floats, Flags]:
        """Return total bits and hard limits of each pair of units."""
        return self.bits(left, right), self.apart(left, right)

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return every term of each pair of units, which add up to its bits; many pairs cost little more than one."""
        names = self.scorer.explain(self.name_of[left], self.name_of[right])
        if self.profiles is None:
            count = f"{len(self.names)} names"
            prior = Evidence("prior", count, self.prior, "odds that two of them are one entity")
            return [[prior, *terms] for terms in names]
        measured = self.measures(left, right)
        tables = self.model.pairs
        bins = pair_bins(measured)
        terms = {term: bits.tolist() for term, bits in tables.terms(bins).items()}
        weighed = terms.pop("name")
        together = self.profiles.together(left, right).tolist()
        closest = self.profiles.stories.closest(left, right)
        prior = Evidence("prior", "two chains", tables.start, "odds of any two chains in the news")
        out = []
        for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            rest = weighed[at] - sum(term.bits for term in names[at])
            row = [
                prior,
                *names[at],
                Evidence(LABELS["name"], "weighed", rest, "what names are worth beside context"),
            ]
            for term, bits in terms.items():
                if abs(bits[at]) >= SMALLEST_SHOWN:
                    shown, words = self.words_of(term, one, other, float(measured[term][at]))
                    if term == "story":
                        found = self.profiles.topics.shared_words(
                            int(closest.left[at]), int(closest.right[at])
                        )
                        words = ", ".join(found) or "no rare word in common"
                    row.append(Evidence(LABELS.get(term, f"sound: {term}"), shown, bits[at], words))
            if together[at]:
                bits = TOGETHER_BITS * together[at]
                row.append(
                    Evidence("context: named apart", f"{together[at]:.0%}", bits, "both stand in one article")
                )
            out.append(row)
        return out

    def once(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Return the same terms, equal ones of all pairs as one object: of 850,000 terms 60,000 differ."""
        return tuple(self.terms.setdefault(term, term) for term in evidence)

    def words_of(self, term: str, left: int, right: int, value: float) -> tuple[str, str]:
        """Return what one learned term compared, in short and in words."""
        if term in FAMILIES and self.profiles is not None:
            return feature_words(self.profiles, term, [left], [right])
        if term == "claim":
            return "bearers", self.measures.claims.words_of(left, right)
        if term == "years":
            return f"{value:.0f}" if value >= 0 else "not known", ""
        if term in SAID:
            words, least = SAID[term]
            return words[int(value) - least], ""
        return f"cosine {value:.3f}" if term in ("story", "sentences") else f"{value:.2f}", ""


def feature_words(
    profiles: Profiles, family: str, left: Sequence[int], right: Sequence[int]
) -> tuple[str, str]:
    """Return in short and in words what two groups of units share of a context family, or what each has."""
    sides = [
        sorted({f for unit in side for f in profiles.features_of(family, unit)}) for side in (left, right)
    ]
    both = [
        feature for one in left for other in right for feature in profiles.shared_features(family, one, other)
    ]
    if both:
        return "shared", ", ".join(list(dict.fromkeys(both))[:6])
    if all(sides):
        return "nothing shared", " | ".join(", ".join(side[:4]) for side in sides)
    return "not told of both", ""
