"""What a run brings, and how it changes what is counted: names, features of people, words of articles.

The counts of the whole corpus are kept in the store and go up and down with what comes and goes, so that nothing of the
rest has to be read. Refuses to know: which of it has to be linked again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from resolver.blocks import ALONE, group_number, name_keys
from resolver.context import Topics, Words, chain_features, read_words
from resolver.marking import Marked, parse
from resolver.model import Chain, Counts, Kind, Name
from resolver.store import Index, Store, Tales

__all__ = [
    "Change",
    "Ledger",
    "borne_beside",
    "counts_of",
    "described",
    "group_of",
    "index_of",
    "joined",
    "names_after",
    "names_before",
    "rows_of",
    "taken_stock",
    "tales_of",
]


NAMED = ("article", "named")  # counted like a feature: articles that name somebody or something


class Change(NamedTuple):
    """What a run brings.

    Attributes:
        marked: Mentions and chains of new texts and of those marked anew.
        texts: The texts of the articles that are not in the store, by id.
        gone: Ids of the articles that no document carries any more.
        touched: Entities and mentions that have to be looked at for other reasons.
        why_all: Why everything has to be, "" if nothing speaks for it.
        anew: Whether what is stored of words and names is to be computed anew too.
    """

    marked: Marked = Marked([], [])
    texts: Mapping[str, str] = {}
    gone: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    why_all: str = ""
    anew: bool = False


class Ledger(NamedTuple):
    """How the running counts change: features by family, and the names of the chains that come and go."""

    features: Counter[tuple[str, str]]
    came: Counter[int]
    went: Counter[int]
    fresh: Words
    kinds: dict[int, Kind]


def taken_stock(store: Store, change: Change) -> Ledger:
    """Count what comes and what goes."""
    new = {chain.article_id for chain in change.marked.chains} | {
        m.article_id for m in change.marked.mentions
    }
    known = (new - change.texts.keys()) | change.gone
    old = store.chains(known) if known else []
    words = read_words(sorted(change.texts.items()))
    features: Counter[tuple[str, str]] = Counter()
    features.update(counted(change.marked.chains))
    features.subtract(counted(old))
    gone = store.word_rows(change.gone) if change.gone else None
    for sign, rows in ((1, words), (-1, gone)):
        if rows is not None:
            held = np.bincount(rows.words, minlength=len(rows.vocabulary)).tolist()
            for word, number in zip(rows.vocabulary, held, strict=True):
                features["story", word] += sign * number
    groups = [Counter(group_of(chain) for chain in chains) for chains in (change.marked.chains, old)]
    kinds = {group_of(chain): chain.kind for chain in (*change.marked.chains, *old)}
    return Ledger(features, groups[0], groups[1], words, kinds)


def counted(chains: Sequence[Chain]) -> Counter[tuple[str, str]]:
    """Return in how many articles each (family, feature) of some chains stands; `NAMED` counts all of them."""
    found = {(c.article_id, *pair) for c in chains for pair in described(c)}
    out = Counter((family, feature) for _, family, feature in found)
    out[NAMED] = len({chain.article_id for chain in chains})
    return out


def described(chain: Chain) -> list[tuple[str, str]]:
    """Return (family, feature) of a chain that is compared by its context: of people."""
    if chain.kind != Kind.PER:
        return []
    return [(family, feature) for family, features in chain_features(chain).items() for feature in features]


def group_of(chain: Chain) -> int:
    """Return the number of a chain's name."""
    return _group_of(chain.name, chain.kind)


@lru_cache(maxsize=1_000_000)
def _group_of(name: str, kind: Kind) -> int:
    return group_number(parse(name, kind))


def names_before(store: Store) -> dict[Kind, int]:
    """Return how many distinct names each kind has, as the last run left it."""
    last = store.last_run()
    counts = {} if last is None else {kind: last.counts.get(f"names {kind}") for kind in Kind}
    known = {kind: count for kind, count in counts.items() if count is not None}
    return known if len(known) == len(Kind) else store.name_counts()


def names_after(store: Store, before: Mapping[Kind, int], ledger: Ledger) -> dict[Kind, int]:
    """Return how many distinct names each kind has after the run."""
    sizes = store.sizes(ledger.kinds)
    out = {kind: before.get(kind, 0) for kind in Kind}
    for group, kind in ledger.kinds.items():
        old = sizes.get(group, 0)
        out[kind] += (old - ledger.went[group] + ledger.came[group] > 0) - (old > 0)
    return out


