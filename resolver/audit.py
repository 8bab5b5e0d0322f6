"""Spelling findings: who wrote a name differently from the form to use, where, and what to write instead.

Comes in: resolved mentions. Goes out: findings, one an entity and deviating spelling. A short form ("Tavakkolian",
"B. Tavakkolian") of the preferred name is no finding; a different spelling of any of its words is. Refuses to know: how
mentions were linked.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from rapidfuzz.distance import JaroWinkler

from resolver.model import Kind, Name
from resolver.names import fold, parse_name

__all__ = ["FORMATS", "Deviation", "Finding", "Place", "SpelledMention", "findings"]

NEAR = 0.6  # Jaro-Winkler similarity from which a word is read as a spelling of another word of the name


class SpelledMention(Protocol):
    """What of a resolved mention the audit looks at."""

    @property
    def doc_id(self) -> str: ...  # noqa: D102 - described in DESIGN: the columns of a mention
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def surface(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def entity_id(self) -> str: ...  # noqa: D102
    @property
    def entity_name(self) -> str: ...  # noqa: D102
    @property
    def outlet(self) -> str | None: ...  # noqa: D102


class Deviation(StrEnum):
    """How a spelling differs from the preferred one."""

    SPELLING = "spelling"
    ACCENTS = "accents"
    HYPHEN = "hyphen or space"


class Place(NamedTuple):
    """Where a spelling stands: article, first character, outlet."""

    doc_id: str
    start: int
    outlet: str


class Finding(NamedTuple):
    """A spelling that deviates from the preferred form of its entity."""

    entity_id: str
    name: str
    kind: Kind
    written: str
    expected: str
    deviation: Deviation
    places: tuple[Place, ...]

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that wrote it so, each once."""
        return tuple(sorted({place.outlet for place in self.places if place.outlet}))


def findings(mentions: Iterable[SpelledMention]) -> list[Finding]:
    """Return all deviating spellings, entities with the most deviating mentions first.

    Args:
        mentions: Resolved mentions, in any order.
    """
    by_entity: dict[str, list[SpelledMention]] = defaultdict(list)
    for mention in mentions:
        by_entity[mention.entity_id].append(mention)
    out: list[Finding] = []
    for entity_id, group in by_entity.items():
        preferred = group[0].entity_name
        spelled: dict[str, list[Place]] = defaultdict(list)
        for mention in group:
            spelled[mention.surface].append(Place(mention.doc_id, mention.start, mention.outlet or ""))
        house = house_words(preferred, Counter(m.surface for m in group), group[0].kind)
        for surface, places in spelled.items():
            found = deviation(surface, preferred, group[0].kind, house)
            if found is not None:
                kind, expected = found
                out.append(
                    Finding(
                        entity_id, preferred, group[0].kind, surface, expected, kind, tuple(sorted(places))
                    )
                )
    weight = Counter[str]()
    for finding in out:
        weight[finding.entity_id] += len(finding.places)
    return sorted(out, key=lambda f: (-weight[f.entity_id], f.entity_id, -len(f.places), f.written))


def house_words(preferred: str, surfaces: Counter[str], kind: Kind) -> dict[str, str]:
    """Return the words to use, folded -> as written: those of the preferred name, as they are mostly spelled."""
    name = parse_name(preferred, kind)
    words = {fold(word): word.strip(".,") for word in preferred.replace("-", " ").split()}
    if name.script != "latin":
        best = surfaces.most_common(1)[0][0]
        words = {fold(word): word for word in best.replace("-", " ").split()}
    return {key: word for key, word in words.items() if key}


