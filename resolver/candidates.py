"""Names -> pairs worth comparing: the union of cheap integer keys, each block windowed, what was cut reported.

A key is made for all names at once: a column of (name, key, what else the name holds). Entries with one key stand
side by side after a sort, those with a similar rest nearest; each is paired with its followers inside a window.
Refuses to know: scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import PARTICLE, NameColumns, columns_of_names
from resolver.keys import KEY_NAMES, Entries, person_keys
from resolver.model import Kind, Name
from resolver.skeletons import letter_sets

__all__ = ["BLOCK_CAP", "Candidates", "candidate_pairs", "candidates_of_columns", "shared_keys"]

Ints = npt.NDArray[np.int64]

BLOCK_CAP = 400  # followers in its block that a name is compared with; in long lists fewer, see `window_of`
SMALLEST_WINDOW = 24
WINDOW_BUDGET = 16_000_000  # names times window
MANY = 50_000  # names from which only the narrow keys are used
MOST_LACKING = 2  # letters of each of two names that the other lacks
MERGE_AT = 12_000_000  # pairs gathered before repeats are removed: bounds the memory
KEY_BITS = 4
PLAIN_KEYS = ("text", "first word", "acronym")
SMALL_WORDS = frozenset("of the and for de la des du".split())


class Candidates(NamedTuple):
    """Pairs of name numbers, left < right, ordered.

    `keys` has a bit for each key (place in `key_names`) that made the pair; `report` says what was capped.
    """

    left: Ints
    right: Ints
    report: list[str]
    keys: npt.NDArray[np.uint16]
    key_names: tuple[str, ...] = KEY_NAMES

    def keys_of(self, pair: int) -> tuple[str, ...]:
        """Return the names of the keys that made a pair."""
        mask = int(self.keys[pair])
        return tuple(name for bit, name in enumerate(self.key_names) if mask >> bit & 1)


def candidate_pairs(
    names: Sequence[Name], *, block_cap: int = BLOCK_CAP, total: int | None = None
) -> Candidates:
    """Return the pairs of names that share a key.

    Args:
        names: Distinct names of one kind.
        block_cap: At most so many followers in its block is a name compared with.
        total: How many names there are of which these are a part: the keys are those of the whole list.
    """
    if names and names[0].kind != Kind.PER:
        return gather(plain_keys(names), len(names), block_cap, PLAIN_KEYS)
    return candidates_of_columns(columns_of_names(names), block_cap=block_cap, total=total)


def candidates_of_columns(
    columns: NameColumns, *, block_cap: int = BLOCK_CAP, total: int | None = None
) -> Candidates:
    """Return the pairs of people's names that share a key; long lists take fewer keys and smaller windows."""
    count = len(columns)
    whole = max(count, total or 0)
    entries = person_keys(columns, narrow=whole > MANY)
    found = gather(entries, count, min(block_cap, window_of(whole)), KEY_NAMES)
    return likely(columns, found) if whole > MANY else found


def likely(columns: NameColumns, found: Candidates) -> Candidates:
    """Return the pairs of which at least one name has few letters that the other one lacks.

    Of 100,000 generated names a quarter of the pairs go, of the pairs of one person that would be linked 0.04 %.
    """
    letters = np.append(letter_sets(columns.vocabulary), np.uint32(0))
    named = (columns.token >= 0) & (columns.role != PARTICLE)
    whole = np.bitwise_or.reduce(letters[np.where(named, columns.token, len(letters) - 1)], axis=1)
    one, other = whole[found.left], whole[found.right]
    lacks = np.minimum(np.bitwise_count(one & ~other), np.bitwise_count(other & ~one))
    kept = np.flatnonzero(lacks <= MOST_LACKING)
    return found._replace(left=found.left[kept], right=found.right[kept], keys=found.keys[kept])


def shared_keys(left: Name, right: Name) -> tuple[str, ...]:
    """Return the names of the candidate keys that two names share; empty if they would never be compared."""
    found = candidate_pairs([left, right])
    return found.keys_of(0) if len(found.left) else ()


