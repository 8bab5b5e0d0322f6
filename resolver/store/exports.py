"""What is exported, as Arrow batches in a fixed order; `outputs` turns them into files."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from resolver.store.files import Connection
from resolver.store.lookups import run_at

__all__ = ["EXPORTS", "export_batches"]

#: Rows handed over at a time.
_ROWS = 20_000

#: SQL for each thing that can be exported, as run `$run` left it. The columns are the contract of `outputs`.
EXPORTS: Final = {
    "mentions": """
        select
            mention_id, doc_id, "start", "end", surface, type, entity_id, entity_name, probability, status,
            linked_by, candidates
        from mentions_at($run)
        order by doc_id, "start", "end", mention_id
    """,
    "entities": """
        select
            entity_id, type, name, curated, mentions, articles,
            list_transform(spellings, lambda s: s.spelling) as spellings
        from entities_at($run)
        order by entity_id
    """,
    "aliases": """
        select
            entity_id, entity_name as name, spelling as alias, mentions as count,
            coalesce(outlets, []) as outlets
        from spellings_at($run)
        order by entity_id, count desc, alias
    """,
    "decisions": """
        select
            decision_id, left_id as "left", right_id as "right", verdict, reason, decided_by as user,
            strftime(decided_at, '%Y-%m-%dT%H:%M:%SZ') as decided_at,
            coalesce(strftime(undone_at, '%Y-%m-%dT%H:%M:%SZ'), '') as undone_at
        from decisions
        where decided_at <= coalesce(
            (select finished_at from runs where run_id = $run), 'infinity'::timestamp)
        order by decided_at, decision_id
    """,
}


def export_batches(db: Connection, what: str, *, as_of: str | None = None) -> pa.RecordBatchReader:
    """Return the rows of an export (a key of `EXPORTS`) in a fixed order."""
    run = run_at(db, as_of)
    cursor = db.cursor()  # the connection stays free for other questions meanwhile
    cursor.execute("use store")
    return cursor.sql(EXPORTS[what], params={"run": run}).to_arrow_reader(_ROWS)
