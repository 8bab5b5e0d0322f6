"""Taking documents out of every state of a store, as a court or an author may ask."""

from __future__ import annotations

from resolver.store.files import Connection

__all__ = ["forget"]


def forget(db: Connection, run: int) -> None:
    """Remove the documents in `gone` (column id) and what no other document needs, whichever run wrote it."""
    db.execute("delete from documents where doc_id in (select id from gone)")
    db.execute(
        """
        create temp table gone_texts as
        select article_id
        from articles
        where article_id not in (select article_id from documents)
        """
    )
    db.execute(
        """
        create temp table gone_ids as
        select mention_id as id from mentions where article_id in (from gone_texts)
        union
        select chain_id from chains where article_id in (from gone_texts)
        """
    )
    db.execute("delete from articles where article_id in (from gone_texts)")
    db.execute("delete from mentions where article_id in (from gone_texts)")
    db.execute("delete from chains where article_id in (from gone_texts)")
    db.execute("delete from resolutions where mention_id in (from gone_ids)")
    db.execute("delete from pairs where left_chain in (from gone_ids) or right_chain in (from gone_ids)")
    db.execute("delete from decisions where left_id in (from gone_ids) or right_id in (from gone_ids)")
    for side in ("left", "right"):
        db.execute(
            f"update decisions set {side}_anchor = null where {side}_anchor.article_id in (from gone_texts)"  # noqa: S608
        )
    db.execute(
        """
        delete from names
        where surface not in (select surface from mentions)
            and surface not in (select unnest(forms) from chains)
        """
    )
    db.execute(
        "delete from name_keys where group_id not in (select group_id from names where group_id is not null)"
    )
    db.execute(
        """
        update entities
        set until_run = $run
        where until_run is null
            and entity_id not in (
                select entity_id
                from resolutions
                where until_run is null
                union all
                select unnest(candidates).entity_id
                from resolutions
                where until_run is null and len(candidates) > 0)
        """,
        {"run": run},
    )
    db.execute(
        """
        update entities
        set name = null
        where entity_id not in (select entity_id from resolutions)
        """
    )
