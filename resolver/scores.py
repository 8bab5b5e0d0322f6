"""Pairs of names -> evidence in bits: tokens are aligned first, then aligned tokens are compared.

Comes in: parsed names. Goes out: `Evidence` for one pair, columns of bits for many. Every term is additive; missing
(no patronymic) is told apart from contradicted (another patronymic). Refuses to know: articles, context.

A bit is log2 of how much oftener an outcome is seen between spellings of one person than between two people. Agreement
on a token is worth the log of how rare the token is (two Witkoffs are one man, two Smiths are not).
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import JaroWinkler

from resolver.model import Evidence, Kind, Name, Role
from resolver.phonetics import sounds

__all__ = ["NameScorer", "compare", "incompatible", "prior_bits", "probability"]

IDENTITY = (Role.GIVEN, Role.SURNAME, Role.PATRONYMIC, Role.INITIAL, Role.KUNYA)
RAREST_BITS = 15.0  # one token can say no more: misprints and foreign words are rare as well
UNSEEN = 1.0  # occurrences granted to a token that the frequency list does not have
PRIOR_START = -1.0  # bits; with the log of the number of names it gives about one true partner for each name
MISSING_BITS = -0.4  # a token that the other name has no place for: "Leland J. Prendergast", "Leland Prendergast"
CROSSED_BITS = -1.5  # a given name aligned with a surname, when the order is not the question
GENERATION_BITS = -12.0
INITIAL_BITS = 2.0  # an initial fits one given name in about four by chance, weighted by how common first letters are
INITIAL_CLASH_BITS = -7.0


class Level(NamedTuple):
    """What a likeness of two tokens is worth: a share of the token's rarity, and bits on top."""

    value: str
    share: float
    bits: float


# Set by hand on the spellings of newsroom/train and the transliterations of the sanctions lists.
SAME = Level("same", 1.0, 0.0)
NICKNAME = Level("nickname", 0.6, -0.5)
SOUNDS_SAME = Level("sounds the same", 0.75, -1.0)
ALMOST = Level("one letter off", 0.6, -1.0)
NEAR = Level("near", 0.4, -1.5)
ALIKE = Level("alike", 0.0, -0.5)
UNLIKE = Level("unlike", 0.0, -4.0)
OTHER = Level("another name", 0.0, -9.0)


