"""Commands on the ledger of a store: verdicts, undo, forgetting, rebuilding, runs and what changed between them.

They parse, call the engine and print; `cli` adds them to the command `resolver`.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from resolver.console import (
    guarded,
    out_option,
    plain,
    progress_bars,
    screen,
    store_option,
    wait_option,
    write,
)
from resolver.model import Verdict

__all__ = ["COMMANDS"]

SHOWN_CHANGES = 60


@click.command()
@click.argument("left")
@click.argument("right")
@click.argument("verdict", type=click.Choice([str(v) for v in Verdict]))
@click.option("--reason", default="", help="Why: kept with the verdict.")
@click.option("--user", default="", help="Who decides.  [default: the name of your account]")
@store_option
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def decide(  # noqa: PLR0913, PLR0917 - one parameter for each option
    left: str, right: str, verdict: str, reason: str, user: str, store: Path, wait: float, as_json: bool
) -> None:
    """Say that LEFT and RIGHT (mention id, entity id or name) are the same, are different, or that you are unsure.

    The verdict outlives every rerun and outranks all evidence; what it touches is linked again at once. On a mention
    it speaks of that mention alone; two spellings of one entity that are different split it.

    Example:  resolver decide "Behrouz Tavakkolian" "Behzad Tavakkoli" different --reason "two men" --store news.duckdb
    """
    from resolver import rulings

    opinion = rulings.Opinion(left, right, Verdict(verdict), reason, user)
    show_ruling(rulings.decide(store, opinion, wait=wait), as_json)


@click.command()
@click.argument("decision_id")
@store_option
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def undo(decision_id: str, store: Path, wait: float, as_json: bool) -> None:
    """Take one verdict back; all others stay. `resolver decisions export` lists their ids.

    Example:  resolver undo v-0123456789abcdef --store news.duckdb
    """
    from resolver import rulings

    show_ruling(rulings.undo(store, decision_id, wait=wait), as_json)


def show_ruling(ruling: Any, as_json: bool) -> None:
    """Print what became of a verdict."""
    for note in ruling.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(plain(ruling), ensure_ascii=False))
        return
    for d in ruling.decisions:
        state = f"{d.decision_id}: {d.left} {d.verdict} {d.right}"
        click.echo(f"{state} {'taken back' if d.undone_at else 'by ' + d.user}")
    for side in ruling.sides:
        click.echo(f"  {side}")


@click.command()
@click.argument("doc_ids", nargs=-1, required=True, metavar="DOC_ID...")
@store_option
@wait_option
@guarded
def forget(doc_ids: tuple[str, ...], store: Path, wait: float) -> None:
    """Remove articles with everything derived from them, from every earlier state and from the file.

    Example:  resolver forget harbor-ledger-001 --store news.duckdb
    """
    from resolver import upkeep

    upkeep.forget(store, doc_ids, wait=wait)
    click.echo(f"forgot {len(doc_ids)} article{'s' if len(doc_ids) > 1 else ''} -> {store}")


@click.command()
@store_option
@wait_option
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would change.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def rebuild(store: Path, wait: float, dry_run: bool, as_json: bool) -> None:
    """Compute everything anew from the stored articles with this version; ids and verdicts stay.

    Example:  resolver rebuild --dry-run --store news.duckdb
    """
    from resolver import upkeep

    with progress_bars() as progress:
        summary, changes = upkeep.rebuild(store, dry_run=dry_run, wait=wait, progress=progress)
    for note in summary.notes[:20]:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "changes": plain(changes)}, ensure_ascii=False))
        return
    show_changes(changes)
    click.echo(
        f"{'would be' if dry_run else 'is'} rebuilt: {summary.articles} articles, {len(changes)} changes"
    )


@click.command()
@store_option
@wait_option
@guarded
def compact(store: Path, wait: float) -> None:
    """Write the file anew without the room that replaced and removed rows have left.

    Example:  resolver compact --store news.duckdb
    """
    from resolver.store import Store

    with Store.open(store, mode="write", wait=wait) as opened:
        before = store.stat().st_size
        opened.compact()
    click.echo(f"{before:,} -> {store.stat().st_size:,} bytes")


@click.command()
@store_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@guarded
def runs(store: Path, as_json: bool) -> None:
    """List every run that changed the store, oldest first: what was asked, when, what came of it.

    Example:  resolver runs --store news.duckdb
    """
    from resolver.store import Store

    with Store.open(store) as opened:
        rows = opened.runs()
    if as_json:
        for row in rows:
            fields = {name: getattr(row, name) for name in row.__slots__}
            click.echo(json.dumps(fields, ensure_ascii=False, default=dict))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("run", "command", "finished", "articles", "mentions looked at", "seconds", "version"):
        table.add_column(title, justify="left" if title in ("command", "finished", "version") else "right")
    for row in rows:
        table.add_row(
            str(row.run_id),
            row.command,
            row.finished_at[:19].replace("T", " "),
            str(row.counts.get("articles", "")),
            str(row.counts.get("looked at again", "")),
            f"{sum(row.seconds.values()):.1f}",
            str(row.versions.get("alias-resolver", "")),
        )
    screen().print(table)


@click.command()
@click.argument("run1", type=click.IntRange(0))
@click.argument("run2", type=click.IntRange(0))
@store_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@guarded
def diff(run1: int, run2: int, store: Path, as_json: bool) -> None:
    """Say what became different from RUN1 to RUN2: entities born, merged, split, renamed, moved mentions, and why.

    Example:  resolver diff 0 1 --store news.duckdb
    """
    from resolver.store import Store

    with Store.open(store) as opened:
        changes = opened.alterations(run1, run2)
    if as_json:
        for change in changes:
            click.echo(json.dumps(change._asdict(), ensure_ascii=False))
        return
    show_changes(changes)
    if not changes:
        click.echo(f"no entity differs between runs {run1} and {run2}", err=True)


def show_changes(changes: list[Any]) -> None:
    """Print differences, one a line."""
    for c in changes[:SHOWN_CHANGES]:
        other = f" -> {c.other_name} ({c.other_id})" if c.other_id else ""
        why = f"  [run {c.run_id}{': ' + c.reason if c.reason else ''}]"
        click.echo(f"{c.what:8} {c.name} ({c.entity_id}){other}, {c.mentions} mentions{why}")
    if len(changes) > SHOWN_CHANGES:
        click.echo(f"and {len(changes) - SHOWN_CHANGES} more: --json lists all")


@click.group()
def decisions() -> None:
    """Carry verdicts between stores, version control and other programs.

    Example:  resolver decisions export --format csv -o decisions.csv --store news.duckdb
    """


FORMATS = click.Choice(["csv", "nomenklatura"])


@decisions.command("export")
@store_option
@click.option("--format", "form", type=FORMATS, default="csv", show_default=True, help="Form of the rows.")
@out_option
@guarded
def export_decisions(store: Path, form: str, out: str) -> None:
    """Write the verdicts that hold: as CSV for `aliases/decisions.csv`, or as nomenklatura's JSON lines.

    A JSON line is [target, source, judgement, score, user, created_at].

    Example:  resolver decisions export --format nomenklatura -o verdicts.ijson --store news.duckdb
    """
    from resolver import rulings
    from resolver.store import Store

    with Store.open(store) as opened:
        rows = opened.decisions()
    if form == "nomenklatura":
        lines = (
            json.dumps([d.right, d.left, rulings.JUDGEMENTS[d.verdict], None, d.user, d.decided_at])
            for d in rows
        )
        write(out, "".join(f"{line}\n" for line in lines))
        return
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(rulings.COLUMNS)
    sheet.writerows([getattr(d, column) for column in rulings.COLUMNS] for d in rows)
    write(out, text.getvalue())


@decisions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@store_option
@wait_option
@click.option("--format", "form", type=FORMATS, help="[default: csv for .csv, else nomenklatura]")
@guarded
def import_decisions(file: Path, store: Path, wait: float, form: str | None) -> None:
    """Give the verdicts of a file: CSV with the columns of `aliases/decisions.csv`, or nomenklatura's JSON lines.

    What is known already changes nothing; a verdict that cannot be given is reported with its line and left out.

    Example:  resolver decisions import aliases/decisions.csv --store news.duckdb
    """
    from resolver import rulings

    chosen = form or ("csv" if file.suffix.lower() == ".csv" else "nomenklatura")
    ruling, faults = rulings.decide_all(store, rulings.read_opinions(file, chosen), wait=wait)
    for line in faults:
        click.echo(f"resolver: {line}", err=True)
    click.echo(f"{len(ruling.decisions)} verdicts given, {len(faults)} left out -> {store}")
    sys.exit(1 if faults else 0)


COMMANDS = (decide, undo, forget, rebuild, compact, runs, diff, decisions)
