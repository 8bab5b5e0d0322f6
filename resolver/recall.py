"""What of the store has to be looked at again: the neighbourhood of what is new, or everything.

Comes in: what a run adds, takes away and has verdicts on. Goes out: the chains to link, with what must be known of all
the others (running counts, sizes). A stored entity is looked at again if a new name came close to one of its own, if
a verdict speaks of it, or if it was found close to one that is looked at again; then all of it is.

Everything is looked at while the store is small, when as much comes as is there, when the number of names has doubled
(the prior depends on it), and when settings or versions are others than those of the last run.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from resolver.blocks import ALONE, NARROW, WIDE, group_number, name_keys
from resolver.candidates import MANY
from resolver.clusters import NEIGHBOURS
from resolver.context import FEW_ARTICLES, SHARED_WEIGHT, Words, background, chain_features, read_words
from resolver.keys import RARE
from resolver.linking import FAMOUS, rounded
from resolver.marking import Marked, parse
from resolver.model import Chain, Counts, Kind, Mention, Name
from resolver.store import Index, Store

__all__ = ["Change", "Corpus", "recall"]

log = logging.getLogger(__name__)

# Stored chains up to which everything is linked anew: some thousand articles. Whom a story is matched with depends on
# all its articles: 500 renamed newsroom articles in three parts differ in 1.6 % of the joined pairs from one batch.
SMALL = 12_000
LARGE_SHARE = 0.25  # new chains for each stored one from which everything is linked anew
MOST_ALONE = RARE  # names with one word, in a long list
MOST_OF_A_KEY = 400  # names of one key: a key of more tells nothing
WITHIN = (
    1.0  # bits that a pair may lack of a link and is looked at again: what some other chains more can shift
)
SAMPLE = {"people": FAMOUS, "others": 10}  # chains that stand for a name, if it has more: see `linking`

Scout = Callable[[Sequence[Chain], Words, Counts, set[int]], set[int]]


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


class Corpus(NamedTuple):
    """The chains to link, in the order of their ids, and what is known of the rest.

    Attributes:
        chains: Stored and new.
        mentions: Theirs.
        words: The telling words of their articles.
        counts: What is counted in the whole corpus; None if the chains are all of it.
        before: The entity of each mention in the last run.
        additions: What the run adds to the means of finding near names.
        sampled: Names (by number) of which only some chains are at hand.
        known: The entities of the stored chains, if only a part is looked at.
        held: Those of them that are at hand for others to be compared with, and stay what they are.
        why_all: Why everything is looked at; "" if only a part is.
    """

    chains: list[Chain]
    mentions: list[Mention]
    words: Words
    counts: Counts | None
    before: dict[str, str]
    additions: Index
    sampled: frozenset[int]
    why_all: str
    known: Mapping[str, str] = MappingProxyType({})
    held: frozenset[str] = frozenset()


class Ledger(NamedTuple):
    """How the running counts change: features by family, and the names of the chains that come and go."""

    features: Counter[tuple[str, str]]
    came: Counter[int]
    went: Counter[int]
    fresh: Words
    kinds: dict[int, Kind]


def recall(store: Store, change: Change, scout: Scout, *, verdicts: Iterable[str] = ()) -> Corpus:
    """Return what a run has to link.

    Args:
        store: The store as it is before the run.
        change: What the run brings.
        scout: Says which of some chains (by number) come close to the new ones among them.
        verdicts: Mentions that verdicts are anchored to; each is judged by itself and so always at hand.
    """
    ledger = taken_stock(store, change)
    why = change.why_all or reason_for_all(store, change, ledger)
    return (
        everything(store, change, ledger, why) if why else part(store, change, ledger, scout, set(verdicts))
    )


def taken_stock(store: Store, change: Change) -> Ledger:
    """Count what comes and what goes."""
    new = {chain.article_id for chain in change.marked.chains} | {
        m.article_id for m in change.marked.mentions
    }
    known = (new - change.texts.keys()) | change.gone
    old = store.chains(known) if known else []
    words = read_words(sorted(change.texts.items()))
    features: Counter[tuple[str, str]] = Counter()
    for sign, chains in ((1, change.marked.chains), (-1, old)):
        for pair in {(c.article_id, family, f) for c in chains for family, fs in described(c) for f in fs}:
            features[pair[1:]] += sign
    gone = store.word_rows(change.gone) if change.gone else None
    for sign, rows in ((1, words), (-1, gone)):
        if rows is not None:
            held = np.bincount(rows.words, minlength=len(rows.vocabulary)).tolist()
            for word, number in zip(rows.vocabulary, held, strict=True):
                features["story", word] += sign * number
    groups = [Counter(group_of(chain) for chain in chains) for chains in (change.marked.chains, old)]
    kinds = {group_of(chain): chain.kind for chain in (*change.marked.chains, *old)}
    return Ledger(features, groups[0], groups[1], words, kinds)


def described(chain: Chain) -> list[tuple[str, list[str]]]:
    """Return the features of a chain that are counted, by family."""
    return [(family, features) for family, features in chain_features(chain).items() if features]


def group_of(chain: Chain) -> int:
    """Return the number of a chain's name."""
    return group_number(parse(chain.name, chain.kind))


