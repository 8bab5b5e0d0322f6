"""What became different between two runs, and why: the entities that were born, merged, split, renamed or ended."""

from __future__ import annotations

import json
from typing import NamedTuple

from resolver.errors import StoreError
from resolver.store.files import Connection

__all__ = ["Alteration", "alterations"]


class Alteration(NamedTuple):
    """One difference between two states.

    `what` is born, merged, split, moved, renamed or ended; `other_id` and `other_name` are where mentions went, or the
    new name. `mentions` counts those concerned, `run_id` is the run that did it.
    """

    what: str
    entity_id: str
    name: str
    other_id: str
    other_name: str
    mentions: int
    run_id: int
    reason: str


def alterations(db: Connection, first: int, last: int) -> list[Alteration]:
    """Return how the state after one run differs from that after a later one (or an earlier one, seen backwards).

    Raises:
        StoreError: There is no such run.
    """
    runs = {row[0] for row in db.execute("select run_id from runs").fetchall()} | {0}
    for run in (first, last):
        if run not in runs:
            raise StoreError(f"no run {run}: `resolver runs` lists them")
    rows = db.execute(
        """
        with
            e1 as (select * from entities where since_run <= $one and (until_run is null or until_run > $one)),
            e2 as (select * from entities where since_run <= $two and (until_run is null or until_run > $two)),
            r1 as (select * from resolutions where since_run <= $one and (until_run is null or until_run > $one)),
            r2 as (select * from resolutions where since_run <= $two and (until_run is null or until_run > $two)),
            held as (select entity_id, count(*) as mentions, min(since_run) as run_id from r2 group by entity_id),
            had as (select entity_id, count(*) as mentions, max(until_run) as run_id from r1 group by entity_id),
            became as (
                select mention_id, entity_id, min(since_run) as run_id
                from resolutions
                where since_run > least($one, $two) and since_run <= greatest($one, $two)
                group by all),
            went as (
                select r1.entity_id as source, r2.entity_id as target, count(*) as mentions,
                    max(coalesce(b.run_id, 0)) as run_id
                from r1 join r2 using (mention_id)
                left join became b on b.mention_id = r1.mention_id
                    and b.entity_id = if($one < $two, r2.entity_id, r1.entity_id)
                where r1.entity_id <> r2.entity_id
                group by source, target)
        select 'born', e2.entity_id, e2.name, '', '', coalesce(h.mentions, 0), e2.since_run
        from e2 left join held h using (entity_id)
        where e2.entity_id not in (select entity_id from e1) and e2.entity_id not in (select target from went)
        union all
        select
            case
                when w.source not in (select entity_id from e2) then 'merged'
                when w.target not in (select entity_id from e1) then 'split'
                else 'moved'
            end,
            w.source, coalesce(a.name, ''), w.target, coalesce(b.name, ''), w.mentions, w.run_id
        from went w
        left join e1 a on a.entity_id = w.source
        left join e2 b on b.entity_id = w.target
        union all
        select 'renamed', e1.entity_id, coalesce(e1.name, ''), e1.entity_id, coalesce(e2.name, ''),
            coalesce(h.mentions, 0), greatest(e2.since_run, if($one > $two, e1.since_run, 0))
        from e1 join e2 using (entity_id) left join held h using (entity_id)
        where e1.name is distinct from e2.name
        union all
        select 'ended', e1.entity_id, coalesce(e1.name, ''), '', '', coalesce(h.mentions, 0),
            coalesce(e1.until_run, e1.since_run)
        from e1 left join had h using (entity_id)
        where e1.entity_id not in (select entity_id from e2) and e1.entity_id not in (select source from went)
        order by all
        """,
        {"one": first, "two": last},
    ).fetchall()
    reasons = _reasons(db)
    return [Alteration._make((*row, reasons.get(row[6], ""))) for row in rows]


def _reasons(db: Connection) -> dict[int, str]:
    """Return for each run what brought it about, in words."""
    verdicts: dict[str, str] = {}
    for decision_id, reason, given, taken in db.execute(
        "select decision_id, reason, decided_at, undone_at from decisions order by decision_id"
    ).fetchall():
        verdicts[f"decide{given}"] = f"verdict {decision_id}" + (f": {reason}" if reason else "")
        verdicts[f"undo{taken}"] = f"verdict {decision_id} taken back"
    out: dict[int, str] = {}
    before: tuple[str, str] | None = None
    for run_id, command, started, settings, versions, counts in db.execute(
        """
        select run_id, command, started_at, settings::varchar, versions::varchar, counts::varchar
        from runs
        order by run_id
        """
    ).fetchall():
        why = [
            verdicts.get(f"{command}{started}", "verdict" if command in ("decide", "undo", "import") else "")
        ]
        articles = json.loads(counts).get("articles", 0)
        if command == "resolve" and articles:
            why.append(f"{articles} new article{'s' if articles > 1 else ''}")
        if command in ("forget", "rebuild"):
            why.append("documents forgotten" if command == "forget" else "rebuilt")
        chosen = {k: v for k, v in json.loads(settings).items() if k not in ("workers", "extractor")}
        if before is not None and before[0] != str(sorted(chosen.items())):
            why.append("other settings")
        if before is not None and before[1] != versions:
            why.append("another version")
        before = str(sorted(chosen.items())), versions
        out[run_id] = ", ".join(filter(None, why))
    return out
