"""What the shipped list of name frequencies knows of a token: a given name, a surname, or neither."""

from __future__ import annotations

from resolver.context.lexicon import given_gender
from resolver.frequencies import NEVER, frequencies

__all__ = ["is_given", "is_name", "is_surname"]

GIVEN_SHARE = 2  # times as often in front as at the end: "Fergus", "Marguerite"


def is_given(token: str) -> bool:
    """Whether a token is a given name rather than a surname."""
    given, surname = frequencies().get(token, NEVER)
    return given > GIVEN_SHARE * surname or token in given_gender()


def is_surname(token: str) -> bool:
    """Whether a token is a surname rather than a given name."""
    given, surname = frequencies().get(token, NEVER)
    return surname > given and token not in given_gender()


def is_name(token: str) -> bool:
    """Whether a token is a name as it stands, so hardly a slip of another."""
    return token in frequencies() or token in given_gender()
