"""How well a name fits the names of a person by its letters: full names with each other, bare names with full ones."""

from __future__ import annotations

from resolver.chains.forms import NO_MATCH, Form, placed, same_token
from resolver.chains.known import is_given, is_surname
from resolver.chains.likeness import digits, diminutive, misread, misspelt, patronymic, seen
from resolver.chains.person import Person
from resolver.context import Clue
from resolver.model import Role

__all__ = [
    "FIRST",
    "GUESSED",
    "INITIAL",
    "MIDDLE",
    "PET",
    "RANK_NAMES",
    "bare_fit",
    "full_fit",
    "guessed_fit",
]

EXACT, LAST, FIRST, NICK, MIDDLE, INITIAL, PET, TYPO = range(8)
"""How a bare name fits a person, best first; from `INITIAL` on it is a guess."""
RANK_NAMES = ("bare", "last", "first", "nick", "middle", "initial", "pet", "slip")

GUESSED = 5  # rank of full names from which on they agree only nearly
LONG_SURNAME = 7  # letters: two full names may differ by a slip in so long a surname


def full_fit(form: Form, person: Person) -> int:
    """How well a full name fits a person: 0 best, `NO_MATCH` not at all."""
    if not form.heads & person.heads or any(fathers_differ(form, other) for other in person.full_forms):
        return NO_MATCH
    rank = min((pair_rank(form, other) for other in person.full_forms), default=NO_MATCH)
    if rank >= GUESSED and any(givens_differ(form, other) for other in person.full_forms):
        return NO_MATCH
    return rank


def pair_rank(short: Form, full: Form) -> int:
    """How well a full name fits another that is as full or fuller."""
    if len(short.core) > len(full.core):
        short, full = full, short
    places = placed(short.core, full.core)
    if places is None:
        return like_rank(short, full)
    if len(short.core) == len(full.core):
        if joined(short) and joined(full) and joined(short) != joined(full):
            return NO_MATCH  # "Kofi Owusu-Ansah" and "Kofi Ansah-Owusu"
        return 0 if short.spelled == full.spelled else 1
    if places[0] == 0:
        return 1  # the given name and at least one more: "Hernán Iriarte" for "Hernán Iriarte Lozano"
    if places[0] in full.joints:
        return NO_MATCH  # nobody calls Carl-Gustaf Rosenblad Gustaf Rosenblad
    return 2 if places[-1] == len(full.core) - 1 else 4


def joined(form: Form) -> set[tuple[str, str]]:
    """Return the pairs of tokens that a hyphen joins."""
    return {(form.core[at - 1], form.core[at]) for at in form.joints}


def like_rank(short: Form, full: Form) -> int:
    """Rank of two full names that agree in all but one token, and there by a slip or a pet form."""
    if half_named(short, full) or half_named(full, short):
        return GUESSED
    places = placed(short.core, full.core, loosely)
    if places is None or len(places) != len(short.core):
        return NO_MATCH
    differing = [
        (a, full.core[at], at)
        for a, at in zip(short.core, places, strict=True)
        if not same_token(a, full.core[at])
    ]
    if all(misread(a, b) for a, b, _ in differing):
        return GUESSED
    if len(differing) != 1 or places[0] != 0:
        return NO_MATCH
    a, b, at = differing[0]
    if at == 0 and (diminutive(a, b) or diminutive(b, a)):
        return GUESSED + 1
    # the given name is one or an initial; "Kusakabe Tomohiro" and "Kusakabe Tomohiko" are brothers
    western = len(short.core[0]) == 1 or len(full.core[0]) == 1 or is_given(short.core[0])
    slip = western and at == len(full.core) - 1 and min(len(a), len(b)) >= LONG_SURNAME
    return GUESSED + 1 if slip else NO_MATCH


