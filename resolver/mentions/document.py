"""The document pass: what an article knows as a whole about the names in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from resolver.mentions.runs import Sequences
from resolver.mentions.scan import STRONG, WEAK
from resolver.mentions.words import Word, cue, is_common, is_name_like, listed, pieces, words
from resolver.model import Kind, Span

__all__ = ["merge_spans", "propagate"]

_TABLE_VOTES = 2.0
"""Weight of the table's kind against an extractor's in the vote on a surface; chosen by hand."""


_SURE: Mapping[Kind, float] = {Kind.PER: 0.0, Kind.LOC: 0.9, Kind.ORG: 0.97}
"""Confidence above which a word keeps its kind though a person of the article has it as a surname; chosen by hand."""

_LEAST_PERSON, _LEAST_WORD, _LEAST_PLACE = 0.5, 0.9, 0.7
"""Confidence below which the tagger's finds are left out: people, people of one word that no full name of the article
holds, places. On 360 articles that it had not seen a third of them were right, or fewer."""

_CONFIDENCE = 0.8
"""Probability that a further occurrence of a known name is a mention; chosen by hand."""

_POSSESSIVE = re.compile(r"['’]s? ")

_LONGEST = 8
"""Words of the longest name whose parts are looked for; what is longer is a list or a line of capitals."""

_PIECE = 200_000
"""Characters whose words are held in memory at a time."""

Form = tuple[str, ...]
"""The folded words of a name."""

Known = dict[Form, tuple[Kind, bool]]
"""What to look for: its kind, and whether it may stand without a cue."""


def merge_spans(text: str, found: Iterable[Span], hits: Iterable[Span]) -> list[Span]:
    """Return an extractor's spans and the table's as one list: the longest wins, then the table's.

    A weak hit counts only where the extractor found the same characters: as a person, though no full name of the
    article holds them ("Washington"), and the table's kind is taken. Where the extractor found a part of a full
    name ("Holland"), the table does not make it a place. All occurrences of a surface get the kind that most of
    them have, unless it is also a part of a person's full name: then a surname is the person unless the extractor is
    sure of another kind.

    Args:
        text: The article's text.
        found: Spans of the extractor; may overlap.
        hits: Spans of `scan_table`.

    Returns:
        Spans sorted by place, none overlapping.
    """
    hits = sorted(hits)
    strong = [hit for hit in hits if hit.source == STRONG]
    extracted = [part for span in found for part in _parts(text, span, strong)]
    weak = {(hit.start, hit.end): hit.kind for hit in hits if hit.source == WEAK}
    people = {part.text for name in _full_names(text, extracted) for part in name}
    for at, span in enumerate(extracted):
        if span.kind is Kind.PER and _slice(text, span) not in people:
            extracted[at] = span._replace(kind=weak.get((span.start, span.end), span.kind))
    extracted = [span for span in extracted if not _is_doubtful(text, span, people)]
    named = {
        (span.start, span.end) for span in extracted if span.kind is Kind.PER and _slice(text, span) in people
    }
    strong = [hit for hit in strong if (hit.start, hit.end) not in named]
    return _voted(text, _without_overlaps([*extracted, *strong]))


def _is_doubtful(text: str, span: Span, people: set[str]) -> bool:
    """Tell whether the tagger is not sure enough of a person or place; one word that no full name holds needs most."""
    if span.source != "tagger" or span.kind is Kind.ORG:
        return False
    if span.kind is Kind.LOC:
        return span.confidence < _LEAST_PLACE
    surface = _slice(text, span)
    if surface in people:
        return False
    return span.confidence < (_LEAST_PERSON if " " in surface else _LEAST_WORD)


def _slice(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _parts(text: str, span: Span, hits: Sequence[Span]) -> list[Span]:
    """Return a span cut where the table knows better: "Russia | Ukraine", "Iran | 's | Majlis".

    A place before one word alone may be a given name ("Jordan Smith") and stays.

    Args:
        text: The article's text.
        span: One of an extractor.
        hits: Strong hits of the table, sorted, none overlapping.
    """
    first = bisect_left(hits, span.start, key=lambda hit: hit.start)
    last = bisect_left(hits, span.end, key=lambda hit: hit.end)
    inside = [hit for hit in hits[first : last + 1] if hit.end <= span.end]
    if (
        len(inside) > 1
        and "-".join(text[hit.start : hit.end] for hit in inside) == text[span.start : span.end]
    ):
        return inside
    if not inside or inside[0].start != span.start or inside[0].kind is not Kind.LOC:
        return [span]
    place, rest = text[span.start : inside[0].end], text[inside[0].end : span.end]
    owner = _POSSESSIVE.match(rest)
    if owner and owner.end() < len(rest):
        return [inside[0], span._replace(start=inside[0].end + owner.end())]
    if span.kind is Kind.PER and len(rest.split()) > 1 and place.lower() not in listed("given"):
        return [inside[0], span._replace(start=span.end - len(rest.lstrip()))]
    return [span]


def _without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return, of each group of spans that overlap, the best ranked ones that do not, sorted by place."""
    chosen: list[Span] = []
    group: list[Span] = []
    end = 0
    for span in sorted(spans):
        if group and span.start >= end:
            chosen += _best_of(group)
            group = []
        group.append(span)
        end = max(end, span.end)
    return chosen + _best_of(group)


