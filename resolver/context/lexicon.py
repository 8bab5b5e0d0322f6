"""The word lists of `resolver/models/context`, folded and indexed by first word."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = [
    "COURTESY",
    "HONORIFICS",
    "STOPWORDS",
    "Phrases",
    "Word",
    "gender_cues",
    "given_gender",
    "kin_words",
    "land_of",
    "place_of",
    "places",
    "plain",
    "role_gender",
    "roles",
    "split_words",
    "words_of",
]

WORD = re.compile(r"[^\W_](?:[\w.]*\w)?(?:['’\-][^\W_]\w*)*\.?", re.UNICODE)
POSSESSIVE = re.compile(r"['’]s?$")
DOTTED = re.compile(r"(?:\w\.)+")

STOPWORDS = frozenset(
    """a an and any are as at be been before but by can could did do does for from had has have he her his how if in
    into is it its last late later latest new next no not now of off old on one only or other our out over own said
    says she since so some such than that the their them then there they this those three through to told two under
    until up very was we were what when where which while who whom whose why will with would year years yesterday
    today tomorrow week month former first second third time people monday tuesday wednesday thursday friday saturday
    sunday january february march april may june july august september october november december
    le la les un une des du de et en au aux par pour dans sur avec est qui que ce cette son sa ses il elle
    der die das den dem des ein eine einer eines und in im am von vom zu zum zur mit auf fur ist war hat sich nicht
    el los las y del por con una para es su al il lo gli di da che per het een van voor met op""".split()
)

COURTESY = frozenset(
    """mr mister monsieur m mm herr herrn don senor signor mrs ms miss mme mlle madame madam mademoiselle frau fraulein
    dona senora signora sr sra""".split()
)
HONORIFICS = COURTESY | frozenset("sir lord dame lady".split())


def plain(text: str) -> str:
    """Return the text in lower case without accents, one space between words; for word lists, not for names."""
    if text.isascii():
        return " ".join(text.lower().split())
    text = text.casefold().replace("ß", "ss").replace("’", "'").replace("ø", "o").replace("ł", "l")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.split())


class Word(NamedTuple):
    """A word of a text.

    Attributes:
        folded: Its plain letters, possessive 's and final full stop cut off.
        start: Its first character in the text.
        owns: Whether it has a possessive 's.
        capital: Whether it opens with a capital letter.
    """

    folded: str
    start: int
    owns: bool
    capital: bool


def split_words(text: str) -> list[Word]:
    """Return the words of a text in order."""
    out = []
    for found in WORD.finditer(text):
        whole = plain(found.group())
        word = POSSESSIVE.sub("", whole)
        out.append(
            Word(
                word if DOTTED.fullmatch(word) else word.rstrip("."),
                found.start(),
                word != whole,
                found.group()[0].isupper(),
            )
        )
    return out


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in order, possessive 's and final full stops cut off."""
    return [word.folded for word in split_words(text)]


class Phrases(NamedTuple):
    """Phrases of up to `longest` words, each with the normal form that it stands for."""

    forms: dict[tuple[str, ...], str]
    longest: int

    def find(self, words: list[str]) -> Iterator[tuple[int, int, str]]:
        """Yield (first word, one past the last, normal form), longest phrase first, without overlaps."""
        at = 0
        while at < len(words):
            for length in range(min(self.longest, len(words) - at), 0, -1):
                normal = self.forms.get(tuple(words[at : at + length]))
                if normal is not None:
                    yield at, at + length, normal
                    at += length
                    break
            else:
                at += 1


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one word list."""
    with files("resolver").joinpath("models", "context", name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def phrases(name: str, column: str) -> Phrases:
    """Return a word list as phrases, its `words` column split at spaces and `~` standing for a space."""
    forms: dict[tuple[str, ...], str] = {}
    for row in rows(name):
        for form in row["words"].split():
            forms.setdefault(tuple(words_of(form.replace("~", " "))), row[column])
    return Phrases(forms, max(map(len, forms)))


@cache
def roles() -> Phrases:
    """Role words and their normal forms; a plural ("the envoys A and B") says the same of each."""
    found = phrases("roles.csv", "role")
    plural = {
        (*words[:-1], f"{words[-1]}s"): role for words, role in found.forms.items() if words[-1][-1] != "s"
    }
    return Phrases({**plural, **found.forms}, found.longest)


@cache
def places() -> Phrases:
    """Adjectives, demonyms, capitals and short forms of countries, and the country each stands for."""
    return phrases("places.csv", "place")


@cache
def role_gender() -> dict[str, str]:
    """Words of roles that tell the bearer's sex: word -> "m" or "f"."""
    return {
        words_of(form)[0]: row["gender"]
        for row in rows("roles.csv")
        if row["gender"]
        for form in row["words"].split()
        if "~" not in form
    }


@cache
def gender_cues() -> dict[str, str]:
    """Pronouns, honorifics and kinship words: word -> "m" or "f"."""
    return {row["word"]: row["gender"] for row in rows("cues.csv")}


@cache
def kin_words() -> dict[str, tuple[str, str]]:
    """Kinship words: word -> (sex "m", "f" or "", generation "jr", "sr" or "" as against the one they are kin of)."""
    return {
        word: (row["gender"], row["generation"]) for row in rows("kin.csv") for word in row["words"].split()
    }


@cache
def given_gender() -> dict[str, str]:
    """Given names that men or women bear, hardly both: folded name -> "m" or "f"."""
    return {name: row["gender"] for row in rows("givens.csv") for name in row["names"].split()}


def land_of(place: str) -> str:
    """Return the country that a region or city belongs to, "" if it is none that is known."""
    return lands().get(place, "")


@cache
def lands() -> dict[str, str]:
    """Regions and large cities: folded name -> country."""
    return {
        plain(place.replace("~", " ")): row["land"]
        for row in rows("cities.csv")
        for place in row["places"].split()
    }


def place_of(surface: str) -> str:
    """Return the country that a place name or adjective stands for, or the folded name itself."""
    words = words_of(surface)
    if words and words[0] == "the":
        words = words[1:]
    return places().forms.get(tuple(words)) or " ".join(words)
