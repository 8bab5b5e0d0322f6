"""A table of Parquet files, whose rows are made when they are asked for: a million of them load in moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, overload

import pyarrow as pa
import pyarrow.parquet as pq

from aliases.rows import AliasRow, AliasType, EntityRow, Fault, Kind, Strength

__all__ = ["PARQUET", "AliasColumns", "Columns", "EntityColumns", "columns_of", "read_parquet", "values"]

PARQUET: dict[str, type[EntityRow] | type[AliasRow]] = {
    "entities.parquet": EntityRow,
    "aliases.parquet": AliasRow,
}
"""The files of a large table and what their rows are."""

_BATCH = 20_000
"""Rows that are turned into objects at a time while all are walked through."""

_TYPES = {str(member): member for member in AliasType}
_STRENGTHS = {str(member): member for member in Strength}
_KINDS = {str(member): member for member in Kind}


class Columns(NamedTuple):
    """The rows of a table as columns of text."""

    entities: pa.Table
    aliases: pa.Table


def columns_of(entities: Iterable[EntityRow], aliases: Iterable[AliasRow]) -> Columns:
    """Return rows as columns."""
    return Columns(_table(EntityRow, entities), _table(AliasRow, aliases))


def _table(row_type: type[EntityRow] | type[AliasRow], rows: Iterable[EntityRow | AliasRow]) -> pa.Table:
    schema = pa.schema([(column, pa.string()) for column in row_type.model_fields])
    return pa.Table.from_pylist([row.model_dump(mode="json") for row in rows], schema=schema)


def values(table: pa.Table, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield the values of some columns row by row, in bounded memory."""
    for batch in table.select(list(names)).to_batches(max_chunksize=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class AliasColumns(Sequence[AliasRow]):
    """The aliases of a large table; rows are trusted, because `import_table` checked them."""

    def __init__(self, table: pa.Table) -> None:
        self.columns = table

    def __len__(self) -> int:
        return int(self.columns.num_rows)

    @overload
    def __getitem__(self, index: int) -> AliasRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AliasRow]: ...
    def __getitem__(self, index: int | slice) -> AliasRow | Sequence[AliasRow]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return _alias(self.columns.slice(index % len(self), 1).to_pylist()[0])

    def __iter__(self) -> Iterator[AliasRow]:
        for batch in self.columns.to_batches(max_chunksize=_BATCH):
            yield from map(_alias, batch.to_pylist())


class EntityColumns(Mapping[str, EntityRow]):
    """The entities of a large table by id."""

    def __init__(self, table: pa.Table) -> None:
        self.columns = table

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entity_id: i for i, entity_id in enumerate(self.columns["entity_id"].to_pylist())}

    def __len__(self) -> int:
        return int(self.columns.num_rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, entity_id: str) -> EntityRow:
        return _entity(self.columns.slice(self._places[entity_id], 1).to_pylist()[0])

    def __contains__(self, entity_id: object) -> bool:
        return entity_id in self._places


def _alias(row: dict[str, str]) -> AliasRow:
    return AliasRow.model_construct(
        entity_id=row["entity_id"],
        alias=row["alias"],
        alias_type=_TYPES[row["alias_type"]],
        strength=_STRENGTHS[row["strength"]],
        lang=row["lang"],
        source=row["source"],
        note=row["note"],
    )


def _entity(row: dict[str, str]) -> EntityRow:
    return EntityRow.model_construct(
        entity_id=row["entity_id"],
        kind=_KINDS[row["kind"]],
        canonical_name=row["canonical_name"],
        wikidata_id=row["wikidata_id"],
        roles=row["roles"],
        source=row["source"],
        note=row["note"],
    )


def read_parquet(folder: Path, faults: list[Fault]) -> tuple[EntityColumns, AliasColumns] | None:
    """Return entities and aliases of a folder of Parquet files; None if `faults` tells why not.

    Args:
        folder: Where entities.parquet and aliases.parquet lie.
        faults: Collects what is wrong: a missing or damaged file, missing columns.
    """
    tables = []
    for name, row_type in PARQUET.items():
        path = folder / name
        columns = list(row_type.model_fields)
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            said = str(error).splitlines()[0][:200]
            faults.append(
                Fault(str(path), 0, "", said, f"a Parquet file with the columns {', '.join(columns)}")
            )
            continue
        missing = [column for column in columns if column not in table.column_names]
        if missing:
            said = ", ".join(table.column_names)
            faults.append(
                Fault(str(path), 0, "", said, f"the columns {', '.join(missing)}, which are missing")
            )
            continue
        tables.append(table.select(columns).cast(pa.schema([(column, pa.string()) for column in columns])))
    if faults:
        return None
    return EntityColumns(tables[0]), AliasColumns(tables[1])
