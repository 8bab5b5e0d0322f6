"""Verdicts given and taken back: each is one run that links what it touches at once, stored whole or not at all.

Comes in: verdicts as people write them. Goes out: what became of them, in words. Refuses to know: the command line.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from resolver.chains import build_chains
from resolver.errors import InputError, VerdictError
from resolver.marking import Marked, parse
from resolver.model import Article, Decision, Verdict, content_id
from resolver.opinions import COLUMNS, JUDGEMENTS, Opinion, read_opinions
from resolver.pipeline import now, revise, settings_of
from resolver.settings import Settings, Without
from resolver.sides import Side, name_of, parted_spellings, side_of
from resolver.stock import Change
from resolver.store import Store
from resolver.summary import Clock, Summary
from resolver.verdicts import on_mention

__all__ = [
    "COLUMNS",
    "JUDGEMENTS",
    "Opinion",
    "Ruling",
    "decide",
    "decide_all",
    "read_opinions",
    "undo",
    "whoami",
]


class Ruling(NamedTuple):
    """What became of a verdict: the rows that were stored, a line on each side, and what a reader should know."""

    decisions: tuple[Decision, ...]
    sides: tuple[str, ...]
    notes: tuple[str, ...]
    run_id: int


class Stated(NamedTuple):
    """An opinion as the store understands it: its place in a file, what its sides stand for, the rows to store."""

    place: str
    sides: tuple[Side, Side]
    decisions: tuple[Decision, ...]


def whoami() -> str:
    """Return the name of the user who runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def decide(store_path: str | Path, opinion: Opinion, *, wait: float = 0.0) -> Ruling:
    """Store a verdict and link what it touches.

    Raises:
        InputError: A side is not known, or the verdict contradicts others; nothing was changed.
        StoreError: The store cannot be used.
    """
    started = now()
    with Store.open(store_path, mode="write", wait=wait) as store:
        return enter(store, [understood(store, opinion, started)], "decide", started)


def decide_all(
    store_path: str | Path, opinions: Iterable[tuple[str, Opinion]], *, wait: float = 0.0
) -> tuple[Ruling, list[str]]:
    """Store verdicts in one run; those that cannot be given are left out, of two that clash the later one.

    Args:
        store_path: The store.
        opinions: Where each stands (file and line) and what it says.
        wait: Seconds to wait for another writer.

    Returns:
        What was stored, and one line for each that was left out.
    """
    started = now()
    faults: list[str] = []
    stated: list[Stated] = []
    with Store.open(store_path, mode="write", wait=wait) as store:
        for place, opinion in opinions:
            try:
                stated.append(understood(store, opinion, started, place))
            except InputError as error:
                faults.append(f"{place}: {error}")
        while True:
            try:
                return enter(store, stated, "import", started), faults
            except VerdictError as error:
                refused = latest_of(stated, error.clashes)
                if not refused:  # what was stored before clashes with itself
                    raise
                faults += [f"{stated[at].place}: {detail}" for at, detail in sorted(refused.items())]
                stated = [one for at, one in enumerate(stated) if at not in refused]


def latest_of(stated: Sequence[Stated], clashes: Iterable[tuple[str, Iterable[str]]]) -> dict[int, str]:
    """Return of each clash that one of some verdicts is in the last such one, by number, and what clashes."""
    number = {d.decision_id: at for at, one in enumerate(stated) for d in one.decisions}
    out: dict[int, str] = {}
    for detail, ids in clashes:
        mine = {number[i] for i in ids if i in number}
        if mine and not mine & out.keys():
            out[max(mine)] = detail
    return out


def understood(store: Store, opinion: Opinion, started: str, place: str = "") -> Stated:
    """Return an opinion with what its sides stand for.

    Raises:
        InputError: A side is nobody or several, or both are the same.
    """
    left, right = side_of(store, opinion.left), side_of(store, opinion.right)
    return Stated(place, (left, right), tuple(written(store, opinion, left, right, started)))


def enter(store: Store, stated: Sequence[Stated], command: str, started: str) -> Ruling:
    """Store verdicts in one run."""
    known = {d.decision_id for d in store.decisions(undone=True)}
    given = {d.decision_id: d for one in stated for d in one.decisions}
    fresh = [decision for decision in given.values() if decision.decision_id not in known]
    sides = [side for one in stated for side in one.sides]
    notes = tuple(side.note for side in sides if side.note)
    if not fresh:
        return Ruling(tuple(given.values()), (), (*notes, "was known already: nothing changed"), 0)
    touched = {side.entity for side in sides}
    summary, owner = apply(store, started, command, fresh, touched)
    lines = lines_on(store, sides, owner)
    return Ruling(tuple(fresh), tuple(lines), (*notes, *summary.notes), summary.run_id)


def lines_on(store: Store, sides: Sequence[Side], owner: Mapping[str, str]) -> list[str]:
    """Return a line on each side: who it is now, and who its mention is if that has been parted from the rest."""
    owner = owners_of(store, {side.mention for side in sides}, owner)
    names = store.entity_names({side.id for side in sides} | set(owner.values()))
    out = []
    for side in sides:
        entity = owner[side.mention]
        line = f"{side.id} is {entity} ({names[entity]})"
        if side.id in names and side.id != entity:
            rest = f"{side.id} is {side.id} ({names[side.id]})"
            line = f"{rest}, but {side.mention} ({side.name}) is {entity} ({names[entity]})"
        out.append(line)
    return out


def owners_of(store: Store, mentions: set[str], linked: Mapping[str, str]) -> dict[str, str]:
    """Return the entity of each of some mentions that are still there; the store is asked for those not just linked."""
    others = mentions - linked.keys()
    known = store.current_entities(others) if others else {}
    return {mention: linked[mention] for mention in mentions & linked.keys()} | known


def apply(
    store: Store, started: str, command: str, decisions: Sequence[Decision], touched: set[str]
) -> tuple[Summary, dict[str, str]]:
    """Link what verdicts touch, as the last run was asked to, store the run, and return the entities of mentions."""
    settings = settings_of(store)
    clock = Clock()
    summary = Summary(seconds=clock.seconds)
    articles = articles_to_part(store, decisions)
    marked = chained_again(store, articles, settings)
    change = Change(marked, touched=frozenset(touched))
    owner = revise(
        store, change, settings, summary, clock, started=started, command=command, decisions=decisions,
        honour=True, articles=articles, documents=(),
    )  # fmt: skip
    return summary, owner


def written(store: Store, opinion: Opinion, left: Side, right: Side, started: str) -> list[Decision]:
    """Return a verdict as rows: one, or as many negatives as it takes to part two spellings of one entity."""
    if left.mention == right.mention:
        raise InputError(
            f"{opinion.left!r} and {opinion.right!r} are the same {'mention' if on_mention(left.id) else 'entity'} "
            f"({left.entity}): to split it, give two of its mentions or spellings (resolver show {left.entity})"
        )
    one = left.entity == right.entity
    if left.id == right.id:  # two spellings of one entity: said of the mentions that bear them
        left, right = left._replace(id=left.mention), right._replace(id=right.mention)
    pairs = [(left, right)]
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
        summary, linked = apply(store, started, "undo", [taken], touched)
        owner = owners_of(store, anchors, linked)
        lines = (f"{m} is {entity} ({name_of(store, entity)})" for m, entity in sorted(owner.items()))
        return Ruling((taken,), tuple(lines), (*summary.notes, f"to say it again: {again}"), summary.run_id)
