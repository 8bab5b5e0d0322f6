"""Names -> pairs worth comparing: the union of cheap integer keys, each block windowed, what was cut reported.

A key is made for all names at once: a column of (name, key, what else the name holds). Entries with one key stand
side by side after a sort, those with a similar rest nearest; each is paired with its followers inside a window.
Refuses to know: scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.columns import PARTICLE, NameColumns, columns_of_names
from resolver.edits import misspelt_pairs
from resolver.keys import KEY_NAMES, PLACES, Entries, Places, mixed, person_keys
from resolver.model import Kind, Name
from resolver.skeletons import letter_sets
from resolver.sorting import order_of

__all__ = ["BLOCK_CAP", "Candidates", "candidate_pairs", "candidates_of_columns", "shared_keys"]

Ints = npt.NDArray[np.int64]
Letters = npt.NDArray[np.uint32]
Near = Callable[[Ints, Ints], npt.NDArray[np.bool_]]

BLOCK_CAP = 400  # followers in its block that a name is compared with; in long lists fewer, see `window_of`
SMALLEST_WINDOW = 8
WINDOW_BUDGET = 8_000_000  # names times window
MANY = 50_000  # names from which only the narrow keys are used
MOST_LETTERS = 5  # that tokens of one name and their likest ones of the other do not share, in long lists
OTHER_TOKEN = 8  # letters that a token without a like one counts
MOST_PAIRS = 3  # of one key for each name of a long list; generated names have 2 at most
PIECE = 65_536  # pairs whose letters are compared at once
MERGE_AT = 6_000_000  # pairs gathered before repeats are removed: bounds the memory
KEY_BITS = 4
MISSPELT = KEY_NAMES[-1]
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
    columns: NameColumns, *, block_cap: int = BLOCK_CAP, total: int | None = None, misspelt: bool = False
) -> Candidates:
    """Return the pairs of people's names that share a key; long lists take fewer keys and smaller windows.

    Args:
        columns: Distinct names.
        block_cap: At most so many followers in its block is a name compared with.
        total: How many names there are of which these are a part.
        misspelt: Whether in a long list names meet whose tokens are one letter apart: in a list that is cleaned on its
            own, where a rare token may be a misspelt one.
    """
    count = len(columns)
    whole = max(count, total or 0)
    long, places = whole > MANY, Places(columns)
    entries = person_keys(places, columns.vocabulary, narrow=long, misspelt=misspelt)
    near = likely(columns) if long else None
    edits = misspelt_pairs(places, columns.vocabulary) if long and misspelt else None
    return gather(entries, count, min(block_cap, window_of(whole)), KEY_NAMES, near, edits)


def likely(columns: NameColumns) -> Near:
    """Return a filter of pairs: those of which one name's tokens have like ones in the other, by their letters.

    Of a million generated names six in ten pairs go, of the pairs of one person that would be linked 2 %. Letters say
    nothing across scripts.
    """
    letters = np.append(letter_sets(columns.vocabulary), np.uint32(0))
    named = (columns.token >= 0) & (columns.role != PARTICLE)
    sets = letters[np.where(named, columns.token, len(letters) - 1)[:, :PLACES]]
    script = columns.script
    long = np.asarray((sets[:, 2:] > 0).any(axis=1))

    def near(left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        out: npt.NDArray[np.bool_] = script[left] != script[right]
        wide = long[left] | long[right]
        for rows, width in ((np.flatnonzero(~wide), 2), (np.flatnonzero(wide), PLACES)):
            for start in range(0, len(rows), PIECE):
                piece = rows[start : start + PIECE]
                one, other = (sets[side[piece], :width].T for side in (left, right))
                out[piece] |= unlike_letters(one, other) <= MOST_LETTERS
        return out

    return near


def unlike_letters(left: Letters, right: Letters) -> npt.NDArray[np.uint8]:
    """Return how many letters tokens and their likest ones of the other side do not share, for the better side.

    Args:
        left: The letters of each token as bits, 0 for no token, shape (places, pairs).
        right: Those of the other side.
    """
    most = np.uint8(OTHER_TOKEN)
    left, right = np.ascontiguousarray(left), np.ascontiguousarray(right)
    apart = np.minimum(np.bitwise_count(left[:, None] ^ right[None]), most)
    apart[np.broadcast_to((left == 0)[:, None] | (right == 0)[None], apart.shape)] = most
    sides = (np.where(own == 0, 0, apart.min(axis=axis)) for own, axis in ((left, 1), (right, 0)))
    one, other = (side.sum(axis=0, dtype=np.uint8) for side in sides)
    out: npt.NDArray[np.uint8] = np.minimum(one, other)
    return out


def shared_keys(left: Name, right: Name) -> tuple[str, ...]:
    """Return the names of the candidate keys that two names share; empty if they would never be compared."""
    found = candidate_pairs([left, right])
    return found.keys_of(0) if len(found.left) else ()


def window_of(count: int) -> int:
    """Return how many followers in its block a name of a list is compared with."""
    return int(np.clip(WINDOW_BUDGET // max(1, count), SMALLEST_WINDOW, BLOCK_CAP))


def gather(
    entries: Iterator[Entries],
    count: int,
    window: int,
    key_names: tuple[str, ...],
    near: Near | None = None,
    edits: Iterator[tuple[Ints, Ints, int]] | None = None,
) -> Candidates:
    """Pair the entries of each key, keep what is `near`, add the pairs by `edits` and remove repeats."""
    kept = np.empty(0, dtype=np.int64)
    waiting: list[Ints] = []
    waits = capped = lost = 0

    def by_key() -> Iterator[tuple[str, Ints]]:
        nonlocal capped, lost
        for entry in entries:
            for codes, cut in paired(entry, count, window, near):
                capped += cut
                yield entry.name, codes
        found = 0
        for one, other, cut in edits or ():
            lost += cut
            codes = coded(one, other, count, near)
            found += len(codes)
            yield MISSPELT, codes
            if found > MOST_PAIRS * count:
                lost += 1
                return

    for name, codes in by_key():
        waiting.append(codes << KEY_BITS | key_names.index(name))
        waits += len(codes)
        if waits > MERGE_AT:
            kept = merged([kept, *waiting])
            waiting, waits = [], 0
    kept = merged([kept, *waiting])
    pairs = kept >> KEY_BITS
    new = np.flatnonzero(np.diff(pairs, prepend=-1) != 0)
    bit = np.left_shift(np.uint16(1), (kept & ((1 << KEY_BITS) - 1)).astype(np.uint16))
    keys = np.bitwise_or.reduceat(bit, new) if len(new) else bit
    pairs = pairs[new]
    report = []
    if capped:
        report.append(
            f"{capped:,} names stood in blocks of more than {window:,} and were compared with that many neighbours"
        )
    if lost:
        report.append(f"at least {lost:,} misspelt names had more counterparts than they were compared with")
    left, right = np.divmod(pairs, max(1, count))
    return Candidates(left, right, report, keys, key_names)


def merged(parts: Sequence[Ints]) -> Ints:
    """Return codes sorted, each once."""
    codes = np.concatenate(parts)
    codes.sort()
    out: Ints = codes[np.diff(codes, prepend=-1) != 0]
    return out


def paired(entry: Entries, count: int, window: int, near: Near | None = None) -> Iterator[tuple[Ints, int]]:
    """Yield the pairs of entries with one key that are `near`, and how many entries had more than `window` followers.

    A pair is left * count + right. In a long list the window closes early once a key has `MOST_PAIRS` for each name.
    """
    order = sorted_places(entry)
    key, row = entry.key[order], entry.row[order]
    rest, must, told = (
        None if column is None else column[order] for column in (entry.rest, entry.must, entry.told)
    )
    alive = np.arange(len(key))
    found = 0
    for step in range(1, window + 2):
        alive = alive[alive + step < len(key)]
        alive = alive[key[alive] == key[alive + step]]
        if not len(alive):
            return
        if step > window or (near is not None and found > MOST_PAIRS * count):
            yield np.empty(0, dtype=np.int64), len(alive)
            return
        a, b = alive, alive + step
        if must is not None:
            asked = must[a] | must[b]
            a, b = a[asked], b[asked]
        if rest is not None:
            fits = np.bitwise_count(rest[a] ^ rest[b]) <= entry.most
            a, b = a[fits], b[fits]
        if told is not None:
            new = told[a] != told[b]
            a, b = a[new], b[new]
        one, other = row[a], row[b]
        codes = coded(one, other, count, near)
        found += len(codes)
        yield codes, 0


def coded(one: Ints, other: Ints, count: int, near: Near | None) -> Ints:
    """Return pairs of different names that are `near` as left * count + right."""
    differ = one != other
    one, other = one[differ], other[differ]
    if near is not None:
        alike = near(one, other)
        one, other = one[alike], other[alike]
    out: Ints = np.minimum(one, other) * np.int64(count) + np.maximum(one, other)
    return out


def sorted_places(entry: Entries) -> Ints:
    """Return the places of entries in the order of their keys, those of one key in their own order."""
    bits = len(entry.key).bit_length() + 1
    key = (entry.key >> np.uint64(bits)).astype(np.int64)  # so that a key and its place fit one number
    if entry.order is None:
        return order_of(key)[1]
    first = order_of(entry.order)[1]
    out: Ints = first[order_of(key[first])[1]]
    return out


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
        yield Entries(key, pairs[:, 0], mixed(pairs[:, 1]))
