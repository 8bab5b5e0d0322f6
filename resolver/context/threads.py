"""Articles -> the events and the stories that they tell: average linkage of their cosines.

A story runs over days and outlets; any two of its articles may have few words in common, but each of them is like the
others on the whole. Clusters of articles are merged where each is the other's nearest, at the same time wherever that
is so, which gives the same stories as one merge after the other (average linkage is reducible, Bruynooghe 1977). The
mean cosine of two clusters is the dot product of the means of their unit vectors, so that it is never approximated.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.context.arrays import components, distinct, smallest

if TYPE_CHECKING:
    from resolver.context.topics import Topics

__all__ = ["EVENT", "ONE_STORY", "Told", "coarser", "linked", "told"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EVENT = 0.1  # mean cosine from which two clusters of articles tell one event
ONE_STORY = 0.05  # mean cosine from which they tell one story, of one event or of several


class Told(NamedTuple):
    """The number of each article's event or story, and former numbers that have become part of another one."""

    numbers: Ints
    merged: dict[int, int]


def told(label: Ints, known: Ints, last: int) -> Told:
    """Return the numbers of clusters of articles; a cluster keeps the number that it has, of several the lowest.

    Of the parts of a cluster that came apart the first one keeps it.

    Args:
        label: The cluster of each article, its smallest one.
        known: The number of each article's cluster before, 0 for none.
        last: The highest number ever given.
    """
    nobody = np.iinfo(np.int64).max
    number = np.full(len(known), nobody)
    at = np.flatnonzero(known)
    np.minimum.at(number, label[at], known[at])
    first = np.flatnonzero(label == np.arange(len(known)))
    _, again = np.unique(number[first], return_index=True)
    keeps = np.isin(np.arange(len(first)), again) & (number[first] < nobody)
    new = first[~keeps]
    number[new] = last + 1 + np.arange(len(new))
    numbers = number[label]
    pairs = zip(known[at].tolist(), numbers[at].tolist(), strict=True)
    kept = set(numbers.tolist())
    return Told(numbers, {old: whole for old, whole in pairs if old not in kept})


def coarser(label: Ints, known: Ints) -> Ints:
    """Return clusters, by their smallest members, that hold together what a cluster or a number (but 0) does."""
    numbered = np.flatnonzero(known)
    first = numbered[smallest(known[numbered])]
    every = np.arange(len(label))
    return components(len(label), np.r_[every, numbered], np.r_[label, first])


