"""Many names as columns of token numbers: what lets a million names be compared without a Python object for each.

Comes in: `Name`s, or the texts themselves. Goes out: `NameColumns`. Texts are cut at white space and every distinct
piece is folded and classed once; roles are then given to whole columns. A text with brackets, commas, quotes or
another script takes the way through `parse_name`; both ways give the same tokens and roles (tested).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.model import Kind, Name, Role, Token
from resolver.names import (
    COMPOUND,
    GENERATIONS,
    KUNYA,
    LONGEST,
    OFFICES,
    PARTICLES,
    POSTS,
    SMALL,
    TITLE_ARTICLES,
    TITLES,
    is_title,
    opens_name,
    parse_name,
    respelled,
    words_of,
)
from resolver.romanise import script_of

__all__ = ["MOST_TOKENS", "ROLES", "NameColumns", "columns_of_names", "columns_of_texts", "names_of_columns"]

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

MOST_TOKENS = 8  # of a name that are compared: of 115k people in Wikidata 11 have more
ROLES = (Role.GIVEN, Role.SURNAME, Role.INITIAL, Role.PARTICLE, Role.KUNYA, Role.PATRONYMIC)
CODE = {role: number for number, role in enumerate(ROLES)}
GIVEN, SURNAME, INITIAL, PARTICLE, KUNYA_ROLE, _ = range(len(ROLES))
GENERATION = {value: number for number, value in enumerate(sorted(set(GENERATIONS.values())), 1)}
COLUMNS = ("token", "role", "size", "generation", "script")
COMPLEX = re.compile(r"[^\w.'’‘`´ʼʻ&-]|_|--|['’][sS]?$")
# Words in small letters before a name or behind a comma, see `undescribed`.
DESCRIBED = rf"(?s)^\s*{SMALL.pattern}.*\p{{Lu}}|,\s*{SMALL.pattern}"
RESPELLED = "^abd.{4}|^.{3}.*(din|dine|deen)$"  # what `respelled` may change
TURNED = r"^([^,]*),\s*([^,\s][^,]*)$"
AFTER_COMMA = (
    OFFICES | TITLES | TITLE_ARTICLES | GENERATIONS.keys()
)  # first words that may make "A, B" no "B A"


@dataclass(frozen=True, slots=True)
class NameColumns:
    """Names as columns, one row each.

    Attributes:
        vocabulary: The distinct folded tokens.
        token: Number of the token at each place, -1 behind the last; shape (names, `MOST_TOKENS`).
        role: Place in `ROLES` of each token; same shape.
        size: Tokens of each name.
        generation: 0 for none, else a number for "jr", "sr", "ii", ...
        script: Place in `scripts` of each name's main script; 0 is Latin.
        scripts: The scripts that occur.
    """

    vocabulary: list[str]
    token: Ints
    role: Bytes
    size: Bytes
    generation: Bytes
    script: Bytes
    scripts: tuple[str, ...] = ("latin",)

    def __len__(self) -> int:
        return len(self.size)

    def rows(self, rows: npt.NDArray[np.int64]) -> NameColumns:
        """Return some of the names."""
        token, role, size, generation, script = (getattr(self, part)[rows] for part in COLUMNS)
        return NameColumns(self.vocabulary, token, role, size, generation, script, self.scripts)


class Vocabulary(dict[str, int]):
    """Numbers tokens as they come."""

    def __missing__(self, key: str) -> int:
        self[key] = number = len(self)
        return number


def columns_of_names(names: Sequence[Name], vocabulary: Vocabulary | None = None) -> NameColumns:
    """Return parsed names as columns; tokens are numbered in the order of their first occurrence."""
    known = Vocabulary() if vocabulary is None else vocabulary
    count = len(names)
    scripts = Vocabulary(latin=0)
    token = np.full((count, MOST_TOKENS), -1, dtype=np.int32)
    role = np.zeros((count, MOST_TOKENS), dtype=np.int8)
    size = np.zeros(count, dtype=np.int8)
    generation = np.zeros(count, dtype=np.int8)
    script = np.zeros(count, dtype=np.int8)
    for row, name in enumerate(names):
        kept = [(known[t.text], CODE[t.role]) for t in name.tokens if t.role in CODE][:MOST_TOKENS]
        size[row] = len(kept)
        for place, (number, code) in enumerate(kept):
            token[row, place] = number
            role[row, place] = code
        found = name.having(Role.GENERATION)
        generation[row] = GENERATION.get(found[0], 0) if found else 0
        script[row] = scripts[name.script]
    return NameColumns(list(known), token, role, size, generation, script, tuple(scripts))


class Pieces(NamedTuple):
    """What each distinct piece of text is made of: words, and the parts of words; all flat.

    `complex` pieces take a closer look, `office` ones do so if they stand first behind a comma.
    """

    complex: Flags
    office: Flags
    words: Longs
    title: Flags
    dotted: Flags
    generation: Bytes
    parts: Longs
    number: Longs
    letter: Flags


def columns_of_texts(texts: pa.Array) -> NameColumns:
    """Return names of people given as text (no nulls) as columns, as `parse_name` would take them apart."""
    texts = texts.cast(pa.string())
    turned = pc.match_substring_regex(texts, TURNED)
    rows = np.flatnonzero(turned.to_numpy(zero_copy_only=False))
    straight = pc.replace_substring_regex(texts.take(pa.array(rows)), TURNED, r"\2 \1")
    lists = pc.utf8_split_whitespace(pc.replace_with_mask(texts, turned, straight))
    offsets = lists.offsets.to_numpy().astype(np.int64)
    flat = lists.values.dictionary_encode()
    known = Vocabulary()
    plain = pc.ascii_is_alpha(flat.dictionary)
    split = (
        plain_pieces(flat.dictionary.filter(plain), known),
        odd_pieces(flat.dictionary.filter(pc.invert(plain)).to_pylist(), known),
    )
    sides: Iterable[tuple[Any, Any]] = zip(*split, strict=True)
    pieces = Pieces._make(np.concatenate(both) for both in sides)
    plain = plain.to_numpy(zero_copy_only=False)
    place = np.where(plain, np.cumsum(plain) - 1, plain.sum() + np.cumsum(~plain) - 1)
    piece = place[flat.indices.to_numpy(zero_copy_only=False)]
    odd = odd_rows(pieces.complex[piece], offsets)
    odd[rows] |= pieces.office[piece[offsets[rows]]]
    odd |= pc.greater(pc.utf8_length(texts), LONGEST).to_numpy(zero_copy_only=False)
    odd |= pc.match_substring_regex(texts, DESCRIBED).to_numpy(zero_copy_only=False)
    columns, late_titles = assemble(pieces, piece, offsets, known)
    odd |= late_titles
    rows = np.flatnonzero(odd | (columns.size == 0))
    if not len(rows):
        return columns
    slow = columns_of_names([parse_name(text) for text in texts.take(pa.array(rows)).to_pylist()], known)
    for part in COLUMNS:
        getattr(columns, part)[rows] = getattr(slow, part)
    return replace(columns, vocabulary=list(known), scripts=slow.scripts)


def odd_rows(flags: Flags, offsets: npt.NDArray[np.int64]) -> Flags:
    """Return for each row whether any of its pieces is flagged."""
    total = np.concatenate([[0], np.cumsum(flags)])
    out: Flags = total[offsets[1:]] > total[offsets[:-1]]
    return out


def plain_pieces(texts: pa.Array, known: Vocabulary) -> Pieces:
    """Class distinct pieces of plain letters: each is a word of one part."""
    count = len(texts)
    folded = pc.ascii_lower(texts)

    def among(words: Collection[str], of: pa.Array = folded) -> Flags:
        found: Flags = pc.is_in(of, pa.array(sorted(words), pa.string())).to_numpy(zero_copy_only=False)
        return found

    generations = sorted(GENERATIONS)
    numbers = np.array([0, *(GENERATION[GENERATIONS[word]] for word in generations)], dtype=np.int8)
    generation = pc.fill_null(pc.index_in(folded, pa.array(generations)), -1).to_numpy() + 1
    parts = folded.to_pylist()
    compounds = pc.match_substring_regex(folded, RESPELLED).to_numpy(zero_copy_only=False)
    for at in np.flatnonzero(compounds).tolist():
        parts[at] = respelled(parts[at])
    one = np.ones(count, dtype=np.int64)
    return Pieces(
        complex=among(COMPOUND | POSTS),
        office=among(AFTER_COMMA),
        words=one,
        title=among(TITLES),
        dotted=np.zeros(count, dtype=bool),
        generation=numbers[generation],
        parts=one,
        number=np.fromiter((known[part] for part in parts), dtype=np.int64, count=count),
        letter=among(ascii_uppercase, texts),
    )


def odd_pieces(texts: Sequence[str], known: Vocabulary) -> Pieces:
    """Fold and class distinct pieces of other text."""
    whole: list[tuple[bool, bool, int]] = []
    words: list[tuple[bool, bool, int, int]] = []
    parts: list[tuple[int, bool]] = []
    for text in texts:
        odd = COMPLEX.search(text) is not None or script_of(text) != "latin"
        mine = [] if odd else words_of(text)
        odd = any(not (COMPOUND | POSTS).isdisjoint(word.folded.split()) for word in mine) or odd
        office = not mine or mine[0].folded.split()[0] in AFTER_COMMA
        whole.append((odd, office, len(mine)))
        for word in mine:
            split = word.folded.split()
            generation = GENERATION[GENERATIONS[word.folded]] if word.folded in GENERATIONS else 0
            words.append((is_title(word.folded), word.dotted, generation, len(split)))
            parts.extend((known[respelled(part)], len(part) == 1 and word.letter) for part in split)
    complex_, office_, count = np.array(whole, dtype=np.int64).reshape(-1, 3).T
    title, dotted, generations, size = np.array(words, dtype=np.int64).reshape(-1, 4).T
    number, letter = np.array(parts, dtype=np.int64).reshape(-1, 2).T
    return Pieces(
        complex_ > 0,
        office_ > 0,
        count,
        title > 0,
        dotted > 0,
        generations.astype(np.int8),
        size,
        number,
        letter > 0,
    )


def spread(counts: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Return (which of `chosen`, number inside the flat list) of all that belongs to the chosen rows, in order."""
    start = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
    size = counts[chosen]
    owner = np.repeat(np.arange(len(chosen)), size)
    first = np.cumsum(size) - size
    return owner, np.arange(len(owner)) - first[owner] + start[chosen][owner]


