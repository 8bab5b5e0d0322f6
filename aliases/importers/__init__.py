"""Tables that the field already has -> a folder that `load_table` reads.

    source file -> records (one reader per format) -> rows -> a temporary folder -> the folder asked for

Reads line by line in bounded memory, plain or packed (.gz, .bz2, .xz). What cannot be used is counted with its
reason; a file that breaks off or has a wrong header is an error, and then nothing is left behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aliases.importers.lists import read_jrc, read_spacy, read_table
from aliases.importers.people import read_ftm, read_opensanctions, read_wikidata
from aliases.importers.records import Progress, Reader, Record, Source, Wish
from aliases.importers.writing import Written, write_table
from aliases.rows import Fault, Kind
from aliases.table import AliasTableError

__all__ = ["FORMATS", "ImportReport", "Progress", "Reader", "Record", "Source", "Wish", "import_table"]

FORMATS: dict[str, Reader] = {
    "csv": read_table,
    "ftm": read_ftm,
    "jrc": read_jrc,
    "opensanctions": read_opensanctions,
    "spacy": read_spacy,
    "wikidata": read_wikidata,
}
"""The formats by name, each with its reader."""


@dataclass(frozen=True)
class ImportReport:
    """What an import brought in, and what it left out.

    `left_out` counts reasons; `examples` has the first few places of each; `seconds` are not measured here.
    """

    source: str
    format: str
    out: str
    records: int
    entities: int
    aliases: int
    left_out: dict[str, int] = field(default_factory=dict)
    examples: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [
            f"{self.entities:,} entities and {self.aliases:,} aliases of {self.records:,} records: {self.out}"
        ]
        for reason, count in sorted(self.left_out.items(), key=lambda item: (-item[1], item[0])):
            lines.append(f"left out {count:,}: {reason} ({', '.join(self.examples[reason])})")
        return "\n".join(lines)


def import_table(
    source: Path,
    *,
    format: str,  # noqa: A002 - the word of the command line
    out: Path,
    langs: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Turn a source file into a table and return what was brought in and left out.

    Args:
        source: The file, plain or packed as .gz, .bz2 or .xz.
        format: A key of `FORMATS`.
        out: A folder that does not exist yet or is empty: CSV files, or Parquet files when its name ends in
            `.parquet` or the table has more than 200,000 aliases.
        langs: Languages to keep (names without a stated language are kept); None for all.
        kinds: Kinds to keep (PER, ORG, LOC); None for all.
        progress: Called now and then with the bytes read so far and the bytes of the file.

    Raises:
        AliasTableError: If the source cannot be read to its end or the folder cannot be written; nothing is left.
    """
    if format not in FORMATS:
        raise AliasTableError([Fault(str(source), 0, "format", format, f"one of {', '.join(FORMATS)}")])
    unknown = [kind for kind in kinds or () if kind not in tuple(Kind)]
    if unknown:
        raise AliasTableError([Fault(str(source), 0, "kind", unknown[0], f"one of {', '.join(Kind)}")])
    rejected = _Rejected()
    wish = Wish(
        langs=None if langs is None else frozenset(langs),
        kinds=None if kinds is None else frozenset(Kind(kind) for kind in kinds),
        reject=rejected,
    )
    with Source(source, progress or _silent) as lines:
        written: Written = write_table(out, _counted(FORMATS[format](lines, wish), rejected), rejected)
    return ImportReport(
        str(source),
        format,
        str(out),
        rejected.records,
        written.entities,
        written.aliases,
        dict(rejected.counts),
        {reason: tuple(places) for reason, places in rejected.places.items()},
    )


class _Rejected:
    """Counts what was left out, and keeps the first three places of each reason."""

    def __init__(self) -> None:
        self.records = 0
        self.counts: Counter[str] = Counter()
        self.places: dict[str, list[str]] = {}

    def __call__(self, place: str, reason: str) -> None:
        self.counts[reason] += 1
        places = self.places.setdefault(reason, [])
        if len(places) < 3:
            places.append(place)


def _counted(records: Iterator[Record], rejected: _Rejected) -> Iterator[Record]:
    for record in records:
        rejected.records += 1
        yield record


def _silent(done: int, whole: int) -> None:  # noqa: ARG001 - the shape of a progress callback
    return
