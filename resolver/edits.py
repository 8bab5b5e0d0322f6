"""Names of a long list -> pairs with a misspelt token: one letter apart, and another token of like sound or initial.

Distinct tokens that are equal once a letter is taken out of either (or of one) are one edit apart. One of the two is
rare, as misspelt tokens are, so the rare ones look the others up; what they find is joined with the names through the
sound of a second token. Refuses to know: scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.keys import RARE, Places
from resolver.skeletons import BITS, WIDTH, letters_of, starts
from resolver.sorting import numbered, order_of

__all__ = ["misspelt_pairs"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

SHORTEST = 4  # letters of a token that may be misspelt
WINDOW = 30  # tokens that one is compared with which are equal without a letter
MOST_NEAR = 6  # of the pairs of tokens for each token of the list: bounds the memory
MOST_NAMES = 50
PIECE = 1_000_000  # look-ups done at once
ODD = np.uint64(0x9E3779B97F4A7C15)
FILTER_BITS = 25
FIRST_SOUNDS = 1 << BITS


class Near(NamedTuple):
    """Pairs of tokens one edit apart, both ways, in order; those of a token start at `start[token]`."""

    start: Ints
    other: Ints


def deletions(vocabulary: Sequence[str]) -> tuple[Ints, Ints]:
    """Return (hash, token) of each token as it is and without each of its letters, in the order of the hashes."""
    letters = letters_of(vocabulary).astype(np.uint64)
    size = np.fromiter(map(len, vocabulary), dtype=np.int64, count=len(vocabulary))
    fit = np.flatnonzero((size >= SHORTEST) & (size == (letters > 0).sum(axis=1)))
    letters, size = letters[fit], size[fit]
    power = np.cumprod(np.full(WIDTH, ODD, dtype=np.uint64))
    none = np.zeros((len(fit), 1), dtype=np.uint64)
    before = np.concatenate([none, np.cumsum(letters * power, axis=1)], axis=1)
    moved = letters[:, 1:] * power[:-1]
    after = np.concatenate([np.cumsum(moved[:, ::-1], axis=1)[:, ::-1], none], axis=1)
    hashes, tokens = [before[:, -1]], [fit]
    for at in range(WIDTH):
        has = size > at
        if at:
            has &= letters[:, at] != letters[:, at - 1]
        hashes.append(before[has, at] + after[has, at])
        tokens.append(fit[has])
    token = np.concatenate(tokens)
    bits = np.uint64(len(token).bit_length() + 1)
    hashed, order = order_of((np.concatenate(hashes) * ODD >> bits).astype(np.int64))
    return hashed, token[order]


def near_tokens(vocabulary: Sequence[str], rare: npt.NDArray[np.bool_]) -> tuple[Near, int]:
    """Return the tokens one edit from each, one of the two being rare, and how many were left out."""
    count = len(vocabulary)
    hashed, token = deletions(vocabulary)
    alive, found = np.arange(len(hashed)), [np.empty(0, dtype=np.int64)]
    room = MOST_NEAR * count
    for step in range(1, WINDOW + 1):
        alive = alive[alive + step < len(hashed)]
        alive = alive[hashed[alive] == hashed[alive + step]]
        if not len(alive) or room < 0:
            break
        one, other = token[alive], token[alive + step]
        use = (rare[one] | rare[other]) & (one != other)
        found += [one[use] * count + other[use], other[use] * count + one[use]]
        room -= int(use.sum())
    codes = np.concatenate(found)
    codes.sort()
    one, other = np.divmod(codes[np.diff(codes, prepend=-1) != 0], max(1, count))
    return Near(np.searchsorted(one, np.arange(count + 1)), other), len(alive)


class Index:
    """Names by a token and the sound of another: `token * sounds + sound`, so that first sounds are ranges.

    Args:
        token: A token of each entry.
        sound: The place of the other token's skeleton among all of them.
        sounds: How many skeletons there are.
    """

    def __init__(self, token: Ints, sound: Ints, sounds: int) -> None:
        self.sounds = sounds
        self.key, self.order = order_of(token * sounds + sound)
        self.seen = np.zeros(1 << FILTER_BITS, dtype=bool)  # look-ups that may find something
        self.seen[filtered(self.key)] = True

    def look_up(self, low: Ints, high: Ints) -> tuple[Ints, Ints, int]:
        """Return (query, entry) of the entries in [low, high), at most `MOST_NAMES` each, and how many had more."""
        first = np.searchsorted(self.key, low)
        size = np.searchsorted(self.key, high) - first
        more = int((size > MOST_NAMES).sum())
        size = np.minimum(size, MOST_NAMES)
        query = np.repeat(np.arange(len(low)), size)
        place = np.arange(len(query)) - np.repeat(np.cumsum(size) - size, size) + first[query]
        return query, self.order[place], more


def filtered(keys: Ints) -> Ints:
    """Return the places of keys in a table that says which there may be."""
    return (keys.astype(np.uint64) * ODD >> np.uint64(64 - FILTER_BITS)).astype(np.int64)


def misspelt_pairs(places: Places, vocabulary: Sequence[str]) -> Iterator[tuple[Ints, Ints, int]]:
    """Yield (name, name, how many found more than they are paired with) of names with tokens one edit apart."""
    rare = places.count <= RARE
    near, cut = near_tokens(vocabulary, rare)
    degree = np.diff(near.start)
    yield np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), cut
    short, letter, token = initials(places)
    row, one, other = (
        np.concatenate(columns)
        for columns in zip(places.pairs(both=True), (short, letter, token), strict=True)
    )
    distinct, sound = numbered(places.skeleton)
    index = Index(other, sound[one], len(distinct))
    entries = np.flatnonzero(rare[other] & (degree[other] > 0))
    for chosen in pieces(entries, degree[other[entries]]):
        entry, mine = spread(chosen, other[chosen], near)
        low = mine * len(distinct) + sound[one[entry]]
        hopeful = index.seen[filtered(low)]
        low, entry = low[hopeful], entry[hopeful]
        query, met, more = index.look_up(low, low + 1)
        yield row[entry[query]], row[met], more
    bound = np.searchsorted(starts(distinct, 1), np.arange(FIRST_SOUNDS + 1))
    met_first = np.zeros(len(vocabulary) * FIRST_SOUNDS, dtype=bool)
    met_first[other * FIRST_SOUNDS + starts(places.skeleton, 1)[one]] = True
    sound_of = starts(places.skeleton[letter], 1)
    for chosen in pieces(np.arange(len(short)), degree[token] + 1):
        entry, mine = spread(chosen, token[chosen], near)
        entry, mine = np.r_[chosen, entry], np.r_[token[chosen], mine]
        initial = sound_of[entry]
        hopeful = met_first[mine * FIRST_SOUNDS + initial]
        entry, base, initial = entry[hopeful], mine[hopeful] * len(distinct), initial[hopeful]
        query, met, more = index.look_up(base + bound[initial], base + bound[initial + 1])
        alike = places.first[letter[entry[query]]] == places.first[one[met]]
        yield short[entry[query[alike]]], row[met[alike]], more


def initials(places: Places) -> tuple[Ints, Ints, Ints]:
    """Return (name, its initial, a spelled token of it)."""
    row, letter = places.initials
    held = [
        (row[has], letter[has], places.token[row[has], at])
        for at, has in enumerate((places.token[row] >= 0).T)
    ]
    name, initial, token = (np.concatenate(column) for column in zip(*held, strict=True))
    return name, initial, token


def pieces(entries: Ints, size: Ints) -> Iterator[Ints]:
    """Yield entries in pieces of about `PIECE` look-ups."""
    number = np.cumsum(size) // PIECE
    for piece in np.split(entries, np.flatnonzero(np.diff(number)) + 1):
        if len(piece):
            yield piece


def spread(entries: Ints, tokens: Ints, near: Near) -> tuple[Ints, Ints]:
    """Return (entry, a token near its own) for each of them."""
    size = near.start[tokens + 1] - near.start[tokens]
    owner = np.repeat(np.arange(len(entries)), size)
    place = np.arange(len(owner)) - (np.cumsum(size) - size)[owner] + near.start[tokens][owner]
    return entries[owner], near.other[place]
