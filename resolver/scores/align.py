"""Tokens of two names -> which stand for which, for many pairs of names at once.

The best pair of tokens is aligned first, then the best of the rest; what is left of the longer name is missing in the
other one. Two neighbouring tokens may stand for one ("Abdul Rahman", "Abdulrahman").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, INITIAL, SAME, SURNAME, Tokens
from resolver.spelling import alignment_bits, costs

__all__ = ["Aligned", "Table", "align"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

KNOTS = (5.0, 10.0, 17.0)  # rarities in bits between which the weights are interpolated
BOTH_GIVEN, BOTH_SURNAME, CROSSED, BOTH_KNOWN = range(
    4
)  # `BOTH_KNOWN` is added where the list has both tokens
JOINED_LIKENESS = 0.7  # from which two tokens of one name may stand for one of the other
SHORTEST_JOINED = 4  # symbols
MATCHED = (
    *range(INITIAL),
    *range(FIRST_STEP, FIRST_STEP + 3),
    *range(CROSS_SCRIPT, CROSS_SCRIPT + 3),
)  # levels
JOINED_LETTERS = 3  # that only one of the two has; likeness below `JOINED_LIKENESS` almost always has more


class Table(NamedTuple):
    """Weights in bits: `tokens[level, roles, knot]` of aligned tokens, `missing[role]` of those without a partner."""

    tokens: Floats
    missing: Floats


class Aligned(NamedTuple):
    """Aligned tokens of many pairs, ordered by pair; -1 stands for no token.

    `left2` and `right2` are the second of two joined places. `bits` is what an entry is worth.
    """

    pair: Ints
    left: Ints
    right: Ints
    left2: Ints
    right2: Ints
    level: Ints
    roles: Ints
    rarity: Floats
    bits: Floats


def align(tokens: Tokens, left: Ints, right: Ints, table: Table) -> Aligned:
    """Align the tokens of pairs of names (by number); swapping sides swaps places and changes nothing else."""
    sizes = tokens.size[left] * 64 + tokens.size[right]
    shapes = np.flatnonzero(np.bincount(sizes)).tolist() if len(sizes) else []
    groups = [(divmod(shape, 64), np.flatnonzero(sizes == shape)) for shape in shapes]
    grids = [token_grid(tokens, left[rows], right[rows], shape) for shape, rows in groups]
    # one call for the tokens of all pairs, because most token pairs occur many times
    levels = tokens.levels(*(np.concatenate(side) for side in zip(*grids, strict=True))) if grids else None
    found: list[Aligned] = []
    at = 0
    for (shape, rows), (one, _) in zip(groups, grids, strict=True):
        level = levels[at : at + len(one)] if levels is not None else one
        at += len(one)
        found.append(align_shape(tokens, left[rows], right[rows], shape, table, (rows, level)))
    merged = gathered(found)
    order = np.argsort(merged.pair, kind="stable")
    return Aligned._make(column[order] for column in merged)


def gathered(found: Sequence[Aligned]) -> Aligned:
    """Return entries one after the other."""
    return (
        Aligned._make(np.concatenate(columns) for columns in zip(*found, strict=True)) if found else nothing()
    )


def token_grid(tokens: Tokens, left: Ints, right: Ints, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return both sides of all token pairs of pairs of names of one number of tokens each, flat."""
    grid = (len(left), *shape)
    one = np.broadcast_to(tokens.at[left, : shape[0]][:, :, None], grid)
    other = np.broadcast_to(tokens.at[right, : shape[1]][:, None, :], grid)
    return one.ravel(), other.ravel()


def nothing() -> Aligned:
    """Return no entries."""
    whole, parts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    return Aligned(whole, whole, whole, whole, whole, whole, whole, parts, parts)


