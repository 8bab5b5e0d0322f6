"""The loader of a table: a folder of CSV files, or of Parquet files for a large one.

    entities.csv, aliases.csv, nicknames.csv, decisions.csv -> AliasTable

Every fault that makes a row unusable is collected and raised at once; what a curator should mend besides is told
by `check`. Knows nothing of articles and of matching.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from aliases.large import PARQUET, AliasColumns, Columns, EntityColumns, columns_of, read_parquet
from aliases.layers import layer
from aliases.rows import (
    AliasRow,
    AliasType,
    Conflict,
    DecisionRow,
    EntityRow,
    Fault,
    Kind,
    NicknameRow,
    Strength,
    Tenure,
    Verdict,
    guess_type,
    normalise,
)

__all__ = [
    "FILES",
    "AliasRow",
    "AliasTable",
    "AliasTableError",
    "AliasType",
    "Conflict",
    "DecisionRow",
    "EntityRow",
    "Fault",
    "Kind",
    "NicknameRow",
    "Strength",
    "Tenure",
    "Verdict",
    "content_hash",
    "guess_type",
    "joint_hash",
    "load_table",
    "normalise",
    "read_rows",
]

FILES: dict[str, type[BaseModel]] = {
    "entities.csv": EntityRow,
    "aliases.csv": AliasRow,
    "nicknames.csv": NicknameRow,
    "decisions.csv": DecisionRow,
}
"""The files of a table and what their rows are; the first two must be there."""

_Row = TypeVar("_Row", bound=BaseModel)


class AliasTableError(Exception):
    """A table or a source that cannot be used; its text has one line for each fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class AliasTable:
    """A table in memory.

    `entities` maps ids to rows; `content_hash` is 32 hexadecimal digits that change with any file of the table;
    `conflicts` is empty unless the table was layered.
    """

    entities: Mapping[str, EntityRow]
    aliases: Sequence[AliasRow]
    nicknames: Sequence[NicknameRow] = ()
    decisions: Sequence[DecisionRow] = ()
    content_hash: str = ""
    conflicts: Sequence[Conflict] = ()

    @cached_property
    def columns(self) -> Columns:
        """The rows as columns of text."""
        if isinstance(self.entities, EntityColumns) and isinstance(self.aliases, AliasColumns):
            return Columns(self.entities.columns, self.aliases.columns)
        return columns_of(self.entities.values(), self.aliases)

    @staticmethod
    def layered(*tables: AliasTable) -> AliasTable:
        """Return several tables as one; what an earlier one says wins, and `conflicts` tells what was left out.

        A later entity whose id or wikidata_id stands in an earlier table adds its aliases to that one. A later
        entity whose canonical name is a strong name of an earlier entity of its kind is left out: whether they
        are the same nobody knows. A strong alias that an earlier table gives to another entity is left out.
        """
        if not tables:
            return AliasTable({}, ())
        whole = tables[0]
        for table in tables[1:]:
            columns, conflicts = layer(whole.columns, table.columns)
            whole = AliasTable(
                EntityColumns(columns.entities),
                AliasColumns(columns.aliases),
                _union(whole.nicknames, table.nicknames),
                _union(whole.decisions, table.decisions),
                joint_hash([whole.content_hash, table.content_hash]),
                (*whole.conflicts, *table.conflicts, *conflicts),
            )
        return whole


def joint_hash(hashes: Sequence[str]) -> str:
    """Return the content hash of several tables in layers; of one table its own."""
    whole = hashes[0]
    for other in hashes[1:]:
        whole = hashlib.blake2b(f"{whole} {other}".encode(), digest_size=16).hexdigest()
    return whole


def content_hash(folder: Path | None = None) -> str:
    """Return 32 hexadecimal digits that change with any file of a table; "" if one cannot be read.

    Args:
        folder: As for `load_table`.
    """
    folder = Path(__file__).parent if folder is None else folder
    digest = hashlib.blake2b(digest_size=16)
    try:
        for path in sorted(path for path in folder.iterdir() if path.name in {*FILES, *PARQUET}):
            digest.update(path.name.encode() + path.stat().st_size.to_bytes(8, "big"))
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def load_table(folder: Path | None = None) -> AliasTable:
    """Return the table of a folder.

    Args:
        folder: Where entities.csv and aliases.csv lie (nicknames.csv and decisions.csv may); None for the packaged
            table. A folder with entities.parquet is a large table, whose rows are made on demand.

    Raises:
        AliasTableError: With every missing file, wrong header and unusable row.
    """
    folder = Path(__file__).parent if folder is None else folder
    faults: list[Fault] = []
    if (folder / "entities.parquet").exists():
        large = read_parquet(folder, faults)
        if large is None:
            raise AliasTableError(faults)
        return AliasTable(*large, content_hash=content_hash(folder))
    entities = _load(folder / "entities.csv", EntityRow, faults)
    aliases = _load(folder / "aliases.csv", AliasRow, faults)
    nicknames = _load(folder / "nicknames.csv", NicknameRow, faults, needed=False)
    decisions = _load(folder / "decisions.csv", DecisionRow, faults, needed=False)
    by_id: dict[str, EntityRow] = {}
    for line, entity in entities:
        if entity.entity_id in by_id:
            where = str(folder / "entities.csv")
            faults.append(Fault(where, line, "entity_id", entity.entity_id, "an id that no other row has"))
        by_id.setdefault(entity.entity_id, entity)
    if not faults:
        faults.extend(
            Fault(str(folder / "aliases.csv"), line, "entity_id", alias.entity_id, "an id of entities.csv")
            for line, alias in aliases
            if alias.entity_id not in by_id
        )
    if faults:
        raise AliasTableError(faults)
    return AliasTable(
        by_id,
        tuple(row for _, row in aliases),
        tuple(row for _, row in nicknames),
        tuple(row for _, row in decisions),
        content_hash(folder),
    )


