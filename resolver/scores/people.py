"""Pairs of people's names -> bits: a term for each aligned token, one for the pattern, one for generations."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import NameColumns
from resolver.errors import ModelError
from resolver.model import Evidence
from resolver.scores.align import Aligned, Table, align
from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, INITIAL, LEVELS, OTHER_INITIAL, STEPS, Tokens

__all__ = ["Model", "People", "model"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GENERATION_BITS = -12.0
AGREES, CONTRADICTS, OPEN, ELSEWHERE, NOWHERE = range(5)
STATE_NAMES = ("agree", "contradict", "unsure", "elsewhere", "missing")
AGREES_FROM = 0.55  # likeness
CONTRADICTS_BELOW = 0.35
CHUNK = 250_000  # pairs aligned at once: bounds the memory


class Model(NamedTuple):
    """The learned weights in bits.

    `pattern[agreeing, contradicting, missing]` judges how many tokens do what (counts capped at 3, 2, 2), `parts[given,
    surname]` whether the given names and the surnames agree, contradict or neither.
    """

    table: Table
    pattern: npt.NDArray[np.float32]
    parts: npt.NDArray[np.float32]


def level_states() -> Ints:
    """Return for each level whether its tokens agree, contradict or neither."""
    out = np.full(len(LEVELS) + 1, OPEN, dtype=np.int64)
    out[:FIRST_STEP] = AGREES
    out[INITIAL], out[OTHER_INITIAL] = OPEN, CONTRADICTS
    for base in (FIRST_STEP, CROSS_SCRIPT):
        for at, step in enumerate((*STEPS, -1.0)):
            out[base + at] = (
                AGREES if step >= AGREES_FROM else OPEN if step >= CONTRADICTS_BELOW else CONTRADICTS
            )
    return out


STATES = level_states()


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped weights."""
    try:
        raw = json.loads(
            files("resolver").joinpath("models", "names", "weights.json").read_text(encoding="utf-8")
        )
        arrays = {
            key: np.array(raw[key], dtype=np.float32) for key in ("tokens", "missing", "pattern", "parts")
        }
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"models/names/weights.json cannot be read: {error}; install the package again"
        ) from None
    return Model(Table(arrays["tokens"], arrays["missing"]), arrays["pattern"], arrays["parts"])


class Judged(NamedTuple):
    """Aligned tokens, and for each pair where its pattern and parts stand in the model."""

    aligned: Aligned
    pattern: tuple[Ints, Ints, Ints]
    parts: tuple[Ints, Ints]


