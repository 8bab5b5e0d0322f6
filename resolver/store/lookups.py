"""What the commands ask of a store: entities, mentions, names and evidence, as any run left them.

Every function gets a connection and gives rows of `records` in a fixed order. `as_of` is the number of a run,
or a date or time (the last run finished by then); None is what holds now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

import pyarrow as pa

from resolver.errors import StoreError
from resolver.model import Entity, Evidence, Kind, LinkedBy, Status
from resolver.store.files import Connection, column, first, registered
from resolver.store.known import candidates_of, decisions, follow
from resolver.store.records import EntityDetail, EntityRow, Link, MentionRow, StoredPair

__all__ = [
    "bearers",
    "entities",
    "entity",
    "entity_list",
    "evidence",
    "find",
    "is_known",
    "mention",
    "mention_rows",
    "orphans",
    "resolved_chains",
    "run_at",
]

#: Later than any run: asks for what holds now.
NOW: Final = 2_147_483_647

#: Rows read at a time.
_ROWS = 10_000


def run_at(db: Connection, as_of: str | None) -> int:
    """Return the run meant by `--as-of`: the number of a run, or a time (the last run finished by then).

    A date without a time means the end of that day, UTC.

    Raises:
        StoreError: There is no such run.
    """
    if as_of is None:
        return NOW
    if as_of.isdecimal() and len(as_of) < 8:
        row = first(db, "select max(run_id) from runs where run_id = $run", {"run": int(as_of)})
    else:
        try:
            moment = datetime.fromisoformat(as_of)
        except ValueError as error:
            raise StoreError(
                f"{as_of!r} is no run and no date: give a number that `resolver runs` lists, or a date"
            ) from error
        if len(as_of) <= 10:
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        row = first(db, "select max(run_id) from runs where finished_at <= $at", {"at": moment})
    if row is None or row[0] is None:
        raise StoreError(f"no run at {as_of}: `resolver runs` lists them")
    return int(row[0])


def entity_list(
    db: Connection, query: str = "", *, kind: Kind | None = None, as_of: str | None = None
) -> list[EntityRow]:
    """Return the entities, most mentioned first; `query` keeps those with a name or spelling that holds it.

    Letters are compared without case and accents.
    """
    rows = db.execute(
        """
        select entity_id, type, name, curated, mentions, articles, spellings
        from entities_at($run)
        where ($kind is null or type = $kind)
            and ($part = ''
                or entity_id = $part
                or contains(strip_accents(lower(name)), strip_accents(lower($part)))
                or len(list_filter(spellings, lambda s:
                    contains(strip_accents(lower(s.spelling)), strip_accents(lower($part))))) > 0)
        order by mentions desc, name, entity_id
        """,
        {"run": run_at(db, as_of), "kind": kind, "part": query},
    ).fetchall()
    return [_entity_row(row) for row in rows]


def _entity_row(row: tuple[Any, ...]) -> EntityRow:
    spellings = tuple((s["spelling"], s["mentions"]) for s in row[6])
    return EntityRow._make((row[0], Kind(row[1]), *row[2:6], spellings))


def entities(db: Connection) -> list[Entity]:
    """Return the current entities with their spellings, most mentioned first."""
    return [Entity(row.entity_id, row.kind, row.name, row.spellings, row.curated) for row in entity_list(db)]


def mention_rows(db: Connection, *, as_of: str | None = None) -> Iterator[MentionRow]:
    """Return every mention with who it is, by document and place, one after the other."""
    cursor = db.cursor()  # the connection stays free for other questions meanwhile
    cursor.execute("use store")
    cursor.execute(
        """
        select * exclude (source)
        from mentions_in_text_at($run)
        order by doc_id, "start", "end", mention_id
        """,
        {"run": run_at(db, as_of)},
    )
    chunks = iter(lambda: cursor.fetchmany(_ROWS), [])
    return map(_mention_row, chain.from_iterable(chunks))


def _mention_row(row: tuple[Any, ...]) -> MentionRow:
    outcome = (Status(row[9]), LinkedBy(row[10]), candidates_of(row[11]))
    return MentionRow._make((*row[:5], Kind(row[5]), *row[6:9], *outcome, *row[12:]))


def mention(db: Connection, mention_id: str, *, as_of: str | None = None) -> MentionRow | None:
    """Return one mention (an exported id with `@doc_id` is understood), None if there is none."""
    row = first(
        db,
        "select * exclude (source) from mentions_in_text_at($run) where mention_id = $id",
        {"run": run_at(db, as_of), "id": mention_id},
    )
    return None if row is None else _mention_row(row)


def entity(
    db: Connection, entity_id: str, *, as_of: str | None = None, links: int = 20
) -> EntityDetail | None:
    """Return all that is known of one entity, None if there is none; a redirected id leads to its successor.

    Args:
        db: The store.
        entity_id: An id.
        as_of: The state to look at.
        links: How many comparisons with other entities to give at most.
    """
    run = run_at(db, as_of)
    step = _steps(db, run)
    entity_id = follow(step, entity_id)
    named = first(
        db,
        """
        select kind, name, curated
        from entities
        where entity_id = $id and name is not null
            and since_run <= $run and (until_run is null or until_run > $run)
        """,
        {"run": run, "id": entity_id},
    )
    if named is None:
        return None
    found = _mentions_of(db, entity_id, run=run)
    counted = Counter(item.surface for item in found)
    spellings = sorted(counted.items(), key=lambda spelling: (-spelling[1], spelling[0]))
    row = EntityRow(
        entity_id, Kind(named[0]), named[1], named[2], len(found), len({item.article_id for item in found}),
        tuple(spellings),
    )  # fmt: skip
    outlets: dict[str, int] = {}
    for item in found:
        if item.outlet is not None:
            outlets[item.outlet] = outlets.get(item.outlet, 0) + 1
    ids = {entity_id, *(item.mention_id for item in found), *(item.chain_id for item in found)}
    formerly = tuple(sorted(old for old in step if follow(step, old) == entity_id))
    return EntityDetail(
        row=row,
        mentions=tuple(found),
        outlets=tuple(sorted(outlets.items(), key=lambda pair: (-pair[1], pair[0]))),
        links=tuple(
            link
            for link in _links(db, {m.chain_id for m in found if m.chain_id}, run=run, limit=links)
            if link.other_id != entity_id
        ),
        decisions=tuple(
            d for d in decisions(db) if d.left in ids or d.right in ids or {d.left, d.right} & {*formerly}
        ),
        formerly=formerly,
    )


def _mentions_of(db: Connection, entity_id: str, *, run: int) -> list[MentionRow]:
    """Return the mentions of one entity with the text around them; only what belongs to it is touched."""
    rows = db.execute(
        """
        with
            resolved as materialized (
                select *
                from resolutions
                where entity_id = $id and since_run <= $run and (until_run is null or until_run > $run)),
            held as materialized (
                select *
                from mentions
                where rowid in (select rowid from mentions where mention_id in (select mention_id from resolved))),
            mine as materialized (
                select m.*, r.entity_id, r.probability, r.status, r.linked_by, r.candidates
                from held m
                join resolved r using (mention_id)
                where m.since_run <= $run and (m.until_run is null or m.until_run > $run)),
            texts as materialized (
                select article_id, text
                from articles
                where rowid in (
                    select rowid from articles where article_id in (select article_id from mine))),
            placed as (
                select *, row_number() over (partition by article_id order by doc_id) as place
                from documents
                where article_id in (select article_id from mine)
                    and since_run <= $run and (until_run is null or until_run > $run))
        select
            case when d.place = 1 then m.mention_id else m.mention_id || '@' || d.doc_id end as mention_id,
            d.doc_id, m."start", m."end", m.surface, m.kind, m.entity_id,
            (select name from entities where entity_id = $id
                and since_run <= $run and (until_run is null or until_run > $run)) as entity_name,
            m.probability, m.status, m.linked_by, m.candidates, d.outlet, d.date, m.article_id, m.chain_id, d.title,
            substring(a.text, greatest(m."start" - 59, 1), least(m."start", 60)) as before,
            substring(a.text, m."end" + 1, 60) as after
        from mine m
        join texts a using (article_id)
        join placed d using (article_id)
        order by d.doc_id, m."start", mention_id
        """,
        {"run": run, "id": entity_id},
    ).fetchall()
    return [_mention_row(row) for row in rows]


def is_known(db: Connection, entity_id: str) -> bool:
    """Return whether an entity id was ever given."""
    return first(db, "select 1 from entities where entity_id = $id limit 1", {"id": entity_id}) is not None


def bearers(db: Connection, spelling: str) -> list[str]:
    """Return the entities that have exactly this name or spelling now, most mentioned first."""
    rows = db.execute(
        """
        select entity_id, count(*) as mentions
        from (
            select r.entity_id
            from mentions m
            join resolutions r using (mention_id)
            where m.surface = $name and m.until_run is null and r.until_run is null
            union all
            select entity_id from entities where name = $name and until_run is null)
        group by entity_id
        order by mentions desc, entity_id
        """,
        {"name": spelling},
    ).fetchall()
    return [row[0] for row in rows]


def _steps(db: Connection, run: int) -> dict[str, str]:
    return dict(
        db.execute(
            """
            select old_id, new_id
            from redirects
            where since_run <= $run and (until_run is null or until_run > $run)
            order by old_id
            """,
            {"run": run},
        ).fetchall()
    )


def _pair(row: tuple[Any, ...]) -> StoredPair:
    evidence = tuple(Evidence(e["feature"], e["value"], e["bits"], e["detail"]) for e in row[5])
    return StoredPair._make((*row[:4], tuple(row[4]), evidence))


def _links(db: Connection, chains: set[str], *, run: int, limit: int) -> list[Link]:
    """Return the likeliest comparisons of some chains with those of other entities, one for each entity."""
    values = {"run": run, "chains": sorted(chains), "most": 10 * limit}
    rows = db.execute(
        """
        with
            mine as (select unnest($chains::varchar[]) as chain_id),
            held as (
                select rowid as place, left_chain, right_chain, bits
                from pairs
                where since_run <= $run and (until_run is null or until_run > $run)),
            near as (
                select *, right_chain as other from held semi join mine on chain_id = left_chain
                union all
                select *, left_chain from held semi join mine on chain_id = right_chain),
            best as materialized (
                select place, other
                from near
                anti join mine on chain_id = other
                order by bits desc, left_chain, right_chain
                limit $most)
        select left_chain, right_chain, bits, probability, keys, evidence, other
        from pairs
        join best on best.place = pairs.rowid
        where pairs.rowid in (select place from best)
        order by bits desc, left_chain, right_chain
        """,
        values,
    ).fetchall()
    owners = _owners(db, [row[6] for row in rows], run=run) if rows else {}
    best: dict[str, Link] = {}
    for row in rows:
        for owner, name in owners.get(row[6], ()):
            best.setdefault(owner, Link(owner, name, _pair(row)))
    return list(best.values())[:limit]


def _owners(db: Connection, chains: Iterable[str], *, run: int) -> dict[str, list[tuple[str, str]]]:
    """Return id and name of the entities that the mentions of each chain are."""
    resolved = resolved_chains(db, chains, run=run)
    names = dict(
        db.execute(
            """
            select entity_id, name
            from entities
            where entity_id in (select unnest($ids::varchar[]))
                and since_run <= $run and (until_run is null or until_run > $run)
            """,
            {"run": run, "ids": list({entity_id for _, entity_id in resolved})},
        ).fetchall()
    )
    owners: dict[str, list[tuple[str, str]]] = {}
    for chain_id, entity_id in resolved:
        if entity_id in names:
            owners.setdefault(chain_id, []).append((entity_id, names[entity_id]))
    return owners


def resolved_chains(db: Connection, chains: Iterable[str], *, run: int = NOW) -> list[tuple[str, str]]:
    """Return (chain, entity) for every entity that mentions of some chains are, ordered."""
    with registered(db, asked=column(set(chains), pa.string())):
        return db.execute(
            """
            with
                held as materialized (
                    select mention_id, chain_id
                    from mentions
                    where rowid in (
                        select rowid
                        from mentions
                        where chain_id in (select id from asked)
                            and since_run <= $run and (until_run is null or until_run > $run))),
                resolved as (
                    select mention_id, entity_id
                    from resolutions
                    where rowid in (
                        select rowid
                        from resolutions
                        where mention_id in (select mention_id from held)
                            and since_run <= $run and (until_run is null or until_run > $run)))
            select distinct chain_id, entity_id
            from held
            join resolved using (mention_id)
            order by all
            """,
            {"run": run},
        ).fetchall()


def evidence(db: Connection, left: str, right: str, *, as_of: str | None = None) -> list[StoredPair]:
    """Return the stored comparisons between two sides, strongest first.

    Each side is an entity id (all its chains), a mention id (its chain) or a chain id.
    """
    rows = db.execute(
        """
        select left_chain, right_chain, bits, probability, keys, evidence
        from pairs_of($left, $run)
        where case when is_left then right_chain else left_chain end in (
            select chain_id
            from chains_of($right, $run))
        order by bits desc, left_chain, right_chain
        """,
        {"run": run_at(db, as_of), "left": left, "right": right},
    ).fetchall()
    return [_pair(row) for row in rows]


def find(db: Connection, text: str, *, kind: Kind | None = None, as_of: str | None = None) -> list[EntityRow]:
    """Return the entities that a user may mean, best first.

    An entity id (redirects followed) or a mention id gives one entity; otherwise entities with exactly this
    spelling (without case and accents) if there are any, else those with a spelling that holds it.
    """
    run = run_at(db, as_of)
    followed = follow(_steps(db, run), text)
    owner = first(
        db, "select entity_id from mentions_at($run) where mention_id = $id", {"run": run, "id": text}
    )
    rows = entity_list(db, followed if owner is None else owner[0], kind=kind, as_of=as_of)
    exact = [row for row in rows if row.entity_id == (followed if owner is None else owner[0])]
    if exact:
        return exact
    spellings = {row: (row.name, *(spelling for spelling, _ in row.spellings)) for row in rows}
    folded = _folded(db, {text, *chain.from_iterable(spellings.values())})
    return [row for row in rows if any(folded[s] == folded[text] for s in spellings[row])] or rows


def _folded(db: Connection, texts: Iterable[str]) -> dict[str, str]:
    rows = db.execute(
        """
        select text, strip_accents(lower(text))
        from (select unnest($texts::varchar[]) as text)
        """,
        {"texts": list(texts)},
    )
    return dict(rows.fetchall())


def orphans(db: Connection) -> list[tuple[str, str]]:
    """Return what is wrong inside the store as (problem, id); empty in a sound one."""
    return db.execute("from orphans order by problem, id").fetchall()
