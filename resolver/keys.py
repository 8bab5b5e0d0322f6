"""Columns of people's names -> columns of candidate keys.

A name with a shared exact token and a like beginning or end of another one, with two tokens of like sound, with an
initial and a like surname, with a rare token, with a nickname's root: each is a key. Every key says how the rest of the
two names is checked at no cost (letters that only one of them has).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import INITIAL, PARTICLE, NameColumns
from resolver.model import Kind
from resolver.skeletons import CLASSES, ends, letter_sets, one_less, skeletons, starts

__all__ = ["KEY_NAMES", "Entries", "person_keys", "plain_sound_keys", "sound_keys"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

KEY_NAMES = (
    "token and start of another", "token and end of another", "sounds of two tokens", "starts of two tokens",
    "sound and initial", "rare token", "sound of a token", "token and first sound",
    "sound of a token and one sound off",
)  # fmt: skip
PLACES = 4  # spelled tokens of a name that make keys: of 115k people in Wikidata 4 % have more
RARE = 4  # names that a token may be in to be a key alone, in a long list
INSIDE = 24  # low bits of a key that only order the entries of one block
MOST_OTHER_LETTERS = 3  # letters that only one of two tokens may have; a substitution makes two
MOST_LETTERS_OF_TWO = 5


class Entries(NamedTuple):
    """One key of many names.

    `key` is equal above its `inside` low bits for names that meet; `rest` are letters as bits, of which at most
    `most` may differ; of two entries that meet one has to be in `must`.
    """

    name: str
    row: Ints
    key: Keys
    inside: int = INSIDE
    rest: npt.NDArray[np.uint32] | None = None
    most: int = MOST_OTHER_LETTERS
    must: npt.NDArray[np.bool_] | None = None


def mixed(*parts: Ints) -> Keys:
    """Return numbers as one hash each."""
    out = np.full(len(parts[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for part in parts:
        out ^= part.astype(np.uint64)
        out *= np.uint64(0xBF58476D1CE4E5B9)
        out ^= out >> np.uint64(29)
    return out


def ordered_by(key: Keys, skeleton: Ints) -> Keys:
    """Return keys whose low bits order a block by sound."""
    low = (skeleton >> np.int64(32)).astype(np.uint64) & np.uint64((1 << INSIDE) - 1)
    return (key & ~np.uint64((1 << INSIDE) - 1)) | low


class Places:
    """The spelled tokens of names in their first `PLACES` places, and what keys are made of."""

    def __init__(self, columns: NameColumns) -> None:
        vocabulary = columns.vocabulary
        self.skeleton, self.length = skeletons(vocabulary)
        self.letters = letter_sets(vocabulary)
        self.first = np.fromiter((ord(text[0]) for text in vocabulary), dtype=np.int64, count=len(vocabulary))
        size = np.fromiter(map(len, vocabulary), dtype=np.int64, count=len(vocabulary))
        spelled = (columns.token >= 0) & (columns.role != PARTICLE) & (columns.role != INITIAL)
        spelled[spelled] &= size[columns.token[spelled]] > 1
        at = np.cumsum(spelled, axis=1) - 1
        row, place = np.nonzero(spelled & (at < PLACES))
        self.token = np.full((len(columns), PLACES), -1, dtype=np.int64)
        self.token[row, at[row, place]] = columns.token[row, place]
        self.count = np.bincount(self.token[self.token >= 0], minlength=max(1, len(vocabulary)))
        row, place = np.nonzero((columns.role == INITIAL) & (columns.token >= 0))
        self.initials = row, columns.token[row, place].astype(np.int64)
        self.has_initial = np.zeros(len(columns), dtype=bool)
        self.has_initial[row] = True

    def pairs(self, *, both: bool) -> tuple[Ints, Ints, Ints]:
        """Return (name, token, another token of it); each pair of places once, in both orders if `both`."""
        out = []
        for i in range(PLACES):
            for j in range(PLACES):
                if i < j or (both and i > j):
                    rows = np.flatnonzero((self.token[:, i] >= 0) & (self.token[:, j] >= 0))
                    out.append((rows, self.token[rows, i], self.token[rows, j]))
        row, one, other = (np.concatenate(column) for column in zip(*out, strict=True))
        return row, one, other


def person_keys(columns: NameColumns, *, narrow: bool) -> Iterator[Entries]:
    """Yield the keys of people's names, one after the other so that few are held at once.

    Args:
        columns: The names.
        narrow: Whether to make only keys of two parts and of rare tokens, for long lists.
    """
    places = Places(columns)
    skeleton, letters = places.skeleton, places.letters
    row, one, other = places.pairs(both=True)
    if narrow:
        yield near_tokens(places, row, one, other)
    else:
        for name, part in (
            (KEY_NAMES[0], starts(skeleton, 2)),
            (KEY_NAMES[1], ends(skeleton, places.length, 2) + (1 << 20)),
            (KEY_NAMES[7], starts(skeleton, 1)),
        ):
            yield Entries(name, row, ordered_by(mixed(one, part[other]), skeleton[other]))
    yield from initials(places, row, one, other)
    row, one, other = places.pairs(both=False)
    both = letters[one] | letters[other]
    for name, places_of_start in (
        ((KEY_NAMES[2], CLASSES),) if narrow else ((KEY_NAMES[2], CLASSES), (KEY_NAMES[3], 3))
    ):
        a, b = starts(skeleton, places_of_start)[one], starts(skeleton, places_of_start)[other]
        key = ordered_by(
            mixed(np.minimum(a, b), np.maximum(a, b)), np.minimum(skeleton[one], skeleton[other])
        )
        yield Entries(name, row, key, rest=both if narrow else None, most=MOST_LETTERS_OF_TWO)
    yield from single(places, narrow=narrow)


def near_tokens(places: Places, row: Ints, one: Ints, other: Ints) -> Entries:
    """Return the sound of a token with every variant of another one's: equal or one sound off."""
    skeleton, letters = places.skeleton, places.letters
    variant, owner = one_less(skeleton, places.length)
    first = np.searchsorted(owner, np.arange(len(letters) + 1))
    size = (first[1:] - first[:-1])[other]
    entry = np.repeat(np.arange(len(row), dtype=np.int32), size)
    start = np.cumsum(size) - size
    place = (
        np.arange(len(entry), dtype=np.int64) - np.repeat(start, size) + np.repeat(first[:-1][other], size)
    )
    key = mixed(skeleton[one[entry]], variant[place])
    return Entries(KEY_NAMES[8], row[entry], key, inside=0, rest=letters[other[entry]])