def half_named(one: Form, other: Form) -> bool:
    """Whether one is a double surname and the other ends in its last part, or one has a father's name for a surname.

    "Oosterwijk-Blom" and "Femke Blom"; "Yevgenia Andreyevna" and "Evgenia Shcherbakova".
    """
    if one.compound:
        return not other.compound and other.core[-1] == one.core[-1] and other.core[0] not in one.core
    if len(one.core) != 2 or not patronymic(one.core[1]) or any(map(patronymic, other.core)):
        return False
    return min(len(one.core[0]), len(other.core[0])) > 1 and loosely(one.core[0], other.core[0])


def fathers_differ(left: Form, right: Form) -> bool:
    """Whether both have a father's name and the two are not one: "Pavel Ilyich" and "Pavel Gennadyevich"."""
    one, other = ([token for token in form.core[1:] if patronymic(token)] for form in (left, right))
    return bool(one and other) and not any(loosely(a, b) for a in one for b in other)


def givens_differ(left: Form, right: Form) -> bool:
    """Whether both spell out a given name and the two have nothing to do with each other."""
    if left.compound or right.compound:
        return False
    a, b = left.core[0], right.core[0]
    return min(len(a), len(b)) > 1 and a not in right.core and b not in left.core and not loosely(a, b)


def loosely(left: str, right: str) -> bool:
    """Whether two tokens are equal, an initial, a slip or a pet form apart."""
    if same_token(left, right) or misspelt(left, right) or misread(left, right):
        return True
    return len(left) > 2 and len(right) > 2 and (diminutive(left, right) or diminutive(right, left))


def bare_fit(token: str, person: Person) -> int:
    """How a bare name fits a person's names without a guess; `NO_MATCH` if it does not."""
    best = NO_MATCH
    if len(token) > 1 and seen(token)[0] in person.initials:
        best = min((place(token, form) for form in person.full_forms), default=NO_MATCH)
    if best == NO_MATCH and token in person.bare and (len(token) > 1 or not person.full_forms):
        return EXACT
    return best


def place(token: str, form: Form) -> int:
    """Where in a full name a bare name stands."""
    core = form.core
    last = len(core) - 1
    best = NO_MATCH
    for at, part in enumerate(core):
        whole = token == part or (at in (0, last) and digits(token) == digits(part))
        if whole and (at == last or at not in form.joints):  # nobody calls Carl-Gustaf Gustaf
            middle = NO_MATCH if is_given(part) else MIDDLE  # nor Anna Maria Peduzzi Maria
            best = min(best, LAST if at == last else FIRST if at == 0 else middle)
        if at and token == core[at - 1] + part:
            best = min(best, FIRST if at < last else LAST)
    return min(best, NICK) if token in form.name.having(Role.NICK) else best


def guessed_fit(token: str, person: Person, clue: Clue) -> int:
    """How a bare name fits a person by an initial, a pet form or a slip; somebody else who fits comes first."""
    full = person.full_forms
    if full and (clue.alias or not clue.presented):
        firsts = {form.core[0] for form in full if len(form.core[0]) > 1}
        pet = any(diminutive(token, first, loosely=clue.alias) for first in firsts)
        whole = is_given(token) and any(diminutive(first, token) for first in firsts)
        if whole or (pet and (clue.alias or not is_surname(token))):
            return PET
        if clue.alias and any(diminutive(token, last) for last in person.surnames):
            return PET
        if initialled(token, person):
            return INITIAL
    slips = [name for name in person.surnames or person.bare if misspelt(token, name)]
    if clue.presented:
        slips = [name for name in slips if len(name) == len(token) or misread(token, name)]
    return TYPO if slips else NO_MATCH


def initialled(token: str, person: Person) -> bool:
    """Whether a given name has the initial of a person whose given name the article does not spell out."""
    if person.bare - person.tokens_of_full or not is_given(token):
        return False
    return all(form.spelled == len(form.core) - 1 for form in person.full_forms) and any(
        len(form.core[0]) == 1
        and token.startswith(form.core[0])
        and f"{form.core[0].upper()}." in form.name.surface
        for form in person.full_forms
    )
