"""Everything that a curator should mend in a table, beyond what keeps it from being loaded.

a folder of CSV files -> faults with file, line, column, value and expectation
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from aliases.rows import AliasRow, AliasType, DecisionRow, EntityRow, Fault, Kind, NicknameRow, Strength
from aliases.table import normalise, read_rows

__all__ = ["check"]

_Row = TypeVar("_Row", bound=BaseModel)

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""Scripts whose letters look alike: a name is written in one of them."""

_JOINERS = "\u200c\u200d"
"""Invisible characters that Persian and Indic spellings need."""

_NUMERAL = re.compile(r"^[IVXLC]+$")
"""Roman numerals stand in names of every script."""

_CURATED = re.compile(r"^(per|org|loc):")


class _Named(NamedTuple):
    """A name in the table, whether canonical or alias, and where it stands."""

    file: str
    line: int
    column: str
    text: str
    entity_id: str


def check(folder: Path | None = None) -> list[Fault]:
    """Return every fault of a table, by file and line; an empty list if there is none.

    Args:
        folder: Where entities.csv and aliases.csv lie; None for the packaged table.
    """
    folder = Path(__file__).parent if folder is None else folder
    faults: list[Fault] = []
    entities = _rows(folder / "entities.csv", EntityRow, faults, needed=True)
    aliases = _rows(folder / "aliases.csv", AliasRow, faults, needed=True)
    nicknames = _rows(folder / "nicknames.csv", NicknameRow, faults)
    decisions = _rows(folder / "decisions.csv", DecisionRow, faults)
    where = {name: str(folder / f"{name}.csv") for name in ("entities", "aliases", "nicknames", "decisions")}
    by_id: dict[str, EntityRow] = {}
    for line, entity in entities:
        if entity.entity_id in by_id:
            expected = "an id that no other row has"
            faults.append(Fault(where["entities"], line, "entity_id", entity.entity_id, expected))
        by_id.setdefault(entity.entity_id, entity)
    known = [(line, alias) for line, alias in aliases if alias.entity_id in by_id]
    faults.extend(
        Fault(where["aliases"], line, "entity_id", alias.entity_id, "an id of entities.csv")
        for line, alias in aliases
        if alias.entity_id not in by_id
    )
    canonical = [
        _Named(where["entities"], line, "canonical_name", entity.canonical_name, entity.entity_id)
        for line, entity in entities
    ]
    others = [_Named(where["aliases"], line, "alias", alias.alias, alias.entity_id) for line, alias in known]
    for name in (*canonical, *others):
        faults.extend(_spelling(name))
    for line, entity in entities:
        faults.extend(_tenures(where["entities"], line, entity))
    faults.extend(_repeats(canonical, others))
    strong = [
        name
        for name, (_, alias) in zip(others, known, strict=True)
        if alias.strength is Strength.STRONG and alias.alias_type is not AliasType.ADJECTIVE
    ]
    faults.extend(_shared([*canonical, *strong], by_id))
    for line, alias in known:
        faults.extend(_strength(where["aliases"], line, alias, by_id[alias.entity_id].kind))
    faults.extend(_nicknames(where["nicknames"], nicknames))
    faults.extend(_decisions(where["decisions"], decisions, by_id))
    faults.extend(_order(where["entities"], [(line, (row.entity_id,)) for line, row in entities]))
    faults.extend(_order(where["aliases"], [(line, (row.entity_id, row.alias)) for line, row in aliases]))
    faults.extend(_order(where["nicknames"], [(line, (row.nickname, row.name)) for line, row in nicknames]))
    return sorted(faults)


