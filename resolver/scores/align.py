"""Tokens of two names -> which stand for which, for many pairs of names at once.

The best pair of tokens is aligned first, then the best of the rest; what is left of the longer name is missing in the
other one. Two neighbouring tokens may stand for one (`joins`). Pairs are taken by the number of tokens of their names
and in pieces that fit the processor's cache, so that every step is one operation on whole columns of small numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.scores.joins import Joins, best_joins, join_options
from resolver.scores.levels import (
    AGREES,
    ELSEWHERE,
    GAIN_UNIT,
    GRADE_OF,
    GRADES,
    NOBODY,
    STATES,
    UNUSED,
    gains,
)
from resolver.scores.tokens import OTHER_NAME, SAME, SURNAME, Tokens

__all__ = ["FEWEST", "Slots", "align"]

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.integer]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

BOTH_GIVEN, BOTH_SURNAME, CROSSED, BOTH_KNOWN = range(
    4
)  # `BOTH_KNOWN` is added where the list has both tokens
ROLES_BY_SURNAMES: Bytes = np.array([BOTH_GIVEN, CROSSED, BOTH_SURNAME], dtype=np.uint8)
NEAR = 1e-3  # of gain: a tie goes to the tokens at the nearest places
CELLS = 64  # of the grid of two names of the most tokens
PIECE = 16_384  # pairs aligned at once: their columns fit the processor's cache
FEWEST = 3  # slots that every pair has
TAKEN = np.iinfo(np.int32).min


class Slots(NamedTuple):
    """What became of the tokens of some pairs (`rows`), a column each; shape (slots, pairs) but for the ends.

    Aligned tokens come first, the best first, then those without a partner (level `NOBODY`), then what is not used
    (`UNUSED`). `left` and `right` are places, -1 for none; `left2` and `right2` the second of two joined places.
    `first` and `last` say what became of the first and of the last tokens, a grade or `ELSEWHERE`.
    """

    rows: Ints
    level: Bytes
    roles: Bytes
    rarity: Bytes
    left: Places
    right: Places
    left2: Places
    right2: Places
    first: Bytes
    last: Bytes


class Grid(NamedTuple):
    """Pairs (`rows`) of names of some numbers of tokens: token numbers and roles by place, `level[i, j]` of two tokens.

    `open_[i, j]` says where the level has to be found: a token that the other name has needs no other partner.
    """

    rows: Ints
    a: Numbers
    b: Numbers
    role_a: Places
    role_b: Places
    level: Bytes
    open_: Flags

    @property
    def shape(self) -> tuple[int, int]:
        """Tokens of the left and of the right name."""
        return len(self.a), len(self.b)

    def pick(self, rows: Ints | slice) -> Grid:
        """Return some of the pairs."""
        return Grid._make(np.ascontiguousarray(column[..., rows]) for column in self)


def align(tokens: Tokens, left: Ints, right: Ints) -> Iterator[Slots]:
    """Yield the aligned tokens of pairs of names (by number), some pairs at a time.

    Swapping sides swaps places and changes nothing else.
    """
    sizes = tokens.size[left] * CELLS + tokens.size[right]
    shapes = np.flatnonzero(np.bincount(sizes)).tolist() if len(sizes) else []
    grids = [
        grid_of(tokens, left, right, np.flatnonzero(sizes == shape), divmod(shape, CELLS)) for shape in shapes
    ]
    if not grids:
        return
    # one call for the tokens of all pairs, because most token pairs occur many times
    asked = [
        [np.broadcast_to(side, grid.open_.shape)[grid.open_] for side in (grid.a[:, None], grid.b[None])]
        for grid in grids
    ]
    levels, at = tokens.levels(*(np.concatenate(side) for side in zip(*asked, strict=True))), 0
    for grid, (one, _) in zip(grids, asked, strict=True):
        grid.level[grid.open_] = levels[at : at + len(one)]
        at += len(one)
        for start in range(0, len(grid.rows), PIECE):
            yield from align_grid(tokens, grid.pick(slice(start, start + PIECE)))


def grid_of(tokens: Tokens, left: Ints, right: Ints, rows: Ints, shape: tuple[int, int]) -> Grid:
    """Return pairs of names of one number of tokens each."""
    sides = tuple(zip((left[rows], right[rows]), shape, strict=True))
    a, b = (np.ascontiguousarray(tokens.at[side, :size].T) for side, size in sides)
    role_a, role_b = (np.ascontiguousarray(tokens.role[side, :size].T) for side, size in sides)
    equal = a[:, None] == b[None]
    taken = equal.any(axis=1)[:, None] | equal.any(axis=0)[None]
    open_ = tokens.worth(a[:, None], b[None]) & ~taken
    return Grid(rows, a, b, role_a, role_b, np.where(equal, np.uint8(SAME), np.uint8(OTHER_NAME)), open_)


def align_grid(tokens: Tokens, grid: Grid) -> Iterator[Slots]:
    """Align the tokens of pairs of names of one number of tokens each; pairs with joined tokens come apart."""
    width, height = grid.shape
    rarity = np.minimum(tokens.rarity[grid.a][:, None], tokens.rarity[grid.b][None])
    value = gains(grid.level, rarity)
    rest: Ints | slice = slice(None)
    if width != height and width and height:
        joins = join_options(tokens, grid.a, grid.b, grid.level, value)
        has = np.zeros(len(grid.rows), dtype=bool)
        has[joins.row] = True
        rows = np.flatnonzero(has)
        if len(rows):
            rest = np.flatnonzero(~has)
            joins = joins._replace(row=(np.cumsum(has) - 1)[joins.row])
            yield Alignment(tokens, grid.pick(rows), rarity[..., rows], value[..., rows]).with_joins(joins)
    if len(grid.rows[rest]):
        yield Alignment(tokens, grid.pick(rest), rarity[..., rest], value[..., rest]).without_joins()


@lru_cache(maxsize=CELLS)
def tie_breaks(width: int, height: int) -> Numbers:
    """Return what to add to the gains of the cells of a grid: the nearer places first, then the earlier cell."""
    i, j = np.divmod(np.arange(width * height), height)
    far = np.round(NEAR * GAIN_UNIT * np.abs(i / width - j / height)).astype(np.int32)
    out: Numbers = (CELLS - 1 - np.arange(width * height) - CELLS * far).astype(np.int32)[:, None]
    return out


class Alignment:
    """The slots of pairs of one number of tokens each while they fill up.

    Args:
        tokens: The tokens of all names.
        grid: The pairs.
        rarity: The lower rarity of each two tokens, shape (width, height, pairs).
        value: What aligning two tokens is worth; same shape.
    """

    def __init__(self, tokens: Tokens, grid: Grid, rarity: Bytes, value: Numbers) -> None:
        self.tokens, self.grid = tokens, grid
        width, height = grid.shape
        self.flat = width * height, len(grid.rows)
        self.rarity, self.value = rarity.reshape(self.flat), value.reshape(self.flat)
        self.free = (
            np.ones((width, len(grid.rows)), dtype=bool),
            np.ones((height, len(grid.rows)), dtype=bool),
        )
        self.slots: list[tuple[Bytes, Bytes, Bytes, Places, Places, Places, Places]] = []
        self.none = np.full(len(grid.rows), -1, dtype=np.int8)

    def without_joins(self) -> Slots:
        """Return the slots if no tokens are joined: every token of the shorter name has a partner."""
        width, height = self.grid.shape
        self.take_best(None)
        for _ in range(abs(width - height)):
            self.take_lost(is_left=width > height)
        return self.packed()

    def with_joins(self, joins: Joins) -> Slots:
        """Return the slots if some tokens are joined; what is not used goes last."""
        for join in best_joins(joins, *self.free):
            self.put_join(join)
        width, height = self.grid.shape
        self.take_best((self.free[0][:, None] & self.free[1][None]).reshape(self.flat))
        for is_left, size in ((True, width), (False, height)):
            for _ in range(size):
                self.take_lost(is_left=is_left)
        out = self.packed()
        order = np.argsort(out.level == UNUSED, axis=0, kind="stable")
        columns = {
            name: np.take_along_axis(column, order, axis=0)
            for name, column in out._asdict().items()
            if column.ndim > 1
        }
        return out._replace(**columns)

    def put_join(self, join: Joins) -> None:
        """Put a join into a slot of the pairs that it has."""
        level = np.full(len(self.none), UNUSED, dtype=np.uint8)
        rarity = np.zeros(len(self.none), dtype=np.uint8)
        left, right, left2, right2 = (self.none.copy() for _ in range(4))
        row, two, single, left_has_two = join.row, join.two, join.single, join.is_left
        level[row], rarity[row] = join.level, join.rarity
        left[row], right[row] = np.where(left_has_two, two, single), np.where(left_has_two, single, two)
        left2[row], right2[row] = np.where(left_has_two, two + 1, -1), np.where(left_has_two, -1, two + 1)
        self.slots.append((level, np.full_like(level, CROSSED), rarity, left, right, left2, right2))

    def take_best(self, open_: Flags | None) -> None:
        """Align the best two tokens of each pair, then the best of the rest; None if all are open."""
        width, height = self.grid.shape
        rounds = min(width, height)
        if not rounds:
            return
        cells = self.value * np.int32(CELLS)
        cells += tie_breaks(width, height)
        if open_ is not None:
            cells[~open_] = TAKEN
        count = np.arange(len(self.none))
        level = self.grid.level.ravel()
        known_a, known_b = (
            self.tokens.attested[self.grid.a].ravel(),
            self.tokens.attested[self.grid.b].ravel(),
        )
        for number in range(rounds):
            top = cells.max(axis=0)
            cell = (CELLS - 1) - (top & np.int32(CELLS - 1)).astype(np.intp)
            valid = None if open_ is None else top > TAKEN
            if valid is not None:
                cell[~valid] = 0
            row, column = (side.take(cell) for side in np.divmod(np.arange(width * height), height))
            at, at_a, at_b = (side * len(count) + count for side in (cell, row, column))
            i, j = row.astype(np.int8), column.astype(np.int8)
            roles = roles_of(self.grid.role_a.take(at_a), self.grid.role_b.take(at_b))
            roles += np.uint8(BOTH_KNOWN) * (known_a.take(at_a) & known_b.take(at_b))
            found = level.take(at)
            if valid is not None:
                found[~valid], i[~valid], j[~valid] = UNUSED, -1, -1
            self.slots.append((found, roles, self.rarity.take(at), i, j, self.none, self.none))
            rows, columns = [i == k for k in range(width)], [j == k for k in range(height)]
            for side, taken in zip(self.free, (rows, columns), strict=True):
                for k, here in enumerate(taken):
                    side[k] &= ~here
            if number + 1 < rounds:
                for k, (row, column) in enumerate((r, c) for r in rows for c in columns):
                    np.copyto(cells[k], TAKEN, where=row | column)

    def take_lost(self, *, is_left: bool) -> None:
        """Put the first token without a partner of one side into a slot, where there is one."""
        free = self.free[0 if is_left else 1]
        number, role = (self.grid.a, self.grid.role_a) if is_left else (self.grid.b, self.grid.role_b)
        place = self.none.copy()
        for k in reversed(range(len(free))):
            np.copyto(place, k, where=free[k])
        free &= place != np.arange(len(free), dtype=np.int8)[:, None]
        at = np.maximum(place, 0) * np.intp(len(place)) + np.arange(len(place))
        level = np.where(place >= 0, np.uint8(NOBODY), np.uint8(UNUSED))
        sides = (place, self.none) if is_left else (self.none, place)
        rarity = self.tokens.rarity[number.take(at)]
        self.slots.append((level, role.take(at).astype(np.uint8), rarity, *sides, self.none, self.none))

    def packed(self) -> Slots:
        """Return the slots so far, filled up to `FEWEST`."""
        width, height = self.grid.shape
        unused = np.full(len(self.none), UNUSED, dtype=np.uint8)
        zero = np.zeros_like(unused)
        while len(self.slots) < FEWEST:
            self.slots.append((unused, zero, zero, self.none, self.none, self.none, self.none))
        columns = [np.stack(column) for column in zip(*self.slots, strict=True)]
        ends = [
            end_grade(columns[0], columns[3:], places)
            for places in ((0, 0), (max(width - 1, 0), max(height - 1, 0)))
        ]
        return Slots(self.grid.rows, *columns, *ends)


def roles_of(left: Places, right: Places) -> Bytes:
    """Return whether two tokens are both given names, both surnames, or one of each."""
    surnames = (left == SURNAME).astype(np.uint8) + (right == SURNAME)
    out: Bytes = ROLES_BY_SURNAMES[surnames]
    return out


def end_grade(level: Bytes, places: list[Places], ends: tuple[int, int]) -> Bytes:
    """Return the grade of the tokens at the first (or last) places of each pair if they stand for each other.

    `ELSEWHERE` if one agrees with another place, that of no partner otherwise.
    """
    left, right, left2, right2 = places
    here = (left == ends[0]) | (left2 == ends[0])
    there = (right == ends[1]) | (right2 == ends[1])
    has = level < NOBODY
    elsewhere = (has & (here | there) & (STATES[level] == AGREES)).any(axis=0)
    out = np.where(elsewhere, np.uint8(ELSEWHERE), np.uint8(GRADES - 1))
    here &= there
    here &= has
    for grade, met in zip(GRADE_OF[level], here, strict=True):
        np.copyto(out, grade, where=met)
    return out
