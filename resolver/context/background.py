"""How many of a few hundred other news articles hold a word, a role, a place: what rarity means in a small corpus.

Counted by `training/context` in the project's own newsroom articles; `resolver/models/context/background.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Background", "background"]


class Background(NamedTuple):
    """How many articles were counted, and in how many of them each feature stands."""

    articles: int
    seen: Mapping[str, int]


@cache
def everything() -> dict[str, dict[str, int]]:
    """Return family -> feature -> articles; the number of all articles stands under the family `articles`."""
    out: dict[str, dict[str, int]] = {}
    path = files("resolver").joinpath("models", "context", "background.csv")
    with path.open("r", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            out.setdefault(row["family"], {})[row["feature"]] = int(row["articles"])
    return out


def background(family: str) -> Background:
    """Return the counts of one family of features (`word`, `role`, `place`, ...); empty if unknown."""
    found = everything()
    return Background(found["articles"]["all"], found.get(family, {}))
