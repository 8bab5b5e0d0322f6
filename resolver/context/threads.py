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

from resolver.context.arrays import distinct, smallest

if TYPE_CHECKING:
    from resolver.context.topics import Topics

__all__ = ["ONE_STORY", "Told", "linked", "told"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EVENT = 0.1  # mean cosine from which two clusters of articles tell one event
ONE_STORY = 0.05  # mean cosine from which they tell one story, of one event or of several


class Told(NamedTuple):
    """The event of each article, by number, and former events that have become part of another one."""

    stories: Ints
    merged: dict[int, int]


def told(topics: Topics, left: Ints, right: Ints) -> Told:
    """Return the events that articles tell; an event keeps its number, of several the lowest.

    Args:
        topics: The articles, with the events that they were found to tell before.
        left: The pairs of articles that may tell one event; the smaller number of each.
        right: The larger one.
    """
    known = topics.stories
    before = smallest(np.where(known > 0, known, -1 - np.arange(len(known))))
    label = linked(topics, before, left, right, least=EVENT)
    nobody = np.iinfo(np.int64).max
    number = np.full(len(known), nobody)
    at = np.flatnonzero(known)
    np.minimum.at(number, label[at], known[at])
    new = np.flatnonzero((label == np.arange(len(known))) & (number == nobody))
    number[new] = topics.last_story + 1 + np.arange(len(new))
    stories = number[label]
    pairs = zip(known[at].tolist(), stories[at].tolist(), strict=True)
    return Told(stories, {old: whole for old, whole in pairs if old != whole})


def linked(topics: Topics, label: Ints, left: Ints, right: Ints, *, least: float) -> Ints:
    """Return the labels of the clusters that clusters of articles end in; each is its smallest article.

    Args:
        topics: The articles.
        label: The cluster of each article, its smallest one.
        left: The pairs of articles whose clusters may be merged; the smaller number of each.
        right: The larger one.
        least: Smallest mean cosine of two clusters that are merged.
    """
    count = len(label)
    codes = relabelled(left * np.int64(count) + right, label)
    sums = Sums(topics, label)
    value = sums.mean_cosines(codes)
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
        known = np.minimum(np.searchsorted(codes, moved), len(codes) - 1)
        kept = (codes[known] == moved) & ~changed[moved // count] & ~changed[moved % count]
        new = np.empty(len(moved))
        new[kept] = value[known[kept]]
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
        self.articles = np.ones(len(label), dtype=np.int64)
        order = np.argsort(label, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
            if len(members) > 1:
                self.merge(members)

    def merge(self, clusters: Ints) -> None:
        """Add clusters to the first of them."""
        first, rest = int(clusters[0]), clusters.tolist()
        words, place = np.unique(np.concatenate([self.words[n] for n in rest]), return_inverse=True)
        values = np.concatenate([self.values[n] for n in rest])
        self.words[first] = words
        self.values[first] = np.bincount(place, weights=values).astype(np.float64)
        self.articles[first] = self.articles[clusters].sum()

    def mean_cosines(self, codes: Ints) -> Floats:
        """Return the mean cosine of all pairs of articles of two clusters, for pairs of clusters in order."""
        count = len(self.articles)
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
