"""Find the stretches of text that describe a name: before it, behind it, and where the text goes on about it.

Comes in: the text around one mention. Goes out: ranges, and how sure it is that they speak of the mention. Refuses to
know: what the words mean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["OF", "OWNED", "Phrase", "before", "behind", "continued"]

LEFT_CHARACTERS = (
    90  # a title with its country and office fits ("the outgoing Deputy Foreign Minister of Oman, ")
)
RIGHT_CHARACTERS = (
    140  # an apposition such as "deputy director general of the International Atomic Energy Agency"
)
CONTINUED_CHARACTERS = 400  # from a name to the "He" that goes on about it

CLAUSE_BREAK = re.compile(r"[;:()\[\]“”\"—–]|\s-\s")
APPOSITION = re.compile(r"['’]?\s*,\s*(?:\d{1,3}\s*,\s*)?(?=[\w])")
BRACKET = re.compile(r"\s*[(—–]\s*")
TITLES_BEFORE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lady|Lord|Sayyid|Sheikh|Sheik|Hajj|Haji|Shri|Smt|Datuk|Nana|Mme|Mlle|MM?|Herrn?|Frau|H\.E|Adv)\b\.?\s*)+$"
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
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,\s*)?(?:who|qui)|)\s+{BECOMING}\s+(?={ARTICLE})", re.IGNORECASE
)
OFFICE = re.compile(
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,)?\s*(?:who|qui)?|)\s*\b{BECOMING}\s+(?!{ARTICLE})", re.IGNORECASE
)
ENDS = re.compile(
    r"[,;:()“”\"—–]|\b(?:who|whose|which|said|says|told|and his|and her|in order|before|after|when|until|because)\b"
)
GOES_ON = re.compile(r"[.!?…][\"”’)]*\s+(?:He|She)\b(?=\s)")
OWNED = re.compile(r"(?:['’]s|['’])\s+")  # between "China" and the name
OF = re.compile(r"\s+(?:of|from|de|aus)\s+(?:the\s+|la\s+|l['’])?")  # between the name and "Hungary"


class Phrase(NamedTuple):
    """A half-open range of the text that may describe a mention.

    Attributes:
        low: First character; `high` is one past the last.
        before: Whether it stands before the name, so that its last words are the nearest.
        office: Whether it names an office without an article ("was elected mayor of"): the role has to open it.
    """

    low: int
    high: int
    before: bool = False
    office: bool = False


def before(text: str, low: int, start: int) -> Phrase | None:
    """Return the phrase before a name that starts at `start`; `low` is where its sentence or the last person ends."""
    low = max(low, start - LEFT_CHARACTERS)
    words = TITLES_BEFORE.sub(lambda found: " " * len(found.group()), text[low:start])
    cuts = [found.end() for found in CLAUSE_BREAK.finditer(words)]
    commas = [i + 1 for i, c in enumerate(words) if c == ","]
    cut = max([0, *cuts, *(commas[:-1] if words.rstrip().endswith(",") else commas)])
    return Phrase(low + cut, start, before=True) if low + cut < start else None


def behind(text: str, end: int, high: int) -> Phrase | None:
    """Return the phrase behind a name that ends at `end`; `high` is where its sentence ends or a person starts."""
    tail = text[end : min(high, end + RIGHT_CHARACTERS)]
    start = COPULA.match(tail)
    office = None if start else OFFICE.match(tail)
    start = start or office or APPOSITION.match(tail) or BRACKET.match(tail)
    if start is None:
        return None
    stop = ENDS.search(tail, start.end())
    stops = stop.start() if stop else len(tail)
    return Phrase(end + start.end(), end + stops, office=office is not None) if start.end() < stops else None


def continued(text: str, end: int, high: int) -> int:
    """Return the end of the pronoun that opens the next sentence about a name that ends at `end`, -1 if none does."""
    found = GOES_ON.search(text, end, min(high, end + CONTINUED_CHARACTERS))
    return found.end() if found and "\n" not in text[end : found.start()] else -1
