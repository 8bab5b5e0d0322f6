"""The map: articles -> mentions -> chains -> names -> candidates -> scores -> clusters -> entities -> store.

`resolve` is the whole flow on one screen; every step is a stage's own function. Articles are read and marked in
batches, side by side if asked; linking sees all chains at once, those of earlier runs too; one transaction at the end
makes the new state visible.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from aliases.table import AliasTable, load_table
from resolver.authority import Authority
from resolver.chains import build_chains
from resolver.context import Topics
from resolver.entities import Claim, assign_ids, describe_entity, resolve_chain
from resolver.linking import Basis, Judgements, Linked, link_chains
from resolver.mentions import Extractor, TableScanner, extractor, find_mentions
from resolver.model import (
    Article,
    Chain,
    Decision,
    Entity,
    Fault,
    Kind,
    Mention,
    Name,
    Resolution,
    Status,
    Verdict,
)
from resolver.names import parse_name
from resolver.settings import Settings, Without
from resolver.store import Conflict, RunRecord, Store, StoredPair
from resolver.version import __version__

__all__ = ["Progress", "Summary", "load_tables", "resolve"]

log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many articles it has got through since the last call."""


def silent(_stage: str, _count: int) -> None:
    """Tell nobody how far a stage has come."""


BATCH = 64  # articles given to an extractor at a time


@dataclass
class Summary:
    """What a run did; seconds are wall-clock seconds by stage."""

    articles: int = 0
    unchanged: int = 0
    words: int = 0
    mentions: int = 0
    people: int = 0
    organisations: int = 0
    places: int = 0
    spellings: int = 0
    ambiguous: int = 0
    run_id: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def nothing_new(self) -> bool:
        """Whether every article was known already."""
        return self.articles == 0


def resolve(
    articles: Iterable[Article | Fault],
    store_path: str | Path,
    settings: Settings,
    *,
    progress: Progress = silent,
) -> Summary:
    """Resolve articles into a store.

    Args:
        articles: What was read, with faults among it.
        store_path: The DuckDB file; made if it is not there.
        settings: What to do.
        progress: Told how far each stage has come.

    Returns:
        Counts, seconds and the faults of the run.

    Raises:
        StoreError: The store cannot be used; nothing was changed.
        SettingsError: A setting cannot be meant.
        ModelError: A model file is missing or damaged.
    """
    clock, started = Clock(), datetime.now(UTC).isoformat()
    summary = Summary(seconds=clock.seconds)
    table = load_tables(settings)
    with Store.open(store_path, mode="write", create=True) as store:
        with clock("read"):
            intake = take_in(articles, store.known_articles(), summary, progress)
        if not intake:
            return summary
        with clock("mentions and chains"):
            marked = mark(intake, settings, progress)
        with clock("recall"):
            corpus = recall(store, marked)
        with clock("link"):
            authority = Authority(None if Without.ALIASES in settings.without else table)
            verdicts = judgements(corpus.chains, store.decisions(), store.current_entities())
            topics = read_topics(store, intake, settings)
            linked = link_chains(Basis(corpus.chains, parse, authority, topics, verdicts), settings)
        with clock("entities"):
            named = name_entities(corpus, linked, authority, store.current_entities(), store.births())
        count(summary, intake, corpus, named, linked)
        with clock("store"):
            summary.run_id = store.write_run(
                RunRecord(
                    started_at=started,
                    finished_at=datetime.now(UTC).isoformat(),
                    settings=settings.model_dump(mode="json"),
                    versions={
                        "alias-resolver": __version__,
                        "aliases": table.content_hash if table else "",
                    },
                    counts=counts(summary),
                    seconds=dict(clock.seconds),
                ),
                articles=intake,
                documents=intake,
                mentions=marked.mentions,
                chains=marked.chains,
                names={parse(s, c.kind) for c in marked.chains for s in (c.name, *c.forms)},
                pairs=stored_pairs(linked, corpus.chains),
                entities=named.entities,
                resolutions=named.resolutions,
                redirects=named.redirects,
                conflicts=[Conflict("", "", note) for note in linked.notes if "clash" in note],
            )
    return summary


@lru_cache(maxsize=1_000_000)
def parse(surface: str, kind: Kind) -> Name:
    """Return the parsed name of a surface; names repeat, so each is parsed once."""
    return parse_name(surface, kind)


# ---------------------------------------------------------------- reading and marking


class Marked(NamedTuple):
    """Mentions and chains of some articles."""

    mentions: list[Mention]
    chains: list[Chain]