@lru_cache(maxsize=1)
def frequencies() -> tuple[dict[str, int], int]:
    """Occurrences of each token in the shipped list, and their sum."""
    counts: dict[str, int] = {}
    with files("resolver").joinpath("models", "names", "frequencies.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            counts[row["token"]] = int(row["given"]) + int(row["surname"])
    return counts, sum(counts.values())


@lru_cache(maxsize=1)
def nicknames() -> dict[str, frozenset[str]]:
    """Given names that stand for one another, both ways."""
    found: dict[str, set[str]] = defaultdict(set)
    with files("resolver").joinpath("models", "names", "nicknames.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["name"]].add(row["nickname"])
            found[row["nickname"]].add(row["name"])
    return {name: frozenset(others) for name, others in found.items()}


@lru_cache(maxsize=500_000)
def rarity(token: str) -> float:
    """Return how many bits agreement on a token is worth, in [0, `RAREST_BITS`]."""
    counts, total = frequencies()
    return min(RAREST_BITS, math.log2(total / (counts.get(token, 0) + UNSEEN)))


@lru_cache(maxsize=2_000_000)
def likeness(left: str, right: str) -> tuple[Level, float]:
    """Return how two spelled-out tokens compare and the bits of it; symmetric."""
    if left == right:
        level = SAME
    elif right in nicknames().get(left, ()):
        level = NICKNAME
    else:
        level = spelled_alike(left, right)
    return level, level.share * min(rarity(left), rarity(right)) + level.bits


def spelled_alike(left: str, right: str) -> Level:
    """Return how two different spellings compare, by letters and by sound classes."""
    letters = JaroWinkler.similarity(*sorted((left, right)))
    a, b = sounds(left), sounds(right)
    by_sound = JaroWinkler.similarity(*sorted((a, b))) if a and b else 0.0
    vowels = abs(len(left) - len(right)) <= 3
    if a == b and len(a) >= 2 and vowels and letters >= 0.6:
        return SOUNDS_SAME
    if letters >= 0.93 and by_sound >= 0.8:
        return ALMOST
    both = 0.6 * letters + 0.4 * by_sound
    if both >= 0.86:
        return NEAR
    if both >= 0.76:
        return ALIKE
    return UNLIKE if both >= 0.62 else OTHER


class Part(NamedTuple):
    """A token ready to be aligned; `family` is true for surnames."""

    text: str
    family: bool


@lru_cache(maxsize=500_000)
def parts(name: Name) -> tuple[Part, ...]:
    """Return the tokens that carry identity."""
    return tuple(Part(token.text, token.role == Role.SURNAME) for token in name.tokens if token.role in IDENTITY)


class Aligned(NamedTuple):
    """Two tokens that stand for each other, or one that has no partner."""

    left: str
    right: str
    value: str
    bits: float


def align(left: Name, right: Name) -> list[Aligned]:
    """Align the tokens of two names, the best pairs first, in any order.

    Returns:
        Aligned pairs, then what is left over on the longer side as missing; on a tie the order in the name decides.
    """
    a, b = parts(left), parts(right)
    options = []
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            value, bits = token_bits(x, y)
            options.append((-bits, abs(i - j), i, j, value, bits))
    used_left: set[int] = set()
    used_right: set[int] = set()
    out = []
    for _, _, i, j, value, bits in sorted(options):
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            out.append(Aligned(a[i].text, b[j].text, value, bits))
    for i, x in enumerate(a):
        if i not in used_left:
            out.append(Aligned(x.text, "", "missing", MISSING_BITS))
    for j, y in enumerate(b):
        if j not in used_right:
            out.append(Aligned("", y.text, "missing", MISSING_BITS))
    return out


def token_bits(left: Part, right: Part) -> tuple[str, float]:
    """Return how two tokens compare, initials included."""
    if len(left.text) == 1 or len(right.text) == 1:
        fits = left.text[0] == right.text[0] or sounds(left.text)[:1] == sounds(right.text)[:1] != ""
        return ("initial", INITIAL_BITS) if fits else ("another initial", INITIAL_CLASH_BITS)
    level, bits = likeness(*sorted((left.text, right.text)))
    crossed = left.family != right.family and bits > 0
    return level.value, bits + (CROSSED_BITS if crossed and level is not SAME else 0.0)


def compare(left: Name, right: Name) -> list[Evidence]:
    """Return the evidence of two names of one kind, term by term; the sum is what `NameScorer.bits` gives.

    Args:
        left: A parsed name.
        right: The other one; swapping the two swaps the sides of each detail and changes no bits.
    """
    if left.kind != right.kind:
        return [Evidence("kind", f"{left.kind} and {right.kind}", -30.0, "a person, an organisation, a place: never one")]
    if left.kind != Kind.PER:
        return [*compare_plain(left, right)]
    out = [
        Evidence("name", f"{found.value}", found.bits, f"{found.left or '-'} | {found.right or '-'}")
        for found in align(left, right)
    ]
    if not out:
        same = left.surface == right.surface
        out.append(Evidence("name", "same" if same else "nothing to compare", 8.0 if same else -20.0, ""))
    generations = left.having(Role.GENERATION), right.having(Role.GENERATION)
    if all(generations) and generations[0] != generations[1]:
        out.append(Evidence("generation", "contradict", GENERATION_BITS, " | ".join(g[0] for g in generations)))
    return out


def compare_plain(left: Name, right: Name) -> list[Evidence]:
    """Evidence for organisations and places: equal when folded, nearly so, or another name."""
    shown = f"{left.surface} | {right.surface}"
    if left.folded == right.folded:
        return [Evidence("name", "same", 30.0, shown)]
    if left.folded.replace(" ", "") == right.folded.replace(" ", ""):
        return [Evidence("name", "same but for spaces", 28.0, shown)]
    if left.kind == Kind.ORG and acronym_of(left, right):
        return [Evidence("name", "acronym", 12.0, shown)]
    near = JaroWinkler.similarity(*sorted((left.folded, right.folded)))
    long = min(len(left.folded), len(right.folded)) >= 7
    if near >= 0.97 and long and first_letters(left) == first_letters(right):
        return [Evidence("name", "one letter off", 16.0, shown)]
    return [Evidence("name", "another name", -20.0, shown)]


def first_letters(name: Name) -> str:
    """Return the first letter of each token."""
    return "".join(token.text[0] for token in name.tokens if token.text)


def acronym_of(left: Name, right: Name) -> bool:
    """Whether one of two names is the initials of the other, at least three letters of them."""
    short, long = sorted((left, right), key=lambda name: (len(name.tokens), len(name.folded)))
    letters = short.surface.replace(".", "")
    if len(short.tokens) != 1 or not letters.isupper() or len(letters) < 3 or len(long.tokens) < 3:
        return False
    weighty = "".join(t.text[0] for t in long.tokens if t.text not in ("of", "the", "and", "for", "de", "la", "des", "du"))
    return letters.casefold() in (weighty, first_letters(long))


def incompatible(left: Name, right: Name) -> str | None:
    """Return why two people's names can never be one person's, None if they can.

    A generation that differs, or given names that are both spelled out and have nothing in common with any part of the
    other name.
    """
    generations = left.having(Role.GENERATION), right.having(Role.GENERATION)
    if all(generations) and generations[0] != generations[1]:
        return f"{generations[0][0]} and {generations[1][0]}"
    a, b = first_given(left), first_given(right)
    if left.kind != Kind.PER or not a or not b:
        return None
    if any(likeness(*sorted((a, y.text)))[1] > UNLIKE.bits for y in parts(right) if len(y.text) > 1):
        return None
    if any(likeness(*sorted((b, x.text)))[1] > UNLIKE.bits for x in parts(left) if len(x.text) > 1):
        return None
    return f"{a} and {b} are two given names"


def first_given(name: Name) -> str:
    """Return the first spelled-out given name, "" if there is none."""
    return next((text for text in name.having(Role.GIVEN) if len(text) > 1), "")


def prior_bits(names: int) -> float:
    """Return the log2 odds that two names drawn from so many are one entity: it falls as the number grows."""
    return PRIOR_START - math.log2(max(names, 2))


def probability(bits: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the probability of a total weight in bits, in [0, 1]."""
    value: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp2(-np.clip(np.asarray(bits, dtype=np.float64), -60, 60)))
    return value


class NameScorer:
    """Scores pairs of names by number.

    Args:
        names: The names that numbers refer to.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = names

    def bits(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the summed evidence of each pair, in bits; symmetric."""
        names, known = self.names, self._known()
        out = np.empty(len(left), dtype=np.float64)
        for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            pair = (i, j) if i <= j else (j, i)
            if pair not in known:
                known[pair] = sum(term.bits for term in compare(names[pair[0]], names[pair[1]]))
            out[at] = known[pair]
        return out

    def contradictions(self, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return for each pair whether the names can never be one entity's."""
        names = self.names
        found = [incompatible(names[i], names[j]) is not None for i, j in zip(left.tolist(), right.tolist(), strict=True)]
        return np.array(found, dtype=bool)

    def _known(self) -> dict[tuple[int, int], float]:
        if not hasattr(self, "_cache"):
            self._cache: dict[tuple[int, int], float] = {}
        return self._cache