def reason_for_all(store: Store, change: Change, ledger: Ledger) -> str:
    """Return why everything has to be linked anew, "" if a part will do."""
    if store.is_new:
        return "first run"
    if not store.indexed():
        return "a store of an earlier version"
    stored = store.chain_count()
    if stored <= SMALL:
        return "a small store"
    if len(change.marked.chains) > LARGE_SHARE * stored:
        return "as much is new as is known"
    before = store.name_counts()
    after = names_after(store, before, ledger)
    if any(rounded(before.get(kind, 0)) != rounded(after[kind]) for kind in Kind):
        return "twice as many names as when all was linked"
    return ""


def names_after(store: Store, before: Mapping[Kind, int], ledger: Ledger) -> dict[Kind, int]:
    """Return how many distinct names each kind has after the run."""
    sizes = store.sizes(ledger.kinds)
    out = {kind: before.get(kind, 0) for kind in Kind}
    for group, kind in ledger.kinds.items():
        old = sizes.get(group, 0)
        out[kind] += (old - ledger.went[group] + ledger.came[group] > 0) - (old > 0)
    return out


def everything(store: Store, change: Change, ledger: Ledger, why: str) -> Corpus:
    """Return all chains."""
    marked = change.marked
    fresh = (
        {chain.article_id for chain in marked.chains} | {m.article_id for m in marked.mentions} | change.gone
    )
    live = set(store.known_articles().values())
    chains = [c for c in store.chains() if c.article_id not in fresh and c.article_id in live] + marked.chains
    mentions = [m for m in store.mentions() if m.article_id not in fresh and m.article_id in live]
    if not change.anew and (store.is_new or store.indexed()):
        words = joined(store, None, ledger, skip=change.gone)
        index = index_of(ledger, marked.chains)
    else:
        texts = {a.article_id: a.text for a in store.articles() if a.article_id not in change.gone}
        words = read_words(sorted({**texts, **change.texts}.items()))
        counted = Counter(
            pair[1:]
            for pair in {(c.article_id, family, f) for c in chains for family, fs in described(c) for f in fs}
        )
        held = np.bincount(words.words, minlength=len(words.vocabulary)).tolist()
        counted.update({("story", word): n for word, n in zip(words.vocabulary, held, strict=True)})
        index = Index(list({parse(c.name, c.kind) for c in chains}), rows_of(words), counted, anew=True)
    return Corpus(
        sorted(chains, key=lambda c: c.chain_id),
        sorted(mentions + marked.mentions, key=lambda m: m.mention_id),
        words,
        None,
        store.current_entities(),
        index,
        frozenset(),
        why,
    )


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


def joined(store: Store, ids: set[str] | None, ledger: Ledger, *, skip: Iterable[str] = ()) -> Words:
    """Return the words of stored articles (None: of all) and of the new ones, counted after the run."""
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
    return Words(articles[order].tolist(), sizes[order], flat, list(vocabulary), seen, total)


def part(store: Store, change: Change, ledger: Ledger, scout: Scout, verdicts: set[str]) -> Corpus:
    """Return the chains of what is new and of all entities that it touches."""
    marked = change.marked
    replaced = (
        {chain.article_id for chain in marked.chains} | {m.article_id for m in marked.mentions} | change.gone
    )
    names = names_after(store, store.name_counts(), ledger)
    open_, near = touched(store, change, ledger, scout, names, replaced)
    sample = neighbourhood(store, open_, near - open_, verdicts)
    chains = [c for c in store.chains(only=sample.chains) if c.article_id not in replaced]
    mentions = [m for m in store.mentions(only=sample.chains) if m.article_id not in replaced]
    everyone = sorted(chains + marked.chains, key=lambda c: c.chain_id)
    words = joined(store, told_of(chains, marked), ledger, skip=change.gone)
    before = store.current_entities({m for chain in everyone for m in chain.mention_ids})
    known = {chain.chain_id: before[chain.mention_ids[0]] for chain in chains if chain.mention_ids}
    held = frozenset(chain_id for chain_id, entity in known.items() if entity not in open_)
    log.info("%d stored chains are looked at again, beside %d", len(chains) - len(held), len(held))
    return Corpus(
        everyone,
        sorted(mentions + marked.mentions, key=lambda m: m.mention_id),
        words,
        counts_of(store, everyone, ledger, names, words.total, sample.sizes),
        before,
        index_of(ledger, marked.chains),
        frozenset(sample.sizes),
        "",
        known,
        held,
    )


def told_of(chains: Sequence[Chain], marked: Marked) -> set[str]:
    """Return the articles whose words tell who somebody is: those of stored people and of all that is marked."""
    return {c.article_id for c in chains if c.kind == Kind.PER} | {c.article_id for c in marked.chains}


