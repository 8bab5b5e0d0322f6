"""Tokens of two names -> which stand for which, for many pairs of names at once.

The best pair of tokens is aligned first, then the best of the rest; what is left of the longer name is missing in the
other one. Two neighbouring tokens may stand for one ("Abdul Rahman", "Abdulrahman"). Pairs are taken by the number of
tokens of their names, so that every step is one operation on whole columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.scores.levels import AGREES, ELSEWHERE, GRADE_OF, GRADES, STATES
from resolver.scores.tokens import (
    CROSS_SCRIPT,
    FIRST_STEP,
    INITIAL,
    LEVELS,
    OTHER_NAME,
    SAME,
    STEPS,
    SURNAME,
    Tokens,
)
from resolver.spelling import alignment_bits, costs

__all__ = ["Aligned", "align"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

GAINS = (  # by level, across scripts alike; chosen by hand so that likeness goes before nothing
    9.0, 8.0, 8.0, 6.0, 3.0, -5.0, 8.5, 8.0, 7.0, 5.0, 3.0, 1.0, -1.0, -3.0, -5.0, -5.0,
)  # fmt: skip
RARE_FROM, RARE_BY = 0.15, 0.06
NEAR = 1e-3  # of gain: a tie goes to the tokens at the nearest places
BOTH_GIVEN, BOTH_SURNAME, CROSSED, BOTH_KNOWN = range(
    4
)  # `BOTH_KNOWN` is added where the list has both tokens
JOINED_LIKENESS = 0.7  # from which two tokens of one name may stand for one of the other
SHORTEST_JOINED = 4  # symbols
JOINED_LETTERS = 3  # that only one of the two has; likeness below `JOINED_LIKENESS` almost always has more
JOINS = 2  # of one pair


class Aligned(NamedTuple):
    """Aligned tokens of many pairs, those of one pair side by side, its best first; -1 stands for no token.

    `left2` and `right2` are the second of two joined places, `place` counts the tokens of a pair. `first` and `last`
    have one entry for each pair: what became of the first and of the last tokens, a grade or `ELSEWHERE`.
    """

    pair: Ints
    left: npt.NDArray[np.int8]
    right: npt.NDArray[np.int8]
    left2: npt.NDArray[np.int8]
    right2: npt.NDArray[np.int8]
    level: Ints
    roles: Ints
    rarity: Floats
    place: npt.NDArray[np.int8]
    first: Ints
    last: Ints


def level_gains() -> Floats:
    """Return what aligning two tokens of each level is worth; a choice of partner, not evidence."""
    out = np.zeros(len(LEVELS), dtype=np.float32)
    out[:FIRST_STEP] = GAINS[:FIRST_STEP]
    for base in (FIRST_STEP, CROSS_SCRIPT):
        out[base : base + len(STEPS) + 1] = GAINS[FIRST_STEP:]
    return out


def matched_levels() -> Flags:
    """Return the levels at which a token has a partner that no join may take."""
    out = np.zeros(len(LEVELS), dtype=bool)
    out[:INITIAL] = out[FIRST_STEP : FIRST_STEP + 3] = out[CROSS_SCRIPT : CROSS_SCRIPT + 3] = True
    return out


LEVEL_GAINS = level_gains()
MATCHED = matched_levels()


def gains(level: Ints, rarity: Floats) -> Floats:
    """Return what aligning tokens is worth: agreement on a rare token goes before that on a common one."""
    gain = LEVEL_GAINS[level]
    out: Floats = np.where(gain > 0, gain * (np.float32(RARE_FROM) + np.float32(RARE_BY) * rarity), gain)
    return out


class Grid(NamedTuple):
    """Pairs (`rows`) of names of `width` and `height` tokens: token numbers `a[i]`, `b[j]`, and their `level[i, j]`.

    `open_[i, j]` says where the level has to be found: a token that the other name has needs no other partner.
    """

    rows: Ints
    a: Ints
    b: Ints
    level: Ints
    open_: Flags


def align(tokens: Tokens, left: Ints, right: Ints) -> Aligned:
    """Align the tokens of pairs of names (by number); swapping sides swaps places and changes nothing else."""
    sizes = tokens.size[left] * 64 + tokens.size[right]
    shapes = np.flatnonzero(np.bincount(sizes)).tolist() if len(sizes) else []
    grids = [
        grid_of(tokens, left, right, np.flatnonzero(sizes == shape), divmod(shape, 64)) for shape in shapes
    ]
    # one call for the tokens of all pairs, because most token pairs occur many times
    asked = [
        (
            np.broadcast_to(grid.a[:, None], grid.open_.shape)[grid.open_],
            np.broadcast_to(grid.b[None], grid.open_.shape)[grid.open_],
        )
        for grid in grids
    ]
    if not asked:
        return nothing()
    levels = tokens.levels(*(np.concatenate(side) for side in zip(*asked, strict=True)))
    found, at = [], 0
    for grid, (one, _) in zip(grids, asked, strict=True):
        grid.level[grid.open_] = levels[at : at + len(one)]
        at += len(one)
        found.append(align_grid(tokens, grid, left, right))
    merged = Aligned._make(np.concatenate(columns) for columns in zip(*found, strict=True))
    first, last = np.empty(len(left), dtype=np.int64), np.empty(len(left), dtype=np.int64)
    order = np.concatenate([grid.rows for grid in grids])
    first[order], last[order] = merged.first, merged.last
    return merged._replace(first=first, last=last)


def nothing() -> Aligned:
    """Return no entries."""
    whole, byte = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int8)
    return Aligned(
        whole, byte, byte, byte, byte, whole, whole, np.empty(0, dtype=np.float32), byte, whole, whole
    )


def grid_of(tokens: Tokens, left: Ints, right: Ints, rows: Ints, shape: tuple[int, int]) -> Grid:
    """Return pairs of names of one number of tokens each."""
    a = np.ascontiguousarray(tokens.at[left[rows], : shape[0]].T)
    b = np.ascontiguousarray(tokens.at[right[rows], : shape[1]].T)
    equal = a[:, None] == b[None]
    taken = equal.any(axis=1)[:, None] | equal.any(axis=0)[None]
    return Grid(rows, a, b, np.where(equal, SAME, OTHER_NAME), ~taken)


def roles_of(left: npt.NDArray[np.int8], right: npt.NDArray[np.int8], known: Flags) -> Ints:
    """Return whether two tokens are both given names, both surnames, or one of each, and whether both are known."""
    a, b = left == SURNAME, right == SURNAME
    roles = np.where(a & b, BOTH_SURNAME, np.where(a | b, CROSSED, BOTH_GIVEN))
    out: Ints = (roles + BOTH_KNOWN * known).astype(np.int64)
    return out


class Slot(NamedTuple):
    """One aligned token, or one without a partner, of every pair of a grid, where it is `valid`."""

    valid: Flags
    left: npt.NDArray[np.int8]
    right: npt.NDArray[np.int8]
    left2: npt.NDArray[np.int8]
    right2: npt.NDArray[np.int8]
    level: Ints
    roles: Ints
    rarity: Floats


def align_grid(tokens: Tokens, grid: Grid, left: Ints, right: Ints) -> Aligned:
    """Align the tokens of pairs of names of one number of tokens each."""
    width, height, count = len(grid.a), len(grid.b), len(grid.rows)
    rare_a, rare_b = tokens.rarity[grid.a], tokens.rarity[grid.b]
    role_a = np.ascontiguousarray(tokens.role[left[grid.rows], :width].T)
    role_b = np.ascontiguousarray(tokens.role[right[grid.rows], :height].T)
    free_a, free_b = np.ones((width, count), dtype=bool), np.ones((height, count), dtype=bool)
    slots: list[Slot] = []
    if width and height:
        rarity = np.minimum(rare_a[:, None], rare_b[None])
        value = gains(grid.level, rarity)
        if width != height:
            slots = joined(tokens, grid, value, (free_a, free_b))
        close_used(value, (free_a, free_b), used=bool(slots))
        known_a, known_b = tokens.attested[grid.a], tokens.attested[grid.b]
        everyone = np.arange(count)
        none = np.full(count, -1, dtype=np.int8)
        for _ in range(min(width, height)):
            i, j, valid = best_cell(value)
            known = known_a[i, everyone] & known_b[j, everyone]
            roles = roles_of(role_a[i, everyone], role_b[j, everyone], known)
            cell = (i, j, everyone)
            slots.append(Slot(valid, i, j, none, none, grid.level[cell], roles, rarity[cell]))
            take(value, (free_a, free_b), (i, j, valid))
    if not slots or width != height:
        slots += [lost(free_a[k], k, role_a[k], rare_a[k], left=True) for k in range(width)]
        slots += [lost(free_b[k], k, role_b[k], rare_b[k], left=False) for k in range(height)]
    return packed(grid, slots, (width, height))


def close_used(value: Floats, free: tuple[Flags, Flags], *, used: bool) -> None:
    """Prefer near places at a tie, and take tokens that are joined out of the choice."""
    width, height, _ = value.shape
    for i in range(width):
        for j in range(height):
            value[i, j] -= np.float32(NEAR * abs(i / width - j / height))
            if used:
                np.copyto(value[i, j], -np.inf, where=~(free[0][i] & free[1][j]))


def take(
    value: Floats,
    free: tuple[Flags, Flags],
    cell: tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Flags],
) -> None:
    """Take the chosen row and column of each pair out of the choice."""
    i, j, valid = cell
    rows, columns = [i == k for k in range(len(free[0]))], [j == k for k in range(len(free[1]))]
    for side, chosen in zip(free, (rows, columns), strict=True):
        for k, here in enumerate(chosen):
            side[k] &= ~(valid & here)
    for k, row in enumerate(rows):
        for m, column in enumerate(columns):
            np.copyto(value[k, m], -np.inf, where=row | column)


def best_cell(value: Floats) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Flags]:
    """Return the row and column of each pair's highest value, and whether it is open at all."""
    width, height, count = value.shape
    best = np.full(count, -np.inf, dtype=np.float32)
    i, j = np.zeros(count, dtype=np.int8), np.zeros(count, dtype=np.int8)
    for k in range(width):
        for m in range(height):
            better = value[k, m] > best
            np.copyto(best, value[k, m], where=better)
            np.copyto(i, k, where=better)
            np.copyto(j, m, where=better)
    return i, j, best > -np.inf


