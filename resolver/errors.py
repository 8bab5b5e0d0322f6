"""The error tree. Every message is one line: what, where, what was expected, what to do.

    ResolverError
    ├── InputError      data that a user gave: a file, a line, a row
    │   └── VerdictError    verdicts that cannot all be honoured
    ├── SettingsError   an option or setting that cannot be meant
    ├── StoreError      the DuckDB file: locked, foreign, damaged, of a newer schema
    └── ModelError      a shipped model file is missing or damaged

The curated table has its own `aliases.table.AliasTableError`, because it knows nothing of this package.
"""

from __future__ import annotations

from collections.abc import Sequence


class ResolverError(Exception):
    """Anything that this package raises on purpose; its text is fit to be shown to a user as it is."""


class InputError(ResolverError):
    """Data that cannot be used, with the place where it stands.

    Args:
        message: What is wrong, what was expected and what to do, on one line.
        path: The file, or a name such as `<stdin>`; None if the data came from a program.
        line: Line or row number, counted from 1; None if the whole file is meant.
    """

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{where}{message}")
        self.path = path
        self.line = line


class VerdictError(InputError):
    """Verdicts that cannot all be honoured.

    Args:
        clashes: What clashes, in words, and the ids of the verdicts, of each clash; at least one.
    """

    def __init__(self, clashes: Sequence[tuple[str, Sequence[str]]]) -> None:
        super().__init__(clashes[0][0])
        self.clashes = clashes


class SettingsError(ResolverError):
    """An option or setting that cannot be meant."""


class StoreError(ResolverError):
    """The store cannot be opened, read or written."""


class ModelError(ResolverError):
    """A shipped model file is missing or damaged."""
