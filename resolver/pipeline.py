"""The map: articles -> mentions -> chains -> names -> candidates -> scores -> clusters -> entities -> store.

`resolve` is the whole flow on one screen; every step is a stage's own function. Articles are read and marked in
batches, side by side if asked; `revise` links what is new with what it comes near; one transaction at the end makes
the new state visible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resolver.authority import Authority
from resolver.context import Topics, Words
from resolver.errors import VerdictError
from resolver.linking import Basis, close_chains, link_chains
from resolver.marking import Marked, Progress, mark, parse, silent, tables_of
from resolver.model import Article, Chain, Counts, Decision, Fault
from resolver.naming import name_entities, stored_pairs
from resolver.recall import WITHIN, Corpus, recall
from resolver.settings import Settings, Without
from resolver.stock import Change, tales_of
from resolver.store import Index, RunRecord, Store, uncollected
from resolver.summary import Clock, Summary
from resolver.verdicts import broken, judgements, part_chains
from resolver.version import __version__

__all__ = ["Progress", "Summary", "as_linked", "now", "resolve", "revise", "settings_of", "silent"]

LINKING = ("kinds", "without", "min_probability", "ambiguity_bits")  # settings that change what is linked


@uncollected()
def resolve(
    articles: Iterable[Article | Fault],
    store_path: str | Path,
    settings: Settings,
    *,
    wait: float = 0.0,
    progress: Progress = silent,
) -> Summary:
    """Resolve articles into a store.

    Args:
        articles: What was read, with faults among it.
        store_path: The DuckDB file; made if it is not there.
        settings: What to do.
        wait: Seconds to wait for another writer.
        progress: Told how far each stage has come.

    Returns:
        Counts, seconds and the faults of the run.

    Raises:
        StoreError: The store cannot be used; nothing was changed.
        SettingsError: A setting cannot be meant.
        ModelError: A model file is missing or damaged.
    """
    clock, started = Clock(), now()
    summary = Summary(seconds=clock.seconds)
    with Store.open(store_path, mode="write", create=True, wait=wait) as store:
        with clock("read"):
            known = store.known_articles()
            intake = take_in(articles, known, summary, progress)
        if not intake:
            return summary
        with clock("load table"):
            tables_of(settings)
        with clock("mentions and chains"):
            marked = mark(intake, settings, progress)
        clock.seconds["scan table"] = marked.scanning
        change = change_of(intake, known, marked)
        revise(store, change, settings, summary, clock, started=started, articles=intake)
    return summary


@uncollected()
def revise(  # noqa: PLR0913 - what changes, how, and what is said of it
    store: Store,
    change: Change,
    settings: Settings,
    summary: Summary,
    clock: Clock,
    *,
    started: str,
    command: str = "resolve",
    decisions: Sequence[Decision] = (),
    honour: bool = False,
    **rows: Any,
) -> dict[str, str]:
    """Link what has changed with what it comes near, and store the run.

    Args:
        store: The store, open for writing.
        change: What is new, gone or to be looked at again.
        settings: How to link.
        summary: Filled in.
        clock: Told what takes how long.
        started: When the command began, ISO 8601.
        command: What was asked for.
        decisions: Verdicts that are given or taken back by this run.
        honour: Whether to refuse the run if it cannot honour every verdict, instead of noting what clashes.
        rows: What else `Store.write_run` is to store.

    Raises:
        VerdictError: A verdict cannot be honoured.
    """
    table = tables_of(settings)
    authority = Authority(table)
    ruling = standing(store.decisions(), decisions)
    versions = {"alias-resolver": __version__, "aliases": table.content_hash if table else ""}
    with clock("recall"):
        marked = parted(change.marked, ruling, store)
        change = change._replace(
            marked=marked, why_all=change.why_all or settings_differ(store, settings, versions)
        )

        def years_of(chains: Sequence[Chain]) -> dict[str, int]:
            return read_years(store, chains, rows.get("articles", ()))

        def scout(chains: Sequence[Chain], words: Words, counts: Counts, fresh: set[int]) -> set[int]:
            about = {chains[number].article_id for number in fresh}
            basis = based_on(chains, words, counts, authority, settings, about=about)
            return close_chains(basis._replace(years=years_of(chains)), fresh, settings, within=WITHIN)

        anchors = [m for d in ruling for m in (d.left_mention, d.right_mention) if m]
        corpus = recall(store, change, scout, verdicts=anchors)
    with clock("link"):
        verdicts = judgements(corpus.chains, ruling, corpus.before, store.redirects())
        about = (
            {c.article_id for c in corpus.chains if c.chain_id not in corpus.held} if corpus.held else None
        )
        basis = based_on(corpus.chains, corpus.words, corpus.counts, authority, settings, about=about)
        number = {chain.chain_id: at for at, chain in enumerate(corpus.chains)}
        basis = basis._replace(
            judgements=verdicts,
            years=years_of(corpus.chains),
            known={number[chain_id]: entity for chain_id, entity in corpus.known.items()},
            held=frozenset(number[chain_id] for chain_id in corpus.held),
        )
        linked = link_chains(basis, settings)
    with clock("entities"):
        named = name_entities(store, corpus, linked, authority)
    summary.articles, summary.words = size_of(rows.get("articles", ()))
    summary.notes = [*(table.notes if table else ()), *linked.notes]
    conflicts = broken(ruling, corpus.before, named.resolutions)
    if conflicts and honour:
        raise VerdictError([(conflict.detail, conflict.decision_ids) for conflict in conflicts])
    summary.notes += [conflict.detail for conflict in conflicts]
    again = len(corpus.chains) - len(marked.chains) - len(corpus.held)
    summary.looked_at = corpus.why_all or f"{again} stored chains"
    named_anew = corpus.chains if corpus.additions.anew else marked.chains
    with clock("store"):
        summary.run_id = store.write_run(
            RunRecord(
                started_at=started,
                finished_at=now(),
                command=command,
                settings=settings.model_dump(mode="json"),
                versions=versions,
                counts=summary.counts() | {"looked at again": again} | corpus.counted,
                seconds=dict(clock.seconds),
            ),
            mentions=marked.mentions,
            chains=marked.chains,
            names={parse(s, c.kind) for c in named_anew for s in (c.name, *c.forms)},
            pairs=stored_pairs(corpus, linked.pairs),
            entities=named.entities,
            resolutions=named.resolutions,
            redirects=named.redirects,
            moves=named.moves,
            relinked=[chain.chain_id for chain in corpus.chains if chain.chain_id not in corpus.held],
            compared={c.chain_id: c.chain_id not in corpus.known for c in corpus.chains},
            index=with_stories(corpus, basis.topics),
            conflicts=conflicts,
            decisions=decisions,
            **rows,
        )
    if command == "resolve":
        summary.fill(store.totals())
    return {r.mention_id: r.entity_id for r in named.resolutions}


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat()


def settings_of(store: Store) -> Settings:
    """Return the settings of the last run."""
    last = store.last_run()
    return Settings() if last is None else Settings.model_validate(last.settings)


def based_on(
    chains: Sequence[Chain],
    words: Words,
    counts: Counts | None,
    authority: Authority,
    settings: Settings,
    *,
    about: Collection[str] | None = None,
) -> Basis:
    """Return what linking stands on: chains with what is known of their articles and of the rest of the corpus."""
    topics = None if Without.CONTEXT in settings.without else Topics(words, about)
    return Basis(chains, parse, authority, topics, counts=counts)


def with_stories(corpus: Corpus, topics: Topics | None) -> Index:
    """Return what a run adds to the store, together with the events and stories of texts that changed."""
    if topics is None or not corpus.why_all:  # of a part they are known already
        return corpus.additions
    return corpus.additions._replace(tales=tales_of(topics))


def read_years(store: Store, chains: Sequence[Chain], intake: Sequence[Article]) -> dict[str, int]:
    """Return the year of the articles of some chains, stored or new, that have a date."""
    found = store.dates({chain.article_id for chain in chains})
    found.update((article.article_id, article.date) for article in intake if article.date)
    return {article_id: int(date[:4]) for article_id, date in found.items() if date[:4].isdecimal()}


def as_linked(settings: Settings) -> dict[str, Any]:
    """Return the settings that decide what is linked, in the form in which a run keeps them."""
    kept = settings.model_dump(mode="json")
    return {name: sorted(kept[name]) if isinstance(kept[name], list) else kept[name] for name in LINKING}


def settings_differ(store: Store, settings: Settings, versions: Mapping[str, str]) -> str:
    """Return what was done otherwise in the last run, so that everything has to be linked anew; "" for nothing."""
    last = store.last_run()
    if last is None:
        return ""
    if as_linked(settings) != as_linked(Settings.model_validate(last.settings)):
        return "other settings than in the last run"
    return "other versions than in the last run" if dict(last.versions) != dict(versions) else ""


def standing(stored: Iterable[Decision], new: Iterable[Decision]) -> list[Decision]:
    """Return the verdicts that hold with those of this run."""
    held = {decision.decision_id: decision for decision in (*stored, *new)}
    return [decision for decision in held.values() if not decision.undone_at]


def parted(marked: Marked, ruling: Sequence[Decision], store: Store) -> Marked:
    """Return chains without the mentions that a verdict takes out of them."""
    asked = {m for d in ruling for m in (d.left_mention, d.right_mention)} - {""}
    if not asked.intersection(m.mention_id for m in marked.mentions):
        return marked
    surfaces = {mention.mention_id: mention.surface for mention in marked.mentions}
    chains = part_chains(marked.chains, ruling, surfaces, store.current_entities(surfaces))
    return Marked(marked.mentions, chains)


def size_of(articles: Sequence[Article]) -> tuple[int, int]:
    """Return the number of articles and of their words."""
    return len(articles), sum(len(article.text.split()) for article in articles)


def change_of(intake: Sequence[Article], known: Mapping[str, str], marked: Marked) -> Change:
    """Return what articles change in a store, given the text that each known doc_id had."""
    live = set(known.values())
    after = {**known, **{article.doc_id: article.article_id for article in intake}}
    texts = {a.article_id: a.text for a in intake if a.article_id not in live}
    return Change(marked, texts, frozenset(live - set(after.values())))


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
