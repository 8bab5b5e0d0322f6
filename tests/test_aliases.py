"""The curated table: faults have a place, foreign tables come in whole or not at all, layers keep the first word."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from aliases.checks import check
from aliases.importers import FORMATS, import_table
from aliases.table import AliasTable, AliasTableError, load_table
from resolver.cli import main
from resolver.gazetteer import Gazetteer

ENTITY = "entity_id,kind,canonical_name,wikidata_id,roles,source,note"
ALIAS = "entity_id,alias,alias_type,strength,lang,source,note"
SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))


def table(folder: Path, entities: str = "", aliases: str = "", **others: str) -> Path:
    """Write a table of good rows and those given."""
    folder.mkdir(exist_ok=True)
    good = "per:a,PER,Ada Antler,,,by hand,\nper:b,PER,Bea Birk,,,by hand,\n"
    (folder / "entities.csv").write_text(f"{ENTITY}\n{good}{entities}", "utf-8")
    (folder / "aliases.csv").write_text(f"{ALIAS}\n{aliases}", "utf-8")
    for name, text in others.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def test_the_packaged_table_has_no_fault() -> None:
    assert check() == []


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared corpora")
def test_no_pair_of_the_sanctions_list_is_in_the_packaged_table() -> None:
    with (SHARED / "names/ofac_pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["left"], row["right"]) for row in csv.DictReader(file)]
    loaded = load_table()
    owners: dict[str, set[str]] = {}
    for row in loaded.entities.values():
        owners.setdefault(row.canonical_name, set()).add(row.entity_id)
    for alias in loaded.aliases:
        owners.setdefault(alias.alias, set()).add(alias.entity_id)
    assert [pair for pair in pairs if owners.get(pair[0], set()) & owners.get(pair[1], set())] == []


@pytest.mark.parametrize(
    ("rows", "line", "column", "value", "expected"),
    [
        ("per:a,Addie,nickname,strong,,by hand,\nper:a,addie,short,weak,,by hand,\n", 3, "alias", "addie", "not yet"),
        ("per:a,Tiny,nickname,strong,,x,\nper:b,Tiny,nickname,strong,,x,\n", 3, "alias", "Tiny", "weak, because per:a"),
        ("per:a,ada antler,full,strong,,x,\n", 2, "alias", "ada antler", "other than the canonical one"),
        ("per:z,Zoe,full,strong,,x,\n", 2, "entity_id", "per:z", "an id of entities.csv"),
        ("per:a,Addie,pet,strong,,x,\n", 2, "alias_type", "pet", "one of full, short"),
        ("per:a,Addie,nickname,sure,,x,\n", 2, "strength", "sure", "one of strong, weak"),
        ("per:a,Ade\u0301,nickname,strong,,x,\n", 2, "alias", "Ade\u0301", "composed characters"),
        ("per:a,\u0410ntler,short,strong,,x,\n", 2, "alias", "\u0410ntler", "letters of one script"),
        ("per:a,A\u200bda,short,strong,,x,\n", 2, "alias", "A\u200bda", "no invisible character"),
        ("per:a,Said,short,strong,,x,\n", 2, "alias", "Said", "a common word"),
        ("per:a,Smith,short,strong,,x,\n", 2, "alias", "Smith", "people have this name"),
        ("per:a,A,short,strong,,x,\n", 2, "alias", "A", "stands everywhere"),
        ("per:a,Antlerian,adjective,strong,,x,\n", 2, "strength", "strong", "an adjective names nobody"),
        ("per:a,Addie,nickname,strong,English,x,\n", 2, "lang", "English", "a language code"),
        ("per:a,Addie,nickname,strong,,,\n", 2, "source", "", "where the row comes from"),
        ("per:b,Zed,short,strong,,x,\nper:a,Addie,short,strong,,x,\n", 3, "", "per:a,Addie", "rows in order"),
        ("per:a,Addie,short,strong,x,\n", 2, "", "per:a,Addie,short,strong,x,", "7 values, found 6"),
        (f"per:a,{'x' * 1_000_000},full,strong,,x,\n", 2, "alias", "x" * 1_000_000, "1 to 300"),
        ("per:a,Ad\0a,full,strong,,x,\n", 2, "alias", "Ad\0a", "printable"),
    ],
)  # fmt: skip
def test_a_faulty_alias_is_told_with_its_place(
    tmp_path: Path, rows: str, line: int, column: str, value: str, expected: str
) -> None:
    faults = [f for f in check(table(tmp_path / "t", aliases=rows)) if expected in f.expected]
    assert [(Path(f.file).name, f.line, f.column, f.value) for f in faults] == [
        ("aliases.csv", line, column, value)
    ]


@pytest.mark.parametrize(
    ("rows", "column", "expected"),
    [
        ("per:b,PER,Bo Birk,,,by hand,\n", "entity_id", "an id that no other row has"),
        ("per:c,PER,Ada Antler,,,by hand,\n", "canonical_name", "a name of its own"),
        ("per:c,MAN,Cy Cole,,,by hand,\n", "kind", "one of PER, ORG, LOC"),
        ("per:c,PER,Cy Cole,42,,by hand,\n", "wikidata_id", "a Wikidata id"),
        ("per:c,PER,Cy Cole,,king 1950-1940,by hand,\n", "roles", "years in their order"),
    ],
)
def test_a_faulty_entity_is_told_with_its_column(
    tmp_path: Path, rows: str, column: str, expected: str
) -> None:
    faults = check(table(tmp_path / "t", entities=rows))
    assert [f.column for f in faults if expected in f.expected] == [column]


def test_decisions_that_refer_to_nobody_or_to_themselves_are_faults(tmp_path: Path) -> None:
    head = "decision_id,left,right,verdict,reason,user,decided_at,undone_at\n"
    rows = "d1,per:a,per:zz,same,,,,\nd2,per:a,per:a,same,,,,\nd2,per:a,per:b,different,,,,\n"
    faults = check(table(tmp_path / "t", decisions=head + rows))
    assert [(f.line, f.column) for f in faults] == [(2, "right"), (3, "right"), (4, "decision_id")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbf" + ALIAS.encode() + b"\n", "no byte order mark"),
        (ALIAS.replace(",", ";").encode() + b"\n", "not semicolons"),
        (b"entity_id,alias\n", "missing: alias_type, strength, source"),
        (ALIAS.encode() + b",colour\n", "unknown: colour"),
        (ALIAS.encode() + b"\nper:a,Ad\xff,full,strong,,x,\n", "UTF-8 text"),
        (ALIAS.encode() + b"\r\n", "line feed alone"),
        (ALIAS.encode() + b'\nper:a,"Ada,full,strong,,x,\n', "comma-separated values"),
    ],
)
def test_a_file_in_the_wrong_form_is_a_located_error(tmp_path: Path, data: bytes, said: str) -> None:
    folder = table(tmp_path / "t")
    (folder / "aliases.csv").write_bytes(data)
    assert any(said in str(fault) for fault in check(folder))


def test_a_missing_file_names_its_columns(tmp_path: Path) -> None:
    with pytest.raises(AliasTableError, match=r"entities\.csv.*entity_id, kind, canonical_name"):
        load_table(tmp_path)


# ---------------------------------------------------------------- importing

SOURCES = {
    "opensanctions": (
        "targets.simple.csv",
        ('"id","schema","name","aliases","birth_date"\n'
        '"Q1","Person","Ada Antler","Adah Antler;ADA ANTLER","1950"\n"v1","Vessel","Sea Queen","",""\n'
        '"NK-2","Company","Birk Ltd","Birk Limited",""\n'),
    ),
    "ftm": (
        "entities.ftm.json",
        json.dumps({"id": "Q1", "schema": "Person", "caption": "Ada Antler", "properties": {
            "name": ["Ada Antler"], "alias": ["Adah Antler"], "weakAlias": ["Addie"]}})
        + "\nno json\n" + json.dumps({"id": "v1", "schema": "Vessel", "properties": {"name": ["Sea Queen"]}})
        + "\n" + json.dumps({"id": "NK-2", "schema": "Company", "properties": {"name": ["Birk Ltd"]}}) + "\n",
    ),
    "wikidata": (
        "dump.json",
        "[\n" + json.dumps({"id": "Q1", "labels": {"en": {"value": "Ada Antler"}, "ru": {"value": "Ада Антлер"}},
                            "aliases": {"en": [{"value": "Adah Antler"}]},
                            "claims": {"P31": [{"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}]}})
        + ",\n" + json.dumps({"id": "Q2", "labels": {"en": {"value": "A Stone"}}, "claims": {}}) + "\n]\n",
    ),
    "jrc": ("entities", "1\tP\tu\tAda+Antler\n1\tP\tde\tAdah+Antler\n2\tO\tu\tBirk+Ltd\n3\tX\tu\tThing\n"),
    "csv": ("list.csv", "id;name;aliases;type\nq1;Ada Antler;Adah Antler|Addie A.;person\nq2;Birk;;boat\n"),
    "spacy": (
        "patterns.jsonl",
        ('{"label": "PERSON", "pattern": "Ada Antler", "id": "Q1"}\n'
        '{"label": "PERSON", "pattern": [{"TEXT": "Adah"}, {"TEXT": "Antler"}], "id": "Q1"}\n'
        '{"label": "PERSON", "pattern": [{"POS": "NOUN"}]}\n{"label": "DATE", "pattern": "May"}\n'),
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_each_format_comes_in_and_what_is_left_out_is_counted(tmp_path: Path, form: str) -> None:
    name, text = SOURCES[form]
    (tmp_path / name).write_text(text, "utf-8")
    report = import_table(tmp_path / name, format=form, out=tmp_path / "out")
    loaded = load_table(tmp_path / "out")
    names = {row.canonical_name for row in loaded.entities.values()} | {row.alias for row in loaded.aliases}
    assert {"Ada Antler", "Adah Antler"} <= names
    assert report.left_out
    assert all(report.examples[reason] for reason in report.left_out)


def test_weak_aliases_stay_weak_and_bare_surnames_become_weak(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(SOURCES["ftm"][1], "utf-8")
    import_table(tmp_path / "x.json", format="ftm", out=tmp_path / "out")
    assert {row.alias: row.strength for row in load_table(tmp_path / "out").aliases} == {
        "Adah Antler": "strong",
        "Addie": "weak",
    }


def test_filters_keep_kinds_and_languages(tmp_path: Path) -> None:
    (tmp_path / "dump.json").write_text(SOURCES["wikidata"][1], "utf-8")
    import_table(tmp_path / "dump.json", format="wikidata", out=tmp_path / "out", langs=["ru"], kinds=["PER"])
    assert [row.alias for row in load_table(tmp_path / "out").aliases] == ["Ада Антлер"]


def test_a_table_can_be_packed_and_have_a_byte_order_mark(tmp_path: Path) -> None:
    text = SOURCES["opensanctions"][1].encode()
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text))
    assert import_table(tmp_path / "t.csv.gz", format="opensanctions", out=tmp_path / "out").entities == 2


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv.gz", gzip.compress(b'"id","schema","name","aliases"\n' + os.urandom(9000).hex().encode())[:-4000],
         "a packed file that is whole"),
        ("t.csv", b"id;schema;label\n1;Person;Ada\n", "name, aliases, which are missing"),
        ("t.csv", b"", "name, aliases, which are missing"),
        ("t.csv", b'"id","schema","name","aliases"\n', "at least one entity"),
    ],
)  # fmt: skip
def test_a_broken_source_leaves_nothing_behind(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AliasTableError, match=said):
        import_table(tmp_path / name, format="opensanctions", out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_enormous_and_broken_names_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = [
        ["id", "schema", "name", "aliases"],
        ["Q1", "Person", "Ada Antler", "x" * 1_000_000 + ";Ad\0a;Adah"],
    ]
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    report = import_table(tmp_path / "t.csv", format="opensanctions", out=tmp_path / "out")
    assert report.left_out == {
        "a name of more than 300 characters": 1,
        "a name with control or broken characters": 1,
    }


def test_an_import_into_a_full_folder_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SOURCES["opensanctions"][1], "utf-8")
    folder = table(tmp_path / "out")
    before = (folder / "entities.csv").read_bytes()
    with pytest.raises(AliasTableError, match="not there yet, or empty"):
        import_table(tmp_path / "t.csv", format="opensanctions", out=folder)
    assert (folder / "entities.csv").read_bytes() == before


def test_a_killed_import_leaves_no_table(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("w", encoding="utf-8") as file:
        file.write("id,schema,name,aliases\n")
        file.writelines(f"Q{n},Person,Ada Antler {n},\n" for n in range(1, 400_000))
    command = [
        sys.executable,
        "-m",
        "resolver.cli",
        "aliases",
        "import",
        "t.csv",
        "--format",
        "opensanctions",
    ]
    code = "from resolver.cli import main; main()"
    command = [sys.executable, "-c", code, *command[3:], "-o", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".out.*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()


def test_parquet_tables_read_like_csv_ones(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SOURCES["opensanctions"][1], "utf-8")
    import_table(tmp_path / "t.csv", format="opensanctions", out=tmp_path / "a")
    import_table(tmp_path / "t.csv", format="opensanctions", out=tmp_path / "b.parquet")
    one, other = load_table(tmp_path / "a"), load_table(tmp_path / "b.parquet")
    assert dict(one.entities) == dict(other.entities)
    assert sorted(one.aliases, key=str) == sorted(other.aliases, key=str)


# ---------------------------------------------------------------- layers


def test_the_earlier_table_wins_and_conflicts_are_told(tmp_path: Path) -> None:
    first = load_table(table(tmp_path / "1", aliases="per:a,Addie,nickname,strong,,x,\n"))
    second = load_table(
        table(
            tmp_path / "2",
            entities="q:1,PER,Addie,,,x,\nq:2,PER,Cy Cole,,,x,\n",
            aliases="per:b,Beabea,nickname,strong,,x,\nq:2,Ada Antler,full,strong,,x,\n"
            "q:2,Cyril Cole,full,strong,,x,\n",
        )
    )
    whole = AliasTable.layered(first, second)
    assert set(whole.entities) == {"per:a", "per:b", "q:2"}
    assert [row.alias for row in whole.aliases] == ["Addie", "Beabea", "Cyril Cole"]
    assert [(c.kept_id, c.left_out_id, c.value) for c in whole.conflicts] == [
        ("per:a", "q:1", "Addie"),
        ("per:a", "q:2", "Ada Antler"),
    ]
    (told,) = Gazetteer.of(whole).notes
    assert told.startswith("2 entries of later tables were left out")
    assert "'Addie' of q:1" in told


def test_a_later_entity_with_the_same_wikidata_id_adds_its_aliases(tmp_path: Path) -> None:
    first = load_table(table(tmp_path / "1", entities="per:c,PER,Cy Cole,Q9,,x,\n"))
    second = load_table(
        table(tmp_path / "2", entities="q:9,PER,Cyril Cole,Q9,,x,\n", aliases="q:9,C. Cole,full,strong,,x,\n")
    )
    whole = AliasTable.layered(first, second)
    assert "q:9" not in whole.entities
    assert [(row.entity_id, row.alias) for row in whole.aliases] == [("per:c", "C. Cole")]


# ---------------------------------------------------------------- commands


def test_check_exits_1_and_prints_each_fault_on_a_line(tmp_path: Path) -> None:
    folder = table(tmp_path / "t", aliases="per:z,Zoe,full,strong,,x,\n")
    done = CliRunner().invoke(main, ["aliases", "check", str(folder)])
    assert done.exit_code == 1
    assert f"{folder}/aliases.csv:2: entity_id: 'per:z': expected an id of entities.csv" in done.stdout


def test_import_reports_what_was_left_out_and_why(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SOURCES["opensanctions"][1], "utf-8")
    args = [
        "aliases",
        "import",
        str(tmp_path / "t.csv"),
        "--format",
        "opensanctions",
        "-o",
        str(tmp_path / "o"),
    ]
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 0
    assert "2 entities and 2 aliases of 2 records" in done.stdout
    assert "left out 1: schema Vessel is no person, organisation or place (line 3)" in done.stdout


def test_suggest_proposes_aliases_and_entities_as_rows_of_csv(tmp_path: Path) -> None:
    store = str(tmp_path / "s.duckdb")
    text = "Chancellor Angela Merkell met Ada Quillfeather in Berlin."
    spans = [{"start": 11, "end": 25, "type": "PER"}, {"start": 30, "end": 46, "type": "PER"}]
    lines = [
        json.dumps({"doc_id": f"d{n}", "text": f"{text} ({n})", "outlet": "Post", "mentions": spans})
        for n in range(2)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    run = CliRunner()
    args = ["resolve", str(tmp_path / "a.jsonl"), "--mentions", "given", "--store", store]
    assert run.invoke(main, args).exit_code == 0
    done = run.invoke(main, ["aliases", "suggest", "--store", store])
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [
        (r["file"], r["entity_id"], r["alias"] or r["canonical_name"], r["articles"], r["outlets"])
        for r in rows
    ] == [
        ("aliases.csv", "per:angela-merkel", "Angela Merkell", "2", "Post"),
        ("entities.csv", "per:ada-quillfeather", "Ada Quillfeather", "2", "Post"),
    ]
    assert "[Ada Quillfeather]" in rows[1]["examples"]


@pytest.mark.parametrize("command", ["check", "import", "suggest"])
def test_every_help_ends_with_an_example(command: str) -> None:
    done = CliRunner().invoke(main, ["aliases", command, "--help"])
    assert f"Example:  resolver aliases {command}" in done.stdout
