"""What linking a part of the corpus needs to know of the rest: stored keys, running counts, who is near whom.

Every function gets a connection and gives what holds now. Long lists of ids go in as Arrow columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.model import Kind, Name
from resolver.store.files import Connection, column, first, registered
from resolver.store.known import names_of

__all__ = [
    "WordRows",
    "alike",
    "article_count",
    "articles_telling",
    "borne",
    "chain_count",
    "feature_counts",
    "indexed",
    "name_counts",
    "sizes",
    "whole_stories",
    "word_rows",
]

Ints = npt.NDArray[np.int64]


def indexed(db: Connection) -> bool:
    """Return whether every text and name that holds now has its words and keys stored: not so after a migration."""
    row = first(
        db,
        """
        select
            (select count(distinct article_id) from documents where until_run is null)
                = (select count(*) from article_words)
            and not exists (from names where group_id is null)
        """,
    )
    return row is not None and bool(row[0])


def name_counts(db: Connection) -> dict[Kind, int]:
    """Return how many distinct names the chains of each kind bear."""
    rows = db.execute(
        """
        select c.kind, count(distinct n.group_id)
        from (select distinct kind, name from chains where until_run is null) c
        join names n on n.surface = c.name and n.kind = c.kind
        group by c.kind
        """
    ).fetchall()
    return {Kind(kind): count for kind, count in rows}


def sizes(db: Connection, groups: Iterable[int]) -> dict[int, int]:
    """Return how many chains bear each of some names."""
    with registered(db, asked=column(groups, pa.uint64())):
        rows = db.execute(
            """
            select n.group_id, count(*)
            from names n
            join chains c on c.name = n.surface and c.kind = n.kind
            where n.group_id in (select id from asked) and c.until_run is null
            group by n.group_id
            """
        ).fetchall()
    return dict(rows)


def alike(db: Connection, keys: npt.NDArray[np.uint32], *, most: int) -> set[int]:
    """Return the stored names that have one of the keys; a key of more than `most` names brings nobody together."""
    with registered(db, asked=pa.table({"id": pa.array(np.unique(keys))})):
        rows = db.execute(
            """
            with
                found as (select "key", group_id from name_keys where "key" in (select id from asked)),
                telling as (select "key" from found group by "key" having count(*) <= $most)
            select distinct group_id
            from found
            semi join telling using ("key")
            """,
            {"most": most},
        ).fetchall()
    return {group for (group,) in rows}


def chain_count(db: Connection) -> int:
    """Return how many chains hold now."""
    row = first(db, "select count(*) from chains where until_run is null")
    return 0 if row is None else int(row[0])


def article_count(db: Connection) -> int:
    """Return how many texts documents carry now."""
    row = first(db, "select count(*) from article_words")
    return 0 if row is None else int(row[0])


class WordRows(NamedTuple):
    """The telling words of some texts as columns, and how many texts hold each word.

    `words` are places in `vocabulary`; the words of one text stand together, `sizes` says how many. `events` and
    `stories` are those of the texts, 0 for none; `last` are the highest numbers that one of either has.
    """

    articles: list[str]
    sizes: Ints
    words: Ints
    vocabulary: list[str]
    seen: Ints
    events: Ints
    stories: Ints
    last: tuple[int, int]


def word_rows(db: Connection, ids: Iterable[str] | None, more: Sequence[str] = ()) -> WordRows:
    """Return the words of some texts (None: of all); the vocabulary holds `more` words too."""
    with registered(db, asked=column(ids or (), pa.string()), more=column(more, pa.string())):
        found = db.sql(
            """
            select article_id, words, coalesce(event, 0) as event, coalesce(story, 0) as story
            from article_words
            where $every or article_id in (select id from asked)
            order by article_id
            """,
            params={"every": ids is None},
        ).to_arrow_table()
        lists: pa.ListArray = found["words"].combine_chunks()
        numbers = lists.flatten().to_numpy().astype(np.int64)
        counts = lists.value_lengths().to_numpy().astype(np.int64)
        with registered(db, used=pa.table({"id": pa.array(np.unique(numbers), pa.int32())})):
            rows = db.sql(
                """
                select number, word, articles
                from words
                where number in (select id from used) or word in (select id from more)
                order by number
                """
            ).to_arrow_table()
    known = rows["number"].to_numpy().astype(np.int64)
    vocabulary = rows["word"].to_pylist()
    seen = rows["articles"].to_numpy().astype(np.int64)
    events, stories = (found[tale].to_numpy().astype(np.int64) for tale in ("event", "story"))
    last = first(db, "select coalesce(max(event), 0), coalesce(max(story), 0) from article_words")
    return WordRows(
        found["article_id"].to_pylist(), counts, np.searchsorted(known, numbers), vocabulary, seen,
        events, stories, (last[0], last[1]) if last else (0, 0),
    )  # fmt: skip


def borne(
    db: Connection,
    *,
    keys: npt.NDArray[np.uint32] | None = None,
    groups: Iterable[int] = (),
    skip: Iterable[str] = (),
) -> list[tuple[Name, tuple[int, ...]]]:
    """Return the spellings that chains bear of some names, and the events in whose texts each stands.

    Args:
        db: The store.
        keys: Keys of words: names of people that have one of them.
        groups: Numbers of names, if there are no keys.
        skip: Texts that do not count.
    """
    asked = pa.table({"id": pa.array(np.unique(keys))}) if keys is not None else column(groups, pa.uint64())
    called = (
        "kind = 'PER' and group_id in (select group_id from name_keys where \"key\" in (select id from asked))"
        if keys is not None
        else "group_id in (select id from asked)"
    )
    with registered(db, asked=asked, skipped=column(skip, pa.string())):
        rows = db.sql(
            f"""
            with
                called as materialized (
                    select surface, kind, folded, tokens, script
                    from names
                    where rowid in (select rowid from names where {called})),
                bearers as materialized (
                    select name, kind, article_id
                    from chains
                    where rowid in (
                        select rowid
                        from chains
                        where until_run is null and name in (select surface from called))),
                told as (
                    select
                        b.name, b.kind,
                        list(distinct w.event)
                            filter (where w.event is not null and article_id not in (select id from skipped)) as events
                    from bearers b
                    join article_words w using (article_id)
                    group by b.name, b.kind)
            select surface, called.kind as kind, folded, tokens, script, coalesce(events, []) as events
            from called
            join told on told.name = called.surface and told.kind = called.kind
            order by surface, called.kind
            """  # noqa: S608 - one of two literals
        ).to_arrow_table()
    return list(zip(names_of(rows), map(tuple, rows["events"].to_pylist()), strict=True))


def articles_telling(
    db: Connection, words: Iterable[str], *, few: int, least: float, total: int
) -> list[tuple[str, str, float]]:
    """Return (word, text, weight) of the stored texts that hold some words, of those that few texts hold.

    Args:
        db: The store.
        words: The words.
        few: Texts that hold a word from which it tells nothing.
        least: Weight of a text's words, added up, from which it is returned.
        total: Texts in all: a word weighs the square of how rare it is, in bits.
    """
    with registered(db, asked=column(words, pa.string())):
        return db.execute(
            """
            with
                telling as (
                    select number, word, log2(($total + 1) / (articles + 0.5)) ** 2 as weight
                    from words
                    where word in (select id from asked) and articles < $few),
                held as (
                    select a.article_id, t.word, t.weight, sum(t.weight) over (partition by a.article_id) as whole
                    from (select article_id, unnest(words) as number from article_words) a
                    join telling t using (number))
            select word, article_id, weight
            from held
            where whole >= $least
            """,
            {"few": few, "least": least, "total": total},
        ).fetchall()


def whole_stories(db: Connection, articles: Iterable[str], *, most: int) -> set[str]:
    """Return all texts of the stories that some texts tell, of those with at most so many texts."""
    with registered(db, asked=column(articles, pa.string())):
        rows = db.execute(
            """
            select unnest(list(article_id))
            from article_words
            where story in (select story from article_words where article_id in (select id from asked))
            group by story
            having count(*) <= $most
            """,
            {"most": most},
        ).fetchall()
    return {article_id for (article_id,) in rows}


def feature_counts(db: Connection, features: Mapping[str, Iterable[str]] | None) -> dict[str, dict[str, int]]:
    """Return by family in how many texts each of some features stands (None: every feature)."""
    pairs = [] if features is None else [(f, x) for f, values in features.items() for x in values]
    asked = pa.table(
        {
            "family": pa.array([f for f, _ in pairs], pa.string()),
            "feature": pa.array([x for _, x in pairs], pa.string()),
        }
    )
    with registered(db, asked=asked):
        rows = db.execute(
            """
            select family, feature, articles
            from features
            where $every or (family, feature) in (select (family, feature) from asked)
            """,
            {"every": features is None},
        ).fetchall()
    out: dict[str, dict[str, int]] = {}
    for family, feature, articles in rows:
        out.setdefault(family, {})[feature] = articles
    return out
