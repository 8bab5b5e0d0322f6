"""The store: everything that runs found out, in one DuckDB file. The only package that imports duckdb.

    with Store.open("resolver.duckdb", mode="write", create=True) as store:
        known = store.known_articles()              # doc_id -> article_id: what need not be done again
        ...
        run_id = store.write_run(RunRecord(...), articles=..., mentions=..., chains=..., ...)

Coming in: model types and the rows of `records`. Going out: the same, and Arrow batches for exports. What it
refuses to know: how anything was found, and how it is printed.

What to know when writing:

- `write_run` is whole or not at all: it works on a copy that replaces the file (see `files`). A reader keeps
  the state that it opened; whoever opens the store later sees the new one. Readers are never locked out; a
  second writer is refused, or waits up to `wait` seconds.
- `articles` are the documents whose text was extracted in this run, one Article for each doc_id; `mentions`
  and `chains` replace all that was known of these texts. `documents` are the doc_ids to store, by default
  `articles`. Give only `documents` for a doc_id whose text is known under another, or whose metadata changed.
- A doc_id that points to another text than before is a new version. A text that no doc_id carries any more
  loses its mentions, chains, pairs and resolutions.
- `resolutions` may be those of all mentions or of some; what is the same as before is left alone.
- `entities`: spellings and counts are counted from the mentions, so `Entity.names` is not stored. An
  entity that no mention refers to (also not as a candidate) ends; its id stays known (`births`).
- `redirects` are the merges of this run, old id -> new id. One ends when its old id has mentions again.
- `pairs` are `StoredPair`: ids of two chains, left < right as text. Store those that explain a link or came
  close. Each replaces what was stored of the same two chains.
- `decisions` are added or, with the same id, changed (`undone_at`).
- `index` is what later runs find near names by. `compared` are the chains that were compared, True for those that were
  with all others: such pairs that are not given again end. `moves` gives all chains of a name (by its number) to an
  entity, but for those that are `relinked`.
- `forgotten` are doc_ids to remove first, from every earlier state too; what another document with the same text needs
  stays. `compact` must follow to free the room.
- Mentions of a chain come back in the order of the text.
- Probabilities are kept to six decimals, bits to three. A lone surrogate in a text or doc_id is refused:
  whoever reads articles replaces it with U+FFFD. In metadata the store does that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Concatenate, Literal, ParamSpec, Self, TypeVar

import duckdb

from resolver.errors import StoreError
from resolver.model import (
    Article,
    Chain,
    Decision,
    Entity,
    Mention,
    Name,
    Resolution,
)
from resolver.store import (
    around,
    changes,
    columns,
    content,
    exports,
    index,
    known,
    ledger,
    lookups,
    migrations,
)
from resolver.store.changes import Alteration
from resolver.store.files import (
    Connection,
    WriterLock,
    attach,
    backup,
    copy_rows,
    empty,
    fault,
    fold_log,
    publishing,
    uncollected,
)
from resolver.store.migrations import SCHEMA_VERSION
from resolver.store.records import (
    Conflict,
    EntityDetail,
    EntityRow,
    Index,
    Link,
    MentionRow,
    RunRecord,
    StoredPair,
    Tales,
)
from resolver.store.removal import forget

__all__ = [
    "SCHEMA_VERSION",
    "Alteration",
    "Conflict",
    "EntityDetail",
    "EntityRow",
    "Index",
    "Link",
    "MentionRow",
    "RunRecord",
    "Store",
    "StoredPair",
    "Tales",
    "uncollected",
]

NOTHING = Index()

P = ParamSpec("P")
T = TypeVar("T")


def _query(function: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate[Store, P], T]:
    """Return a method of `Store` that asks its connection; what DuckDB refuses becomes a StoreError."""

    @wraps(function)
    def method(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with store.connection() as db, uncollected():
            return function(db, *args, **kwargs)

    return method


class Store:
    """An open store; made by `Store.open`, closed by `close` or at the end of a with block.

    Reading a new store gives empty answers. The reading methods are the functions of `known` and
    `lookups`, where their arguments are described.
    """

    def __init__(self, path: Path, *, lock: WriterLock | None, db: Connection, is_new: bool) -> None:
        self.path = path
        self.is_new = is_new
        self._lock = lock
        self._db = db

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        mode: Literal["read", "write"] = "read",
        create: bool = False,
        wait: float = 0.0,
    ) -> Self:
        """Open a store.

        Args:
            path: The file.
            mode: `read` for any number of processes, `write` for one at a time.
            create: Whether a missing file is a new store (with `write`); it appears with the first run.
            wait: Seconds to wait for another writer to finish.

        Raises:
            StoreError: The file is missing, locked, damaged, no store, or of a newer version, or the folder
                cannot be written.
        """
        path = Path(path).resolve()
        if path.is_dir():
            raise StoreError(f"{path}: a folder, but a store is a file: name a file with --store")
        if mode == "read":
            _demand(path)
            db, found = _attach(path)
            if found == SCHEMA_VERSION:
                return cls(path, lock=None, db=db, is_new=False)
            db.close()
            state = (
                f"schema version {found}, not {SCHEMA_VERSION}" if found else "nothing was ever stored in it"
            )
            raise StoreError(f"{path}: {state}: run `resolver resolve PATH --store {path.name}` first")
        lock = WriterLock(path, wait=wait)
        try:
            if not create:
                _demand(path)
            return cls._open_for_writing(path, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _open_for_writing(cls, path: Path, lock: WriterLock) -> Self:
        if path.exists() and not os.access(path, os.W_OK):
            raise StoreError(f"{path}: the file may not be written: change its mode, or name another file")
        if path.exists() and path.stat().st_size:
            fold_log(path)
            db, found = _attach(path)
            if found:
                store = cls(path, lock=lock, db=db, is_new=False)
                if found != SCHEMA_VERSION:
                    backup(path, f"v{found}")
                    with store._writing() as work:
                        migrations.migrate(work, found)
                return store
            db.close()
        db = empty()
        migrations.create(db)
        return cls(path, lock=lock, db=db, is_new=True)

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---------------------------------------------------------------- reading

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield the connection for reading; what DuckDB refuses becomes a StoreError."""
        try:
            yield self._db
        except duckdb.Error as error:
            raise fault(self.path, error) from error

    known_articles = _query(known.known_articles)
    articles = _query(known.articles)
    dates = _query(known.dates)
    mentions = _query(known.mentions)
    chains = _query(known.chains)
    names = _query(known.names)
    decisions = _query(known.decisions)
    current_entities = _query(known.current_entities)
    births = _query(known.births)
    redirects = _query(known.redirects)
    resolutions = _query(known.resolutions)
    entities = _query(lookups.entities)
    runs = _query(known.runs)
    last_run = _query(known.last_run)
    totals = _query(known.totals)
    mention_rows = _query(lookups.mention_rows)
    run_at = _query(lookups.run_at)
    entity_list = _query(lookups.entity_list)
    entity = _query(lookups.entity)
    mention = _query(lookups.mention)
    evidence = _query(lookups.evidence)
    find = _query(lookups.find)
    is_known = _query(lookups.is_known)
    bearers = _query(lookups.bearers)
    orphans = _query(lookups.orphans)
    alterations = _query(changes.alterations)
    was_document = _query(known.was_document)
    indexed = _query(index.indexed)
    name_counts = _query(index.name_counts)
    sizes = _query(index.sizes)
    alike = _query(index.alike)
    chains_of_names = _query(around.chains_of_names)
    chains_of_mentions = _query(around.chains_of_mentions)
    chain_count = _query(index.chain_count)
    article_count = _query(index.article_count)
    entity_names = _query(around.entity_names)
    articles_telling = _query(index.articles_telling)
    people_in = _query(around.people_in)
    members = _query(around.members)
    former_entities = _query(around.former_entities)
    chains_of_entities = _query(around.chains_of_entities)
    entities_of_chains = _query(around.entities_of_chains)
    entities_near = _query(around.entities_near)
    whole_stories = _query(index.whole_stories)
    word_rows = _query(index.word_rows)
    borne = _query(index.borne)
    feature_counts = _query(index.feature_counts)
    export_batches = _query(exports.export_batches)

    # ---------------------------------------------------------------- writing

    @contextmanager
    def _writing(self, *, fresh: bool = False) -> Iterator[Connection]:
        if self._lock is None:
            raise StoreError(f"{self.path}: open for reading only")
        with publishing(self.path, fresh=fresh or self.is_new) as work:
            if self.is_new:
                migrations.create(work)
            yield work
        self._db.close()
        self._db, _ = _attach(self.path)
        self.is_new = False

    def write_run(  # noqa: PLR0913 one keyword for each kind of row
        self,
        run: RunRecord,
        *,
        articles: Iterable[Article] = (),
        documents: Iterable[Article] | None = None,
        mentions: Iterable[Mention] = (),
        chains: Iterable[Chain] = (),
        names: Iterable[Name] = (),
        pairs: Iterable[StoredPair] = (),
        entities: Iterable[Entity] = (),
        resolutions: Iterable[Resolution] = (),
        conflicts: Iterable[Conflict] = (),
        redirects: Mapping[str, str] | None = None,
        decisions: Iterable[Decision] = (),
        index: Index = NOTHING,
        relinked: Iterable[str] = (),
        compared: Mapping[str, bool] = MappingProxyType({}),
        moves: Mapping[int, str] | None = None,
        forgotten: Iterable[str] | None = None,
    ) -> int:
        """Store a run, whole or not at all; the module docstring says what each argument means.

        Returns:
            The number that the run was given.

        Raises:
            StoreError: The store is open for reading, the disk is full, or a row breaks a rule of the schema.
        """
        articles, mentions, chains = list(articles), list(mentions), list(chains)
        documents = articles if documents is None else list(documents)
        chain_of = {mention_id: chain.chain_id for chain in chains for mention_id in chain.mention_ids}
        with self._writing() as work:
            number = ledger.begin(work, columns.run(run))
            if forgotten is not None:
                ledger.apply(work, forget, number, gone=columns.ids(forgotten))
            if articles or documents or mentions or chains:
                ledger.apply(
                    work,
                    content.write_content,
                    number,
                    new_articles=columns.articles(articles),
                    new_documents=columns.documents(documents),
                    new_mentions=columns.mentions(mentions, chain_of),
                    new_chains=columns.chains(chains),
                )
            ledger.apply(work, content.write_names, number, new_names=columns.names(names))
            if index or documents or forgotten is not None:
                if index.anew:
                    content.clear_index(work)
                ledger.apply(
                    work,
                    content.write_index,
                    number,
                    new_keys=columns.name_keys_of(index.names),
                    new_words=columns.article_words(index.words),
                    new_counts=columns.counts(index.counts),
                    told=columns.told(index.tales.told),
                    merged=columns.merged(index.tales.merged),
                )
            anew = columns.ids(relinked)
            ledger.apply(
                work,
                ledger.write_pairs,
                number,
                new_pairs=columns.pairs(pairs),
                compared=columns.flags(compared),
            )
            ledger.apply(
                work, ledger.write_resolutions, number, new_resolutions=columns.resolutions(resolutions)
            )
            if moves:
                ledger.apply(work, ledger.move_names, number, moves=columns.moves(moves), relinked=anew)
            if redirects:
                ledger.apply(
                    work, ledger.follow_candidates, number, new_redirects=columns.redirects(redirects)
                )
            ledger.apply(
                work,
                ledger.write_entities,
                number,
                new_entities=columns.entities(entities),
                new_redirects=columns.redirects(redirects or {}),
            )
            ledger.apply(
                work,
                ledger.write_verdicts,
                number,
                new_decisions=columns.decisions(decisions),
                new_conflicts=columns.conflicts(conflicts),
            )
        return number

    def compact(self) -> None:
        """Write the file anew without the room that replaced and removed rows have left."""
        if not self.is_new:
            with self._writing(fresh=True) as work:
                migrations.create_tables(work)
                copy_rows(self.path, work)


def _demand(path: Path) -> None:
    """Refuse a store that does not exist."""
    if not path.exists():
        raise StoreError(f"{path}: no such store: make one with `resolver resolve PATH --store {path.name}`")


def _attach(path: Path) -> tuple[Connection, int]:
    """Return a connection for reading and the schema version that it found."""
    db = attach(path, read_only=True)
    try:
        return db, migrations.version(db, path)
    except StoreError:
        db.close()
        raise
    except duckdb.Error as error:
        db.close()
        raise fault(path, error) from error
