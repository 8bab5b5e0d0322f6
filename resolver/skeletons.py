"""Folded tokens in columns -> consonant skeletons as integers: what tokens that sound alike share.

The skeleton is the row of consonant classes of a token, doubles once, vowels left out, packed four bits each with the
first sound on top, so that the start of a skeleton is a shift. Classes merge what transliteration confuses:
k/q/c/g/ch/kh/gh, b/p, v/w/f/ph, z/s/sh/ts, t/d/th. A token that begins with a vowel, y or j has a class in front.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["BITS", "CLASSES", "WIDTH", "ends", "letter_sets", "letters_of", "skeletons", "starts"]

Longs = npt.NDArray[np.int64]

WIDTH = 16  # letters of a token that are looked at
CLASSES = 14  # of which a skeleton holds at most so many: 56 of 63 bits
BITS = 4
VOWEL, K, P, F, S, T, M, N, L, R, H = range(1, 12)
SINGLE = dict.fromkeys("bp", P) | dict.fromkeys("vwf", F) | dict.fromkeys("sz", S) | dict.fromkeys("td", T) | {
    "k": K, "q": K, "c": K, "g": K, "x": K, "m": M, "n": N, "l": L, "r": R,
}  # fmt: skip


def letter(text: str) -> int:
    """Return the number of a letter: 1-26, 0 for anything else."""
    code = ord(text) - 96
    return code if 1 <= code <= 26 else 0


def tables() -> npt.NDArray[np.uint8]:
    """Return the class of a letter given the next one, shape (27, 27); 0 drops it."""
    out = np.zeros((27, 27), dtype=np.uint8)
    for text, number in SINGLE.items():
        out[letter(text)] = number
    for pair, number in {"ph": F, "sh": S, "zh": S, "ts": 0, "tz": 0, "cz": 0, "dz": 0, "dj": 0}.items():
        out[letter(pair[0]), letter(pair[1])] = number
    for soft in "eiy":
        out[letter("c"), letter(soft)] = S
    return out


TABLE = tables()


def letters_of(tokens: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the first `WIDTH` letters of each token as numbers (1-26, 0 for anything else), one row each."""
    raw = np.array([token.encode("ascii", "replace") for token in tokens], dtype=f"S{WIDTH}")
    codes = (
        raw.view(np.uint8).reshape(len(tokens), WIDTH)
        if len(tokens)
        else np.zeros((0, WIDTH), dtype=np.uint8)
    )
    return np.where((codes >= 97) & (codes <= 122), codes - 96, 0).astype(np.uint8)


def skeletons(tokens: Sequence[str]) -> tuple[Longs, npt.NDArray[np.int8]]:
    """Return the skeleton of each token, left-justified in `CLASSES` places of four bits, and its length."""
    count = len(tokens)
    letters = letters_of(tokens)
    packed = np.zeros(count, dtype=np.int64)
    length = np.zeros(count, dtype=np.int8)
    before = np.zeros(count, dtype=np.uint8)
    following = np.zeros(count, dtype=np.uint8)
    first = np.isin(letters[:, 0], [letter(x) for x in "aeiouyj"])
    first |= (letters[:, 0] == letter("h")) & (letters[:, 1] > 0)
    start = np.where(letters[:, 0] == letter("h"), H, VOWEL)
    packed[first] = start[first]
    length[first] = 1
    for at in range(WIDTH):
        following = letters[:, at + 1] if at + 1 < WIDTH else np.zeros_like(before)
        found = TABLE[letters[:, at], following]
        add = (found > 0) & (found != before) & (length < CLASSES)
        packed = np.where(add, (packed << BITS) | found, packed)
        length += add
        before = np.where(found > 0, found, np.where(letters[:, at] == letter("h"), before, 0)).astype(
            np.uint8
        )
    return packed << (BITS * (CLASSES - length.astype(np.int64))), length


def starts(skeleton: Longs, places: int) -> Longs:
    """Return the first classes of skeletons."""
    return skeleton >> (BITS * (CLASSES - places))


def ends(skeleton: Longs, length: npt.NDArray[np.int8], places: int) -> Longs:
    """Return the last classes of skeletons."""
    whole = skeleton >> (BITS * (CLASSES - length.astype(np.int64)))
    return whole & ((1 << (BITS * places)) - 1)


def letter_sets(tokens: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the letters of each token as 26 bits."""
    out = np.zeros(len(tokens), dtype=np.uint32)
    letters = letters_of(tokens)
    for at in range(WIDTH):
        found = letters[:, at] > 0
        out[found] |= np.uint32(1) << (letters[found, at] - 1).astype(np.uint32)
    return out
