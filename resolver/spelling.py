"""Folded tokens -> how likely two are spellings of one name, in bits: an alignment of sounds with learned weights.

A token becomes symbols (a letter, or letters that spell one sound: "sh", "kh", "ou"; doubles count once). Two rows of
symbols are aligned so that the sum of weights is highest; each weight is log2 of how much oftener two symbols stand
for each other in spellings of one name than by chance. Scripts without vowels have a table of their own.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.errors import ModelError

__all__ = ["SYMBOLS", "Costs", "alignment_bits", "costs", "encode", "symbols"]

LONGEST = 16  # symbols of a token that are looked at
GROUPS = "sh ch kh gh th dh ts zh ou oo ee ei ai au aw ia ya yo yu".split()
ALPHABET = [*"abcdefghijklmnopqrstuvwxyz", "0", *GROUPS]
SYMBOLS = len(ALPHABET) + 1  # 0 stands for nothing
CODE = {symbol: number for number, symbol in enumerate(ALPHABET, 1)}
RESPELLED = {
    "tsch": "ch", "tch": "ch", "sch": "sh", "dsch": "j", "dj": "j", "dzh": "j", "ph": "f", "ck": "k", "qu": "kw",
    "tz": "ts", "cz": "ch", "ey": "ei", "ay": "ai", "aj": "ai", "ej": "ei", "ja": "ya", "jo": "yo", "ju": "yu",
    "x": "ks",
    "iy": "i", "ij": "i", "yi": "i", "ii": "i", "aa": "a", "uu": "ou", "yy": "i", "wh": "w",
}  # fmt: skip
PATTERN = re.compile("|".join([*sorted([*RESPELLED, *GROUPS], key=len, reverse=True), "[a-z0-9]"]))
CHUNK = 65_536


class Costs(NamedTuple):
    """Weights in bits: `both[t, a, b]` of two symbols that stand for each other, 0 being a gap; t is the table."""

    both: npt.NDArray[np.float32]


@lru_cache(maxsize=500_000)
def symbols(token: str) -> bytes:
    """Return the symbols of a folded token as codes in [1, `SYMBOLS`), doubles once, at most `LONGEST`."""
    out = bytearray()
    last = ""
    for found in PATTERN.findall(token):
        text = RESPELLED.get(found, found)
        for part in (text,) if text in CODE else text:
            if part != last:
                out.append(CODE.get(part, CODE["0"]))
            last = part
    return bytes(out[:LONGEST])


def encode(tokens: list[str]) -> npt.NDArray[np.uint8]:
    """Return the symbols of tokens, one row each, padded with 0."""
    flat = b"".join(symbols(token).ljust(LONGEST, b"\0") for token in tokens)
    return np.frombuffer(flat, dtype=np.uint8).reshape(len(tokens), LONGEST)


@lru_cache(maxsize=1)
def costs() -> Costs:
    """The shipped weights."""
    try:
        text = files("resolver").joinpath("models", "names", "spelling.json").read_text(encoding="utf-8")
        both = np.array(json.loads(text)["weights"], dtype=np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"models/names/spelling.json cannot be read: {error}; install the package again"
        ) from None
    return Costs(both)


def alignment_bits(
    left: npt.NDArray[np.uint8], right: npt.NDArray[np.uint8], table: npt.NDArray[np.intp], weights: Costs
) -> npt.NDArray[np.float32]:
    """Return the weight of the best alignment of each pair of rows, in bits; symmetric.

    Args:
        left: Symbols, shape (pairs, `LONGEST`).
        right: The other sides, of the same shape.
        table: Which table of weights each pair takes.
        weights: The weights.
    """
    out = np.empty(len(left), dtype=np.float32)
    longest = np.maximum((left > 0).sum(axis=1), (right > 0).sum(axis=1))
    order = np.lexsort((longest, table))
    for start in range(0, len(order), CHUNK):
        rows = order[start : start + CHUNK]
        for number in np.unique(table[rows]):
            mine = rows[table[rows] == number]
            size = int(longest[mine].max(initial=0))
            out[mine] = best_path(left[mine, :size], right[mine, :size], weights.both[number])
    return out


def best_path(
    left: npt.NDArray[np.uint8], right: npt.NDArray[np.uint8], both: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the best sums of weights; padding aligns with padding for nothing."""
    pairs, size = left.shape
    gap_left = both[left.T, 0]
    gap_right = both[right.T, 0]
    a, b = left.T.astype(np.uint16) * SYMBOLS, right.T.astype(np.uint16)
    flat = both.ravel()
    row = np.zeros((size + 1, pairs), dtype=np.float32)
    np.cumsum(gap_right, axis=0, out=row[1:])
    for i in range(size):
        above = row
        row = np.empty_like(above)
        row[0] = above[0] + gap_left[i]
        for j in range(size):
            step = flat.take(a[i] + b[j])
            step += above[j]
            np.maximum(step, above[j + 1] + gap_left[i], out=step)
            np.maximum(step, row[j] + gap_right[j], out=row[j + 1])
    return row[size]
