"""Clusters of one story matched with each other: who is the person that only this article calls so?

Where articles tell one story they name the same people. A cluster that no article of the story knows by name, and
whose role, sentences and sound fit one of the people whom its articles leave out, is that person under a mangled name,
a nickname or an alias. What else either of them could be counts as much as how well they fit: a match has to lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.clusters.measures import CLEAR_NAME, STORY_FAMILIES, story_bins
from resolver.clusters.weights import Weights, feature_words
from resolver.context import FAMILIES, Profiles
from resolver.context.arrays import distinct, expanded, member, spans
from resolver.context.evidence import Table
from resolver.model import Evidence
from resolver.scores.likeness import LIKENESSES

__all__ = ["Match", "StoryMatcher"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_UNITS = 6  # units of a cluster that speak for it, evenly spread
UNITS_AT_A_TIME = 100_000  # pairs of units measured at a time: bounds the memory
CODES_AT_A_TIME = 1_000_000  # pairs of clusters looked at at a time: bounds the memory
HOPELESS = -13.0  # bits of the best pair of units below which two clusters are not looked at again
HOPEFUL = -8.0  # story score from which a pair's lead is looked at: none below was ever a match
# Bits by which a match must lead over the next best on either side. When it was set, on fewer story threads, 1.5 had by
# cross-validation 91.5 of B-cubed F1 with 18 false merges on newsroom/train and 84.8 with 200 on the story threads, 3
# had 90.5 with 18 and 84.1 with 196, 0 had 92.3 with 20 and 85.2 with 219.
LEAD = 1.5
CONTRADICTED = -2.0  # bits of the best pair below which alike names are no match: as often wrong as right
ITSELF = 0.0  # story score from which a mate of a cluster is rather a part of it than a rival
ROUNDS = 4
# Bits by which the score of two clusters is taken to rise at most when one of them has grown: of 20,000 such pairs of
# 2,000 articles 17 rose by more from lower to where they could match, and none was matched.
RISE = 1.5
NOBODY = -14.0  # score of the next best where there is none, and the least that a pair can have
NAME_MAXIMA = ("name", *LIKENESSES)
CONTEXT_MAXIMA = ("story", *STORY_FAMILIES)


class Match(NamedTuple):
    """Two clusters that were merged, each by one of its units, with the evidence and the runners-up in bits."""

    left: int
    right: int
    bits: float
    lead: float
    evidence: tuple[Evidence, ...]


class Scored(NamedTuple):
    """Pairs of clusters: ordered codes and story scores."""

    codes: Ints
    score: Floats


class Groups(NamedTuple):
    """Units, or clusters, in the order of the clusters that they belong to, and where each one (by label) starts."""

    order: Ints
    starts: Ints

    def of(self, label: int) -> Ints:
        """Return what belongs to a cluster."""
        return self.order[self.starts[label] : self.starts[label + 1]]


def grouped(labels: Ints, count: int) -> Groups:
    """Return the units of each cluster side by side."""
    order = np.argsort(labels, kind="stable")
    return Groups(order, np.searchsorted(labels[order], np.arange(count + 1)))


class Wholes(NamedTuple):
    """Clusters as wholes, by label: articles in rows, how many, how many their stories have, rank, crowd, words."""

    width: int
    places: Ints
    starts: Ints
    articles: Ints
    size: Ints
    story: Floats
    rank: Ints
    crowd: Ints
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
        self.elsewhere = self.profiles.topics.elsewhere
        self.known: Scored | None = None
        self.absorbed = np.full(
            self.count, -1, dtype=np.int64
        )  # by label the cluster that was merged into it last
        self.speaks = np.ones(
            self.count, dtype=bool
        )  # by label whether scores from before the merge still count
        self.least = HOPEFUL
        self.last: tuple[Ints, Wholes] | None = None

    def candidates(self, labels: Ints) -> Ints:
        """Return the codes (smaller label * units + larger) of clusters in neighbouring articles, ordered.

        Neighbours are articles of one story, and near ones of two stories that name somebody in common.
        """
        clusters = labels[self.unit]
        places = distinct(self.article * self.count + clusters)
        holder, cluster = places // self.count, places % self.count
        starts = np.searchsorted(holder, np.arange(int(self.article.max(initial=0)) + 2))
        size = np.diff(starts)
        met = self._meeting(places, starts)
        left, right = np.r_[self.left, met[0]], np.r_[self.right, met[1]]
        known = (left < len(size)) & (right < len(size))
        own = distinct(self.article)
        a, b = np.r_[left[known], own], np.r_[right[known], own]
        found = []
        for low, high in spans(size[a] * size[b], UNITS_AT_A_TIME):
            slot, offset = expanded(size[a[low:high]] * size[b[low:high]])
            one, other = a[low + slot], b[low + slot]
            p, q = cluster[starts[one] + offset // size[other]], cluster[starts[other] + offset % size[other]]
            # Somebody whom both articles know by name is nobody else in either of them.
            twice = member(other * self.count + p, places) | member(one * self.count + q, places)
            keep = (p != q) & ((one == other) | ~twice)
            found.append(distinct(np.minimum(p, q)[keep] * self.count + np.maximum(p, q)[keep]))
        return distinct(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def _meeting(self, places: Ints, starts: Ints) -> tuple[Ints, Ints]:
        """Return the pairs of near articles of two stories that name somebody in common.

        Args:
            places: Codes of articles and clusters in them (article * units + cluster), ordered.
            starts: Where each article starts in them.
        """
        left, right = self.elsewhere
        known = (left < len(starts) - 1) & (right < len(starts) - 1)
        left, right = left[known], right[known]
        slot, offset = expanded(np.diff(starts)[left])
        cluster = places[starts[left][slot] + offset] % self.count
        met = np.zeros(len(left), dtype=bool)
        met[slot[member(right[slot] * self.count + cluster, places)]] = True
        return left[met], right[met]

    def scored(self, labels: Ints, changed: Ints) -> Scored:
        """Return the story scores of all candidates; those of clusters that did not change are remembered."""
        codes = self.candidates(labels)
        score = np.empty(len(codes))
        for low in range(0, len(codes), CODES_AT_A_TIME):
            part = slice(low, low + CODES_AT_A_TIME)
            score[part] = self._scores_of(codes[part], labels, changed)
        self.known = Scored(codes, score)
        return self.known

    def _scores_of(self, codes: Ints, labels: Ints, changed: Ints) -> Floats:
        """Return the story scores of some pairs of clusters, measured where one of them has grown.

        A pair that had no prospects is not measured again, and one that had some does not lose them: what two clusters
        have in common is not less because one of them has taken in more.
        """
        score = self._known_scores(codes)
        touched = np.isin(codes // self.count, changed) | np.isin(codes % self.count, changed)
        new = np.flatnonzero(np.isneginf(score) | (touched & (score >= self.least - RISE)))
        for low, high, columns, _ in self.measures(codes[new], labels):
            hope = np.flatnonzero(columns["best"] >= HOPELESS)
            total = np.full(high - low, NOBODY)
            bins = story_bins({term: column[hope] for term, column in columns.items()})
            total[hope] = np.maximum(self.weights.model.stories.total(bins), NOBODY)
            score[new[low:high]] = np.maximum(score[new[low:high]], total)
        return score

    def _known_scores(self, codes: Ints) -> Floats:
        """Return the best score that pairs of clusters, or of what was merged into them last, are known to have.

        Whom a bare name fits does not speak for the person in full that it was merged with.
        """
        best = np.full(len(codes), -np.inf)
        if self.known is None or not len(self.known.codes):
            return best
        left, right = codes // self.count, codes % self.count
        for one in (left, self.absorbed[left]):
            for other in (right, self.absorbed[right]):
                known = self.score_of(self.known, one, other)
                told = (one >= 0) & (other >= 0) & self.speaks[one] & self.speaks[other]
                np.maximum(best, np.where(told, known, -np.inf), out=best)
        return best

    def score_of(self, found: Scored, one: Ints, other: Ints) -> Floats:
        """Return the scores of pairs of clusters, minus infinity for those that are none of the candidates."""
        codes = np.minimum(one, other) * self.count + np.maximum(one, other)
        at = np.minimum(np.searchsorted(found.codes, codes), len(found.codes) - 1)
        return np.where(found.codes[at] == codes, found.score[at], -np.inf)

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
        out = {key: np.maximum.reduceat(measured[key], bounds) for key in CONTEXT_MAXIMA}
        # What full names say of each other is not drowned by a bare name that fits anybody of the given name.
        full = measured["weak"] == 0
        told = full | ~np.logical_or.reduceat(full, bounds)[pair]
        out.update(
            {key: np.maximum.reduceat(np.where(told, measured[key], -99.0), bounds) for key in NAME_MAXIMA}
        )
        out["best"] = np.maximum.reduceat(bits, bounds)
        out["best full"] = np.maximum.reduceat(np.where(full, bits, -99.0), bounds)
        out["bare"] = np.minimum.reduceat(measured["weak"], bounds)
        out["least initials"] = np.minimum.reduceat(np.where(full, measured["initials"], 1.0), bounds)
        out["most initials"] = np.maximum.reduceat(np.where(full, measured["initials"], -1.0), bounds)
        out["mean"] = np.add.reduceat(bits, bounds) / count
        out["worst name"] = np.minimum.reduceat(measured["name"], bounds)
        out["gender"] = np.add.reduceat(measured["gender"], bounds) / count
        out["apart"] = np.add.reduceat(measured["apart"], bounds) / count
        hit = np.flatnonzero(bits == out["best"][pair])[::-1]
        first = np.empty(len(left), dtype=np.int64)
        first[pair[hit]] = hit  # of several the first one
        return out, one[first] * self.count + other[first]

    def _measure_clusters(self, left: Ints, right: Ints, labels: Ints) -> dict[str, Floats]:
        """Return what is measured of pairs of clusters as wholes."""
        whole = self.wholes(labels)
        both = self._common_articles(left, right, whole)
        size = whole.size.astype(np.float64)
        return {
            "smaller": np.minimum(size[left], size[right]),
            "larger": np.maximum(size[left], size[right]),
            "cover": (size[left] + size[right]) / np.maximum(whole.story[left], whole.story[right]),
            "prominence": np.minimum(whole.rank[left], whole.rank[right]).astype(np.float64),
            "lesser prominence": np.maximum(whole.rank[left], whole.rank[right]).astype(np.float64),
            "crowd": np.maximum(whole.crowd[left], whole.crowd[right]).astype(np.float64),
            "together": both / np.minimum(size[left], size[right]),
            "sentences": self.profiles.overlap(whole.near, self.profiles.near_weight, left, right)
            / (whole.near_norm[left] * whole.near_norm[right]),
        }

    def _common_articles(self, left: Ints, right: Ints, whole: Wholes) -> Ints:
        """Return in how many articles both clusters of each pair stand."""
        small = np.where(whole.size[left] <= whole.size[right], left, right)
        large = np.where(whole.size[left] <= whole.size[right], right, left)
        slot, offset = expanded(np.diff(whole.starts)[small])
        held = member(
            large[slot] * whole.width + whole.articles[whole.starts[small][slot] + offset], whole.places
        )
        return np.bincount(slot[held], minlength=len(left))

    def wholes(self, labels: Ints) -> Wholes:
        """Return what is known of clusters as wholes; remembered as long as the labels stay."""
        if self.last is not None and np.array_equal(self.last[0], labels):
            return self.last[1]
        width = int(self.article.max(initial=0)) + 1
        places = distinct(labels[self.unit] * width + self.article)
        owner, article = places // width, places % width
        rank = np.full(self.count, np.iinfo(np.int64).max)
        np.minimum.at(rank, labels, self.rank)
        crowd = np.full(self.count, np.iinfo(np.int64).max)
        np.minimum.at(crowd, owner, np.bincount(article, minlength=width)[article])
        near, norm = self._pooled_words(labels)
        found = Wholes(
            width,
            places,
            np.searchsorted(owner, np.arange(self.count + 1)),
            article,
            np.bincount(owner, minlength=self.count),
            self._story_sizes(owner, article, width),
            rank,
            crowd,
            near,
            norm,
        )
        self.last = labels.copy(), found
        return found

    def _story_sizes(self, owner: Ints, article: Ints, width: int) -> Floats:
        """Return for each cluster how many articles its stories have, its own among them."""
        one, other = np.r_[self.left, self.right], np.r_[self.right, self.left]
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

        A rival of a pair's cluster is one that shares an article with the other side, unless it is likely to be the
        other side itself: both cannot be the same person.
        """
        left, right = found.codes[pairs] // self.count, found.codes[pairs] % self.count
        mates = self.mates(labels)
        one, other = self._best_rival(found, left, right, mates), self._best_rival(found, right, left, mates)
        return found.score[pairs] - one, found.score[pairs] - other

    def _best_rival(self, found: Scored, mine: Ints, theirs: Ints, mates: Groups) -> Floats:
        """Return the best score of one side with anybody who shares an article with the other side."""
        out = np.full(len(mine), NOBODY)
        number = np.diff(mates.starts)[theirs]
        for low, high in spans(number, UNITS_AT_A_TIME):
            slot, offset = expanded(number[low:high])
            slot += low
            option = mates.order[mates.starts[theirs[slot]] + offset]
            score = self.score_of(found, option, mine[slot])
            rival = np.isfinite(score) & (self.score_of(found, option, theirs[slot]) < ITSELF)
            np.maximum.at(out, slot[rival], score[rival])
        return out

    def mates(self, labels: Ints) -> Groups:
        """Return for each cluster the others that share an article with it."""
        codes = self.pairs_within(labels[self.unit])
        one, other = codes // self.count, codes % self.count
        codes = np.sort(np.r_[codes, other * self.count + one][np.tile(one != other, 2)])
        return Groups(codes % self.count, np.searchsorted(codes // self.count, np.arange(self.count + 1)))

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
            codes, score = found.codes[hopeful], found.score[hopeful]
            one, other = self.leads(found, labels, hopeful)
            low, high = np.minimum(one, other), np.maximum(one, other)
            total = self.weights.model.rivals.total({"score": score, "lead": low, "other lead": high})
            clear = np.flatnonzero((total >= threshold) & (low >= LEAD))
            clear = clear[~(self.forbidden(codes[clear], labels) | self._contradicted(codes[clear], labels))]
            chosen: list[int] = []
            merged: set[int] = set()
            for at in clear[np.lexsort((codes[clear], -total[clear]))].tolist():
                sides = divmod(int(codes[at]), self.count)
                if merged.isdisjoint(sides):
                    merged.update(sides)
                    chosen.append(at)
            if not chosen:
                break
            matches.extend(self.described(codes[chosen], labels, total[chosen], low[chosen]))
            groups, full = grouped(labels, self.count), self.full(labels)
            self.absorbed[:], self.speaks[:] = -1, True
            for code in codes[chosen].tolist():
                p, q = divmod(code, self.count)
                labels[groups.of(q)] = p
                self.absorbed[p] = q
                self.speaks[p], self.speaks[q] = full[p] or not full[q], full[q] or not full[p]
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

    def forbidden(self, codes: Ints, labels: Ints) -> Flags:
        """Return which pairs a verdict, the table, Jr and Sr, kinship, or full names in one article keep apart."""
        groups, whole = grouped(labels, self.count), self.wholes(labels)
        left, right = codes // self.count, codes % self.count
        full = self.full(labels)
        out: Flags = full[left] & full[right] & (self._common_articles(left, right, whole) > 0)
        size = np.diff(groups.starts)
        for low, high in spans(size[left] * size[right], UNITS_AT_A_TIME):
            count = (size[left] * size[right])[low:high]
            slot, offset = expanded(count)
            slot += low
            one = groups.order[groups.starts[left[slot]] + offset // size[right[slot]]]
            other = groups.order[groups.starts[right[slot]] + offset % size[right[slot]]]
            bounds = np.cumsum(count) - count
            never = self.weights.never(one, other) | self._ruled_out(one, other)
            out[low:high] |= np.logical_or.reduceat(never, bounds)
            out[low:high] |= np.logical_and.reduceat(self.weights.other_roles(one, other), bounds)
        return out

    def full(self, labels: Ints) -> Flags:
        """Return by label whether a cluster has a full name."""
        return np.bincount(labels, weights=self.weights.measures.weak == 0, minlength=self.count) > 0

    def _contradicted(self, codes: Ints, labels: Ints) -> Flags:
        """Return which pairs have names that are alike and articles that speak against one person all the same."""
        if not len(codes):
            return np.zeros(0, dtype=bool)
        found = self.measured(codes, labels)
        return np.asarray((found["name"] >= CLEAR_NAME) & (found["best"] < CONTRADICTED))

    def _ruled_out(self, one: Ints, other: Ints) -> Flags:
        """Return which pairs of units a verdict keeps apart."""
        known = np.array(sorted(low * self.count + high for low, high in self.never), dtype=np.int64)
        return member(np.minimum(one, other) * self.count + np.maximum(one, other), known)

    def described(self, codes: Ints, labels: Ints, total: Floats, lead: Floats) -> list[Match]:
        """Return matches of clusters, each by its best pair of units, with the terms that add up to its total."""
        measured = list(self.measures(codes, labels))
        columns = {term: np.concatenate([part[term] for *_, part, _ in measured]) for term in measured[0][2]}
        best = np.concatenate([winner for *_, winner in measured]).tolist()
        groups = grouped(labels, self.count)
        tables = self.weights.model.stories
        terms = {term: bits.tolist() for term, bits in tables.terms(story_bins(columns)).items()}
        prior = Evidence("prior", "two clusters of a story", tables.start, "odds of any two of them")
        out = []
        for at, code in enumerate(codes.tolist()):
            sides = [groups.of(side)[:MOST_UNITS].tolist() for side in divmod(code, self.count)]
            row = [prior]
            for term, bits in terms.items():
                if term in STORY_FAMILIES:
                    shown, words = feature_words(self.profiles, term, sides[0], sides[1])
                    row.append(Evidence(f"context: {FAMILIES[term]}", shown, bits[at], words))
                else:
                    row.append(Evidence(f"story: {term}", f"{float(columns[term][at]):.2f}", bits[at]))
            rest = float(total[at]) - sum(evidence.bits for evidence in row)
            row.append(Evidence("story: lead", "", rest, "over whoever else either of them could be"))
            left, right = divmod(best[at], self.count)
            out.append(Match(left, right, float(total[at]), float(lead[at]), self.weights.once(row)))
        return out
