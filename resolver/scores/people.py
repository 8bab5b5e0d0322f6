"""Pairs of people's names -> bits: a term for each aligned token, one for the pattern, one for generations."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import MOST_TOKENS, NameColumns
from resolver.errors import ModelError
from resolver.model import Evidence
from resolver.scores.align import FEWEST, Slots, align
from resolver.scores.levels import AGREES, ELSEWHERE, GRADE_NAMES, GRADE_OF, GRADES, NOBODY, STATES, UNUSED
from resolver.scores.tokens import (
    CROSS_SCRIPT,
    FIRST_STEP,
    INITIAL,
    LEVELS,
    NICKNAME,
    RARITIES,
    RARITY_UNIT,
    STEPS,
    Tokens,
)

__all__ = ["Model", "People", "model"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GENERATION_BITS = -12.0
KNOTS = (5.0, 10.0, 17.0)  # rarities in bits between which the weights are interpolated
CHUNK = 250_000  # pairs whose tokens are compared at once: bounds the memory
TOKEN_ROLES = 6


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
    out = np.zeros(UNUSED + 1, dtype=np.int64)
    out[NICKNAME : INITIAL + 1] = 1
    for base in (FIRST_STEP, CROSS_SCRIPT):
        out[base + 1 : base + len(STEPS)] = 1
    return out


def level_counts() -> npt.NDArray[np.int32]:
    """Return what a level adds to the counts of its pair, a count in each digit of `DIGIT`; the fifth: no partner."""
    unit = np.array([1 << (DIGIT * place) for place in range(5)])
    out = unit[STATES] + np.where(STATES == AGREES, level_faults(), 0) * unit[3]
    out[NOBODY], out[UNUSED] = unit[4], 0
    return np.asarray(out, dtype=np.int32)


SLOT_RARITY = (8.0, 11.0, 14.0, 17.5)
DIGIT = 5  # bits of a count
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
STEP_OF = np.searchsorted(RARITY_STEPS, np.arange(MOST_TOKENS * RARITIES) / RARITY_UNIT, side="right").astype(
    np.uint8
)
SLOT_STEP = np.searchsorted(SLOT_RARITY, np.arange(RARITIES) / RARITY_UNIT, side="right").astype(np.uint8)
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


class Aligned(NamedTuple):
    """Aligned tokens of many pairs and those without a partner (`NOBODY`), those of one pair side by side.

    Places are -1 for no token; `left2` and `right2` are the second of two joined ones. `rarity` is in bits.
    """

    pair: Ints
    level: Ints
    roles: Ints
    rarity: npt.NDArray[np.float32]
    left: npt.NDArray[np.int8]
    right: npt.NDArray[np.int8]
    left2: npt.NDArray[np.int8]
    right2: npt.NDArray[np.int8]


class Judged(NamedTuple):
    """Aligned tokens, and for each term of `WHOLES` where each pair stands in its table."""

    aligned: Aligned
    wholes: dict[str, tuple[Ints, ...]]


def between_knots(rarity: npt.NDArray[np.floating]) -> tuple[Ints, npt.NDArray[np.floating]]:
    """Return the knot below each rarity in bits and how far it is on the way to the next, in [0, 1]."""
    low = (rarity >= KNOTS[1]).astype(np.int64)
    knots = np.array(KNOTS, dtype=np.float32)
    share = np.clip((rarity - knots[low]) / (knots[low + 1] - knots[low]), 0, 1)
    return low, share


def cells_of(table: Table) -> npt.NDArray[np.float32]:
    """Return the bits of a slot by level, roles and rarity, flat; 0 for one that is not used."""
    low, share = between_knots(np.arange(RARITIES) / RARITY_UNIT)
    out = np.zeros((UNUSED + 1, TOKEN_ROLES, RARITIES), dtype=np.float32)
    out[:NOBODY] = table.tokens[..., low] * (1 - share) + table.tokens[..., low + 1] * share
    lost = table.missing
    out[NOBODY, : len(lost)] = lost[:, low] * (1 - share) + lost[:, low + 1] * share
    return out.ravel()


def looked_up(
    table: npt.NDArray[np.float32], place: tuple[npt.NDArray[np.integer], ...]
) -> npt.NDArray[np.float32]:
    """Return the cells of a table at places, one array for each axis."""
    at = place[0].astype(np.int32)
    for axis, size in zip(place[1:], table.shape[1:], strict=True):
        at *= size
        at += axis
    return table.take(at)


class People:
    """Columns of people's names.

    Args:
        columns: The names that numbers refer to.
        weights: The weights in bits.
    """

    def __init__(self, columns: NameColumns, weights: Model | None = None) -> None:
        self.weights = weights or model()
        self.cells = cells_of(self.weights.table)
        self.tokens = Tokens(columns)
        self.order = self.tokens.order()
        self.generation = columns.generation.astype(np.int64)

    def turned(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return which pairs are not in the order of their tokens: those are judged the other way round."""
        high, low = self.order
        out: npt.NDArray[np.bool_] = high[left] > high[right]
        tie = np.flatnonzero(high[left] == high[right])
        out[tie] = low[left[tie]] > low[right[tie]]
        return out

    def sides(self, left: Ints, right: Ints) -> tuple[Ints, Ints]:
        """Return the pairs with the name that sorts first on the left, so that order is no matter."""
        turned = self.turned(left, right)
        return np.where(turned, right, left), np.where(turned, left, right)

    def judge(self, left: Ints, right: Ints) -> Judged:
        """Align pairs of names and count what agrees."""
        a, b = self.sides(left, right)
        parts, places, rows = [], [], [np.empty(0, dtype=np.int64)]
        for slots in align(self.tokens, a, b):
            used = slots.level.T < UNUSED
            pair = np.broadcast_to(slots.rows[:, None], used.shape)[used]
            parts.append((pair, *(column.T[used] for column in slots[1:8])))
            places.append(self.places(slots, a[slots.rows], b[slots.rows]))
            rows.append(slots.rows)
        order = np.argsort(np.concatenate(rows))
        wholes = {
            term: tuple(
                np.concatenate([place[term][axis] for place in places] or rows).astype(np.int64)[order]
                for axis in range(len(shape))
            )
            for term, shape in WHOLES.items()
        }
        if not parts:
            parts = [(*rows, *(np.empty(0, dtype=np.uint8) for _ in Aligned._fields[1:]))]
        aligned = Aligned(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        level, roles = aligned.level.astype(np.int64), aligned.roles.astype(np.int64)
        rarity = aligned.rarity / np.float32(RARITY_UNIT)
        return Judged(aligned._replace(level=level, roles=roles, rarity=rarity), wholes)

    def places(self, slots: Slots, a: Ints, b: Ints) -> dict[str, tuple[npt.NDArray[np.integer], ...]]:
        """Return where each pair stands in the tables of what all tokens do together."""
        level, few = slots.level, MOST - 1
        digits = COUNTS.take(level).sum(axis=0, dtype=np.int32)
        agree, contradict, unsure, faults, missing = (
            np.minimum((digits >> (DIGIT * place)) & ((1 << DIGIT) - 1), MOST) for place in range(5)
        )
        rare = np.where(STATES.take(level) == AGREES, slots.rarity, 0).sum(axis=0, dtype=np.int32)
        best = GRADE_OF.take(level[:FEWEST])
        step = np.where(level[:2] < NOBODY, SLOT_STEP.take(slots.rarity[:2]), 0)
        size, script = self.tokens.size, self.tokens.main_script
        short, long = np.minimum(size[a], size[b]), np.maximum(size[a], size[b])
        one, other = script[a], script[b]
        return {
            "pattern": (agree, contradict, missing),
            "ends": (slots.first, slots.last),
            "best": (best[0], best[1]),
            "next": (best[1], best[2]),
            "best rarity": (step[0], best[1]),
            "second rarity": (step[1], best[0]),
            "rarity": (STEP_OF.take(rare), np.minimum(contradict, few)),
            "faults": (agree, np.minimum(faults, few), np.minimum(unsure, few)),
            "sizes": (np.minimum(short, SHORT), np.minimum(long, LONG)),
            "scripts": (np.where(one == other, 0, np.maximum(one, other)), agree),
        }

    def bits(self, left: Ints, right: Ints) -> Floats:
        """Return the summed evidence of each pair, in bits; symmetric."""
        out = np.empty(len(left), dtype=np.float64)
        for start in range(0, len(left), CHUNK):
            a, b = self.sides(left[start : start + CHUNK], right[start : start + CHUNK])
            for slots in align(self.tokens, a, b):
                rows = slots.rows
                bits = self.slot_bits(slots.level, slots.roles, slots.rarity).sum(axis=0)
                for term, place in self.places(slots, a[rows], b[rows]).items():
                    bits += looked_up(self.weights.wholes[term], place)
                out[start + rows] = bits
        out[self.contradicting_generations(left, right)] += GENERATION_BITS
        return out

    def slot_bits(
        self,
        level: npt.NDArray[np.integer],
        roles: npt.NDArray[np.integer],
        rarity: npt.NDArray[np.integer],
    ) -> npt.NDArray[np.float32]:
        """Return what each aligned token and each one without a partner is worth."""
        at = level.astype(np.int32) * TOKEN_ROLES
        at += roles
        at *= RARITIES
        at += rarity
        return self.cells.take(at)

    def explain(self, left: Ints, right: Ints) -> list[list[Evidence]]:
        """Return the terms of each pair, in the order of the left name's tokens."""
        found = self.judge(left, right)
        aligned = found.aligned
        units = np.round(aligned.rarity * RARITY_UNIT).astype(np.int32)
        worth = self.slot_bits(aligned.level, aligned.roles, units).tolist()
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
            value = "missing" if aligned.level[at] == NOBODY else LEVELS[aligned.level[at]]
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
