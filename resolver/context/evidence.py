"""Weigh what the articles of two people share or contradict, in bits, for many pairs at once.

Comes in: chains with their contexts, grouped into units (people as far as names alone tell). Goes out: bits per pair
and, for one pair, the terms in words. A feature that many articles share says little and one that few share says
much: its weight is the log of how rare it is (inverse document frequency, Sparck Jones 1972), and since the features
of one story come together, each family's sum saturates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.context.topics import Closest, Stories, Topics, story_words
from resolver.model import Chain, Counts, Evidence

__all__ = ["TELLING", "ContextScorer", "Family", "Profiles", "chain_features"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CHUNK = 200_000  # pairs weighed at a time: bounds the memory of the expanded feature lists


TELLING = 100  # chains of a unit that tell what it is, those whose ids sort first: a sample that new ones hardly change


class Family(NamedTuple):
    """One kind of context feature and what agreement on it is worth.

    Attributes:
        label: The word for it in explanations.
        per_bit: Bits for each bit of rarity shared.
        top: The most that agreement can add, in bits.
        clash: Bits when both sides have such features and share none.
    """

    label: str
    per_bit: float
    top: float
    clash: float


# Chosen by hand on pairs of chains in newsroom/train and the historic and English corpora: see training/context.
FAMILIES: dict[str, Family] = {
    "role": Family("role", 0.5, 3.0, -0.7),
    "office": Family("role and country", 0.6, 4.0, 0.0),
    "place": Family("country", 0.3, 1.5, -0.5),
    "org": Family("organisation", 0.5, 3.0, 0.0),
    "word": Family("words beside the name", 0.3, 2.0, 0.0),
}
# Bits by the cosine of the two articles' rare words: log odds of one person to two among pairs of chains in different
# articles with compatible names, less those of all such pairs.
STORY_COSINES = (0.0, 0.01, 0.02, 0.03, 0.045, 0.06, 0.09, 0.15)
STORY_BITS = (-6.5, -4.8, -3.0, -1.5, 0.0, 1.5, 2.5, 3.5)
SAME_ARTICLE_BITS = (
    -8.0
)  # two full names standing apart in one article: said of two people far more often than of one
GENDER_BITS = -6.0  # he and she: pronouns are resolved by nearness, so a clash is strong but not certain
GENDER_AGREES_BITS = 0.3


class Table(NamedTuple):
    """Features of each unit as compressed rows; `keys` holds unit * width + feature in ascending order."""

    starts: Ints
    features: Ints
    keys: Ints
    rarity: Floats
    names: list[str]


class Profiles:
    """The context features of units, ready to be compared.

    Args:
        chains: All chains of the corpus.
        units: For each unit the numbers of its chains.
        topics: The words of the articles; None leaves the story out.
        counts: What is counted in the whole corpus; None if the chains are all of it.
    """

    def __init__(
        self,
        chains: Sequence[Chain],
        units: Sequence[Sequence[int]],
        topics: Topics | None = None,
        counts: Counts | None = None,
    ) -> None:
        self.count = len(units)
        rows: dict[str, list[tuple[int, str, str]]] = {family: [] for family in FAMILIES}
        male = np.zeros(self.count, dtype=np.int64)
        female = np.zeros(self.count, dtype=np.int64)
        articles: list[tuple[int, str, str]] = []
        for unit, members in enumerate(units):
            for number in members[:TELLING]:
                chain = chains[number]
                context = chain.context
                articles.append((unit, chain.article_id, chain.article_id))
                male[unit] += context.gender == "m"
                female[unit] += context.gender == "f"
                for family, features in chain_features(chain).items():
                    rows[family].extend((unit, feature, chain.article_id) for feature in features)
        self.articles = counts.articles if counts else len({chain.article_id for chain in chains}) or 1
        seen: Mapping[str, Mapping[str, int]] = counts.seen if counts else {}
        self.tables = {
            family: table(found, self.count, self.articles, seen.get(family, {}))
            for family, found in rows.items()
        }
        self.same_article = table(articles, self.count, self.articles)
        self.stories: Stories | None = None
        if topics is not None:
            articles_of = [
                sorted({topics.number[chains[n].article_id] for n in members[:TELLING]}) for members in units
            ]
            names = [
                {w for n in members[:20] for f in chains[n].forms for w in story_words(f)}
                for members in units
            ]
            self.stories = Stories(topics, articles_of, names)
        self.gender = np.where((male > 2 * female), 1, np.where(female > 2 * male, -1, 0))


def chain_features(chain: Chain) -> dict[str, list[str]]:
    """Return the features of one chain by family."""
    context = chain.context
    tied = [f"{role} of {place}" for role in context.roles for place in context.places]
    tied += [f"{role} of {org}" for role in context.roles for org in context.orgs]
    return {
        "role": sorted({*context.roles, *(role.split()[-1] for role in context.roles)}),
        "office": tied,
        "place": list(context.places),
        "org": list(context.orgs),
        "word": list(context.words),
    }


def table(
    rows: Sequence[tuple[int, str, str]],
    units: int,
    articles: int,
    counted: Mapping[str, int] = MappingProxyType({}),
) -> Table:
    """Turn (unit, feature, article) rows into a table whose rarities count articles, in bits.

    What the whole corpus has counted goes before what the rows tell.
    """
    names = sorted({feature for _, feature, _ in rows})
    number = {name: at for at, name in enumerate(names)}
    seen: dict[int, set[str]] = {}
    pairs = set()
    for unit, feature, article in rows:
        at = number[feature]
        seen.setdefault(at, set()).add(article)
        pairs.add(unit * max(1, len(names)) + at)
    rarity = np.array(
        [np.log2((articles + 1) / (counted.get(name, len(seen[at])) + 0.5)) for at, name in enumerate(names)],
        dtype=np.float64,
    )
    keys = np.fromiter(pairs, dtype=np.int64, count=len(pairs))
    keys.sort()
    owner = keys // max(1, len(names))
    starts = np.searchsorted(owner, np.arange(units + 1))
    return Table(starts.astype(np.int64), keys % max(1, len(names)), keys, np.maximum(rarity, 0.0), names)


def shared(found: Table, left: Ints, right: Ints) -> tuple[Floats, Ints]:
    """Return for each pair of units the summed rarity of the features they share, and how many they share."""
    total = np.zeros(len(left))
    count = np.zeros(len(left), dtype=np.int64)
    width = max(1, len(found.names))
    size = np.diff(found.starts)
    for low in range(0, len(left), CHUNK):
        a, b = left[low : low + CHUNK], right[low : low + CHUNK]
        swap = size[a] > size[b]
        a, b = np.where(swap, b, a), np.where(swap, a, b)
        lengths = size[a]
        pair = np.repeat(np.arange(len(a)), lengths)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        feature = found.features[np.repeat(found.starts[a], lengths) + offset]
        probe = b[pair] * width + feature
        at = np.searchsorted(found.keys, probe)
        hit = at < len(found.keys)
        hit[hit] = found.keys[at[hit]] == probe[hit]
        total[low : low + CHUNK] = np.bincount(
            pair[hit], weights=found.rarity[feature[hit]], minlength=len(a)
        )
        count[low : low + CHUNK] = np.bincount(pair[hit], minlength=len(a))
    return total, count


class ContextScorer:
    """Context evidence between units, in bits.

    Args:
        profiles: The units' features.
        families: What agreement is worth, by family.
    """

    def __init__(self, profiles: Profiles, families: Mapping[str, Family] = FAMILIES) -> None:
        self.profiles = profiles
        self.families = families

    def terms(self, left: Ints, right: Ints) -> dict[str, Floats]:
        """Return the bits of each term for each pair; the evidence is their sum."""
        profiles = self.profiles
        out: dict[str, Floats] = {}
        for key, family in self.families.items():
            found = profiles.tables[key]
            total, count = shared(found, left, right)
            size = np.diff(found.starts)
            both = (size[left] > 0) & (size[right] > 0)
            agree = np.minimum(total * family.per_bit, family.top)
            out[key] = np.where(count > 0, agree, np.where(both, family.clash, 0.0))
        if profiles.stories is not None:
            out["story"] = np.interp(profiles.stories.closest(left, right).cosine, STORY_COSINES, STORY_BITS)
        _, together = shared(profiles.same_article, left, right)
        out["same article"] = np.where(together > 0, SAME_ARTICLE_BITS, 0.0)
        if profiles.stories is not None:
            out["story"][together > 0] = 0.0  # one article says nothing about whether its two people are one
        product = profiles.gender[left] * profiles.gender[right]
        out["gender"] = np.where(product < 0, GENDER_BITS, np.where(product > 0, GENDER_AGREES_BITS, 0.0))
        return out

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the summed context evidence of each pair, in bits; symmetric."""
        total = np.zeros(len(left))
        for term in self.terms(left, right).values():
            total += term
        return total

    def clashes(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return for each pair whether gender cues contradict: a hard limit."""
        return np.asarray(self.profiles.gender[left] * self.profiles.gender[right] < 0)

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return for each pair of units the terms that are not zero, with the features that are shared."""
        out: list[list[Evidence]] = [[] for _ in range(len(left))]
        stories = None if self.profiles.stories is None else self.profiles.stories.closest(left, right)
        for key, bits in self.terms(left, right).items():
            for at in np.flatnonzero(bits).tolist():
                value, detail = (
                    self._story(stories, at)
                    if key == "story" and stories is not None
                    else self._words(key, int(left[at]), int(right[at]), float(bits[at]))
                )
                out[at].append(Evidence(f"context: {self._label(key)}", value, float(bits[at]), detail))
        return out

    def _label(self, key: str) -> str:
        return self.families[key].label if key in self.families else key

    def _story(self, found: Closest, at: int) -> tuple[str, str]:
        topics = self.profiles.stories.topics if self.profiles.stories is not None else None
        words = topics.shared_words(int(found.left[at]), int(found.right[at])) if topics is not None else []
        return f"cosine {found.cosine[at]:.3f}", ", ".join(words) or "no rare word in common"

    def _words(self, key: str, left: int, right: int, bits: float) -> tuple[str, str]:
        profiles = self.profiles
        if key == "same article":
            return "named apart", "both full names stand in one article"
        if key == "gender":
            sexes = [{1: "he", -1: "she"}.get(int(profiles.gender[unit]), "?") for unit in (left, right)]
            return "agree" if bits > 0 else "contradict", f"{sexes[0]} | {sexes[1]}"
        features = profiles.tables[key]
        sides = [
            set(features.features[features.starts[u] : features.starts[u + 1]].tolist())
            for u in (left, right)
        ]
        both = sorted(sides[0] & sides[1], key=lambda f: (-features.rarity[f], features.names[f]))
        if both:
            return "shared", ", ".join(features.names[f] for f in both[:6])
        parts = [", ".join(sorted(features.names[f] for f in side)[:4]) for side in sides]
        return "nothing shared", " | ".join(parts)
