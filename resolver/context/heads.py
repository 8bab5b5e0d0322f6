"""Read the words of a stretch of text beside a name: which role heads it, whose role it is, and what goes with it.

Comes in: the words of a phrase before or behind a name. Goes out: the roles that are the bearer's, with the words that
belong to the same noun phrase. Refuses to know: where phrases begin and end in a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resolver.context.lexicon import Word, kin_words, places, roles
from resolver.names import is_title

__all__ = [
    "DETERMINERS",
    "OPENING",
    "Heads",
    "apposed",
    "found_roles",
    "heads_before",
    "heads_behind",
    "opened",
    "presents",
]

DETERMINERS = frozenset(
    "a an the one un une le la les l ein eine einen einem einer der die das den dem des el il lo los las".split()
)
DEFINITE = DETERMINERS - frozenset("a an one un une ein eine einen einem einer".split())
POSSESSIVES = frozenset(
    "his her its their my our your whose son sa ses leur leurs sein seine seiner ihr ihre ihrer".split()
)
PREPOSITIONS = frozenset(
    """of for at in from to on with by under about over against near into within behind between among around across
    de du des d von vom der fur bei aus nach zu zum zur im am auf di da do dos das del della dei degli al en
    pour chez""".split()
)
LINKS = frozenset("and und et y e or & as well".split())
BREAKS = frozenset(
    """is are was were be been has have had will would can could may might must shall should do does did not
    said says told tells asked asks called calls met meets saw sees gave gives went goes came comes took takes made
    makes that which who whom whose when while because if where how than but then there left sent spoke thought knew
    held wrote writes kept brought found heard felt put let led sat stood lost won paid beat wants wanted""".split()
)
RELATIVES = frozenset("who that which whose whom qui".split())
FILLERS = frozenset("that this it is was s i am m going to say think believe namely called named one".split())
TRAILING = frozenset("designate elect emeritus general himself herself based born trained".split())
ROOM = 3  # words in small letters behind a preposition: "of the negotiating team of our country"
MODIFIERS = 6  # words before a role that belong to it: "the outgoing Saudi deputy"
OPENING = 5  # words before the first role of an apposition: "a former Danish deputy"


class Heads(NamedTuple):
    """The roles of a phrase.

    Attributes:
        hits: (first word, one past the last, normal form) of each.
        start: The first word that belongs to them.
        others: Whether the phrase names somebody who is not the bearer ("the lawyer of X").
    """

    hits: tuple[tuple[int, int, str], ...] = ()
    start: int = 0
    others: bool = False


def heads_before(words: Sequence[Word], *, comma: bool = False) -> Heads:
    """Return the roles of a phrase that ends right before a name ("The vice president of the Harbour Board, X").

    Args:
        words: The phrase.
        comma: Whether a comma stands between it and the name: then "the wife of the minister" may not be the minister.
    """
    found = [hit for hit in found_roles(words) if not words[hit[1] - 1].owns]
    if not found:
        return Heads()
    trailing = words[found[-1][1] :]
    if trailing and trailing[-1].folded in PREPOSITIONS | POSSESSIVES:
        return Heads(others=True)
    if not reaches(trailing):
        return told_by_clause(words, found[-1]) if comma else Heads()
    if comma and (owner := owner_of(words, found[-1][0])) >= 0:
        if not found[:-1] or found[-2][1] != owner + 1 or not definite(words, found[-2][0]):
            return Heads(others=True)
        found.pop()  # "the head of the opponents of the talks, X"
    hits = [found[-1]]
    for earlier in reversed(found[:-1]):
        if not joined(words[earlier[1] : hits[0][0]]):
            break
        hits.insert(0, earlier)
    return Heads(tuple(hits), opening(words, hits[0][0]))


def told_by_clause(words: Sequence[Word], hit: tuple[int, int, str]) -> Heads:
    """Return the role of "the biologist who found the traces, X", nothing if no such clause follows the role."""
    clause = hit[1] < len(words) and words[hit[1]].folded in RELATIVES
    return Heads((hit,), opening(words, hit[0])) if clause and opened(words, hit) else Heads()


def opened(words: Sequence[Word], hit: tuple[int, int, str]) -> bool:
    """Whether a role speaks of one person and has a determiner or an owner."""
    word = words[opening(words, hit[0])]
    return not plural(words, hit) and (word.folded in DETERMINERS | POSSESSIVES or word.owns)


def heads_behind(words: Sequence[Word]) -> Heads:
    """Return the roles of a description that opens behind a name (", a former envoy of Malta and bishop of Gozo")."""
    hits: list[tuple[int, int, str]] = []
    low = 0
    for at in (*(n for n, word in enumerate(words) if word.folded in LINKS), len(words)):
        part = words[low:at]
        stop = next((n for n, word in enumerate(part) if closes(word)), len(part))
        here = [
            (low + first, low + end, role)
            for first, end, role in found_roles(part)
            if first < stop and first <= OPENING and not part[end - 1].owns
        ]
        if not here and not (hits and stop == len(part)):
            break
        hits += here
        low = at + 1
    return Heads(tuple(hits))


def found_roles(words: Sequence[Word]) -> list[tuple[int, int, str]]:
    """Return (first word, one past the last, normal form) of each role; "her sister" is no nun, "Sister Ada" is one."""
    return [
        hit
        for hit in roles().find([word.folded for word in words])
        if words[hit[0]].capital or words[hit[1] - 1].folded not in kin_words()
    ]


def closes(word: Word) -> bool:
    """Whether no role behind a word is the bearer's any more."""
    return word.folded in PREPOSITIONS - DETERMINERS or word.folded in BREAKS or word.folded in kin_words()