def linked(topics: Topics, label: Ints, known: Ints, left: Ints, right: Ints, *, least: float) -> Ints:
    """Return the labels of the clusters that clusters of articles end in; each is its smallest article.

    Two clusters that were known to be two and have taken nothing in are not compared again.

    Args:
        topics: The articles.
        label: The cluster of each article, its smallest one.
        known: A number for each article by which it was clustered before, 0 for none.
        left: The pairs of articles whose clusters may be merged; the smaller number of each.
        right: The larger one.
        least: Smallest mean cosine of two clusters that are merged.
    """
    count = len(label)
    codes = relabelled(left * np.int64(count) + right, label)
    sums = Sums(topics, label)
    low, high = np.full(count, np.iinfo(np.int64).max), np.zeros(count, dtype=np.int64)
    np.minimum.at(low, label, known)
    np.maximum.at(high, label, known)
    grown = (low == 0) | (low < high)
    value = np.full(len(codes), -1.0)
    asked = grown[codes // count] | grown[codes % count]
    value[asked] = sums.mean_cosines(codes[asked])
    while True:
        one, other = codes // count, codes % count
        close = value >= least
        best = np.full(count, -1.0)
        np.maximum.at(best, one[close], value[close])
        np.maximum.at(best, other[close], value[close])
        top = np.flatnonzero(close & (value == best[one]) & (value == best[other]))
        first = np.full(count, len(codes))  # of equally near pairs the first one of either side
        np.minimum.at(first, one[top], top)
        np.minimum.at(first, other[top], top)
        top = top[(first[one[top]] == top) & (first[other[top]] == top)]
        if not len(top):
            return label
        for pair in np.stack([one[top], other[top]], axis=1):
            sums.merge(pair)
        target = np.arange(count)
        target[other[top]] = one[top]
        label = target[label]
        changed = np.zeros(count, dtype=bool)
        changed[one[top]] = True
        moved = relabelled(codes, target)
        at = np.minimum(np.searchsorted(codes, moved), len(codes) - 1)
        kept = (codes[at] == moved) & ~changed[moved // count] & ~changed[moved % count]
        new = np.empty(len(moved))
        new[kept] = value[at[kept]]
        new[~kept] = sums.mean_cosines(moved[~kept])
        codes, value = moved, new


def relabelled(codes: Ints, label: Ints) -> Ints:
    """Return pairs of clusters (smaller * count + larger) under other labels, each once, ordered."""
    one, other = label[codes // len(label)], label[codes % len(label)]
    apart = one != other
    one, other = one[apart], other[apart]
    return distinct(np.minimum(one, other) * len(label) + np.maximum(one, other))


class Sums:
    """The summed unit vectors of clusters of articles, by the smallest article of each: a long story has few words.

    Args:
        topics: The articles.
        label: The cluster of each article, its smallest one.
    """

    def __init__(self, topics: Topics, label: Ints) -> None:
        self.weight = topics.weight
        starts = topics.starts.tolist()
        self.words = [topics.features[low:high] for low, high in pairwise(starts)]
        self.values: list[Floats] = [
            np.broadcast_to(1 / norm, len(words))
            for norm, words in zip(topics.norm.tolist(), self.words, strict=True)
        ]
        self.articles = np.bincount(label, minlength=len(label))
        order = np.argsort(label, kind="stable")
        self.waiting = {  # clusters that nobody has asked for yet, with their articles
            int(members[0]): members
            for members in np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
            if len(members) > 1
        }

    def merge(self, clusters: Ints) -> None:
        """Add clusters to the first of them."""
        self.add_up(clusters)
        self._put(clusters)
        self.articles[clusters[0]] = self.articles[clusters].sum()

    def add_up(self, clusters: Ints) -> None:
        """Make sure that the vectors of clusters are those of all their articles."""
        for cluster in clusters.tolist():
            members = self.waiting.pop(cluster, None)
            if members is not None:
                self._put(members)

    def _put(self, rows: Ints) -> None:
        """Sum the vectors of some rows in the first of them."""
        first, rest = int(rows[0]), rows.tolist()
        words, place = np.unique(np.concatenate([self.words[n] for n in rest]), return_inverse=True)
        values = np.concatenate([self.values[n] for n in rest])
        self.words[first] = words
        self.values[first] = np.bincount(place, weights=values).astype(np.float64)

    def mean_cosines(self, codes: Ints) -> Floats:
        """Return the mean cosine of all pairs of articles of two clusters, for pairs of clusters in order."""
        count = len(self.articles)
        self.add_up(distinct(np.r_[codes // count, codes % count]))
        held = np.zeros(max(1, len(self.weight)))
        out = np.empty(len(codes))
        bounds = np.flatnonzero(np.diff(codes // count, prepend=-1, append=-1)).tolist()
        for low, high in pairwise(bounds):
            cluster, partners = int(codes[low] // count), (codes[low:high] % count).tolist()
            own = self.words[cluster]
            held[own] = self.values[cluster] * self.weight[own]
            rows = [self.words[n] for n in partners]
            told = np.concatenate([self.values[n] for n in partners]) * held[np.concatenate(rows)]
            owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
            out[low:high] = np.bincount(owner, weights=told, minlength=len(rows))
            held[own] = 0.0
        return np.asarray(out / (self.articles[codes // count] * self.articles[codes % count]))