def load_tables(settings: Settings) -> AliasTable | None:
    """Return the curated tables in layers, the packaged one for an empty folder name; None for none."""
    tables = [load_table(Path(folder) if folder else None) for folder in settings.aliases]
    return AliasTable.layered(*tables) if len(tables) > 1 else tables[0] if tables else None


def take_in(
    articles: Iterable[Article | Fault], known: Mapping[str, str], summary: Summary, progress: Progress
) -> list[Article]:
    """Return the articles that are new or changed; count the others and collect the faults."""
    new: dict[str, Article] = {}
    for item in articles:
        progress("read", 1)
        if isinstance(item, Fault):
            summary.faults.append(item)
        elif known.get(item.doc_id) == item.article_id:
            summary.unchanged += 1
        elif item.doc_id not in new:
            new[item.doc_id] = item
        elif new[item.doc_id].article_id != item.article_id:
            message = (
                f"doc_id {item.doc_id!r} stands for another text already ({new[item.doc_id].source}); "
                "expected one text for each doc_id: left out, give it an id of its own"
            )
            path, _, line = item.source.rpartition(":")
            summary.faults.append(
                Fault(message, path or item.source, int(line) if path and line.isdigit() else None)
            )
    return [new[doc_id] for doc_id in sorted(new)]


def mark(articles: Sequence[Article], settings: Settings, progress: Progress) -> Marked:
    """Find the mentions and chains of articles, each text once, in worker processes if settings say so."""
    distinct = list({article.article_id: article for article in articles}.values())
    chunks = list(batches(distinct, BATCH))
    marked = Marked([], [])
    if settings.workers == 1 or len(chunks) == 1:
        marker = Marker(settings)
        results: Iterator[Marked] = map(marker, chunks)
        collect(results, chunks, marked, progress)
    else:
        with ProcessPoolExecutor(settings.workers, get_context("spawn"), initialize, (settings,)) as pool:
            collect(pool.map(work, chunks), chunks, marked, progress)
    return marked


def collect(
    results: Iterator[Marked], chunks: Sequence[Sequence[Article]], into: Marked, progress: Progress
) -> None:
    """Gather results in the order of the chunks."""
    for chunk, result in zip(chunks, results, strict=True):
        into.mentions.extend(result.mentions)
        into.chains.extend(result.chains)
        progress("mentions", len(chunk))