def reaches(words: Sequence[Word]) -> bool:
    """Whether words between a role and a name only say more of the role: nothing happens in them."""
    room = 0
    for word in words:
        if word.folded in BREAKS:
            return False
        if word.folded in PREPOSITIONS:
            room = ROOM
        elif word.folded in DETERMINERS | POSSESSIVES | LINKS:
            if not room:
                return False
        elif not (word.capital or word.folded in TRAILING or is_title(word.folded) or foreign(word)):
            room -= 1
            if room < 0 or word.folded.endswith("ed"):
                return False
    return True


def foreign(word: Word) -> bool:
    """Whether a word is of a country ("le ministre français X")."""
    return (word.folded,) in places().forms


def joined(words: Sequence[Word]) -> bool:
    """Whether two roles with these words between them are one person's ("founder and chief executive")."""
    return all(word.folded in LINKS or word.folded.startswith("former") for word in words)


def plural(words: Sequence[Word], hit: tuple[int, int, str]) -> bool:
    """Whether the words of a role speak of several people."""
    word = words[hit[1] - 1].folded
    return word.endswith(("s", "men", "people")) and word != hit[2].split()[-1]


def presents(words: Sequence[Word], heads: Heads) -> bool:
    """Whether roles before an apposition are the bearer's too ("its president, Judge X", not "of the rebels, X")."""
    if not heads.hits or plural(words, heads.hits[-1]):
        return False
    return heads.start == 0 or words[heads.start - 1].folded not in (
        "of",
        "on",
        "in",
        "at",
        "from",
        "de",
        "des",
    )


def owner_of(words: Sequence[Word], first: int) -> int:
    """Return the word of whoever belongs to the role at a word ("the wife of the minister, X"), -1 if there is none."""
    at = first - 1
    while at >= 0 and first - at <= MODIFIERS and words[at].folded not in PREPOSITIONS - DETERMINERS:
        at -= 1
    if at < 1 or first - at > MODIFIERS or words[at].folded not in ("of", "for", "to", "de", "du", "von"):
        return -1
    kin = words[at - 1].folded in kin_words() and definite(words, at - 1)
    return at - 1 if kin or (words[at - 1].folded,) in roles().forms else -1


def definite(words: Sequence[Word], first: int) -> bool:
    """Whether the noun phrase around a word has a definite determiner."""
    return words[opening(words, first)].folded in DEFINITE | POSSESSIVES


def opening(words: Sequence[Word], first: int) -> int:
    """Return where the noun phrase of a role begins: at its determiner or at whoever owns it."""
    at = first
    while at > 0 and first - at < MODIFIERS:
        word = words[at - 1]
        if word.folded in BREAKS or (word.folded in PREPOSITIONS and word.folded not in DETERMINERS):
            break
        at -= 1
        if word.folded in DETERMINERS | POSSESSIVES:
            break
    return at


def apposed(words: Sequence[Word]) -> bool:
    """Whether the words right before a name only present it ("the Norwegian", "Judge"), after a description."""
    folded = [word.folded for word in words]
    if folded and FILLERS.issuperset(folded):
        return True  # "the minister, that is X"
    if not folded or len(folded) > ROOM + 2 or not BREAKS.isdisjoint(folded):
        return False
    known = {
        n for first, end, _ in (*roles().find(folded), *places().find(folded)) for n in range(first, end)
    }
    rest = [word for n, word in enumerate(folded) if n not in known and not is_title(word)]
    rest = rest[1:] if rest and rest[0] in DETERMINERS and folded[0] == rest[0] else rest
    return bool(known) and len(rest) <= 1 and PREPOSITIONS.isdisjoint(rest)
