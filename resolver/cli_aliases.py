"""The commands `resolver aliases`: check a curated table, import one, propose what a store has found for it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import click

from resolver.console import aliases_option, byte_bar, guarded, out_option, store_option, table_folders, write

__all__ = ["aliases"]

FORMATS = ("opensanctions", "ftm", "wikidata", "jrc", "csv", "spacy")


@click.group()
def aliases() -> None:
    """Keep the curated table of known people, organisations and places: check it, fill it, extend it.

    Example:  resolver aliases check my-table
    """


@aliases.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="[DIR]", required=False)
@guarded
def check(folder: Path | None) -> None:
    """List every fault of a table (without DIR: the packaged one) with file, line, column, value and what was expected.

    Example:  resolver aliases check my-table
    """
    from aliases.checks import check as faults_of

    faults = faults_of(folder)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"resolver: {len(faults)} fault{'s' * (len(faults) > 1)}", err=True)
        sys.exit(1)
    from aliases.table import load_table

    table = load_table(folder)
    click.echo(f"{len(table.entities):,} entities and {len(table.aliases):,} aliases: no fault")


@aliases.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="What the file is.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder to make; Parquet if its name ends in .parquet or it gets more than 200,000 aliases, else CSV.",
)
@click.option(
    "--lang", "langs", metavar="CODE,...", help="Keep names in these languages, and those without one."
)
@click.option("--kind", "kinds", metavar="KIND,...", help="Keep these kinds: PER, ORG, LOC.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@guarded
def import_(file: Path, form: str, out: Path, langs: str | None, kinds: str | None, as_json: bool) -> None:
    """Turn a table of the field (plain or packed as .gz, .bz2, .xz) into a folder that --aliases takes.

    Says what was left out and why. A file that breaks off or has a wrong header leaves nothing behind.

    Example:  resolver aliases import targets.simple.csv --format opensanctions -o opensanctions
    """
    from aliases.importers import import_table

    with byte_bar(file.name) as progress:
        report = import_table(
            file, format=form, out=out, langs=_split(langs), kinds=_split(kinds), progress=progress
        )
    click.echo(json.dumps(vars(report), ensure_ascii=False) if as_json else str(report))


def _split(value: str | None) -> list[str] | None:
    """Return the words of an option that takes several, None if it was not given."""
    return None if value is None else [word.strip() for word in value.split(",") if word.strip()]


@aliases.command()
@store_option
@aliases_option
@click.option(
    "--min-articles",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Propose only what so many articles say.",
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    default=0.8,
    show_default=True,
    help="Propose no alias below this.",
)
@out_option
@guarded
def suggest(
    store: Path, folders: tuple[str, ...], min_articles: int, min_probability: float, out: str
) -> None:
    """Propose, as rows of CSV, new aliases of the table's entities and new entities that a store has found.

    Each row has counts, outlets, a probability and examples. Nothing enters the table by itself: copy what you accept.

    Example:  resolver aliases suggest --store news.duckdb -o proposals.csv
    """
    import pyarrow as pa

    from aliases.table import AliasTable, load_table
    from resolver.api import Resolver
    from resolver.outputs import write_csv
    from resolver.suggestions import Suggestion, suggestions

    paths = [Path(name) if name else None for name in table_folders(folders)]
    table = AliasTable.layered(*map(load_table, paths))
    found = suggestions(
        Resolver(store).mentions(), table, min_articles=min_articles, min_probability=min_probability
    )
    rows = pa.table({column: [getattr(row, column) for row in found] for column in Suggestion._fields})
    data = io.BytesIO()
    write_csv(rows.to_reader(), data)
    write(out, data.getvalue().decode("utf-8"))
    click.echo(f"{len(found)} proposals", err=True)
