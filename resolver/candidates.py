"""Names -> pairs worth comparing: the union of cheap keys, each block capped, what was cut reported.

Refuses to know: scores.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.model import Kind, Name, Role
from resolver.phonetics import sounds

__all__ = ["Candidates", "candidate_pairs", "keys_of_name"]

Ints = npt.NDArray[np.int64]

BLOCK_CAP = 400  # names that share a key and are all compared; of more, each is compared with its neighbours
WINDOW = 40  # neighbours in alphabetical order that a name of an oversize block is compared with


class Candidates(NamedTuple):
    """Pairs of name numbers, left < right, ordered; `report` says what was capped."""

    left: Ints
    right: Ints
    report: list[str]


def keys_of_name(name: Name) -> set[str]:
    """Return the blocking keys of one name; equal keys bring two names together."""
    if name.kind != Kind.PER:
        words = name.folded.split()
        keys = {f"text {name.folded.replace(' ', '')[:12]}", f"first {words[0]}"} if words else set()
        if len(words) > 2:
            keys.add("acronym " + "".join(w[0] for w in words if w not in ("of", "the", "and", "for", "de", "la", "des")))
        if len(words) == 1 and 2 < len(words[0]) < 8:
            keys.add(f"acronym {words[0]}")
        return keys
    keys = set()
    tokens = [t for t in name.tokens if t.role not in (Role.TITLE, Role.GENERATION, Role.NICK, Role.PARTICLE)]
    spelled = [t.text for t in tokens if len(t.text) > 1]
    for text in spelled:
        keys.add(f"token {text}")
        sound = sounds(text)
        if len(sound) > 1:
            keys.add(f"sound {sound}")
            if len(sound) > 3:
                keys.add(f"sound start {sound[:3]}")
    if len(spelled) > 1:
        first, last = spelled[0], spelled[-1]
        keys.add(f"given and first sound {first} {sounds(last)[:1]}")
        keys.add(f"sounds {sounds(first)[:2]} {sounds(last)[:2]}")
        keys.add(f"sounds {sounds(last)[:2]} {sounds(first)[:2]}")
    return keys


def candidate_pairs(names: Sequence[Name], *, block_cap: int = BLOCK_CAP) -> Candidates:
    """Return the pairs of names that share a key.

    Args:
        names: Distinct names of one kind.
        block_cap: Names of a block that are all compared with one another; in a larger block each is compared with
            its `WINDOW` neighbours in alphabetical order.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(names):
        for key in keys_of_name(name):
            blocks[key].append(number)
    chunks: list[Ints] = []
    capped = 0
    count = np.int64(len(names))
    for _, members in sorted(blocks.items()):
        if len(members) < 2:
            continue
        capped += len(members) > block_cap
        chunks.extend(codes for codes in block_pairs(members, names, block_cap, count))
    codes = np.sort(np.concatenate(chunks)) if chunks else np.array([], dtype=np.int64)
    if len(codes):
        codes = codes[np.r_[True, np.diff(codes) != 0]]
    report = [f"{capped} blocks of more than {block_cap} names were compared within a window of {WINDOW}"] if capped else []
    return Candidates(codes // max(1, count), codes % max(1, count), report)


def block_pairs(members: Sequence[int], names: Sequence[Name], cap: int, count: np.int64) -> Iterator[Ints]:
    """Yield the pairs of one block as left * count + right."""
    if len(members) <= cap:
        block = np.array(sorted(members), dtype=np.int64)
        i, j = np.triu_indices(len(block), 1)
        yield block[i] * count + block[j]
        return
    order = np.array(sorted(members, key=lambda n: (names[n].folded, n)), dtype=np.int64)
    for step in range(1, WINDOW + 1):
        a, b = order[:-step], order[step:]
        yield np.minimum(a, b) * count + np.maximum(a, b)