class People:
    """Columns of people's names.

    Args:
        columns: The names that numbers refer to.
        weights: The weights in bits.
    """

    def __init__(self, columns: NameColumns, weights: Model | None = None) -> None:
        self.weights = weights or model()
        self.tokens = Tokens(columns)
        self.order = self.tokens.order()
        self.generation = columns.generation.astype(np.int64)

    def turned(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return which pairs are not in the order of their tokens: those are judged the other way round."""
        high, low = self.order[:, left], self.order[:, right]
        out: npt.NDArray[np.bool_] = (high[0] > low[0]) | ((high[0] == low[0]) & (high[1] > low[1]))
        return out

    def judge(self, left: Ints, right: Ints) -> Judged:
        """Align pairs of names and count what agrees; the name that sorts first goes left, so order is no matter."""
        turned = self.turned(left, right)
        a, b = np.where(turned, right, left), np.where(turned, left, right)
        aligned = align(self.tokens, a, b, self.weights.table)
        count = len(left)
        state = np.where(aligned.level >= 0, STATES[aligned.level], -1)

        def counted(mask: npt.NDArray[np.bool_]) -> Ints:
            return np.bincount(aligned.pair[mask], minlength=count)

        most = (np.array(self.weights.pattern.shape) - 1).tolist()
        pattern = (
            np.minimum(counted(state == AGREES), most[0]),
            np.minimum(counted(state == CONTRADICTS), most[1]),
            np.minimum(counted(state == -1), most[2]),
        )
        size = self.tokens.size
        first = self.end_state(
            aligned, state, np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        )
        last = self.end_state(aligned, state, np.maximum(size[a] - 1, 0), np.maximum(size[b] - 1, 0))
        return Judged(aligned, pattern, (first, last))

    @staticmethod
    def end_state(aligned: Aligned, state: Ints, left: Ints, right: Ints) -> Ints:
        """Return what becomes of the first (or last) tokens of each pair.

        `AGREES`, `CONTRADICTS` or `OPEN` if they stand for each other (agreeing when both find agreement elsewhere),
        `ELSEWHERE` if one agrees with another place, `NOWHERE` if one or both have no partner.
        """
        here = (aligned.left == left[aligned.pair]) | (aligned.left2 == left[aligned.pair])
        there = (aligned.right == right[aligned.pair]) | (aligned.right2 == right[aligned.pair])
        out = np.full(len(left), NOWHERE, dtype=np.int64)
        one = (here | there) & (state == AGREES)
        out[aligned.pair[one]] = ELSEWHERE
        both = here & there & (state >= 0)
        out[aligned.pair[both]] = state[both]
        return out

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the summed evidence of each pair, in bits; symmetric."""
        out = np.empty(len(left), dtype=np.float64)
        for start in range(0, len(left), CHUNK):
            a, b = left[start : start + CHUNK], right[start : start + CHUNK]
            found = self.judge(a, b)
            bits: Floats = np.bincount(
                found.aligned.pair, weights=found.aligned.bits, minlength=len(a)
            ).astype(np.float64)
            bits = bits + self.weights.pattern[found.pattern] + self.weights.parts[found.parts]
            out[start : start + CHUNK] = bits + np.where(
                self.contradicting_generations(a, b), GENERATION_BITS, 0.0
            )
        return out

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return the terms of each pair, in the order of the left name's tokens."""
        found = self.judge(left, right)
        aligned = found.aligned
        turned = self.turned(left, right)
        out: list[list[Evidence]] = [[] for _ in range(len(left))]
        mine = np.where(turned[aligned.pair], aligned.right, aligned.left)
        for at in np.lexsort((mine, aligned.pair)).tolist():
            pair = int(aligned.pair[at])
            one, other = (right[pair], left[pair]) if turned[pair] else (left[pair], right[pair])
            sides = [
                self.shown(int(one), int(aligned.left[at]), int(aligned.left2[at])),
                self.shown(int(other), int(aligned.right[at]), int(aligned.right2[at])),
            ]
            value = LEVELS[aligned.level[at]] if aligned.level[at] >= 0 else "missing"
            detail = " | ".join(reversed(sides) if turned[pair] else sides)
            out[pair].append(Evidence("name", value, float(aligned.bits[at]), detail))
        generations = self.contradicting_generations(left, right).tolist()
        patterns, ends = (
            self.weights.pattern[found.pattern].tolist(),
            self.weights.parts[found.parts].tolist(),
        )
        counts = zip(*(column.tolist() for column in (*found.pattern, *found.parts)), strict=True)
        for pair, (agree, contradict, missing, first, last) in enumerate(counts):
            shown = f"{agree} agree, {contradict} contradict, {missing} missing"
            out[pair].append(Evidence("pattern", shown, patterns[pair], "tokens, capped"))
            shown = f"{STATE_NAMES[first]}, {STATE_NAMES[last]}"
            out[pair].append(Evidence("ends", shown, ends[pair], "first and last token"))
            if generations[pair]:
                out[pair].append(
                    Evidence("generation", "contradict", GENERATION_BITS, "Jr, Sr, II or a number")
                )
        return out

    def shown(self, name: int, first: int, second: int) -> str:
        """Return the text of a token, of two joined ones, or "-"."""
        if first < 0:
            return "-"
        places = (first,) if second < 0 else (first, second)
        return " ".join(self.tokens.texts[self.tokens.at[name, place]] for place in places)

    def contradicting_generations(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return whether both names state a generation and the two differ."""
        a, b = self.generation[left], self.generation[right]
        out: npt.NDArray[np.bool_] = (a > 0) & (b > 0) & (a != b)
        return out
