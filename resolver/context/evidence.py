"""Measure what the articles of two people share or contradict, for many pairs at once.

Comes in: chains with their contexts, grouped into units (people as far as names alone tell). Goes out: measures of
pairs, which `clusters` turns into bits by learned tables, and the words behind them. A feature that many articles
share says little and one that few share says much: its weight is the log of how rare it is (inverse document
frequency, Sparck Jones 1972).
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.context.arrays import distinct, expanded, member, smallest
from resolver.context.background import background
from resolver.context.lexicon import land_of, plain
from resolver.context.topics import Stories, Topics, story_words
from resolver.model import Chain, Counts

__all__ = ["FAMILIES", "TELLING", "TOLD_BY", "Profiles", "Shared", "chain_features"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CHUNK = 200_000  # pairs measured at a time: bounds the memory of the expanded feature lists
FAMILIES = {
    "role": "role",
    "office": "role and country",
    "place": "country",
    "org": "organisation",
    "word": "words beside the name",
}
RELATIONS = frozenset(
    ("successor", "predecessor", "counterpart", "colleague", "partner")
)  # to others, no trade
BROADER = {  # roles that one article gives another name: the head of a firm is its chief, its boss and its leader
    "chief executive": "chief",
    "director general": "chief",
    "general manager": "chief",
    "leader": "chief",
    "managing partner": "chief",
}
TELLING = 100  # chains of a unit that tell what it is, those whose ids sort first: a sample that new ones hardly change
SURE = 2  # cues of one sex from which it is known: a chain that is sure counts so many
OWN_FORMS = 20  # chains of a unit whose spellings are kept out of the story: more repeat the same ones


class Table(NamedTuple):
    """Features of each unit as compressed rows; `keys` holds unit * width + feature in ascending order."""

    starts: Ints
    features: Ints
    keys: Ints
    rarity: Floats
    names: list[str]


class Shared(NamedTuple):
    """What the units of each pair share of one family: summed rarity in bits, how many, and whether both have any."""

    rarity: Floats
    number: Ints
    both: Flags


TOLD_BY = (0, 2, 4)  # articles of a story at hand: least ones of the bins
DOUBTFUL = 0.25  # of the weight of standing apart in one article that is left where the article is in doubt
LIKELIEST = 0.08  # the same where it is the likeliest of those in doubt


def doubtful_pairs(chains: Sequence[Chain], units: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return the pairs of units that stand in one article and may be one person: every mention of one is in doubt.

    Coded as the smaller number times the count of units plus the larger one, sorted; last those of them where the one
    is likelier than any other rival.
    """
    unit_of = {chains[number].chain_id: unit for unit, members in enumerate(units) for number in members}
    out, likeliest = set(), set()
    for chain in (chains[number] for members in units for number in members):
        first = dict(reversed(chain.rivals))
        for rival, count in Counter(rival for _, rival in chain.rivals).items():
            if count == len(chain.mention_ids) and rival in unit_of:
                low, high = sorted((unit_of[chain.chain_id], unit_of[rival]))
                code = low * len(units) + high
                out.add(code)
                if set(first.values()) == {rival}:
                    likeliest.add(code)
    return np.array(sorted(out), dtype=np.int64), np.array(sorted(likeliest), dtype=np.int64)


