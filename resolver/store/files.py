"""The file of a store: who may write it, how it is opened, how a new state takes the place of the old one.

A writer works on a copy beside the store and renames the finished copy over it. So a reader is never locked
out and never sees half a run, and a writer that is killed, or whose disk is full, leaves the store as it was.
Rejected: writing in place, which locks every reader out for as long as the writer runs.
"""

from __future__ import annotations

import errno
import gc
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from resolver.errors import StoreError

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows: the working copy, which DuckDB locks, is the only guard there
    fcntl = None

__all__ = [
    "Connection",
    "WriterLock",
    "attach",
    "backup",
    "column",
    "copy_rows",
    "empty",
    "fault",
    "first",
    "fold_log",
    "publishing",
    "registered",
    "uncollected",
]

Connection: TypeAlias = duckdb.DuckDBPyConnection

#: Files of any DuckDB from 1.5 on read this version of the format, whichever release wrote it.
STORAGE_VERSION = "v1.5.0"

#: DuckDB's own progress bar would go to stdout, where data is expected.
_QUIET = "set enable_progress_bar = false"

#: Seconds between two attempts to become the writer.
_POLL = 0.1

#: Bytes before the first block of a DuckDB file: the main header and two database headers.
_HEADERS = 3 * 4096

_TRUNCATED = "the file is truncated: restore it from a copy"
_FULL = "the disk is full; the store is as it was: make room, then try again"

#: What DuckDB says (a pattern) and what it means for the user of a store.
_FAULTS = (
    ("not a valid DuckDB database", "not a DuckDB file: name another file with --store, or remove this one"),
    ("Could not read (enough|all) bytes", _TRUNCATED),
    ("newer (version of DuckDB|DuckDB version)", "written by a newer DuckDB: pip install --upgrade duckdb"),
    ("No space left", _FULL),
    ("Permission denied", "no permission to read the file: check its owner and mode"),
    ("(?i)corrupt|checksum", "the file is damaged: restore it from a copy"),
)

_held: set[Path] = set()


class WriterLock:
    """The right to write one store, held by at most one process; the system takes it back from a dead one.

    It is a record lock on a small file beside the store that says who holds it and since when. (Not `flock`:
    worker processes would inherit that and keep it after their parent was killed.)

    Args:
        path: The store.
        wait: Seconds to wait for another writer to finish.

    Raises:
        StoreError: Another writer holds it, or the folder cannot be written.
    """

    def __init__(self, path: Path, *, wait: float = 0.0) -> None:
        self.path = path
        self._file = path.with_name(f"{path.name}.lock")
        deadline = time.monotonic() + wait
        while (holder := self._try()) is not None:
            if time.monotonic() >= deadline:
                raise StoreError(f"{path}: another run is writing this store ({holder}): try again after it")
            time.sleep(_POLL)

    def _try(self) -> str | None:
        if self.path in _held:
            return f"process {os.getpid()}, this one"
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        if not self._lock(descriptor):
            holder = os.read(descriptor, 200).decode("utf-8", "replace").strip()
            os.close(descriptor)
            return holder or "it has just started"
        os.ftruncate(descriptor, 0)
        os.write(
            descriptor, f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode()
        )
        self._descriptor = descriptor
        _held.add(self.path)
        return None

    def _lock(self, descriptor: int) -> bool:
        try:
            if fcntl is not None:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last holder may have removed the file since it was opened: then the lock is worth nothing.
            return os.fstat(descriptor).st_ino == self._file.stat().st_ino
        except (BlockingIOError, PermissionError, FileNotFoundError):
            return False

    def release(self) -> None:
        """Let the next writer in. Calling it twice does no harm."""
        if self.path in _held:
            with suppress(OSError):  # Windows refuses to remove an open file; an old one does no harm
                self._file.unlink()
            os.close(self._descriptor)
            _held.discard(self.path)


def empty() -> Connection:
    """Return a connection to a database without tables that is in no file."""
    db = duckdb.connect(":memory:")
    db.execute(_QUIET)
    db.execute("attach ':memory:' as store")
    db.execute("use store")
    return db


