"""Where a person's name begins and ends, whatever an extractor made of it.

Titles stay outside ("Sheikh | Nasser al-Qadri"), initials and what hyphens join inside ("K. Modi", "Ana Ruiz-Paz"),
a list's "DRAGNEA, Aurel" is one name, and so is one that a line end cuts; two names around a small word are two ("Modi
c Sumon b Saiful", as in the scores of a match).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from resolver.mentions.words import cue, is_common, listed
from resolver.model import Kind, Span

__all__ = ["person_edges"]

_WORD = re.compile(r"\S+")
_DASH = re.compile(r"\s[-–—]\s")
_INITIALS = re.compile(r"(?<![^\s(\[\"“‘'/])(?:[^\W\d_a-z]\.\s?){1,3}$")
"""One to three dotted initials that nothing is joined to: not the end of "D.C."."""

_LAST_INITIAL = re.compile(r" (?!X)[^\W\d_a-z]$")
"""An initial behind the surname, whose point belongs to it, also at the end of a sentence; "Malcolm X" has none."""

_ANSWER = re.compile(r"A\.\s")
_QUESTION = re.compile(r"^Q\.\s", re.MULTILINE)
"""Heads of the lines of an interview, which are no initials."""

_NAMED = re.compile(r"[^\W\d_a-z][^\W_]* $")
"""A capitalised word before the initials: "Plan B. Smith said so."."""

_BEHIND = re.compile(r"(?:[-‐‑][^\W\d_a-z][^\W\d_]+)+(?![-‐‑])")
_AHEAD = re.compile(r"(?<![\w'’.-])(?:[^\W\d_a-z][^\W\d_A-Z]+[-‐‑])+$")
_SECTION = re.compile(r"([^\W\d_]{4,})[-‐‑](?=[^\W\d_])")
"""What a headline may put in front of a name: "TENNIS-LIU THROUGH"."""

_ONLY_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.\s?){0,2}[^\W\d_a-z]\.?")
_LISTED = re.compile(r"[^\W\d_a-z]['’]?[^\W\d_a-z][^\Wa-z_]*(?:[- ][^\W\d_a-z]+)*")
"""A surname in capitals, as lists have it before a given name: "DRAGNEA-POP, Aurel"."""

_INSIDE = re.compile(r"(?<!\S)[^\W\d_A-Z][^\W\d_]*,? $")
_GOES_ON = re.compile(r"(?:['’]s)?,? [^\W\d_A-Z]")
"""What stands before and behind a name that is cut by a line end: the prose of one sentence."""

_NO_START = frozenset("-–—,;:•*|/ ")
_REACH = 40
"""Characters before a name in which initials or a hyphenated part of it may stand."""

_AMBIGUOUS = frozenset(["don"])
"""A title and a given name; those that are surnames are left alone as well: "King", "Bishop"."""


def person_edges(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans with the people's edges put right; other kinds stay as they are.

    Args:
        text: The article's text.
        spans: Those of an extractor, sorted or not, none overlapping.
    """
    spans = _joined(text, sorted(spans))
    starts = {span.start for span in spans}
    ends = {span.end for span in spans}
    found = []
    for span in spans:
        if span.kind is not Kind.PER:
            found.append(span)
            continue
        for start, end in _names(text, span):
            if _is_no_name(text[start:end]):
                continue
            new_start, new_end = _untitled(text, start, end), end
            if new_start == span.start:
                new_start = _from(text, new_start, ends)
            if (
                end == span.end
                and (joined := _BEHIND.match(text, end))
                and not starts & set(range(end, joined.end()))
            ):
                new_end = joined.end()
            if text.startswith(".", new_end) and _LAST_INITIAL.search(text, new_start, new_end):
                new_end += 1
            found.append(span._replace(start=new_start, end=new_end))
    return found


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans, with names that came in pieces as one: "K.J | . Hwang", "Tre Holloway | - | Banks"."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.kind is Kind.PER:
            before, between = text[last.start : last.end], text[last.end : span.start]
            initials = (
                span.kind is Kind.PER and between.strip() in {"", "."} and _ONLY_INITIALS.fullmatch(before)
            )
            hyphen = between in {"-", "‐", "‑"} and " " in before and " " not in text[span.start : span.end]
            one = span.kind is Kind.PER and (_is_listed(text, last, span) or _is_cut(text, last, span))
            if len(between) < 3 and (initials or hyphen or one):
                joined[-1] = last._replace(end=span.end)
                continue
        joined.append(span)
    return joined