class Profiles:
    """The context features of units, ready to be compared.

    Args:
        chains: All chains of the corpus.
        units: For each unit the numbers of its chains.
        topics: The words of the articles.
        counts: What is counted in the whole corpus; None if the chains are all of it.
        years: The year of each article (by id) that has a date.
    """

    def __init__(
        self,
        chains: Sequence[Chain],
        units: Sequence[Sequence[int]],
        topics: Topics,
        counts: Counts | None = None,
        years: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.count = len(units)
        self.topics = topics
        self.borne = counts.borne if counts else ()
        rows = {family: Rows() for family in (*FAMILIES, "near", "article", "kin", "form")}
        sexes = np.zeros((self.count, 2), dtype=np.int64)
        for unit, members in enumerate(units):
            for number in members[:TELLING]:
                chain = chains[number]
                if chain.context.gender:
                    sexes[unit, int(chain.context.gender[0] == "f")] += (
                        1 if chain.context.gender[1:] else SURE
                    )
                told = {**chain_features(chain), "near": chain.context.near, "article": (chain.article_id,)}
                told["kin"] = [plain(name) for name in chain.context.kin]
                told["form"] = [plain(name) for name in chain.forms]
                for family, features in told.items():
                    rows[family].add(unit, features, topics.number[chain.article_id])
        articles = counts.articles if counts else len({chain.article_id for chain in chains}) or 1
        seen: Mapping[str, Mapping[str, int]] = counts.seen if counts else {}
        self.tables = {
            family: table(found, self.count, articles, family, seen.get(family, {}))
            for family, found in rows.items()
        }
        self.near = self.tables.pop("near")
        self.article = self.tables.pop("article")
        self.size = np.diff(self.article.starts)
        self.tale, self.told_by = tales(self.article, topics)
        self.kin, self.form = aligned(self.tables.pop("kin"), self.tables.pop("form"))
        words = topics.vocabulary
        known = [words.get(word, -1) for word in self.near.names]
        self.near_weight = (
            np.where(np.array(known, dtype=np.int64) >= 0, topics.weight[known], 0.0)
            if known
            else np.zeros(0)
        )
        owner = np.repeat(np.arange(self.count), np.diff(self.near.starts))
        length = np.bincount(owner, weights=self.near_weight[self.near.features], minlength=self.count)
        self.near_norm = np.sqrt(np.maximum(length, 1e-9))
        self.stories = Stories(
            topics,
            [sorted({topics.number[chains[n].article_id] for n in members[:TELLING]}) for members in units],
            [
                {w for n in members[:OWN_FORMS] for form in chains[n].forms for w in story_words(form)}
                for members in units
            ],
        )
        self.years = spans_of_years(chains, units, years)
        self.doubtful, self.likeliest = doubtful_pairs(chains, units)
        self.gender = graded(*sexes.T)

    def shared(self, family: str, left: Ints, right: Ints) -> Shared:
        """Return what each pair of units shares of a family."""
        found = self.tables[family]
        rarity, count = shared(found, found.rarity, left, right)
        size = np.diff(found.starts)
        return Shared(rarity, count, (size[left] > 0) & (size[right] > 0))

    def together(self, left: Ints, right: Ints) -> Floats:
        """Return the share of the smaller unit's articles in which both stand, in [0, 1]; less where in doubt."""
        _, count = shared(self.article, self.article.rarity, left, right)
        apart = count / np.maximum(np.minimum(self.size[left], self.size[right]), 1)
        codes = np.minimum(left, right) * self.count + np.maximum(left, right)
        left_over = np.where(member(codes, self.likeliest), LIKELIEST, DOUBTFUL)
        return np.asarray(np.where(member(codes, self.doubtful), left_over * apart, apart))

    def tales(self, left: Ints, right: Ints) -> Ints:
        """Return for each pair the bin in `TOLD_BY` of the shorter of its two stories, `len(TOLD_BY)` for one story."""
        one = shared(self.tale, self.tale.rarity, left, right)[1] > 0
        shorter = np.minimum(self.told_by[left], self.told_by[right])
        return np.where(one, len(TOLD_BY), np.searchsorted(TOLD_BY, shorter, side="right") - 1)

    def relatives(self, left: Ints, right: Ints) -> Flags:
        """Return for each pair whether an article of one side calls somebody of the other's name kin of that one."""
        clash = np.zeros(len(left), dtype=bool)
        for one, other in ((left, right), (right, left)):
            clash |= shared(self.kin, self.kin.rarity, one, other, self.form)[1] > 0
        return clash

    def sentences(self, left: Ints, right: Ints) -> Floats:
        """Return the cosine of the telling words in the sentences that name either side, in [0, 1]."""
        weight, _ = shared(self.near, self.near_weight, left, right)
        return np.asarray(weight / (self.near_norm[left] * self.near_norm[right]))

    @staticmethod
    def overlap(found: Table, weight: Floats, left: Ints, right: Ints) -> Floats:
        """Return the summed weight of the features that rows of a table share."""
        return shared(found, weight, left, right)[0]

    def sexes(self, left: Ints, right: Ints) -> Ints:
        """Return 1 where gender cues agree, -1 where they contradict, 0 where one is not known; 2 and -2 where sure."""
        one, other = self.gender[left], self.gender[right]
        return np.asarray(np.sign(one * other) * np.minimum(np.abs(one), np.abs(other)))

    def years_apart(self, left: Ints, right: Ints) -> Ints:
        """Return how many years lie between the articles of each pair of units; -1 where a date is missing."""
        first, last = self.years.T
        gap = np.maximum(first[right] - last[left], first[left] - last[right])
        return np.where((first[left] < 0) | (first[right] < 0), -1, np.maximum(gap, 0))

    def features_of(self, family: str, unit: int) -> set[str]:
        """Return the features of a unit."""
        found = self.tables[family]
        return {found.names[f] for f in found.features[found.starts[unit] : found.starts[unit + 1]].tolist()}

    def shared_features(self, family: str, left: int, right: int) -> list[str]:
        """Return what two units share of a family, the rarest first."""
        found = self.tables[family]
        sides = [set(found.features[found.starts[u] : found.starts[u + 1]].tolist()) for u in (left, right)]
        both = sorted(sides[0] & sides[1], key=lambda f: (-found.rarity[f], found.names[f]))
        return [found.names[f] for f in both]


def tales(article: Table, topics: Topics) -> tuple[Table, Ints]:
    """Return the stories of each unit, and how many articles the longest of them has."""
    stories = smallest(topics.stories.numbers)
    own = stories[np.array([topics.number[name] for name in article.names], dtype=np.int64)]
    width = int(stories.max(initial=0)) + 1
    owner = np.repeat(np.arange(len(article.starts) - 1), np.diff(article.starts))
    keys = distinct(owner * width + own[article.features])
    starts = np.searchsorted(keys // width, np.arange(len(article.starts)))
    told_by = np.zeros(len(article.starts) - 1, dtype=np.int64)
    np.maximum.at(told_by, keys // width, np.bincount(stories, minlength=width)[keys % width])
    names = [""] * width
    return Table(starts.astype(np.int64), keys % width, keys, np.zeros(width), names), told_by


def graded(male: Ints, female: Ints) -> Ints:
    """Return the sex that cues tell, 2 male, -2 female, 1 and -1 where they are few, 0 where they disagree."""
    most, least = np.maximum(male, female), np.minimum(male, female)
    return np.asarray(np.sign(male - female) * np.where(most > 2 * least, 1 + (most >= SURE), 0))


def spans_of_years(chains: Sequence[Chain], units: Sequence[Sequence[int]], years: Mapping[str, int]) -> Ints:
    """Return the first and the last year of each unit's articles, -1 where none has a date."""
    out = np.full((len(units), 2), -1, dtype=np.int64)
    for unit, members in enumerate(units):
        known = [year for n in members if (year := years.get(chains[n].article_id)) is not None]
        if known:
            out[unit] = min(known), max(known)
    return out


def chain_features(chain: Chain) -> dict[str, list[str]]:
    """Return the features of one chain by family."""
    context = chain.context
    roles = [role for role in context.roles if role not in RELATIONS]
    places = {*context.places, *(land for place in context.places if (land := land_of(place)))}
    tied = [f"{role} of {tie}" for role in roles for tie in (*places, *context.orgs)]
    return {
        "role": sorted({*roles, *(BROADER.get(role, role.split()[-1]) for role in roles)}),
        "office": sorted(tied),
        "place": sorted(places),
        "org": list(context.orgs),
        "word": list(context.words),
    }


class Rows:
    """What is read off articles: features by number, and for each row of them the unit, the article and how many."""

    def __init__(self) -> None:
        self.number: defaultdict[str, int] = defaultdict()
        self.number.default_factory = self.number.__len__
        self.units, self.articles, self.sizes, self.features = (array("q") for _ in range(4))

    def add(self, unit: int, features: Sequence[str], article: int) -> None:
        """Note the features that an article tells of a unit."""
        if features:
            self.units.append(unit)
            self.articles.append(article)
            self.sizes.append(len(features))
            self.features.extend(map(self.number.__getitem__, features))


def table(
    rows: Rows,
    units: int,
    articles: int,
    family: str,
    counted: Mapping[str, int] = MappingProxyType({}),
) -> Table:
    """Turn rows into a table whose rarities count articles, in bits.

    What the whole corpus has counted goes before what the rows tell; the background is added to either.
    """
    usual = background(family)
    names = sorted(rows.number)
    width = max(1, len(names))
    place = np.empty(len(names), dtype=np.int64)
    place[[rows.number[name] for name in names]] = np.arange(len(names))
    feature = place[np.array(rows.features, dtype=np.int64)]
    unit, article = (
        np.repeat(np.array(side, dtype=np.int64), rows.sizes) for side in (rows.units, rows.articles)
    )
    told = distinct(article * width + feature)
    seen = np.bincount(told % width, minlength=len(names)).tolist()
    total = articles + usual.articles
    counts = [counted.get(name, seen[at]) + usual.seen.get(name, 0) for at, name in enumerate(names)]
    rarity = np.log2((total + 1) / (np.array(counts, dtype=np.float64) + 0.5))
    keys = distinct(unit * width + feature)
    starts = np.searchsorted(keys // width, np.arange(units + 1))
    return Table(starts.astype(np.int64), keys % width, keys, np.maximum(rarity, 0.0), names)


def aligned(one: Table, other: Table) -> tuple[Table, Table]:
    """Return two tables with one numbering of their features."""
    names = sorted({*one.names, *other.names})
    number = {name: at for at, name in enumerate(names)}
    out = []
    for found in (one, other):
        moved = np.array([number[name] for name in found.names], dtype=np.int64)
        owner = np.repeat(np.arange(len(found.starts) - 1), np.diff(found.starts))
        features = moved[found.features] if len(moved) else found.features
        keys = owner * max(1, len(names)) + features  # still ascending: both name lists are sorted
        rarity = np.zeros(len(names))
        rarity[moved] = found.rarity
        out.append(Table(found.starts, features, keys, rarity, names))
    return out[0], out[1]


def shared(
    found: Table, weight: Floats, left: Ints, right: Ints, others: Table | None = None
) -> tuple[Floats, Ints]:
    """Return for each pair of units the summed weight of the features they share, and how many they share.

    With `others` the right units' features are looked up in that table, which has the same numbering.
    """
    total = np.zeros(len(left))
    count = np.zeros(len(left), dtype=np.int64)
    width = max(1, len(found.names))
    size = np.diff(found.starts)
    keys = found.keys if others is None else others.keys
    for low in range(0, len(left), CHUNK):
        a, b = left[low : low + CHUNK], right[low : low + CHUNK]
        if others is None:
            swap = size[a] > size[b]
            a, b = np.where(swap, b, a), np.where(swap, a, b)
        pair, offset = expanded(size[a])
        feature = found.features[found.starts[a][pair] + offset]
        probe = b[pair] * width + feature
        hit = member(probe, keys)
        total[low : low + CHUNK] = np.bincount(pair[hit], weights=weight[feature[hit]], minlength=len(a))
        count[low : low + CHUNK] = np.bincount(pair[hit], minlength=len(a))
    return total, count
