"""Arabic, Persian, Hebrew: frequent names as newspapers spell them, Arabic articles apart, consonants for the rest.

The table of frequent names (`models/names/usual.csv`) is our own.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files

from anyascii import anyascii

__all__ = ["consonants", "parted", "spelled", "variants"]

WORD = re.compile(r"(?<!\w)[\u05d0-\u05ea\u0600-\u06ff\u0750-\u077f]+(?!\w)")
SAME = str.maketrans("أإآٱؤئىیېکةۀھ", "ااااوييييكههه")
ARTICLE = re.compile(r"(?<=[\u0600-\u06ff])\s+ال(?=\w{3})")
LETTERS_WITH_ARTICLE = 5
SKELETON = re.compile("a[^aeiou]{2,}")
JOINER = "\u200c"  # between the parts of a Persian compound
PERSIAN = re.compile("[پچژگکی]")
VOWELS_FIRST = re.compile("^['`a]*")
READ_IN_PERSIAN = str.maketrans("ذضظثو", "زززسڤ")


@lru_cache(maxsize=1)
def usual() -> dict[str, str]:
    """Frequent names, in letters that are told apart everywhere (`SAME`) -> their usual spelling."""
    table = files("resolver").joinpath("models", "names", "usual.csv")
    with table.open(encoding="utf-8") as lines:
        return {row["name"].translate(SAME): row["spelling"] for row in csv.DictReader(lines)}


def parted(text: str) -> str:
    """Return text with the article apart from every word but the first, which may be "Alexander"."""
    return ARTICLE.sub(" al ", text.replace(JOINER, ""))


def spelled(text: str) -> str:
    """Return text with its Arabic and Hebrew words in Latin letters."""
    return WORD.sub(lambda word: spelling(word.group()), text)


def spelling(word: str) -> str:
    """Return the usual spelling of a word, or its consonants."""
    plain = word.translate(SAME)
    if plain in usual():
        return usual()[plain]
    if word.startswith("ال") and len(word) >= LETTERS_WITH_ARTICLE:
        return "al" + spelling(word[2:])
    return consonants(word)


def consonants(word: str) -> str:
    """Return the consonants of a word, an "a" for the vowel it begins with, Persian letters as Iran reads them."""
    out = anyascii(word.translate(READ_IN_PERSIAN) if PERSIAN.search(word) else word)
    return VOWELS_FIRST.sub("a", out) if word[:1] in "اأإآعאע" else out


def variants(word: str) -> tuple[str, ...]:
    """Return the consonants of a romanised word without the vowel it begins with, for which any other may stand."""
    return (word[1:],) if SKELETON.fullmatch(word) else ()
