"""Other scripts -> Latin letters, as a newspaper might spell them.

Arabic and Hebrew leave vowels out; anyascii gives their consonants, which sound keys compare. Han, kana and Hangul go
by syllable. Latin text passes through.
"""

from __future__ import annotations

import unicodedata

from anyascii import anyascii

__all__ = ["latin", "script_of"]

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


class Letters(dict[int, str]):
    """Latin letters by code point, looked up once each."""

    def __missing__(self, code: int) -> str:
        self[code] = found = anyascii(chr(code))
        return found


LETTERS = Letters()


def latin(text: str) -> str:
    """Return text in plain Latin letters; letters without a counterpart are dropped."""
    return text if text.isascii() else text.translate(LETTERS)