def token_values(levels: Ints, roles: Ints, rarity: Floats, table: Table) -> Floats:
    """Return the bits of aligned tokens, interpolated by how rare they are."""
    at = np.searchsorted(KNOTS, rarity) - 1
    low = np.clip(at, 0, len(KNOTS) - 2)
    knots = np.array(KNOTS, dtype=np.float32)
    share = np.clip((rarity - knots[low]) / (knots[low + 1] - knots[low]), 0, 1)
    out: Floats = (
        table.tokens[levels, roles, low] * (1 - share) + table.tokens[levels, roles, low + 1] * share
    )
    return out


def roles_of(left: npt.NDArray[np.int8], right: npt.NDArray[np.int8], known: npt.NDArray[np.bool_]) -> Ints:
    """Return whether two tokens are both given names, both surnames, or one of each, and whether both are known."""
    a, b = left == SURNAME, right == SURNAME
    roles = np.where(a & b, BOTH_SURNAME, np.where(a | b, CROSSED, BOTH_GIVEN))
    out: Ints = (roles + BOTH_KNOWN * known).astype(np.int64)
    return out


def align_shape(
    tokens: Tokens, left: Ints, right: Ints, shape: tuple[int, int], table: Table, known: tuple[Ints, Ints]
) -> Aligned:
    """Align pairs of names of one number of tokens each; `known` are their numbers and the levels of their tokens."""
    width, height = shape
    numbers, level = known
    count = len(left)
    if not width or not height:
        return lonely(tokens, left, right, shape, table, numbers)
    a, b = tokens.at[left, :width], tokens.at[right, :height]
    role_a, role_b = tokens.role[left, :width], tokens.role[right, :height]
    grid = (count, width, height)
    one, other = np.broadcast_to(a[:, :, None], grid), np.broadcast_to(b[:, None, :], grid)
    level = level.reshape(grid)
    rarity = np.minimum(tokens.rarity[one], tokens.rarity[other])
    attested = tokens.attested[one] & tokens.attested[other]
    roles = roles_of(
        np.broadcast_to(role_a[:, :, None], grid), np.broadcast_to(role_b[:, None, :], grid), attested
    )
    value = token_values(level, roles, rarity, table)
    free_a, free_b = np.ones((count, width), dtype=bool), np.ones((count, height), dtype=bool)
    out = [joined(tokens, a, b, value, level, (free_a, free_b), table)] if width > 1 or height > 1 else []
    # a tie goes to the tokens at the nearest places
    near = (
        np.abs(np.arange(width)[:, None] / max(1, width) - np.arange(height) / max(1, height)).astype(
            np.float32
        )
        * 1e-3
    )
    open_value = np.where(free_a[:, :, None] & free_b[:, None, :], value - near, -np.inf).reshape(count, -1)
    everyone = np.arange(count)
    for _ in range(min(width, height)):
        best = np.argmax(open_value, axis=1)
        rows = np.flatnonzero(open_value[everyone, best] > -np.inf)
        if not len(rows):
            break
        i, j = np.divmod(best[rows], height)
        cells = (rows, i, j)
        none = np.full(len(rows), -1, dtype=np.int64)
        out.append(Aligned(rows, i, j, none, none, level[cells], roles[cells], rarity[cells], value[cells]))
        free_a[rows, i] = free_b[rows, j] = False
        open_value = open_value.reshape(grid)
        open_value[rows, i, :] = -np.inf
        open_value[rows, :, j] = -np.inf
        open_value = open_value.reshape(count, -1)
    out += [left_over(free_a, role_a, table, left=True), left_over(free_b, role_b, table, left=False)]
    merged = gathered(out)
    return merged._replace(pair=numbers[merged.pair])


def lonely(
    tokens: Tokens, left: Ints, right: Ints, shape: tuple[int, int], table: Table, numbers: Ints
) -> Aligned:
    """Return the entries of pairs of which one name has no tokens."""
    sides = []
    for rows, width, is_left in ((left, shape[0], True), (right, shape[1], False)):
        sides.append(
            left_over(np.ones((len(rows), width), dtype=bool), tokens.role[rows, :width], table, left=is_left)
        )
    merged = gathered(sides)
    return merged._replace(pair=numbers[merged.pair])