def _is_listed(text: str, last: Span, span: Span) -> bool:
    """Tell whether two people are the surname and given name of one: "DRAGNEA-POP, Aurel", "LEE, S. H."."""
    given = text[span.start : span.end]
    return (
        text[last.end : span.start] == ", "
        and _LISTED.fullmatch(text, last.start, last.end) is not None
        and (not given.isupper() or _ONLY_INITIALS.fullmatch(given) is not None)
    )


def _is_cut(text: str, last: Span, span: Span) -> bool:
    """Tell whether two people of one word are one whom a line end cuts inside a sentence: "that Jean | Dupont had"."""
    return (
        text[last.end : span.start] in {"\n", "\r\n"}
        and " " not in text[last.start : last.end] + text[span.start : span.end]
        and _INSIDE.search(text[max(0, last.start - _REACH) : last.start]) is not None
        and _GOES_ON.match(text, span.end) is not None
    )


def _names(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """Yield the names in a span, without small words at its end or between two of them."""
    dashes = list(_DASH.finditer(text, span.start, span.end))
    first = dashes[-1].end() if dashes else span.start
    while first < span.end and text[first] in _NO_START:
        first += 1
    words = [word.span() for word in _WORD.finditer(text, first, span.end)]
    if text[first : span.end].islower():
        yield first, span.end
        return
    names: list[list[tuple[int, int]]] = [[]]
    for start, end in words:
        if _is_small(text[start:end]):
            names.append([])
        else:
            names[-1].append((start, end))
    for name in names:
        if name:
            yield name[0][0], name[-1][1]


def _is_no_name(words: str) -> bool:
    """Tell whether a title is all there is, or one word in small letters."""
    word = words.lower().rstrip(".")
    title = word in cue("honorifics") and word not in listed("surnames") | listed("given")
    return title or (words.islower() and " " not in words)


def _is_small(word: str) -> bool:
    """Tell whether a word stands in no name."""
    if not word.islower() or not word.isalpha() or word in cue("particles"):
        return False
    return len(word) == 1 or word in {"lbw", "st"} or is_common(word)


def _untitled(text: str, start: int, end: int) -> int:
    """Return where a name begins behind the titles and nationalities in front of it; the last word is none."""
    section = _SECTION.match(text, start, end)
    if section and section[1].isupper() and is_common(section[1].lower()):
        start = section.end()
    words = [word.span() for word in _WORD.finditer(text, start, end)]
    for left, ((at, stop), (following, _)) in enumerate(pairwise(words), 2 - len(words)):
        word = text[at:stop].lower().rstrip(".")
        title = word in cue("honorifics") and word not in listed("surnames") and word not in _AMBIGUOUS
        people = left < 0 and len(word) > 3 and word in cue("nationalities") and word not in listed("given")
        if not title and not people:
            return at
        start = following
    return start


def _from(text: str, start: int, ends: set[int]) -> int:
    """Return where a name begins that may have initials, or a part with a hyphen, in front."""
    low = max(0, start - _REACH)
    before = text[low:start]
    found = _INITIALS.search(before)
    if found and (_NAMED.search(before[: found.start()]) or _is_no_initial(text, low + found.start(), start)):
        return start
    found = found or _AHEAD.search(before)
    if found is None or ends & set(range(low + found.start() + 1, start + 1)):
        return start
    return low + found.start()


def _is_no_initial(text: str, start: int, end: int) -> bool:
    """Tell whether what looks like initials before a name is a title ("H.E.") or the head of an answer ("A.")."""
    if text[start:end].strip().lower().rstrip(".") in cue("honorifics"):
        return True
    heads_line = start == 0 or text[start - 1] == "\n"
    return heads_line and _ANSWER.match(text, start) is not None and _QUESTION.search(text) is not None
