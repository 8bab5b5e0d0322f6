"""Model types -> Arrow tables: the only form in which rows go into the store.

DuckDB reads Arrow columns at about a million rows a second and `executemany` at two thousand. Estimates are
rounded to six decimals (probabilities) or three (bits), so that their columns can be compressed. A lone
surrogate, which UTF-8 cannot hold, becomes U+FFFD in metadata; in a text or an id it is refused, because
replacing it here would make another text or id of it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import accumulate, chain, islice
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from resolver.errors import StoreError
from resolver.model import Article, Chain, Decision, Entity, Mention, Name, Resolution
from resolver.store.records import Conflict, RunRecord, StoredPair

__all__ = [
    "article_words",
    "articles",
    "chains",
    "conflicts",
    "counts",
    "decisions",
    "documents",
    "entities",
    "flags",
    "ids",
    "json_text",
    "mentions",
    "merged",
    "moves",
    "name_keys_of",
    "names",
    "pairs",
    "redirects",
    "resolutions",
    "run",
    "timestamp",
    "told",
]

#: Rows that are turned into columns at a time: bounds the memory of the Python objects in between.
_ROWS = 4_096

_PROBABILITY_DECIMALS = 6
_BITS_DECIMALS = 3

#: Columns that name nothing and that nothing is counted in.
_METADATA = frozenset({"title", "date", "outlet", "author", "url", "lang", "extra", "source"})
_SURROGATE = re.compile("[\ud800-\udfff]")

_TEXT = pa.large_string()  # 32-bit offsets end at 2 GiB a column, which 50 MB articles reach
_TEXTS = pa.list_(pa.string())
_INT = pa.int32()
_REAL = pa.float64()

Row: TypeAlias = tuple[Any, ...]


def _table(schema: Mapping[str, Any], rows: Iterable[Row]) -> pa.Table:
    arrow = pa.schema(list(schema.items()))
    batches = []
    iterator = iter(rows)
    while chunk := list(islice(iterator, _ROWS)):
        columns = zip(arrow, zip(*chunk, strict=True), strict=True)
        arrays = [_array(field.name, field.type, values) for field, values in columns]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=arrow))
    return pa.Table.from_batches(batches, schema=arrow)


def _array(name: str, kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """Return a column; nested ones are flattened first, which is several times faster than what Arrow does."""
    if pa.types.is_list(kind):
        offsets = pa.array([0, *accumulate(map(len, values))], pa.int32())
        flat = _array(name, kind.value_type, list(chain.from_iterable(values)))
        return pa.ListArray.from_arrays(offsets, flat, type=kind)
    if pa.types.is_struct(kind):
        parts = zip(*values, strict=True) if values else [()] * kind.num_fields
        children = [_array(field.name, field.type, part) for field, part in zip(kind, parts, strict=True)]
        return pa.StructArray.from_arrays(children, fields=list(kind))
    try:
        array = pa.array(values, type=kind)
    except UnicodeEncodeError as error:
        if name in _METADATA:
            return pa.array(
                [value and _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value) for value in values], kind
            )
        near = error.object[max(0, error.start - 20) : error.start + 20]
        raise StoreError(
            f"{name} {near!a}: character {error.start} is half of a surrogate pair: replace it with U+FFFD"
        ) from error
    if pa.types.is_floating(kind):
        decimals = _BITS_DECIMALS if name == "bits" else _PROBABILITY_DECIMALS
        return pa.array(np.round(array.to_numpy(), decimals))
    return array


def json_text(value: Mapping[str, Any]) -> str:
    """Return a mapping as a JSON object, keys sorted; what JSON cannot say becomes null or text."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, default=str)
    except (TypeError, ValueError):
        return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, default=str)


def _plain(value: object) -> object:
    match value:
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _:
            return value


