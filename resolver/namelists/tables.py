"""Tables of names in and out: CSV, TSV, Parquet, text; columns as Arrow and numpy arrays.

Bad input is an `InputError` of one line; what is no text becomes text, null the empty name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from resolver.errors import InputError

__all__ = ["counts_of", "distinct", "read_table", "require", "strings", "with_columns", "write_table"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STDOUT = "-"
SUFFIXES = (".csv", ".tsv", ".parquet", ".txt")


def strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text; null is the empty name."""
    return pc.fill_null(column.cast(pa.string()), "")


def distinct(texts: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Return the distinct texts in the order of their first occurrence, and the number of each row's text."""
    encoded = pa.chunked_array(texts.chunks, texts.type).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def counts_of(table: pa.Table, path: str | None) -> Floats:
    """Return the column count as numbers, 1 where there is none."""
    if "count" not in table.column_names:
        return np.ones(table.num_rows)
    column = table["count"]
    if pa.types.is_string(column.type):
        column = pc.if_else(pc.equal(column, ""), None, column)
    try:
        return np.asarray(pc.fill_null(column.cast(pa.float64()), 1.0).to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = (
            f"the column count holds something that is no number: {one_line(error)}; expected whole numbers"
        )
        raise InputError(message, path=path) from None


def with_columns(table: pa.Table, added: dict[str, pa.Array]) -> pa.Table:
    """Return a table with columns added at its end; columns of these names that it had give way."""
    table = table.drop_columns([name for name in added if name in table.column_names])
    for name, column in added.items():
        table = table.append_column(name, column)
    return table


def require(table: pa.Table, columns: Sequence[str], path: Path) -> None:
    """Raise `InputError` if a column is missing."""
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        there = ", ".join(table.column_names) or "none"
        raise InputError(f"no column {' and '.join(missing)}; the columns are: {there}", path=str(path))


def read_table(path: Path) -> pa.Table:
    """Read CSV, TSV (all columns as text), Parquet, or a text file with a name on each line."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"expected {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}", path=str(path))
    try:
        if suffix == ".parquet":
            return pq.read_table(path)
        if suffix == ".txt":
            return pa.table({"name": path.read_text(encoding="utf-8-sig").splitlines()})
        return read_csv(path, "\t" if suffix == ".tsv" else ",")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or one_line(error)}", path=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text; convert it first", path=str(path)) from None
    except (pa.ArrowInvalid, pa.ArrowException) as error:
        raise InputError(f"cannot be read as {suffix[1:]}: {one_line(error)}", path=str(path)) from None


def read_csv(path: Path, delimiter: str) -> pa.Table:
    """Read a delimited file, every column as text, so that what is kept is kept as it was."""
    parse = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if not lines.readline().strip():
            raise InputError("is empty; expected a header line", path=str(path))
    with pa_csv.open_csv(path, parse_options=parse) as reader:
        columns = reader.schema.names
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
        quoted_strings_can_be_null=False,
    )
    return pa_csv.read_csv(path, parse_options=parse, convert_options=convert)


def write_table(table: pa.Table, out: str) -> None:
    """Write a table as its file's ending says, as CSV to standard output for `-`."""
    options = pa_csv.WriteOptions(quoting_style="needed")
    try:
        if out == STDOUT:
            sys.stdout.flush()
            pa_csv.write_csv(table, sys.stdout.buffer, options)
        elif out.lower().endswith(".parquet"):
            pq.write_table(table, out)
        else:
            pa_csv.write_csv(table, out, options)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or one_line(error)}", path=out) from None


def one_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return str(error).partition("\n")[0].strip() or type(error).__name__