def attach(path: Path, *, read_only: bool) -> Connection:
    """Return a connection whose tables are those of the file.

    The file is attached to a database in memory, because `duckdb.connect(path)` hands out the same open file
    to every caller of a process, also after another file has taken its place.

    Raises:
        StoreError: The file is locked, damaged or no DuckDB file.
    """
    option = "read_only" if read_only else f"storage_version '{STORAGE_VERSION}'"
    quoted = str(path).replace("'", "''")
    # What does not fit into memory goes beside the store, not into the user's current folder.
    db = duckdb.connect(":memory:", config={"temp_directory": f"{path}.tmp"})
    try:
        db.execute(_QUIET)
        # ATTACH takes no bound values (DuckDB 1.5): the path is quoted, the option is one of two literals.
        db.execute(f"attach '{quoted}' as store ({option})")
        db.execute("use store")
        row = first(
            db,
            """
            select block_size * used_blocks
            from pragma_database_size()
            where database_name = 'store'
            """,
        )
    except duckdb.Error as error:
        db.close()
        raise fault(path, error) from error
    # Free blocks at the end need not be in the file, so that only those in use can be asked for.
    if row is not None and path.stat().st_size < _HEADERS + row[0]:
        db.close()
        raise StoreError(f"{path}: {_TRUNCATED}")
    return db


def first(db: Connection, sql: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
    """Return the first row that a query gives, None if it gives none.

    All rows are fetched, because a result that is not read to its end blocks the connection (DuckDB 2.0).
    """
    rows = db.execute(sql, values).fetchall()
    return rows[0] if rows else None


@contextmanager
def registered(db: Connection, **tables: pa.Table) -> Iterator[None]:
    """Make Arrow tables visible to SQL for a while."""
    for name, table in tables.items():
        db.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            db.unregister(name)


def column(values: Iterable[Any], kind: pa.DataType) -> pa.Table:
    """Return a table with one column `id`."""
    return pa.table({"id": pa.array(list(values), kind)})


@contextmanager
def uncollected() -> Iterator[None]:
    """Switch the search for reference cycles off while much is made.

    Rows are in no cycle, and the search took 60 % of the time to read 212,000 chains, and 12 % of a run that adds 200
    articles to 20,000.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def fault(path: Path, error: duckdb.Error) -> StoreError:
    """Return what a DuckDB error means for the user of a store, on one line."""
    text = " ".join(str(error).split())
    lock = re.search(r"Could not set lock on file.*?(?:held in (.*?) \(PID (\d+)\)|$)", text)
    if lock is not None:
        holder = f" ({Path(lock[1]).name}, process {lock[2]})" if lock[2] else ""
        return StoreError(f"{path}: locked by another program{holder}: close it there, then try again")
    for pattern, meaning in _FAULTS:
        if re.search(pattern, text):
            return StoreError(f"{path}: {meaning}")
    return StoreError(f"{path}: DuckDB: {text[:300]}")


@contextmanager
def publishing(path: Path, *, fresh: bool) -> Iterator[Connection]:
    """Yield a connection to a copy of the store, in a transaction; the copy replaces the store at the end.

    If the block raises, the copy is dropped and the store stays as it was. With `fresh` the copy is an empty
    database instead: there is no store yet, or a file without tables.

    Raises:
        StoreError: The disk is full, the folder cannot be written, or DuckDB refuses a row.
    """
    work = path.with_name(f"{path.name}.writing")
    _remove(work)
    before = _stamp(path)
    try:
        if not fresh:
            shutil.copyfile(path, work)
            shutil.copymode(path, work)
        db = attach(work, read_only=False)
        try:
            db.execute("begin")
            yield db
            db.execute("commit")
            db.execute("checkpoint store")
            db.execute("use memory")
            db.execute("detach store")
        except duckdb.Error as error:
            raise fault(path, error) from error
        finally:
            db.close()
        if _stamp(path) != before:
            raise StoreError(f"{path}: another program changed the store during the run: run again")
        work.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        _remove(work)


def backup(path: Path, mark: str) -> None:
    """Keep a copy of a store beside it.

    Raises:
        StoreError: The disk is full or the folder cannot be written.
    """
    try:
        shutil.copy2(path, path.with_name(f"{path.name}.{mark}.bak"))
    except OSError as error:
        raise _unwritable(path, error) from error


def copy_rows(path: Path, work: Connection) -> None:
    """Copy every row of a store into a connection that has the same tables."""
    quoted = str(path).replace("'", "''")
    work.execute(f"attach '{quoted}' as old (read_only)")
    work.execute("copy from database old to store (data)")


def fold_log(path: Path) -> None:
    """Fold a write-ahead log that another program left beside the store into it.

    Raises:
        StoreError: The store is locked or damaged.
    """
    if path.with_name(f"{path.name}.wal").exists():
        attach(path, read_only=False).close()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when somebody else writes the file; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _remove(work: Path) -> None:
    for name in (work, work.with_name(f"{work.name}.wal")):
        with suppress(FileNotFoundError):
            name.unlink()
    shutil.rmtree(f"{work}.tmp", ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems refuse to sync a folder; the rename is still whole
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path}: {_FULL}")
    if error.errno == errno.ENOENT:
        return StoreError(f"{path}: the folder does not exist: make it, or name another file with --store")
    return StoreError(f"{path}: cannot be written ({error.strerror}): name another file with --store")
