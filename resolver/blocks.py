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

__all__ = ["ALL", "ALONE", "NARROW", "group_number", "name_keys"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint32]

WORDS, BEGINNING, END, SOUND, ONLY, LETTER, TEXT, FIRST, ACRONYM = range(1, 10)
ALL = frozenset(range(1, 10))
NARROW = ALL - {WORDS, SOUND, ONLY}  # kinds of keys that find few names among very many
ALONE = frozenset({ONLY})
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


def name_keys(names: Sequence[Name], kinds_of_key: Collection[int] = ALL) -> tuple[Ints, Keys]:
    """Return (place in `names`, key) of each key of each name, or of some kinds of keys only."""
    people = np.array([at for at, name in enumerate(names) if name.kind == Kind.PER], dtype=np.int64)
    rows, keys = [], []
    if len(people):
        for kind_of_key, row, key in person_keys([names[at] for at in people.tolist()]):
            if kind_of_key not in kinds_of_key:
                continue
            rows.append(people[row])
            keys.append((key >> np.uint64(32)).astype(np.uint32))
    others = names if TEXT in kinds_of_key else ()
    plain = [(at, key) for at, name in enumerate(others) if name.kind != Kind.PER for key in plain_keys(name)]
    rows.append(np.array([at for at, _ in plain], dtype=np.int64))
    keys.append(np.array([key for _, key in plain], dtype=np.uint32))
    codes = np.unique(np.concatenate(rows) << 32 | np.concatenate(keys).astype(np.int64))
    return codes >> 32, (codes & 0xFFFFFFFF).astype(np.uint32)


def person_keys(names: Sequence[Name]) -> Iterator[tuple[int, Ints, npt.NDArray[np.uint64]]]:
    """Yield (kind of key, name, key): a word's sound with an end of another, starts of two, a word alone, an initial."""
    places = Places(columns_of_names(names))
    sound = places.skeleton
    row, one, other = places.pairs(both=True)
    yield WORDS, row, salted(WORDS, sound[one], starts(sound, 1)[other])
    yield BEGINNING, row, salted(BEGINNING, sound[one], starts(sound, 2)[other])
    yield END, row, salted(END, sound[one], ends(sound, places.length, 2)[other])
    row, one, other = places.pairs(both=False)
    a, b = starts(sound, 3)[one], starts(sound, 3)[other]
    yield SOUND, row, salted(SOUND, np.minimum(a, b), np.maximum(a, b))
    row, place = np.nonzero(places.token >= 0)
    yield ONLY, row, salted(ONLY, sound[places.token[row, place]], np.zeros(len(row), dtype=np.int64))
    short, first = places.initials
    for at in range(places.token.shape[1]):
        has = places.token[short, at] >= 0
        yield (
            LETTER,
            short[has],
            salted(LETTER, sound[places.token[short[has], at]], places.first[first[has]]),
        )
    row, one, other = places.pairs(both=True)
    yield LETTER, row, salted(LETTER, sound[one], places.first[other])


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