def left_over(
    free: npt.NDArray[np.bool_], role: npt.NDArray[np.int8], table: Table, *, left: bool
) -> Aligned:
    """Return the tokens without a partner."""
    rows, places = np.nonzero(free)
    none = np.full(len(rows), -1, dtype=np.int64)
    kind = role[rows, places].astype(np.int64)
    bits = table.missing[kind]
    sides = (places, none) if left else (none, places)
    return Aligned(rows, *sides, none, none, none, kind, np.zeros(len(rows), dtype=np.float32), bits)


def joined(
    tokens: Tokens,
    a: Ints,
    b: Ints,
    value: Floats,
    level: Ints,
    free: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    table: Table,
) -> Aligned:
    """Align two neighbouring tokens of one side with one of the other where that fits far better; mark them used."""
    options = [
        join_options(tokens, a, b, value, level, table),
        join_options(tokens, b, a, value.transpose(0, 2, 1), level.transpose(0, 2, 1), table),
    ]
    side = np.repeat([0, 1], [len(options[0].row), len(options[1].row)])
    row, two, single, level, rarity, bits = Joins._make(
        np.concatenate(columns) for columns in zip(*options, strict=True)
    )
    out = nothing()
    if not len(row):
        return out
    for _ in range(2):
        open_ = np.zeros(len(row), dtype=bool)
        for mine in (0, 1):
            here = np.flatnonzero(side == mine)
            r, t = row[here], two[here]
            open_[here] = free[mine][r, t] & free[mine][r, t + 1] & free[1 - mine][r, single[here]]
        usable = np.flatnonzero(open_)
        if not len(usable):
            break
        order = usable[np.lexsort((single[usable], two[usable], -bits[usable], row[usable]))]
        best = order[np.r_[True, np.diff(row[order]) != 0]]
        r, t, s, is_left = row[best], two[best], single[best], side[best] == 0
        for mine, used_two in ((0, is_left), (1, ~is_left)):
            free[mine][r[used_two], t[used_two]] = free[mine][r[used_two], t[used_two] + 1] = False
            free[1 - mine][r[used_two], s[used_two]] = False
        none = np.full(len(best), -1, dtype=np.int64)
        entry = Aligned(
            r, np.where(is_left, t, s), np.where(is_left, s, t), np.where(is_left, t + 1, none),
            np.where(is_left, none, t + 1), level[best], np.full(len(best), CROSSED), rarity[best], bits[best],
        )  # fmt: skip
        out = gathered([out, entry])
    return out


class Joins(NamedTuple):
    """Two neighbouring places of one name, the first being `two`, that may stand for a `single` one of the other."""

    row: Ints
    two: Ints
    single: Ints
    level: Ints
    rarity: Floats
    bits: Floats


def join_options(tokens: Tokens, a: Ints, b: Ints, value: Floats, level: Ints, table: Table) -> Joins:
    """Return the joins that beat what they replace."""
    rows, twos, singles = [], [], []
    letters = tokens.letters
    size = tokens.sounds
    lone: npt.NDArray[np.bool_] = np.logical_not(
        np.any(np.isin(level, MATCHED), axis=1)
    )  # nothing stands for it yet
    for i in range(a.shape[1] - 1):
        for j in range(b.shape[1]):
            found = np.flatnonzero(lone[:, j])
            one, two, whole = a[found, i], a[found, i + 1], b[found, j]
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
    first, second, whole = a[row, two], a[row, two + 1], b[row, single]
    likeness, cross = joined_likeness(tokens, first, second, whole)
    rarity = tokens.rarity[whole]
    level = np.where(likeness > 0.99, np.where(cross, CROSS_SCRIPT, SAME), Tokens.steps(likeness, cross))
    bits = token_values(level, np.full(len(row), CROSSED), rarity, table)
    instead = np.maximum(value[row, two].max(axis=1), value[row, two + 1].max(axis=1))
    better = (likeness >= JOINED_LIKENESS) & (bits > instead)
    return Joins(row[better], two[better], single[better], level[better], rarity[better], bits[better])


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
