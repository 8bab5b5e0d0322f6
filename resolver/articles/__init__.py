"""Files -> articles: the first stage. It knows formats, encodings and web cruft, and nothing of names.

    read_articles(paths)  ->  Article, Article, Fault, Article ...

Bad data raises nothing: it becomes a `Fault` in its place, one line that says what, where, expected and
remedy, and the reading goes on.
"""

from __future__ import annotations

import glob
import gzip
import os
import stat
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from resolver.articles.boilerplate import boilerplate
from resolver.articles.formats import READERS, Source, read_unknown
from resolver.errors import InputError
from resolver.model import Article, Fault

__all__ = ["boilerplate", "read_articles"]


class _File(NamedTuple):
    """A file, and its name under the path that led to it: the doc_id of an article that brings none."""

    path: str
    name: str


def read_articles(paths: Sequence[str], *, stdin: BinaryIO | None = None) -> Iterator[Article | Fault]:
    """Yield the articles under paths, in the order of the paths and sorted inside each, and the faults.

    Suffixes: .txt .md .html .htm .jsonl .ndjson .json .csv .tsv .parquet, and each of the text formats with
    .gz behind. Only files with these suffixes are taken from folders; a file that is named is read whatever
    its suffix. One article is held in memory at a time, and of a folder only the list of its files.

    Args:
        paths: Files, folders (with all below), globs, or `-` for a stream (lines of JSON if it starts with
            `{`, else plain text). A file that several paths lead to is read once.
        stdin: The stream that `-` means; the standard input if None.
    """
    found = list(_expand(paths))
    files = dict.fromkeys(file.path for file in found if isinstance(file, _File))
    names = {file.path: file.name for file in reversed(found) if isinstance(file, _File)}
    taken = Counter(names.values())
    for file in found:
        if isinstance(file, Fault):
            yield file
        elif file.path == "-":
            yield from _guarded(file, "stdin", stdin)
        elif file.path in files:
            del files[file.path]
            # Equal names below two folders are two articles: then the path as given tells them apart.
            yield from _guarded(file, file.name if taken[file.name] == 1 else file.path, None)


def _expand(paths: Iterable[str]) -> Iterator[_File | Fault]:
    """Yield the files that paths, folders and globs lead to."""
    for path in paths:
        if path == "-":
            yield _File("-", "stdin")
        elif os.path.lexists(path):
            yield from _below(path)
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - patterns may be absolute
            if not matches:
                yield Fault("nothing matches, expected files or folders; check the pattern", path)
            for match in matches:
                yield from _below(match)
        else:
            yield Fault("no such file or folder; check the path", path)


def _below(path: str) -> Iterator[_File | Fault]:
    """Yield the file at a path, or the files below it that have a known suffix, sorted."""
    if not Path(path).is_dir():
        yield _File(path, Path(path).name)
        return
    faults: list[OSError] = []
    count = 0
    for folder, subfolders, names in os.walk(path, onerror=faults.append):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and _suffix(name) in READERS:
                count += 1
                full = os.path.join(folder, name)  # noqa: PTH118 - a Path drops the "./" that the user gave
                yield _File(full, Path(full).relative_to(path).as_posix())
    for error in faults:
        yield Fault(f"{_reason(error)}; check the permissions of the folder", str(error.filename))
    if not count and not faults:
        yield Fault(f"no article in this folder, expected files with {' '.join(READERS)}", path)


def _suffix(name: str) -> str:
    """Return the suffix that tells the format: the one before `.gz`, except that Parquet is never packed."""
    plain = name.lower().removesuffix(".gz")
    suffix = os.path.splitext(plain)[1]  # noqa: PTH122 - Path(name).suffix misses names such as ".txt"
    return "" if suffix == ".parquet" and plain != name.lower() else suffix


def _guarded(file: _File, doc_id: str, stdin: BinaryIO | None) -> Iterator[Article | Fault]:
    """Yield what a file holds; whatever makes it unreadable becomes its fault."""
    shown = "<stdin>" if file.path == "-" else file.path
    with ExitStack() as stack:
        try:
            if file.path == "-":
                source = Source(shown, doc_id, sys.stdin.buffer if stdin is None else stdin)
                yield from read_unknown(source)
                return
            stream: BinaryIO = stack.enter_context(Path(file.path).open("rb"))
            regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
            if file.path.lower().endswith(".gz"):
                stream = cast("BinaryIO", stack.enter_context(gzip.open(stream)))
            read = READERS.get(_suffix(file.path), read_unknown) if regular else read_unknown
            yield from read(Source(shown, doc_id, stream))
        except InputError as error:
            yield Fault(str(error), shown)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield Fault("broken gzip data; pack the file again", shown)
        except OSError as error:
            yield Fault(f"{_reason(error)}; check the path and its permissions", shown)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
