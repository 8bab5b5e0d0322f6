"""What people change in a store: verdicts given and taken back, documents forgotten, everything computed anew.

Each is one run: what it touches is linked again at once, and the run is stored whole or not at all. Comes in: ids and
names as people write them. Goes out: what became of it, in words. Refuses to know: the command line.
"""

from __future__ import annotations

import getpass
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from resolver.chains import build_chains
from resolver.errors import InputError
from resolver.marking import Marked, Progress, mark, parse, silent
from resolver.model import Article, Decision, Verdict, content_id
from resolver.opinions import COLUMNS, JUDGEMENTS, Opinion, read_opinions
from resolver.pipeline import revise
from resolver.recall import Change
from resolver.settings import Settings, Without
from resolver.store import Alteration, Store
from resolver.summary import Clock, Summary
from resolver.verdicts import on_mention

__all__ = [
    "COLUMNS",
    "JUDGEMENTS",
    "Opinion",
    "Ruling",
    "decide",
    "decide_all",
    "forget",
    "read_opinions",
    "rebuild",
    "undo",
    "whoami",
]

MOST_NEGATIVES = (
    200  # verdicts that one split may write: beyond that the mentions are better told apart one by one
)


class Ruling(NamedTuple):
    """What became of a verdict: the rows that were stored, a line on each side, and what a reader should know."""

    decisions: tuple[Decision, ...]
    sides: tuple[str, ...]
    notes: tuple[str, ...]
    run_id: int


class Side(NamedTuple):
    """What a side of a verdict stands for: its id as given, the mention that it is anchored to, the entity now.

    `spelled` says that it was given as a spelling.
    """

    id: str
    mention: str
    entity: str
    name: str
    note: str = ""
    spelled: bool = False


