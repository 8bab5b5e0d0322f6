"""What of the store has to be looked at again: what the new comes close to, or everything.

Comes in: what a run adds, takes away and has verdicts on. Goes out: the chains to link, with what must be known of all
the others (running counts, sizes). A stored entity is looked at again if a new name came close to one of its own or if
a verdict speaks of it; then all of it is. Whoever was close to such an entity, bears its name or stands in an article
nearest to a new one is at hand too, but held: others may join that entity, it is neither parted nor linked anew. Which
stories the new articles tell is settled before anybody is looked at.

(Linking all of them anew, and whoever was close to these, took eight times as long for 40 articles on top of 4,000, and
three times as many pairs differed from one batch: those at the edge were linked without those around them.)

Everything is looked at while the store is small, when much has come since it was, when the number of names has doubled
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
from resolver.candidates import MANY, candidate_pairs
from resolver.context import FEW_ARTICLES, SHARED_WEIGHT, Topics, Words, background, read_words
from resolver.keys import RARE
from resolver.linking import FAMOUS, rounded
from resolver.marking import Marked, parse, take_as_parsed
from resolver.model import Chain, Counts, Kind, Mention, Name
from resolver.stock import (
    Change,
    Ledger,
    borne_beside,
    counted,
    counts_of,
    group_of,
    index_of,
    joined,
    names_after,
    names_before,
    rows_of,
    taken_stock,
    tales_of,
)
from resolver.store import Index, Store, Tales

__all__ = ["Change", "Corpus", "recall"]

log = logging.getLogger(__name__)

# Stored chains up to which everything is linked anew when articles come or go: some 1,600 articles.
SMALL = 12_000
FEW = 3_000  # the same when none do, as with a verdict: somebody is waiting
# Chains that have come since everything was linked, for each one of then, from which everything is linked anew: what is
# counted drifts.
LARGE_SHARE = 0.15
MOST_ALONE = RARE  # names with one word, in a long list
MOST_OF_A_KEY = 400  # names of one key: a key of more tells nothing
# Bits that a pair may lack of a link and is looked at again. After 180 real articles in six nights on top of 1,200, in
# two orders, .16 % of the joined pairs differed from one batch with 0, .16 and .19 with .5, .18 and .19 with 1.
WITHIN = 0.0
# Stored articles nearest to a new one whose people are at hand. With 8, as many as people are matched among when all
# is linked, 200 articles on top of 20,000 took two fifths more, and as many joined pairs differed from one batch:
# .148 % in four orders of `tests/bench/bench_nights.py`, .144 with 4; with 3 it was .161.
NEAREST = 4
# The same among which its event and story are sought: .170 % with 8, .154 with 40, for 5 % more CPU-seconds.
NEAR = 40
# Articles of a story up to which it is told anew when it goes on. Where old stories only grew, .344 % differed.
WHOLE_STORY = 100
SAMPLE = {"people": FAMOUS, "others": 10}  # chains that stand for a name, if it has more: see `linking`

WHOLE = "chains linked as a whole"  # how a run calls in its counts the chains there were when all were linked last

Scout = Callable[[Sequence[Chain], Words, Counts, set[int]], set[int]]


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
    counted: dict[str, int]
    why_all: str
    known: Mapping[str, str] = MappingProxyType({})
    held: frozenset[str] = frozenset()


def recall(store: Store, change: Change, scout: Scout, *, verdicts: Iterable[str] = ()) -> Corpus:
    """Return what a run has to link.

    Args:
        store: The store as it is before the run.
        change: What the run brings.
        scout: Says which of some chains (by number) come close to the new ones among them.
        verdicts: Mentions that verdicts are anchored to; each is judged by itself and so always at hand.
    """
    ledger = taken_stock(store, change)
    before = names_before(store)
    names = names_after(store, before, ledger)
    why = change.why_all or reason_for_all(store, change, before, names)
    if why:
        return everything(store, change, ledger, names, why)
    return part(store, change, ledger, names, scout, set(verdicts))


def for_later(names: Mapping[Kind, int], whole: int) -> dict[str, int]:
    """Return what later runs ask the last one for, so that it need not be counted again."""
    return {WHOLE: whole, **{f"names {kind}": count for kind, count in names.items()}}


def linked_as_whole(store: Store) -> int:
    """Return how many chains there were when all of them were linked last."""
    last = store.last_run()
    return (last.counts.get(WHOLE, 0) if last else 0) or store.chain_count()


def reason_for_all(
    store: Store, change: Change, before: Mapping[Kind, int], after: Mapping[Kind, int]
) -> str:
    """Return why everything has to be linked anew, "" if a part will do."""
    if store.is_new:
        return "first run"
    if not store.indexed():
        return "a store of an earlier version"
    stored = store.chain_count()
    if stored <= (SMALL if change.texts or change.gone else min(SMALL, FEW)):
        return "a small store"
    if stored + len(change.marked.chains) > (1 + LARGE_SHARE) * linked_as_whole(store):
        return "much has come since all was linked"
    if any(rounded(before.get(kind, 0)) != rounded(after[kind]) for kind in Kind):
        return "twice as many names as when all was linked"
    return ""


def everything(store: Store, change: Change, ledger: Ledger, names: Mapping[Kind, int], why: str) -> Corpus:
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
        nothing = np.zeros_like(words.events)
        words = words._replace(events=nothing, stories=nothing, last=(0, 0))
        index = index_of(ledger, marked.chains)
    else:
        texts = {a.article_id: a.text for a in store.articles() if a.article_id not in change.gone}
        words = read_words(sorted({**texts, **change.texts}.items()))
        seen = counted(chains)
        held = np.bincount(words.words, minlength=len(words.vocabulary)).tolist()
        seen.update({("story", word): n for word, n in zip(words.vocabulary, held, strict=True)})
        index = Index(list({parse(c.name, c.kind) for c in chains}), rows_of(words), seen, anew=True)
        distinct = Counter({group_number(name): name.kind for name in index.names}.values())
        names = {kind: distinct[kind] for kind in Kind}
    return Corpus(
        sorted(chains, key=lambda c: c.chain_id),
        sorted(mentions + marked.mentions, key=lambda m: m.mention_id),
        words,
        None,
        store.current_entities(),
        index,
        frozenset(),
        for_later(names, len(chains)),
        why,
    )


def part(
    store: Store,
    change: Change,
    ledger: Ledger,
    names: Mapping[Kind, int],
    scout: Scout,
    verdicts: set[str],
) -> Corpus:
    """Return the chains of what is new and of all entities that it touches."""
    marked = change.marked
    replaced = (
        {chain.article_id for chain in marked.chains} | {m.article_id for m in marked.mentions} | change.gone
    )
    around, tales = stories(store, change, ledger)
    open_ = touched(store, change, ledger, scout, names, replaced, tales)
    sample = neighbourhood(store, open_, around - open_, verdicts)
    chains = [c for c in store.chains(only=sample.chains) if c.article_id not in replaced]
    mentions = [m for m in store.mentions(only=sample.chains) if m.article_id not in replaced]
    take_as_parsed(store.names({chain.name for chain in chains}))
    everyone = sorted(chains + marked.chains, key=lambda c: c.chain_id)
    words = joined(store, told_of(chains, marked), ledger, skip=change.gone, tales=tales)
    before = store.current_entities({m for chain in everyone for m in chain.mention_ids})
    known = {chain.chain_id: before[chain.mention_ids[0]] for chain in chains if chain.mention_ids}
    held = frozenset(chain_id for chain_id, entity in known.items() if entity not in open_)
    log.info("%d stored chains are looked at again, beside %d", len(chains) - len(held), len(held))
    open_chains = [c for c in everyone if c.chain_id not in held]
    return Corpus(
        everyone,
        sorted(mentions + marked.mentions, key=lambda m: m.mention_id),
        words,
        counts_of(
            store, everyone, ledger, names, sample.sizes, borne_beside(store, open_chains, skip=replaced)
        ),
        before,
        index_of(ledger, marked.chains)._replace(tales=tales),
        frozenset(sample.sizes),
        for_later(names, linked_as_whole(store)),
        "",
        known,
        held,
    )


def told_of(chains: Sequence[Chain], marked: Marked) -> set[str]:
    """Return the articles whose words tell who somebody is: those of stored people and of all that is marked."""
    return {c.article_id for c in chains if c.kind == Kind.PER} | {c.article_id for c in marked.chains}


def touched(
    store: Store,
    change: Change,
    ledger: Ledger,
    scout: Scout,
    names: Mapping[Kind, int],
    replaced: set[str],
    tales: Tales,
) -> set[str]:
    """Return the stored entities that something new comes close to or that lose something."""
    marked = change.marked
    mentions = {side for side in change.touched if side.startswith("m-")}
    out = set(change.touched - mentions)
    out |= set(store.current_entities(mentions).values()) if mentions else set()
    if replaced:
        lost = [chain.chain_id for chain in store.chains(replaced)]
        out |= set(store.entities_of_chains(lost).values())
    new = {chain.chain_id for chain in marked.chains}
    if not new:
        return out
    fresh_names = {group_of(c): parse(c.name, c.kind) for c in marked.chains}
    found = store.borne(
        groups=found_by_keys(store, list(fresh_names.values()), names[Kind.PER]), skip=replaced
    )
    take_as_parsed(name for name, _ in found)
    groups = partners({group_number(name): name for name, _ in found}, fresh_names, names)
    near = list(store.chains(only=store.chains_of_names(groups, **SAMPLE)))
    near = [c for c in near if c.article_id not in replaced]
    log.info("%d stored chains of %d names are scouted", len(near), len(groups))
    some = sorted(near + marked.chains, key=lambda c: c.chain_id)
    words = joined(store, told_of(near, marked), ledger, skip=change.gone, tales=tales)
    sizes = store.sizes({group_of(c) for c in some})
    fresh = {number for number, chain in enumerate(some) if chain.chain_id in new}
    borne = [row for row in found if row[0].kind == Kind.PER]
    counts = counts_of(store, some, ledger, names, sizes, borne)
    close = {some[number].chain_id for number in scout(some, words, counts, fresh)}
    return out | set(store.entities_of_chains(close).values())


def stories(store: Store, change: Change, ledger: Ledger) -> tuple[set[str], Tales]:
    """Return the people of the stored articles nearest to new ones, and what changes about events and stories."""
    if not ledger.fresh.articles:
        return set(), Tales()
    ranked = near_articles(store, change, ledger)
    nearest, near = (
        {article_id for row in ranked for article_id in row[:most]} - change.gone for most in (NEAREST, NEAR)
    )
    loose = store.whole_stories(near, most=WHOLE_STORY)
    words = joined(store, near | loose, ledger, skip=change.gone, loose=loose)
    return store.people_in(nearest), tales_of(Topics(words))


def near_articles(store: Store, change: Change, ledger: Ledger) -> list[list[str]]:
    """Return for new articles the stored ones that may tell its story, the nearest first.

    They share words that few articles hold.
    """
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
    return [[article_id for _, article_id in sorted(found)[:NEAR]] for found in ranked.values()]


def partners(stored: Mapping[int, Name], fresh: Mapping[int, Name], count: Mapping[Kind, int]) -> set[int]:
    """Return new names and the stored ones that they are compared with, the candidates.

    (Of 65,000 names that shared a key with one of 1,000 articles on top of 100,000, some 7,500 were candidates.)

    Args:
        stored: Names by their numbers.
        fresh: New names by theirs.
        count: How many distinct names each kind has after the run.
    """
    known = {**stored, **fresh}
    out = set(fresh)
    for kind in Kind:
        listed = sorted(
            (number for number in known if known[number].kind == kind), key=lambda n: known[n].folded
        )
        pairs = candidate_pairs([known[number] for number in listed], total=count[kind])
        new = np.array([number in fresh for number in listed], dtype=bool)
        asked = new[pairs.left] | new[pairs.right]
        out.update(listed[at] for at in np.unique(np.r_[pairs.left[asked], pairs.right[asked]]).tolist())
    return out


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
    near = store.entities_near([row.chain_id for row in mine], bits=-WITHIN, names=full, most=FAMOUS)
    entities = near | around | touched
    rest = entities - touched
    theirs = store.chains_of_entities(rest, **SAMPLE) if rest else []
    here = Counter(row.group for row in (*mine, *theirs))
    sizes = Counter[int]()
    for rows in (mine, theirs):
        sizes.update({row.group: row.size for row in rows})
    chains = {row.chain_id for row in (*mine, *theirs)}
    sampled = {group: size for group, size in sizes.items() if size > here[group]}
    if sampled:
        chains |= store.chains_of_mentions(verdicts, entities)
    return Sample(chains, sampled)
