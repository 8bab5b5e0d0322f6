"""Two neighbouring tokens of one name that stand for one token of the other: "Abdul Rahman", "Abdulrahman"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.scores.levels import gains
from resolver.scores.tokens import CROSS_SCRIPT, FIRST_STEP, INITIAL, LEVELS, SAME, Tokens, instead
from resolver.spelling import alignment_bits, costs

__all__ = ["JOINS", "Joins", "best_joins", "join_options"]

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.integer]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

JOINED_LIKENESS = 0.7  # from which two tokens of one name may stand for one of the other
SHORTEST_JOINED = 4  # symbols
JOINED_LETTERS = 3  # that only one of the two has; likeness below `JOINED_LIKENESS` almost always has more
JOINED_SOUNDS = 2  # the same
JOINED_SYMBOLS = 2  # by which the two sides may differ in length
JOINS = 2  # of one pair


class Joins(NamedTuple):
    """Two neighbouring places of one name, the first being `two`, that may stand for a `single` one of the other.

    `row` is the pair; `is_left` says whether the two are the left name's.
    """

    row: Ints
    two: Ints
    single: Ints
    level: Bytes
    rarity: Bytes
    gain: Numbers
    is_left: Flags

    def pick(self, rows: Ints) -> Joins:
        """Return some of the joins."""
        return Joins._make(column[rows] for column in self)


def matched_levels() -> Flags:
    """Return the levels at which a token has a partner that no join may take."""
    out = np.zeros(len(LEVELS), dtype=bool)
    out[:INITIAL] = out[FIRST_STEP : FIRST_STEP + 3] = out[CROSS_SCRIPT : CROSS_SCRIPT + 3] = True
    return out


MATCHED = matched_levels()


def join_options(tokens: Tokens, a: Numbers, b: Numbers, level: Bytes, value: Numbers) -> Joins:
    """Return the joins of pairs of names (token numbers by place) that beat what they replace."""
    one, other = facts_of(tokens, a), facts_of(tokens, b)
    turned = level.transpose(1, 0, 2), value.transpose(1, 0, 2)
    mine = [options_of(tokens, (a, b), (one, other), level, value)]
    theirs = [options_of(tokens, (b, a), (other, one), *turned)]
    for variant in tokens.variants:
        mine += respelled_options(tokens, (a, b), variant, one, level, value)
        theirs += respelled_options(tokens, (b, a), variant, other, *turned)
    joins = Joins(
        *(np.concatenate([*map(np.asarray, column)]) for column in zip(*mine, *theirs, strict=True))
    )
    return joins._replace(is_left=np.arange(len(joins.row)) < sum(len(part.row) for part in mine))


def respelled_options(
    tokens: Tokens, sides: tuple[Numbers, Numbers], variant: Ints, facts: Facts, level: Bytes, value: Numbers
) -> list[Joins]:
    """Return the joins of two tokens of the first side for another spelling of the second side's."""
    a, b = sides
    has = np.flatnonzero((variant[b] >= 0).any(axis=0))
    if not len(has):
        return []
    a, b, level, value = a[..., has], b[..., has], level[..., has], value[..., has]
    spelled = instead(variant, b)
    facts = Facts._make(column[..., has] for column in facts)
    joins = options_of(tokens, (a, spelled), (facts, facts_of(tokens, spelled)), level, value)
    here = joins.single, joins.row
    across = tokens.script[a[joins.two, joins.row]] != tokens.script[b[here]]
    joins = joins._replace(row=has[joins.row], level=across_scripts(joins.level))
    return [joins.pick(np.flatnonzero(across & (spelled[here] != b[here])))]


def across_scripts(level: Bytes) -> Bytes:
    """Return levels of likeness as those of tokens of two scripts."""
    step = np.where(level < FIRST_STEP, 0, level - FIRST_STEP).astype(np.uint8)
    out: Bytes = np.where(level < CROSS_SCRIPT, step + np.uint8(CROSS_SCRIPT), level)
    return out