def lost(free: Flags, place: int, role: npt.NDArray[np.int8], rarity: Floats, *, left: bool) -> Slot:
    """Return a token without a partner, where it is free."""
    none = np.full(len(free), -1, dtype=np.int8)
    here = np.full(len(free), place, dtype=np.int8)
    sides = (here, none) if left else (none, here)
    return Slot(free, *sides, none, none, none.astype(np.int64), role.astype(np.int64), rarity)


def packed(grid: Grid, slots: Sequence[Slot], shape: tuple[int, int]) -> Aligned:
    """Return slots as entries, those of one pair side by side."""
    count = len(grid.rows)
    ends = (
        end_grade(slots, count, (0, 0)),
        end_grade(slots, count, (max(shape[0] - 1, 0), max(shape[1] - 1, 0))),
    )
    if not slots:
        return nothing()._replace(first=ends[0], last=ends[1])
    valid, left, right, left2, right2, level, roles, rarity = (
        np.stack(column, axis=1) for column in zip(*slots, strict=True)
    )
    place = np.cumsum(valid, axis=1, dtype=np.int8) - np.int8(1)
    pair = np.broadcast_to(grid.rows[:, None], valid.shape)
    return Aligned(
        pair[valid], left[valid], right[valid], left2[valid], right2[valid],
        level[valid], roles[valid], rarity[valid], place[valid], *ends,
    )  # fmt: skip