def deviation(
    surface: str, preferred: str, kind: Kind, house: dict[str, str]
) -> tuple[Deviation, str] | None:
    """Return how a surface deviates and what to write instead; None for the preferred name and its short forms."""
    name = parse_name(surface, kind)
    if surface == preferred or not name.folded or name.script != "latin":
        return None
    written = [word for word in surface.replace("-", " ").split() if fold(word)]
    wrong = [word for word in written if not fits(word, house)]
    if wrong:
        if is_acronym_of(surface, preferred) or not all(nearest(word, house) for word in wrong):
            return other_name(surface, preferred, name, kind, house)
        return Deviation.SPELLING, " ".join(nearest(word, house) or word for word in written)
    expected = " ".join(house.get(fold(word), word) for word in written)
    if bare(expected) == bare(surface) and plain_accents(expected) != plain_accents(surface):
        return Deviation.ACCENTS, expected
    joined = expected.replace(" ", "")
    for run in (preferred, *preferred.split()):
        if run.replace("-", "").replace(" ", "") == joined and run.casefold() != surface.casefold():
            return Deviation.HYPHEN, run
    return None


def other_name(
    surface: str, preferred: str, name: Name, kind: Kind, house: dict[str, str]
) -> tuple[Deviation, str] | None:
    """A surface with words that are no spelling of the preferred name's: only a mangled full name is reported."""
    shared = any(fits(word, house) for word in surface.split())
    full = len(name.folded.split()) >= 2 and kind == Kind.PER
    return (Deviation.SPELLING, preferred) if full and shared else None


def fits(word: str, house: dict[str, str]) -> bool:
    """Whether a word is one of the house's, or the initial of one."""
    folded = fold(word).rstrip(".")
    return folded in house or (len(folded) == 1 and any(key.startswith(folded) for key in house))


def nearest(word: str, house: dict[str, str]) -> str | None:
    """Return the house's word that this one is a spelling of, None if there is none."""
    folded = fold(word)
    if fits(word, house):
        return house.get(folded, word)
    best = max(house, key=lambda key: (JaroWinkler.similarity(key, folded), key), default=None)
    return house[best] if best and JaroWinkler.similarity(best, folded) >= NEAR else None


def is_acronym_of(surface: str, preferred: str) -> bool:
    """Whether a surface in capitals is made of the first letters of the preferred name."""
    letters = surface.replace(".", "")
    return letters.isupper() and letters.casefold() == "".join(w[0] for w in fold(preferred).split() if w)


def bare(text: str) -> str:
    """Return a text without accents, hyphens and case."""
    return fold(text).replace("-", " ")


def plain_accents(text: str) -> str:
    """Return a text in lower case with its accents, in one Unicode form, hyphens as spaces."""
    return unicodedata.normalize("NFC", text).casefold().replace("-", " ")


# ---------------------------------------------------------------- formats


def as_text(found: Sequence[Finding]) -> str:
    """Findings for reading: an entity, then its deviating spellings."""
    lines: list[str] = []
    last = ""
    for finding in found:
        if finding.entity_id != last:
            lines.append(f"{finding.name}  ({finding.kind} {finding.entity_id})")
            last = finding.entity_id
        who = ", ".join(finding.outlets) or ", ".join(sorted({p.doc_id for p in finding.places})[:3])
        times = len(finding.places)
        lines.append(f"    {finding.written}  ->  {finding.expected}   {finding.deviation}, {times}x: {who}")
    entities = len({finding.entity_id for finding in found})
    lines.append(
        f"{len(found)} deviating spellings of {entities} names" if found else "no deviating spellings"
    )
    return "\n".join(lines) + "\n"


def as_csv(found: Sequence[Finding]) -> str:
    """One row for each place."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["entity_id", "name", "type", "written", "expected", "deviation", "doc_id", "start", "outlet"]
    )
    for f in found:
        for p in f.places:
            writer.writerow([f.entity_id, f.name, f.kind, f.written, f.expected, f.deviation, *p])
    return out.getvalue()


def as_json(found: Sequence[Finding]) -> str:
    """A JSON list with one object for each finding."""
    rows = [
        {
            "entity_id": f.entity_id,
            "name": f.name,
            "type": f.kind,
            "written": f.written,
            "expected": f.expected,
            "deviation": f.deviation,
            "places": [p._asdict() for p in f.places],
        }
        for f in found
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {"text": as_text, "csv": as_csv, "json": as_json}
