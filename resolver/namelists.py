"""Bare names, without articles: compare two, compare the pairs of a table, cluster a list.

Comes in: two names, or a table (CSV, Parquet, text) of names. Goes out: bits, probabilities, entity ids; every row
comes back once, in its order. Refuses to know: articles, the store.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from resolver.candidates import candidate_pairs, keys_of_name
from resolver.clusters import link
from resolver.errors import InputError
from resolver.model import Evidence, Kind, Name, Role, content_id
from resolver.names import parse_name
from resolver.scores import NameScorer, compare, prior_bits, probability

__all__ = [
    "THRESHOLD",
    "Comparison",
    "cluster_file",
    "cluster_table",
    "compare_file",
    "compare_table",
    "compare_two",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

THRESHOLD = 0.5  # probability from which two names are taken for one entity's
PAIR_PRIOR_BITS = -11.0  # log2 odds of a pair put forward for comparison: as if drawn from a thousand names
STDOUT = "-"
SUFFIXES = (".csv", ".tsv", ".parquet", ".txt")


class Comparison(NamedTuple):
    """Two names compared: every term, the candidate keys that both have, and what it comes to.

    `bits` is the sum of the terms, the prior included; `same` says whether `probability` reaches `threshold`.
    """

    terms: tuple[Evidence, ...]
    keys: tuple[str, ...]
    bits: float
    probability: float
    same: bool
    threshold: float


def compare_two(left: str, right: str, kind: Kind = Kind.PER) -> Comparison:
    """Return everything that two names say about whether they are one entity's; symmetric.

    Args:
        left: A name, in any script.
        right: The other name.
        kind: What both are names of.
    """
    one, other = parse_name(left, kind), parse_name(right, kind)
    prior = Evidence("prior", "two names", PAIR_PRIOR_BITS, "odds before the names are looked at")
    terms = (prior, *compare(one, other))
    bits = sum(term.bits for term in terms)
    chance = float(probability(bits))
    keys = tuple(sorted(keys_of_name(one) & keys_of_name(other)))
    return Comparison(terms, keys, bits, chance, chance >= THRESHOLD, THRESHOLD)


def compare_file(path: Path, out: str) -> None:
    """Compare the pairs of a CSV or Parquet file and write its rows with `probability` and `bits` added.

    Args:
        path: A table with the columns left and right.
        out: Where to write; `-` is standard output, as CSV.

    Raises:
        InputError: The file is missing, unreadable, or lacks a column.
    """
    table = read_table(path)
    require(table, ("left", "right"), path)
    write_table(compare_table(table), out)


def compare_table(table: pa.Table) -> pa.Table:
    """Return a table with the columns `probability` (in [0, 1]) and `bits` added; other columns and the order stay."""
    texts = pa.chunked_array([*strings(table["left"]).chunks, *strings(table["right"]).chunks], pa.string())
    names, number = distinct(texts)
    parsed = [parse_name(name) for name in names]
    rows = table.num_rows
    bits = NameScorer(parsed).bits(number[:rows], number[rows:]) + PAIR_PRIOR_BITS
    added = {"probability": pa.array(probability(bits)), "bits": pa.array(np.round(bits, 3))}
    return with_columns(table, added)


def cluster_file(path: Path, out: str) -> str:
    """Cluster the names of a CSV, Parquet or text file and write every row once with its entity.

    Args:
        path: A table with a column name and optional id and count, or a text file with a name on each line.
        out: Where to write; `-` is standard output, as CSV.

    Returns:
        What was found and what was capped, a line each.

    Raises:
        InputError: The file is missing, unreadable, or lacks a column, or a count is no number.
    """
    table = read_table(path)
    require(table, ("name",), path)
    clustered, report = cluster_table(table, path=str(path))
    write_table(clustered, out)
    return report


def cluster_table(table: pa.Table, *, path: str | None = None) -> tuple[pa.Table, str]:
    """Return a table with `entity_id`, `canonical_name` and `probability` added, and a report.

    Args:
        table: Has a column name; a column count says how often each name occurs.
        path: Where the table came from, for messages.

    Returns:
        The rows in their order. `probability` is that of the likeliest link to another name of the same entity, for a
        name that stays alone that of having no partner. The report says what was found and capped.
    """
    names, number = distinct(strings(table["name"]))
    weight = np.bincount(number, weights=counts_of(table, path), minlength=len(names)).astype(np.float64)
    parsed = [parse_name(name) for name in names]
    first, group = grouped(parsed)
    labels, chance, notes = cluster_names([parsed[n] for n in first])
    label, chance = labels[group], chance[group]
    shown = canonical_names(parsed, label, weight)
    entity = [content_id("e", name) if name else content_id("e", "", n) for n, name in enumerate(shown)]
    added = {
        "entity_id": pa.array(entity, pa.string()).take(pa.array(number)),
        "canonical_name": pa.array(shown, pa.string()).take(pa.array(number)),
        "probability": pa.array(chance[number]),
    }
    found = f"{table.num_rows:,} rows, {len(names):,} names -> {len(set(entity)):,} entities"
    return with_columns(table, added), "\n".join([found, *notes])


def cluster_names(names: Sequence[Name]) -> tuple[Ints, Floats, list[str]]:
    """Return for each of some distinct names its cluster (a number) and the probability of it, and what was capped."""
    candidates = candidate_pairs(names)
    scorer, prior = NameScorer(names), prior_bits(len(names))
    left, right = candidates.left, candidates.right
    bits = scorer.bits(left, right) + prior

    def score(a: Ints, b: Ints) -> tuple[Floats, npt.NDArray[np.bool_]]:
        return scorer.bits(a, b) + prior, scorer.contradictions(a, b)

    weak = np.array([name.weak for name in names], dtype=bool)
    full = ~weak[left] & ~weak[right]
    linked = link(len(names), left[full], right[full], bits[full], score=score)
    labels = linked.labels.copy()
    joined = np.full(len(names), -np.inf)
    outside = np.full(len(names), -np.inf)
    same = labels[left] == labels[right]
    for side in (left, right):
        np.maximum.at(joined, side[same], bits[same])
        np.maximum.at(outside, side[~same], bits[~same])
    chance = np.where(np.isfinite(joined), probability(joined), 1.0 - probability(outside))
    return labels, chance, [*candidates.report, *linked.cuts]


def grouped(names: Sequence[Name]) -> tuple[list[int], Ints]:
    """Return the numbers of names that differ when folded, and for each name its place among them."""
    place: dict[tuple[str, tuple[str, ...]], int] = {}
    first: list[int] = []
    group = np.empty(len(names), dtype=np.int64)
    for number, name in enumerate(names):
        key = (name.folded or name.surface, name.having(Role.GENERATION))
        if key not in place:
            place[key] = len(first)
            first.append(number)
        group[number] = place[key]
    return first, group


def canonical_names(names: Sequence[Name], label: Ints, weight: Floats) -> list[str]:
    """Return for each name the commonest spelling of its cluster; of equally common ones the fullest."""
    best: dict[int, tuple[float, int, str]] = {}
    for name, cluster, count in zip(names, label.tolist(), weight.tolist(), strict=True):
        rank = (-count, -len(name.folded), name.surface)
        best[cluster] = min(rank, best.get(cluster, rank))
    return [best[cluster][2] for cluster in label.tolist()]


# ---------------------------------------------------------------- tables in and out


def strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text; null is the empty name."""
    return pc.fill_null(column.cast(pa.string()), "")


def distinct(texts: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the distinct texts in the order of their first occurrence, and the number of each row's text."""
    encoded = pa.chunked_array(texts.chunks, texts.type).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


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
