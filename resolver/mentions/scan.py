"""The scan of the curated table: every alias that stands in a text, found in one pass."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from aliases.table import AliasTable, AliasType, Strength
from resolver.mentions.words import cue, fold, pieces
from resolver.model import Kind, Span

__all__ = ["STRONG", "WEAK", "TableScanner", "scan_table"]

STRONG = "table"
"""Source of a span whose alias alone identifies, or whose entity stands in the text under such an alias too."""

WEAK = "table-weak"
"""Source of a span that the table alone does not vouch for, such as a bare surname."""

_CONFIDENCE = {STRONG: 0.95, WEAK: 0.5}
"""Probability that a scanned span is a mention; chosen by hand."""

_SHORT = 4
"""Characters up to which an alias is found in its own spelling alone: `Mali` in capitals may be anything."""


_PIECE = 1_000_000
"""Characters that are searched at a time, so that a text of 50 MB needs little memory."""


class _Meant(NamedTuple):
    """What an alias may mean; strong before weak when sorted."""

    weak: bool
    kind: Kind
    entity_id: str


class _Plain(dict[int, str]):
    """The accent-free form of a character, one for one, so that places in the text stay the same."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in "’ʼ`´‘":
            plain = "'"
        elif char in "\xa0\u202f":
            plain = " "
        elif char in "‐‑":
            plain = "-"
        else:
            bare = [part for part in unicodedata.normalize("NFD", char) if not unicodedata.combining(part)]
            plain = bare[0] if len(bare) == 1 else char
        self[code] = plain
        return plain


_PLAIN = _Plain()


class TableScanner:
    """Finds aliases in texts: on word boundaries, without regard to accents, in their case or all in capitals.

    Adjectives ("Israeli") are not searched: they name nobody. Acronyms and short aliases are found in their own
    case only.

    Args:
        table: The curated table, as `aliases.table.load_table` gives it.
    """

    def __init__(self, table: AliasTable) -> None:
        meant: dict[str, set[_Meant]] = {}
        for entity in table.entities.values():
            for form in _forms(entity.canonical_name):
                meant.setdefault(form, set()).add(_Meant(False, Kind(entity.kind), entity.entity_id))
        for alias in table.aliases:
            if alias.alias_type is AliasType.ADJECTIVE:
                continue
            sense = _Meant(
                alias.strength is Strength.WEAK, Kind(table.entities[alias.entity_id].kind), alias.entity_id
            )
            for form in _forms(alias.alias):
                meant.setdefault(form, set()).add(sense)
        self._forms = list(meant)
        self._meant = [sorted(senses) for senses in meant.values()]
        self._automaton = AhoCorasick(self._forms, matchkind=MatchKind.Standard)

    def hits(self, text: str) -> list[tuple[int, int, list[_Meant]]]:
        """Return the longest aliases in a text from left to right, with what each may mean."""
        hits: list[tuple[int, int, list[_Meant]]] = []
        for offset, piece in pieces(text, _PIECE):
            for start, minus_end, index in sorted(self._found(piece.translate(_PLAIN))):
                if not hits or offset + start >= hits[-1][1]:
                    hits.append((offset + start, offset - minus_end, self._meant[index]))
        return hits

    def _found(self, plain: str) -> Iterator[tuple[int, int, int]]:
        """Yield the start, the negative end and the alias of each match on word boundaries."""
        for index, start, end in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            if (start == 0 or not _joins(plain[start - 1])) and (end == len(plain) or not _joins(plain[end])):
                yield start, -end, index


def scan_table(text: str, scanner: TableScanner) -> list[Span]:
    """Return the aliases in a text as spans, sorted, none overlapping; `source` is `STRONG` or `WEAK`."""
    hits = scanner.hits(text)
    certain = {sense.entity_id for _, _, senses in hits for sense in senses if not sense.weak}
    spans = []
    for start, end, senses in hits:
        kinds = {sense.kind for sense in senses if sense.weak == senses[0].weak}
        vouched = [sense for sense in senses if sense.entity_id in certain]
        best = vouched[0] if vouched else senses[0]
        source = STRONG if vouched and len(kinds) == 1 else WEAK
        spans.append(Span(start, end, best.kind, _CONFIDENCE[source], source))
    return spans


def _joins(char: str) -> bool:
    """Tell whether a character beside an alias makes it part of a longer word."""
    return char.isalnum() or char == "_" or unicodedata.combining(char) > 0


def _forms(alias: str) -> Iterator[str]:
    """Yield the spellings under which an alias is searched."""
    plain = alias.translate(_PLAIN).removeprefix("the ")  # articles stay outside of mentions
    if len(plain) < 2 or fold(plain) in cue("nationalities"):
        return  # "Argentine" is a country in French alone
    yield plain
    if len(plain) > _SHORT and not plain.isupper():
        yield plain.upper()
        yield plain[0].upper() + plain[1:]