def counts_of(
    store: Store,
    chains: Sequence[Chain],
    ledger: Ledger,
    names: Mapping[Kind, int],
    articles: int,
    sizes: Mapping[int, int],
) -> Counts:
    """Return what is counted in the whole corpus after the run, for the features of some chains."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for chain in chains:
        for family, features in described(chain):
            wanted[family].update(features)
    seen = store.feature_counts(wanted)
    for (family, feature), number in ledger.features.items():
        if feature in wanted.get(family, ()):
            held = seen.setdefault(family, {})
            held[feature] = held.get(feature, 0) + number
    after = {group: size + ledger.came[group] - ledger.went[group] for group, size in sizes.items()}
    return Counts(articles, names, after, seen)


def touched(
    store: Store, change: Change, ledger: Ledger, scout: Scout, names: Mapping[Kind, int], replaced: set[str]
) -> tuple[set[str], set[str]]:
    """Return the stored entities that something new comes close to or that lose something, and those of its stories."""
    marked = change.marked
    out = {side for side in change.touched if not side.startswith("m-")}
    out |= set(store.current_entities([side for side in change.touched if side.startswith("m-")]).values())
    if replaced:
        lost = [chain.chain_id for chain in store.chains(replaced)]
        out |= set(store.entities_of_chains(lost).values())
    new = {chain.chain_id for chain in marked.chains}
    if not new:
        return out, set()
    distinct = list({group_of(c): parse(c.name, c.kind) for c in marked.chains}.values())
    groups = found_by_keys(store, distinct, names[Kind.PER]) | ledger.came.keys()
    near = list(store.chains(only=store.chains_of_names(groups, **SAMPLE)))
    near = [c for c in near if c.article_id not in replaced]
    log.info("%d stored chains of %d names are scouted", len(near), len(groups))
    some = sorted(near + marked.chains, key=lambda c: c.chain_id)
    words = joined(store, told_of(near, marked), ledger, skip=change.gone)
    sizes = store.sizes({group_of(c) for c in some})
    fresh = {number for number, chain in enumerate(some) if chain.chain_id in new}
    counts = counts_of(store, some, ledger, names, words.total, sizes)
    close = {some[number].chain_id for number in scout(some, words, counts, fresh)}
    return out | set(store.entities_of_chains(close).values()), store.people_in(
        stories(store, change, ledger)
    )


def stories(store: Store, change: Change, ledger: Ledger) -> set[str]:
    """Return the stored articles that may tell the story of a new one: they share words that few articles hold."""
    fresh = ledger.fresh
    total = store.article_count() + len(fresh.articles) - len(change.gone) + background("word").articles
    held = store.articles_telling(fresh.vocabulary, few=FEW_ARTICLES, least=SHARED_WEIGHT, total=total)
    words = {word: at for at, word in enumerate(fresh.vocabulary)}
    owners: dict[int, list[int]] = defaultdict(list)
    at = np.repeat(np.arange(len(fresh.articles)), fresh.sizes).tolist()
    for article, word in zip(at, fresh.words.tolist(), strict=True):
        owners[word].append(article)
    shared: dict[tuple[int, str], float] = defaultdict(float)
    for word, article_id, weight in held:
        for article in owners[words[word]]:
            shared[article, article_id] += weight
    ranked: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for (article, article_id), weight in shared.items():
        if weight >= SHARED_WEIGHT:
            ranked[article].append((-weight, article_id))
    return {
        article_id for near in ranked.values() for _, article_id in sorted(near)[:NEIGHBOURS]
    } - change.gone


def found_by_keys(store: Store, names: Sequence[Name], count: int) -> set[int]:
    """Return the stored names that share a key with one of some names; of very many names only the narrow keys tell."""
    if count <= MANY:
        return store.alike(name_keys(names, WIDE)[1], most=MOST_OF_A_KEY)
    alone = store.alike(name_keys(names, ALONE)[1], most=MOST_ALONE)
    return alone | store.alike(name_keys(names, NARROW)[1], most=MOST_OF_A_KEY)


class Sample(NamedTuple):
    """The chains of some entities; `sizes` has the number of chains of each name of which only some are among them."""

    chains: set[str]
    sizes: dict[int, int]


def neighbourhood(store: Store, touched: set[str], around: set[str], verdicts: set[str]) -> Sample:
    """Return the chains of entities, of those around them, and of those that were close to the touched ones."""
    mine = store.chains_of_entities(touched, **SAMPLE)
    full = {row.group for row in mine if row.kind == Kind.PER and not parse(row.name, row.kind).weak}
    near = store.entities_near([row.chain_id for row in mine], bits=-WITHIN) | store.namesakes(
        full, most=FAMOUS
    )
    entities = near | around | touched
    theirs = store.chains_of_entities(entities - touched, **SAMPLE)
    here = Counter(row.group for row in (*mine, *theirs))
    sizes = Counter[int]()
    for rows in (mine, theirs):
        sizes.update({row.group: row.size for row in rows})
    chains = {row.chain_id for row in (*mine, *theirs)} | store.chains_of_mentions(verdicts, entities)
    return Sample(chains, {group: size for group, size in sizes.items() if size > here[group]})
