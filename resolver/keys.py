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
import pyarrow as pa
import pyarrow.compute as pc

from resolver.columns import INITIAL, PARTICLE, NameColumns
from resolver.model import Kind
from resolver.skeletons import CLASSES, ends, letter_sets, skeletons, starts

__all__ = ["KEY_NAMES", "PLACES", "Entries", "mixed", "person_keys", "plain_sound_keys", "sound_keys"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

KEY_NAMES = (
    "token and start of another", "token and end of another", "sounds of two tokens", "starts of two tokens",
    "sound and initial", "rare token", "sound of a token", "token and first sound", "misspelt token",
)  # fmt: skip
PLACES = 4  # spelled tokens of a name that make keys: of 115k people in Wikidata 4 % have more
RARE = 4  # names that a token may be in to be a key alone, in a long list
MOST_OTHER_LETTERS = 4  # letters that only one of two tokens may have; a substitution makes two
MOST_LETTERS_OF_TWO = 5


class Entries(NamedTuple):
    """One key of many names.

    Names whose `key` is equal meet, nearest first by `order`. `rest` are letters as bits, of which at most `most` may
    differ; of two entries that meet one has to be in `must`, and two that are equal in `told` meet under another key.
    """

    name: str
    row: Ints
    key: Keys
    order: Ints | None = None
    rest: npt.NDArray[np.uint32] | None = None
    most: int = MOST_OTHER_LETTERS
    must: npt.NDArray[np.bool_] | None = None
    told: Ints | None = None


def mixed(*parts: Ints) -> Keys:
    """Return numbers as one hash each."""
    out = np.full(len(parts[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for part in parts:
        out ^= part.astype(np.uint64)
        out *= np.uint64(0xBF58476D1CE4E5B9)
        out ^= out >> np.uint64(29)
    return out


def by_sound(skeleton: Ints) -> Ints:
    """Return numbers that order the entries of a block by sound."""
    return skeleton >> np.int64(32)


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


def person_keys(
    places: Places, vocabulary: Sequence[str], *, narrow: bool, misspelt: bool = False
) -> Iterator[Entries]:
    """Yield the keys of people's names, one after the other so that few are held at once.

    Args:
        places: The tokens of the names.
        vocabulary: The tokens that numbers refer to.
        narrow: Whether to make only keys of two parts and of rare tokens, for long lists.
        misspelt: Whether names with misspelt tokens meet elsewhere (`edits`), so that a narrow list needs fewer keys.
    """
    skeleton = places.skeleton
    if narrow:
        yield from narrow_keys(places, vocabulary, misspelt=misspelt)
        return
    row, one, other = places.pairs(both=True)
    for name, part in (
        (KEY_NAMES[0], starts(skeleton, 2)),
        (KEY_NAMES[1], ends(skeleton, places.length, 2) + (1 << 20)),
        (KEY_NAMES[7], starts(skeleton, 1)),
    ):
        yield Entries(name, row, mixed(one, part[other]), by_sound(skeleton[other]))
    yield initials(places, (row, one, other), starts(skeleton, 5))
    row, one, other = places.pairs(both=False)
    for name, size in ((KEY_NAMES[2], CLASSES), (KEY_NAMES[3], 3)):
        order = by_sound(np.minimum(skeleton[one], skeleton[other]))
        yield Entries(name, row, both_sounds(starts(skeleton, size), one, other), order)
    row, place = np.nonzero(places.token >= 0)
    token = places.token[row, place]
    yield Entries(KEY_NAMES[5], row, mixed(token))
    yield Entries(KEY_NAMES[6], row, mixed(skeleton[token]))


def narrow_keys(places: Places, vocabulary: Sequence[str], *, misspelt: bool) -> Iterator[Entries]:
    """Yield the keys for long lists: each block is small, its entries in alphabetical order of what may differ."""
    skeleton, letters = places.skeleton, places.letters
    forward = rank(vocabulary)
    if not misspelt:
        row, one, other = places.pairs(both=True)
        backward = rank([text[::-1] for text in vocabulary])
        start, end = starts(skeleton, 2)[other], ends(skeleton, places.length, 2)[other] + (1 << 20)
        rest, told = letters[other], skeleton[other]
        yield Entries(KEY_NAMES[0], row, mixed(one, start), forward[other], rest, told=told)
        yield Entries(KEY_NAMES[1], row, mixed(one, end), backward[other], rest, told=start)
        yield initials(places, (row, one, other), np.arange(len(letters)))
    row, one, other = places.pairs(both=False)
    order = forward[np.where(skeleton[one] < skeleton[other], one, other)]
    key = both_sounds(skeleton, one, other)
    yield Entries(KEY_NAMES[2], row, key, order, letters[one] | letters[other], most=MOST_LETTERS_OF_TWO)
    row, place = np.nonzero(places.token >= 0)
    token = places.token[row, place]
    rare = places.count[token] <= RARE
    yield Entries(KEY_NAMES[5], row[rare], mixed(token[rare]))


def rank(texts: Sequence[str]) -> Ints:
    """Return the place of each text in alphabetical order."""
    out = np.empty(len(texts), dtype=np.int64)
    out[pc.sort_indices(pa.array(texts, pa.string())).to_numpy()] = np.arange(len(texts))
    return out


def both_sounds(sound: Ints, one: Ints, other: Ints) -> Keys:
    """Return a key for the sounds of two tokens in any order."""
    a, b = sound[one], sound[other]
    return mixed(np.minimum(a, b), np.maximum(a, b))


def initials(places: Places, pairs: tuple[Ints, Ints, Ints], part: Ints) -> Entries:
    """Return a part of a token with the first letter of another; one of two names has an initial."""
    short = places.initials
    row, one, other = pairs
    out = [(row, one, places.first[other])]
    for place in range(PLACES):
        has = places.token[short[0], place] >= 0
        out.append((short[0][has], places.token[short[0][has], place], places.first[short[1][has]]))
    name, token, first = (np.concatenate(column) for column in zip(*out, strict=True))
    key, order = mixed(part[token], first), by_sound(places.skeleton[token] << 20)
    must = places.has_initial[name]
    return Entries(KEY_NAMES[4], name, key, order, places.letters[token], most=2, must=must)


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
