"""Writing what articles say: texts, documents, mentions and chains, names, and the means of finding near ones.

The connection is inside a transaction and has the new rows registered as `new_...`, columns in the order of the table
that they go into. What is the same as before stays as it is.
"""

from __future__ import annotations

from resolver.store.files import Connection

__all__ = ["clear_index", "write_content", "write_index", "write_names"]


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
    family `story`. Words of texts that no document carries any more go. `told` and `merged` say which events and
    stories texts tell.
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
        select n.article_id, list(w.number order by w.number), null, null
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
        select article_id, [], null, null
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
    for tale in ("event", "story"):
        db.execute(
            f"""
            update article_words
            set {tale} = m.whole
            from merged m
            where m.tale = '{tale}' and m.number = article_words.{tale}
            """  # noqa: S608 - one of two literals
        )
        db.execute(
            f"""
            update article_words
            set {tale} = t.number
            from told t
            where t.tale = '{tale}' and t.article_id = article_words.article_id
                and t.number is distinct from article_words.{tale}
            """  # noqa: S608 - one of two literals
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
