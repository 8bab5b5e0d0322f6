"""What a store knows, as model types: what the pipeline reads before it adds to it.

Every function gets a connection and gives what holds now, in a fixed order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa

from resolver.model import (
    Article,
    Chain,
    Context,
    Decision,
    Kind,
    LinkedBy,
    Mention,
    Name,
    Resolution,
    Role,
    Span,
    Status,
    Token,
    Verdict,
)
from resolver.store.files import Connection, column, registered
from resolver.store.records import RunRecord

__all__ = [
    "articles",
    "births",
    "candidates_of",
    "chains",
    "current_entities",
    "dates",
    "decisions",
    "follow",
    "known_articles",
    "last_run",
    "mentions",
    "names",
    "names_of",
    "redirects",
    "resolutions",
    "runs",
    "totals",
    "was_document",
]


def _chosen(ids: Iterable[str] | None, *only: Iterable[str] | None) -> dict[str, Any]:
    """Return bound values that select some ids, or all if None; the same for `only` if it is given."""
    out = {"every": ids is None, "ids": [] if ids is None else list(ids)}
    for some in only:
        out |= {"all": some is None, "only": [] if some is None else list(some)}
    return out


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.isoformat()}Z"


def known_articles(db: Connection) -> dict[str, str]:
    """Return the current article_id of each doc_id."""
    rows = db.execute("select doc_id, article_id from documents where until_run is null order by doc_id")
    return dict(rows.fetchall())


def dates(db: Connection, ids: Iterable[str] | None = None) -> dict[str, str]:
    """Return the first date of some texts (article ids; None: of all) that have one."""
    rows = db.execute(
        """
        select article_id, min(date)
        from documents
        where until_run is null and date is not null
            and ($every or article_id in (select unnest($ids::varchar[])))
        group by article_id
        order by article_id
        """,
        _chosen(ids),
    )
    return dict(rows.fetchall())


def articles(db: Connection, ids: Iterable[str] | None = None) -> list[Article]:
    """Return the current documents of some texts (article ids; None: of all), one Article for each doc_id.

    `given` holds the mentions that came with the text, None if there are none.
    """
    rows = db.execute(
        """
        with
            spans as (
                select
                    article_id,
                    list({s: "start", e: "end", k: kind, c: confidence, f: source} order by "start", "end")
                        as given
                from mentions
                where until_run is null and source = 'given'
                group by article_id
            )
        select
            d.doc_id, a.text, d.title, d.date, d.outlet, d.author, d.url, d.lang, d.extra::varchar, d.source,
            a.boilerplate, s.given
        from documents d
        join articles a using (article_id)
        left join spans s using (article_id)
        where d.until_run is null and ($every or article_id in (select unnest($ids::varchar[])))
        order by d.doc_id
        """,
        _chosen(ids),
    ).fetchall()
    return [
        Article(
            doc_id=row[0],
            text=row[1],
            title=row[2],
            date=row[3],
            outlet=row[4],
            author=row[5],
            url=row[6],
            lang=row[7],
            extra=json.loads(row[8]),
            source=row[9],
            boilerplate=tuple((part["start"], part["end"]) for part in row[10]),
            given=None
            if row[11] is None
            else tuple(Span(g["s"], g["e"], Kind(g["k"]), g["c"], g["f"]) for g in row[11]),
        )
        for row in rows
    ]


def mentions(
    db: Connection, ids: Iterable[str] | None = None, *, only: Iterable[str] | None = None
) -> list[Mention]:
    """Return the current mentions of some texts (article ids; None: of all), in the order of the text.

    Args:
        db: The store.
        ids: The texts.
        only: Chain ids: only their mentions are returned.
    """
    rows = db.execute(
        """
        select mention_id, article_id, "start", "end", surface, kind, confidence, source
        from mentions
        where rowid in (
            select rowid
            from mentions
            where until_run is null
                and ($every or article_id in (select unnest($ids::varchar[])))
                and ($all or chain_id in (select unnest($only::varchar[]))))
        order by article_id, "start", "end", mention_id
        """,
        _chosen(ids, only),
    ).fetchall()
    return [Mention._make((*row[:5], Kind(row[5]), *row[6:])) for row in rows]


def chains(
    db: Connection, ids: Iterable[str] | None = None, *, only: Iterable[str] | None = None
) -> list[Chain]:
    """Return the current chains of some texts (None: of all), mention ids in the order of the text.

    Args:
        db: The store.
        ids: The texts.
        only: Chain ids: no others are returned.
    """
    rows = db.sql(
        """
        with
            members as (
                select chain_id, list(mention_id order by "start", "end", mention_id) as mention_ids
                from mentions
                where until_run is null
                    and ($every or article_id in (select unnest($ids::varchar[])))
                    and ($all or chain_id in (select unnest($only::varchar[])))
                group by chain_id
            )
        select
            c.chain_id, c.article_id, c.kind, c.name, c.forms, coalesce(m.mention_ids, []) as mention_ids,
            c.rivals, unnest(c.context)
        from chains c
        left join members m using (chain_id)
        where c.rowid in (
            select rowid
            from chains
            where until_run is null
                and ($every or article_id in (select unnest($ids::varchar[])))
                and ($all or chain_id in (select unnest($only::varchar[]))))
        order by c.article_id, c.chain_id
        """,
        params=_chosen(ids, only),
    )
    # Rows are chosen by number first: of 700,000 chains ten are read in a quarter of the time.
    # By columns: nested values row by row (fetchall) took three times as long on 200,000 chains.
    return [
        Chain._make((*row[:2], Kind(row[2]), *row[3:6], Context._make(row[7:]), _rivals(row[6])))
        for batch in rows.to_arrow_reader()
        for row in zip(*map(_column, batch.columns), strict=True)
    ]


def _rivals(values: Iterable[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((value["mention_id"], value["chain_id"]) for value in values)


def _column(column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [tuple(value) for value in values] if pa.types.is_list(column.type) else values


def names(db: Connection, surfaces: Iterable[str] | None = None) -> list[Name]:
    """Return every parsed spelling, or those of some surfaces."""
    with registered(db, asked=column(() if surfaces is None else set(surfaces), pa.string())):
        rows = db.sql(
            """
            select surface, kind, folded, tokens, script
            from names
            where rowid in (
                select rowid from names where $every or surface in (select id from asked))
            order by surface, kind
            """,
            params={"every": surfaces is None},
        ).to_arrow_table()
    return names_of(rows)


ROLES = {str(role): role for role in Role}


def names_of(rows: pa.Table) -> list[Name]:
    """Return rows of `names` (surface, kind, folded, tokens, script) as names.

    By columns: nested values row by row took twice as long.
    """
    tokens = rows["tokens"].combine_chunks()
    parts = tokens.flatten()
    flat = map(
        Token, parts.field("text").to_pylist(), map(ROLES.__getitem__, parts.field("role").to_pylist())
    )
    plain = [rows[name].to_pylist() for name in ("surface", "kind", "folded", "script")]
    return [
        Name(surface, Kind(kind), folded, tuple(islice(flat, count)), script)
        for surface, kind, folded, script, count in zip(
            *plain, tokens.value_lengths().to_pylist(), strict=True
        )
    ]


def decisions(db: Connection, *, undone: bool = False) -> list[Decision]:
    """Return the verdicts in the order in which they were given; with `undone` also those taken back.

    The mention of a side is the one at the place of its anchor, or else the one that overlaps it most.
    """
    rows = db.execute(
        """
        with
            anchors as (
                select decision_id, 'left' as side, unnest(left_anchor) from decisions
                union all
                select decision_id, 'right', unnest(right_anchor) from decisions),
            found as (
                select
                    a.decision_id, a.side,
                    arg_max(
                        m.mention_id,
                        (least(a."end", m."end") - greatest(a."start", m."start"))::double
                            / (greatest(a."end", m."end") - least(a."start", m."start"))) as mention_id
                from anchors a
                join mentions m on m.article_id = a.article_id
                    and m."start" < a."end" and m."end" > a."start" and m.until_run is null
                group by all)
        select
            d.decision_id, left_id, right_id, verdict, reason, decided_by, decided_at, undone_at,
            coalesce(l.mention_id, ''), coalesce(r.mention_id, '')
        from decisions d
        left join found l on l.decision_id = d.decision_id and l.side = 'left'
        left join found r on r.decision_id = d.decision_id and r.side = 'right'
        where $undone or undone_at is null
        order by decided_at, d.decision_id
        """,
        {"undone": undone},
    ).fetchall()
    return [
        Decision._make((*row[:3], Verdict(row[3]), *row[4:6], _iso(row[6]), _iso(row[7]), *row[8:]))
        for row in rows
    ]


def current_entities(db: Connection, mentions: Iterable[str] | None = None) -> dict[str, str]:
    """Return the entity of each mention, or of some (the likeliest one of an ambiguous mention)."""
    rows = db.execute(
        """
        select mention_id, entity_id
        from resolutions
        where until_run is null and ($every or mention_id in (select unnest($ids::varchar[])))
        order by mention_id
        """,
        _chosen(mentions),
    )
    return dict(rows.fetchall())


def births(db: Connection, ids: Iterable[str] | None = None) -> dict[str, int]:
    """Return every entity id that was ever given (or some), ended or not, and the run that gave it."""
    rows = db.execute(
        """
        select entity_id, min(since_run)
        from entities
        where $every or entity_id in (select unnest($ids::varchar[]))
        group by entity_id
        order by entity_id
        """,
        _chosen(ids),
    )
    return dict(rows.fetchall())


def redirects(db: Connection) -> dict[str, str]:
    """Return where each merged entity id leads in the end, followed through all redirects."""
    step = dict(
        db.execute("select old_id, new_id from redirects where until_run is null order by old_id").fetchall()
    )
    return {old: follow(step, old) for old in step}


def follow(step: Mapping[str, str], entity_id: str) -> str:
    """Return where an id leads through redirects; the id itself if it has none."""
    seen = {entity_id}
    while (after := step.get(entity_id)) is not None and after not in seen:
        seen.add(after)
        entity_id = after
    return entity_id


def resolutions(db: Connection) -> list[Resolution]:
    """Return the current outcome for every mention."""
    rows = db.execute(
        """
        select mention_id, entity_id, probability, status, linked_by, candidates
        from resolutions
        where until_run is null
        order by mention_id
        """
    ).fetchall()
    return [
        Resolution._make((*row[:3], Status(row[3]), LinkedBy(row[4]), candidates_of(row[5]))) for row in rows
    ]


def candidates_of(values: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, float], ...]:
    """Return a column of candidates as (entity id, probability)."""
    return tuple((value["entity_id"], value["probability"]) for value in values)


def was_document(db: Connection, doc_id: str) -> bool:
    """Return whether a document was ever stored under an id and not forgotten."""
    return bool(db.execute("select 1 from documents where doc_id = $id limit 1", {"id": doc_id}).fetchall())


def last_run(db: Connection) -> RunRecord | None:
    """Return the last run, None in a new store."""
    stored = runs(db)
    return stored[-1] if stored else None


def totals(db: Connection) -> dict[str, int]:
    """Return how many mentions, ambiguous ones, entities of each kind and spellings of people hold now."""
    rows = db.execute(
        """
        select 'mentions', count(*) from resolutions where until_run is null
        union all
        select 'ambiguous', count(*) from resolutions where until_run is null and status = 'ambiguous'
        union all
        select kind, count(*)
        from entities
        where until_run is null
            and entity_id in (select entity_id from resolutions where until_run is null)
        group by kind
        union all
        select 'spellings', count(*)
        from (
            select distinct entity_id, surface
            from mentions m
            join resolutions r on r.mention_id = m.mention_id and r.until_run is null
            where m.until_run is null and m.kind = 'PER')
        """
    ).fetchall()
    return {**dict.fromkeys(map(str, Kind), 0), **dict(rows)}


def runs(db: Connection) -> list[RunRecord]:
    """Return all runs, oldest first."""
    rows = db.execute(
        """
        select
            run_id, command, started_at, finished_at, settings::varchar, versions::varchar, counts::varchar,
            seconds::varchar
        from runs
        order by run_id
        """
    ).fetchall()
    return [
        RunRecord(
            run_id=row[0],
            command=row[1],
            started_at=_iso(row[2]),
            finished_at=_iso(row[3]),
            settings=json.loads(row[4]),
            versions=json.loads(row[5]),
            counts=json.loads(row[6]),
            seconds=json.loads(row[7]),
        )
        for row in rows
    ]