def batches(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    """Yield lists of up to `size` articles."""
    left = iter(articles)
    while chunk := list(islice(left, size)):
        yield chunk


class Marker:
    """Finds mentions and chains of a batch of articles: a pure function of the batch once it is made."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.extract: Extractor = extractor(settings.extractor)
        table = (
            None
            if settings.extractor == "given" or Without.ALIASES in settings.without
            else load_tables(settings)
        )
        self.scanner = None if table is None else TableScanner(table)

    def __call__(self, articles: Sequence[Article]) -> Marked:
        """Return the mentions and chains of some articles."""
        kinds = frozenset(self.settings.kinds)
        found = find_mentions(articles, extractor=self.extract, scanner=self.scanner, kinds=kinds)
        attach = Without.CHAINS not in self.settings.without
        out = Marked([], [])
        for article, mentions in zip(articles, found, strict=True):
            out.mentions.extend(mentions)
            out.chains.extend(build_chains(article, mentions, parse=parse, attach=attach))
        return out


_marker: Marker | None = None


def initialize(settings: Settings) -> None:
    """Make the marker of a worker process."""
    global _marker  # noqa: PLW0603 - a worker process has one marker, made once
    _marker = Marker(settings)


def work(articles: Sequence[Article]) -> Marked:
    """Mark a batch in a worker process."""
    return (_marker or Marker(Settings()))(articles)


# ---------------------------------------------------------------- linking and naming


def recall(store: Store, marked: Marked) -> Marked:
    """Return the new mentions and chains with the ones of earlier runs that still stand, in the order of their ids."""
    fresh = {chain.article_id for chain in marked.chains} | {
        mention.article_id for mention in marked.mentions
    }
    live = set(store.known_articles().values())
    chains = [chain for chain in store.chains() if chain.article_id not in fresh and chain.article_id in live]
    mentions = [m for m in store.mentions() if m.article_id not in fresh and m.article_id in live]
    return Marked(
        sorted(mentions + marked.mentions, key=lambda m: m.mention_id),
        sorted(chains + marked.chains, key=lambda c: c.chain_id),
    )


def read_topics(store: Store, intake: Sequence[Article], settings: Settings) -> Topics | None:
    """Return the words of all articles, new and known, in the order of their ids; None if context is left out."""
    if Without.CONTEXT in settings.without:
        return None
    texts = {article.article_id: article.text for article in store.articles()}
    texts.update((article.article_id, article.text) for article in intake)
    return Topics(sorted(texts.items()))


def judgements(
    chains: Sequence[Chain], decisions: Iterable[Decision], entity_of: Mapping[str, str]
) -> Judgements:
    """Turn verdicts on mentions, chains or entities into pairs of chain numbers."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, chain in enumerate(chains):
        members[chain.chain_id].append(number)
        for mention_id in chain.mention_ids:
            members[mention_id].append(number)
            if mention_id in entity_of and number not in members[entity_of[mention_id]]:
                members[entity_of[mention_id]].append(number)
    same: list[tuple[int, int]] = []
    different: list[tuple[int, int]] = []
    for decision in decisions:
        left, right = members.get(decision.left, []), members.get(decision.right, [])
        if decision.verdict == Verdict.SAME:
            same.extend((left[0], other) for other in right if left)
        elif decision.verdict == Verdict.DIFFERENT:
            different.extend((a, b) for a in left for b in right)
    return Judgements(tuple(same), tuple(different))


class Named(NamedTuple):
    """Entities, the outcome of every mention, and redirects from former ids."""

    entities: list[Entity]
    resolutions: list[Resolution]
    redirects: dict[str, str]


def name_entities(
    corpus: Marked, linked: Linked, authority: Authority, before: Mapping[str, str], born: Mapping[str, int]
) -> Named:
    """Turn clusters into entities and outcomes into resolutions."""
    mention = {m.mention_id: m for m in corpus.mentions}
    chain_of = {chain.chain_id: chain for chain in corpus.chains}
    mentions_of = {chain.chain_id: chain.mention_ids for chain in corpus.chains}
    ids, redirects = assign_ids(linked.clusters, mentions_of, before, born)
    entities = []
    for entity_id, cluster in zip(ids, linked.clusters, strict=True):
        chains = [chain_of[chain_id] for chain_id in cluster.chain_ids]
        mentions = [mention[m] for chain in chains for m in chain.mention_ids]
        curated = authority.names.get(cluster.curated_id, "")
        entities.append(describe_entity(entity_id, chains, mentions, parse, curated))
    claims = {}
    for number, outcome in linked.outcomes.items():
        cluster = linked.clusters[outcome.cluster]
        options = tuple((ids[c], p) for c, p in outcome.options)
        alone = len(cluster.chain_ids) == 1 and not cluster.curated_id
        claim = Claim(ids[outcome.cluster], outcome.probability, outcome.linked_by, options, alone)
        claims[corpus.chains[number].chain_id] = claim
    resolutions = [
        resolution
        for chain in corpus.chains
        if chain.chain_id in claims
        for resolution in resolve_chain(
            chain, claims[chain.chain_id], [mention[m] for m in chain.mention_ids], claims, parse
        )
    ]
    return Named(entities, resolutions, redirects)


def stored_pairs(linked: Linked, chains: Sequence[Chain]) -> list[StoredPair]:
    """Return the kept pairs with chain ids in place of numbers."""
    out = []
    for pair in linked.pairs:
        left, right = sorted((chains[pair.left].chain_id, chains[pair.right].chain_id))
        out.append(StoredPair(left, right, pair.bits, pair.probability, pair.keys, pair.evidence))
    return out


# ---------------------------------------------------------------- counting


class Clock:
    """Adds up the wall-clock seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str) -> Clock:
        self._stage, self._began = stage, time.perf_counter()
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + time.perf_counter() - self._began
        log.info("%s: %.2f s", self._stage, self.seconds[self._stage])


def count(summary: Summary, intake: Sequence[Article], corpus: Marked, named: Named, linked: Linked) -> None:
    """Fill in the numbers of a run."""
    summary.articles = len(intake)
    summary.words = sum(len(article.text.split()) for article in intake)
    summary.mentions = len(corpus.mentions)
    of_kind = {kind: [e for e in named.entities if e.kind == kind] for kind in Kind}
    summary.people, summary.organisations, summary.places = (
        len(of_kind[k]) for k in (Kind.PER, Kind.ORG, Kind.LOC)
    )
    summary.spellings = sum(len(entity.names) for entity in of_kind[Kind.PER])
    summary.ambiguous = sum(r.status == Status.AMBIGUOUS for r in named.resolutions)
    summary.notes = list(linked.notes)


def counts(summary: Summary) -> dict[str, int]:
    """Return the numbers of a run for its record."""
    fields = (
        "articles",
        "unchanged",
        "words",
        "mentions",
        "people",
        "organisations",
        "places",
        "spellings",
        "ambiguous",
    )
    return {name: getattr(summary, name) for name in fields} | {"faults": len(summary.faults)}