def _rows(
    path: Path, row_type: type[_Row], faults: list[Fault], *, needed: bool = False
) -> list[tuple[int, _Row]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if needed:
            columns = ", ".join(row_type.model_fields)
            faults.append(Fault(str(path), 0, "", path.name, f"this file, with the columns {columns}"))
        return []
    except OSError as error:
        faults.append(Fault(str(path), 0, "", error.strerror or str(error), "a file that can be read"))
        return []
    at = data.find(b"\r")
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        faults.append(Fault(str(path), line, "", "\r", "lines that end in a line feed alone"))
    return read_rows(path, row_type, faults, data)


def _spelling(name: _Named) -> Iterator[Fault]:
    file, line, column, text, _ = name
    if text != unicodedata.normalize("NFC", text):
        yield Fault(file, line, column, text, "composed characters (Unicode NFC)")
    if text != " ".join(text.split()):
        yield Fault(file, line, column, text, "no blanks at the ends and single plain ones inside")
    hidden = [
        char for char in text if unicodedata.category(char) in ("Cf", "Co", "Cn") and char not in _JOINERS
    ]
    if hidden:
        yield Fault(file, line, column, text, f"no invisible character (U+{ord(hidden[0]):04X})")
    letters = "".join(word for word in text.split() if not _NUMERAL.match(word))
    scripts = {
        script for char in letters if char.isalpha() for script in _ALPHABETS if script in _script(char)
    }
    if len(scripts) > 1:
        yield Fault(
            file, line, column, text, f"letters of one script, found {' and '.join(sorted(scripts)).title()}"
        )


@cache
def _script(char: str) -> str:
    return unicodedata.name(char, "")


def _tenures(file: str, line: int, entity: EntityRow) -> Iterator[Fault]:
    for tenure in entity.tenures():
        if tenure.since is not None and tenure.until is not None and tenure.since > tenure.until:
            said = f"{tenure.role} {tenure.since}-{tenure.until}"
            yield Fault(file, line, "roles", said, "years in their order")


def _repeats(canonical: list[_Named], others: list[_Named]) -> Iterator[Fault]:
    seen = {(name.entity_id, normalise(name.text)): name for name in canonical}
    for name in others:
        key = (name.entity_id, normalise(name.text))
        first = seen.setdefault(key, name)
        if first is name:
            continue
        if first.column == "canonical_name":
            expected = (
                "a name other than the canonical one (case and accents aside), which counts without a row"
            )
        else:
            expected = f"an alias that the entity has not yet (case and accents aside): see line {first.line}"
        yield Fault(name.file, name.line, name.column, name.text, expected)


def _shared(names: list[_Named], by_id: dict[str, EntityRow]) -> Iterator[Fault]:
    owner: dict[tuple[Kind, str], _Named] = {}
    for name in names:
        first = owner.setdefault((by_id[name.entity_id].kind, normalise(name.text)), name)
        if first.entity_id != name.entity_id:
            expected = (
                f"weak, because {first.entity_id} has the name too ({Path(first.file).name}:{first.line})"
            )
            if name.column == "canonical_name":
                expected = f"a name of its own: {first.entity_id} has this one (line {first.line})"
            yield Fault(name.file, name.line, name.column, name.text, expected)


@cache
def _common() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {"word": {}, "name": {}}
    with Path(__file__).with_name("common.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["kind"]][row["token"]] = int(row["count"])
    return found


def _strength(file: str, line: int, alias: AliasRow, kind: Kind) -> Iterator[Fault]:
    if alias.strength is Strength.WEAK:
        return
    text = alias.alias
    if alias.alias_type is AliasType.ADJECTIVE:
        yield Fault(file, line, "strength", "strong", "weak, because an adjective names nobody")
        return
    acronym = text.replace(".", "").isupper() and text.isascii()
    if len(text) < 2 or (text.isascii() and len(text) < 3 and not acronym):
        yield Fault(file, line, "alias", text, "weak: so short a name stands everywhere")
    elif " " not in text and not acronym:
        # Capitals tell a word from an acronym ("WHO"), so acronyms are exempt; everything else fires in any headline.
        plain = normalise(text)
        if alias.lang in ("", "en") and plain in _common()["word"]:
            yield Fault(file, line, "alias", text, "weak: it is a common word as well")
        bearers = _common()["name"].get(plain, 0)
        if kind is Kind.PER and bearers:
            yield Fault(file, line, "alias", text, f"weak: {bearers} of 119,000 people have this name")


def _nicknames(file: str, rows: list[tuple[int, NicknameRow]]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for line, row in rows:
        if (row.nickname, row.name) in seen:
            yield Fault(
                file, line, "nickname", row.nickname, f"one row for each pair: {row.name} stands here twice"
            )
        if row.nickname == row.name:
            yield Fault(file, line, "nickname", row.nickname, "something else than the name itself")
        for column, text in (("nickname", row.nickname), ("name", row.name)):
            if text != text.lower():
                yield Fault(file, line, column, text, "small letters")
        seen.add((row.nickname, row.name))


def _decisions(
    file: str, rows: list[tuple[int, DecisionRow]], by_id: dict[str, EntityRow]
) -> Iterator[Fault]:
    seen: set[str] = set()
    for line, row in rows:
        if row.decision_id in seen:
            yield Fault(file, line, "decision_id", row.decision_id, "an id that no other row has")
        seen.add(row.decision_id)
        if row.left == row.right:
            yield Fault(file, line, "right", row.right, "something else than the left side")
        for column, text in (("left", row.left), ("right", row.right)):
            if _CURATED.match(text) and text not in by_id:
                yield Fault(file, line, column, text, "an id of entities.csv, of a mention or of a chain")


def _order(file: str, keys: list[tuple[int, tuple[str, ...]]]) -> Iterator[Fault]:
    for (_, before), (line, key) in pairwise(keys):
        if key < before:
            yield Fault(file, line, "", ",".join(key), f"rows in order: this one before {','.join(before)}")
            return
