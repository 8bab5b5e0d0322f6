"""Other scripts -> Latin letters, as a newspaper might spell them.

Letters go one by one (anyascii) but for what is written in several or not at all:

    letters  Greek, Cyrillic, kana, Armenian: what several letters stand for together
    abjads   Arabic, Persian, Hebrew, which leave vowels out: a table of frequent names, consonants for the rest
    han      Chinese: surnames apart, Wade-Giles and Hong Kong spellings
    korean   surnames apart, as newspapers spell them

Latin text passes through.
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from resolver.romanise import abjads, han, korean
from resolver.romanise.letters import MARKS, spelled, western

__all__ = ["latin", "respaced", "romanised", "script_of"]

MOST = 3  # spellings of one text

SCRIPTS = (
    "ARABIC", "HEBREW", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HANGUL", "HIRAGANA", "KATAKANA", "CJK",
    "DEVANAGARI", "THAI", "ETHIOPIC",
)  # fmt: skip


def script_of(text: str) -> str:
    """Return the script of the first letter that is not Latin, in lower case ("han" for CJK); "latin" if none is."""
    for char in text:
        if char.isalpha() and ord(char) > 0x24F:
            name = unicodedata.name(char, "")
            for script in SCRIPTS:
                if name.startswith(script):
                    return "han" if script == "CJK" else script.lower()
    return "latin"


# Hebrew letters with a stroke behind them: "J" of other languages; on held pairs other strokes are better dropped
STROKES = {"ג": "j", "ז": "j"}
STROKED = re.compile("([" + "".join(STROKES) + "])['’‘`´ʼ׳]")


def respaced(text: str) -> str:
    """Return a Korean or Chinese name with its surname apart, an Arabic one with its articles, no loose accents.

    Hebrew letters with strokes are given as sounds. Idempotent; other text comes back as it is.
    """
    if text.isascii():
        return text
    text = abjads.parted(MARKS.sub("", unicodedata.normalize("NFC", text)))
    name = korean.parted(text) or han.parted(text)
    return name or STROKED.sub(lambda stroked: STROKES[stroked[1]], text)


class Letters(dict[int, str]):
    """Latin letters by code point, looked up once each."""

    def __missing__(self, code: int) -> str:
        self[code] = found = anyascii(chr(code))
        return found


LETTERS = Letters()


def latin(text: str) -> str:
    """Return text in plain Latin letters; letters without a counterpart are dropped."""
    return text if text.isascii() else abjads.spelled(spelled(text)).translate(LETTERS)


def romanised(text: str) -> tuple[str, ...]:
    """Return one to three spellings of text in Latin letters, the most usual first, in lower case.

    A Chinese name comes in Pinyin, in Wade-Giles and with its surname as in Hong Kong, an Armenian one as it is read
    in the East and in the West, an Arabic or Hebrew one with the vowels of frequent names and without. Text without a
    letter or digit has none.
    """
    script, text = script_of(text), respaced(text)
    out = [latin(text)]
    if script == "han":
        words = map(han.variants, out[0].lower().split())
        out += map(" ".join, zip(*words, strict=True))
    elif script == "armenian":
        out.append(latin(western(text)))
    elif script in ("arabic", "hebrew"):
        out.append(abjads.consonants(text))
    return tuple(dict.fromkeys(plain for spelling in out if (plain := tidy(spelling))))[:MOST]


def tidy(text: str) -> str:
    """Return Latin text in lower case without apostrophes, with single spaces."""
    return " ".join(re.sub(r"[^0-9a-z ]+", "", text.casefold()).split())