class Facts(NamedTuple):
    """What tokens at the places of names have: symbols, class of the first, whether more than one, sounds as bits."""

    size: npt.NDArray[np.int8]
    first: Ints
    spelled: Flags
    sounds: npt.NDArray[np.uint32]


def facts_of(tokens: Tokens, numbers: Numbers) -> Facts:
    """Return the facts of tokens."""
    facts = tokens.sounds, tokens.first, tokens.length > 1, tokens.sound_set
    return Facts._make(column[numbers] for column in facts)


def options_of(
    tokens: Tokens, sides: tuple[Numbers, Numbers], facts: Sequence[Facts], level: Bytes, value: Numbers
) -> Joins:
    """Return the joins of two tokens of the first side."""
    a, b = sides
    mine, theirs = facts
    fits = (mine.first[:-1, None] == theirs.first[None]) & (mine.spelled[:-1] & mine.spelled[1:])[:, None]
    unlike = np.bitwise_count((mine.sounds[:-1] | mine.sounds[1:])[:, None] ^ theirs.sounds[None])
    fits &= (unlike <= JOINED_SOUNDS) & (theirs.size >= SHORTEST_JOINED)[None]
    two, single, row = np.nonzero(fits)
    extra = np.abs(mine.size[two, row] + mine.size[two + 1, row] - theirs.size[single, row])
    lone = ~MATCHED[level[:, single, row]].any(axis=0)  # nothing stands for it yet
    near = np.flatnonzero((extra <= JOINED_SYMBOLS) & lone)
    two, single, row = two[near], single[near], row[near]
    first, second, whole = a[two, row], a[two + 1, row], b[single, row]
    letters = tokens.letters
    unlike = np.bitwise_count((letters[first] | letters[second]) ^ letters[whole])
    near = np.flatnonzero(unlike <= JOINED_LETTERS)
    two, single, row = two[near], single[near], row[near]
    first, second, whole = first[near], second[near], whole[near]
    likeness, cross = joined_likeness(tokens, first, second, whole)
    rarity = tokens.rarity[whole]
    found = np.where(likeness > 0.99, np.where(cross, CROSS_SCRIPT, SAME), Tokens.steps(likeness, cross))
    found = found.astype(np.uint8)
    gain = gains(found, rarity)
    replaced = np.maximum(value[two, :, row].max(axis=1), value[two + 1, :, row].max(axis=1))
    better = np.flatnonzero((likeness >= JOINED_LIKENESS) & (gain > replaced))
    return Joins(row, two, single, found, rarity, gain, np.ones(len(row), dtype=bool)).pick(better)


def best_joins(joins: Joins, free_a: Flags, free_b: Flags) -> Iterator[Joins]:
    """Yield the best join of each pair, then the next best of each; the tokens that they take are marked as used."""
    free = (free_b, free_a)
    for _ in range(JOINS):
        open_ = np.zeros(len(joins.row), dtype=bool)
        for mine in (0, 1):
            here = np.flatnonzero(joins.is_left == bool(mine))
            row, two = joins.row[here], joins.two[here]
            open_[here] = free[mine][two, row] & free[mine][two + 1, row]
            open_[here] &= free[1 - mine][joins.single[here], row]
        usable = joins.pick(np.flatnonzero(open_))
        order = np.lexsort((usable.single, usable.two, -usable.gain, usable.row))
        best = usable.pick(order[np.diff(usable.row[order], prepend=-1) != 0])
        for mine in (0, 1):
            row, two, single = (c[best.is_left == bool(mine)] for c in (best.row, best.two, best.single))
            free[mine][two, row] = free[mine][two + 1, row] = False
            free[1 - mine][single, row] = False
        yield best


def joined_likeness(
    tokens: Tokens, first: Numbers, second: Numbers, whole: Numbers
) -> tuple[npt.NDArray[np.float32], Flags]:
    """Return the likeness of two tokens written together to a third, and whether scripts differ."""
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
