"""Pairs of names of organisations or places -> evidence: equal when folded, an acronym, nearly so, or another name."""

from __future__ import annotations

from rapidfuzz.distance import JaroWinkler

from resolver.model import Evidence, Kind, Name

__all__ = ["compare_plain"]

SMALL_WORDS = frozenset("of the and for de la des du".split())


def compare_plain(left: Name, right: Name) -> list[Evidence]:
    """Return the evidence of two names of organisations or of places, one term."""
    shown = f"{left.surface} | {right.surface}"
    if left.folded == right.folded:
        return [Evidence("name", "same", 30.0, shown)]
    if left.folded.replace(" ", "") == right.folded.replace(" ", ""):
        return [Evidence("name", "same but for spaces", 28.0, shown)]
    if left.kind == Kind.ORG and acronym_of(left, right):
        return [Evidence("name", "acronym", 12.0, shown)]
    near = JaroWinkler.similarity(*sorted((left.folded, right.folded)))
    long = min(len(left.folded), len(right.folded)) >= 7
    if near >= 0.97 and long and first_letters(left) == first_letters(right):
        return [Evidence("name", "one letter off", 16.0, shown)]
    return [Evidence("name", "another name", -20.0, shown)]


def first_letters(name: Name) -> str:
    """Return the first letter of each token."""
    return "".join(token.text[0] for token in name.tokens if token.text)


def acronym_of(left: Name, right: Name) -> bool:
    """Whether one of two names is the initials of the other, at least three letters of them."""
    short, long = sorted((left, right), key=lambda name: (len(name.tokens), len(name.folded)))
    letters = short.surface.replace(".", "")
    if len(short.tokens) != 1 or not letters.isupper() or len(letters) < 3 or len(long.tokens) < 3:
        return False
    weighty = "".join(token.text[0] for token in long.tokens if token.text not in SMALL_WORDS)
    return letters.casefold() in (weighty, first_letters(long))
