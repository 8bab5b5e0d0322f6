"""The curated tables in a compact form: columns and sorted keys instead of a row object for each name.

Comes in: the folders of `--aliases`. Goes out: who bears a spelling, who bears one that sounds like it, and what to
search texts for. Refuses to know: articles, scores. A table of many names is kept in the user's cache folder under the
hash of its content, so that it is read once and mapped into memory afterwards.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from aliases.large import Columns, values
from aliases.table import (
    AliasTable,
    AliasType,
    Conflict,
    Kind,
    Strength,
    content_hash,
    joint_hash,
    load_table,
)
from resolver.columns import columns_of_texts
from resolver.keys import plain_sound_keys, sound_keys
from resolver.names import fold

__all__ = ["CACHED", "Entry", "Gazetteer", "any_order", "open_tables", "plain_text", "searched"]

log = logging.getLogger(__name__)

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

CACHED = 10_000
"""Aliases from which the compact form is kept: the packaged table takes a second to make and a hundredth to map."""

_UNSPACED = "\u2e80"
"""The first character of the scripts that write words without blanks."""

MOST_LIKE = 200
"""Spellings of one sound key that are looked at; more bear common names, and none of them is meant for sure."""

_BATCH = 50_000
"""Names that are text objects at a time while the compact form is made."""

_SPELLINGS = pa.schema(
    [("text", pa.string()), ("entity", pa.int32()), ("weak", pa.bool_()), ("pattern", pa.string())]
)
_PARTS = ("entities", "spellings", "keys", "sounds")
_MAKERS = (
    "columns.py",
    "gazetteer.py",
    "keys.py",
    "models/names/usual.csv",
    "names.py",
    "romanise/__init__.py",
    "romanise/abjads.py",
    "romanise/han.py",
    "romanise/korean.py",
    "romanise/letters.py",
    "skeletons.py",
)  # files that decide what is kept


class Entry(NamedTuple):
    """An entity of the table that bears a spelling, by its number; whether the spelling alone identifies it."""

    entity: int
    strong: bool


class _Plain(dict[int, str]):
    """The accent-free form of a character, one for one, so that places in the text stay the same."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in "’ʼ`´‘":
            plain = "'"
        elif char.isspace():
            plain = " "
        elif char in "‐‑":
            plain = "-"
        else:
            bare = [part for part in unicodedata.normalize("NFD", char) if not unicodedata.combining(part)]
            plain = bare[0] if len(bare) == 1 else char
        self[code] = plain
        return plain


_PLAIN = _Plain()


def plain_text(text: str) -> str:
    """Return a text of the same length without accents and with one kind of quote, dash and blank; case stays."""
    return text.translate(_PLAIN)


class _Searched:
    """The form in which texts are searched: small letters without accents, a blank for all that is no letter or digit.

    A table of all characters, filled where it is used: six times faster than `str.translate`.
    """

    def __init__(self) -> None:
        self._table = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint32)

    def __call__(self, text: str) -> str:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        found = self._table[codes]
        new = found == _UNKNOWN
        if new.any():
            for code in np.unique(codes[new]).tolist():
                self._table[code] = self._form(code)
            found = self._table[codes]
        return found.tobytes().decode("utf-32-le", "surrogatepass")

    @staticmethod
    def _form(code: int) -> int:
        char = _PLAIN[code]
        small = char.lower()
        if not (char.isalnum() or char == "_" or unicodedata.combining(char)):
            return ord(" ")
        return ord(small if len(small) == 1 else char)


_UNKNOWN = 0xFFFFFFFF

searched = _Searched()


class Gazetteer:
    """Tables in columns.

    `entities` has entity_id, kind, canonical_name and roles; `spellings` has text, entity (a row of the former), weak
    and the pattern under which `searched` texts are searched ("" for none), by which it is ordered; `keys` and `sounds`
    lead from hashes to spellings.
    """

    def __init__(
        self, parts: dict[str, pa.Table], conflicts: Sequence[Conflict] = (), digest: str = ""
    ) -> None:
        self.content_hash = digest
        self.parts = parts
        self.entities, self.spellings = parts["entities"], parts["spellings"]
        self.conflicts = tuple(conflicts)
        self.size = int(self.entities.num_rows)
        self.kinds = [Kind(kind) for kind in self.entities["kind"].unique().to_pylist()]
        order = {str(kind): number for number, kind in enumerate(self.kinds)}
        codes = self.entities["kind"].combine_chunks().dictionary_encode()
        names = codes.dictionary.to_pylist()
        self._kind = np.array([order[name] for name in names], dtype=np.int8)[codes.indices.to_numpy()]
        self._owner = self.spellings["entity"].to_numpy()
        self._weak = self.spellings["weak"].to_numpy()
        self._hashes = {
            part: (parts[part]["key"].to_numpy(), parts[part]["row"].to_numpy())
            for part in ("keys", "sounds")
        }

    @staticmethod
    def of(table: AliasTable) -> Gazetteer:
        """Return a table in compact form."""
        return _built(table.columns, table.conflicts, table.content_hash)

    @property
    def notes(self) -> list[str]:
        """What is to be said of layers that contradict each other: how much was left out, and the first case."""
        if not self.conflicts:
            return []
        first = self.conflicts[0]
        told = f"{first.value!r} of {first.left_out_id} ({first.reason}), {first.kept_id} was kept"
        count = f"{len(self.conflicts):,} entries of later tables were left out"
        return [f"{count} because an earlier table says otherwise; first: {told}"]

    def entity_id(self, entity: int) -> str:
        """Return the id of an entity."""
        return str(self.entities["entity_id"][entity].as_py())

    def number(self, entity_id: str) -> int | None:
        """Return the number of an entity, None if there is none of that id."""
        return self._numbers.get(entity_id)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {entity_id: at for at, entity_id in enumerate(self.entities["entity_id"].to_pylist())}

    def name(self, entity: int) -> str:
        """Return the canonical name of an entity."""
        return str(self.entities["canonical_name"][entity].as_py())

    def roles(self, entity: int) -> str:
        """Return the roles of an entity as the table has them."""
        return str(self.entities["roles"][entity].as_py())

    def kind(self, entity: int) -> Kind:
        """Return the kind of an entity."""
        return self.kinds[int(self._kind[entity])]

    def spelling(self, row: int) -> str:
        """Return the text of a spelling."""
        return str(self.spellings["text"][row].as_py())

    def pattern(self, row: int) -> str:
        """Return what a spelling is searched by."""
        return str(self.spellings["pattern"][row].as_py())

    def entry(self, row: int) -> Entry:
        """Return whose a spelling is."""
        return Entry(int(self._owner[row]), not self._weak[row])

    def bearers(self, folded: str, kind: Kind) -> list[Entry]:
        """Return the entities of a kind that bear a folded spelling, strong ones first, then by number."""
        found: dict[int, bool] = {}
        for row in self._rows("keys", np.array([_hash(folded)], dtype=np.uint64)):
            entity, strong = self.entry(row)
            if self.kind(entity) == kind:
                found[entity] = found.get(entity, False) or strong
        return sorted((Entry(*item) for item in found.items()), key=lambda e: (not e.strong, e.entity))

    def sounding(self, keys: Keys) -> list[int]:
        """Return the rows of spellings that have one of the sound keys."""
        return self._rows("sounds", keys, most=MOST_LIKE)

    def _rows(self, part: str, keys: Keys, most: int = 1_000_000) -> list[int]:
        known, row = self._hashes[part]
        first, last = np.searchsorted(known, keys, "left"), np.searchsorted(known, keys, "right")
        found: set[int] = set()
        for a, b in zip(first.tolist(), last.tolist(), strict=True):
            if b - a <= most:
                found.update(row[a:b].tolist())
        return sorted(found)


def open_tables(folders: Sequence[str]) -> Gazetteer | None:
    """Return the tables of some folders in layers, "" for the packaged one; None if there is no folder.

    Raises:
        AliasTableError: A table cannot be read.
    """
    if not folders:
        return None
    hashes = [content_hash(Path(folder) if folder else None) for folder in folders]
    return _opened(tuple(folders), joint_hash(hashes) if all(hashes) else "")


@lru_cache(maxsize=2)
def _opened(folders: tuple[str, ...], digest: str) -> Gazetteer:
    """Return tables from memory or the cache folder while their content is the same."""
    paths = [Path(folder) if folder else None for folder in folders]
    place = _cache_folder() / f"table-{_program()}-{digest}"
    if digest and (place / "whole").exists():
        try:
            return _mapped(place)
        except (OSError, ValueError, KeyError, pa.ArrowException) as error:
            log.warning("%s is damaged and made anew: %s", place, error)
            shutil.rmtree(place, ignore_errors=True)
    table = AliasTable.layered(*[load_table(path) for path in paths])
    made = Gazetteer.of(table)
    if len(table.aliases) >= CACHED and _save(made, place):
        del table, made
        return _mapped(place)  # what the making needed is free again
    return made


@cache
def _program() -> str:
    """Return what changes with the code that makes the compact form."""
    sources = (files("resolver").joinpath(name) for name in _MAKERS)
    return hashlib.blake2b(b"".join(source.read_bytes() for source in sources), digest_size=4).hexdigest()


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alias-resolver"


def _mapped(place: Path) -> Gazetteer:
    parts = {}
    for name in _PARTS:
        with pa.memory_map(str(place / f"{name}.arrow")) as file:
            parts[name] = pa.ipc.open_file(file).read_all()
    conflicts = json.loads((place / "whole").read_text(encoding="utf-8"))
    return Gazetteer(parts, [Conflict(*row) for row in conflicts], place.name.rpartition("-")[2])


def _save(made: Gazetteer, place: Path) -> bool:
    """Write the compact form for the next time and return whether it could be; if not, that costs time and no more."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
        try:
            for name in _PARTS:
                table = made.parts[name].combine_chunks()
                with (
                    pa.OSFile(str(folder / f"{name}.arrow"), "wb") as file,
                    pa.ipc.new_file(file, table.schema) as writer,
                ):
                    writer.write_table(table)
            (folder / "whole").write_text(json.dumps(made.conflicts), encoding="utf-8")
            for outdated in place.parent.glob(f"table-*-{made.content_hash}"):
                shutil.rmtree(outdated, ignore_errors=True)
            folder.rename(place)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        log.info("the compact table is not kept: %s", error)
    return (place / "whole").exists()


def _hash(folded: str) -> int:
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "big")


def _built(columns: Columns, conflicts: Sequence[Conflict], digest: str) -> Gazetteer:
    entities = columns.entities.select(["entity_id", "kind", "canonical_name", "roles"])
    number = {entity_id: at for at, entity_id in enumerate(entities["entity_id"].to_pylist())}
    batches = []
    names = _names(columns, number)
    while batch := list(islice(names, _BATCH)):
        texts, owners, weak = zip(*batch, strict=True)
        batches.append(
            pa.record_batch(
                {
                    "text": pa.array(texts, pa.string()),
                    "entity": pa.array(owners, pa.int32()),
                    "weak": np.array(weak, dtype=bool),
                    "pattern": pa.array(map(_pattern, texts), pa.string()),
                }
            )
        )
    spellings = pa.Table.from_batches(batches, _SPELLINGS).sort_by("pattern").combine_chunks()
    texts = spellings["text"].combine_chunks()
    keys, rows = _keys(texts)
    kinds = entities["kind"].combine_chunks().take(spellings["entity"].combine_chunks())
    sounds = []
    for kind in Kind:
        own = np.flatnonzero(pc.equal(kinds, str(kind)).to_numpy(zero_copy_only=False))
        sounds += [_sounds(texts, own[at : at + _BATCH], kind) for at in range(0, len(own), _BATCH)]
    parts = {
        "entities": entities.combine_chunks(),
        "spellings": spellings,
        "keys": _sorted(keys, rows),
        "sounds": _sorted(
            np.concatenate([keys[:0], *(key for key, _ in sounds)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(row for _, row in sounds)]),
        ),
    }
    return Gazetteer(parts, conflicts, digest)


def _sounds(texts: pa.Array, rows: Ints, kind: Kind) -> tuple[Keys, Ints]:
    """Return the sound keys of some spellings of one kind and the row of each."""
    taken = texts.take(pa.array(rows))
    if kind != Kind.PER:
        return plain_sound_keys([fold(text) for text in taken.to_pylist()], kind), rows
    name, keys = sound_keys(columns_of_texts(taken))
    return keys, rows[name]


def _names(columns: Columns, number: dict[str, int]) -> Iterator[tuple[str, int, bool]]:
    """Yield every name with the number of its entity and whether it is weak; adjectives name nobody."""
    for entity_id, name in values(columns.entities, "entity_id", "canonical_name"):
        yield name, number[entity_id], False
    for entity_id, alias, alias_type, strength in values(
        columns.aliases, "entity_id", "alias", "alias_type", "strength"
    ):
        if alias_type != AliasType.ADJECTIVE and entity_id in number:
            yield alias, number[entity_id], strength == Strength.WEAK


def _pattern(name: str) -> str:
    """Return what to search for: whole words, or characters where words have no blanks between them."""
    name = name.removeprefix("the ")  # articles stay outside of mentions
    if len(name) < 2:
        return ""
    return searched(name) if name[0] >= _UNSPACED else f" {searched(name)} "


def any_order(words: Sequence[str]) -> str:
    """Return the key of a person's name whatever the order of its words ("Orbán Viktor"); "" for one word."""
    return f"={' '.join(sorted(words))}" if len(words) > 1 else ""


def _keys(texts: pa.Array) -> tuple[Keys, Ints]:
    """Return the hashes of all spellings, as they are and in any order of words, and the row of each."""
    keys = np.zeros(2 * len(texts), dtype=np.uint64)
    for row, text in enumerate(_walk(texts)):
        folded = fold(text)
        keys[2 * row] = _hash(folded)
        ordered = any_order(folded.split())
        keys[2 * row + 1] = _hash(ordered) if ordered else 0
    rows = np.repeat(np.arange(len(texts)), 2)
    return keys[keys > 0], rows[keys > 0]


def _walk(texts: pa.Array) -> Iterator[str]:
    for start in range(0, len(texts), _BATCH):
        yield from texts.slice(start, _BATCH).to_pylist()


def _sorted(keys: Keys, rows: Ints) -> pa.Table:
    order = np.argsort(keys, kind="stable")
    return pa.table({"key": keys[order], "row": rows[order].astype(np.int32)})
