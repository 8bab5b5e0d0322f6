"""How two tokens of one article can be one name though they differ: slips of the press, diminutives, the other sex."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from resolver.chains.known import is_name
from resolver.scores.tokens import nicknames

__all__ = ["digits", "diminutive", "misread", "misspelt", "patronymic", "seen", "sexed"]

TYPO_LENGTH = 5  # letters: below that a changed letter makes another name (Lee, Lea)
LONG_LENGTH = 10  # letters: from there on two changed letters are a slip as well
STEM_LENGTH = 4  # letters that a short form keeps of the name it comes from ("Thandi", "Dolfo")
DIGITS = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b"})
MISREAD = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b", "i": "l", "c": "e", "u": "n", "h": "b"})
PATRONYMICS = ("ovich", "evich", "ovych", "lyich", "ovna", "evna", "ichna", "ivna")
SEXED = (
    ("ov", "ova"), ("ev", "eva"), ("in", "ina"), ("yn", "yna"), ("sky", "skaya"), ("skiy", "skaya"), ("skij", "skaja"),
    ("ski", "ska"), ("cki", "cka"), ("dzki", "dzka"), ("is", "i"), ("os", "ou"), ("as", "a"), ("as", "aite"),
    ("as", "iene"), ("us", "iene"), ("ius", "iene"), ("is", "iene"),
    ("us", "ute"), ("is", "yte"), ("y", "a"), ("oy", "aya"), ("ow", "owa"), ("ew", "ewa"),
    ("off", "ova"), ("", "ova"), ("son", "dottir"), ("sson", "sdottir"),
)  # fmt: skip


@lru_cache(maxsize=100_000)
def misread(left: str, right: str) -> bool:
    """Whether two folded tokens differ only by letters that a scanner or printer mixes up ("tab0ne", "rn" for "m").

    Or by a first letter that an article opens with and a scanner misses ("AUL Langevin"). Two names that both exist
    ("Celia", "Cella") are no slip of each other.
    """
    short, long = sorted((left, right), key=len)
    if len(short) > 2 and long[1:] == short:
        return not is_name(short)
    if left == right or min(len(left), len(right)) < TYPO_LENGTH - 1 or seen(left) != seen(right):
        return False
    return not (is_name(left) and is_name(right))


def digits(token: str) -> str:
    """Return a token with the digits in it made letters ("l0zano")."""
    return token.translate(DIGITS)


@lru_cache(maxsize=100_000)
def seen(token: str) -> str:
    """Return a token with letters that look alike made one."""
    return token.replace("rn", "m").replace("vv", "w").translate(MISREAD)


@lru_cache(maxsize=100_000)
def misspelt(left: str, right: str) -> bool:
    """Whether two folded tokens are a slip apart, not two names that exist nor the two sexes of one surname."""
    short, long = sorted((left, right), key=len)
    if len(short) < TYPO_LENGTH or left == right or sexed(left, right) or (is_name(left) and is_name(right)):
        return False
    if long in (f"{short}a", f"{short}e"):  # "Oleksandr" and "Oleksandra"
        return False
    return OSA.distance(seen(left), seen(right)) <= (2 if len(short) >= LONG_LENGTH else 1)


@lru_cache(maxsize=100_000)
def sexed(left: str, right: str) -> bool:
    """Whether two surnames are those of a man and a woman of one family ("Lemonis" and "Lemoni")."""
    for male, female in SEXED:
        for one, other in ((left, right), (right, left)):
            if one.endswith(male) and other.endswith(female):
                stem = one.removesuffix(male)
                if len(stem) > 2 and not stem.endswith(("sk", "ck")) and stem == other.removesuffix(female):
                    return True
    return False


@lru_cache(maxsize=100_000)
def diminutive(short: str, long: str, *, loosely: bool = False) -> bool:
    """Whether one token is a short or pet form of the other: by the table, or by a stem in front or at the end.

    Args:
        short: Folded.
        long: Folded.
        loosely: Where the text says that somebody is called so, three letters in front do ("Stas", "Stanislas").
    """
    if short in nicknames().get(long, ()):
        return True
    if len(short) >= len(long):
        return False
    if len(short) >= STEM_LENGTH and (long.startswith(short) or long.endswith(short)):
        return True
    return loosely and len(short) <= 7 and long[:3] == short[:3]


def patronymic(token: str) -> bool:
    """Whether a token is a father's name as Russian forms it."""
    return token.endswith(PATRONYMICS)
