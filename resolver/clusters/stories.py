"""Clusters of one story matched with each other: who is the person that only this article calls so?

Where articles tell one story they name the same people. A cluster that no article of the story knows by name, and
whose role, sentences and sound fit one of the people whom its articles leave out, is that person under a mangled name,
a nickname or an alias. What else either of them could be counts as much as how well they fit: a match has to lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.clusters.measures import STORY_FAMILIES, story_bins
from resolver.clusters.weights import Weights, feature_words
from resolver.context import FAMILIES, Profiles
from resolver.context.evidence import Table
from resolver.context.topics import distinct, expanded, member, spans
from resolver.model import Evidence
from resolver.scores.likeness import LIKENESSES

__all__ = ["Match", "StoryMatcher"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SAME_COVER = 0.05  # cosine from which an article counts as one of the story
MOST_UNITS = 6  # units of a cluster that speak for it, evenly spread
UNITS_AT_A_TIME = 100_000  # pairs of units measured at a time: bounds the memory
CLUSTERS_AT_A_TIME = 20_000  # clusters whose rivals are sought at a time: bounds the memory
HOPELESS = -13.0  # bits of the best pair of units below which two clusters are not looked at again
HOPEFUL = -8.0  # story score from which a pair's lead is looked at: none below was ever a match
LEAD = 4.0  # bits by which a match must lead over the next best on either side: so clear a lead needs little else
ROUNDS = 4
NOBODY = -14.0  # score of the next best where there is none, and the least that a pair can have
MAXIMA = ("name", "story", *LIKENESSES, *STORY_FAMILIES)


class Match(NamedTuple):
    """Two clusters that were merged, each by one of its units, with the evidence and the runners-up in bits."""

    left: int
    right: int
    bits: float
    lead: float
    evidence: tuple[Evidence, ...]


class Scored(NamedTuple):
    """Pairs of clusters: ordered codes, story scores, the best pair of units of each."""

    codes: Ints
    score: Floats
    best: Ints


class Options(NamedTuple):
    """Whom the clusters of a range could be, with the story scores, the best first; `starts` has a row for each."""

    starts: Ints
    other: Ints
    value: Floats


class Groups(NamedTuple):
    """Units in the order of their clusters, and where each cluster (by label) starts."""

    order: Ints
    starts: Ints


def grouped(labels: Ints, count: int) -> Groups:
    """Return the units of each cluster side by side."""
    order = np.argsort(labels, kind="stable")
    return Groups(order, np.searchsorted(labels[order], np.arange(count + 1)))


class Wholes(NamedTuple):
    """Clusters as wholes, by label: articles in rows, how many, how many their stories have, rank, words."""

    width: int
    places: Ints
    starts: Ints
    articles: Ints
    size: Ints
    story: Floats
    rank: Ints
    near: Table
    near_norm: Floats


class StoryMatcher:
    """Merges clusters inside stories, a round at a time.

    Args:
        weights: The scorer of units, with context.
        rank: For each unit its best place among the people of an article, counted by mentions, from 1.
        never: Pairs of units that must stay apart whatever the story says.
    """

    def __init__(self, weights: Weights, rank: Ints, never: frozenset[tuple[int, int]] = frozenset()) -> None:
        if weights.profiles is None:
            raise ValueError("stories need context: expected weights with profiles")
        self.weights, self.rank, self.never = weights, rank, never
        self.profiles: Profiles = weights.profiles
        self.count = len(weights.units)
        found = self.profiles.article
        numbers = self.profiles.topics.number
        number_of = np.array([numbers[name] for name in found.names], dtype=np.int64)
        self.unit = np.repeat(np.arange(self.count), np.diff(found.starts))
        self.article = number_of[found.features]
        self.left, self.right, self.cosine = self.profiles.topics.nearest
        self.known: Scored | None = None
        self.least = HOPEFUL
        self.last: tuple[Ints, Wholes] | None = None

    def candidates(self, labels: Ints) -> Ints:
        """Return the codes (smaller label * units + larger) of clusters in neighbouring articles, ordered."""
        clusters = labels[self.unit]
        places = distinct(self.article * self.count + clusters)
        holder, cluster = places // self.count, places % self.count
        starts = np.searchsorted(holder, np.arange(int(self.article.max(initial=0)) + 2))
        size = np.diff(starts)
        known = (self.left < len(size)) & (self.right < len(size))
        a, b = (
            np.r_[self.left[known], distinct(self.article)],
            np.r_[self.right[known], distinct(self.article)],
        )
        found = []
        for low, high in spans(size[a] * size[b], UNITS_AT_A_TIME):
            slot, offset = expanded(size[a[low:high]] * size[b[low:high]])
            one, other = a[low + slot], b[low + slot]
            p, q = cluster[starts[one] + offset // size[other]], cluster[starts[other] + offset % size[other]]
            # Somebody whom both articles know by name is nobody else in either of them.
            twice = member(other * self.count + p, places) | member(one * self.count + q, places)
            keep = (p != q) & ((one == other) | ~twice)
            found.append(np.minimum(p, q)[keep] * self.count + np.maximum(p, q)[keep])
        return distinct(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def scored(self, labels: Ints, changed: Ints) -> Scored:
        """Return the story scores of all candidates; those of clusters that did not change are remembered."""
        codes = self.candidates(labels)
        score = np.full(len(codes), np.nan)
        best = np.zeros(len(codes), dtype=np.int64)
        if self.known is not None and len(self.known.codes):
            at = np.minimum(np.searchsorted(self.known.codes, codes), len(self.known.codes) - 1)
            touched = np.isin(codes // self.count, changed) | np.isin(codes % self.count, changed)
            same = (self.known.codes[at] == codes) & ~touched
            score[same], best[same] = self.known.score[at[same]], self.known.best[at[same]]
        new = np.flatnonzero(np.isnan(score))
        for low, high, columns, winner in self.measures(codes[new], labels):
            part = new[low:high]
            total = self.weights.model.stories.total(story_bins(columns))
            score[part] = np.where(columns["best"] < HOPELESS, NOBODY, np.maximum(total, NOBODY))
            best[part] = winner
        self.known = Scored(codes, score, best)
        return self.known

    def measures(self, codes: Ints, labels: Ints) -> Iterator[tuple[int, int, dict[str, Floats], Ints]]:
        """Yield ranges of pairs of clusters with their measures and the code of the best pair of units of each."""
        groups = grouped(labels, self.count)
        speak = np.minimum(np.diff(groups.starts), MOST_UNITS)
        for low, high in spans(speak[codes // self.count] * speak[codes % self.count], UNITS_AT_A_TIME):
            left, right = codes[low:high] // self.count, codes[low:high] % self.count
            columns, winner = self._measure_units(left, right, groups)
            columns.update(self._measure_clusters(left, right, labels))
            yield low, high, columns, winner

    def measured(self, codes: Ints, labels: Ints) -> dict[str, Floats]:
        """Return all measures of pairs of clusters."""
        parts = [columns for *_, columns, _ in self.measures(codes, labels)]
        return {term: np.concatenate([part[term] for part in parts]) for term in parts[0]} if parts else {}

    def _measure_units(self, left: Ints, right: Ints, groups: Groups) -> tuple[dict[str, Floats], Ints]:
        """Return what the pairs of units of pairs of clusters have in common, and the best pair of units of each."""
        order, starts = groups
        size = np.diff(starts)
        a_size, b_size = np.minimum(size[left], MOST_UNITS), np.minimum(size[right], MOST_UNITS)
        pair, offset = expanded(a_size * b_size)
        count = a_size * b_size
        bounds = np.cumsum(count) - count
        sides = []
        for side, place, speakers in (
            (left, offset // b_size[pair], a_size),
            (right, offset % b_size[pair], b_size),
        ):
            spread = place * (size[side][pair] - 1) // np.maximum(speakers[pair] - 1, 1)
            sides.append(order[starts[side][pair] + spread])
        one, other = sides
        measured = self.weights.measures(one, other)
        bits = self.weights.weighed(measured, one, other)
        out = {key: np.maximum.reduceat(measured[key], bounds) for key in MAXIMA}
        out["best"] = np.maximum.reduceat(bits, bounds)
        out["mean"] = np.add.reduceat(bits, bounds) / count
        out["worst name"] = np.minimum.reduceat(measured["name"], bounds)
        out["gender"] = np.sign(np.add.reduceat(measured["gender"], bounds))
        out["apart"] = np.add.reduceat(measured["apart"], bounds) / count
        first = np.lexsort((np.arange(len(pair)), -bits, pair))[bounds]
        return out, one[first] * self.count + other[first]

    def _measure_clusters(self, left: Ints, right: Ints, labels: Ints) -> dict[str, Floats]:
        """Return what is measured of pairs of clusters as wholes."""
        whole = self.wholes(labels)
        small = np.where(whole.size[left] <= whole.size[right], left, right)
        large = np.where(whole.size[left] <= whole.size[right], right, left)
        slot, offset = expanded(np.diff(whole.starts)[small])
        held = member(
            large[slot] * whole.width + whole.articles[whole.starts[small][slot] + offset], whole.places
        )
        both = np.bincount(slot[held], minlength=len(left))
        size = whole.size.astype(np.float64)
        return {
            "smaller": np.minimum(size[left], size[right]),
            "larger": np.maximum(size[left], size[right]),
            "cover": (size[left] + size[right]) / np.maximum(whole.story[left], whole.story[right]),
            "prominence": np.minimum(whole.rank[left], whole.rank[right]).astype(np.float64),
            "lesser prominence": np.maximum(whole.rank[left], whole.rank[right]).astype(np.float64),
            "together": both / np.minimum(size[left], size[right]),
            "sentences": self.profiles.overlap(whole.near, self.profiles.near_weight, left, right)
            / (whole.near_norm[left] * whole.near_norm[right]),
        }

    def wholes(self, labels: Ints) -> Wholes:
        """Return what is known of clusters as wholes; remembered as long as the labels stay."""
        if self.last is not None and np.array_equal(self.last[0], labels):
            return self.last[1]
        width = int(self.article.max(initial=0)) + 1
        places = distinct(labels[self.unit] * width + self.article)
        owner, article = places // width, places % width
        rank = np.full(self.count, np.iinfo(np.int64).max)
        np.minimum.at(rank, labels, self.rank)
        near, norm = self._pooled_words(labels)
        found = Wholes(
            width,
            places,
            np.searchsorted(owner, np.arange(self.count + 1)),
            article,
            np.bincount(owner, minlength=self.count),
            self._story_sizes(owner, article, width),
            rank,
            near,
            norm,
        )
        self.last = labels.copy(), found
        return found

    def _story_sizes(self, owner: Ints, article: Ints, width: int) -> Floats:
        """Return for each cluster how many articles its stories have, its own among them."""
        near = self.cosine >= SAME_COVER
        one = np.r_[self.left[near], self.right[near]]
        other = np.r_[self.right[near], self.left[near]]
        by_article = np.argsort(one, kind="stable")
        one, other = one[by_article], other[by_article]
        starts = np.searchsorted(one, np.arange(width + 1))
        slot, offset = expanded(np.diff(starts)[article])
        reach = distinct(
            np.r_[owner[slot] * width + other[starts[article][slot] + offset], owner * width + article]
        )
        return np.bincount(reach // width, minlength=self.count).astype(np.float64)

    def _pooled_words(self, labels: Ints) -> tuple[Table, Floats]:
        """Return the telling words of all sentences that name each cluster, and the length of each row."""
        near = self.profiles.near
        width = max(1, len(near.names))
        owner = labels[np.repeat(np.arange(self.count), np.diff(near.starts))]
        keys = distinct(owner * width + near.features)
        owner, feature = keys // width, keys % width
        norm = np.bincount(owner, weights=self.profiles.near_weight[feature], minlength=self.count)
        starts = np.searchsorted(owner, np.arange(self.count + 1))
        return near._replace(starts=starts, features=feature, keys=keys), np.sqrt(np.maximum(norm, 1e-9))

    def leads(self, found: Scored, labels: Ints, pairs: Ints) -> tuple[Floats, Floats]:
        """Return by how much some pairs lead over what else their left and their right cluster could be, in bits.

        A rival of a pair's cluster is one that shares an article with the other side: both cannot be the same person.
        """
        left, right = found.codes // self.count, found.codes % self.count
        mates = self.pairs_within(labels[self.unit])
        out = np.full((2, len(pairs)), NOBODY)
        for low in range(0, self.count, CLUSTERS_AT_A_TIME):
            inside = [(side >= low) & (side < low + CLUSTERS_AT_A_TIME) for side in (left, right)]
            options = self._options(found, left, right, inside, low)
            for side, (mine, theirs) in enumerate(((left, right), (right, left))):
                asked = np.flatnonzero(inside[side][pairs])
                which = pairs[asked]
                out[side, asked] = self._rivals(options, mine[which] - low, theirs[which], mates)
        return found.score[pairs] - out[0], found.score[pairs] - out[1]

    def _options(self, found: Scored, left: Ints, right: Ints, inside: Sequence[Flags], low: int) -> Options:
        """Return whom the clusters of a range could be, the best first."""
        some = [chosen & (found.score > NOBODY) for chosen in inside]
        one = np.r_[left[some[0]], right[some[1]]] - low
        other = np.r_[right[some[0]], left[some[1]]]
        value = np.r_[found.score[some[0]], found.score[some[1]]]
        order = np.lexsort((other, -value, one))
        starts = np.searchsorted(one[order], np.arange(CLUSTERS_AT_A_TIME + 1))
        return Options(starts, other[order], value[order])

    def _rivals(self, options: Options, mine: Ints, theirs: Ints, mates: Ints) -> Floats:
        """Return the score of the best option of one side that shares an article with the other side."""
        out = np.full(len(mine), NOBODY)
        at = options.starts[mine].copy()
        open_ = np.arange(len(mine))
        while len(open_):
            open_ = open_[at[open_] < options.starts[mine[open_] + 1]]
            option = options.other[at[open_]]
            a, b = np.minimum(option, theirs[open_]), np.maximum(option, theirs[open_])
            rival = (option != theirs[open_]) & member(a * self.count + b, mates)
            out[open_[rival]] = options.value[at[open_[rival]]]
            at[open_] += 1
            open_ = open_[~rival]
        return out

    def pairs_within(self, clusters: Ints) -> Ints:
        """Return the codes of clusters that share an article, each with itself too, ordered."""
        places = distinct(self.article * self.count + clusters)
        holder, cluster = places // self.count, places % self.count
        after = np.searchsorted(holder, holder, side="right") - np.arange(len(holder))
        slot, offset = expanded(after)
        return distinct(cluster[slot] * self.count + cluster[slot + offset])

    def merge(self, labels: Ints, *, threshold: float) -> tuple[Ints, list[Match]]:
        """Return new labels, and the matches that were made.

        Args:
            labels: Cluster number of every unit, its smallest unit.
            threshold: Least bits of a match.
        """
        labels = labels.copy()
        matches: list[Match] = []
        changed = np.zeros(0, dtype=np.int64)
        self.least = self._least_score(threshold)
        for _ in range(ROUNDS):
            found = self.scored(labels, changed)
            hopeful = self.hopeful(found, labels)
            if not len(hopeful):
                break
            codes, score, best = found.codes[hopeful], found.score[hopeful], found.best[hopeful]
            one, other = self.leads(found, labels, hopeful)
            low, high = np.minimum(one, other), np.maximum(one, other)
            total = self.weights.model.rivals.total({"score": score, "lead": low, "other lead": high})
            order = np.lexsort((codes, -total))
            chosen: list[int] = []
            merged: set[int] = set()
            for at in order[(total[order] >= threshold) & (low[order] >= LEAD)].tolist():
                p, q = divmod(int(codes[at]), self.count)
                if p not in merged and q not in merged and not self.forbidden(labels, p, q):
                    merged |= {p, q}
                    chosen.append(at)
            if not chosen:
                break
            evidence = self.explain(codes[chosen], labels, total[chosen])
            for at, terms in zip(chosen, evidence, strict=True):
                left, right = divmod(int(best[at]), self.count)
                matches.append(Match(left, right, float(total[at]), float(low[at]), terms))
                p, q = divmod(int(codes[at]), self.count)
                labels[labels == q] = p
            changed = np.array(sorted(merged), dtype=np.int64)
        return labels, matches

    def hopeful(self, found: Scored, _labels: Ints) -> Ints:
        """Return which pairs could be matches, if they lead."""
        return np.flatnonzero(found.score >= self.least)

    def _least_score(self, threshold: float) -> float:
        """Return the story score below which no lead can make a match: there is no need to look for rivals."""
        score = np.linspace(HOPEFUL, 0.0, 81)
        best_case = {"score": score, "lead": score - NOBODY, "other lead": score - NOBODY}
        enough = self.weights.model.rivals.total(best_case) >= threshold
        return float(score[int(enough.argmax())]) if enough.any() else 0.0

    def forbidden(self, labels: Ints, one: int, other: int) -> bool:
        """Whether a verdict, the table, Jr and Sr, kinship, or full names in one article keep two clusters apart."""
        a, b = np.flatnonzero(labels == one), np.flatnonzero(labels == other)
        weak = self.weights.measures.weak
        if not (weak[a].all() or weak[b].all()) and self.share_an_article(a, b):
            return True
        left, right = np.repeat(a, len(b)), np.tile(b, len(a))
        if self.weights.never(left, right).any() or self.weights.other_roles(left, right).all():
            return True
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return bool(self.never) and any((min(p), max(p)) in self.never for p in pairs)

    def share_an_article(self, left: Ints, right: Ints) -> bool:
        """Whether two groups of units stand in one article."""
        one, other = (self.article[np.isin(self.unit, side)] for side in (left, right))
        return bool(np.isin(one, other).any())

    def explain(self, codes: Ints, labels: Ints, total: Floats) -> list[tuple[Evidence, ...]]:
        """Return the terms of each match, which add up to its total."""
        columns = self.measured(codes, labels)
        tables = self.weights.model.stories
        terms = {term: bits.tolist() for term, bits in tables.terms(story_bins(columns)).items()}
        prior = Evidence("prior", "two clusters of a story", tables.start, "odds of any two of them")
        out = []
        for at, code in enumerate(codes.tolist()):
            sides = [
                np.flatnonzero(labels == side)[:MOST_UNITS].tolist() for side in divmod(code, self.count)
            ]
            row = [prior]
            for term, bits in terms.items():
                if term in STORY_FAMILIES:
                    shown, words = feature_words(self.profiles, term, sides[0], sides[1])
                    row.append(Evidence(f"context: {FAMILIES[term]}", shown, bits[at], words))
                else:
                    row.append(Evidence(f"story: {term}", f"{float(columns[term][at]):.2f}", bits[at]))
            rest = float(total[at]) - sum(evidence.bits for evidence in row)
            row.append(Evidence("story: lead", "", rest, "over whoever else either of them could be"))
            out.append(tuple(row))
        return out
