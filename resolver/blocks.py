"""Names -> keys that are equal in every list: what the store keeps to find the names that a new one may be.

`candidates` decides which pairs are compared and numbers tokens list by list; the keys here only have to bring together
all names that it could want, out of many more, so they are fewer and wider. Refuses to know: scores, the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from resolver.columns import columns_of_names
from resolver.keys import Places, mixed
from resolver.model import Kind, Name, Role
from resolver.skeletons import ends, starts

__all__ = ["ALONE", "NARROW", "WIDE", "group_number", "name_keys"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

WORDS, SOUND, ONLY, BEGINNING, END, BOTH, WORD, INITIAL, SPELLED, TEXT, FIRST, ACRONYM = range(1, 13)
WIDE = frozenset(range(1, 13)) - {WORD}  # kinds of keys that a new name is looked up by
NARROW = WIDE - {WORDS, SOUND, ONLY}  # among very many names: those that find few
ALONE = frozenset({WORD})  # the same, if few names have the word
SMALL_WORDS = frozenset("of the and for de la des du".split())


def group_number(name: Name) -> int:
    """Return a number in [0, 2^63) that is equal for spellings that are one name."""
    parts = (str(name.kind), name.folded or name.surface, *name.having(Role.GENERATION))
    return (
        int.from_bytes(
            hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        )
        >> 1
    )


def name_keys(names: Sequence[Name], kinds: Collection[int] | None = None) -> tuple[Ints, Keys]:
    """Return (place in `names`, key) of each key of each name.

    Args:
        names: The names.
        kinds: The kinds of keys by which other names are to be found; None for the keys to be stored.
    """
    people = np.array([at for at, name in enumerate(names) if name.kind == Kind.PER], dtype=np.int64)
    rows, keys = [np.array([], dtype=np.int64)], [np.array([], dtype=np.uint32)]
    if len(people):
        for kind, row, key in person_keys([names[at] for at in people.tolist()], asked=kinds is not None):
            if kinds is None or kind in kinds:
                rows.append(people[row])
                keys.append((key >> np.uint64(32)).astype(np.uint32))
    others = names if kinds is None or TEXT in kinds else ()
    plain = [(at, key) for at, name in enumerate(others) if name.kind != Kind.PER for key in plain_keys(name)]
    rows.append(np.array([at for at, _ in plain], dtype=np.int64))
    keys.append(np.array([key for _, key in plain], dtype=np.uint32))
    codes = np.unique(np.concatenate(rows) << 32 | np.concatenate(keys).astype(np.int64))
    return codes >> 32, (codes & 0xFFFFFFFF).astype(np.uint32)


def person_keys(names: Sequence[Name], *, asked: bool) -> Iterator[tuple[int, Ints, npt.NDArray[np.uint64]]]:
    """Yield (kind of key, name, key).

    A word's sound with the first sound of another; the starts of two; a sound alone; a word with the first or last
    sounds of another; the sounds of two words; a word alone; a word's sound with a letter. A name that is looked up
    (`asked`) with a spelled word wants one with an initial in its place, and the other way round.
    """
    columns = columns_of_names(names)
    places = Places(columns)
    sound, zero = places.skeleton, np.zeros(1, dtype=np.int64)
    word = np.array([hashed(WORD, Kind.PER, text) for text in columns.vocabulary], dtype=np.int64)
    row, one, other = places.pairs(both=True)
    first = places.first[other]
    yield WORDS, row, salted(WORDS, sound[one], starts(sound, 1)[other])
    yield BEGINNING, row, salted(BEGINNING, word[one], starts(sound, 2)[other])
    yield END, row, salted(END, word[one], ends(sound, places.length, 2)[other])
    yield INITIAL, row, salted(INITIAL if asked else SPELLED, starts(sound, 5)[one], first)
    row, one, other = places.pairs(both=False)
    a, b = starts(sound, 3)[one], starts(sound, 3)[other]
    yield SOUND, row, salted(SOUND, np.minimum(a, b), np.maximum(a, b))
    yield BOTH, row, salted(BOTH, np.minimum(sound[one], sound[other]), np.maximum(sound[one], sound[other]))
    row, place = np.nonzero(places.token >= 0)
    token = places.token[row, place]
    yield ONLY, row, salted(ONLY, sound[token], np.broadcast_to(zero, len(token)))
    yield WORD, row, salted(WORD, word[token], np.broadcast_to(zero, len(token)))
    short, letter = places.initials
    for at in range(places.token.shape[1]):
        has = places.token[short, at] >= 0
        start = starts(sound, 5)[places.token[short[has], at]]
        for salt in (INITIAL, SPELLED) if asked else (INITIAL,):
            yield salt, short[has], salted(salt, start, places.first[letter[has]])


def salted(salt: int, *parts: Ints) -> npt.NDArray[np.uint64]:
    """Return numbers as one hash each, another one for each kind of key."""
    return mixed(np.full(len(parts[0]), salt, dtype=np.int64), *parts)


def plain_keys(name: Name) -> set[int]:
    """Return the keys of an organisation or place: the start of the text, the first word, the acronym."""
    words = name.folded.split()
    if not words:
        return set()
    out = {hashed(TEXT, name.kind, name.folded.replace(" ", "")[:12]), hashed(FIRST, name.kind, words[0])}
    if len(words) > 2:
        letters = "".join(word[0] for word in words if word not in SMALL_WORDS)
        out.add(hashed(ACRONYM, name.kind, letters))
    if len(words) == 1:
        out.add(hashed(ACRONYM, name.kind, words[0]))
    return out


def hashed(salt: int, kind: Kind, text: str) -> int:
    """Return text as a 32-bit number, another one for each kind of key and entity."""
    return int.from_bytes(
        hashlib.blake2b(f"{salt}{kind}{text}".encode("utf-8", "surrogatepass"), digest_size=4).digest()
    )
