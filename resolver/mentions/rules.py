"""The rule extractor: sequences of capitalised words, judged by what they hold and what stands beside them.

No model: word lists, hand-set votes, and one thought: all occurrences of a form in an article are judged
together, so that one clear place ("Dr. Chen", "in Kassala") decides for the unclear ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from resolver.mentions.runs import Run, Sequences
from resolver.mentions.words import cue, is_common, listed, opens_like, pieces
from resolver.model import Article, Kind, Span

__all__ = ["rules", "spans_in"]

_MIN_VOTE = 1.2
"""Votes that a form needs; set by hand on the newsroom training articles, like all weights below."""

_PIECE = 200_000
"""Characters that are judged together: far above any article, so that a book of 50 MB needs little memory."""

_LONGEST = 12
"""Words of the longest name; what is longer is a list or a line of capitals."""

_NEVER = -9.0
_PER, _ORG, _LOC = Kind.PER, Kind.ORG, Kind.LOC

_BEFORE = {
    "roles": {_PER: 2.5},
    "honorifics": {_PER: 3.0},
    "person_hints": {_PER: 0.7},
    "org_before": {_ORG: 2.5},
    "place_prepositions": {_LOC: 2.5},
    "place_parts": {_LOC: 2.5},
    "place_hints": {_LOC: 1.0},
    "no_person": {_PER: -1.5},
}
"""What the kind of word before a name says of it."""

_BEFORE_COMMA = {"roles": {_PER: 2.5}, "org_before": {_ORG: 1.5}}
"""What the kind of word before a comma and a name says: "his translator, Elena Petrova"."""

_BEFORE_OF = {"place_before": {_LOC: 2.5}, "org_roles": {_ORG: 2.5}}
"""What the kind of word before "of" and a name says: "the city of Basra"."""

_BEFORE_AT = {"roles": {_ORG: 2.0}, "org_roles": {_ORG: 1.0}}
"""What the kind of word before "at" or "for" and a name says: "an analyst at Halcyon"."""

_AFTER = {
    "speech": {_PER: 1.5, _ORG: 0.7},
    "acts": {_PER: 0.7, _ORG: 0.5},
    "org_after": {_ORG: 2.0},
}
"""What the kind of word behind a name says of it."""

_OWNED = {"org_after": {_ORG: 2.0}}
"""What the kind of word behind a possessive says of the owner: "Hongda's finance chief"."""

_BEHIND = (
    (re.compile(r",\s\d\d,"), {_PER: 3.0}),  # an age
    (re.compile(r",\swho(?:se)?\b"), {_PER: 2.0}),
    (re.compile(r"['’]s\b"), {_PER: 0.5, _LOC: 0.3, _ORG: 0.2}),
)
"""What the characters behind a name say of it."""

_DATELINE = re.compile(r"(?:, [A-Z][\w. ]+)? (?:—|–|-|\()")
"""What stands behind the place at the head of an article: "ABUJA, Nigeria —"."""

_QUOTES = frozenset("“”\"„«»‘’'")

_MODEL = re.compile(r"\d\d|\w\.\w\w")
"""What no person's name holds: a number (single digits are misread letters), the end of a web address."""

Votes = dict[Kind, float]


def rules(articles: Sequence[Article]) -> list[list[Span]]:
    """Return the names in articles, by rules."""
    return [
        [
            span._replace(start=offset + span.start, end=offset + span.end)
            for offset, piece in pieces(article.text, _PIECE)
            for span in spans_in(piece)
        ]
        for article in articles
    ]


def spans_in(text: str) -> list[Span]:
    """Return the people, organisations and places that a text names.

    Returns:
        Spans sorted by place, none overlapping; the confidence rises with the votes of the form.
    """
    seen = Sequences(text)
    votes: dict[str, Votes] = defaultdict(lambda: dict.fromkeys(Kind, 0.0))
    runs: list[tuple[Run, str]] = []
    for run in seen.runs():
        form = " ".join(word.folded for word in seen.words[run.first : run.last])
        runs.append((run, form))
        for kind, vote in _judged(seen, run).items():
            votes[form][kind] += vote
    found = []
    for run, form in runs:
        kind, vote = max(votes[form].items(), key=lambda item: item[1])
        after = seen.folded(run.last)
        named_after = seen.folded(run.first - 1) == "the" and after not in cue("person_groups")
        if vote >= _MIN_VOTE and not (kind is _PER and named_after):
            start, end = seen.words[run.first].start, seen.words[run.last - 1].end
            found.append(Span(start, end, kind, round(vote / (vote + 1), 3), "rules"))
    return found


def _judged(seen: Sequences, run: Run) -> Votes:
    """Return what one occurrence says of its form."""
    votes = dict.fromkeys(Kind, 0.0)
    tokens = [word.folded for word in seen.words[run.first : run.last] if word.text != "."]
    shape = seen.words[run.first].text
    acronym = len(tokens) == 1 and shape.isupper() and 2 <= len(shape.replace(".", "")) <= 6
    acronym = acronym and not seen.loud[run.first] and (len(shape) < 4 or tokens[0] not in listed("common"))
    if (
        (len(tokens) == 1 and len(shape.strip(".")) == 1)
        or len(tokens) > _LONGEST
        or (len(tokens) == 1 and tokens[0] in cue("place_parts"))
        or tokens[-1] in cue("events")
        or (len(tokens) > 1 and tokens[0] in cue("ships"))
        or (tokens[0] in cue("function") and not acronym and (len(tokens) == 1 or seen.opens[run.first]))
    ):
        return dict.fromkeys(Kind, _NEVER)
    if not seen.loud[run.first]:
        _add(votes, _organisation_or_place(tokens))
    speaks = seen.opens[run.first] and seen.folded(run.last) == ":" and not is_common(tokens[0])
    if speaks:
        _add(votes, {_PER: 2.0})
    if acronym and not speaks:
        _add(votes, {_LOC: 4.0} if tokens[0] in cue("place_acronyms") else {_ORG: 2.0, _PER: -2.0})
    else:
        _add(votes, _person(seen, run, tokens))
    if not seen.loud[run.first]:
        _add(votes, _context(seen, run))
    at = run.first - 2 if seen.folded(run.first - 1) == ":" else run.first - 1
    if len(tokens) > 1 and seen.folded(at) in cue("bylines"):
        _add(votes, {_PER: 3.0})
    return votes


