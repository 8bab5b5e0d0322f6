"""Folded token -> keys under which tokens that sound alike meet.

jellyfish codes are made for English; sound classes merge what transliteration through other languages confuses. An
empty or unusable code is no key.
"""

from __future__ import annotations

import re
from functools import lru_cache

import jellyfish

__all__ = ["metaphone", "skeleton", "sounds"]

# Longest first; each group of letters -> one class. Chosen by hand from the confusions of Arabic, Hebrew, Cyrillic and
# Persian romanisation: k/q/c/g/kh/gh, v/w/f/ph/b/p, z/s/ts/tz/th/t/d, j/y/i/dj/zh/ch/sh.
CLASSES = (
    ("tsch", "c"), ("shch", "c"), ("sch", "c"), ("tch", "c"), ("dzh", "c"), ("ch", "c"), ("sh", "c"),
    ("zh", "c"), ("dj", "c"), ("kh", "k"), ("gh", "k"), ("ck", "k"), ("qu", "k"), ("ph", "f"), ("th", "t"),
    ("ts", "s"), ("tz", "s"), ("cz", "c"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("x", "ks"), ("q", "k"),
    ("g", "k"), ("c", "k"), ("k", "k"), ("v", "f"), ("w", "f"), ("f", "f"), ("b", "p"), ("p", "p"),
    ("z", "s"), ("s", "s"), ("d", "t"), ("t", "t"), ("j", "c"), ("m", "m"), ("n", "n"), ("l", "l"),
    ("r", "r"), ("h", ""), ("y", ""), ("a", ""), ("e", ""), ("i", ""), ("o", ""), ("u", ""),
)  # fmt: skip
TABLE = dict(CLASSES)
PATTERN = re.compile("|".join(sorted(TABLE, key=len, reverse=True)))
SILENT = re.compile(r"(?<=[aeiou])w(?![aeiouy])|^w(?=r)|h$")


@lru_cache(maxsize=500_000)
def sounds(token: str) -> str:
    """Return the classes of a folded token's consonants in order, doubles once; "" if it has none.

    A leading vowel counts as one class of its own, so that "Omar" and "Mar" differ.
    """
    out: list[str] = ["a"] if token[:1] in "aeiou" else []
    for found in PATTERN.finditer(SILENT.sub("", token)):
        for letter in TABLE[found.group()]:
            if not out or out[-1] != letter:
                out.append(letter)
    return "".join(out)


# What is left of a name that went through a syllabary and back: l and r, m and n are one, w and v may be vowels.
BARE = str.maketrans({"r": "l", "m": "n", "c": "s", "f": "p", "a": None})


@lru_cache(maxsize=500_000)
def skeleton(token: str) -> str:
    """Return a token's sounds in fewer classes: "Urdaneta" and "Wudanaita" are nearly one; "" if nothing is left."""
    code = sounds(token.replace("w", "").replace("ng", "n")).translate(BARE)
    return "".join(letter for at, letter in enumerate(code) if at == 0 or code[at - 1] != letter)


@lru_cache(maxsize=500_000)
def metaphone(token: str) -> str:
    """Return the metaphone code of a folded token; "" where there is none (digits, other scripts)."""
    return str(jellyfish.metaphone(token)) if token.isascii() and token.isalpha() else ""
