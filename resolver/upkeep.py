"""The upkeep of a store: documents forgotten with all that came of them, everything computed anew.

Each is one run, stored whole or not at all. Refuses to know: the command line.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from resolver.errors import InputError
from resolver.marking import Marked, Progress, mark, silent
from resolver.model import Article, Decision
from resolver.pipeline import now, revise, settings_of
from resolver.settings import Settings
from resolver.stock import Change
from resolver.store import Alteration, Store
from resolver.summary import Clock, Summary
from resolver.verdicts import on_mention

__all__ = ["forget", "rebuild"]


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
                owner = store.redirects().get(side, side)
                rest = [m.mention_id for m in store.members(owner) if m.article_id not in gone]
                anchors.append(min(rest, default=""))
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
    # An article without mentions has none that came with it: in a store of given mentions that is as it was.
    extractor = next((name for name in reversed(named) if name != "given"), "given")
    out = Marked([], [])
    for some, name in ((given, "given"), (others, extractor)):
        if some:
            found = mark(some, settings.model_copy(update={"extractor": name}), progress)
            out.mentions.extend(found.mentions)
            out.chains.extend(found.chains)
    return out