def assemble(
    pieces: Pieces, piece: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], known: Vocabulary
) -> tuple[NameColumns, Flags]:
    """Give roles to the pieces of every row at once: titles off the front, generations off the end, the rest.

    Returns:
        The columns, and for each row whether a title stands behind another word: that takes a closer look.
    """
    count = len(offsets) - 1
    row_of_piece = np.repeat(np.arange(count), np.diff(offsets))
    owner, word = spread(pieces.words, piece[offsets[0] : offsets[-1]])
    row = row_of_piece[owner]
    words = np.bincount(row, minlength=count)
    place = np.arange(len(row)) - (np.cumsum(words) - words)[row]
    left = words[row] - place
    titles = pieces.title[word] & (left > 1)
    title = titles.copy()
    title &= ~(pieces.dotted[word] & (left > 2))
    begin = np.full(count, 1 << 30)
    np.minimum.at(begin, row[~title], place[~title])
    late = np.zeros(count, dtype=bool)
    late[row[titles & (place > begin[row])]] = True
    generation = pieces.generation[word]
    plain = np.flatnonzero(generation == 0)
    end = begin.copy()
    np.maximum.at(end, row[plain], place[plain])
    out_generation = np.zeros(count, dtype=np.int8)
    last = (place == words[row] - 1) & (place > end[row])
    out_generation[row[last]] = generation[last]
    kept = np.flatnonzero((place >= begin[row]) & (place <= end[row]))
    owner, part = spread(pieces.parts, word[kept])
    row = row[kept][owner]
    numbers, letters = (
        pieces.number[part].astype(np.int32),
        pieces.letter[part],
    )
    return roles_of_parts(row, numbers, letters, out_generation, known), late


