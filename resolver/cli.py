"""The command `resolver`: parses, calls the engine, prints. Data goes to stdout, progress and logs to stderr.

Exit status: 0 ok, 1 findings or failed data, 2 usage.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from resolver.cli_aliases import aliases
from resolver.cli_ledger import COMMANDS
from resolver.console import (
    CONTEXT,
    aliases_option,
    fail,
    guarded,
    listed,
    out_option,
    plain,
    progress_bars,
    screen,
    store_option,
    table_folders,
    wait_option,
    write,
)
from resolver.errors import ResolverError
from resolver.model import Evidence, Kind
from resolver.settings import Settings, Without
from resolver.version import __version__

if TYPE_CHECKING:
    from resolver.store import Store

__all__ = ["main"]

SHOWN_MENTIONS = 40
SHOWN_NOTES = 20


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="alias-resolver")
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice for every detail.")
def main(verbose: int) -> None:
    """Find the people, organisations and places that news articles name, one entity each, whatever the spelling.

    Example:  resolver resolve data/articles
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


for command in (*COMMANDS, aliases):
    main.add_command(command)


# ---------------------------------------------------------------- resolve


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@store_option
@aliases_option
@click.option(
    "--extractor",
    help="What finds mentions: tagger, rules, given, spacy:MODEL, gliner:MODEL.  [default: tagger]",
)
@click.option(
    "--mentions",
    type=click.Choice(["given"]),
    help="Resolve the spans that come with the articles; find none.",
)
@click.option(
    "--types", default="PER,ORG,LOC", show_default=True, callback=listed(Kind), help="Kinds to resolve."
)
@click.option(
    "--without",
    multiple=True,
    callback=listed(Without),
    help="Leave a part out: chains, context, constraints, aliases.",
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Make no link below this.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that read articles.",
)
@wait_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@guarded
def resolve(  # noqa: PLR0913, PLR0917 - one parameter for each option of the contract
    paths: tuple[str, ...],
    store: Path,
    folders: tuple[str, ...],
    extractor: str | None,
    mentions: str | None,
    types: tuple[str, ...],
    without: tuple[str, ...],
    min_probability: float,
    workers: int,
    wait: float,
    as_json: bool,
) -> None:
    """Read articles (txt, md, html, jsonl, csv, parquet, folders, globs, - for stdin) and resolve whom they name.

    Example:  resolver resolve data/articles --store news.duckdb
    """
    from resolver.api import Resolver  # the engine takes a moment to load, and --help should not
    from resolver.articles import read_articles

    if mentions and extractor and extractor != "given":
        raise click.UsageError("--mentions given takes the spans of the articles: leave --extractor out")
    chosen = {"extractor": mentions or extractor} if mentions or extractor else {}
    settings = Settings(
        **chosen,
        kinds=tuple(Kind(name) for name in types),
        without=frozenset(Without(name) for name in without),
        min_probability=min_probability,
        workers=workers,
    )
    engine = Resolver(store, aliases=table_folders(folders) or None, settings=settings)
    with progress_bars() as progress:
        summary = engine.resolve(read_articles(paths), wait=wait, progress=progress)
    for fault in summary.faults:
        click.echo(f"resolver: {fault}", err=True)
    for note in summary.notes[:SHOWN_NOTES]:
        click.echo(f"note: {note}", err=True)
    seconds = sum(summary.seconds.values())
    if as_json:
        fields = {k: v for k, v in vars(summary).items() if k not in ("faults", "notes")}
        faults = [str(fault) for fault in summary.faults]
        click.echo(
            json.dumps(
                {**fields, "faults": faults, "notes": summary.notes, "store": str(store)}, ensure_ascii=False
            )
        )
    elif summary.nothing_new:
        click.echo(f"nothing new: {summary.unchanged} articles are in {store} already")
    else:
        known = f" ({summary.unchanged} more were known)" if summary.unchanged else ""
        click.echo(
            f"{summary.articles} articles{known}, {summary.mentions} mentions -> {summary.people} people "
            f"({summary.spellings} spellings), {summary.organisations} organisations, {summary.places} places; "
            f"{summary.ambiguous} mentions ambiguous"
        )
        if summary.looked_at:
            click.echo(f"linked again: {summary.looked_at}")
        click.echo(f"{seconds:.1f} s, {summary.words / max(seconds, 1e-9):,.0f} words/s -> {store}")
    sys.exit(1 if summary.faults else 0)


# ---------------------------------------------------------------- looking


