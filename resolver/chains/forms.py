"""The distinct spellings of one article, and how a shorter one fits into a fuller one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from resolver.chains.known import is_name
from resolver.chains.likeness import seen
from resolver.model import Kind, Mention, Name, Role

__all__ = ["NO_MATCH", "Form", "contradicts", "form_of", "placed", "same_token", "spellings"]

NO_MATCH = 99
IDENTITY = (Role.GIVEN, Role.SURNAME, Role.PATRONYMIC, Role.INITIAL, Role.KUNYA)
DESCENDANTS = frozenset("filho neto sobrinho".split())  # "José Prado Neto" is a grandson of José Prado
REGNAL = re.compile(r"\s(?=[IVXL]{2,6}\b|X\b)([IVXL]+)\.?$")
COMPOUND = re.compile(r"(?<=[^\W\d_])[-‐][^\W\d_]")
DOUBLE = re.compile(r"[^\W\d_][-‐][A-ZÀ-Þ]")


class Form(NamedTuple):
    """A distinct spelling within one article and where it stands.

    Attributes:
        name: The parsed surface.
        core: The tokens that carry identity, compounds in parts, a kunya as one ("abu tareq").
        generation: "jr", "ii" and the like, from the name or from the words beside it.
        joints: Numbers of the tokens that are joined to the one before by a hyphen.
        mentions: Where it stands.
    """

    name: Name
    core: tuple[str, ...]
    mentions: list[Mention]
    generation: str = ""
    joints: frozenset[int] = frozenset()

    @property
    def full(self) -> bool:
        """Whether it has two tokens or more."""
        return len(self.core) > 1

    @property
    def spelled(self) -> int:
        """How many tokens are more than initials."""
        return sum(len(token) > 1 for token in self.core)

    @property
    def heads(self) -> frozenset[str]:
        """The ends of every token: a slip of the press leaves one of them as it is."""
        return ends(self.core)

    @property
    def compound(self) -> bool:
        """Whether it is a double surname and nothing else ("Oosterwijk-Blom")."""
        return self.full and len(self.joints) == len(self.core) - 1 and bool(DOUBLE.search(self.name.surface))

    def halves(self, token: str) -> bool:
        """Whether a token is one of two that a hyphen joins."""
        return any(
            part == token and (at in self.joints or at + 1 in self.joints)
            for at, part in enumerate(self.core)
        )


@lru_cache(maxsize=100_000)
def ends(core: tuple[str, ...]) -> frozenset[str]:
    """Return the first and last letters of spelled-out tokens, letters that are easily misread made one."""
    plain = [seen(token) for token in core if len(token) > 1]
    return frozenset(end for token in plain for end in (token[:2], f"-{token[-3:]}"))


def form_of(name: Name, generation: str = "") -> Form:
    """Return the form of a parsed surface, without mentions."""
    if name.kind != Kind.PER:
        parts = tuple(name.folded.replace("-", " ").split())
        return Form(name, parts or (name.surface,), [])
    core: list[str] = []
    for token in name.tokens:
        if token.role not in IDENTITY:
            continue
        if token.role == Role.KUNYA and core and core[-1] in ("abu", "abou", "abi", "umm", "oum"):
            core[-1] = f"{'umm' if core[-1] in ('umm', 'oum') else 'abu'} {token.text}"
        else:
            core.extend(token.text.replace("-", " ").split())
    regnal = REGNAL.search(name.surface)
    if regnal and len(core) > 1 and core[-1] == regnal.group(1).casefold():
        core.pop()
    spelled = next((at for at in range(len(core), 0, -1) if len(core[at - 1]) > 1), 0)
    if spelled < len(core) and len(core[0]) > 1:  # "Rakitin D." as tables write it
        core = core[spelled:] + core[:spelled]
    said = regnal.group(1).casefold() if regnal else next(iter(name.having(Role.GENERATION)), "")
    return Form(
        name,
        tuple(core) or (name.folded or name.surface,),
        [],
        generation or said,
        joints(name.surface, core),
    )


def joints(surface: str, core: list[str]) -> frozenset[int]:
    """Return which tokens a hyphen joins to the one before."""
    if not COMPOUND.search(surface):
        return frozenset()
    compact = re.sub(r"[^\w-]+", " ", surface.casefold())
    out = set()
    for at in range(1, len(core)):
        if f"{core[at - 1]}-{core[at]}" in compact:
            out.add(at)
    return frozenset(out)


def spellings(mentions: Iterable[Mention], parse: Callable[[str, Kind], Name], kind: Kind) -> list[Form]:
    """Return the distinct spellings of one kind, in order of first appearance."""
    found: dict[tuple[str, str], Form] = {}
    for mention in mentions:
        form = form_of(parse(mention.surface, kind))
        found.setdefault((" ".join(form.core), form.generation), form).mentions.append(mention)
    return list(found.values())


def contradicts(left: str, right: str) -> bool:
    """Whether both state a generation (Jr, II) and the two differ."""
    return bool(left) and bool(right) and left != right


def same_token(left: str, right: str) -> bool:
    """Whether two tokens are equal or one is the initial of the other ("Y." of Evgenia, who is Yevgenia as well)."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    return len(short) == 1 and (
        long.startswith(short) or (short == "y" and long[0] == "e" and is_name(f"y{long}"))
    )


def placed(
    short: tuple[str, ...], full: tuple[str, ...], same: Callable[[str, str], bool] = same_token
) -> list[int] | None:
    """Positions in the fuller name of each token of the shorter one, in order; None if one has no place.

    Initials match the tokens they begin, and "asante badu" matches "asantebadu". A name with the surname at the other
    end ("Eun-sook Bae", "Bae Eun-sook") matches; initials keep their order ("R. S." and "S. R." are two people), and so
    do two surnames ("Ana Sousa Melo" and "Ana Melo Sousa").
    """
    if len(short) > 1 and sorted(short) == sorted(full):
        initials = [[token for token in core if len(token) == 1] for core in (short, full)]
        turned = any(short[at:] + short[:at] == full for at in range(len(short)))
        return list(range(len(full))) if turned and initials[0] == initials[1] else None
    if len(full) > 2 and full[-1] in DESCENDANTS and short[-1] == full[-2]:
        return None
    if len(short) > 1 and "".join(short) == "".join(full):
        return list(range(min(len(short), len(full))))
    found = in_order(short, full, same)
    if found is None and len(short) > 1 and len(short[0]) == 1:  # "T. Kusakabe" for "Kusakabe Tomohiro"
        found = in_order((*short[1:], short[0]), full, same)
    return found


def in_order(
    short: tuple[str, ...], full: tuple[str, ...], same: Callable[[str, str], bool]
) -> list[int] | None:
    """Positions of the tokens when both names have one order."""
    out: list[int] = []
    at = 0
    number = 0
    spelled = False
    while number < len(short):
        token = short[number]
        while at < len(full):
            if same(token, full[at]):
                break
            if at + 1 < len(full) and token == full[at] + full[at + 1]:
                break
            if number + 1 < len(short) and token + short[number + 1] == full[at]:
                number += 1
                break
            at += 1
        if at == len(full):
            return None
        spelled = spelled or (len(token) > 1 and len(full[at]) > 1)
        out.append(at)
        at += 1
        number += 1
    return out if spelled else None
