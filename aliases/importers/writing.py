"""Records -> the files of a table, first in a folder beside the one asked for, which then takes its place."""

from __future__ import annotations

import csv
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from aliases.importers.records import Record, Reject
from aliases.rows import LONGEST, AliasRow, EntityRow, Fault, Kind, Strength, guess_type
from aliases.table import AliasTableError, normalise

__all__ = ["CSV_LIMIT", "Written", "write_table"]

CSV_LIMIT = 200_000
"""Aliases up to which a table is written as CSV, which people can read; above it is Parquet."""

_BATCH = 50_000
"""Rows of a Parquet row group while a large table is written."""

_ENTITY = tuple(EntityRow.model_fields)
_ALIAS = tuple(AliasRow.model_fields)

_Row = tuple[str, ...]


class Written(NamedTuple):
    """How much was written."""

    entities: int
    aliases: int


def write_table(out: Path, records: Iterator[Record], reject: Reject) -> Written:
    """Write records as a table and return how many rows it has.

    Args:
        out: A folder that is not there yet, or empty; Parquet if its name ends in `.parquet`.
        records: What to write; memory grows with the number of entities (about 75 bytes each), not with the file.
        reject: Told the place and reason of what cannot be a row.

    Raises:
        AliasTableError: If the folder has files already or cannot be written, or no record is left.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AliasTableError([Fault(str(out), 0, "", out.name, "a folder that is not there yet, or empty")])
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        expected = "a folder that can be written"
        raise AliasTableError([Fault(str(out), 0, "", error.strerror or str(error), expected)]) from error
    try:
        folder.chmod(0o755)
        with _Files(folder, large=out.suffix == ".parquet") as files:
            _fill(files, records, reject)
        if not files.entities:
            expected = "at least one entity to import: see the format and the filters"
            raise AliasTableError([Fault(str(out), 0, "", "nothing is left", expected)])
        if out.exists():
            out.rmdir()
        folder.rename(out)
    except OSError as error:
        expected = "room and leave to write the table"
        raise AliasTableError([Fault(str(out), 0, "", error.strerror or str(error), expected)]) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Written(files.entities, files.aliases)


def _fill(files: _Files, records: Iterator[Record], reject: Reject) -> None:
    seen: set[int] = set()
    for record in records:
        name, fault = _clean(record.name)
        entity_id = record.entity_id
        if not fault and (
            not entity_id or len(entity_id) > 200 or "," in entity_id or len(entity_id.split()) != 1
        ):
            fault = "an id that is empty, too long or has blanks or commas"
        if not fault and hash(entity_id) in seen:
            fault = "an id that stood before: the first record counts"
        if fault:
            reject(record.place, fault)
            continue
        seen.add(hash(entity_id))
        roles, _ = _clean(record.roles, longest=2000)
        files.entity((entity_id, record.kind, name, record.wikidata_id, roles, record.source, ""))
        taken = {normalise(name)}
        bare = " " in name
        for alias in record.aliases:
            text, fault = _clean(alias.text)
            if fault == _EMPTY or (not fault and normalise(text) in taken):
                continue
            if fault:
                reject(record.place, fault)
                continue
            taken.add(normalise(text))
            weak = alias.strength is Strength.WEAK or (record.kind is Kind.PER and bare and _one_word(text))
            strength = Strength.WEAK if weak else Strength.STRONG
            lang = alias.lang if _is_lang(alias.lang) else ""
            files.alias((entity_id, text, guess_type(text), strength, lang, record.source, ""))


_EMPTY = "an empty name"


def _clean(text: str, *, longest: int = LONGEST) -> tuple[str, str]:
    """Return a name in NFC without needless blanks, and why it cannot be taken ("" if it can)."""
    if len(text) > longest:
        return "", f"a name of more than {longest} characters"
    if (
        any(unicodedata.category(char) in ("Cc", "Cs") and not char.isspace() for char in text)
        or "\ufffd" in text
    ):
        return "", "a name with control or broken characters"
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return plain, "" if plain or longest != LONGEST else _EMPTY


def _one_word(text: str) -> bool:
    """Return whether a name is one word of a script that puts blanks between words."""
    return " " not in text and not any(ord(char) >= 0x2E80 for char in text)


def _is_lang(lang: str) -> bool:
    first, _, rest = lang.partition("-")
    return (
        len(first) in (2, 3)
        and first.isascii()
        and first.islower()
        and first.isalpha()
        and (not rest or rest.replace("-", "").isalnum())
    )


class _Files:
    """The two files of a table: sorted CSV while it is small, Parquet from the moment that it is not."""

    def __init__(self, folder: Path, *, large: bool) -> None:
        self.entities = self.aliases = 0
        self._folder = folder
        self._large = large
        self._rows: dict[str, list[_Row]] = {"entities": [], "aliases": []}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> _Files:
        return self

    def entity(self, row: _Row) -> None:
        """Take a row of entities."""
        self.entities += 1
        self._add("entities", row)

    def alias(self, row: _Row) -> None:
        """Take a row of aliases."""
        self.aliases += 1
        self._add("aliases", row)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for name, columns in (("entities", _ENTITY), ("aliases", _ALIAS)):
                    if self._large:
                        self._flush(name)
                    else:
                        self._csv(name, columns)
        finally:
            for writer in self._writers.values():
                writer.close()

    def _add(self, name: str, row: _Row) -> None:
        rows = self._rows[name]
        rows.append(row)
        if self._large:
            if len(rows) >= _BATCH:
                self._flush(name)
        elif len(rows) > CSV_LIMIT:
            self._large = True

    def _flush(self, name: str) -> None:
        columns = _ENTITY if name == "entities" else _ALIAS
        schema = pa.schema([(column, pa.string()) for column in columns])
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(
                self._folder / f"{name}.parquet", schema, compression="zstd"
            )
        rows: Sequence[_Row] = self._rows[name]
        arrays = [pa.array([str(row[i]) for row in rows], pa.string()) for i in range(len(columns))]
        self._writers[name].write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._rows[name] = []

    def _csv(self, name: str, columns: Sequence[str]) -> None:
        with (self._folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(columns)
            table.writerows(sorted(self._rows[name]))
