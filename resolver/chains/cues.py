"""What the words around a bare name say of its bearer: "the old X", "X, her predecessor", "the minister came. X".

Comes in: the scene of one article. Goes out: a word or a set of words for a mention. Refuses to know: the people.
"""

from __future__ import annotations

import re
from itertools import pairwise

from resolver.chains.scene import Scene
from resolver.context.lexicon import kin_words, roles, words_of

__all__ = ["apposition", "determiner", "phrases_near", "reversed_order", "speaks"]

ARTICLE = r"(?:the|an?|one|this|that|two|both|la|le|une?|der|die|eine?)"
DETERMINED = re.compile(rf"(?:^|[^\w’'-]){ARTICLE}\s+[\"“‘']?$", re.IGNORECASE)
OTHER = re.compile(r"\b(?:other|another|second|third|wrong|different|namesake|no)\s+[\"“‘']?$", re.IGNORECASE)
OLD = re.compile(
    r"\b(?:old|young|little|big|late|elder|older|younger|senior|junior|former|ex-)\s+(?:[A-Z]\w*\.?\s+)?$",
    re.IGNORECASE,
)
QUALIFIED = re.compile(rf"(?:^|[^\w’'-]){ARTICLE}\s+[a-zà-ÿ-]+\s+[\"“‘']?$")
NAMED = re.compile(
    r"\b(?:named|called|surnamed|surname|name(?:\s+(?:is|was|of))?|certain|signed|a)\s*,?\s*[\"“‘']?$",
    re.IGNORECASE,
)
NAME_BEHIND = re.compile(
    r"\s+(?:is|was)\s+(?:the|his|her|my|a|our)\s+(?:\w+\s+)?(?:name|surname)\b", re.IGNORECASE
)
RELATIVE = re.compile(r"\s*,\s*(?:who|whose|whom|qui|dont|der|die|deren|dessen)\b")
APPOSED = re.compile(
    r"\s*,\s*(?:the|an?|his|her|their|its|le|la|un|une|son|sa|der|die|ein|eine|(?:[\w-]+\s){0,3}?[\w-]+['’]s)\s+(.+)"
)
AGED = re.compile(r"\s*,\s*\d{1,3}\b|\s*\(\d{1,3}\)|\s*,\s*number\s+\d")
PLACED = re.compile(r"\s+(?:of|from|at|in)\s+(?:the\s+)?\w")
SAYING = (
    r"(?:said|says|saying|told|tells|adds?|added|asked|asks|replied|replies|wrote|writes|recalled|explained)"
)
SPEAKS_BEHIND = re.compile(rf"\s*,?\s*(?:has\s+|had\s+)?{SAYING}\b", re.IGNORECASE)
SPEAKS_BEFORE = re.compile(rf"[\"”’,]\s*{SAYING}\s+(?:[\w.]+\s+){{0,3}}$", re.IGNORECASE)
CLOCK = re.compile(r"^(?:\W{0,3})(\d{1,3})(?:['’]|[.:h](\d\d)\b)", re.MULTILINE)
INDEFINITE = frozenset("a an un une ein eine".split())
DEFINITE = frozenset("the his her their our its this le la les der die das den el il lo".split())
OWNING = frozenset("his her their my our your whose son sa ses seine seiner ihr ihre ihrer".split())
SENTENCES = 240  # characters before the sentence of a name in which an office may stand that it takes up


def determiner(scene: Scene, number: int) -> str:
    """Return the kind of word right before a name that tells it from others of the name, or ""."""
    head = scene.signs.head(number)
    if OTHER.search(head):
        return "other"
    if OLD.search(head):
        return "old"
    if NAMED.search(head) or NAME_BEHIND.match(scene.signs.tail(number)):
        return "named"
    if DETERMINED.search(head):
        return "of" if PLACED.match(scene.signs.tail(number)) else "article"
    found = QUALIFIED.search(head)
    if found and not any(roles().find(words_of(found.group()))):
        return "adjective"
    return ""


def apposition(scene: Scene, number: int) -> str:
    """Return what kind of phrase behind a name tells who that is, or ""."""
    tail = scene.signs.tail(number)
    if AGED.match(tail):
        return "age"
    if RELATIVE.match(tail):
        return "clause"
    found = APPOSED.match(tail)
    if not found:
        return ""
    words = words_of(found.group())[:6]
    if any(word in kin_words() for word in words):
        return "kin"
    known = "one" if words[0] in INDEFINITE else "the"
    return f"{known} role" if any(roles().find(words)) else f"{known} words"


def reversed_order(text: str) -> bool:
    """Whether an article tells the latest first, as live pages do: the times at the start of lines run backwards."""
    times = [int(found[1]) * 60 + int(found[2] or 0) for found in CLOCK.finditer(text)]
    back = sum(b < a for a, b in pairwise(times))
    return len(times) > 2 and back > 0.7 * (len(times) - 1)


def phrases_near(scene: Scene, number: int) -> tuple[frozenset[str], bool]:
    """Return the offices that stand before a name without a name of their own, and whether a kinship word does.

    "The prime minister was there at seven. Kmiecik came with": she, and not the guard of that name.
    """
    mentions, text = scene.mentions, scene.surroundings.text
    start = mentions[number].start
    low, _ = scene.surroundings.sentence(start)
    low = max(scene.surroundings.sentence(max(0, low - 2))[0], low - SENTENCES)
    if number:
        low = max(low, mentions[max(0, number - 3)].end)
    offices: set[str] = set()
    kin = False
    cuts = [n for n in range(max(0, number - 3), number) if mentions[n].start >= low]
    ends = [mentions[n].start for n in cuts] + [start]
    starts = [low] + [mentions[n].end for n in cuts]
    for at, (one, two) in enumerate(zip(starts, ends, strict=True)):
        piece = text[one:two]
        words = words_of(piece)
        apposed = piece.lstrip().startswith(",") and at > 0
        for first, end, role in roles().find(words):
            beside = end == len(words) or (apposed and first < 5)
            if first and words[first - 1] in DEFINITE and not beside:
                offices.add(role)
        kin = kin or any(
            word in kin_words() and 0 < n < len(words) - 1 and not (apposed and n < 5)
            for n, word in enumerate(words)
        )
    return frozenset(offices), kin


def speaks(scene: Scene, number: int) -> bool:
    """Whether a verb of speech stands beside a mention."""
    signs = scene.signs
    return bool(SPEAKS_BEHIND.match(signs.tail(number)) or SPEAKS_BEFORE.search(signs.head(number)))
