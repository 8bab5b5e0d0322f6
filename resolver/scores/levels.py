"""Levels of token pairs -> coarser views of them: whether two tokens agree, a grade that scripts share, a gain."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.scores.tokens import (
    CROSS_SCRIPT,
    FIRST_STEP,
    INITIAL,
    LEVELS,
    OTHER_INITIAL,
    RARITIES,
    RARITY_UNIT,
    STEPS,
)

__all__ = [
    "AGREES", "CONTRADICTS", "ELSEWHERE", "GAIN", "GAIN_UNIT", "GRADES", "GRADE_NAMES", "GRADE_OF", "NOBODY", "OPEN",
    "STATES", "UNUSED", "gains",
]  # fmt: skip

Bytes = npt.NDArray[np.uint8]

NOBODY = len(LEVELS)  # instead of a level: a token without a partner
UNUSED = NOBODY + 1  # no token at all
AGREES, CONTRADICTS, OPEN = range(3)
AGREES_FROM = 0.55  # likeness
CONTRADICTS_BELOW = 0.35
GRADES = FIRST_STEP + len(STEPS) + 1  # the last is that of no partner
ELSEWHERE = GRADES  # the first (or last) token agrees, but with one at another place
GRADE_NAMES = (*LEVELS[: GRADES - 1], "missing", "elsewhere")
GAINS = (  # by level, across scripts alike; chosen by hand so that likeness goes before nothing
    9.0, 8.0, 8.0, 6.0, 3.0, -5.0, 8.5, 8.0, 7.0, 5.0, 3.0, 1.0, -1.0, -3.0, -5.0, -5.0,
)  # fmt: skip
RARE_FROM, RARE_BY = 0.15, 0.06  # agreement on a rare token goes before that on a common one
GAIN_UNIT = 1 << 16  # of gain


def level_states() -> Bytes:
    """Return for each level whether its tokens agree, contradict or neither."""
    out = np.full(UNUSED + 1, OPEN, dtype=np.uint8)
    out[:FIRST_STEP] = AGREES
    out[INITIAL], out[OTHER_INITIAL] = OPEN, CONTRADICTS
    for base in (FIRST_STEP, CROSS_SCRIPT):
        for at, step in enumerate((*STEPS, -1.0)):
            out[base + at] = (
                AGREES if step >= AGREES_FROM else OPEN if step >= CONTRADICTS_BELOW else CONTRADICTS
            )
    return out


def level_grades() -> Bytes:
    """Return the grade of each level in [0, `GRADES`); the last is that of no partner."""
    out = np.full(UNUSED + 1, GRADES - 1, dtype=np.uint8)
    out[:FIRST_STEP] = range(FIRST_STEP)
    for base in (FIRST_STEP, CROSS_SCRIPT):
        out[base : base + len(STEPS) + 1] = FIRST_STEP + np.minimum(np.arange(len(STEPS) + 1), len(STEPS) - 1)
    return out


def gain_table() -> npt.NDArray[np.int32]:
    """Return by level and rarity what aligning two tokens is worth in `GAIN_UNIT`s; a choice, not evidence."""
    by_level = np.zeros(len(LEVELS))
    by_level[:FIRST_STEP] = GAINS[:FIRST_STEP]
    for base in (FIRST_STEP, CROSS_SCRIPT):
        by_level[base : base + len(STEPS) + 1] = GAINS[FIRST_STEP:]
    rarity = np.arange(RARITIES) / RARITY_UNIT
    out = np.where(
        by_level[:, None] > 0, by_level[:, None] * (RARE_FROM + RARE_BY * rarity), by_level[:, None]
    )
    return np.round(out * GAIN_UNIT).astype(np.int32).ravel()


STATES = level_states()
GRADE_OF = level_grades()
GAIN = gain_table()


def gains(level: Bytes, rarity: Bytes) -> npt.NDArray[np.int32]:
    """Return what aligning tokens is worth in `GAIN_UNIT`s."""
    out: npt.NDArray[np.int32] = GAIN.take(level.astype(np.int32) * RARITIES + rarity)
    return out