def counts_of(
    store: Store,
    chains: Sequence[Chain],
    ledger: Ledger,
    names: Mapping[Kind, int],
    sizes: Mapping[int, int],
    borne: Sequence[tuple[Name, tuple[int, ...]]],
) -> Counts:
    """Return what is counted in the whole corpus after the run, for the features of some chains.

    Args:
        store: The store as it is before the run.
        chains: The chains at hand.
        ledger: How the running counts change.
        names: How many distinct names each kind has after the run.
        sizes: The chains in the store of each name of which only some are at hand.
        borne: Names of people that share words with some of them, and the events in which each stands.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for family, feature in (NAMED, *(pair for chain in chains for pair in described(chain))):
        wanted[family].add(feature)
    seen = store.feature_counts(wanted)
    for (family, feature), number in ledger.features.items():
        if feature in wanted.get(family, ()):
            held = seen.setdefault(family, {})
            held[feature] = held.get(feature, 0) + number
    after = {group: size + ledger.came[group] - ledger.went[group] for group, size in sizes.items()}
    return Counts(seen[NAMED[0]][NAMED[1]], names, after, seen, borne)


def borne_beside(
    store: Store, chains: Iterable[Chain], *, skip: Iterable[str]
) -> list[tuple[Name, tuple[int, ...]]]:
    """Return the stored names of people that share words with those of some chains, and the events of each.

    Args:
        store: The store as it is before the run.
        chains: The chains.
        skip: Stored articles that are marked anew or go.
    """
    people = list({parse(chain.name, chain.kind) for chain in chains if chain.kind == Kind.PER})
    return store.borne(keys=name_keys(people, ALONE)[1], skip=skip) if people else []


def index_of(ledger: Ledger, chains: Sequence[Chain]) -> Index:
    """Return what a run adds to the means of finding near names."""
    return Index(list({parse(c.name, c.kind) for c in chains}), rows_of(ledger.fresh), ledger.features)


def rows_of(words: Words) -> list[tuple[str, list[str]]]:
    """Return the words of each article as text."""
    ends = np.cumsum(words.sizes).tolist()
    flat = [words.vocabulary[at] for at in words.words.tolist()]
    return [
        (article_id, flat[end - size : end])
        for article_id, end, size in zip(words.articles, ends, words.sizes.tolist(), strict=True)
    ]


def tales_of(topics: Topics) -> Tales:
    """Return the events and stories of texts that told none or another one before."""
    told, merged = {}, {}
    for tale, found, before in (
        ("event", topics.events, topics.before.events),
        ("story", topics.stories, topics.before.stories),
    ):
        anew = zip(topics.number, found.numbers.tolist(), before.tolist(), strict=True)
        told[tale] = {article: number for article, number, known in anew if number != known}
        merged[tale] = found.merged
    return Tales(told, merged)


def joined(
    store: Store,
    ids: set[str] | None,
    ledger: Ledger,
    *,
    skip: Iterable[str] = (),
    loose: Collection[str] = (),
    tales: Tales | None = None,
) -> Words:
    """Return the words of stored articles (None: of all) and of the new ones, counted after the run.

    The stories of the `loose` ones are sought anew; `tales` are what this run has found already.
    """
    if store.is_new:
        return ledger.fresh
    skipped, fresh = set(skip), ledger.fresh
    stored = store.word_rows(ids, fresh.vocabulary)
    vocabulary = {word: at for at, word in enumerate(stored.vocabulary)}
    place = np.array([vocabulary.setdefault(w, len(vocabulary)) for w in fresh.vocabulary], dtype=np.int64)
    seen = np.zeros(len(vocabulary), dtype=np.int64)
    seen[: len(stored.seen)] = stored.seen
    for (family, word), number in ledger.features.items():
        if family == "story" and word in vocabulary:
            seen[vocabulary[word]] += number
    articles = np.array([*stored.articles, *fresh.articles], dtype=object)
    sizes = np.r_[stored.sizes, fresh.sizes]
    flat = np.r_[stored.words, place[fresh.words] if len(place) else fresh.words]
    kept = np.array([article not in skipped for article in articles], dtype=bool)
    order = np.argsort(articles.astype(str), kind="stable")
    order = order[kept[order]] if len(order) else order
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(order)), sizes[order])
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(sizes[order]) - sizes[order], sizes[order])
    flat = flat[starts[order][owner] + offset]
    total = store.article_count() + len(fresh.articles) - len(skipped)
    events, stories = np.r_[stored.events, fresh.events][order], np.r_[stored.stories, fresh.stories][order]
    names = articles[order].tolist()
    free = np.array([name in loose for name in names], dtype=bool)
    words = Words(
        names, sizes[order], flat, list(vocabulary), seen, total, events, stories, free, stored.last
    )
    return words if tales is None else retold(words, tales)


def retold(words: Words, tales: Tales) -> Words:
    """Return words of articles with the events and stories that they tell now."""
    events, stories = (
        np.array(
            [
                tales.told[tale].get(name, tales.merged[tale].get(number, number))
                for name, number in zip(words.articles, known.tolist(), strict=True)
            ],
            dtype=np.int64,
        )
        for tale, known in (("event", words.events), ("story", words.stories))
    )
    return words._replace(events=events, stories=stories, merged=tales.merged["event"])
