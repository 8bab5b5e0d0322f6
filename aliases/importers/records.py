"""What readers of foreign tables have in common: the source by lines, the record, and what is wished for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

from aliases.rows import Fault, Kind, Strength
from aliases.table import AliasTableError

__all__ = ["LINE", "Alias", "Progress", "Reader", "Record", "Reject", "Source", "Wish"]

LINE = 64 << 20
"""Bytes of the longest line that is read: the largest items of Wikidata have about 4 MB."""

_STEP = 5_000
"""Lines between two calls of the progress callback."""

Progress = Callable[[int, int], None]
Reject = Callable[[str, str], None]


class Alias(NamedTuple):
    """A name of a record."""

    text: str
    strength: Strength
    lang: str = ""


class Record(NamedTuple):
    """One entity of a foreign table; `place` says where it stands, for the report."""

    place: str
    entity_id: str
    kind: Kind
    name: str
    aliases: tuple[Alias, ...]
    wikidata_id: str = ""
    roles: str = ""
    source: str = ""


class Wish(NamedTuple):
    """What is to be kept (None for everything), and whom to tell what is not: `reject(place, reason)`."""

    langs: frozenset[str] | None
    kinds: frozenset[Kind] | None
    reject: Reject

    def lang(self, lang: str) -> bool:
        """Return whether names of a language are kept; those without a stated one are."""
        return self.langs is None or not lang or lang in self.langs or lang.partition("-")[0] in self.langs

    def kind(self, kind: Kind) -> bool:
        """Return whether entities of a kind are kept."""
        return self.kinds is None or kind in self.kinds


class Source:
    """A text file by lines, plain or packed; a line may be of any content, the file must be whole.

    Args:
        path: The file; `.gz`, `.bz2` and `.xz` are unpacked on the way.
        progress: Told the bytes read so far and the bytes of the file.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self.line = 0
        self._progress = progress
        self._raw: IO[bytes] | None = None

    def __enter__(self) -> Source:
        try:
            self._raw = self.path.open("rb")
        except OSError as error:
            raise self.fault(0, "", error.strerror or str(error), "a file that can be read") from error
        self._whole = self.path.stat().st_size
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._raw is not None:
            self._raw.close()

    def fault(self, line: int, column: str, value: str, expected: str) -> AliasTableError:
        """Return an error that names a place in this file."""
        return AliasTableError([Fault(str(self.path), line, column, value, expected)])

    def place(self) -> str:
        """Return the line that was read last, for a report."""
        return f"line {self.line}"

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends; a byte order mark is taken off, bytes that are no UTF-8 are replaced."""
        if self._raw is None:
            raise self.fault(0, "", str(self.path), "a source that was opened with `with`")
        raw = self._raw
        unpacked = _unpack(self.path, raw)
        try:
            while data := unpacked.readline(LINE):
                self.line += 1
                if len(data) == LINE:
                    raise self.fault(
                        self.line, "", "a line without end", f"lines of less than {LINE >> 20} MB"
                    )
                if self.line == 1:
                    data = data.removeprefix(b"\xef\xbb\xbf")
                if self.line % _STEP == 0:
                    self._progress(raw.tell(), self._whole)
                yield data.decode("utf-8", "replace")
        except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, OSError) as error:
            expected = "a packed file that is whole: fetch it again"
            raise self.fault(self.line, "", str(error), expected) from error
        self._progress(self._whole, self._whole)


def _unpack(path: Path, raw: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=raw), 1 << 20)
    if path.suffix == ".bz2":
        return io.BufferedReader(bz2.BZ2File(raw), 1 << 20)
    if path.suffix == ".xz":
        return io.BufferedReader(lzma.LZMAFile(raw), 1 << 20)
    return raw


Reader = Callable[[Source, Wish], Iterator[Record]]