def whoami() -> str:
    """Return the name of the user who runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat()


def decide(store_path: str | Path, opinion: Opinion, *, wait: float = 0.0) -> Ruling:
    """Store a verdict and link what it touches.

    Raises:
        InputError: A side is not known, or the verdict contradicts others; nothing was changed.
        StoreError: The store cannot be used.
    """
    with Store.open(store_path, mode="write", wait=wait) as store:
        return enter(store, [opinion], "decide")


def decide_all(
    store_path: str | Path, opinions: Iterable[tuple[str, Opinion]], *, wait: float = 0.0
) -> tuple[Ruling, list[str]]:
    """Store verdicts one after the other in one go; those that cannot be are left out.

    Args:
        store_path: The store.
        opinions: Where each stands (file and line) and what it says.
        wait: Seconds to wait for another writer.

    Returns:
        What was stored, and one line for each that was left out.
    """
    faults: list[str] = []
    kept: list[Decision] = []
    notes: list[str] = []
    run_id = 0
    with Store.open(store_path, mode="write", wait=wait) as store:
        for place, opinion in opinions:
            try:
                ruling = enter(store, [opinion], "import")
            except InputError as error:
                faults.append(f"{place}: {error}")
            else:
                kept.extend(ruling.decisions)
                notes.extend(ruling.notes)
                run_id = ruling.run_id
    return Ruling(tuple(kept), (), tuple(notes), run_id), faults


def enter(store: Store, opinions: Sequence[Opinion], command: str) -> Ruling:
    """Store verdicts in one run."""
    started = now()
    given: list[Decision] = []
    sides: list[Side] = []
    for opinion in opinions:
        left, right = side_of(store, opinion.left), side_of(store, opinion.right)
        sides += [left, right]
        given += written(store, opinion, left, right, started)
    known = {d.decision_id: d for d in store.decisions(undone=True)}
    fresh = [d for d in given if d.decision_id not in known]
    notes = tuple(side.note for side in sides if side.note)
    if not fresh:
        return Ruling(tuple(given), (), (*notes, "was known already: nothing changed"), 0)
    touched = {side.entity for side in sides} | {side.mention for side in sides}
    articles = articles_to_part(store, fresh)
    summary = apply(store, started, command, fresh, touched, articles)
    after = [side_of(store, side.mention) for side in sides]
    lines = tuple(
        f"{side.id} is {one.entity} ({name_of(store, one.entity)})"
        for side, one in zip(sides, after, strict=True)
    )
    return Ruling(tuple(fresh), lines, (*notes, *summary.notes), summary.run_id)


def apply(
    store: Store,
    started: str,
    command: str,
    decisions: Sequence[Decision],
    touched: set[str],
    articles: Sequence[Article],
) -> Summary:
    """Link what verdicts touch, as the last run was asked to, and store the run."""
    settings = settings_of(store)
    clock = Clock()
    summary = Summary(seconds=clock.seconds)
    marked = chained_again(store, articles, settings)
    change = Change(marked, touched=frozenset(touched))
    revise(
        store, change, settings, summary, clock, started=started, command=command, decisions=decisions,
        honour=True, articles=articles, documents=(),
    )  # fmt: skip
    return summary


def settings_of(store: Store) -> Settings:
    """Return the settings of the last run."""
    last = store.last_run()
    return Settings() if last is None else Settings.model_validate(last.settings)


def written(store: Store, opinion: Opinion, left: Side, right: Side, started: str) -> list[Decision]:
    """Return a verdict as rows: one, or as many negatives as it takes to part two spellings of one entity."""
    if left.mention == right.mention:
        raise InputError(
            f"{opinion.left!r} and {opinion.right!r} are the same {'mention' if on_mention(left.id) else 'entity'} "
            f"({left.entity}): to split it, give two of its mentions or spellings (resolver show {left.entity})"
        )
    pairs = [(left, right)]
    one = left.entity == right.entity
    if one and opinion.verdict == Verdict.DIFFERENT and left.spelled and right.spelled:
        pairs = parted_spellings(store, left, right)
    at = opinion.decided_at or started
    return [
        Decision(
            (opinion.decision_id if len(pairs) == 1 else "")
            or content_id("v", a.id, b.id, opinion.verdict, a.mention, b.mention, at),
            a.id, b.id, opinion.verdict, opinion.reason, opinion.user or whoami(), at, "", a.mention, b.mention,
        )
        for a, b in pairs
    ]  # fmt: skip


def parted_spellings(store: Store, left: Side, right: Side) -> list[tuple[Side, Side]]:
    """Return the pairs of mentions that keep two spellings of one entity apart.

    Each chain with the rarer spelling is parted from a mention with the other one, and from those in itself.
    """
    detail = store.entity(left.entity)
    chains: tuple[dict[str, str], dict[str, str]] = {}, {}
    for m in detail.mentions if detail is not None else ():
        for side, found in zip((left, right), chains, strict=True):
            if m.surface == side.name:
                found.setdefault(m.chain_id or m.mention_id, m.mention_id.partition("@")[0])
    rarer = 0 if len(chains[0]) <= len(chains[1]) else 1
    mine, other = (left, right)[rarer], (left, right)[1 - rarer]
    return [
        (mine._replace(id=own, mention=own), other._replace(id=opposite, mention=opposite))
        for chain_id, own in sorted(chains[rarer].items())[:MOST_NEGATIVES]
        for opposite in sorted({other.mention, chains[1 - rarer].get(chain_id, other.mention)})
    ]


def side_of(store: Store, asked: str) -> Side:
    """Return what a mention id, entity id or name stands for.

    Raises:
        InputError: Nothing, or several entities.
    """
    mention = store.mention(asked)
    if mention is not None:
        own = mention.mention_id.partition("@")[0]
        return Side(own, own, mention.entity_id, mention.surface)
    if asked.startswith("m-"):
        raise InputError(f"no mention {asked} in the store: `resolver export mentions` lists them")
    if store.is_known(asked):
        return entity_side(store, asked)
    bearers = store.bearers(asked) or [row.entity_id for row in store.find(asked)]
    if not bearers:
        raise InputError(
            f"no mention, entity or name {asked!r} in the store: `resolver entities NAME` lists ids"
        )
    if len(bearers) > 1:
        options = ", ".join(f"{entity} ({name_of(store, entity)})" for entity in bearers[:6])
        raise InputError(f"{asked!r} is a name of {len(bearers)} entities: {options}: give an id")
    side = entity_side(store, bearers[0])
    detail = store.entity(side.entity)
    spelled = [m for m in detail.mentions if m.surface == asked] if detail is not None else []
    if spelled:
        own = spelled[0].mention_id.partition("@")[0]
        return side._replace(mention=own, name=asked, spelled=True)
    return side


def entity_side(store: Store, asked: str) -> Side:
    """Return what an entity id stands for; a merged one leads to its successor, with a note."""
    detail = store.entity(asked)
    if detail is None or not detail.mentions:
        raise InputError(
            f"{asked} is nobody any more: its last mention is gone; `resolver entities NAME` lists ids"
        )
    now_id, name = detail.row.entity_id, detail.row.name
    surfaces = {m.mention_id.partition("@")[0]: m.surface for m in detail.mentions}
    former = store.former_entities(surfaces)
    # A verdict is anchored to a mention that has always been this entity's, one that bears its name if there is any.
    own = [m for m in surfaces if former.get(m, now_id) == asked] or list(surfaces)
    anchor = min(own, key=lambda m: (surfaces[m] != name, m))
    if now_id == asked:
        return Side(asked, anchor, asked, name)
    note = f"{asked} was merged into {now_id} ({name}): it stands for that now"
    return Side(asked, anchor, now_id, name, note)


def name_of(store: Store, entity_id: str) -> str:
    """Return the name of an entity."""
    return store.entity_names([entity_id]).get(entity_id, "")


def articles_to_part(store: Store, decisions: Iterable[Decision]) -> list[Article]:
    """Return the articles whose chains a verdict on a mention may part, or whose parting is taken back."""
    asked = [
        mention
        for d in decisions
        if d.verdict == Verdict.DIFFERENT
        for side, mention in ((d.left, d.left_mention), (d.right, d.right_mention))
        if on_mention(side) and mention
    ]
    articles = {row.article_id for row in map(store.mention, asked) if row is not None}
    return store.articles(articles) if articles else []


def chained_again(store: Store, articles: Sequence[Article], settings: Settings) -> Marked:
    """Return the stored mentions of articles with chains as the articles tell."""
    out = Marked([], [])
    attach = Without.CHAINS not in settings.without
    for article in {article.article_id: article for article in articles}.values():
        mentions = store.mentions([article.article_id])
        out.mentions.extend(mentions)
        out.chains.extend(build_chains(article, mentions, parse=parse, attach=attach))
    return out


def undo(store_path: str | Path, decision_id: str, *, wait: float = 0.0) -> Ruling:
    """Take a verdict back and link what it had touched.

    Raises:
        InputError: There is no such verdict, or it is taken back already; nothing was changed.
        StoreError: The store cannot be used.
    """
    with Store.open(store_path, mode="write", wait=wait) as store:
        found = next((d for d in store.decisions(undone=True) if d.decision_id == decision_id), None)
        if found is None:
            raise InputError(f"no verdict {decision_id!r}: `resolver export decisions` lists them")
        again = f"resolver decide {found.left} {found.right} {found.verdict}"
        if found.undone_at:
            raise InputError(
                f"{decision_id} was taken back already, {found.undone_at}: to say it again: {again}"
            )
        started = now()
        taken = found._replace(undone_at=started)
        anchors = {m for m in (found.left_mention, found.right_mention) if m}
        touched = anchors | {side for side in (found.left, found.right) if not on_mention(side)}
        summary = apply(store, started, "undo", [taken], touched, articles_to_part(store, [taken]))
        lines = tuple(
            f"{side} is {one.entity} ({name_of(store, one.entity)})"
            for side, one in ((m, side_of(store, m)) for m in sorted(anchors))
        )
        return Ruling((taken,), lines, (*summary.notes, f"to say it again: {again}"), summary.run_id)


def forget(store_path: str | Path, doc_ids: Sequence[str], *, wait: float = 0.0) -> Summary:
    """Remove documents with everything derived from them, from every state, and link what they had held together.

    Raises:
        InputError: A document is not known; nothing was changed.
        StoreError: The store cannot be used.
    """
    with Store.open(store_path, mode="write", wait=wait) as store:
        known = store.known_articles()
        unknown = [doc_id for doc_id in doc_ids if doc_id not in known and not store.was_document(doc_id)]
        if unknown:
            raise InputError(
                f"no document {unknown[0]!r} in the store, nothing was forgotten: `resolver export mentions` lists ids"
            )
        started, clock = now(), Clock()
        summary = Summary(seconds=clock.seconds)
        after = {article for doc_id, article in known.items() if doc_id not in set(doc_ids)}
        gone = frozenset(known[doc_id] for doc_id in doc_ids if doc_id in known) - after
        change = Change(gone=gone)
        moved = anchored_anew(store, gone)
        revise(
            store, change, settings_of(store), summary, clock, started=started, command="forget",
            decisions=moved, forgotten=doc_ids,
        )  # fmt: skip
        store.compact()  # removed rows would otherwise stay readable in free blocks of the file
    return summary


def anchored_anew(store: Store, gone: frozenset[str]) -> list[Decision]:
    """Return the verdicts on entities whose anchor goes, with another mention of the entity to stand for it."""
    lost = {mention.mention_id for mention in store.mentions(gone)} if gone else set()
    out = []
    for decision in store.decisions() if lost else ():
        anchors = []
        for side, anchor in (
            (decision.left, decision.left_mention),
            (decision.right, decision.right_mention),
        ):
            if anchor in lost and not on_mention(side):
                detail = store.entity(side)
                rest = [m for m in detail.mentions if m.article_id not in gone] if detail is not None else []
                anchors.append(min((m.mention_id.partition("@")[0] for m in rest), default=""))
            else:
                anchors.append(anchor)
        if anchors != [decision.left_mention, decision.right_mention]:
            out.append(decision._replace(left_mention=anchors[0], right_mention=anchors[1]))
    return out


def rebuild(
    store_path: str | Path, *, dry_run: bool = False, wait: float = 0.0, progress: Progress = silent
) -> tuple[Summary, list[Alteration]]:
    """Compute everything anew from the stored articles with this version; ids and verdicts stay.

    Args:
        store_path: The store.
        dry_run: Whether to leave the store as it is and only say what would change.
        wait: Seconds to wait for another writer.
        progress: Told how far each stage has come.

    Returns:
        Counts and seconds, and what changed.
    """
    path = Path(store_path).resolve()
    if dry_run:
        with tempfile.TemporaryDirectory(dir=path.parent if path.parent.is_dir() else None) as folder:
            copy = Path(folder) / path.name
            Store.open(path).close()  # refuses what is no store
            shutil.copyfile(path, copy)
            return rebuild(copy, progress=progress)
    with Store.open(path, mode="write", wait=wait) as store:
        settings, started, clock = settings_of(store), now(), Clock()
        summary = Summary(seconds=clock.seconds)
        with clock("mentions and chains"):
            articles = store.articles()
            marked = marked_anew(store, articles, settings, progress)
        before = max((run.run_id for run in store.runs()), default=0)
        revise(
            store, Change(marked, why_all="rebuild", anew=True), settings, summary, clock, started=started,
            command="rebuild", articles=articles, documents=(),
        )  # fmt: skip
        return summary, store.alterations(before, summary.run_id)


def marked_anew(store: Store, articles: Sequence[Article], settings: Settings, progress: Progress) -> Marked:
    """Mark stored articles as they were marked first: by the spans that came with them, or by the extractor."""
    given = [article for article in articles if article.given is not None]
    others = [article for article in articles if article.given is None]
    named = [run.settings.get("extractor", "rules") for run in store.runs()]
    extractor = next((name for name in reversed(named) if name != "given"), Settings().extractor)
    out = Marked([], [])
    for some, name in ((given, "given"), (others, extractor)):
        if some:
            found = mark(some, settings.model_copy(update={"extractor": name}), progress)
            out.mentions.extend(found.mentions)
            out.chains.extend(found.chains)
    return out
