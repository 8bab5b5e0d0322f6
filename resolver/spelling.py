"""Folded tokens -> how likely two are spellings of one name, in bits: an alignment of sounds with learned weights.

A token becomes symbols (a letter, or letters that spell one sound: "sh", "kh", "ou"; doubles count once). Two rows of
symbols are aligned so that the sum of weights is highest; each weight is log2 of how much oftener two symbols stand
for each other in spellings of one name than by chance. Scripts without vowels have a table of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
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
    "tsch": "ch", "tch": "ch", "sch": "sh", "dsch": "j", "dj": "j", "dzh": "j", "ph": "f", "pf": "f", "ck": "k",
    "qu": "kw",
    "tz": "ts", "cz": "ch", "ey": "ei", "ay": "ai", "aj": "ai", "ej": "ei", "ja": "ya", "jo": "yo", "ju": "yu",
    "x": "ks",
    "iy": "i", "ij": "i", "yi": "i", "ii": "i", "aa": "a", "uu": "ou", "yy": "i", "wh": "w",
}  # fmt: skip
MARK = {symbol: symbol if len(symbol) == 1 else chr(0xC0 + at) for at, symbol in enumerate(ALPHABET)}
MARKED = {symbol: MARK[symbol] for symbol in GROUPS} | {
    text: MARK.get(symbol) or "".join(MARK[part] for part in symbol) for text, symbol in RESPELLED.items()
}
PATTERN = re.compile("|".join(sorted(MARKED, key=len, reverse=True)))
DOUBLES = re.compile(r"([^\n])\1+")
BYTES = bytes(
    next((CODE[symbol] for symbol, mark in MARK.items() if mark == chr(at)), CODE["0"]) for at in range(256)
)
UNIT = 128  # of a bit: weights are whole numbers of it, so that a sum has one value in any order
CHUNK = 8_192  # pairs aligned at once: their rows fit the processor's cache


class Costs(NamedTuple):
    """Weights in `UNIT`s: `both[t, a, b]` of two symbols that stand for each other, 0 being a gap; t is the table."""

    both: npt.NDArray[np.int16]


def symbols(token: str) -> bytes:
    """Return the symbols of a folded token as codes in [1, `SYMBOLS`), doubles once, at most `LONGEST`."""
    return encode([token]).tobytes().rstrip(b"\0")


def encode(tokens: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the symbols of folded tokens, one row each, padded with 0."""
    marked = PATTERN.sub(lambda found: MARKED[found.group()], "\n".join(tokens))
    rows = DOUBLES.sub(r"\1", marked).split("\n") if tokens else []
    flat = b"".join(row[:LONGEST].encode("latin-1").translate(BYTES).ljust(LONGEST, b"\0") for row in rows)
    return np.frombuffer(flat, dtype=np.uint8).reshape(len(tokens), LONGEST)


@lru_cache(maxsize=1)
def costs() -> Costs:
    """The shipped weights."""
    try:
        text = files("resolver").joinpath("models", "names", "spelling.json").read_text(encoding="utf-8")
        both = np.round(np.array(json.loads(text)["weights"]) * UNIT).astype(np.int16)
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
    sizes = (left > 0).sum(axis=1), (right > 0).sum(axis=1)
    long, short = np.maximum(*sizes), np.minimum(*sizes)
    turned = (sizes[0] < sizes[1])[:, None]
    order = np.lexsort((short, long, table))
    for start in range(0, len(order), CHUNK):
        rows = order[start : start + CHUNK]
        for number in np.flatnonzero(np.bincount(table[rows])):
            mine = rows[table[rows] == number]
            width, height = int(long[mine].max()), int(short[mine].max())
            one, other = left[mine], right[mine]
            one, other = np.where(turned[mine], other, one), np.where(turned[mine], one, other)
            out[mine] = best_path(one[:, :width], other[:, :height], weights.both[number])
    out /= UNIT
    return out


def best_path(
    left: npt.NDArray[np.uint8], right: npt.NDArray[np.uint8], both: npt.NDArray[np.int16]
) -> npt.NDArray[np.int16]:
    """Return the best sums of weights; padding aligns with padding for nothing."""
    gap_left, gap_right = both[left.T, 0], both[right.T, 0]
    a, b = left.T.astype(np.intp) * SYMBOLS, right.T.astype(np.intp)
    flat = both.ravel()
    row = np.zeros((len(b) + 1, len(left)), dtype=np.int16)
    np.cumsum(gap_right, axis=0, out=row[1:])
    step = np.empty(len(left), dtype=np.int16)
    other = np.empty_like(step)
    for i in range(len(a)):
        above = row
        row = np.empty_like(above)
        np.add(above[0], gap_left[i], out=row[0])
        for j in range(len(b)):
            flat.take(a[i] + b[j], out=step, mode="clip")
            step += above[j]
            np.add(above[j + 1], gap_left[i], out=other)
            np.maximum(step, other, out=step)
            np.add(row[j], gap_right[j], out=other)
            np.maximum(step, other, out=row[j + 1])
    out: npt.NDArray[np.int16] = row[-1]
    return out
