"""Who is around whom: the chains and mentions of entities, their namesakes, and whom they were compared with.

Every function gets a connection and gives what holds now. Long lists of ids go in as Arrow columns. Rows are found by
their numbers first, which reads one column of a large table, and only then read; joined whole, mentions and their
resolutions took three times as long once a night had changed some of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from resolver.model import Kind
from resolver.store.files import Connection, column, registered
from resolver.store.lookups import resolved_chains

__all__ = [
    "Bearer",
    "Member",
    "chains_of_entities",
    "chains_of_mentions",
    "chains_of_names",
    "entities_near",
    "entities_of_chains",
    "entity_names",
    "former_entities",
    "members",
    "people_in",
]


class Member(NamedTuple):
    """A mention of an entity."""

    mention_id: str
    surface: str
    chain_id: str | None
    article_id: str


def members(db: Connection, entity_id: str) -> list[Member]:
    """Return the mentions of one entity, in the order of the texts."""
    rows = db.execute(
        """
        select mention_id, surface, chain_id, article_id
        from mentions
        where rowid in (
            select rowid
            from mentions
            where until_run is null
                and mention_id in (
                    select mention_id from resolutions where until_run is null and entity_id = $id))
        order by article_id, "start", "end", mention_id
        """,
        {"id": entity_id},
    ).fetchall()
    return [Member._make(row) for row in rows]


def chains_of_names(db: Connection, groups: Iterable[int], *, people: int, others: int) -> list[str]:
    """Return the chains that bear some names, of each name at most so many: those whose ids sort first."""
    with registered(db, asked=column(groups, pa.uint64())):
        rows = db.execute(
            """
            select chain_id
            from (
                select
                    c.chain_id, c.kind,
                    row_number() over (partition by n.group_id order by c.chain_id) as place
                from names n
                join chains c on c.name = n.surface and c.kind = n.kind
                where n.group_id in (select id from asked) and c.until_run is null)
            where place <= case when kind = 'PER' then $people else $others end
            """,
            {"people": people, "others": others},
        ).fetchall()
    return [chain_id for (chain_id,) in rows]


class Bearer(NamedTuple):
    """A chain of an entity with its name, and how many chains of the entities asked for bear that name."""

    chain_id: str
    kind: Kind
    name: str
    group: int
    size: int


def chains_of_entities(db: Connection, entities: Iterable[str], *, people: int, others: int) -> list[Bearer]:
    """Return the chains of some entities, of each name at most so many: those whose ids sort first."""
    with registered(db, asked=column(entities, pa.string())):
        rows = db.execute(
            """
            with
                held as materialized (
                    select chain_id, kind, name
                    from chains
                    where rowid in (
                        select rowid
                        from chains
                        where until_run is null and chain_id in (
                            select chain_id
                            from mentions
                            where rowid in (
                                select rowid
                                from mentions
                                where until_run is null and mention_id in (
                                    select mention_id
                                    from resolutions
                                    where until_run is null and entity_id in (select id from asked)))))),
                named as (
                    select
                        h.*, n.group_id,
                        row_number() over (partition by n.group_id order by h.chain_id) as place,
                        count(*) over (partition by n.group_id) as size
                    from held h
                    join names n on n.surface = h.name and n.kind = h.kind)
            select chain_id, kind, name, group_id, size
            from named
            where place <= case when kind = 'PER' then $people else $others end
            """,
            {"people": people, "others": others},
        ).fetchall()
    return [Bearer(row[0], Kind(row[1]), *row[2:]) for row in rows]


def chains_of_mentions(db: Connection, mentions: Iterable[str], entities: Iterable[str]) -> set[str]:
    """Return the chains of those of some mentions that are one of some entities."""
    with registered(db, asked=column(mentions, pa.string()), owners=column(entities, pa.string())):
        rows = db.execute(
            """
            select distinct chain_id
            from mentions
            where rowid in (
                    select rowid
                    from mentions
                    where until_run is null and mention_id in (select id from asked))
                and chain_id is not null
                and mention_id in (
                    select mention_id
                    from resolutions
                    where until_run is null and entity_id in (select id from owners))
            """
        ).fetchall()
    return {chain_id for (chain_id,) in rows}


def former_entities(db: Connection, mentions: Iterable[str]) -> dict[str, str]:
    """Return for those of some mentions that were once a now redirected entity the last such one."""
    with registered(db, asked=column(mentions, pa.string())):
        rows = db.execute(
            """
            select mention_id, arg_max(entity_id, until_run)
            from resolutions
            where rowid in (
                    select rowid
                    from resolutions
                    where until_run is not null and mention_id in (select id from asked))
                and entity_id in (select old_id from redirects where until_run is null)
            group by mention_id
            """
        ).fetchall()
    return dict(rows)


def entity_names(db: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of some entities."""
    with registered(db, asked=column(set(ids), pa.string())):
        rows = db.execute(
            "select entity_id, name from entities where until_run is null and entity_id in (select id from asked)"
        ).fetchall()
    return dict(rows)


def entities_of_chains(db: Connection, chains: Iterable[str]) -> dict[str, str]:
    """Return the entity of each of some chains; of several the one whose id sorts first."""
    return dict(reversed(resolved_chains(db, chains)))


def entities_near(
    db: Connection, chains: Iterable[str], *, bits: float, names: Iterable[int], most: int
) -> set[str]:
    """Return the entities that come close to some chains, or bear some names.

    Args:
        db: The store.
        chains: Chains; close are those that were compared with one of them and have at least `bits`.
        bits: See there.
        names: Groups of names.
        most: Chains that bear a name; a name of more tells nothing.
    """
    with registered(db, asked=column(chains, pa.string()), called=column(names, pa.uint64())):
        near = db.execute(
            """
            select right_chain
            from pairs
            where until_run is null and bits >= $bits and left_chain in (select id from asked)
            union
            select left_chain
            from pairs
            where until_run is null and bits >= $bits and right_chain in (select id from asked)
            union
            select chain_id
            from (
                select c.chain_id, count(*) over (partition by n.group_id) as size
                from names n
                join chains c on c.name = n.surface and c.kind = n.kind
                where n.group_id in (select id from called) and c.until_run is null)
            where size <= $most
            """,
            {"bits": bits, "most": most},
        ).fetchall()
    return set(entities_of_chains(db, (chain_id for (chain_id,) in near)).values()) if near else set()


def people_in(db: Connection, articles: Iterable[str]) -> set[str]:
    """Return the people that some texts name."""
    with registered(db, asked=column(articles, pa.string())):
        rows = db.execute(
            """
            select distinct entity_id
            from resolutions
            where rowid in (
                select rowid
                from resolutions
                where until_run is null and mention_id in (
                    select mention_id
                    from mentions
                    where rowid in (
                        select rowid
                        from mentions
                        where until_run is null and kind = 'PER' and article_id in (select id from asked))))
            """
        ).fetchall()
    return {entity for (entity,) in rows}