@main.command()
@click.argument("query", required=False, default="")
@store_option
@click.option(
    "--type", "kind", type=click.Choice([str(k) for k in Kind], case_sensitive=False), help="Only this kind."
)
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--as-of", metavar="RUN|DATE", help="As it was after a run or at a date.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@guarded
def entities(
    query: str, store: Path, kind: str | None, limit: int | None, as_of: str | None, as_json: bool
) -> None:
    """List the entities whose names contain QUERY, with their spellings, those named most often first.

    Example:  resolver entities tavak --store news.duckdb
    """
    from resolver.api import Resolver

    rows = Resolver(store).entities(query, kind=Kind(kind.upper()) if kind else None, as_of=as_of)[:limit]
    if as_json:
        for row in rows:
            fields = {**row._asdict(), "spellings": [{"surface": s, "count": n} for s, n in row.spellings]}
            click.echo(json.dumps(fields, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("type", "name", "mentions", "articles", "spellings", "id"):
        table.add_column(
            title, justify="right" if title in ("mentions", "articles") else "left", overflow="fold"
        )
    for row in rows:
        spellings = ", ".join(f"{surface} {count}" for surface, count in row.spellings)
        table.add_row(row.kind, row.name, str(row.mentions), str(row.articles), spellings, row.entity_id)
    if rows:
        screen().print(table)
    else:
        click.echo(f"no entity in {store}" + (f" has {query!r} in its names" if query else ""), err=True)


@main.command()
@click.argument("entity_id")
@store_option
@click.option("--as-of", metavar="RUN|DATE", help="As it was after a run or at a date.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def show(entity_id: str, store: Path, as_of: str | None, as_json: bool) -> None:
    """Show all that is known of one entity: spellings, outlets, every mention in its sentence, near misses.

    ENTITY_ID may be a name, if only one entity has it.

    Example:  resolver show "Behrouz Tavakkolian" --store news.duckdb
    """
    from resolver.store import Store  # all that is shown is stored: the engine need not be loaded

    with Store.open(store) as opened:
        detail = opened.entity(identified(opened, entity_id), as_of=as_of)
    if detail is None:
        fail(ResolverError(f"no entity {entity_id!r} in {store}: `resolver entities NAME` lists ids"))
    if as_json:
        click.echo(json.dumps(plain(detail), ensure_ascii=False))
        return
    row = detail.row
    click.echo(f"{row.name}   {row.kind}   {row.entity_id}{'   curated' if row.curated else ''}")
    click.echo("spellings: " + ", ".join(f"{s} {n}" for s, n in row.spellings))
    if detail.outlets:
        click.echo("outlets:   " + ", ".join(f"{o} {n}" for o, n in detail.outlets))
    if detail.formerly:
        click.echo("formerly:  " + ", ".join(detail.formerly))
    for m in detail.mentions[:SHOWN_MENTIONS]:
        text = " ".join(f"{m.before}[{m.surface}]{m.after}".split())
        click.echo(f"  {m.doc_id}:{m.start}  {m.status} by {m.linked_by}, p={m.probability:.2f}  …{text}…")
    if len(detail.mentions) > SHOWN_MENTIONS:
        click.echo(f"  and {len(detail.mentions) - SHOWN_MENTIONS} more mentions")
    for link in detail.links:
        click.echo(
            f"near: {link.other_name} ({link.other_id})  {link.pair.bits:+.1f} bits, p={link.pair.probability:.2f}"
        )


def identified(store: Store, asked: str) -> str:
    """Return the id that a name stands for if only one entity bears it; ids pass through."""
    bearers = [] if store.is_known(asked) else store.bearers(asked)
    names = store.entity_names(bearers)
    if len(bearers) > 1:
        options = ", ".join(f"{entity} ({names.get(entity, '')})" for entity in bearers[:8])
        fail(ResolverError(f"{asked!r} is a name of {len(bearers)} entities: {options}; give the id"))
    return bearers[0] if bearers else asked


@main.command()
@click.argument("left")
@click.argument("right")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def why(left: str, right: str, store: Path, as_json: bool) -> None:
    """Explain in bits why two entities, mentions or names are one or are not: every term, the sum, the probability.

    Example:  resolver why "Behrouz Tavakkolian" "Behruz Tavakolian" --store news.duckdb
    """
    from resolver.api import Resolver

    found = Resolver(store).why(left, right)
    if as_json:
        click.echo(json.dumps({**plain(found), "joined": found.joined}, ensure_ascii=False))
        return
    for side in (found.left, found.right):
        click.echo(f"{side.name}   {side.entity_id or 'not in the store'}")
        if side.quote:
            click.echo(f"    …{' '.join(side.quote.split())}…")
    print_terms(found.terms, found.bits, found.probability)
    click.echo(
        "in the store they are "
        + (
            "one entity"
            if found.joined
            else "two entities"
            if found.left.entity_id and found.right.entity_id
            else "not both known"
        )
    )


def print_terms(terms: Sequence[Evidence], bits: float, probability: float) -> None:
    """Print each term with its bits and the running total."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("term", "value", "bits", "total", "what was compared"):
        table.add_column(title, justify="right" if title in ("bits", "total") else "left", overflow="fold")
    total = 0.0
    for term in terms:
        total += term.bits
        table.add_row(term.feature, term.value, f"{term.bits:+.1f}", f"{total:+.1f}", term.detail)
    screen().print(table)
    click.echo(f"sum {bits:+.1f} bits, probability {probability:.3f}")


# ---------------------------------------------------------------- export, audit, evaluate


@main.command()
@click.argument("what", type=click.Choice(["mentions", "entities", "aliases", "decisions"]))
@store_option
@click.option("--format", "form", default="jsonl", show_default=True, help="jsonl, csv, parquet, ftm, spacy.")
@click.option("--as-of", metavar="RUN|DATE", help="As it was after a run or at a date.")
@out_option
@guarded
def export(what: str, store: Path, form: str, as_of: str | None, out: str) -> None:
    """Write mentions, entities, aliases or decisions for other programs.

    Example:  resolver export mentions --format csv -o mentions.csv --store news.duckdb
    """
    from resolver import outputs
    from resolver.store import Store

    with Store.open(store, mode="read") as opened:
        outputs.export(opened.export_batches(what, as_of=as_of), what=what, format=form, out=out)


@main.command()
@store_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="Form of the report.",
)
@click.option("--check", is_flag=True, help="Exit 1 if there is any finding.")
@out_option
@guarded
def audit(store: Path, form: str, check: bool, out: str) -> None:
    """List every spelling that deviates from the form to use: who wrote it, where, and what to write instead.

    Example:  resolver audit --format csv -o spellings.csv --store news.duckdb
    """
    from resolver.api import Resolver
    from resolver.audit import FORMATS

    found = Resolver(store).audit()
    write(out, FORMATS[form](found))
    sys.exit(1 if check and found else 0)


@main.command()
@click.argument("gold", type=click.Path(path_type=Path))
@store_option
@click.option(
    "--types", default="PER,ORG,LOC", show_default=True, callback=listed(Kind), help="Kinds to score."
)
@click.option(
    "--mentions",
    type=click.Choice(["given", "found"]),
    help="How spans were made.  [default: seen from the store]",
)
@click.option(
    "--errors",
    default=10,
    show_default=True,
    type=click.IntRange(0),
    help="List so many of the worst merges and splits.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@guarded
def evaluate(
    gold: Path, store: Path, types: tuple[str, ...], mentions: str | None, errors: int, as_json: bool
) -> None:
    """Compare the store with gold mentions: strict mention F1, B-cubed, pairs, the worst false merges and splits.

    Example:  resolver evaluate data/gold.jsonl --store news.duckdb
    """
    from resolver.api import Resolver

    engine, given = Resolver(store), None if mentions is None else mentions == "given"
    results = {name: engine.evaluate(gold, kind=Kind(name), given=given) for name in types}
    if as_json:
        click.echo(json.dumps({name: plain(result) for name, result in results.items()}, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in (
        "type",
        "gold",
        "found",
        "mention P/R/F1",
        "overlap F1",
        "B-cubed P/R/F1",
        "pairs P/R/F1",
        "false merges",
        "false splits",
    ):
        table.add_column(title, justify="left" if title == "type" else "right")
    for name, r in results.items():
        three = [
            " ".join(f"{100 * value:5.1f}" for value in figures)
            for figures in (r.mentions, r.b_cubed, r.pairs)
        ]
        three.insert(1, f"{100 * r.overlapping.f1:.1f}")
        table.add_row(
            name, str(r.gold_mentions), str(r.found_mentions), *three, str(len(r.merges)), str(len(r.splits))
        )
    screen().print(table)
    for name, r in results.items():
        for label, rows in (("merged", r.merges), ("split", r.splits)):
            for size, text in rows[:errors]:
                click.echo(f"{name} {label} ({size} mentions)  {text}")


# ---------------------------------------------------------------- names alone


@main.command()
@click.argument("names", nargs=-1, metavar="[LEFT RIGHT]")
@click.option("--pairs", type=click.Path(path_type=Path), help="CSV or Parquet with columns left and right.")
@click.option(
    "--type",
    "kind",
    type=click.Choice([str(k) for k in Kind], case_sensitive=False),
    default="PER",
    show_default=True,
    help="What both are names of.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print every term and the shared candidate keys as JSON."
)
@out_option
@guarded
def compare(names: tuple[str, ...], pairs: Path | None, kind: str, as_json: bool, out: str) -> None:
    """Compare two names, or all pairs of a table: every term in bits, and the probability that they are one entity.

    Two names are taken for one entity's from a probability of 0.984: of the pairs that pass 98.5 % are right.

    Example:  resolver compare "Gaddafi" "Kadhafi"
    """
    from resolver import namelists

    if pairs is not None:
        if names:
            raise click.UsageError("give two names or --pairs, not both")
        namelists.compare_file(pairs, out)
        return
    if len(names) != 2:
        raise click.UsageError("expected two names, LEFT and RIGHT, or --pairs FILE")
    result = namelists.compare_two(*names, kind=Kind(kind.upper()))
    if as_json:
        click.echo(json.dumps(plain(result), ensure_ascii=False))
    else:
        print_terms(result.terms, result.bits, result.probability)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@guarded
def cluster(file: Path, out: str) -> None:
    """Cluster a bare list of names (CSV or Parquet with a column name and optional id and count, or one name a line).

    Example:  resolver cluster names.csv -o clustered.csv
    """
    from resolver import namelists

    report = namelists.cluster_file(file, out)
    click.echo(report, err=True)
