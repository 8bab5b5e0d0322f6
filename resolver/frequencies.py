"""How often a word is a given name and how often a surname: the shipped list, read once for all who ask."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["NEVER", "frequencies", "occurrences"]

NEVER = (0, 0)  # of a word that the list does not have


@cache
def frequencies() -> dict[str, tuple[int, int]]:
    """Return how often each word of the list is a given name and a surname."""
    text = files("resolver").joinpath("models", "names", "frequencies.csv").read_text(encoding="utf-8")
    # Without `csv`, which takes five times as long: no word holds a comma, and a verdict waits for this.
    rows = (line.split(",") for line in text.splitlines()[1:])
    return {word: (int(given), int(surname)) for word, given, surname in rows}


@cache
def occurrences() -> int:
    """Return how often all words of the list occur together."""
    return sum(map(sum, frequencies().values()))
