"""How alike the stories of two articles are: the cosine of their rare words.

People of one name in one story are nearly always one person, people of one name in unrelated stories often are not, and
a mangled name can only be recognised inside its story. Words that one article alone has, or every fourth one, tell
nothing and are left out. How rare a word is is counted in the corpus and in a background of other news, so that three
articles alone can be told apart too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from sys import intern
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.context.arrays import distinct, expanded, member, ragged, smallest, spans, summed
from resolver.context.background import background
from resolver.context.lexicon import STOPWORDS, plain
from resolver.context.threads import EVENT, ONE_STORY, Told, coarser, linked, told

__all__ = [
    "FEW_ARTICLES",
    "SAME_STORY",
    "SHARED_WEIGHT",
    "Closest",
    "Stories",
    "Topics",
    "Words",
    "read_words",
    "story_words",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WORD = re.compile(r"[^\W\d_]{4,}")
COMMONEST = 0.25  # share of articles from which a word is too common to tell stories apart
FEW_ARTICLES = 60  # articles that may hold a word by which neighbours are found
SHARED_WEIGHT = (
    60.0  # squared bits of such words that two neighbours share: two words that one article in 50 holds
)
SAME_STORY = 0.03  # cosine from which two articles may tell one story
SMALL_STORY = 12  # articles of a story up to which all of them are neighbours
NEIGHBOURS = 8  # nearest articles of an article among whose people it is matched
PAIRS_AT_A_TIME = 4_000_000  # pairs of articles in hand while neighbours are sought: bounds the memory
LAID_OUT = 2_000_000  # places for words of articles that are compared at a time: bounds the memory
LOOKED_UP = 30_000  # words of those others at a time: what is in hand stays in the cache
REMEMBERED = 4_000_000  # pairs of articles whose overlap is kept: bounds the memory
READ = 200_000  # characters of an article that tell its story; a longer text is a book, not a story


def story_words(text: str) -> set[str]:
    """Return the folded words of a text that may tell its story: four letters and more, no stop words.

    Equal words of all texts are one object: chains keep those of their sentences, and few of them differ.
    """
    return set(map(intern, WORD.findall(plain(text)))) - STOPWORDS


class Words(NamedTuple):
    """The telling words of articles as columns.

    `words` are places in `vocabulary`, those of one article together; `seen` says how many of the `total` articles of
    the corpus hold each word. `events` and `stories` are those (see `threads`) that the articles were found to tell
    before, 0 for none, `last` are the highest numbers ever given to one. The articles that are `loose` may leave them.
    Events that lately became part of another one are `merged`.
    """

    articles: Sequence[str]
    sizes: Ints
    words: Ints
    vocabulary: Sequence[str]
    seen: Ints
    total: int
    events: Ints
    stories: Ints
    loose: npt.NDArray[np.bool_]
    last: tuple[int, int] = (0, 0)
    merged: Mapping[int, int] = MappingProxyType({})


def read_words(texts: Iterable[tuple[str, str]]) -> Words:
    """Return the telling words of (article id, text), each article once, as if they were all there is."""
    known: dict[str, int] = {}
    rows: dict[str, npt.NDArray[np.int32]] = {}
    for article_id, text in texts:
        if article_id not in rows:
            words = sorted(story_words(text[:READ]))
            rows[article_id] = np.array([known.setdefault(w, len(known)) for w in words], dtype=np.int32)
    sizes = np.array([len(row) for row in rows.values()], dtype=np.int64)
    flat = np.concatenate(list(rows.values())).astype(np.int64) if rows else np.array([], dtype=np.int64)
    seen, nothing = np.bincount(flat, minlength=len(known)), np.zeros(len(rows), dtype=np.int64)
    return Words(list(rows), sizes, flat, list(known), seen, len(rows), nothing, nothing, nothing > 0)


class Topics:
    """The rare words of articles, ready to be compared.

    Args:
        words: The words of the articles to compare, counted in the corpus.
        about: The articles (by id) whose neighbours are asked for: of the others only the events and stories are taken
            that they were found to tell before. None for all.
    """

    def __init__(self, words: Words, about: Collection[str] | None = None) -> None:
        self.number = {article_id: at for at, article_id in enumerate(words.articles)}
        self.asked = np.array([about is None or name in about for name in words.articles], dtype=bool)
        self.before = words
        self.words = words.vocabulary
        self.vocabulary = {word: at for at, word in enumerate(words.vocabulary)}
        count, total, word = len(words.articles), words.total, words.words
        owner = np.repeat(np.arange(count), words.sizes)
        usual = background("word")
        own, total = words.seen, total + usual.articles
        self.seen = own
        seen = own + np.array([usual.seen.get(w, 0) for w in self.words], dtype=np.int64)
        rarity = np.log2((total + 1) / (seen + 0.5))
        length = np.bincount(owner, weights=rarity[word] ** 2, minlength=count) if count else np.zeros(0)
        self.norm = np.sqrt(np.maximum(length, 1e-9))
        kept = (own[word] > 1) & (seen[word] <= COMMONEST * total)
        self.weight = np.maximum(rarity, 0.0) ** 2
        self.keys = np.sort(owner[kept] * max(1, len(self.words)) + word[kept])
        self.features = self.keys % max(1, len(self.words))
        self.starts = np.searchsorted(self.keys // max(1, len(self.words)), np.arange(count + 1))

    def has(self, article: Ints, word: Ints) -> npt.NDArray[np.bool_]:
        """Return for each article and word (by number) whether the one holds the other, as a word that counts."""
        return member(article * max(1, len(self.words)) + word, self.keys)

    def overlap(self, left: Ints, right: Ints) -> Floats:
        """Return the summed squared rarity of the words that each pair of articles (by number) shares; symmetric.

        The words of some articles are laid out over the vocabulary, and those of their partners looked up there.
        """
        out = np.zeros(len(left))
        size, width = np.diff(self.starts), max(1, len(self.words))
        order = np.argsort(left, kind="stable")
        own, other = left[order], right[order]
        bounds = np.flatnonzero(np.diff(own, prepend=-1, append=-1))
        row = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        most = max(1, LAID_OUT // width)  # articles at a time
        words_to_come = np.bincount(row, weights=size[other]).astype(np.int64)
        held = np.zeros(min(most, len(bounds)) * width)
        for low, high in spans(np.maximum(words_to_come, LOOKED_UP // most), LOOKED_UP):
            article, pairs = own[bounds[low:high]], slice(bounds[low], bounds[high])
            slot, offset = expanded(size[article])
            mine = self.features[self.starts[article][slot] + offset]
            held[slot * width + mine] = self.weight[mine]
            pair, offset = expanded(size[other[pairs]])
            words = self.features[self.starts[other[pairs]][pair] + offset]
            worth = held[(row[pairs] - low)[pair] * width + words]
            out[order[pairs]] = np.bincount(pair, weights=worth, minlength=bounds[high] - bounds[low])
            held[slot * width + mine] = 0.0
        return out

    @cached_property
    def near(self) -> tuple[Ints, Ints, Floats]:
        """The pairs of articles that may tell one story, with their cosines: see `neighbours`."""
        return self.neighbours(least=SAME_STORY, most=NEIGHBOURS)

    @cached_property
    def events(self) -> Told:
        """The events that the articles tell."""
        known, (last, _) = self.before.events, self.before.last
        return told(self._clusters(np.arange(len(known)), known, least=EVENT), known, last)

    @cached_property
    def stories(self) -> Told:
        """The stories that the articles tell: events that are alike are one story."""
        known, (_, last) = self.before.stories, self.before.last
        return told(self._clusters(smallest(self.events.numbers), known, least=ONE_STORY), known, last)

    def _clusters(self, label: Ints, known: Ints, *, least: float) -> Ints:
        """Return the clusters that clusters of articles end in, with those that are known already."""
        known = np.where(self.before.loose, 0, known)
        label = coarser(label, known)
        if known.all():
            return label
        left, right, _ = self.near
        return linked(self, label, known, left, right, least=least)

    @cached_property
    def nearest(self) -> tuple[Ints, Ints, Floats]:
        """The pairs of articles of one story among whose people is matched, with their cosines: of a small one all."""
        left, right, _ = self.near
        story = smallest(self.stories.numbers)
        one = story[left] == story[right]
        order = np.argsort(story, kind="stable")
        after = np.searchsorted(story[order], story[order], side="right") - np.arange(len(story)) - 1
        size = np.bincount(story)[story[order]]
        slot, offset = expanded(np.where(size <= SMALL_STORY, after, 0))
        a, b = order[slot], order[slot + 1 + offset]
        width = max(1, len(story))
        codes = distinct(np.r_[(left * width + right)[one], np.minimum(a, b) * width + np.maximum(a, b)])
        left, right = codes // width, codes % width
        return left, right, self.overlap(left, right) / (self.norm[left] * self.norm[right])

    @cached_property
    def elsewhere(self) -> tuple[Ints, Ints]:
        """The pairs of articles of two stories that are near each other all the same."""
        left, right, _ = self.near
        story = self.stories.numbers
        apart = story[left] != story[right]
        return left[apart], right[apart]

    def neighbours(self, *, least: float, most: int) -> tuple[Ints, Ints, Floats]:
        """Return the pairs of articles (by number, left < right) that may tell one story, with their cosines.

        Args:
            least: Smallest cosine, in [0, 1].
            most: At most so many neighbours of an article, its nearest ones; a pair stays if either side wants it.

        Returns:
            Pairs that share at least one word that few articles have, ordered.
        """
        left, right = self._sharing_a_rare_word()
        cosine = self.overlap(left, right) / (self.norm[left] * self.norm[right])
        near = cosine >= least
        left, right, cosine = left[near], right[near], cosine[near]
        wanted = np.zeros(len(left), dtype=bool)
        for side in (left, right):
            order = np.lexsort((np.minimum(left, right), np.maximum(left, right), -cosine, side))
            first = np.searchsorted(side[order], side[order], side="left")
            wanted[order[np.arange(len(order)) - first < most]] = True
        return left[wanted], right[wanted], cosine[wanted]

    def _sharing_a_rare_word(self) -> tuple[Ints, Ints]:
        """Return the distinct pairs of articles that share enough words that at most `FEW_ARTICLES` have, ordered."""
        width = max(1, len(self.norm))
        order = np.argsort(self.features, kind="stable")
        word = self.features[order]
        owner = (self.keys // max(1, len(self.words)))[order]
        last = np.searchsorted(word, word, side="right")
        after = last - np.arange(len(word)) - 1
        rare = self.seen[word] <= FEW_ARTICLES
        after[~rare] = 0
        codes, weights = np.zeros(0, dtype=np.int64), np.zeros(0)
        for low, high in spans(after, PAIRS_AT_A_TIME):
            slot, offset = expanded(after[low:high])
            one, other = owner[low + slot], owner[low + slot + 1 + offset]
            asked = self.asked[one] | self.asked[other]
            one, other, slot = one[asked], other[asked], slot[asked]
            new = np.minimum(one, other) * width + np.maximum(one, other)
            codes, weights = summed(np.r_[codes, new], np.r_[weights, self.weight[word[low + slot]]])
        enough = weights >= SHARED_WEIGHT
        return codes[enough] // width, codes[enough] % width

    def shared_words(self, left: int, right: int, limit: int = 8) -> list[str]:
        """Return the rarest words that two articles (by number) share."""
        a, b = (set(self.features[self.starts[n] : self.starts[n + 1]].tolist()) for n in (left, right))
        ranked = sorted(a & b, key=lambda f: (-self.weight[f], self.words[f]))
        return [self.words[f] for f in ranked[:limit]]


class Stories:
    """The stories that units appear in.

    Args:
        topics: The corpus.
        articles: The article numbers of each unit, ascending.
        names: The words of each unit's own names: two bearers of one name do not share a story by it.
    """

    def __init__(self, topics: Topics, articles: Sequence[Sequence[int]], names: Sequence[set[str]]) -> None:
        self.topics = topics
        self.articles, self.article_starts = ragged([spread(rows) for rows in articles])
        self.known = np.full(1, -1, dtype=np.int64), np.zeros(1)
        known = topics.vocabulary
        self.words, self.word_starts = ragged(
            [[known[w] for w in sorted(words) if w in known] for words in names]
        )

    def closest(self, left: Ints, right: Ints) -> Closest:
        """Return for each pair of units their most alike articles; an article is no evidence for itself."""
        topics, width = self.topics, len(self.topics.norm) + 1
        starts, sizes = self.article_starts, np.diff(self.article_starts)
        pair, offset = expanded(sizes[left] * sizes[right])
        breadth = np.maximum(sizes[right][pair], 1)
        a = self.articles[starts[left][pair] + offset // breadth]
        b = self.articles[starts[right][pair] + offset % breadth]
        codes = np.minimum(a, b) * width + np.maximum(a, b)
        once = distinct(codes)
        shared = self._overlaps(once, width)[np.searchsorted(once, codes)]
        shared -= self.own_words(left[pair], a, b)
        shared -= self.own_words(right[pair], b, a)
        value = np.maximum(shared, 0.0) / (topics.norm[a] * topics.norm[b])
        value[a == b] = 0.0
        best = np.zeros(len(left))
        np.maximum.at(best, pair, value)
        first = np.full(len(left), -1, dtype=np.int64)
        hit = np.flatnonzero(value == best[pair])[::-1]
        first[pair[hit]] = hit
        return Closest(best, a[first], b[first])

    def _overlaps(self, codes: Ints, width: int) -> Floats:
        """Return the overlaps of distinct pairs of articles; the same ones are asked for again and again."""
        known, value = self.known
        at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        new = np.flatnonzero(known[at] != codes)
        out = value[at]
        out[new] = self.topics.overlap(codes[new] // width, codes[new] % width)
        if len(new):
            if len(known) + len(new) > REMEMBERED:
                known, value = known[:1], value[:1]
            order = np.argsort(np.r_[known, codes[new]], kind="stable")
            self.known = np.r_[known, codes[new]][order], np.r_[value, out[new]][order]
        return out

    def own_words(self, unit: Ints, own: Ints, other: Ints) -> Floats:
        """Return what the words of a unit's names add to the overlap of an article of its own and another one."""
        slot, offset = expanded(np.diff(self.word_starts)[unit])
        word = self.words[self.word_starts[unit][slot] + offset]
        for article in (other, own):  # the other one has few of them
            held = self.topics.has(article[slot], word)
            slot, word = slot[held], word[held]
        weights = self.topics.weight[word]
        return np.bincount(slot, weights=weights, minlength=len(unit)).astype(np.float64)


class Closest(NamedTuple):
    """The most alike pair of articles of two units."""

    cosine: Floats
    left: Ints
    right: Ints


MOST_ARTICLES = 5  # of a unit that are compared, evenly spread over all: enough to meet its stories


def spread(rows: Sequence[int]) -> Sequence[int]:
    """Return at most `MOST_ARTICLES` rows, evenly spread."""
    if len(rows) <= MOST_ARTICLES:
        return rows
    return [rows[at * (len(rows) - 1) // (MOST_ARTICLES - 1)] for at in range(MOST_ARTICLES)]
