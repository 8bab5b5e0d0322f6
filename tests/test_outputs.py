"""Exports: what is written is what is in the store, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import InputError, SettingsError
from resolver.outputs import COLUMNS, export, write_csv, write_jsonl, write_parquet

ENTITIES = pa.table(
    {
        "entity_id": ["e-1", "e-2", "e-3"],
        "type": ["PER", "ORG", "LOC"],
        "name": ["Jared Kushner", "=HYPERLINK(1)", "Tunis"],
        "curated": [True, False, False],
        "mentions": [3, 1, 1],
        "articles": [2, 1, 1],
        "spellings": [["Jared Kushner", "Kushner"], ["=HYPERLINK(1)"], ["TUNIS"]],
    }
)


def entities() -> pa.RecordBatchReader:
    return ENTITIES.to_reader()


def read_csv(data: bytes) -> list[list[str]]:
    """Read cells back as the documentation says."""
    rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
    return [[cell.removeprefix("'") for cell in row] for row in rows]


def test_json_lines_hold_every_value_as_it_is(tmp_path: Path) -> None:
    export(entities(), what="entities", format="jsonl", out=tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == ENTITIES.to_pylist()


def test_parquet_holds_every_value_as_it_is(tmp_path: Path) -> None:
    export(entities(), what="entities", format="parquet", out=tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == ENTITIES.to_pylist()


def test_csv_has_lists_as_json_and_disarms_formulas(tmp_path: Path) -> None:
    export(entities(), what="entities", format="csv", out=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines() == [
        "entity_id,type,name,curated,mentions,articles,spellings",
        'e-1,PER,Jared Kushner,true,3,2,"[""Jared Kushner"", ""Kushner""]"',
        'e-2,ORG,\'=HYPERLINK(1),false,1,1,"[""=HYPERLINK(1)""]"',
        'e-3,LOC,Tunis,false,1,1,"[""TUNIS""]"',
    ]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_any_text_comes_back_from_csv(rows: list[tuple[str, str]]) -> None:
    table = pa.table(
        {"a": pa.array([r[0] for r in rows], pa.string()), "b": pa.array([r[1] for r in rows], pa.string())}
    )
    out = io.BytesIO()
    write_csv(table.to_reader(), out)
    header, *found = read_csv(out.getvalue())
    assert header == ["a", "b"]
    assert [tuple(row) for row in found] == rows


@given(st.text())
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    out = io.BytesIO()
    write_csv(pa.table({"a": [text], "b": [1]}).to_reader(), out)
    cell = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8"), newline="")))[1][0]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text(), max_size=5))
def test_any_text_comes_back_from_json_lines(texts: list[str]) -> None:
    out = io.BytesIO()
    write_jsonl(pa.table({"a": pa.array(texts, pa.string())}).to_reader(), out)
    assert [json.loads(line)["a"] for line in out.getvalue().split(b"\n")[:-1]] == texts


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_an_export_without_rows_is_a_valid_file(tmp_path: Path, format_: str) -> None:
    out = tmp_path / "out"
    export(ENTITIES.slice(0, 0).to_reader(), what="entities", format=format_, out=out)
    match format_:
        case "jsonl":
            assert out.read_bytes() == b""
        case "csv":
            assert read_csv(out.read_bytes()) == [list(COLUMNS["entities"])]
        case _:
            assert pq.read_table(out).num_rows == 0


def test_follow_the_money_gives_a_thing_with_its_names(tmp_path: Path) -> None:
    export(entities(), what="entities", format="ftm", out=tmp_path / "out.jsonl")
    first, *_, last = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert first == {
        "id": "e-1",
        "caption": "Jared Kushner",
        "schema": "Person",
        "properties": {"name": ["Jared Kushner"], "alias": ["Kushner"]},
    }
    assert last["properties"] == {"name": ["Tunis"], "alias": ["TUNIS"]}


def test_spacy_gets_one_pattern_for_each_spelling(tmp_path: Path) -> None:
    export(entities(), what="entities", format="spacy", out=tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines[:2] == [
        {"label": "PER", "pattern": "Jared Kushner", "id": "e-1"},
        {"label": "PER", "pattern": "Kushner", "id": "e-1"},
    ]
    assert [line["pattern"] for line in lines[2:]] == ["=HYPERLINK(1)", "Tunis", "TUNIS"]


def test_an_unknown_format_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no format 'xml': choose one of jsonl, csv, parquet, ftm, spacy"):
        export(entities(), what="entities", format="xml", out=tmp_path / "out")


def test_a_format_of_entities_is_refused_for_mentions(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ftm goes with entities, not with mentions"):
        export(entities(), what="mentions", format="ftm", out=tmp_path / "out")


def broken_rows() -> pa.RecordBatchReader:
    def batches() -> Any:
        yield from ENTITIES.to_batches()
        raise OSError(28, "No space left on device")

    return pa.RecordBatchReader.from_batches(ENTITIES.schema, batches())


def test_a_failed_export_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("before")
    with pytest.raises(InputError, match=r"out\.jsonl: cannot be written"):
        export(broken_rows(), what="entities", format="jsonl", out=out)
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.out\.csv: cannot be written \(No such file"):
        export(entities(), what="entities", format="csv", out=tmp_path / "nowhere" / "out.csv")


def test_a_device_is_written_and_not_replaced() -> None:
    export(entities(), what="entities", format="csv", out="/dev/null")
    assert not Path("/dev/null").is_file()


SCRIPT = """
import pyarrow as pa, sys
from resolver.outputs import export
table = pa.table({"entity_id": ["e-1"] * 200_000, "name": ["x" * 50] * 200_000})
export(table.to_reader(max_chunksize=1000), what="entities", format=sys.argv[1], out="-")
print("done", file=sys.stderr)
"""


@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet"])
def test_standard_output_takes_every_format(format_: str) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, format_], capture_output=True, check=True)
    match format_:
        case "jsonl":
            assert len(done.stdout.splitlines()) == 200_000
        case "csv":
            assert len(done.stdout.splitlines()) == 200_001
        case _:
            assert pq.read_table(pa.BufferReader(done.stdout)).num_rows == 200_000


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_a_reader_that_leaves_early_is_no_error(format_: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, format_], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b"done\n"
    assert process.returncode == 0


def test_parquet_is_written_to_what_cannot_seek() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    write_parquet(entities(), pipe)  # type: ignore[arg-type]
    assert pq.read_table(pa.BufferReader(bytes(pipe.data))).num_rows == 3