def timestamp(text: str) -> datetime:
    """Return ISO 8601 text as UTC without zone; text without a zone is taken as UTC.

    Raises:
        StoreError: The text is no date or time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise StoreError(f"{text!r} is no time: write it like 2026-11-24T15:30:00Z") from error
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def articles(rows: Iterable[Article]) -> pa.Table:
    """Return article_id, text, boilerplate, each text once."""
    schema = {
        "article_id": pa.string(),
        "text": _TEXT,
        "boilerplate": pa.list_(pa.struct([("start", _INT), ("end", _INT)])),
    }
    seen: set[str] = set()

    def distinct() -> Iterable[Row]:
        for article in rows:
            article_id = article.article_id
            if article_id not in seen:
                seen.add(article_id)
                yield article_id, article.text, article.boilerplate

    return _table(schema, distinct())


def documents(rows: Iterable[Article]) -> pa.Table:
    """Return the metadata of each doc_id; the last one wins if a doc_id comes twice."""
    schema = dict.fromkeys(
        ("doc_id", "article_id", "title", "date", "outlet", "author", "url", "lang", "extra", "source"), _TEXT
    )
    latest = {article.doc_id: article for article in rows}
    return _table(
        schema,
        (
            (
                article.doc_id,
                article.article_id,
                article.title,
                article.date,
                article.outlet,
                article.author,
                article.url,
                article.lang,
                json_text(article.extra),
                article.source,
            )
            for article in latest.values()
        ),
    )


def mentions(rows: Iterable[Mention], chain_of: Mapping[str, str]) -> pa.Table:
    """Return the mentions with the chain of each (null if it has none)."""
    schema = {
        "mention_id": pa.string(),
        "article_id": pa.string(),
        "start": _INT,
        "end": _INT,
        "surface": _TEXT,
        "kind": pa.string(),
        "confidence": _REAL,
        "source": pa.string(),
        "chain_id": pa.string(),
    }
    return _table(schema, ((*mention, chain_of.get(mention.mention_id)) for mention in rows))


def chains(rows: Iterable[Chain]) -> pa.Table:
    """Return the chains; which mentions are in one is said by the mentions."""
    context = [(name, _TEXTS) for name in ("roles", "places", "orgs", "words")]
    context += [("gender", pa.string()), ("also", _TEXTS), ("near", _TEXTS), ("kin", _TEXTS)]
    schema = {
        "chain_id": pa.string(),
        "article_id": pa.string(),
        "kind": pa.string(),
        "name": _TEXT,
        "forms": _TEXTS,
        "context": pa.struct(context),
        "rivals": pa.list_(pa.struct([("mention_id", pa.string()), ("chain_id", pa.string())])),
    }
    return _table(schema, ((*chain[:5], *chain[6:]) for chain in rows))


def names(rows: Iterable[Name]) -> pa.Table:
    """Return the parsed spellings, with a number that is equal for spellings that are one name."""
    from resolver.blocks import group_number  # noqa: PLC0415 - loads much that reading does without

    schema = {
        "surface": _TEXT,
        "kind": pa.string(),
        "folded": _TEXT,
        "tokens": pa.list_(pa.struct([("text", pa.string()), ("role", pa.string())])),
        "script": pa.string(),
        "group_id": pa.uint64(),
    }
    distinct = {(name.surface, name.kind): name for name in rows}
    return _table(schema, ((*name, group_number(name)) for name in distinct.values()))


def name_keys_of(rows: Iterable[Name]) -> pa.Table:
    """Return the keys of names, each name once."""
    from resolver.blocks import group_number, name_keys  # noqa: PLC0415 - as above

    distinct = list({group_number(name): name for name in rows}.items())
    at, keys = name_keys([name for _, name in distinct])
    groups = np.array([group for group, _ in distinct], dtype=np.uint64)
    return pa.table({"key": pa.array(keys, pa.uint32()), "group_id": pa.array(groups[at], pa.uint64())})


def article_words(rows: Iterable[tuple[str, Iterable[str]]]) -> pa.Table:
    """Return the telling words of each text."""
    return _table(
        {"article_id": pa.string(), "words": _TEXTS},
        ((article_id, list(words)) for article_id, words in rows),
    )


def told(rows: Mapping[str, Mapping[str, int]]) -> pa.Table:
    """Return the events and stories of some texts."""
    schema = {"tale": pa.string(), "article_id": pa.string(), "number": _INT}
    return _table(schema, ((tale, *row) for tale, found in rows.items() for row in found.items()))


def merged(rows: Mapping[str, Mapping[int, int]]) -> pa.Table:
    """Return events and stories that have become part of another."""
    schema = {"tale": pa.string(), "number": _INT, "whole": _INT}
    return _table(schema, ((tale, *row) for tale, found in rows.items() for row in found.items()))


def counts(rows: Mapping[tuple[str, str], int]) -> pa.Table:
    """Return family, feature and what is added to the number of texts that hold it."""
    schema = {"family": pa.string(), "feature": pa.string(), "articles": _INT}
    return _table(schema, ((*feature, number) for feature, number in rows.items() if number))


def pairs(rows: Iterable[StoredPair]) -> pa.Table:
    """Return the compared chains with their evidence."""
    evidence = pa.struct(
        [("feature", pa.string()), ("value", pa.string()), ("bits", _REAL), ("detail", pa.string())]
    )
    schema = {
        "left_chain": pa.string(),
        "right_chain": pa.string(),
        "bits": _REAL,
        "probability": _REAL,
        "keys": _TEXTS,
        "evidence": pa.list_(evidence),
    }
    return _table(schema, rows)


def entities(rows: Iterable[Entity]) -> pa.Table:
    """Return the entities without their spellings, which the mentions tell."""
    schema = {"entity_id": pa.string(), "kind": pa.string(), "name": _TEXT, "curated": pa.bool_()}
    return _table(schema, ((entity.entity_id, entity.kind, entity.name, entity.curated) for entity in rows))


def resolutions(rows: Iterable[Resolution]) -> pa.Table:
    """Return the outcome for each mention."""
    schema = {
        "mention_id": pa.string(),
        "entity_id": pa.string(),
        "probability": _REAL,
        "status": pa.string(),
        "linked_by": pa.string(),
        "candidates": pa.list_(pa.struct([("entity_id", pa.string()), ("probability", _REAL)])),
    }
    return _table(schema, rows)


def flags(values: Mapping[str, bool]) -> pa.Table:
    """Return id, flag."""
    return _table({"id": pa.string(), "flag": pa.bool_()}, values.items())


def ids(rows: Iterable[str]) -> pa.Table:
    """Return some ids."""
    return _table({"id": pa.string()}, ((row,) for row in rows))


def redirects(rows: Mapping[str, str]) -> pa.Table:
    """Return the old and the new id of each merge."""
    return _table({"old_id": pa.string(), "new_id": pa.string()}, rows.items())


def moves(rows: Mapping[int, str]) -> pa.Table:
    """Return the names (by number) all of whose chains go to an entity."""
    return _table({"group_id": pa.uint64(), "entity_id": pa.string()}, rows.items())


def conflicts(rows: Iterable[Conflict]) -> pa.Table:
    """Return the verdicts that clash."""
    schema = {"left_id": pa.string(), "right_id": pa.string(), "detail": _TEXT, "decision_ids": _TEXTS}
    return _table(schema, rows)


def decisions(rows: Iterable[Decision]) -> pa.Table:
    """Return the verdicts, with the mentions that they are anchored to; times are UTC."""
    schema = dict.fromkeys(
        ("decision_id", "left_id", "right_id", "verdict", "reason", "decided_by"), pa.string()
    )
    times = dict.fromkeys(("decided_at", "undone_at"), pa.timestamp("us"))
    mentions = dict.fromkeys(("left_mention", "right_mention"), pa.string())
    return _table(
        {**schema, **times, **mentions},
        (
            (
                *d[:6],
                timestamp(d.decided_at),
                timestamp(d.undone_at) if d.undone_at else None,
                d.left_mention or d.left,
                d.right_mention or d.right,
            )
            for d in rows
        ),
    )


def run(row: RunRecord) -> pa.Table:
    """Return the one row of a run, without its number."""
    moment = pa.timestamp("us")
    schema = {"command": pa.string(), "started_at": moment, "finished_at": moment}
    facts = ("settings", "versions", "counts", "seconds")
    times = (timestamp(row.started_at), timestamp(row.finished_at))
    texts = (json_text(row.settings), json_text(row.versions), json_text(row.counts), json_text(row.seconds))
    return _table({**schema, **dict.fromkeys(facts, _TEXT)}, [(row.command, *times, *texts)])
