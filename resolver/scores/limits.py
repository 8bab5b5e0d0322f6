"""Hard limits: names that can never be one person's, whatever the context says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolver.columns import columns_of_names
from resolver.model import Kind, Name, Role
from resolver.scores.people import People
from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, LEVELS, OTHER_INITIAL, STEPS

__all__ = ["contradictions", "incompatible", "initials"]

Ints = npt.NDArray[np.int64]

UNLIKE_BELOW = (
    0.25  # likeness: "lilan" and "leland" have .41, "yevgenia" and "jewgenija" .38, "bashar" and "bushra" .16
)


def incompatible(left: Name, right: Name) -> str | None:
    """Return why two people's names can never be one person's, None if they can.

    A generation that differs, or given names that are both spelled out and have nothing in common with any part of the
    other name.
    """
    if left.kind != Kind.PER or right.kind != Kind.PER:
        return None
    if not contradictions(People(columns_of_names((left, right))), np.array([0]), np.array([1]))[0]:
        return None
    generations = left.having(Role.GENERATION), right.having(Role.GENERATION)
    if all(generations) and generations[0] != generations[1]:
        return f"{generations[0][0]} and {generations[1][0]}"
    return f"{first_given(left)} and {first_given(right)} are two given names"


def first_given(name: Name) -> str:
    """Return the first spelled-out given name, "" if there is none."""
    return next((text for text in name.having(Role.GIVEN) if len(text) > 1), "")


def levels_that_differ() -> npt.NDArray[np.bool_]:
    """Return for each level whether two given names at it are two names."""
    out = np.zeros(len(LEVELS), dtype=bool)
    for base in (FIRST_STEP, CROSS_SCRIPT):
        for at, step in enumerate((*STEPS, -1.0)):
            out[base + at] = step < UNLIKE_BELOW
    out[OTHER_INITIAL] = True
    return out


DIFFER = levels_that_differ()
ALIKE = FIRST_STEP + 4  # levels below are the same token in another spelling


def contradictions(people: People, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
    """Return for pairs of people's names (by number) whether they can never be one person's."""
    columns = people.tokens
    out = people.contradicting_generations(left, right)
    given = columns.first_given
    one, other = given[left], given[right]
    both = np.flatnonzero((one >= 0) & (other >= 0) & (one != other) & ~out)
    apart = np.ones(len(both), dtype=bool)
    for one, other in ((left[both], right[both]), (right[both], left[both])):
        for place in range(columns.at.shape[1]):
            open_ = np.flatnonzero(apart & (columns.at[other, place] >= 0))
            if not len(open_):
                continue
            mine, theirs = given[one[open_]], columns.at[other[open_], place]
            apart[open_] = DIFFER[columns.levels(mine, theirs)] | (columns.length[theirs] == 1)
    out[both] = apart
    return out


def initials(people: People, left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    """Return 1 where an initial of one name may stand for a token of the other one, -1 where none can, 0 without any.

    The tokens that both have, such as a surname, are not what an initial stands for. Where neither name spells out what
    is left, only the first initial of each counts: "P. K." and "K. P." are two people.
    """
    columns = people.tokens
    out = np.zeros(len(left), dtype=np.int8)
    if not len(columns.texts):
        return out
    for one, other in ((left, right), (right, left)):
        rows = np.flatnonzero(columns.has_initial[one] & (columns.size[other] > 0) & (columns.size[one] > 1))
        if not len(rows):
            continue
        mine, theirs = columns.at[one[rows]], columns.at[other[rows]]
        letter = (mine >= 0) & (columns.length[mine] == 1)
        open_ = theirs >= 0
        for place in range(mine.shape[1]):
            spelled = np.flatnonzero((mine[:, place] >= 0) & ~letter[:, place])
            for there in range(theirs.shape[1]):
                both = spelled[open_[spelled, there] & (columns.length[theirs[spelled, there]] > 1)]
                same = columns.levels(mine[both, place], theirs[both, there]) < ALIKE
                open_[both[same], there] = False
        bare = ~(open_ & (columns.length[theirs] > 1)).any(axis=1)
        letter[bare] &= np.cumsum(letter[bare], axis=1) <= 1
        open_[bare] &= np.cumsum(open_[bare], axis=1) <= 1
        asked = np.bitwise_or.reduce(np.where(letter, columns.beginnings[mine], np.uint64(0)), axis=1)
        said = np.bitwise_or.reduce(np.where(open_, columns.beginnings[theirs], np.uint64(0)), axis=1)
        found = np.where(said == 0, 0, np.where(asked & said, 1, -1)).astype(np.int8)
        out[rows] = np.where(out[rows] == 0, found, np.minimum(out[rows], found))
    return out
