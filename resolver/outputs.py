"""Rows of the store -> files and streams for people and programs.

Coming in: Arrow batches as `Store.export_batches` gives them. Going out: JSON lines, CSV, Parquet,
FollowTheMoney entities, spaCy patterns. What it refuses to know: where the rows come from.

JSON lines and Parquet hold the values exactly. CSV is opened in spreadsheets, which run a cell that starts with
`=`, `+`, `-` or `@` as a formula, and news text is written by strangers. So in CSV a text that starts with one
of these, or with a tab, a carriage return or an apostrophe, gets an apostrophe in front. Taking one leading
apostrophe off gives the exact text back. Lists are JSON in one cell; what is unknown is an empty cell.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.errors import InputError, SettingsError

__all__ = ["COLUMNS", "EXPORTERS", "Exporter", "export"]

#: What can be exported, and the columns of each, in order.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "mentions": (
        "mention_id",
        "doc_id",
        "start",
        "end",
        "surface",
        "type",
        "entity_id",
        "entity_name",
        "probability",
        "status",
        "linked_by",
        "candidates",
    ),
    "entities": ("entity_id", "type", "name", "curated", "mentions", "articles", "spellings"),
    "aliases": ("entity_id", "name", "alias", "count", "outlets"),
    "decisions": ("decision_id", "left", "right", "verdict", "reason", "user", "decided_at", "undone_at"),
}

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_TO_QUOTE = re.compile(r'[",\r\n]')  # csv.writer leaves a lone carriage return bare before Python 3.13

#: FollowTheMoney has no schema for a place; an address has a name and lies somewhere.
_FTM_SCHEMA = {"PER": "Person", "ORG": "Organization", "LOC": "Address"}


class Exporter(Protocol):
    """Writes rows in one format.

    Args:
        rows: Batches of one export; may be none at all.
        out: Takes bytes; cannot seek if it is a pipe. The exporter leaves it open.
    """

    def __call__(self, rows: pa.RecordBatchReader, out: BinaryIO) -> None: ...  # noqa: D102 described above


def write_jsonl(rows: pa.RecordBatchReader, out: BinaryIO) -> None:
    """Write one JSON object a line, keys in the order of the columns."""
    for row in _dicts(rows):
        _write_json(row, out)


def write_csv(rows: pa.RecordBatchReader, out: BinaryIO) -> None:
    """Write CSV with a header, UTF-8, line feeds; the module docstring tells how cells are written."""
    out.write(f"{','.join(rows.schema.names)}\n".encode())
    out.writelines(f"{','.join(map(_cell, row.values()))}\n".encode() for row in _dicts(rows))


def write_parquet(rows: pa.RecordBatchReader, out: BinaryIO) -> None:
    """Write Parquet, lists as lists."""
    with pq.ParquetWriter(out, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)


def write_ftm(rows: pa.RecordBatchReader, out: BinaryIO) -> None:
    """Write entities as FollowTheMoney JSON lines: the canonical name as name, other spellings as alias."""
    for row in _dicts(rows):
        properties = {"name": [row["name"]]}
        if other := [spelling for spelling in row["spellings"] if spelling != row["name"]]:
            properties["alias"] = other
        schema = _FTM_SCHEMA[row["type"]]
        entity = {"id": row["entity_id"], "caption": row["name"], "schema": schema, "properties": properties}
        _write_json(entity, out)


def write_spacy(rows: pa.RecordBatchReader, out: BinaryIO) -> None:
    """Write a pattern for spaCy's entity ruler for each spelling of each entity."""
    for row in _dicts(rows):
        for spelling in dict.fromkeys((row["name"], *row["spellings"])):
            _write_json({"label": row["type"], "pattern": spelling, "id": row["entity_id"]}, out)


#: The formats by name.
EXPORTERS: Final[Mapping[str, Exporter]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "parquet": write_parquet,
    "ftm": write_ftm,
    "spacy": write_spacy,
}

#: Formats that say something about entities and nothing else.
_ENTITIES_ONLY = frozenset({"ftm", "spacy"})


def export(
    rows: pa.RecordBatchReader,
    *,
    what: str,
    format: str,  # noqa: A002 the option's name
    out: str | Path,
) -> None:
    """Write rows to a file or to standard output.

    A file appears when it is complete, in place of an older one. If whoever reads standard output stops reading,
    the rest is dropped without a word.

    Args:
        rows: What `Store.export_batches(what)` gave.
        what: A key of `COLUMNS`.
        format: A key of `EXPORTERS`; `ftm` and `spacy` go with entities only.
        out: A path, or `-` for standard output.

    Raises:
        SettingsError: There is no such format, or it does not go with what is exported.
        InputError: The file cannot be written.
    """
    if format not in EXPORTERS:
        raise SettingsError(f"no format {format!r}: choose one of {', '.join(EXPORTERS)}")
    if format in _ENTITIES_ONLY and what != "entities":
        raise SettingsError(f"format {format} goes with entities, not with {what}: export entities")
    if str(out) == "-":
        _to_stdout(EXPORTERS[format], rows)
        return
    path = Path(out)
    try:
        with _replacing(path) as file:
            EXPORTERS[format](rows, file)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror}): name another file", path=str(out)) from error


def _to_stdout(exporter: Exporter, rows: pa.RecordBatchReader) -> None:
    sys.stdout.flush()
    try:
        exporter(rows, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain when it flushes at exit: give it somewhere to flush to.
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as sink:
            os.dup2(sink.fileno(), sys.stdout.fileno())


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path` at the end; a device or pipe is written as it is."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    work = path.with_name(f".{path.name}.{os.getpid()}.writing")
    try:
        with work.open("wb") as file:
            yield file
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def _dicts(rows: pa.RecordBatchReader) -> Iterator[dict[str, Any]]:
    for batch in rows:
        yield from batch.to_pylist()


def _write_json(value: Mapping[str, Any], out: BinaryIO) -> None:
    out.write(json.dumps(value, ensure_ascii=False).encode("utf-8"))
    out.write(b"\n")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            text = f"'{value}" if value.startswith(_FORMULA) else value
        case list():
            text = json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
    if _TO_QUOTE.search(text):
        escaped = text.replace('"', '""')
        return f'"{escaped}"'
    return text
