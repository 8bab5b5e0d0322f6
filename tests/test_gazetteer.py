"""Tables in columns: what they find, and when the kept compact form is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from aliases.table import AliasRow, AliasTable, AliasType, EntityRow, Kind, Strength
from resolver import gazetteer
from resolver.authority import Authority
from resolver.gazetteer import Gazetteer, open_tables
from resolver.mentions import TableScanner, scan_table

HEAD = "entity_id,kind,canonical_name,wikidata_id,roles,source,note\n"
ALIASES = "entity_id,alias,alias_type,strength,lang,source,note\n"


def entity(entity_id: str, kind: Kind, name: str) -> EntityRow:
    return EntityRow(entity_id=entity_id, kind=kind, canonical_name=name, source="test")


def alias(entity_id: str, text: str, strength: Strength = Strength.STRONG) -> AliasRow:
    return AliasRow(
        entity_id=entity_id, alias=text, alias_type=AliasType.FULL, strength=strength, source="test"
    )


def small() -> AliasTable:
    rows = [
        entity("per:q", Kind.PER, "Xerxes Quillfeather"),
        entity("loc:q", Kind.LOC, "Quillfeather"),
        entity("per:z", Kind.PER, "习近平"),
        entity("org:w", Kind.ORG, "Wxyz"),
        entity("org:u", Kind.ORG, "U.S. Quill Office"),
    ]
    return AliasTable({row.entity_id: row for row in rows}, [alias("per:q", "Xerx", Strength.WEAK)])


def spans(text: str) -> list[str]:
    return [text[span.start : span.end] for span in scan_table(text, TableScanner(small()))]


def test_a_name_is_found_only_inside_its_kind_and_without_accents() -> None:
    authority = Authority(small())
    assert authority.decided("Xerxes Quíllfeather", [], Kind.PER) == "per:q"
    assert authority.decided("Quillfeather", [], Kind.LOC) == "loc:q"
    assert authority.decided("Quillfeather", [], Kind.PER) == ""


def test_a_weak_alias_identifies_nobody() -> None:
    authority = Authority(small())
    assert authority.decided("Xerx", [], Kind.PER) == ""
    assert [entry.strong for entry in authority.entries("Xerx", Kind.PER)] == [False]


def test_short_forms_do_not_decide_for_a_longer_name() -> None:
    assert Authority(small()).decided("Old Quillfeather", ["Quillfeather"], Kind.LOC) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Then Xerxes\nQuillfeather spoke.", ["Xerxes\nQuillfeather"]),
        ("XERXES QUILLFEATHER, again", ["XERXES QUILLFEATHER"]),
        ("xerxes quillfeather in small letters", []),
        ("Quillfeathers are no Quillfeather.", ["Quillfeather"]),
        ("会见习近平主席", ["习近平"]),
        ("The U.S. Quill Office’s Wxyz", ["U.S. Quill Office", "Wxyz"]),
        ("WXYZ is something else", []),
        ("", []),
    ],
)
def test_texts_are_searched_for_whole_words_in_their_case(text: str, found: list[str]) -> None:
    assert spans(text) == found


def test_an_empty_table_finds_nothing() -> None:
    assert scan_table("Xerxes Quillfeather", TableScanner(AliasTable({}, []))) == []


def write(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "entities.csv").write_text(f"{HEAD}per:a,PER,{name},,,x,\n", "utf-8")
    (folder / "aliases.csv").write_text(f"{ALIASES}per:a,Alias Alone,full,strong,,x,\n", "utf-8")
    return folder


def test_the_compact_form_is_kept_and_made_anew_when_a_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gazetteer, "CACHED", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = str(write(tmp_path / "t", "Ada Antler"))

    def opened() -> Gazetteer:
        gazetteer._opened.cache_clear()
        table = open_tables([folder])
        assert table is not None
        return table

    first = opened()
    assert len(list((tmp_path / "cache/alias-resolver").iterdir())) == 1
    with monkeypatch.context() as patched:
        patched.setattr(gazetteer, "load_table", None)  # the kept form does without
        again = opened()
    assert (
        (again.name(0), again.content_hash)
        == (first.name(0), first.content_hash)
        == ("Ada Antler", again.content_hash)
    )
    assert Authority(again).decided("Alias Alone", [], Kind.PER) == "per:a"
    write(tmp_path / "t", "Bea Birk")
    assert opened().name(0) == "Bea Birk"


def test_a_damaged_kept_form_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "CACHED", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = str(write(tmp_path / "t", "Ada Antler"))
    open_tables([folder])
    (kept,) = (tmp_path / "cache/alias-resolver").iterdir()
    (kept / "keys.arrow").write_bytes(b"nothing")
    gazetteer._opened.cache_clear()
    table = open_tables([folder])
    assert table is not None
    assert table.name(0) == "Ada Antler"