def _best_of(group: list[Span]) -> list[Span]:
    """Return the spans of a group in the order of length, the table first among equals, without overlaps."""
    if len(group) < 2:
        return group
    kept: list[Span] = []
    for span in sorted(group, key=_rank):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept)


def _rank(span: Span) -> tuple[int, bool, bool, float, Span]:
    return (span.start - span.end, span.source != STRONG, span.source == WEAK, -span.confidence, span)


def _voted(text: str, spans: Sequence[Span]) -> list[Span]:
    votes: dict[str, dict[Kind, float]] = defaultdict(lambda: dict.fromkeys(Kind, 0.0))
    for span in spans:
        votes[text[span.start : span.end]][span.kind] += (
            _TABLE_VOTES if span.source == STRONG else span.confidence
        )
    full = _full_names(text, spans)
    parts = {part.text for name in full for part in name}
    surnames = {name[-1].text for name in full}
    short = _short_names(text, spans)
    agreed = []
    for span in spans:
        surface = _slice(text, span)
        kind = max(votes[surface], key=lambda kind: (votes[surface][kind], kind))
        if surface in parts:
            sure = span.source == STRONG or span.confidence > _SURE[span.kind]
            kind = span.kind if sure or surface not in surnames else Kind.PER
        elif kind is Kind.PER and surface in short:
            kind = Kind.ORG
        agreed.append(span._replace(kind=kind))
    return agreed


def _short_names(text: str, spans: Iterable[Span]) -> set[str]:
    """Return what remains of the organisations' names without the words that say what they are: "Hongda"."""
    short = set()
    for surface in {_slice(text, span) for span in spans if span.kind is Kind.ORG}:
        name = [word for word in words(surface) if word.text[0].isalpha()]
        generic = [word.folded in cue("org_words") for word in name]
        if True in generic[1:] and all(generic[generic.index(True, 1) :]) and not is_common(name[0].folded):
            short.add(surface[: name[generic.index(True, 1) - 1].end])
    return short


def _full_names(text: str, spans: Iterable[Span]) -> list[list[Word]]:
    """Return the words of each distinct name of a person that has several."""
    surfaces = {text[span.start : span.end] for span in spans if span.kind is Kind.PER}
    split = ([word for word in words(surface) if word.text[0].isalpha()] for surface in sorted(surfaces))
    return [name for name in split if 1 < len(name) <= _LONGEST]


