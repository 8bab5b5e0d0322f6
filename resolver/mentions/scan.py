"""The scan of the curated table: every alias that stands in a text, found in one pass."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from aliases.table import AliasTable
from resolver.gazetteer import Gazetteer, plain_text, searched
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

_START = 12
"""Characters of a pattern that the automaton holds, the rest is compared where they stand: half the memory."""

_LOUD_BEFORE, _LOUD_BEHIND = re.compile(r"[A-Z]{2,} $"), re.compile(r" [A-Z]{2,}")
"""Words in capitals beside a word."""

_PIECE = 1_000_000
"""Characters that are searched at a time, so that a text of 50 MB needs little memory."""


class _Meant(NamedTuple):
    """What an alias may mean; strong before weak when sorted."""

    weak: bool
    kind: Kind
    entity_id: str


class _Form(NamedTuple):
    """A spelling: the pattern that finds it, how it may stand in a text, and what it means."""

    pattern: str
    texts: frozenset[str]
    sense: _Meant


class TableScanner:
    """Finds aliases in texts: on word boundaries, without regard to accents, in their case or all in capitals.

    Adjectives ("Israeli") are not searched: they name nobody. Acronyms and short aliases are found in their own
    case only. Texts are searched in small letters, and what is found is looked at again: that needs a third of the
    memory of searching every alias in all its cases.

    Args:
        table: The curated table, as `aliases.table.load_table` or `gazetteer.open_tables` gives it.
    """

    def __init__(self, table: AliasTable | Gazetteer) -> None:
        self.gazetteer = table if isinstance(table, Gazetteer) else Gazetteer.of(table)
        self.seconds = 0.0  # spent on searching so far
        self._known: dict[int, list[_Form]] = {}
        self._automaton: AhoCorasick | None = None
        patterns = self.gazetteer.spellings["pattern"].combine_chunks()  # in order
        patterns = patterns.slice(pc.sum(pc.equal(patterns, "")).as_py() or 0)
        self._skipped = int(self.gazetteer.spellings.num_rows) - len(patterns)
        if not len(patterns):
            return
        starts = pc.utf8_slice_codeunits(patterns, 0, _START)
        new = np.ones(len(starts), dtype=bool)
        new[1:] = pc.not_equal(starts[1:], starts[:-1]).to_numpy(zero_copy_only=False)
        first = np.flatnonzero(new)
        self._groups = [*first.tolist(), len(patterns)]
        letters = pc.utf8_slice_codeunits(self.gazetteer.spellings["text"].slice(self._skipped), 0, 1)
        small = pc.utf8_is_lower(letters).to_numpy(zero_copy_only=False)
        self._small = np.logical_or.reduceat(small, first).tobytes()
        self._automaton = AhoCorasick(
            starts.take(pa.array(first)).to_pylist(),
            matchkind=MatchKind.Standard,
            implementation=Implementation.NoncontiguousNFA,
            store_patterns=False,
        )

    def hits(self, text: str) -> list[tuple[int, int, list[_Meant]]]:
        """Return the longest aliases in a text from left to right, with what each may mean."""
        began = time.perf_counter()
        hits: list[tuple[int, int, list[_Meant]]] = []
        last = 0
        for offset, piece in pieces(text, _PIECE):
            found: dict[tuple[int, int], set[_Meant]] = {}
            for start, end, sense in self._found(piece):
                found.setdefault((start, -end), set()).add(sense)
            for (start, minus_end), senses in sorted(found.items()):
                if offset + start >= last:
                    last = offset - minus_end
                    hits.append((offset + start, last, sorted(senses)))
        self.seconds += time.perf_counter() - began
        return hits

    def _found(self, text: str) -> Iterator[tuple[int, int, _Meant]]:
        """Yield the start, the end and a meaning of each spelling that stands in a text on word boundaries."""
        if self._automaton is None:
            return
        small, plain = self._small, f" {searched(text)} "
        for group, start, _ in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            pad = plain[start] == " "
            if not small[group] and text[start + pad - 1].islower():
                continue  # "the" is no Vietnamese name
            for form in self._known.get(group) or self._forms(group):
                if plain.startswith(form.pattern, start):
                    begin, end = start + pad - 1, start + len(form.pattern) - pad - 1
                    if plain_text(text[begin:end]) in form.texts:
                        yield begin, end, form.sense

    def _forms(self, group: int) -> list[_Form]:
        """Return the spellings whose patterns have one start; those are looked up once."""
        self._known[group] = forms = []
        for row in range(self._groups[group] + self._skipped, self._groups[group + 1] + self._skipped):
            plain = plain_text(self.gazetteer.spelling(row)).removeprefix("the ")
            if fold(plain) in cue("nationalities"):
                continue  # "Argentine" is a country in French alone
            texts = {plain}
            if len(plain) > _SHORT and not plain.isupper():
                texts |= {plain.upper(), plain[0].upper() + plain[1:]}
            entity, strong = self.gazetteer.entry(row)
            sense = _Meant(not strong, self.gazetteer.kind(entity), self.gazetteer.entity_id(entity))
            forms.append(_Form(self.gazetteer.pattern(row), frozenset(texts), sense))
        return forms


def scan_table(text: str, scanner: TableScanner) -> list[Span]:
    """Return the aliases in a text as spans, sorted, none overlapping; `source` is `STRONG` or `WEAK`."""
    hits = scanner.hits(text)
    certain = {sense.entity_id for _, _, senses in hits for sense in senses if not sense.weak}
    spans = []
    for start, end, senses in hits:
        kinds = {sense.kind for sense in senses if sense.weak == senses[0].weak}
        vouched = [sense for sense in senses if sense.entity_id in certain]
        best = vouched[0] if vouched else senses[0]
        source = STRONG if vouched and len(kinds) == 1 and not _is_shouted(text, start, end) else WEAK
        spans.append(Span(start, end, best.kind, _CONFIDENCE[source], source))
    return spans


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Tell whether a name may be a mere word of a line in capitals: "WHO" in "ASK WHO PAYS", "US" in "TOLD US"."""
    beside = _LOUD_BEFORE.search(text[max(0, start - _START) : start]) or _LOUD_BEHIND.match(text, end)
    return beside is not None and fold(text[start:end]) in cue("function")
