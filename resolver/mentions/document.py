"""The document pass: what an article knows as a whole about the names in it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from resolver.mentions.scan import STRONG, WEAK
from resolver.mentions.words import Word, cue, is_name_like, listed, pieces, words
from resolver.model import Kind, Span

__all__ = ["merge_spans", "propagate"]

_TABLE_VOTES = 2.0
"""Weight of the table's kind against an extractor's in the vote on a surface; chosen by hand."""


_CONFIDENCE = 0.8
"""Probability that a further occurrence of a known name is a mention; chosen by hand."""

_PIECE = 200_000
"""Characters whose words are held in memory at a time."""

Form = tuple[str, ...]
"""The folded words of a name."""

Known = dict[Form, tuple[Kind, bool]]
"""What to look for: its kind, and whether it may stand without a cue."""


def merge_spans(text: str, found: Iterable[Span], hits: Iterable[Span]) -> list[Span]:
    """Return an extractor's spans and the table's as one list: the longest wins, then the table's.

    A weak hit counts only where the extractor found the same characters. All occurrences of a surface get the
    kind that most of them have, unless it is also a part of a person's full name.

    Args:
        text: The article's text.
        found: Spans of the extractor; may overlap.
        hits: Spans of `scan_table`.

    Returns:
        Spans sorted by place, none overlapping.
    """
    hits = list(hits)
    extracted = [part for span in found for part in _without_place(text, span, hits)]
    known = {(span.start, span.end) for span in extracted}
    usable = [hit for hit in hits if hit.source == STRONG or (hit.start, hit.end) in known]
    return _voted(text, _without_overlaps([*extracted, *usable]))


def _without_place(text: str, span: Span, hits: Sequence[Span]) -> list[Span]:
    """Return a person's span without a place in front that the table knows: "South Korea | Lu Jingze".

    A place before one word alone may be a given name ("Jordan Smith") and stays.
    """
    if span.kind is Kind.PER:
        for hit in hits:
            if (
                hit.start == span.start
                and hit.end < span.end
                and hit.source == STRONG
                and hit.kind is Kind.LOC
            ):
                rest = text[hit.end : span.end]
                if len(rest.split()) > 1 and text[hit.start : hit.end].lower() not in listed("given"):
                    return [hit, span._replace(start=span.end - len(rest.lstrip()))]
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
    parts = {part.text for name in _full_names(text, spans) for part in name}
    agreed = []
    for span in spans:
        surface = text[span.start : span.end]
        kind = (
            span.kind
            if surface in parts
            else max(votes[surface], key=lambda kind: (votes[surface][kind], kind))
        )
        agreed.append(span._replace(kind=kind))
    return agreed


def _full_names(text: str, spans: Iterable[Span]) -> list[list[Word]]:
    """Return the words of each distinct name of a person that has several."""
    surfaces = {text[span.start : span.end] for span in spans if span.kind is Kind.PER}
    split = ([word for word in words(surface) if word.text[0].isalpha()] for surface in sorted(surfaces))
    return [name for name in split if len(name) > 1]


def propagate(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans and, besides, the further occurrences of what they name.

    Once "Jared Kushner" is found, "Kushner" elsewhere is a mention, and "Jared" where it acts as a person. A
    part that is a common word or a place of the same article, that stands behind "the" or inside a longer
    capitalised sequence ("Kushner Companies") is left alone. Whole names are found again in any case.

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


def _again(text: str, known: Known, heads: Mapping[str, list[Form]], taken: set[int]) -> Iterator[Span]:
    """Yield where known forms stand, the longest first, on characters that are not taken."""
    seen = list(words(text))
    for i, word in enumerate(seen):
        for form in heads.get(word.folded, ()):
            last = i + len(form)
            match = seen[i:last]
            place = range(word.start, match[-1].end)
            if tuple(part.folded for part in match) != form or not taken.isdisjoint(place):
                continue
            kind, whole = known[form]
            if _stands_alone(text, seen, i, last) and (whole or _acts(seen, i, last)):
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
        for place, part in enumerate(name):
            usable = len(part.folded) > 2 and part.folded not in others and is_name_like(part.text)
            if usable and (part.folded,) not in known:
                surname = place == len(name) - 1 and part.folded not in listed("common")
                known[part.folded,] = (Kind.PER, surname)
    return known


def _stands_alone(text: str, seen: Sequence[Word], first: int, last: int) -> bool:
    """Tell whether words `[first, last)` are written as a name and are not inside a longer one."""
    if not (
        is_name_like(seen[first].text) or (seen[first].text in cue("particles") and last - first > 1)
    ) or not is_name_like(seen[last - 1].text):
        return False
    if last < len(seen) and text[seen[last - 1].end : seen[last].start] == " ":
        behind = seen[last].text
        if behind[0].isupper() and not (behind.isupper() and seen[first].text.isupper()):
            return False
    if first and text[seen[first - 1].end : seen[first].start] == " ":
        before = seen[first - 1]
        if before.folded == "the":
            return False
        lead = (
            before.folded in cue("titles")
            or before.folded in cue("nationalities")
            or before.folded in listed("common")
        )
        if (
            before.text[0].isupper()
            and not lead
            and not (before.text.isupper() and seen[first].text.isupper())
        ):
            return False
    return True


def _acts(seen: Sequence[Word], first: int, last: int) -> bool:
    """Tell whether the words around words `[first, last)` are those around a person."""
    before = seen[first - 1].folded if first else ""
    after = seen[last].folded if last < len(seen) else ""
    title = before in cue("honorifics") or before in cue("roles") or before in {"said", "says"}
    return title or after in cue("speech") or after in cue("acts") or after in {"'s", ":"}