def propagate(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans and, besides, the further occurrences of what they name.

    Once "Jared Kushner" is found, "Kushner" and "Jared" elsewhere are mentions. A part that is a common word
    ("Hope") needs a title, a verb of speech or the like beside it. A part that is also a place of the article,
    or that stands behind "the" or inside a longer capitalised sequence ("Kushner Companies"), is left alone.

    Args:
        text: The article's text.
        spans: What was found, none overlapping.

    Returns:
        All spans sorted by place, none overlapping; the new ones have the source `propagated`.
    """
    known = _known(text, spans)
    if not known:
        return sorted(spans)
    heads: dict[str, list[Form]] = defaultdict(list)
    for form in sorted(known, key=len, reverse=True):
        heads[form[0]].append(form)
    ordered = sorted(spans)
    found = list(ordered)
    for offset, piece in pieces(text, _PIECE):
        first = bisect_left(ordered, offset, key=lambda span: span.end)
        last = bisect_left(ordered, offset + len(piece), key=lambda span: span.start)
        taken = {at - offset for span in ordered[first:last] for at in range(span.start, span.end)}
        found += (
            span._replace(start=offset + span.start, end=offset + span.end)
            for span in _again(piece, known, heads, taken)
        )
    return sorted(found)


class _Beside(NamedTuple):
    """The words that touch a match with one blank between, and whether its line is a headline in capitals."""

    before: Word | None
    behind: Word | None
    loud: bool


def _again(text: str, known: Known, heads: Mapping[str, list[Form]], taken: set[int]) -> Iterator[Span]:
    """Yield where known forms stand, the longest first, on characters that are not taken."""
    seen = Sequences(text)
    for i, word in enumerate(seen.words):
        for form in heads.get(word.folded, ()):
            last = i + len(form)
            match = seen.words[i:last]
            place = range(word.start, match[-1].end)
            if tuple(part.folded for part in match) != form or not taken.isdisjoint(place):
                continue
            kind, whole = known[form]
            before = seen.words[i - 1] if i and text[seen.words[i - 1].end : word.start] == " " else None
            behind = (
                seen.words[last]
                if last < len(seen.words) and text[place.stop : seen.words[last].start] in {"", " "}
                else None
            )
            beside = _Beside(before, behind, seen.loud[i])
            if _stands_alone(match, beside, kind) and (whole or _acts(beside)):
                taken.update(place)
                yield Span(place.start, place.stop, kind, _CONFIDENCE, "propagated")
                break


def _known(text: str, spans: Sequence[Span]) -> Known:
    """Return what to look for, folded, with its kind and whether it may stand without a cue."""
    known: Known = {}
    others: set[str] = set()
    for span in spans:
        form = tuple(word.folded for word in words(text[span.start : span.end]))
        if span.kind is not Kind.PER:
            others.add(" ".join(form))
        if len(form) > 1 or form[0] not in listed("common"):
            known[form] = (span.kind, True)
    for name in _full_names(text, spans):
        folded = tuple(part.folded for part in name)
        for cut in range(1, len(name) - 1):
            known.setdefault(folded[cut:], (Kind.PER, True))
            if name[cut].folded not in cue("particles"):
                known.setdefault(folded[: cut + 1], (Kind.PER, True))
        for part in name:
            usable = len(part.folded) > 2 and part.folded not in others and is_name_like(part.text)
            if usable and (part.folded,) not in known:
                known[part.folded,] = (Kind.PER, part.folded not in listed("common"))
    return known


def _stands_alone(match: Sequence[Word], beside: _Beside, kind: Kind) -> bool:
    """Tell whether words are written as a name and are not inside the name of something else."""
    first, last = match[0].text, match[-1].text
    starts = is_name_like(first) or (len(match) > 1 and first in cue("particles"))
    if not starts or not is_name_like(last):
        return False
    before = "" if beside.before is None else beside.before.folded
    behind = "" if beside.behind is None else beside.behind.folded
    if kind is Kind.PER:
        named_after = before in cue("ships") or (before == "the" and behind not in cue("person_groups"))
        if named_after or (behind in cue("events") and _is_capital(beside.behind)):
            return False
    if beside.loud:
        return True
    lead = before in cue("titles") or before in cue("nationalities") or is_common(before)
    return not _continues(last, beside.behind) and (lead or not _continues(first, beside.before))


def _is_capital(word: Word | None) -> bool:
    return word is not None and word.text[0].isupper()


def _continues(word: str, neighbour: Word | None) -> bool:
    """Tell whether a capitalised neighbour makes one sequence with a word; where all is in capitals, nothing does."""
    return (
        neighbour is not None
        and neighbour.text[0].isupper()
        and not (word.isupper() and neighbour.text.isupper())
    )


def _acts(beside: _Beside) -> bool:
    """Tell whether the words beside a name are those beside a person."""
    before = "" if beside.before is None else beside.before.folded
    behind = "" if beside.behind is None else beside.behind.folded
    title = any(before in cue(section) for section in ("honorifics", "roles", "speech"))
    return title or behind in {"'s", ":"} or any(behind in cue(section) for section in ("speech", "acts"))
