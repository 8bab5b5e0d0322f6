"""Pairs of people's names -> bits: a term for each aligned token, one for the pattern, one for generations."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import NameColumns
from resolver.errors import ModelError
from resolver.model import Evidence
from resolver.scores.align import Aligned, align
from resolver.scores.levels import AGREES, ELSEWHERE, GRADE_NAMES, GRADE_OF, GRADES, STATES
from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, INITIAL, LEVELS, NICKNAME, STEPS, Tokens

__all__ = ["Model", "People", "model"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GENERATION_BITS = -12.0
KNOTS = (5.0, 10.0, 17.0)  # rarities in bits between which the weights are interpolated
CHUNK = 250_000  # pairs aligned at once: bounds the memory


class Table(NamedTuple):
    """Weights in bits of aligned tokens, `tokens[level, roles, knot]`, and of those without a partner.

    The latter are `missing[role, knot]`.
    """

    tokens: npt.NDArray[np.float32]
    missing: npt.NDArray[np.float32]


class Model(NamedTuple):
    """The learned weights in bits: `table` of single tokens, `wholes[term]` of what all tokens of a pair do together.

    The terms and their axes are `WHOLES`.
    """

    table: Table
    wholes: dict[str, npt.NDArray[np.float32]]


def level_faults() -> Ints:
    """Return for each level whether its tokens agree but for something: a nickname, two or more letters."""
    out = np.zeros(len(LEVELS) + 1, dtype=np.int64)
    out[NICKNAME : INITIAL + 1] = 1
    for base in (FIRST_STEP, CROSS_SCRIPT):
        out[base + 1 : base + len(STEPS)] = 1
    return out


def level_counts() -> npt.NDArray[np.float64]:
    """Return what a level adds to the counts of its pair, a count in each digit of `DIGIT`; last of all: no partner."""
    unit = np.array([1 << (DIGIT * place) for place in range(5)], dtype=np.float64)
    out: Floats = unit[STATES] + np.where(STATES == AGREES, level_faults(), 0) * unit[3]
    out[-1] = unit[4]
    return out


SLOT_RARITY = (8.0, 11.0, 14.0, 17.5)
DIGIT = 8  # bits of a count
COUNTS = level_counts()
MOST = 3  # tokens of one kind that are told apart
SHORT, LONG = 4, 5  # tokens of the shorter and the longer name that are told apart
RARITY_STEPS = (5.0, 8.0, 10.0, 12.0, 14.0, 17.0, 21.0, 26.0, 32.0)  # bits of all agreeing tokens
WHOLES = {  # term -> its axes
    "pattern": (MOST + 1, MOST + 1, MOST + 1),
    "ends": (ELSEWHERE + 1, ELSEWHERE + 1),
    "best": (GRADES, GRADES),
    "next": (GRADES, GRADES),
    "best rarity": (5, GRADES),
    "second rarity": (5, GRADES),
    "rarity": (len(RARITY_STEPS) + 1, MOST),
    "faults": (MOST + 1, MOST, MOST),
    "sizes": (SHORT + 1, LONG + 1),
    "scripts": (MOST, MOST + 1),
}


@lru_cache(maxsize=1)
def model() -> Model:
    """The shipped weights."""
    try:
        raw = json.loads(
            files("resolver").joinpath("models", "names", "weights.json").read_text(encoding="utf-8")
        )
        tokens, missing = (np.array(raw[key], dtype=np.float32) for key in ("tokens", "missing"))
        wholes = {key: np.array(raw[key], dtype=np.float32).reshape(shape) for key, shape in WHOLES.items()}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"models/names/weights.json cannot be read: {error}; install the package again"
        ) from None
    return Model(Table(tokens, missing), wholes)


DETAILS = {
    "pattern": "tokens, capped",
    "ends": "first and last token",
    "rarity": "of all tokens that agree",
    "faults": "tokens, capped",
    "best": "best and second aligned tokens",
    "next": "second and third aligned tokens",
    "best rarity": "rarity of the best, the second",
    "second rarity": "rarity of the second, the best",
    "sizes": "tokens of each name",
    "scripts": "of the two names",
}
SCRIPT_NAMES = ("with like letters", "without vowels", "of syllables")
SHOWN: dict[str, Callable[..., str]] = {
    "pattern": lambda a, c, m: f"{a} agree, {c} contradict, {m} missing",
    "ends": lambda first, last: f"{GRADE_NAMES[first]}, {GRADE_NAMES[last]}",
    "rarity": lambda step, c: f"from {(0.0, *RARITY_STEPS)[step]:.0f} bits, {c} contradict",
    "faults": lambda a, f, u: f"{a} agree, {f} of them not quite, {u} unsure",
    "best": lambda one, two: f"{GRADE_NAMES[one]}, {GRADE_NAMES[two]}",
    "next": lambda two, three: f"{GRADE_NAMES[two]}, {GRADE_NAMES[three]}",
    "best rarity": lambda rare, two: f"from {(0.0, *SLOT_RARITY)[rare]:.0f} bits, {GRADE_NAMES[two]}",
    "second rarity": lambda rare, one: f"from {(0.0, *SLOT_RARITY)[rare]:.0f} bits, {GRADE_NAMES[one]}",
    "sizes": lambda short, long: f"{short} and {long}",
    "scripts": lambda script, a: f"{SCRIPT_NAMES[script]}, {a} agree",
}


class Judged(NamedTuple):
    """Aligned tokens, and for each term of `WHOLES` where each pair stands in its table."""

    aligned: Aligned
    wholes: dict[str, tuple[Ints, ...]]


def between_knots(rarity: npt.NDArray[np.float32]) -> tuple[Ints, npt.NDArray[np.float32]]:
    """Return the knot below each rarity and how far it is on the way to the next, in [0, 1]."""
    low = (rarity >= KNOTS[1]).astype(np.int64)
    knots = np.array(KNOTS, dtype=np.float32)
    share = np.clip((rarity - knots[low]) / (knots[low + 1] - knots[low]), 0, 1)
    return low, share


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
        aligned = align(self.tokens, a, b)
        count = len(left)
        digits = np.bincount(aligned.pair, weights=COUNTS[aligned.level], minlength=count).astype(np.int64)
        agree, contradict, unsure, faults, missing = (
            np.minimum((digits >> (DIGIT * place)) & ((1 << DIGIT) - 1), MOST) for place in range(5)
        )
        state = STATES[aligned.level]
        agrees = np.flatnonzero((state == AGREES) & (aligned.level >= 0))
        rare = np.bincount(aligned.pair[agrees], weights=aligned.rarity[agrees], minlength=count)
        size, script = self.tokens.size, self.tokens.main_script
        few = MOST - 1
        wholes = {
            "pattern": (agree, contradict, missing),
            "ends": (aligned.first, aligned.last),
            **self.slots(aligned, count),
            "rarity": (np.searchsorted(RARITY_STEPS, rare, side="right"), np.minimum(contradict, few)),
            "faults": (agree, np.minimum(faults, few), np.minimum(unsure, few)),
            "sizes": (
                np.minimum(np.minimum(size[a], size[b]), SHORT),
                np.minimum(np.maximum(size[a], size[b]), LONG),
            ),
            "scripts": (np.where(script[a] == script[b], 0, np.maximum(script[a], script[b])), agree),
        }
        return Judged(aligned, wholes)

    @staticmethod
    def slots(aligned: Aligned, count: int) -> dict[str, tuple[Ints, ...]]:
        """Return the terms of the best three aligned tokens of each pair, which stand in this order."""
        grade = np.full((3, count), GRADES - 1, dtype=np.int64)
        rare = np.zeros((3, count), dtype=np.int64)
        for slot in range(3):
            rows = np.flatnonzero((aligned.place == slot) & (aligned.level >= 0))
            pair = aligned.pair[rows]
            grade[slot, pair] = GRADE_OF[aligned.level[rows]]
            rare[slot, pair] = np.searchsorted(SLOT_RARITY, aligned.rarity[rows], side="right")
        return {
            "best": (grade[0], grade[1]),
            "next": (grade[1], grade[2]),
            "best rarity": (rare[0], grade[1]),
            "second rarity": (rare[1], grade[0]),
        }

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the summed evidence of each pair, in bits; symmetric."""
        out = np.empty(len(left), dtype=np.float64)
        for start in range(0, len(left), CHUNK):
            a, b = left[start : start + CHUNK], right[start : start + CHUNK]
            found = self.judge(a, b)
            bits: Floats = np.bincount(
                found.aligned.pair, weights=self.token_bits(found.aligned), minlength=len(a)
            ).astype(np.float64)
            for term, place in found.wholes.items():
                bits += self.weights.wholes[term][place]
            out[start : start + CHUNK] = bits + np.where(
                self.contradicting_generations(a, b), GENERATION_BITS, 0.0
            )
        return out

    def token_bits(self, aligned: Aligned) -> npt.NDArray[np.float32]:
        """Return what each aligned token and each one without a partner is worth."""
        low, share = between_knots(aligned.rarity)
        level, roles = aligned.level, aligned.roles
        tokens, missing = self.weights.table
        out: npt.NDArray[np.float32] = tokens[level, roles, low] * (1 - share)
        out += tokens[level, roles, low + 1] * share
        lost = np.flatnonzero(level < 0)
        role, low, share = roles[lost], low[lost], share[lost]
        out[lost] = missing[role, low] * (1 - share) + missing[role, low + 1] * share
        return out

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return the terms of each pair, in the order of the left name's tokens."""
        found = self.judge(left, right)
        aligned = found.aligned
        worth = self.token_bits(aligned).tolist()
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
            out[pair].append(Evidence("name", value, worth[at], detail))
        generations = self.contradicting_generations(left, right).tolist()
        for term, place in found.wholes.items():
            bits = self.weights.wholes[term][place].tolist()
            for pair, counts in enumerate(zip(*(column.tolist() for column in place), strict=True)):
                out[pair].append(Evidence(term, SHOWN[term](*counts), bits[pair], DETAILS[term]))
        for pair in range(len(left)):
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
