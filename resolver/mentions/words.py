"""Text -> words: what the rules and the document pass see of a text, and the lists that they look words up in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Word", "cue", "fold", "is_common", "is_name_like", "listed", "opens_like", "pieces", "words"]

_WORD = re.compile(
    r"""
    [^\W\d_]\.(?:-?[^\W\d_]\.)+                 # U.S.  J.R.R.  C.-G.
    | [^\W\d_](?=\.\s?[^\W\d_-])\.              # an initial and its point: J. Smith, J.Smith
    | [^\W_][\w\u0300-\u036f]*(?:(?:[-‐‑'’ʼʻ`´‘]|\.(?=[^\W\d_]{2}))[^\W_][\w\u0300-\u036f]*)*
    | [.!?:;…]+ | \n+ | [^\s\w]
    """,
    re.VERBOSE,
)
_POSSESSIVE = re.compile(r"['’ʼ`´][sS]$")


_ENDINGS = (
    "ly",
    "tion",
    "tions",
    "ment",
    "ments",
    "ness",
    "ship",
    "isation",
    "ization",
    "sion",
    "ability",
    "ities",
)
"""Ends of words that are seldom names (chosen by hand)."""


class Word(NamedTuple):
    """A word or a mark of a text; `folded` is its key in the lists."""

    start: int
    end: int
    text: str
    folded: str


def words(text: str) -> Iterator[Word]:
    """Yield the words, marks and line ends of a text; a possessive 's is a word of its own."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        word = match[0]
        head, _, tail = word.rpartition("-")
        if head and tail in cue("tails"):
            end -= len(tail) + 1
            yield Word(start, end, head, fold(head))
            yield Word(end + 1, match.end(), tail, tail)
        elif end - start > 2 and _POSSESSIVE.search(word):
            yield Word(start, end - 2, word[:-2], fold(word[:-2]))
            yield Word(end - 2, end, word[-2:], "'s")
        else:
            yield Word(start, end, word, fold(word))


def pieces(text: str, size: int) -> Iterator[tuple[int, str]]:
    """Yield a text in pieces of at most `size` characters with the place of each, cut at line ends or blanks."""
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            half = start + size // 2
            cut = max(text.rfind(mark, half, end) + len(mark) for mark in ("\n", ". "))
            cut = cut if cut > half + 1 else text.rfind(" ", half, end) + 1
            end = cut if cut > half else end
        yield start, text[start:end]
        start = end


def fold(word: str) -> str:
    """Return the form under which a word stands in the lists: small letters, plain apostrophe."""
    return word.lower().replace("’", "'")


def is_name_like(word: str) -> bool:
    """Tell whether a word is written as names are: with a capital in front, or behind `al-`, `d'` and the like."""
    if word[0].isupper():
        return True
    head, mark, tail = word.replace("’", "'").replace("'", "-").partition("-")
    return bool(mark and tail[:1].isupper() and len(head) <= 3 and head.isalpha() and head.islower())


def is_common(folded: str) -> bool:
    """Tell whether a word, or what it is the plural of, is mostly written in small letters."""
    common = listed("common")
    return folded in common or (folded.endswith("s") and folded[:-1] in common)


def opens_like(folded: str) -> bool:
    """Tell whether a word at the head of a sentence is probably in capitals for that alone."""
    named = folded in listed("given") or folded in listed("surnames")
    return is_common(folded) or (not named and folded.endswith(_ENDINGS))


@cache
def listed(name: str) -> frozenset[str]:
    """Return a word list of the package (`given`, `surnames`, `common`)."""
    return frozenset(files("resolver").joinpath(f"models/rules/{name}.txt").read_text("utf-8").split())


@cache
def cue(section: str) -> frozenset[str]:
    """Return the words of a section of the cue list; parts of a word of several are joined by blanks."""
    text = files("resolver").joinpath("models/rules/cues.txt").read_text("utf-8")
    found = re.search(rf"^\[{section}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise KeyError(section)
    lines = (line for line in found[1].splitlines() if not line.startswith("#"))
    return frozenset(word.replace("_", " ").strip() for line in lines for word in line.split())
