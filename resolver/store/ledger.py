"""Writing the outcome of a run: what is new is added, what no longer holds is closed, nothing else is touched.

The connection is inside a transaction and has the new rows registered as `new_...`, columns in the order of
the table that they go into. A row that is the same as before stays as it is: a second run of the same input
writes nothing but the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa

from resolver.store.files import Connection, first

__all__ = [
    "apply",
    "begin",
    "follow_candidates",
    "move_names",
    "write_entities",
    "write_pairs",
    "write_resolutions",
    "write_verdicts",
]

Step: TypeAlias = Callable[[Connection, int], None]


def begin(db: Connection, run: pa.Table) -> int:
    """Store the one row of a run and return the number that it is given."""
    row = first(db, "select coalesce(max(run_id), 0) + 1 from runs")
    number = 1 if row is None else int(row[0])
    db.register("new_run", run)
    db.execute("insert into runs select $run, * from new_run", {"run": number})
    db.unregister("new_run")
    return number


class Lent:
    """A table that can be taken back: what was registered is held until the transaction ends, unregistered or not."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand out the rows: Arrow's protocol by which DuckDB reads what is registered."""
        return self.table.__arrow_c_stream__(requested_schema)


def apply(db: Connection, step: Step, run: int, **tables: pa.Table) -> None:
    """Run a step with its new rows at hand as tables."""
    lent = {name: Lent(table) for name, table in tables.items()}
    tables.clear()
    for name, rows in lent.items():
        db.register(name, rows)
    step(db, run)
    for name, rows in lent.items():
        db.unregister(name)
        rows.table = None


def write_pairs(db: Connection, run: int) -> None:
    """Store compared pairs; close those whose chains are gone or were compared anew to no effect.

    Compared anew are those of `compared` that have the flag, with each other and with the rest of it.
    """
    values = {"run": run}
    db.execute(
        """
        create temp table same_pairs as
        with held as (
            select *
            from pairs
            where rowid in (
                select rowid
                from pairs
                where until_run is null and left_chain in (select left_chain from new_pairs)))
        select n.left_chain, n.right_chain
        from new_pairs n
        semi join held p on p.left_chain = n.left_chain
            and p.right_chain = n.right_chain
            and p.bits = n.bits
            and p.probability = n.probability
            and p.keys = n.keys
            and p.evidence = n.evidence
        """
    )
    db.execute(
        """
        create temp table gone_chains as
        with closed as (select distinct chain_id from chains where until_run = $run)
        from closed
        where chain_id not in (
            select chain_id from chains where until_run is null and chain_id in (from closed))
        """,
        values,
    )
    db.execute(
        """
        update pairs
        set until_run = $run
        where until_run is null
            and (left_chain in (from gone_chains)
                or right_chain in (from gone_chains)
                or (left_chain, right_chain) in (select (left_chain, right_chain) from new_pairs)
                or left_chain in (select id from compared where flag) and right_chain in (select id from compared)
                or left_chain in (select id from compared) and right_chain in (select id from compared where flag))
            and (left_chain, right_chain) not in (select (left_chain, right_chain) from same_pairs)
        """,
        values,
    )
    db.execute(
        """
        insert into pairs
        select *, $run, null
        from new_pairs
        anti join same_pairs using (left_chain, right_chain)
        order by left_chain, right_chain
        """,
        values,
    )


def write_resolutions(db: Connection, run: int) -> None:
    """Store the outcome for each mention; close those whose mention is gone."""
    values = {"run": run}
    db.execute(
        """
        create temp table gone_mentions as
        with closed as (select mention_id from mentions where until_run = $run)
        from closed
        where mention_id not in (
            select mention_id from mentions where until_run is null and mention_id in (from closed))
        """,
        values,
    )
    db.execute(
        """
        create temp table held_resolutions as
        with held as (
            select *, rowid as place
            from resolutions
            where rowid in (
                select rowid
                from resolutions
                where until_run is null
                    and (mention_id in (select mention_id from new_resolutions)
                        or mention_id in (from gone_mentions))))
        select h.place, h.mention_id, n.mention_id is not null as same
        from held h
        left join new_resolutions n on n.mention_id = h.mention_id
            and n.entity_id = h.entity_id
            and n.probability = h.probability
            and n.status = h.status
            and n.linked_by = h.linked_by
            and n.candidates = h.candidates
        """
    )
    db.execute(
        "update resolutions set until_run = $run where rowid in (select place from held_resolutions where not same)",
        values,
    )
    db.execute(
        """
        insert into resolutions
        select r.*, $run, null
        from new_resolutions r
        where mention_id not in (select mention_id from held_resolutions where same)
        order by entity_id, mention_id
        """,
        values,
    )


def move_names(db: Connection, run: int) -> None:
    """Give all chains of some names (`moves`: group_id, entity_id) to an entity, but for those that are `relinked`."""
    db.execute(
        """
        create temp table moved as
        select r.mention_id, v.entity_id, r.probability, r.status, r.linked_by, r.candidates
        from moves v
        join names n on n.group_id = v.group_id
        join chains c on c.name = n.surface and c.kind = n.kind and c.until_run is null
        join mentions m on m.chain_id = c.chain_id and m.until_run is null
        join resolutions r on r.mention_id = m.mention_id and r.until_run is null
        where r.entity_id <> v.entity_id and c.chain_id not in (select id from relinked)
        """
    )
    _replace(db, run, "moved")