def window_of(count: int) -> int:
    """Return how many followers in its block a name of a list is compared with."""
    return int(np.clip(WINDOW_BUDGET // max(1, count), SMALLEST_WINDOW, BLOCK_CAP))


def gather(entries: Iterator[Entries], count: int, window: int, key_names: tuple[str, ...]) -> Candidates:
    """Pair the entries of each key and remove repeats."""
    kept = np.empty(0, dtype=np.int64)
    waiting: list[Ints] = []
    waits = capped = 0
    for entry in entries:
        for codes, cut in paired(entry, count, window):
            waiting.append(codes << KEY_BITS | key_names.index(entry.name))
            waits += len(codes)
            capped += cut
        if waits > MERGE_AT:
            kept = merged([kept, *waiting])
            waiting, waits = [], 0
    kept = merged([kept, *waiting])
    pairs = kept >> KEY_BITS
    new = np.flatnonzero(np.diff(pairs, prepend=-1) != 0)
    bit = np.left_shift(np.uint16(1), (kept & ((1 << KEY_BITS) - 1)).astype(np.uint16))
    keys = np.bitwise_or.reduceat(bit, new) if len(new) else bit
    pairs = pairs[new]
    report = [
        f"{capped:,} names stood in blocks of more than {window:,} and were compared with that many neighbours"
    ]
    left, right = np.divmod(pairs, max(1, count))
    return Candidates(left, right, report if capped else [], keys, key_names)


def merged(parts: Sequence[Ints]) -> Ints:
    """Return codes sorted, each once."""
    codes = np.concatenate(parts)
    codes.sort()
    out: Ints = codes[np.diff(codes, prepend=-1) != 0]
    return out


def paired(entry: Entries, count: int, window: int) -> Iterator[tuple[Ints, int]]:
    """Yield the pairs of entries with one key, and how many entries had more than `window` followers.

    A pair is left * count + right.
    """
    order = np.argsort(entry.key)
    key, row = entry.key[order] >> entry.inside, entry.row[order]
    rest = None if entry.rest is None else entry.rest[order]
    must = None if entry.must is None else entry.must[order]
    alive = np.arange(len(key))
    for step in range(1, window + 2):
        alive = alive[alive + step < len(key)]
        alive = alive[key[alive] == key[alive + step]]
        if not len(alive):
            return
        if step > window:
            yield np.empty(0, dtype=np.int64), len(alive)
            return
        a, b = alive, alive + step
        if must is not None:
            asked = must[a] | must[b]
            a, b = a[asked], b[asked]
        if rest is not None:
            near = np.bitwise_count(rest[a] ^ rest[b]) <= entry.most
            a, b = a[near], b[near]
        one, other = row[a], row[b]
        differ = one != other
        one, other = one[differ], other[differ]
        yield np.minimum(one, other) * np.int64(count) + np.maximum(one, other), 0


def plain_keys(names: Sequence[Name]) -> Iterator[Entries]:
    """Yield the keys of organisations or places: the start of the text, the first word, the acronym."""
    known: dict[str, int] = {}
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, name in enumerate(names):
        words = name.folded.split()
        if not words:
            continue
        found["text"].append((row, known.setdefault(name.folded.replace(" ", "")[:12], len(known))))
        found["first word"].append((row, known.setdefault(words[0], len(known))))
        if len(words) > 2:
            letters = "".join(word[0] for word in words if word not in SMALL_WORDS)
            found["acronym"].append((row, known.setdefault(letters, len(known))))
        if len(words) == 1 and 2 < len(words[0]) < 8:
            found["acronym"].append((row, known.setdefault(words[0], len(known))))
    for key in PLAIN_KEYS:
        pairs = np.array(found[key], dtype=np.int64).reshape(-1, 2)
        yield Entries(key, pairs[:, 0], pairs[:, 1].astype(np.uint64), 0)
