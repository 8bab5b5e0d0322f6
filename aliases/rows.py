"""What one row of each file of a table is, and what is said of a row that is not one.

Comes before `aliases.table`, which reads the files. Knows nothing of folders and of other rows.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = [
    "LONGEST",
    "AliasRow",
    "AliasType",
    "Conflict",
    "DecisionRow",
    "EntityRow",
    "Fault",
    "Kind",
    "NicknameRow",
    "Strength",
    "Tenure",
    "Verdict",
    "guess_type",
    "normalise",
    "tenures",
]

LONGEST = 300
"""Characters of the longest name that a table takes: the longest official names of bodies stay below 250."""


class Kind(StrEnum):
    """What an entity is."""

    PER = "PER"
    ORG = "ORG"
    LOC = "LOC"


class AliasType(StrEnum):
    """How an alias comes from the name; an adjective ("Israeli") names nobody and is not searched in texts."""

    FULL = "full"
    SHORT = "short"
    ACRONYM = "acronym"
    NICKNAME = "nickname"
    TRANSLITERATION = "transliteration"
    FORMER = "former"
    MISSPELLING = "misspelling"
    ADJECTIVE = "adjective"


def guess_type(alias: str) -> AliasType:
    """Return the type that an alias of a foreign table most likely has, from its letters alone."""
    if not alias.isascii() and not any(
        "LATIN" in unicodedata.name(char, "") for char in alias if char.isalpha()
    ):
        return AliasType.TRANSLITERATION
    if " " not in alias:
        return AliasType.ACRONYM if alias.isupper() and len(alias) <= 8 else AliasType.SHORT
    return AliasType.FULL


class Strength(StrEnum):
    """Whether an alias identifies alone (strong) or only proposes, and context decides (weak)."""

    STRONG = "strong"
    WEAK = "weak"


class Verdict(StrEnum):
    """What a person said of a pair."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class Fault(NamedTuple):
    """What is wrong in a table, and where; `line` 0 means the file as a whole, `column` "" the whole line."""

    file: str
    line: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        value = self.value if len(self.value) <= 80 else f"{self.value[:77]}..."
        said = f"{self.column}: {value!r}" if self.column else repr(value)
        return f"{where}: {said}: expected {self.expected}"


class Tenure(NamedTuple):
    """A role and the years in which it was held; None where an end is open or not known."""

    role: str
    since: int | None
    until: int | None

    def covers(self, year: int) -> bool:
        """Return whether the role may have been held in a year."""
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


class Conflict(NamedTuple):
    """What a layer says against an earlier one: the earlier one wins, and `value` of the later one is left out."""

    kept_id: str
    left_out_id: str
    value: str
    reason: str


def normalise(name: str) -> str:
    """Return a name as it is compared: no case, accents, compatibility forms, or kinds of quote, dash and blank."""
    plain = name.lower() if name.isascii() else _bare(name)
    return " ".join(plain.split())


def _bare(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name).casefold().translate(_SIGNS)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


_SIGNS = str.maketrans({**dict.fromkeys("’‘ʼʻ`´ʿʾ", "'"), **dict.fromkeys("‐‑‒–—", "-"), "־": "-"})


_ID = Annotated[str, StringConstraints(pattern=r"^[^\s,]{1,200}$")]
_NAME = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]*$")]
_TEXT = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x1f\x7f]*$")]
_SOURCE = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
_LANG = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]+)*)?$")]
_WIKIDATA = Annotated[str, StringConstraints(pattern=r"^(Q[1-9][0-9]*)?$")]
_ROLES = Annotated[
    str,
    StringConstraints(pattern=r"^([^;\x00-\x1f\x7f]*[^;\s\x00-\x1f\x7f](; [^;\s][^;\x00-\x1f\x7f]*)*)?$"),
]

_YEARS = re.compile(r"\s(?P<years>\d{4}(?:-(?:\d{4})?)?(?:, \d{4}(?:-(?:\d{4})?)?)*)$")


def tenures(roles: str) -> tuple[Tenure, ...]:
    """Return the roles of an entity one by one, each once for every span of years.

    Args:
        roles: As in entities.csv: "president of France 2017-; finance minister 2014-2016".

    Returns:
        Both years None where none is stated.
    """
    found: list[Tenure] = []
    for part in filter(None, roles.split("; ")):
        match = _YEARS.search(part)
        if match is None:
            found.append(Tenure(part, None, None))
            continue
        for years in match["years"].split(", "):
            since, dash, until = years.partition("-")
            end = int(until) if until else None if dash else int(since)
            found.append(Tenure(part[: match.start()], int(since), end))
    return tuple(found)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EntityRow(_Row):
    """A person, organisation or place; `roles` reads "president of France 2017-; finance minister 2014-2016"."""

    entity_id: _ID
    kind: Kind
    canonical_name: _NAME
    wikidata_id: _WIKIDATA = ""
    roles: _ROLES = ""
    source: _SOURCE
    note: _TEXT = ""

    def tenures(self) -> tuple[Tenure, ...]:
        """Return the roles one by one, each once for every span of years; both years None where none is stated."""
        return tenures(self.roles)


class AliasRow(_Row):
    """A further name of an entity; its canonical name is a strong full alias without a row of its own."""

    entity_id: _ID
    alias: _NAME
    alias_type: AliasType
    strength: Strength
    lang: _LANG = ""
    source: _SOURCE
    note: _TEXT = ""


class NicknameRow(_Row):
    """A short or familiar form of a given name, both in lower case."""

    nickname: _NAME
    name: _NAME
    source: _SOURCE
    note: _TEXT = ""


class DecisionRow(_Row):
    """A verdict under version control, with the columns that `resolver export decisions` writes."""

    decision_id: _ID
    left: _ID
    right: _ID
    verdict: Verdict
    reason: _TEXT
    user: _TEXT
    decided_at: _TEXT
    undone_at: _TEXT = ""