def end_grade(slots: Sequence[Slot], count: int, ends: tuple[int, int]) -> Ints:
    """Return the grade of the tokens at the first (or last) places of each pair if they stand for each other.

    `ELSEWHERE` if one agrees with another place, that of no partner otherwise.
    """
    out = np.full(count, GRADES - 1, dtype=np.int64)
    both = np.zeros(count, dtype=bool)
    for slot in slots:
        here = (slot.left == ends[0]) | (slot.left2 == ends[0])
        there = (slot.right == ends[1]) | (slot.right2 == ends[1])
        has = slot.valid & (slot.level >= 0)
        elsewhere = has & (here | there) & (STATES[slot.level] == AGREES) & ~both
        out[elsewhere] = ELSEWHERE
        met = has & here & there
        out[met] = GRADE_OF[slot.level[met]]
        both |= met
    return out


def joined(tokens: Tokens, grid: Grid, value: Floats, free: tuple[Flags, Flags]) -> list[Slot]:
    """Align two neighbouring tokens of one side with one of the other where that fits far better; mark them used."""
    options = [
        join_options(tokens, grid.a, grid.b, value, grid.level),
        join_options(tokens, grid.b, grid.a, value.transpose(1, 0, 2), grid.level.transpose(1, 0, 2)),
    ]
    side = np.repeat((0, 1), [len(option.row) for option in options])
    row, two, single, level, rarity, gain = Joins._make(
        np.concatenate(columns) for columns in zip(*options, strict=True)
    )
    count = len(grid.rows)
    out: list[Slot] = []
    if not len(row):
        return out
    for _ in range(JOINS):
        open_ = np.zeros(len(row), dtype=bool)
        for mine in (0, 1):
            here = np.flatnonzero(side == mine)
            r, t = row[here], two[here]
            open_[here] = free[mine][t, r] & free[mine][t + 1, r] & free[1 - mine][single[here], r]
        usable = np.flatnonzero(open_)
        if not len(usable):
            break
        order = usable[np.lexsort((single[usable], two[usable], -gain[usable], row[usable]))]
        best = order[np.r_[True, np.diff(row[order]) != 0]]
        r, t, s, is_left = row[best], two[best], single[best], side[best] == 0
        for mine, used_two in ((0, is_left), (1, ~is_left)):
            free[mine][t[used_two], r[used_two]] = free[mine][t[used_two] + 1, r[used_two]] = False
            free[1 - mine][s[used_two], r[used_two]] = False
        sides = [np.full(count, -1, dtype=np.int8) for _ in range(4)]
        slot = Slot(
            np.zeros(count, dtype=bool), sides[0], sides[1], sides[2], sides[3],
            np.zeros(count, dtype=np.int64), np.full(count, CROSSED), np.zeros(count, dtype=np.float32),
        )  # fmt: skip
        slot.valid[r] = True
        slot.left[r], slot.right[r] = np.where(is_left, t, s), np.where(is_left, s, t)
        slot.left2[r], slot.right2[r] = np.where(is_left, t + 1, -1), np.where(is_left, -1, t + 1)
        slot.level[r], slot.rarity[r] = level[best], rarity[best]
        out.append(slot)
    return out