def read_rows(path: Path, row_type: type[_Row], faults: list[Fault], data: bytes) -> list[tuple[int, _Row]]:
    """Return the rows of a CSV file with their line numbers; what cannot be used is added to `faults`.

    Args:
        path: Named in faults; not opened.
        row_type: Its fields are the columns; those with a default may be missing from the header.
        faults: Collects what is wrong.
        data: The bytes of the file.
    """
    lines: list[int] = []
    records: list[dict[str, str]] = []
    for line, record in _records(path, row_type, faults, data):
        lines.append(line)
        records.append(record)
    try:
        return list(zip(lines, TypeAdapter(list[row_type]).validate_python(records), strict=True))  # type: ignore[valid-type]
    except ValidationError as error:
        wrong = set()
        for detail in error.errors(include_url=False):
            index, column = int(detail["loc"][0]), str(detail["loc"][1])
            wrong.add(index)
            value = records[index].get(column, "")
            faults.append(Fault(str(path), lines[index], column, value, _expected(row_type, column, detail)))
        kept = [index for index in range(len(lines)) if index not in wrong]
        return [(lines[index], row_type.model_validate(records[index])) for index in kept]


def _load(
    path: Path,
    row_type: type[_Row],
    faults: list[Fault],
    *,
    needed: bool = True,
) -> list[tuple[int, _Row]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if needed:
            columns = ", ".join(row_type.model_fields)
            faults.append(Fault(str(path), 0, "", path.name, f"this file, with the columns {columns}"))
        return []
    except OSError as error:
        faults.append(Fault(str(path), 0, "", error.strerror or str(error), "a file that can be read"))
        return []
    return read_rows(path, row_type, faults, data)


def _records(
    path: Path, row_type: type[BaseModel], faults: list[Fault], data: bytes
) -> Iterator[tuple[int, dict[str, str]]]:
    def fault(line: int, column: str, value: str, expected: str) -> None:
        faults.append(Fault(str(path), line, column, value, expected))

    if data.startswith(b"\xef\xbb\xbf"):
        fault(1, "", "\ufeff", "no byte order mark: save the file as plain UTF-8")
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        fault(data.count(b"\n", 0, error.start) + 1, "", repr(data[error.start : error.end]), "UTF-8 text")
        return
    fields = row_type.model_fields
    csv.field_size_limit(max(len(text), 1 << 17))  # a name without end is told by its length, in its column
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    try:
        header = next(reader, [])
        missing = [name for name, field in fields.items() if field.is_required() and name not in header]
        unknown = [name for name in header if name not in fields]
        if missing or unknown or len(set(header)) < len(header):
            said = f"the columns {', '.join(fields)}"
            said += f"; missing: {', '.join(missing)}" * bool(
                missing
            ) + f"; unknown: {', '.join(unknown)}" * bool(unknown)
            if len(header) == 1 and ";" in header[0]:
                said += "; separated by commas, not semicolons"
            fault(1, "", ",".join(header), said)
            return
        before = reader.line_num
        for record in reader:
            line, before = before + 1, reader.line_num
            if len(record) != len(header):
                fault(line, "", ",".join(record), f"{len(header)} values, found {len(record)}")
            else:
                yield line, dict(zip(header, record, strict=True))
    except csv.Error as error:
        fault(before + 1, "", str(error), "a line of comma-separated values")


def _expected(row_type: type[BaseModel], column: str, detail: Mapping[str, object]) -> str:
    annotation = row_type.model_fields[column].annotation
    if isinstance(annotation, type) and issubclass(annotation, (Kind, AliasType, Strength, Verdict)):
        return f"one of {', '.join(annotation)}"
    told = {
        "entity_id": "an id of 1 to 200 characters without blanks and commas",
        "wikidata_id": "a Wikidata id such as Q42, or nothing",
        "lang": "a language code such as en or zh-Hant, or nothing",
        "roles": "roles separated by '; ', years last: president of France 2017-; minister 2014-2016",
        "source": "where the row comes from, 1 to 500 characters",
    }
    return told.get(column) or f"1 to 300 printable characters ({detail['msg']})"


def _union(first: Iterable[_Row], second: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(dict.fromkeys((*first, *second)))