def _add(votes: Votes, more: Votes) -> None:
    for kind, vote in more.items():
        votes[kind] += vote


def _organisation_or_place(tokens: Sequence[str]) -> Votes:
    """Return what the words of a name say of organisations and places."""
    votes: Votes = {}
    several = len(tokens) > 1
    if any(token in cue("org_words") or token in cue("org_heads") for token in tokens):
        votes[_ORG] = 4.0 if several else 1.0 if tokens[0] in cue("org_alone") else -2.0
    if several and (tokens[-1] in cue("place_words") or tokens[0] in cue("place_first") | cue("place_parts")):
        votes[_LOC] = 4.0 if tokens[-1] in cue("place_words") else 2.5
    if " ".join(tokens) in cue("places"):
        votes[_LOC] = 4.0
    return votes


def _person(seen: Sequences, run: Run, tokens: Sequence[str]) -> Votes:
    """Return what the words of a name say of a person."""
    several = len(tokens) > 1
    common = sum(map(is_common, tokens))
    if common and several and seen.loud[run.first]:
        return {_PER: -3.0}
    if common == len(tokens) and (several or seen.opens[run.first]):
        kind = tokens[-1] in cue("place_words") or any(
            token in cue("org_words") | cue("org_heads") for token in tokens
        )
        return {_PER: -3.0} if kind and several else dict.fromkeys(Kind, -3.0)
    vote = -1.0 if common == 1 and not several and tokens[0] not in listed("surnames") else 0.0
    if tokens[0] in listed("given"):
        vote += 3.0 if several else 1.0
    if tokens[-1] in listed("surnames"):
        vote += 1.0
    if 2 <= len(tokens) <= 4 and not common and not seen.loud[run.first]:
        vote += 1.5
    if _MODEL.search(" ".join(tokens)) or (several and _quoted(seen, run)):
        vote -= 4.0
    if several and any(len(token.strip(".")) == 1 for token in tokens):
        vote += 2.0
    if (several and any(token in cue("particles") for token in tokens[:-1])) or tokens[-1].startswith(
        ("al-", "el-")
    ):
        vote += 1.5
    if several and tokens[-1] in cue("generations"):
        vote += 2.0
    return {_PER: vote}


def _quoted(seen: Sequences, run: Run) -> bool:
    """Tell whether quotation marks stand right around a run: the title of a work."""
    return seen.folded(run.first - 1) in _QUOTES and seen.folded(run.last) in _QUOTES


def _context(seen: Sequences, run: Run) -> Votes:
    """Return what stands beside a name says of it."""
    votes = dict.fromkeys(Kind, 0.0)
    for table, word in _neighbours(seen, run):
        for section, vote in table.items():
            if word in cue(section):
                _add(votes, vote)
    for pattern, vote in _BEHIND:
        if pattern.match(seen.text, seen.words[run.last - 1].end):
            _add(votes, vote)
    if run.led:
        _add(votes, {_PER: 3.0})
    if seen.folded(run.first - 1).strip("\n") == "" and _DATELINE.match(
        seen.text, seen.words[run.last - 1].end
    ):
        _add(votes, {_LOC: 2.0})
    plain = opens_like if seen.opens[run.first] else is_common
    if run.last - run.first == 1 and not plain(seen.folded(run.first)):
        _add(votes, _lone(seen, run))
    return votes


def _neighbours(seen: Sequences, run: Run) -> Iterator[tuple[Mapping[str, Votes], str]]:
    """Yield the words beside a name, each with what words there say."""
    before, before2, after = seen.folded(run.first - 1), seen.folded(run.first - 2), seen.folded(run.last)
    if before2.endswith("-elect"):
        before2 = before2.removesuffix("-elect")
    yield _BEFORE, before
    yield _AFTER, after
    if before == ",":
        yield _BEFORE_COMMA, before2
    elif before == "of":
        yield _BEFORE_OF, before2
    elif before in {"at", "for"}:
        yield _BEFORE_AT, before2
    if after == "'s":
        yield _OWNED, seen.folded(run.last + 1)
        yield _OWNED, seen.folded(run.last + 2)


def _lone(seen: Sequences, run: Run) -> Votes:
    """Return what it says that an unknown word stands alone in capitals."""
    if seen.folded(run.first - 1) == "the":
        after = seen.folded(run.last)
        verb = any(after in cue(section) for section in ("function", "acts", "speech"))
        noun = after.isalpha() and after.islower() and not verb
        return {_PER: -1.4, _LOC: 0.5, _ORG: 0.5 if noun else 2.0}
    if seen.opens[run.first]:
        return {_PER: 0.6, _LOC: 0.2, _ORG: 0.1}
    return {_PER: 0.6, _LOC: 0.5, _ORG: 0.5}
