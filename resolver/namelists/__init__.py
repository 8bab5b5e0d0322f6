"""Bare names, without articles: compare two, compare the pairs of a table, cluster a list.

Comes in: two names, or a table (CSV, Parquet, text) of names. Goes out: bits, probabilities, entity ids; every row
comes back once, in its order. Refuses to know: articles, the store.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.candidates import shared_keys
from resolver.columns import NameColumns, columns_of_texts
from resolver.model import Evidence, Kind, content_id, content_ids
from resolver.namelists.grouping import Floats, Ints, cluster_columns, equal_rows
from resolver.namelists.tables import (
    counts_of,
    distinct,
    read_table,
    require,
    strings,
    with_columns,
    write_table,
)
from resolver.names import parse_name
from resolver.scores import NameScorer, compare, prior_bits, probability
from resolver.sorting import numbered

__all__ = [
    "THRESHOLD",
    "ClusterReport",
    "Comparison",
    "cluster_file",
    "cluster_table",
    "compare_file",
    "compare_table",
    "compare_two",
]

log = logging.getLogger(__name__)

# probability from which two names are taken for one entity's: by cross-validation over persons .985 of the pairs that
# pass are right, in sanctions lists and among nicknames alike (resolver/models/names/CARD.md)
THRESHOLD = 0.984
PAIR_NAMES = 1000  # a pair put forward for comparison has the prior odds of two names drawn from so many


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


class ClusterReport(NamedTuple):
    """What was found in a list, and what was capped or cut, a line each."""

    rows: int
    names: int
    entities: int
    notes: tuple[str, ...]

    def __str__(self) -> str:
        found = f"{self.rows:,} rows, {self.names:,} names -> {self.entities:,} entities"
        return "\n".join([found, *self.notes])


def compare_two(left: str, right: str, kind: Kind = Kind.PER) -> Comparison:
    """Return everything that two names say about whether they are one entity's; symmetric.

    Args:
        left: A name, in any script.
        right: The other name.
        kind: What both are names of.
    """
    one, other = parse_name(left, kind), parse_name(right, kind)
    prior = Evidence("prior", "two names", prior_bits(PAIR_NAMES), "odds before the names are looked at")
    terms = (prior, *compare(one, other))
    bits = sum(term.bits for term in terms)
    chance = float(probability(bits))
    return Comparison(terms, shared_keys(one, other), bits, chance, chance >= THRESHOLD, THRESHOLD)


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
    rows = table.num_rows
    scorer = NameScorer.of_columns(columns_of_texts(names))
    bits = np.asarray(scorer.bits(number[:rows], number[rows:]), dtype=np.float64) + prior_bits(PAIR_NAMES)
    return with_columns(
        table, {"probability": pa.array(probability(bits)), "bits": pa.array(np.round(bits, 3))}
    )


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
    return str(report)


def cluster_table(table: pa.Table, *, path: str | None = None) -> tuple[pa.Table, ClusterReport]:
    """Return a table with `entity_id`, `canonical_name` and `probability` added, and a report.

    Args:
        table: Has a column name; a column count says how often each name occurs.
        path: Where the table came from, for messages.

    Returns:
        The rows in their order. `probability` is that of the likeliest link to another name of the same entity, for a
        name that stays alone that of having no partner. An empty name is an entity of its own in every row. The report
        says what was found and capped.
    """
    texts, number = distinct(strings(table["name"]))
    weight = np.bincount(number, weights=counts_of(table, path), minlength=len(texts)).astype(np.float64)
    columns = columns_of_texts(texts)
    log.info("%d rows, %d distinct names taken apart", table.num_rows, len(texts))
    first, group = equal_rows(columns, texts)
    kept = columns.rows(first)
    found = cluster_columns(kept)
    label, chance = found.label[group], found.probability[group]
    best = canonical_rows(columns, texts, label, weight)
    shown = texts.take(pa.array(best))
    entity = entity_ids(texts, best)
    added = {
        "entity_id": entity.take(pa.array(number)),
        "canonical_name": shown.take(pa.array(number)),
        "probability": pa.array(chance[number]),
    }
    blank = np.flatnonzero(pc.equal(shown, "").to_numpy(zero_copy_only=False)[number])
    if len(blank):
        ids = added["entity_id"].to_pylist()
        for row in blank.tolist():
            ids[row] = content_id("e", "", row)
        added["entity_id"] = pa.array(ids, pa.string())
    entities = pc.count_distinct(added["entity_id"]).as_py()
    report = ClusterReport(table.num_rows, len(texts), entities, tuple(found.notes))
    return with_columns(table, added), report


def entity_ids(texts: pa.Array, best: Ints) -> pa.Array:
    """Return the id of each text's entity, derived from the canonical name."""
    distinct_rows, place = numbered(best)
    names = texts.take(pa.array(distinct_rows)).to_pylist()
    return pa.array(content_ids("e", names), pa.string()).take(pa.array(place))


def canonical_rows(columns: NameColumns, texts: pa.Array, label: Ints, weight: Floats) -> Ints:
    """Return for each text the commonest of its cluster; of equally common ones that with most tokens, then letters."""
    out = np.arange(len(label))
    size = np.bincount(label, minlength=len(label))
    rows = np.flatnonzero(size[label] > 1)
    if not len(rows):
        return out
    length = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[pc.sort_indices(texts.take(pa.array(rows))).to_numpy()] = np.arange(len(rows))
    order = np.lexsort(
        (rank, -length[rows], -columns.size[rows].astype(np.int64), -weight[rows], label[rows])
    )
    ordered = label[rows][order]
    start = np.flatnonzero(np.diff(ordered, prepend=-1) != 0)
    best = np.zeros(len(label), dtype=np.int64)
    best[ordered[start]] = rows[order][start]
    out[rows] = best[label[rows]]
    return out
