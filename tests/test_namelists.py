"""Bare names: tables in and out, pairs and clusters, odd input."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from resolver.cli import main
from resolver.errors import InputError
from resolver.namelists import (
    THRESHOLD,
    cluster_file,
    cluster_table,
    compare_file,
    compare_table,
    compare_two,
)

ODD = [
    None,
    "",
    " ",
    "x",
    "🙂",
    "123",
    "y" * 10_000,
    "a " * 3_000,
    "Стив Smith 习近平",
    "Mr.",
    ",",
    "\x00",
    "¬",
]


def clusters(names, **columns):
    table, report = cluster_table(pa.table({"name": pa.array(names, pa.string()), **columns}))
    return table["entity_id"].to_pylist(), table["canonical_name"].to_pylist(), report


def test_pairs_keep_rows_order_and_columns():
    table = pa.table({"id": [7, 3], "left": ["Jon Smith", None], "right": ["Jon Smith", "x"]})
    out = compare_table(table)
    assert out.column_names == ["id", "left", "right", "probability", "bits"]
    assert out["id"].to_pylist() == [7, 3]
    assert all(0 <= p <= 1 for p in out["probability"].to_pylist())


def test_a_table_of_pairs_gives_what_two_names_give():
    pairs = [
        ("Steve Witkoff", "Steve Vitkov"),
        ("Bob Smith", "Robert Smith"),
        ("Abu Bakr", "Ann Moore"),
        ("", ""),
    ]
    left, right = zip(*pairs, strict=True)
    table = compare_table(pa.table({"left": left, "right": right}))
    for row, (a, b) in enumerate(pairs):
        assert table["bits"][row].as_py() == pytest.approx(compare_two(a, b).bits, abs=0.02)


def test_comparing_is_symmetric():
    one, other = compare_two("Steve Witkoff", "S. Vitkov"), compare_two("S. Vitkov", "Steve Witkoff")
    assert one.bits == pytest.approx(other.bits)
    assert one.keys == other.keys


def test_a_mangled_surname_stays_below_the_threshold_and_shares_a_key():
    found = compare_two("Steve Weitekamp", "Steve Witkoff")
    assert not found.same
    assert found.keys


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("other", ["", "John Smith", "🙂"])
def test_odd_names_compare(name, other):
    table = compare_table(pa.table({"left": pa.array([name], pa.string()), "right": [other]}))
    assert 0 <= table["probability"][0].as_py() <= 1


def test_odd_names_cluster_and_every_row_comes_back():
    ids, _, report = clusters([*ODD, *ODD])
    assert len(ids) == 2 * len(ODD)
    assert all(ids)
    assert report.rows == 2 * len(ODD)


def test_empty_names_are_nobody():
    ids, _, _ = clusters(["", None, " "])
    assert len(set(ids)) == 3


def test_spellings_of_a_rare_name_are_one_entity():
    ids, shown, _ = clusters(["Steve Witkoff", "Witkoff, Steve", "STEVE WITKOFF", "Ann Moore"])
    assert len(set(ids[:3])) == 1
    assert ids[3] != ids[0]
    assert len(set(shown[:3])) == 1


def test_counts_choose_the_canonical_name():
    _, shown, _ = clusters(["Steve Witkoff", "Mr. Steve Witkoff"], count=[1, 9])
    assert shown == ["Mr. Steve Witkoff"] * 2


def test_generations_stay_apart():
    ids, _, _ = clusters(["Zbigniew Quillfeather Jr.", "Zbigniew Quillfeather Sr."])
    assert ids[0] != ids[1]


def test_the_order_of_rows_does_not_matter():
    names = ["Steve Witkoff", "Steve Vitkov", "Ann Moore", "Moore, Ann", "S. Witkoff", "Bob Dole"]
    ids, _, _ = clusters(names)
    turned, _, _ = clusters(names[::-1])
    assert dict(zip(names, ids, strict=True)) == dict(zip(names[::-1], turned, strict=True))


def test_a_skewed_list_is_capped():
    names = [f"John Smith {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{n}" for n in range(600)]
    ids, _, report = clusters(["John Smith"] * 3000 + names)
    assert len(set(ids[:3000])) == 1
    assert any("more than" in line or "cut" in line for line in report.notes)


def test_ids_need_not_be_unique():
    ids, _, _ = clusters(["A B", "C D"], id=[1, 1])
    assert ids[0] != ids[1]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "txt"])
def test_files_come_back_whole(tmp_path, suffix):
    source, out = tmp_path / f"names.{suffix}", tmp_path / "out.csv"
    if suffix == "parquet":
        pq.write_table(pa.table({"name": ["Jon Smith", "Jon Smith"]}), source)
    else:
        source.write_text(("name\n" if suffix == "csv" else "") + "Jon Smith\nJon Smith\n", encoding="utf-8")
    assert "2 rows" in cluster_file(source, str(out))
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3


def test_a_missing_column_lists_the_columns_there_are(tmp_path):
    source = tmp_path / "names.csv"
    source.write_text("nom,id\nx,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"nom.*id"):
        cluster_file(source, "-")
    with pytest.raises(InputError, match=r"nom.*id"):
        compare_file(source, "-")


def test_a_count_that_is_no_number_is_one_line():
    with pytest.raises(InputError, match="count") as error:
        cluster_table(pa.table({"name": ["x"], "count": ["many"]}))
    assert "\n" not in str(error.value)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError) as error:
        cluster_file(tmp_path / "none.csv", "-")
    assert "\n" not in str(error.value)


def test_the_help_states_the_threshold():
    shown = CliRunner().invoke(main, ["compare", "--help"]).output
    assert f"{THRESHOLD:g}" in shown


@pytest.mark.parametrize("surname", ["Whitcoff", "Wittkopf", "Vitkov"])
def test_spellings_of_a_rare_surname_pass_and_a_mangled_one_does_not(surname):
    assert compare_two(f"Steve {surname}", "Steve Witkoff").same
    assert compare_two(surname, "Witkoff").bits > max(0.0, compare_two("Weitekamp", "Witkoff").bits)


def test_another_script_passes():
    assert compare_two("ستيف ويتكوف", "Steve Witkoff").same


def test_a_mangled_surname_lies_above_people_who_share_a_given_name():
    others = ["Miller", "Jobs", "Ballmer", "Bannon", "Martin", "Carell", "Coogan", "Nash", "Reich", "Wozniak"]
    usual = sorted(compare_two(f"Steve {other}", "Steve Witkoff").bits for other in others)
    assert compare_two("Steve Weitekamp", "Steve Witkoff").bits > usual[len(usual) // 2]
