"""What all commands share: options, errors as lines on stderr, output to a file or stdout, progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from aliases.table import AliasTableError
from resolver.errors import ResolverError
from resolver.model import Kind
from resolver.settings import Without

__all__ = [
    "CONTEXT",
    "aliases_option",
    "byte_bar",
    "fail",
    "guarded",
    "listed",
    "out_option",
    "plain",
    "progress_bars",
    "screen",
    "store_option",
    "table_folders",
    "wait_option",
    "write",
]

Command = TypeVar("Command", bound=Callable[..., Any])
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
COLUMNS = 120  # width of tables when the output is no terminal


def fail(error: Exception) -> NoReturn:
    """End the command with the error's line on stderr and exit status 1."""
    for line in str(error).splitlines():
        click.echo(f"resolver: {line}", err=True)
    sys.exit(1)


def guarded(command: Command) -> Command:
    """Turn the library's errors into one line on stderr and exit status 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ResolverError, AliasTableError) as error:
            fail(error)
        except BrokenPipeError:
            sys.stderr.close()  # the reader has seen enough: no complaint at shutdown
            sys.exit(0)
        except KeyboardInterrupt:
            click.echo("resolver: stopped; the store is as it was before this command", err=True)
            sys.exit(130)

    return cast("Command", wrapped)


def store_option(command: Command) -> Command:
    """Add `--store` to a command."""
    return click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        default=Path("resolver.duckdb"),
        show_default=True,
        help="The DuckDB file.",
    )(command)


def wait_option(command: Command) -> Command:
    """Add `--wait` to a command that writes."""
    return click.option(
        "--wait",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="Wait so long for another run that is writing the store.  [default: do not wait]",
    )(command)


def out_option(command: Command) -> Command:
    """Add `-o` to a command."""
    return click.option("-o", "--out", default="-", show_default=True, help="Output file; - for stdout.")(
        command
    )


def aliases_option(command: Command) -> Command:
    """Add `--aliases` to a command."""
    return click.option(
        "--aliases",
        "folders",
        multiple=True,
        metavar="DIR|none",
        help="Curated table; several are layered, earlier ones win; `none` for no table.  [default: the packaged one]",
    )(command)


def table_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """Return the folders of `--aliases`: the packaged table by default, none for `none`."""
    if "none" in folders and len(folders) > 1:
        raise click.UsageError("--aliases none cannot be given together with a table")
    return () if "none" in folders else tuple(folders) or ("",)


def listed(
    allowed: type[Kind] | type[Without],
) -> Callable[[click.Context, click.Parameter, Sequence[str] | str], tuple[str, ...]]:
    """Return a click callback that splits at commas and checks each word."""

    def check(_: click.Context, __: click.Parameter, value: Sequence[str] | str) -> tuple[str, ...]:
        words = (value if isinstance(value, str) else ",".join(value)).split(",")
        names = [str(member) for member in allowed]
        found = []
        for word in filter(None, map(str.strip, words)):
            match = next((name for name in names if name.casefold() == word.casefold()), None)
            if match is None:
                raise click.BadParameter(f"{word!r} is none of {', '.join(names)}")
            found.append(match)
        return tuple(dict.fromkeys(found))

    return check


def write(out: str, text: str) -> None:
    """Write text to a file, or to stdout for `-`."""
    if out == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        fail(ResolverError(f"{out}: cannot be written ({error.strerror}): choose another file with -o"))


def screen(*, err: bool = False) -> Console:
    """Return a console that keeps a fixed width when it is no terminal."""
    console = Console(stderr=err, highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(stderr=err, highlight=False, width=COLUMNS)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int], None]]:
    """Show how far each stage has come on stderr; nothing when stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, count: int) -> None:
            if stage not in tasks:
                read = sum(task.completed for task in bars.tasks if task.description == "read")
                tasks[stage] = bars.add_task(stage, total=read or None)
            bars.advance(tasks[stage], count)

        yield advance


@contextmanager
def byte_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many bytes of a file have been read on stderr; nothing when stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(label, total=None)
        yield lambda done, whole: bars.update(task, completed=done, total=whole)


def plain(value: Any) -> Any:
    """Return named tuples as dictionaries, all the way down."""
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
