"""Cuts a text into pieces of at most a few hundred words, without changing a character.

A line break ends a sentence: in news text it ends a paragraph, a headline, a menu entry or a byline. Only where text is
wrapped, as in mail, its lines are read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["WORD", "may_hold_a_name", "sentences"]

WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
"""A word, or a single punctuation mark. Hyphens and apostrophes are words, so a span may end before a 's."""

_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[^\W\d_a-z])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“‘'-])(?:(?:[^\W\d_]\.)*[^\W\d_]|Mr|Mrs|Ms|Mx|Dr|Prof|Sen|Rep|Gov|Gen|Maj|Col|Lt|Capt|Cpl|Sgt|Adm|"
    r"Brig|Cmdr|Cdr|Supt|Insp|Det|Hon|Rev|Fr|Msgr|St|ST|Ste|Md|Mohd|Ma|Sr|Jr|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|No|Nos|"
    r"vs|v|al|etc|Inc|Corp|Ltd|Co|Bros|Mt|Ft|Ave|Blvd|Dept|Gen|Messrs|Mme|Mlle|Amb|Pres|Sec|Atty|Ald|Vol|pp)$"
)


_WRAPPED = 200
"""Lines of wrapped text that are looked at together."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of the sentences of a text, in order, without the line breaks around them.

    Full stops after initials, titles and other abbreviations ("Adm. Curtis Oyler", "J. K. Okafor") end nothing:
    a sentence too long costs little, one cut inside a name loses the name.
    """
    for begin, stop in _paragraphs(text):
        start = begin
        for end in _END.finditer(text, start, stop):
            # From the blank before the sentence on: a pattern's ^ holds at the start of the text alone.
            low = max(start - 1, end.start() - 12, 0)
            if text[end.start()] == "." and _ABBREVIATION.search(text, low, end.start()):
                continue
            yield start, end.end()
            start = end.end()
        if start < stop:
            yield start, stop


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the lines of a text; those of wrapped text together."""
    block: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        if block and (text[block[-1][1] : line.start()] not in {"\n", "\r\n"} or len(block) == _WRAPPED):
            yield from _unwrapped(text, block)
            block = []
        block.append(line.span())
    yield from _unwrapped(text, block)


def _unwrapped(text: str, block: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the lines between two blank ones: as one if a third go on with a small letter, cut at short ones."""
    small = sum(text[start].islower() for start, _ in block[1:])
    if not small or 3 * small < len(block) - 1:
        yield from block
        return
    longest = max(end - start for start, end in block)
    first = block[0][0]
    for (start, end), (following, _) in pairwise(block):
        if 2 * (end - start) < longest:
            yield first, end
            first = following
    yield first, block[-1][1]


_OPENERS = frozenset(
    """a after all also although an and another any as at because before both but by during each even every few for from
    he her here his how however i if in instead it its just later many meanwhile more most much my no nobody none not
    nothing now of on once one only or other others our over same several she since so some still such than that the
    their then there these they this those three through to today tomorrow two under until we what when where whether
    which while who whose why will with without yes yesterday yet you your""".split()
)
"""Words that begin sentences and no names; a sentence that has a capital in them alone is not read further."""


def may_hold_a_name(words: list[str]) -> bool:
    """Return whether one of the words could begin a name: it has a capital, or a letter of a script without case.

    The first word alone counts as well, since "Musk resigned." looks like "Talks resumed.", but not if it is a
    pronoun, article or the like.
    """
    return any(
        (word[0].isupper() or (word[0].isalpha() and not word.islower()))
        and (word.lower() not in _OPENERS or (len(word) > 1 and word.isupper()))
        for word in words
    )
