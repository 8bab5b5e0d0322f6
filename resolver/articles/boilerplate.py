"""Ranges of a text that are web cruft, where names must not be looked for.

Conservative: a range is a whole line (or the part of a line between bars) that says one of a few known
things, or an address. A sentence of news prose is never marked, and neither are bylines and credits, which
name people.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

__all__ = ["boilerplate"]

_MAX_LINE = 300
"""Characters; a longer line is prose. Cookie notices are the longest cruft that stands on one line."""

_ADDRESS = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"”’)\]]+"
    r"|(?<=\]\()[^)\s]+(?=\))"  # the target of a Markdown link
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]+",
    re.IGNORECASE,
)
_PART = re.compile(r"[^|•·►▸]+")
_EDGES = " \t\r\f\v\xa0[](){}<>*_#>-–—»«›‹"


@cache
def _cruft() -> re.Pattern[str]:
    """Return the pattern of all known cruft, from its list."""
    lines = files("resolver").joinpath("models/rules/cruft.txt").read_text("utf-8").splitlines()
    return re.compile("|".join(line for line in lines if line and line[0] != "#"), re.IGNORECASE)


@lru_cache(maxsize=4096)  # what is cruft comes again in article after article
def _is_cruft(line: str) -> bool:
    return _cruft().fullmatch(line) is not None


def boilerplate(text: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of a text that are menus, notices, counts and prompts of a web page.

    Args:
        text: Any text; lines end with a line feed.

    Returns:
        Half-open ranges of characters, sorted, apart from each other.
    """
    ranges: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if start < end <= start + _MAX_LINE:
            ranges += _in_line(text, start, end)
        start = end + 1
    ranges += [match.span() for match in _ADDRESS.finditer(text)]
    return _merged(ranges)


def _in_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the cruft of one line: all of it, or some of its parts between bars."""
    line = text[start:end].strip(_EDGES)
    if not line:
        return []
    if _is_cruft(line):
        return [(start, end)]
    if not any(bar in line for bar in "|•·►▸"):
        return []
    parts = [match.span() for match in _PART.finditer(text, start, end)]
    return [part for part in parts if _is_cruft(text[slice(*part)].strip(_EDGES))]


def _merged(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return sorted ranges with those that touch or overlap joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
