"""Find the stretches of text that describe a name: before it, behind it, and where the text goes on about it.

Comes in: the text around one mention. Goes out: ranges, and how sure it is that they speak of the mention. Refuses to
know: what the words mean.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

__all__ = ["OF", "OWNED", "Phrase", "Place", "acts", "before", "behind", "continued"]

LEFT_CHARACTERS = (
    160  # ("the outgoing vice president of the Japanese company Xingchuan Optical, the engineer ")
)
RIGHT_CHARACTERS = (
    140  # an apposition such as "deputy director general of the International Atomic Energy Agency"
)
CONTINUED_CHARACTERS = 400  # from a name to the "He" that goes on about it

CLAUSE_BREAK = re.compile(r"[;:()\[\]“”\"—–]|\s-\s")
APPOSITION = re.compile(r"['’]?\s*,\s*(?:\d{1,3}\s*,\s*)?(?=[\w])")
BRACKET = re.compile(r"\s*[(—–]\s*")
TITLES_BEFORE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lady|Lord|Sayyid|Sheikh|Sheik|Hajj|Haji|Shri|Smt|Datuk|Nana|Mme|Mlle|MM?|Herrn?|Frau|H\.E|Adv)\b\.?\s*)+$"
)
# "is the", "was named", "who served as", "took over as": what follows is what somebody is.
BECOMING = (
    r"(?:(?:is|was|are|were|has\s+been|had\s+been|became|becomes|remains|remained|will\s+be|est|était|ist|war|wurde)"
    r"(?:\s+(?:now|also|still|then|once|later|again|named|appointed|elected|chosen|sworn\s+in|made|re-?elected|nommée?|élue?))*"
    r"|(?:has\s+|had\s+)?(?:served|serves|worked|works|acted|acts|returned|resigned|retired|stepped\s+down|took\s+over|takes\s+over"
    r"|quit|succeeded\s+\w+))(?:\s+as)?"
)
ARTICLE = r"(?:an?|the|one|un|une|le|la|ein|eine|der|die)\b"
COPULA = re.compile(
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,\s*)?(?:who|qui)|\s*,|)\s+{BECOMING}\s+(?={ARTICLE})", re.IGNORECASE
)
OFFICE = re.compile(
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,)?\s*(?:who|qui)?|)\s*\b{BECOMING}\s+(?!{ARTICLE})", re.IGNORECASE
)
ENDS = re.compile(
    r"[,;:()“”\"—–]|\b(?:who|whose|which|said|says|told|and his|and her|in order|before|after|when|until|because)\b"
)
FOREIGN = re.compile(r"\s*\([^()\n]{1,40}\)(?=\s*,|\s+(?:is|was|has)\b)")  # "(日下部智宏), the suspended"
SPEAKING = frozenset(("said", "says", "told"))  # "X, her lawyer said, left": the lawyer is somebody else
GIVEN = re.compile(
    r"\b(?:named|names|elect(?:s|ed)?|appoint(?:s|ed)?|chose|chosen|chooses|pick(?:s|ed)|nominat(?:e[sd]?|ing)|install(?:s|ed)"
    r"|hire[sd]|confirm(?:s|ed)|succeed(?:s|ed)|replac(?:e[sd]?|ing)|nommé|ernannt|gewählt)\b[^.;:!?]{0,60}$"
)
AS = re.compile(r"[^.;:!?]{0,90}?[\s,]as\s+(?=(?:its|the|his|her|their|our|an?|new|next)\s)")
VERBS = (
    r"(?P<verb>led|leads|headed|heads|chaired|chairs|founded|established|edited|edits|directed|directs|coached|coaches"
    r"|commanded|commands|owns|owned|presided\s+over|presides\s+over|runs|captained|captains|skippered)"
)
DONE_BY = re.compile(rf"\b{VERBS}\s+by\s+(?:the\s+|an?\s+)?(?:[A-Z][\w-]+,?\s+)?$")
RUNS_IT = re.compile(
    rf"\b(?:who|that)\s+(?:now\s+|once\s+|had\s+|has\s+)?{VERBS}\s[^.;:!?“”\"\n]{{1,70}},\s*(?:[A-Z][\w-]+\s)?$"
)
IN_CHARGE = re.compile(
    r"\b(?P<verb>in\s+(?:\w+\s+)?(?:charge|command)|at\s+the\s+head)\s+of\s[^.;:!?“”\"\n]{1,70},\s*(?:[A-Z][\w-]+\s)?$"
)
DOES = re.compile(
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,\s*)?who)?\s+(?:has\s+|had\s+|now\s+)?{VERBS}\s+(?=(?:the|an?|its|his|her|their|our)\s|[A-Z])"
)
GOES_ON = re.compile(r"[.!?…][\"”’)]*\s+(?:He|She)\b(?=\s)")
OWNED = re.compile(r"(?:['’]s|['’])\s+")  # between "China" and the name
OF = re.compile(r"\s+(?:of|from|de|aus)\s+(?:the\s+|la\s+|l['’])?")  # between the name and "Hungary"


class Place(StrEnum):
    """Where a phrase stands."""

    BEFORE = "before"  # its last words are the nearest
    BEHIND = "behind"  # "X is the mayor of"
    APPOSED = "apposed"  # "X, the mayor of"
    OFFICE = "office"  # "X was elected mayor of": the role has to open it


class Phrase(NamedTuple):
    """A half-open range of the text that may describe a mention.

    Attributes:
        low: First character; `high` is one past the last.
        kind: Where it stands.
    """

    low: int
    high: int
    kind: Place


OPENINGS = ((COPULA, Place.BEHIND), (OFFICE, Place.OFFICE), (APPOSITION, Place.APPOSED))


def before(text: str, low: int, start: int) -> list[Phrase]:
    """Return the phrases before the name at `start`, back to `low` at most, the nearest first."""
    low = max(low, start - LEFT_CHARACTERS)
    words = TITLES_BEFORE.sub(lambda found: " " * len(found.group()), text[low:start])
    cut = max([0, *(found.end() for found in CLAUSE_BREAK.finditer(words))])
    bounds = [cut, *(at + 1 for at in range(cut, len(words)) if words[at] == ","), len(words) + 1]
    found = [(a, b - 1) for a, b in pairwise(bounds) if words[a : b - 1].strip()]
    apart = bool(found) and words.rstrip().endswith(",")
    near = [Phrase(low + a, start if b == len(words) else low + b, Place.BEFORE) for a, b in found[-2:]]
    return near[-1:] if apart else near[::-1]


def behind(text: str, low: int, start: int, end: int, high: int) -> list[Phrase]:
    """Return the phrases behind the name at `start` to `end`, in a sentence or its part from `low` to `high`."""
    tail = text[end : min(high, end + RIGHT_CHARACTERS)]
    bracket = FOREIGN.match(tail)
    after = bracket.end() if bracket else 0
    starts = ((pattern.match(tail, after), place) for pattern, place in OPENINGS)
    opened, place = next(
        (found for found in starts if found[0] is not None), (BRACKET.match(tail), Place.BEHIND)
    )
    out = []
    if opened is not None:
        stop = ENDS.search(tail, opened.end())
        stops = stop.start() if stop else len(tail)
        spoken = stop is not None and stop.group() in SPEAKING and place == Place.APPOSED
        if opened.end() < stops and not spoken:
            out.append(Phrase(end + opened.end(), end + stops, place))
    if (given := AS.match(tail)) and GIVEN.search(text, max(low, start - LEFT_CHARACTERS), start):
        stop = ENDS.search(tail, given.end())
        out.append(Phrase(end + given.end(), end + (stop.start() if stop else len(tail)), Place.BEHIND))
    return out


def acts(text: str, low: int, start: int, end: int, high: int) -> re.Match[str] | None:
    """Return the `verb` of what a name does, or what was done by it ("a team led by X", "X, who founded the firm")."""
    left = max(low, start - LEFT_CHARACTERS)
    found = (pattern.search(text, left, start) for pattern in (DONE_BY, RUNS_IT, IN_CHARGE))
    return next(filter(None, found), None) or DOES.match(text, end, high)


def continued(text: str, end: int, high: int) -> int:
    """Return the end of the pronoun that opens the next sentence about a name that ends at `end`, -1 if none does."""
    found = GOES_ON.search(text, end, min(high, end + CONTINUED_CHARACTERS))
    return found.end() if found and "\n" not in text[end : found.start()] else -1