def initials(places: Places, row: Ints, one: Ints, other: Ints) -> Iterator[Entries]:
    """Yield the sound of a token with the first letter of another; one of the two names has an initial."""
    short = places.initials
    out = [(row, one, places.first[other])]
    for place in range(PLACES):
        has = places.token[short[0], place] >= 0
        out.append((short[0][has], places.token[short[0][has], place], places.first[short[1][has]]))
    name, token, first = (np.concatenate(column) for column in zip(*out, strict=True))
    key = ordered_by(mixed(starts(places.skeleton, 5)[token], first), places.skeleton[token] << 20)
    yield Entries(KEY_NAMES[4], name, key, rest=places.letters[token], most=2, must=places.has_initial[name])


def single(places: Places, *, narrow: bool) -> Iterator[Entries]:
    """Yield keys of one token: a rare one, or any token and its sound in a short list."""
    row, place = np.nonzero(places.token >= 0)
    token = places.token[row, place]
    if narrow:
        rare = places.count[token] <= RARE
        yield Entries(KEY_NAMES[5], row[rare], mixed(token[rare]))
        return
    yield Entries(KEY_NAMES[5], row, mixed(token))
    yield Entries(KEY_NAMES[6], row, mixed(places.skeleton[token]))


def sound_keys(columns: NameColumns) -> tuple[Ints, Keys]:
    """Return (name, key) of the sounds of two tokens, one whole and the start of the other: equal in every list.

    A name of one token has the sound of that token as its key.
    """
    places = Places(columns)
    row, one, other = places.pairs(both=True)
    two = mixed(places.skeleton[one], starts(places.skeleton, 2)[other])
    alone = np.flatnonzero((places.token >= 0).sum(axis=1) == 1)
    token = places.token[alone].max(axis=1)
    keys = np.concatenate([two, mixed(places.skeleton[token])])
    return np.concatenate([row, alone]), keys


def plain_sound_keys(folded: Sequence[str], kind: Kind) -> Keys:
    """Return one key for the sound of each name of an organisation or place, spaces aside."""
    skeleton, _ = skeletons([text.replace(" ", "") for text in folded])
    return mixed(skeleton, np.full(len(folded), 1 + list(Kind).index(kind), dtype=np.int64))
