"""The distinct tokens of a list of names, and how any two of them compare.

Each pair of tokens falls into one level: the same, a nickname, an initial, or a likeness of spellings in steps. The
likeness is the weight of the best alignment of sounds as a share of what equal tokens would get.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.columns import ROLES, NameColumns
from resolver.frequencies import NEVER, frequencies, occurrences
from resolver.model import Role
from resolver.romanise import abjads, han
from resolver.skeletons import letter_sets
from resolver.sorting import numbered
from resolver.spelling import CODE, SYMBOLS, alignment_bits, costs, encode

__all__ = ["LEVELS", "Tokens", "instead", "nicknames"]

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float32]

RAREST_BITS = 18  # of a token that the frequency list does not have
RARITY_UNIT = 8  # of a bit: rarities are whole numbers of it, so that what they are worth is a look-up
RARITIES = RAREST_BITS * RARITY_UNIT + 1
UNSEEN = 1.0  # occurrences granted to a token that the frequency list does not have
STEPS = (0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.0)  # lower ends of the likeness levels
SAME, NICKNAME, FEMININE, SHORTENED, INITIAL, OTHER_INITIAL, FIRST_STEP = range(7)
OTHER_NAME = FIRST_STEP + len(STEPS)
CROSS_SCRIPT = OTHER_NAME + 1
LEVELS = (
    "same", "nickname", "feminine form", "shortened", "initial", "another initial",
    *(f"alike {step:.2f}" for step in STEPS), "another name",
    *(f"alike across scripts {step:.2f}" for step in STEPS), "another name across scripts",
)  # fmt: skip
GIVEN, SURNAME, LETTER, OTHER = range(4)
ROLE = {
    Role.GIVEN: GIVEN,
    Role.SURNAME: SURNAME,
    Role.INITIAL: LETTER,
    Role.PATRONYMIC: OTHER,
    Role.KUNYA: OTHER,
}
ROLE_OF = np.array([ROLE.get(role, -1) for role in ROLES], dtype=np.int64)  # by the columns' roles
SCRIPT_CLASSES = 3
WITHOUT = 1  # the class of scripts without vowels
RANKED = 3  # tokens whose ranks one number holds
RANK_BITS = 21
WITHOUT_VOWELS = frozenset({"arabic", "hebrew"})
LIKE_LATIN = frozenset({"latin", "cyrillic", "greek", "armenian", "georgian"})
FIRST_SOUNDS = (
    "j y i g ya yo yu ia ee zh",
    "k c q kh ch",
    "s sh z ts",
    "f v w",
    "u ou oo o au aw",
    "a ai",
    "e ei",
    "t th",
    "d dh",
)
SOUNDS = (  # symbols that transliteration mixes up, as one sound
    "a e ae ai ei ia ya",
    "i y j ee yo yu",
    "o u ou oo au aw",
    "v w f",
    "c k q g kh gh x",
    "s z sh ch zh ts",
    "t d th dh",
    "b p",
)
ARTICLES = frozenset({"al", "el", "ul"})
ARTICLE_COST = 0.05  # of likeness, for an article that only one of two tokens has
SHORTEST_WITH_ARTICLE = {0: 6, WITHOUT: 5}  # letters, by script class
MASCULINE = re.compile(r"(?m)sk(?:aya|aja|iy|ij|[aiy])$")
FEMININE_END = re.compile(r"(?m)(?<=[^\n]{4})a$")
VARIANTS: dict[
    str, tuple[Callable[[str], tuple[str, ...]], int]
] = {  # by script, and the class of the spellings
    "han": (han.variants, 0),
    "arabic": (abjads.variants, WITHOUT),
    "hebrew": (abjads.variants, WITHOUT),
}
WAYS = 2  # further ways to spell a token
VOWEL = re.compile("[aeiou]")
FAR_SOUNDS = 4  # that only one of two tokens has, from which they are two names
FEW = 10_000  # pairs of tokens of one call that are not remembered
MEMORY_BITS = (
    21  # of the places for pairs of tokens whose level is remembered; a new pair takes the place of an old
)
HASH = np.uint64(0x9E3779B97F4A7C15)
SCRIPT_FLAGS, LETTER_FLAG, SHORT_FLAG = 3, 4, 8


@lru_cache(maxsize=1)
def nicknames() -> dict[str, frozenset[str]]:
    """Given names that stand for one another, both ways."""
    found: dict[str, set[str]] = defaultdict(set)
    models = files("resolver").joinpath("models", "names")
    curated = files("aliases").joinpath("nicknames.csv")
    for table in (models / "nicknames.csv", models / "petnames.csv", curated):
        with table.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                found[row["name"]].add(row["nickname"])
                found[row["nickname"]].add(row["name"])
    return {name: frozenset(others) for name, others in found.items()}


def script_class(script: str) -> int:
    """Return the table of spelling weights for a script against Latin: 0 letters alike, 1 no vowels, 2 syllables."""
    return 0 if script in LIKE_LATIN else WITHOUT if script in WITHOUT_VOWELS else 2


class Tokens:
    """The identity tokens of people's names, and how any two compare.

    Attributes:
        texts: The distinct tokens.
        at: Token number of each place of each name, -1 for none; shape (names, places).
        role: What each does (`GIVEN`, `SURNAME`, `LETTER`, `OTHER`); same shape.
        size: How many tokens each name has.
        main_script: The class of each name's script.
        rarity: Of each token, in `RARITY_UNIT`s.
    """

    def __init__(self, columns: NameColumns) -> None:
        role = ROLE_OF[columns.role]
        kept = (columns.token >= 0) & (role >= 0)
        row, place = np.nonzero(kept)
        at = (np.cumsum(kept, axis=1) - 1)[row, place]
        self.size = kept.sum(axis=1)
        width = int(self.size.max(initial=1))
        classes = np.array([script_class(script) for script in columns.scripts], dtype=np.int64)
        self.main_script = classes[columns.script]
        codes = columns.token[row, place] * np.int64(SCRIPT_CLASSES) + classes[columns.script[row]]
        used = np.flatnonzero(np.bincount(codes, minlength=1))
        number = np.zeros(len(columns.vocabulary) * SCRIPT_CLASSES + 1, dtype=np.int64)
        number[used] = np.arange(len(used))
        self.at = np.full((len(columns), max(1, width)), -1, dtype=np.int32)
        self.at[row, at] = number[codes]
        self.role = np.zeros(self.at.shape, dtype=np.int8)
        self.role[row, at] = role[row, place]
        self.known: tuple[Ints, npt.NDArray[np.uint8]] | None = None
        self.texts = (
            [columns.vocabulary[code] for code in (used // SCRIPT_CLASSES).tolist()] if len(row) else []
        )
        script = (used % SCRIPT_CLASSES).tolist() if len(row) else []
        bare = self._without_article(columns, script)
        others = self._variants(columns, script)
        self.script = np.array(script, dtype=np.int8)
        self.rank = np.empty(len(self.texts), dtype=np.int64)
        self.rank[pc.sort_indices(pa.array(self.texts, pa.string())).to_numpy()] = np.arange(
            1, len(self.texts) + 1
        )
        self.symbols = encode(self.texts)
        self.sounds = (self.symbols > 0).sum(axis=1, dtype=np.int8)
        self.length = np.fromiter(map(len, self.texts), dtype=np.int32, count=len(self.texts))
        listed = frequencies()
        seen = np.array([sum(listed.get(text, NEVER)) for text in self.texts], dtype=np.float64)
        self.attested = seen > 0
        rarity = np.minimum(RAREST_BITS, np.log2(occurrences() / (seen + UNSEEN)))
        self.rarity = np.round(rarity * RARITY_UNIT).astype(np.uint8)
        self.vowelled = np.fromiter(
            (VOWEL.search(text, 1) is not None for text in self.texts), dtype=bool, count=len(self.texts)
        )
        self.whole = alignment_bits(
            self.symbols, self.symbols, np.zeros(len(self.texts), dtype=np.int64), costs()
        )
        self.first = first_classes()[self.symbols[:, 0]]
        self.first_given = self._first_given()
        self.has_initial: npt.NDArray[np.bool_] = (
            ((self.at >= 0) & (self.length[self.at] == 1)).any(axis=1)
            if self.texts
            else np.zeros(len(self.at), dtype=bool)
        )
        self.bare = self._numbers(bare)
        self.variants = [self._numbers(variant) for variant in others if variant]
        self.stem = self._stems()
        self.short = self._nickname_codes()
        self.has_short = np.fromiter(
            (text in nicknames() for text in self.texts), dtype=bool, count=len(self.texts)
        )
        self.letters = letter_sets(self.texts)
        self.sound_set = np.bitwise_or.reduce(sound_bits()[self.symbols], axis=1)
        self.flags = self.script.astype(np.uint8) | np.where(self.length == 1, LETTER_FLAG, 0).astype(
            np.uint8
        )
        self.flags |= np.where(self.has_short, SHORT_FLAG, 0).astype(np.uint8)

    def _first_given(self) -> Ints:
        """Return the token number of each name's first spelled-out given name, -1 for none."""
        if not self.texts:
            return np.full(len(self.at), -1, dtype=np.int64)
        given = (self.at >= 0) & (self.role == GIVEN) & (self.length[self.at] > 1)
        first = self.at[np.arange(len(self.at)), np.argmax(given, axis=1)]
        return np.where(given.any(axis=1), first, -1)

    @cached_property
    def beginnings(self) -> npt.NDArray[np.uint64]:
        """The first sounds that each token, or a name that it may stand for, begins with, as bits."""
        out = np.left_shift(np.uint64(1), self.first.astype(np.uint64))
        for at in np.flatnonzero(self.has_short).tolist():
            first = first_classes()[encode(sorted(nicknames()[self.texts[at]]))[:, 0]]
            out[at] |= np.bitwise_or.reduce(np.left_shift(np.uint64(1), first.astype(np.uint64)))
        return out

    def order(self) -> Ints:
        """Return two numbers for each name that sort names by their first tokens, shape (2, names)."""
        padded = np.zeros((len(self.at), 2 * RANKED), dtype=np.int64)
        width = min(self.at.shape[1], 2 * RANKED)
        ranks = np.append(self.rank, 0)
        padded[:, :width] = ranks[self.at[:, :width]]
        out = np.zeros((2, len(self.at)), dtype=np.int64)
        for place in range(2 * RANKED):
            half = place // RANKED
            out[half] = (out[half] << RANK_BITS) | padded[:, place]
        return out

    def worth(self, left: Numbers, right: Numbers) -> npt.NDArray[np.bool_]:
        """Return which pairs of tokens need a closer look: initials, across scripts, nicknames, or with like sounds.

        Of the pairs of Latin tokens that are alike .15 or more, 0.6 % have `FAR_SOUNDS` sounds that only one has and
        are called two names, unless one has all sounds of the other and may be its beginning. Takes arrays that
        broadcast, such as those of all places of two names.
        """
        one, other = self.sound_set[left], self.sound_set[right]
        shared = one & other
        out: npt.NDArray[np.bool_] = np.bitwise_count(one ^ other) < FAR_SOUNDS
        out |= (shared == one) | (shared == other)
        one, other = self.flags[left], self.flags[right]
        out |= ((one ^ other) & SCRIPT_FLAGS) > 0
        out |= ((one | other) & LETTER_FLAG) > 0
        out |= ((one & other) & SHORT_FLAG) > 0
        return out

    def levels(self, left: Numbers, right: Numbers) -> npt.NDArray[np.uint8]:
        """Return the level of each pair of token numbers; symmetric."""
        out = np.full(len(left), OTHER_NAME, dtype=np.uint8)
        rows = np.flatnonzero(self.worth(left, right))
        left, right = left[rows], right[rows]
        same, initial = left == right, ((self.flags[left] | self.flags[right]) & LETTER_FLAG) > 0
        found = np.where(same, np.uint8(SAME), np.uint8(OTHER_NAME))
        here = np.flatnonzero(initial & ~same)
        found[here] = np.where(self.first[left[here]] == self.first[right[here]], INITIAL, OTHER_INITIAL)
        rest = np.flatnonzero(~(same | initial))
        one, other = left[rest], right[rest]
        codes = np.minimum(one, other).astype(np.int64) * len(self.texts) + np.maximum(one, other)
        found[rest] = self._remembered(codes)
        out[rows] = found
        return out

    def _remembered(self, codes: Ints) -> npt.NDArray[np.uint8]:
        """Return the levels of pairs of spelled-out tokens as one number each; what is asked for again is looked up."""
        if len(codes) < FEW:
            codes, place = numbered(codes)
            return self._spelled(*np.divmod(codes, max(1, len(self.texts)))).astype(np.uint8)[place]
        if self.known is None:
            self.known = (
                np.full(1 << MEMORY_BITS, -1, dtype=np.int64),
                np.zeros(1 << MEMORY_BITS, dtype=np.uint8),
            )
        pairs, levels = self.known
        cell = (codes.astype(np.uint64) * HASH >> np.uint64(64 - MEMORY_BITS)).astype(np.int64)
        out = levels[cell]
        new = np.flatnonzero(pairs[cell] != codes)
        fresh, place = numbered(codes[new])
        found = self._spelled(*np.divmod(fresh, max(1, len(self.texts)))).astype(np.uint8)
        out[new] = found[place]
        cell = (fresh.astype(np.uint64) * HASH >> np.uint64(64 - MEMORY_BITS)).astype(np.int64)
        pairs[cell], levels[cell] = fresh, found
        return out

    def _spelled(self, a: Ints, b: Ints) -> npt.NDArray[np.int64]:
        """Return the levels of pairs of spelled-out tokens by the weights of sounds, endings and nicknames."""
        cross = self.script[a] != self.script[b]
        level = self.steps(self.likeness(a, b), cross)
        short, long = np.minimum(self.length[a], self.length[b]), np.maximum(self.length[a], self.length[b])
        level[self._begins(a, b) & (short >= 3) & (long >= short + 2) & ~cross] = SHORTENED
        level[(self.stem[a] == self.stem[b]) & (short >= 4) & ~cross] = FEMININE
        low, high = np.minimum(a, b), np.maximum(a, b)
        unlike = (level != FIRST_STEP) & (level != CROSS_SCRIPT)
        level[np.isin(low * len(self.texts) + high, self.short) & unlike] = NICKNAME
        same = np.fromiter(
            (self.texts[i] == self.texts[j] for i, j in zip(a[cross], b[cross], strict=True)), bool
        )
        level[np.flatnonzero(cross)[same]] = CROSS_SCRIPT
        return level

    def likeness(self, left: Ints, right: Ints) -> Floats:
        """Return the weight of the best alignment of two tokens as a share of that of equal ones, at most 1."""
        out = self._alike(left, right)
        one = np.flatnonzero((self.bare[left] >= 0) != (self.bare[right] >= 0))
        if len(one):  # an Arabic article that was written together with the name
            bare = self._alike(*(instead(self.bare, side[one]) for side in (left, right)))
            out[one] = np.maximum(out[one], bare - ARTICLE_COST)
        for variant in self.variants:
            has = (variant[left] >= 0) | (variant[right] >= 0)
            one = np.flatnonzero(has & (self.script[left] != self.script[right]))
            other = self._alike(*(instead(variant, side[one]) for side in (left, right)))
            out[one] = np.maximum(out[one], other)
        return out

    def _alike(self, left: Ints, right: Ints) -> Floats:
        """Return the likeness of two tokens as they are written; one without vowels may be spelled out (Muhammad)."""
        one, other = self.script[left], self.script[right]
        table = np.where(one == other, 0, np.maximum(one, other)).astype(np.int64)
        bits = alignment_bits(self.symbols[left], self.symbols[right], table, costs())
        both = np.flatnonzero((table == WITHOUT) & self.vowelled[left] & self.vowelled[right])
        if len(both):
            a, b = self.symbols[left[both]], self.symbols[right[both]]
            bits[both] = np.maximum(bits[both], alignment_bits(a, b, np.zeros_like(both), costs()))
        out: Floats = 2 * bits / np.maximum(self.whole[left] + self.whole[right], 1)
        return out

    @staticmethod
    def steps(likeness: Floats, cross: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """Return the level of a likeness."""
        step = len(STEPS) - np.searchsorted(np.array(STEPS[::-1]), likeness, side="right")
        return np.asarray(step + np.where(cross, CROSS_SCRIPT, FIRST_STEP), dtype=np.int64)

    def _numbers(self, found: dict[int, int]) -> Ints:
        """Return for each token the number found for it, -1 for none."""
        out = np.full(len(self.texts), -1, dtype=np.int64)
        out[list(found)] = list(found.values())
        return out

    def _numbered(self, text: str, known: dict[str, int], script: list[int], table: int) -> int:
        """Return the number of a spelling that may stand in no name: then it becomes a token of its own."""
        if text not in known:
            known[text] = len(self.texts)
            self.texts.append(text)
            script.append(table)
        return known[text]

    def _without_article(self, columns: NameColumns, script: list[int]) -> dict[int, int]:
        """Return the number of the token without it for each token that begins with an Arabic article."""
        found = {}
        arabic = self._used(columns, "arabic")
        for table, shortest in SHORTEST_WITH_ARTICLE.items():
            known = {text: at for at, text in enumerate(self.texts) if script[at] == table}
            begins = [text for text in known if text[:2] in ARTICLES and len(text) >= shortest]
            for text in begins:
                if not table or known[text] in arabic:
                    found[known[text]] = self._numbered(text[2:], known, script, table)
        return found

    def _variants(self, columns: NameColumns, script: list[int]) -> list[dict[int, int]]:
        """Return for each further way to spell tokens of other scripts the numbers of the spellings."""
        found: list[dict[int, int]] = [{} for _ in range(WAYS)]
        for name, (spell, table) in VARIANTS.items():
            used = sorted(self._used(columns, name))
            known = {text: at for at, text in enumerate(self.texts) if script[at] == table} if used else {}
            for at in used:
                for way, text in zip(found, spell(self.texts[at]), strict=False):
                    if text != self.texts[at]:
                        way[at] = self._numbered(text, known, script, table)
        return found

    def _used(self, columns: NameColumns, script: str) -> set[int]:
        """Return the numbers of the tokens of the names in a script."""
        if script not in columns.scripts:
            return set()
        rows = columns.script == columns.scripts.index(script)
        return {at for at in np.unique(self.at[rows]).tolist() if at >= 0}

    def _stems(self) -> npt.NDArray[np.int64]:
        """Number tokens by what is left without a feminine ending, "ivanova" and "kowalska" as "ivanov", "kowalski"."""
        number: dict[str, int] = {}
        stems = MASCULINE.sub("sk", "\n".join(self.texts))
        found = FEMININE_END.sub("", stems).split("\n") if self.texts else []
        return np.array([number.setdefault(stem, len(number)) for stem in found], dtype=np.int64)

    def _begins(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Whether one token begins with the other."""
        a, b = self.symbols[left], self.symbols[right]
        out: npt.NDArray[np.bool_] = ((a == b) | (a == 0) | (b == 0)).all(axis=1)
        return out

    def _nickname_codes(self) -> Ints:
        """Pairs of token numbers, left < right, that the nickname table has, as left * tokens + right."""
        place: dict[str, list[int]] = defaultdict(list)
        table = nicknames()
        for number, text in enumerate(self.texts):
            if text in table:
                place[text].append(number)
        codes = {
            min(i, j) * len(self.texts) + max(i, j)
            for text, mine in place.items()
            for other in table[text]
            for i in mine
            for j in place.get(other, ())
        }
        return np.array(sorted(codes), dtype=np.int64)


def instead(numbers: Ints, tokens: Numbers) -> Ints:
    """Return the numbers that stand for tokens, the tokens where none does."""
    found = numbers[tokens]
    out: Ints = np.where(found >= 0, found, tokens)
    return out


@lru_cache(maxsize=1)
def first_classes() -> npt.NDArray[np.int64]:
    """Return for each symbol its class as a first sound: initials of one name's spellings may differ inside it."""
    out = np.arange(SYMBOLS, dtype=np.int64)
    for group in FIRST_SOUNDS:
        members = [CODE[symbol] for symbol in group.split()]
        out[members] = members[0]
    return out


@lru_cache(maxsize=1)
def sound_bits() -> npt.NDArray[np.uint32]:
    """Return for each symbol the bit of its sound (`SOUNDS`); 0 for nothing."""
    out = np.left_shift(np.uint32(1), np.arange(SYMBOLS, dtype=np.uint32) % 32)
    for bit, group in enumerate(SOUNDS):
        out[[CODE[symbol] for symbol in group.split() if symbol in CODE]] = np.uint32(1) << np.uint32(bit)
    for bit, letter in enumerate("hlmnr0", len(SOUNDS)):
        out[CODE[letter]] = np.uint32(1) << np.uint32(bit)
    out[0] = 0
    return out
