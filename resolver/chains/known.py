"""What the shipped list of name frequencies knows of a token: a given name, a surname, or neither."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from resolver.context.lexicon import given_gender

__all__ = ["is_given", "is_name", "is_surname"]

GIVEN_SHARE = 2  # times as often in front as at the end: "Fergus", "Marguerite"


def is_given(token: str) -> bool:
    """Whether a token is a given name rather than a surname."""
    given, surname = counts().get(token, (0, 0))
    return given > GIVEN_SHARE * surname or token in given_gender()


def is_surname(token: str) -> bool:
    """Whether a token is a surname rather than a given name."""
    given, surname = counts().get(token, (0, 0))
    return surname > given and token not in given_gender()


def is_name(token: str) -> bool:
    """Whether a token is a name as it stands, so hardly a slip of another."""
    return token in counts() or token in given_gender()


@cache
def counts() -> dict[str, tuple[int, int]]:
    """How often each token of the shipped list is a given name and a surname."""
    with files("resolver").joinpath("models", "names", "frequencies.csv").open(encoding="utf-8") as lines:
        return {row["token"]: (int(row["given"]), int(row["surname"])) for row in csv.DictReader(lines)}
