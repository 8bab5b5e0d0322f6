"""Levels of token pairs -> coarser views of them: whether two tokens agree, and a grade that scripts share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, INITIAL, LEVELS, OTHER_INITIAL, STEPS

__all__ = ["AGREES", "CONTRADICTS", "ELSEWHERE", "GRADES", "GRADE_NAMES", "GRADE_OF", "OPEN", "STATES"]

Ints = npt.NDArray[np.int64]

AGREES, CONTRADICTS, OPEN = range(3)
AGREES_FROM = 0.55  # likeness
CONTRADICTS_BELOW = 0.35
GRADES = FIRST_STEP + len(STEPS) + 1  # the last is that of no partner
ELSEWHERE = GRADES  # the first (or last) token agrees, but with one at another place
GRADE_NAMES = (*LEVELS[: GRADES - 1], "missing", "elsewhere")


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


def level_grades() -> Ints:
    """Return the grade of each level in [0, `GRADES`); the last is that of no partner."""
    out = np.zeros(len(LEVELS) + 1, dtype=np.int64)
    out[:FIRST_STEP] = range(FIRST_STEP)
    for base in (FIRST_STEP, CROSS_SCRIPT):
        out[base : base + len(STEPS) + 1] = FIRST_STEP + np.minimum(np.arange(len(STEPS) + 1), len(STEPS) - 1)
    out[-1] = GRADES - 1
    return out


STATES = level_states()
GRADE_OF = level_grades()