class Joins(NamedTuple):
    """Two neighbouring places of one name, the first being `two`, that may stand for a `single` one of the other."""

    row: Ints
    two: Ints
    single: Ints
    level: Ints
    rarity: Floats
    gain: Floats


def join_options(tokens: Tokens, a: Ints, b: Ints, value: Floats, level: Ints) -> Joins:
    """Return the joins that beat what they replace."""
    rows, twos, singles = [], [], []
    letters = tokens.letters
    size = tokens.sounds
    lone: Flags = np.logical_not(MATCHED[level].any(axis=0))  # nothing stands for it yet
    for i in range(len(a) - 1):
        for j in range(len(b)):
            found = np.flatnonzero(lone[j])
            one, two, whole = a[i, found], a[i + 1, found], b[j, found]
            fits = np.bitwise_count((letters[one] | letters[two]) ^ letters[whole]) <= JOINED_LETTERS
            found, one, two, whole = found[fits], one[fits], two[fits], whole[fits]
            fits = (np.abs(size[one] + size[two] - size[whole]) <= 2) & (size[whole] >= SHORTEST_JOINED)
            fits &= (tokens.first[one] == tokens.first[whole]) & (tokens.length[one] > 1)
            found = found[fits & (tokens.length[two] > 1)]
            rows.append(found)
            twos.append(np.full(len(found), i, dtype=np.int64))
            singles.append(np.full(len(found), j, dtype=np.int64))
    if not sum(map(len, rows)):
        none = np.empty(0, dtype=np.int64)
        return Joins(none, none, none, none, none.astype(np.float32), none.astype(np.float32))
    row, two, single = np.concatenate(rows), np.concatenate(twos), np.concatenate(singles)
    first, second, whole = a[two, row], a[two + 1, row], b[single, row]
    likeness, cross = joined_likeness(tokens, first, second, whole)
    rarity = tokens.rarity[whole]
    level = np.where(likeness > 0.99, np.where(cross, CROSS_SCRIPT, SAME), Tokens.steps(likeness, cross))
    gain = gains(level, rarity)
    instead = np.maximum(value[two, :, row].max(axis=1), value[two + 1, :, row].max(axis=1))
    better = (likeness >= JOINED_LIKENESS) & (gain > instead)
    return Joins(row[better], two[better], single[better], level[better], rarity[better], gain[better])


def joined_likeness(
    tokens: Tokens, first: Ints, second: Ints, whole: Ints
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the likeness of two tokens written together to a third."""
    one = tokens.symbols[first]
    width = one.shape[1]
    size = (one > 0).sum(axis=1)
    places = np.arange(width) - size[:, None]
    rest = np.take_along_axis(tokens.symbols[second], np.clip(places, 0, width - 1), axis=1)
    both = np.where(places < 0, one, rest)
    cross = tokens.script[first] != tokens.script[whole]
    number = np.where(cross, np.maximum(tokens.script[first], tokens.script[whole]), 0).astype(np.int64)
    weights = costs()
    bits = alignment_bits(both, tokens.symbols[whole], number, weights)
    own = alignment_bits(both, both, np.zeros_like(number), weights)
    return 2 * bits / np.maximum(own + tokens.whole[whole], 1), cross