def roles_of_parts(
    row: npt.NDArray[np.int64], number: Ints, letter: Flags, generation: Bytes, known: Vocabulary
) -> NameColumns:
    """Return the columns from parts in order, with the roles that `parse_name` gives."""
    count = len(generation)
    size = np.bincount(row, minlength=count)
    place = np.arange(len(row)) - (np.cumsum(size) - size)[row]
    last = place == size[row] - 1
    kunya = np.zeros(len(known), dtype=bool)
    kunya[[known[text] for text in KUNYA if text in known]] = True
    particle = np.zeros(len(known), dtype=bool)
    particle[[known[text] for text in PARTICLES if text in known]] = True
    initial = letter & (size[row] > 1)
    spelled = np.full(count, -1)
    np.maximum.at(spelled, row[~initial], place[~initial])
    spelled = np.where(spelled < 0, size - 1, spelled)
    role = np.where(place == spelled[row], SURNAME, GIVEN).astype(np.int8)
    role[particle[number] & ~last] = PARTICLE
    texts = list(known)
    for at in np.flatnonzero((role == PARTICLE) & (place == 0) & (size[row] == 2)).tolist():
        if opens_name(texts[number[at]], texts[number[at + 1]]):
            role[at] = GIVEN
    opens = kunya[number] & ~last & ~initial
    after = np.concatenate([[False], opens[:-1]]) & (place > 0) & ~initial & (last | ~particle[number])
    role[opens | after] = KUNYA_ROLE
    role[initial] = INITIAL
    inside = place < MOST_TOKENS
    tokens = np.full((count, MOST_TOKENS), -1, dtype=np.int32)
    roles = np.zeros((count, MOST_TOKENS), dtype=np.int8)
    tokens[row[inside], place[inside]] = number[inside]
    roles[row[inside], place[inside]] = role[inside]
    sizes = np.minimum(size, MOST_TOKENS).astype(np.int8)
    return NameColumns(texts, tokens, roles, sizes, generation, np.zeros(count, dtype=np.int8))


def names_of_columns(columns: NameColumns, texts: Sequence[str]) -> list[Name]:
    """Return the rows as `Name`s without titles and nicknames: all that scores look at.

    Args:
        columns: The names.
        texts: The surface of each.
    """
    tokens: dict[int, Token] = {}
    width = columns.token.shape[1]
    codes = columns.token.astype(np.int64) * len(ROLES) + columns.role
    sizes, generations, scripts = columns.size.tolist(), columns.generation.tolist(), columns.script.tolist()
    spans = {number: Token(text, Role.GENERATION) for text, number in GENERATION.items()}
    out = []
    for row, text in enumerate(texts):
        mine = []
        for code in codes[row, : sizes[row]].tolist() if width else ():
            token = tokens.get(code)
            if token is None:
                number, role = divmod(code, len(ROLES))
                token = tokens[code] = Token(columns.vocabulary[number], ROLES[role])
            mine.append(token)
        folded = " ".join([token.text for token in mine])
        if generations[row]:
            mine.append(spans[generations[row]])
        out.append(Name(text, Kind.PER, folded, tuple(mine), columns.scripts[scripts[row]]))
    return out
