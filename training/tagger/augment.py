"""Makes training text from training text: other names in the same places, other writing, and sentences of our own."""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from corpora import Labelled, Sentence, lines

_GENERATION = {"jr", "sr", "ii", "iii", "iv"}
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_TEAM_ENDS = (
    "United City Rovers FC Athletic Tigers Lions Eagles Stars Wanderers Warriors Sharks Bears Dynamo".split()
)


class Names:
    """Sources of names of people, places and organisations.

    Args:
        shared: Folder with `names/wikidata_names.csv` (CC0) and `names/ofac_pairs.csv` (public domain).
        rng: Where chance comes from.
        train: Sentences whose places and organisations may stand in for others.
    """

    def __init__(self, shared: Path, rng: random.Random, train: Iterable[Sentence] = ()) -> None:
        self.rng = rng
        self.seen: dict[tuple[str, int], list[str]] = defaultdict(list)  # by kind and number of words
        for sentence in train:
            for start, end, kind in sentence.spans:
                surface = sentence.text[start:end]
                if kind in {"ORG", "LOC"} and (not surface.isupper() or len(surface) < 6):
                    self.seen[kind, min(4, len(surface.split()))].append(surface)
        self.people: list[list[str]] = []
        self.odd: list[list[str]] = []  # with a particle, kunya, hyphen or three parts and more
        with (shared / "names" / "wikidata_names.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self._add(row["name"])
        with (shared / "names" / "ofac_pairs.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self._add(row["left"])
        self.countries, self.cities, self.regions = lines("countries"), lines("cities"), lines("regions")
        self.organisations, self.roles, self.titles = lines("organisations"), lines("roles"), lines("titles")
        self.patterns, self.matters = lines("organisation_patterns"), lines("matters")
        self.demonyms, self.templates = lines("demonyms"), lines("templates")

    def _add(self, name: str) -> None:
        parts = name.split()
        latin = all((c.isalpha() and ord(c) < 0x250) or c in " -'’." for c in name)
        if not latin or not 2 <= len(parts) <= 5 or re.search(r"\b(?:of|the|I{1,3}|IV|VI*|IX|X+)\b", name):
            return
        if not (parts[0][0].isupper() and parts[-1][0].isupper()):
            return
        plain = len(parts) == 2 and "-" not in name and "'" not in name
        (self.people if plain else self.odd).append(parts)

    def person(self) -> list[str]:
        """Parts of a full name: as written, sometimes mixed from two people or with an initial."""
        rng = self.rng
        parts = list(rng.choice(self.odd if rng.random() < 0.35 else self.people))
        roll = rng.random()
        if roll < 0.2:
            parts = [rng.choice(self.people)[0], *rng.choice(self.people)[1:]]
        elif roll < 0.26:
            parts.insert(1, rng.choice("ABCDEFGHJKLMNPRSTVW") + ".")
        elif roll < 0.29:
            parts[0] = parts[0][0] + "."
        elif roll < 0.31:
            parts[:1] = [f"{parts[0][0]}.{rng.choice('ABDEGHJKLMNPRST')}."]
        return parts

    def surname(self) -> str:
        """A surname, now and then with its particle."""
        parts = self.person()
        if len(parts) > 2 and parts[-2][0].islower() and self.rng.random() < 0.7:
            return " ".join(parts[-2:])
        return parts[-1] if len(parts[-1]) > 2 else parts[0]

    def place(self) -> str:
        """A city, region or country."""
        roll = self.rng.random()
        return self.rng.choice(self.cities if roll < 0.55 else self.countries if roll < 0.8 else self.regions)

    def abbreviation(self) -> str:
        """An acronym that need not exist."""
        return "".join(
            self.rng.choice("AABCDEEFGHIJKLMNOPRSTUVW") for _ in range(self.rng.choice((3, 3, 4, 4, 5)))
        )

    def organisation(self) -> str:
        """A known organisation, or one made by pattern."""
        rng = self.rng
        if rng.random() < 0.5:
            return rng.choice(self.organisations)
        pattern = rng.choice(self.patterns)
        return re.sub(r"\{(\w+)\}", lambda m: self.slot(m.group(1)), pattern)

    def like(self, surface: str, kind: str) -> str:
        """An organisation or place of about as many words as another."""
        made = self.organisation() if kind == "ORG" else self.place()
        pool = self.seen[kind, min(4, len(surface.split()))]
        return self.rng.choice(pool) if pool and self.rng.random() < 0.6 else made

    def team(self) -> str:
        """A club; a bare place as often as a full name."""
        rng = self.rng
        roll = rng.random()
        return (
            rng.choice(self.organisations[-90:]) if roll < 0.4
            else f"{rng.choice(self.cities)} {rng.choice(_TEAM_ENDS)}" if roll < 0.7
            else rng.choice(self.cities)
        )  # fmt: skip

    def slot(self, name: str) -> str:
        """Fill one slot of a template; a slot in capitals is filled in capitals."""
        rng, low = self.rng, name.lower()
        lists = {"city": self.cities, "country": self.countries, "country2": self.countries, "matter": self.matters,
                 "role": self.roles, "title": self.titles, "demonym": self.demonyms, "day": _DAYS,
                 "month": _MONTHS}  # fmt: skip
        made = {"sur": self.surname, "loc": self.place, "org": self.organisation, "team": self.team,
                "abbr": self.abbreviation, "per": lambda: " ".join(self.person()),
                "given": lambda: rng.choice(self.people)[0], "number": lambda: str(rng.randint(2, 99))}  # fmt: skip
        value = made[low]() if low in made else rng.choice(lists[low])
        return value.upper() if name.isupper() else value

    def sentence(self) -> Sentence:
        """A sentence from a template."""
        template = self.rng.choice(self.templates)
        storm = re.search(r"Hurricane|Storm|Act was|The ship|USS|Memorial Hospital", template)
        text, spans, at = "", [], 0
        memory: dict[str, str] = {}
        for found in re.finditer(r"\[(.*?)\](PER|ORG|LOC|X|O)\b|\{(\w+)\}", template):
            text += template[at : found.start()]
            at = found.end()
            whole, label, name = found.groups()
            if whole:  # one name of several slots; X stands for `?`, O for no name at all
                value = re.sub(r"\{(\w+)\}", lambda slot: self.slot(slot[1]), whole)
                if label != "O":
                    spans.append((len(text), len(text) + len(value), "?" if label == "X" else label))
                text += value
                continue
            value = memory.setdefault(name, self.slot(name)) if name == "abbr" else self.slot(name)
            kind = {"per": "PER", "sur": "PER", "given": "PER", "loc": "LOC", "city": "LOC", "country": "LOC",
                    "country2": "LOC", "org": "ORG", "team": "ORG", "abbr": "ORG"}.get(name.lower())  # fmt: skip
            if kind == "PER" and storm and name in {"given", "sur"}:
                kind = "?" if "Hospital" in template else None
            if kind == "PER" and storm and "USS" in template:
                kind = None
            if kind:
                end = len(text) + len(value)
                if kind == "PER" and re.match(r" (?:Jr|Sr)\.", template[at:]):
                    end += 4
                spans.append((len(text), end, kind))
            text += value
        return Sentence(text + template[at:], tuple(spans), "template", "")


def replace(sentence: Sentence, names: Names, share: float = 0.5) -> Sentence:
    """Put other names in place of a share of the people, places and organisations of a sentence.

    A surname by itself follows the full name that it stands for, so that the sentence stays coherent.
    """
    rng = names.rng
    swapped: dict[str, str] = {}
    for start, end, kind in sentence.spans:
        surface = sentence.text[start:end]
        parts = surface.split()
        if kind == "PER" and len(parts) > 1 and rng.random() < share and surface not in swapped:
            new = names.person()
            if re.fullmatch(r"(?:[A-Z]\.){1,3}", parts[0]):  # an initial stays one, as in lists of results
                new[0] = new[0][0] + "."
            swapped[surface] = " ".join(new)
            if parts[-1].lower().strip(".") in _GENERATION:
                swapped[surface] += " " + parts[-1]
                parts = parts[:-1]
            swapped.setdefault(parts[-1], new[-1])
            swapped.setdefault(parts[0], new[0])
    out, spans, at = "", [], 0
    for start, end, kind in sentence.spans:
        surface = sentence.text[start:end]
        new = swapped.get(surface, surface) if kind == "PER" else surface
        if new == surface and kind == "PER" and " " not in surface and rng.random() < share:
            new = swapped.setdefault(surface, names.surname())
        elif kind == "LOC" and rng.random() < share:
            known = surface in names.countries
            new = rng.choice(names.countries) if known else names.like(surface, kind)
        elif kind == "ORG" and rng.random() < share * 0.6:
            new = names.like(surface, kind)
        if surface.isupper() and len(surface) > 4:
            new = new.upper()
        out += sentence.text[at:start]
        spans.append((len(out), len(out) + len(new), kind))
        out += new
        at = end
    return sentence._replace(text=out + sentence.text[at:], spans=tuple(spans))


_CONFUSED = {
    "o": "0",
    "O": "0",
    "l": "1",
    "I": "l",
    "i": "l",
    "e": "c",
    "m": "rn",
    "s": "5",
    "a": "o",
    "h": "b",
}


def rewrite(sentence: Sentence, rng: random.Random) -> Sentence:
    """Write a sentence otherwise: capitals, headline, without accents, misread letters. Most stay as they are."""
    text = sentence.text
    roll = rng.random()
    if roll < 0.84:
        return sentence
    if roll < 0.89:
        new = text.upper()
    elif roll < 0.93:
        new = " ".join(
            w if w in {"a", "of", "the", "in", "on", "to", "and", "for"} else w[:1].upper() + w[1:]
            for w in text.split(" ")
        )
    elif roll < 0.96:
        new = "".join(unicodedata.normalize("NFKD", c)[0] for c in text)
    elif roll < 0.98:
        new = text.replace("’", "'").replace("“", '"').replace("”", '"')
    else:
        return _misread(sentence, rng)
    return sentence._replace(text=new) if len(new) == len(text) else sentence


def _misread(sentence: Sentence, rng: random.Random) -> Sentence:
    out, moved = [], []
    length = 0
    for char in sentence.text:
        moved.append(length)
        new = _CONFUSED.get(char, char) if rng.random() < 0.06 else char
        out.append(new)
        length += len(new)
    moved.append(length)
    spans: list[Labelled] = [(moved[s], moved[e], k) for s, e, k in sentence.spans]
    return sentence._replace(text="".join(out), spans=tuple(spans))