def follow_candidates(db: Connection, run: int) -> None:
    """Let mentions that nothing else has changed be, or list, the entities that merged ones have become."""
    db.execute(
        """
        create temp table merged_away as
        select r.mention_id, x.new_id, r.probability, r.status, r.linked_by, r.candidates
        from resolutions r
        join new_redirects x on x.old_id = r.entity_id
        where r.until_run is null
        """
    )
    _replace(db, run, "merged_away")
    db.execute(
        """
        create temp table followed as
        with
            options as (
                select mention_id, unnest(candidates) as option
                from resolutions
                where until_run is null and len(candidates) > 0),
            merged as (
                select
                    mention_id, coalesce(x.new_id, option.entity_id) as entity_id,
                    least(1.0, sum(option.probability)) as probability
                from options
                left join new_redirects x on x.old_id = option.entity_id
                where mention_id in (
                    select mention_id from options where option.entity_id in (select old_id from new_redirects))
                group by all),
            listed as (
                select
                    mention_id, max(probability) as best, count(*) as number,
                    list({entity_id: entity_id, probability: probability} order by probability desc, entity_id)
                        as candidates
                from merged
                group by mention_id)
        select
            mention_id, coalesce(x.new_id, r.entity_id) as entity_id,
            case when number > 1 then r.probability else best end as probability,
            case when number > 1 then 'ambiguous' else 'resolved' end as status,
            r.linked_by,
            case when number > 1 then l.candidates else [] end as candidates
        from listed l
        join resolutions r using (mention_id)
        left join new_redirects x on x.old_id = r.entity_id
        where r.until_run is null
        """
    )
    _replace(db, run, "followed")


def _replace(db: Connection, run: int, table: str) -> None:
    """Close the resolutions of the mentions in a table and store its rows in their place."""
    if first(db, f"select 1 from {table} limit 1") is None:  # noqa: S608 - one of a few literals
        return
    db.execute(
        f"""
        update resolutions
        set until_run = $run
        where until_run is null and since_run < $run and mention_id in (select mention_id from {table})
        """,  # noqa: S608 - one of a few literals
        {"run": run},
    )
    db.execute(
        f"delete from resolutions where until_run is null and mention_id in (select mention_id from {table})"  # noqa: S608
    )
    db.execute(f"insert into resolutions select *, $run, null from {table}", {"run": run})  # noqa: S608


def write_entities(db: Connection, run: int) -> None:
    """Store entities and redirects; an unmentioned entity ends, one that is back loses its redirect.

    Only entities that have or had a mention in this run are looked at.
    """
    values = {"run": run}
    db.execute(
        """
        create temp table shaken as
        select entity_id from new_entities
        union
        select entity_id from resolutions where until_run = $run
        union
        select unnest(candidates).entity_id from resolutions where until_run = $run and len(candidates) > 0
        union
        select unnest([old_id, new_id]) from new_redirects
        """,
        values,
    )
    db.execute(
        """
        create temp table living as
        select entity_id from resolutions where until_run is null and entity_id in (from shaken)
        union
        from (
            select unnest(candidates).entity_id as entity_id
            from resolutions
            where until_run is null and len(candidates) > 0)
        where entity_id in (from shaken)
        """
    )
    db.execute(
        """
        create temp table same_entities as
        select entity_id
        from new_entities n
        semi join entities e on e.until_run is null
            and e.entity_id = n.entity_id
            and e.name = n.name
            and e.curated = n.curated
        """
    )
    db.execute(
        """
        update entities
        set until_run = $run
        where until_run is null and entity_id in (from shaken)
            and (entity_id not in (from living)
                or entity_id in (select entity_id from new_entities)
                and entity_id not in (from same_entities))
        """,
        values,
    )
    db.execute(
        """
        insert into entities
        select *, $run, null
        from new_entities
        anti join same_entities using (entity_id)
        semi join living using (entity_id)
        order by entity_id
        """,
        values,
    )
    db.execute(
        """
        update redirects
        set until_run = $run
        where until_run is null
            and (old_id in (from living) or old_id in (select old_id from new_redirects))
            and (old_id, new_id) not in (select (old_id, new_id) from new_redirects)
        """,
        values,
    )
    db.execute(
        """
        insert into redirects
        select *, $run, null
        from new_redirects
        where (old_id, new_id) not in (select (old_id, new_id) from redirects where until_run is null)
        order by old_id
        """,
        values,
    )


def write_verdicts(db: Connection, run: int) -> None:
    """Store verdicts, each with its place in the text, and conflicts; a known verdict is replaced (undo)."""
    db.execute(
        """
        insert or replace into decisions
        with places as (
            select mention_id, any_value(struct_pack(
                article_id := article_id, "start" := "start", "end" := "end", surface := surface)) as place
            from mentions
            where rowid in (
                select rowid
                from mentions
                where mention_id in (select unnest([left_mention, right_mention]) from new_decisions))
            group by mention_id
        )
        select
            n.* exclude (left_mention, right_mention),
            coalesce(d.left_anchor, l.place), coalesce(d.right_anchor, r.place)
        from new_decisions n
        left join places l on l.mention_id = n.left_mention
        left join places r on r.mention_id = n.right_mention
        left join decisions d on d.decision_id = n.decision_id
        """
    )
    db.execute(
        """
        insert into conflicts
        select $run, *
        from new_conflicts
        order by left_id, right_id
        """,
        {"run": run},
    )
