"""Writing a run: what is new is added, what no longer holds is closed, nothing else is touched.

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
    "clear_index",
    "follow_candidates",
    "move_names",
    "write_content",
    "write_entities",
    "write_index",
    "write_names",
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


def apply(db: Connection, step: Step, run: int, **tables: pa.Table) -> None:
    """Run a step with its new rows at hand as tables."""
    for name, table in tables.items():
        db.register(name, table)
    step(db, run)
    for name in tables:
        db.unregister(name)


def write_content(db: Connection, run: int) -> None:
    """Store texts, documents, mentions and chains; the latter two replace all that was known of the texts."""
    values = {"run": run}
    db.execute(
        """
        insert into articles
        select article_id, text, boilerplate, $run
        from new_articles
        anti join articles using (article_id)
        """,
        values,
    )
    db.execute(
        """
        create temp table same_documents as
        select doc_id
        from new_documents n
        semi join documents d on d.until_run is null
            and d.doc_id = n.doc_id
            and d.article_id = n.article_id
            and d.title is not distinct from n.title
            and d.date is not distinct from n.date
            and d.outlet is not distinct from n.outlet
            and d.author is not distinct from n.author
            and d.url is not distinct from n.url
            and d.lang is not distinct from n.lang
            and d.extra::varchar = n.extra
            and d.source = n.source
        """
    )
    db.execute(
        """
        update documents
        set until_run = $run
        where until_run is null
            and doc_id in (select doc_id from new_documents)
            and doc_id not in (select doc_id from same_documents)
        """,
        values,
    )
    db.execute(
        """
        insert into documents
        select *, $run, null
        from new_documents
        anti join same_documents using (doc_id)
        order by doc_id
        """,
        values,
    )
    db.execute(
        """
        create temp table same_mentions as
        select mention_id
        from new_mentions n
        semi join mentions m on m.until_run is null
            and m.mention_id = n.mention_id
            and m.confidence = n.confidence
            and m.source = n.source
            and m.chain_id is not distinct from n.chain_id
        """
    )
    db.execute(
        """
        update mentions
        set until_run = $run
        where until_run is null
            and (article_id in (select article_id from new_articles)
                or mention_id in (select mention_id from new_mentions))
            and mention_id not in (select mention_id from same_mentions)
        """,
        values,
    )
    db.execute(
        """
        insert into mentions
        select *, $run, null
        from new_mentions
        anti join same_mentions using (mention_id)
        order by article_id, "start", "end", mention_id
        """,
        values,
    )
    db.execute(
        """
        create temp table same_chains as
        select chain_id
        from new_chains n
        semi join chains c on c.until_run is null
            and c.chain_id = n.chain_id
            and c.name = n.name
            and c.forms = n.forms
            and c.context = n.context
            and c.rivals = n.rivals
        """
    )
    db.execute(
        """
        update chains
        set until_run = $run
        where until_run is null
            and (article_id in (select article_id from new_articles)
                or chain_id in (select chain_id from new_chains))
            and chain_id not in (select chain_id from same_chains)
        """,
        values,
    )
    db.execute(
        """
        insert into chains
        select *, $run, null
        from new_chains
        anti join same_chains using (chain_id)
        order by article_id, chain_id
        """,
        values,
    )
    _close_left_texts(db, run)


def _close_left_texts(db: Connection, run: int) -> None:
    """Close what belongs to texts that no document carries any more."""
    values = {"run": run}
    db.execute(
        """
        create temp table left_texts as
        select distinct article_id
        from documents
        where until_run = $run
            and article_id not in (select article_id from documents where until_run is null)
        """,
        values,
    )
    db.execute(
        """
        update mentions
        set until_run = $run
        where until_run is null and article_id in (from left_texts)
        """,
        values,
    )
    db.execute(
        """
        update chains
        set until_run = $run
        where until_run is null and article_id in (from left_texts)
        """,
        values,
    )


def write_names(db: Connection, _run: int) -> None:
    """Store parsed spellings in place of what was known of them."""
    db.execute("delete from names where (surface, kind) in (select (surface, kind) from new_names)")
    db.execute("insert into names from new_names order by surface, kind")


def write_index(db: Connection, _run: int) -> None:
    """Store the keys of names that have none yet, the words of texts, and what they add to the running counts.

    `new_counts` has what is added to (or taken from) the number of texts that hold a feature; story words have the
    family `story`. Words of texts that no document carries any more go.
    """
    db.execute(
        "insert into name_keys from new_keys anti join name_keys using (group_id) order by group_id, key"
    )
    db.execute(
        """
        insert into words
        select
            (select coalesce(max(number), -1) from words) + row_number() over (order by feature), feature, 0
        from new_counts
        where family = 'story' and feature not in (select word from words)
        """
    )
    db.execute(
        """
        update words
        set articles = words.articles + n.articles
        from new_counts n
        where n.family = 'story' and n.feature = words.word
        """
    )
    db.execute(
        """
        insert into article_words
        select n.article_id, list(w.number order by w.number)
        from (select article_id, unnest(words) as word from new_words) n
        join words w using (word)
        where n.article_id not in (select article_id from article_words)
        group by n.article_id
        order by n.article_id
        """
    )
    db.execute(
        """
        insert into article_words
        select article_id, []
        from new_words
        where article_id not in (select article_id from article_words)
        """
    )
    db.execute(
        """
        delete from article_words
        where article_id not in (select article_id from documents where until_run is null)
        """
    )
    db.execute("delete from words where articles <= 0")
    db.execute(
        """
        update features
        set articles = features.articles + n.articles
        from new_counts n
        where n.family = features.family and n.feature = features.feature
        """
    )
    db.execute(
        """
        insert into features
        from new_counts
        anti join features using (family, feature)
        where family <> 'story'
        order by family, feature
        """
    )
    db.execute("delete from features where articles <= 0")


def clear_index(db: Connection) -> None:
    """Empty what `write_index` adds to, before all of it is written anew."""
    for table in ("name_keys", "words", "article_words", "features"):
        db.execute(f"delete from {table}")  # noqa: S608 - one of four literals


def write_pairs(db: Connection, run: int) -> None:
    """Store compared pairs; close those whose chains are gone or were compared anew to no effect.

    Compared anew are `relinked` chains with each other and with `held` ones.
    """
    values = {"run": run}
    db.execute(
        """
        create temp table same_pairs as
        select n.left_chain, n.right_chain
        from new_pairs n
        semi join pairs p on p.until_run is null
            and p.left_chain = n.left_chain
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
        select distinct chain_id
        from chains
        where until_run = $run
            and chain_id not in (select chain_id from chains where until_run is null)
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
                or left_chain in (select id from relinked)
                    and right_chain in (select id from relinked union all select id from held)
                or left_chain in (select id from held) and right_chain in (select id from relinked))
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
        create temp table same_resolutions as
        select mention_id
        from new_resolutions n
        semi join resolutions r on r.until_run is null
            and r.mention_id = n.mention_id
            and r.entity_id = n.entity_id
            and r.probability = n.probability
            and r.status = n.status
            and r.linked_by = n.linked_by
            and r.candidates = n.candidates
        """
    )
    db.execute(
        """
        update resolutions
        set until_run = $run
        where until_run is null
            and (mention_id in (select mention_id from new_resolutions)
                or mention_id in (
                    select mention_id
                    from mentions
                    where until_run = $run
                        and mention_id not in (select mention_id from mentions where until_run is null)))
            and mention_id not in (select mention_id from same_resolutions)
        """,
        values,
    )
    db.execute(
        """
        insert into resolutions
        select r.*, $run, null
        from new_resolutions r
        anti join same_resolutions using (mention_id)
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
    """Store entities and redirects; an unmentioned entity ends, one that is back loses its redirect."""
    values = {"run": run}
    db.execute(
        """
        create temp table living as
        select entity_id from resolutions where until_run is null
        union
        select unnest(candidates).entity_id from resolutions where until_run is null and len(candidates) > 0
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
        where until_run is null
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
            where mention_id in (select left_mention from new_decisions)
                or mention_id in (select right_mention from new_decisions)
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
