"""Reading: every format, every fault, no exception for bad data."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import json
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from strategies import any_text

from resolver.articles import boilerplate, read_articles
from resolver.model import Article, Fault, Kind, Span

SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))
TEXT = "Talks resume\n\nThe envoy, Ana Ruiz, met ministers in Valletta on Monday.\n"


def read(*paths: Path | str) -> list[Article | Fault]:
    return list(read_articles([str(path) for path in paths]))


def only(*paths: Path | str) -> Article:
    (article,) = read(*paths)
    assert isinstance(article, Article), article
    return article


def fault(path: Path | str) -> Fault:
    (found,) = read(path)
    assert isinstance(found, Fault), found
    assert "\n" not in str(found)
    return found


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# ---------------------------------------------------------------- formats


def test_a_plain_text_is_one_article_named_after_its_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", TEXT)
    article = only(path)
    assert (article.doc_id, article.text, article.source) == ("a.txt", TEXT, str(path))


def test_a_first_line_that_looks_like_a_headline_is_the_title(tmp_path: Path) -> None:
    assert only(written(tmp_path, "a.txt", TEXT)).title == "Talks resume"
    assert only(written(tmp_path, "b.txt", "They met on Monday.\n\nMore came.")).title is None
    assert only(written(tmp_path, "c.txt", "Read more\nTalks resume\n\nThey met.")).title == "Talks resume"


def test_front_matter_and_heading_of_markdown_are_metadata(tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", f'---\nauthor: "Jo Roe"\ndesk: foreign\ntags:\n  - x\n---\n# {TEXT}')
    article = only(path)
    assert (article.author, article.title, article.text) == ("Jo Roe", "Talks resume", f"# {TEXT}")
    assert article.extra == {"desk": "foreign"}


def test_a_web_page_gives_its_body_and_metadata_without_its_menu(tmp_path: Path) -> None:
    paragraph = (
        "<p>The envoy, Ana Ruiz, met ministers in Valletta on Monday to speak about the talks at length.</p>"
    )
    page = f"""<html><head><title>Talks resume</title><meta name="author" content="Jo Roe">
      <meta property="article:published_time" content="2025-02-03T10:00:00Z"></head>
      <body><nav><a href="/">Home of Everything</a></nav>
      <article><h1>Talks resume</h1>{paragraph * 3}</article></body></html>"""
    article = only(written(tmp_path, "a.html", page))
    assert "Ana Ruiz" in article.text
    assert "Home of Everything" not in article.text
    assert (article.title, article.author, article.date) == ("Talks resume", "Jo Roe", "2025-02-03")


def test_lines_of_json_keep_text_metadata_other_keys_and_spans_as_given(tmp_path: Path) -> None:
    row = {
        "doc_id": 7, "text": "Ana\r\nRuiz in Malta", "title": "T", "date": "3 February 2025", "outlet": "Gazette",
        "author": ["Jo Roe", "Al Poe"], "url": "https://example.org", "lang": "en", "desk": {"name": "foreign"},
        "mentions": [{"start": 13, "end": 18, "type": "GPE", "gold_id": "x"}, {"start": 0, "end": 9, "type": "PERSON"}],
    }  # fmt: skip
    article = only(written(tmp_path, "a.jsonl", json.dumps(row)))
    assert (article.doc_id, article.text, article.date) == ("7", "Ana\r\nRuiz in Malta", "2025-02-03")
    assert (article.author, article.extra) == ("Jo Roe, Al Poe", {"desk": {"name": "foreign"}})
    assert article.given == (Span(0, 9, Kind.PER), Span(13, 18, Kind.LOC))


def test_mentions_of_other_types_are_left_out_without_fault(tmp_path: Path) -> None:
    row = {"text": "Ana Ruiz", "mentions": [{"start": 0, "end": 3, "type": "MISC"}]}
    assert only(written(tmp_path, "a.jsonl", json.dumps(row))).given == ()
    assert only(written(tmp_path, "b.jsonl", json.dumps({"text": "Ana"}))).given is None


def test_an_article_without_doc_id_is_named_after_its_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"text": "one"}\n\n{"text": "two", "doc_id": ""}\n')
    assert [a.doc_id for a in read(path) if isinstance(a, Article)] == ["a.jsonl:1", "a.jsonl:3"]


def test_json_may_be_an_array_an_object_or_lines(tmp_path: Path) -> None:
    rows = [{"doc_id": "x", "text": "one"}, {"doc_id": "y", "text": "two"}]
    lines = "\n".join(map(json.dumps, rows))
    for name, data in (("a.json", json.dumps(rows, indent=1)), ("b.json", lines)):
        assert [a.doc_id for a in read(written(tmp_path, name, data)) if isinstance(a, Article)] == ["x", "y"]
    assert only(written(tmp_path, "c.json", json.dumps(rows[0]))).doc_id == "x"


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("b.csv", ";"), ("c.tsv", "\t"), ("d.csv", "|")])
def test_tables_may_be_separated_by_comma_semicolon_tab_or_bar(tmp_path: Path, name: str, mark: str) -> None:
    data = (
        mark.join(["doc_id", "Body", "desk"])
        + "\r\n"
        + mark.join(["x", '"Ana\r\nRuiz, ""envoy"""', "foreign"])
    )
    article = only(written(tmp_path, name, data))
    assert (article.doc_id, article.text, article.extra) == ("x", 'Ana\r\nRuiz, "envoy"', {"desk": "foreign"})


def test_a_csv_cell_longer_than_the_default_limit_is_read(tmp_path: Path) -> None:
    assert len(only(written(tmp_path, "a.csv", "text\n" + "x" * 300_000)).text) == 300_000


def test_parquet_rows_are_articles(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    columns = {
        "content": ["one", "two", None],
        "doc_id": ["x", None, "z"],
        "n": [1, 2, 3],
        "raw": [b"\0", b"", b""],
    }
    parquet.write_table(pa.table(columns), path)
    first, second, third = read(path)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.doc_id, second.doc_id, first.extra["n"]) == ("x", "a.parquet:2", 1)
    assert isinstance(third, Fault)
    assert third.line == 3


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    assert only(written(tmp_path, "a.txt.gz", gzip.compress(TEXT.encode()))).text == TEXT
    assert only(written(tmp_path, "a.jsonl.gz", gzip.compress(b'{"text": "one"}'))).text == "one"


@pytest.mark.parametrize(
    ("written_as", "read_as"),
    [
        ("2025-02-03T10:00:00Z", "2025-02-03T10:00:00Z"),
        ("20250203", "2025-02-03"),
        ("February 3, 2025", "2025-02-03"),
        ("03.02.2025", "2025-02-03"),
        ("2025-02", "2025-02"),
        ("Mon, 03 Feb 2025 10:00:00 +0000", "2025-02-03T10:00:00+00:00"),
        ("03/02/2025", "03/02/2025"),
        ("last Monday", "last Monday"),
    ],
)
def test_a_date_is_kept_in_iso_form_only_where_nothing_is_guessed(
    tmp_path: Path, written_as: str, read_as: str
) -> None:
    assert only(written(tmp_path, "a.jsonl", json.dumps({"text": "x", "date": written_as}))).date == read_as


def test_dates_and_other_values_of_parquet_are_kept_as_text(tmp_path: Path) -> None:
    when = dt.datetime(2025, 2, 3, 10, 0)
    columns = {"text": ["x"], "date": [when], "title": [5], "seen": [dt.date(2025, 2, 3)]}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    article = only(tmp_path / "a.parquet")
    assert (article.date, article.title, article.extra) == (
        "2025-02-03T10:00:00",
        "5",
        {"seen": "2025-02-03"},
    )
    parquet.write_table(pa.table({"text": ["x"], "date": [when.date()]}), tmp_path / "a.parquet")
    assert only(tmp_path / "a.parquet").date == "2025-02-03"


def test_a_csv_cell_may_hold_spans_in_json(tmp_path: Path) -> None:
    spans = '"[{""start"": 0, ""end"": 3, ""type"": ""PER""}]"'
    path = written(tmp_path, "a.csv", f'text,mentions\nAna left,{spans}\nJo left," "\nBo left,[\n')
    first, second, third = read(path)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.given, second.given) == ((Span(0, 3, Kind.PER),), None)
    assert isinstance(third, Fault)
    assert third.line == 4


def test_a_broken_item_of_a_json_array_is_a_fault_and_the_others_go_on(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.json", '[{"text": "one"}, 5]'))
    assert isinstance(found[0], Article)
    assert "item 2: expected a JSON object" in str(found[1])


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    paragraph = (
        "<p>Jürgen Müller traf am Montag in Köln die Minister, um über die Gespräche zu reden.</p>" * 3
    )
    for declared, encoding in (("iso-8859-1", "cp1252"), ("utf8", "utf-8"), ("nonsense", "utf-8")):
        page = (
            f'<html lang="de"><meta charset="{declared}"><body><article>{paragraph}</article></body></html>'
        )
        article = only(written(tmp_path, "a.html", page.encode(encoding)))
        assert "Jürgen Müller" in article.text
        assert article.lang == "de"


# ---------------------------------------------------------------- paths


def test_a_folder_is_read_with_all_below_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/y.txt", "b/x.txt", "a.txt", "c.png", ".hidden.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, name, TEXT)
    assert [a.doc_id for a in read(tmp_path) if isinstance(a, Article)] == ["a.txt", "b/x.txt", "b/y.txt"]


def test_a_file_that_two_paths_lead_to_is_read_once(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", TEXT)
    assert len(read(tmp_path, f"{tmp_path}/*.txt")) == 1


def test_equal_names_below_two_folders_stay_apart_whatever_the_order(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, "a.txt", folder)
    forth, back = read(tmp_path / "x", tmp_path / "y"), read(tmp_path / "y", tmp_path / "x")
    ids = {(a.doc_id, a.text) for a in forth if isinstance(a, Article)}
    assert len({doc_id for doc_id, _ in ids}) == 2
    assert ids == {(a.doc_id, a.text) for a in back if isinstance(a, Article)}


def test_a_glob_takes_what_matches(tmp_path: Path) -> None:
    written(tmp_path, "a1.txt", TEXT)
    written(tmp_path, "b1.txt", TEXT)
    assert only(f"{tmp_path}/a*.txt").doc_id == "a1.txt"


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    assert only(written(tmp_path, "a[1].txt", TEXT)).doc_id == "a[1].txt"


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_standard_input_is_lines_of_json_if_it_starts_with_a_brace(mark: bytes) -> None:
    stream = io.BytesIO(mark + b'\n {"doc_id": "x", "text": "one"}\n{"text": "two"}')
    first, second = read_articles(["-"], stdin=stream)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.doc_id, second.doc_id, second.source) == ("x", "stdin:3", "<stdin>:3")


def test_standard_input_is_plain_text_otherwise() -> None:
    (article,) = read_articles(["-"], stdin=io.BytesIO(TEXT.encode()))
    assert isinstance(article, Article)
    assert (article.doc_id, article.text) == ("stdin", TEXT)


def test_a_named_file_of_unknown_suffix_is_read_as_text_or_lines_of_json(tmp_path: Path) -> None:
    assert only(written(tmp_path, "story", TEXT)).text == TEXT
    assert only(written(tmp_path, "feed.log", '{"text": "one"}')).text == "one"


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    inlet, outlet = os.pipe()
    os.write(outlet, TEXT.encode())
    os.close(outlet)
    try:
        path = f"/dev/fd/{inlet}"
        if not Path(path).exists():
            pytest.skip("no /dev/fd on this system")
        assert only(path).text == TEXT
    finally:
        os.close(inlet)


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Zdzisław Grochowiak reiste nach Köln."),
        ("utf-8-sig", "Zdzisław Grochowiak reiste nach Köln."),
        ("utf-16", "Zdzisław Grochowiak reiste nach Köln."),
        ("cp1252", "Der Bürgermeister von Köln, Jürgen Müller, sprach am Mittwoch über die Straßenbahn."),
        ("cp1252", "Le président a déclaré à la presse que l'élection française était terminée."),
        ("cp1250", "Premier Słowacji spotkał się z prezydentem Czech w Pradze. Żółć, łódź."),
        ("cp1251", "Президент Владимир Путин встретился с министром в Москве."),
        ("cp1254", "Cumhurbaşkanı Erdoğan İstanbul'da açıklama yaptı, dışişleri bakanı da konuştu."),
        ("gb18030", "中国国家主席在北京会见了外国代表团。"),
        ("shift_jis", "岸田首相は東京で記者会見を開いた。これは日本語の文章です。"),
    ],
)
def test_marked_and_legacy_encodings_are_told(tmp_path: Path, encoding: str, text: str) -> None:
    assert only(written(tmp_path, "a.txt", text.encode(encoding))).text == text
    assert (
        only(written(tmp_path, "a.csv", f"doc_id,text\n1,{text}".replace(", ", " ").encode(encoding))).doc_id
        == "1"
    )


def test_lines_of_json_in_a_legacy_encoding_are_read(tmp_path: Path) -> None:
    lines = "\n".join(
        json.dumps({"text": t}, ensure_ascii=False) for t in ("plain", "Jürgen Müller über Köln", "größer")
    )
    texts = [
        a.text for a in read(written(tmp_path, "a.jsonl", lines.encode("cp1252"))) if isinstance(a, Article)
    ]
    assert texts == ["plain", "Jürgen Müller über Köln", "größer"]


def test_utf_8_with_a_scar_stays_utf_8(tmp_path: Path) -> None:
    text = "Zdzisław Grochowiak żył w Łodzi, a później w Gdańsku i Kołobrzegu. " * 3
    assert only(written(tmp_path, "a.txt", text.encode() + b"\xff.")).text == text + "\ufffd."


def test_wide_lines_of_json_are_read(tmp_path: Path) -> None:
    lines = '{"text": "Żeppi"}\n{"text": "Ċiantar"}'
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
        path = written(tmp_path, "a.jsonl", mark + lines.encode(encoding))
        assert [a.text for a in read(path) if isinstance(a, Article)] == ["Żeppi", "Ċiantar"]


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "empty file"),
        ("blank.md", b" \n\n", "empty file"),
        ("empty.jsonl", b"", "empty file"),
        ("empty.csv", b"", "empty file"),
        ("binary.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary data"),
        ("controls.txt", bytes(range(1, 32)) * 9, "binary data"),
        ("odd.txt", bytes(range(128, 256)) * 3, "encoding"),
        ("wide.txt", codecs.BOM_UTF16_LE + b"a", "UTF-16"),
        ("wide.jsonl", codecs.BOM_UTF16_LE + b"a", "UTF-16"),
        ("table.csv", b"doc_id,headline\n1,x", "the columns are 'doc_id', 'headline'"),
        ("binary.csv", b"text\n\xff\0\xff", "binary data"),
        ("empty.html", b"<html></html>", "no article text"),
        ("broken.json", b'[{"text": "x"},]', "broken JSON in line 1"),
        ("deep.json", b"[" * 100_000, "JSON"),
        ("big.json", b'[{"text": "x", "n": ' + b"9" * 5000 + b"}]", "number too long"),
        ("mac.csv", b"text\rone\rtwo", "broken CSV in the header line"),
        ("broken.parquet", b"PAR1 and no more", "broken Parquet"),
        ("broken.txt.gz", b"no gzip", "broken gzip"),
        ("cut.txt.gz", gzip.compress(b"some text")[:-9], "broken gzip"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_fault(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = written(tmp_path, name, data)
    found = fault(path)
    assert says in found.message
    assert found.path == str(path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"text": "x"', "broken JSON at character"),
        ("[1]", "expected a JSON object"),
        ('{"doc_id": "x"}', "no text, expected one of the keys text, body, content; the keys are 'doc_id'"),
        ('{"text": ""}', "text"),
        ('{"text": " "}', "empty text"),
        ('{"text": 3}', "text: input should be a valid string, found 3"),
        ('{"text": "x", "title": {}}', "title"),
        ('{"text": "\\ud800"}', "text"),
        (
            '{"text": "x", "mentions": [{"start": 0, "end": 2, "type": "PER"}]}',
            "mention 1: [0, 2) is outside",
        ),
        (
            '{"text": "x", "mentions": [{"start": 1, "end": 1, "type": "PER"}]}',
            "mention 1: [1, 1) is outside",
        ),
        (
            '{"text": "x", "mentions": [{"start": -1, "end": 1, "type": "PER"}]}',
            "mention 1: [-1, 1) is outside",
        ),
        ('{"text": "x", "mentions": [{"start": "a", "end": 1, "type": "PER"}]}', "mentions.1.start"),
        ('{"text": "x", "mentions": 5}', "mentions"),
        ("[" * 100_000, "JSON"),
        ('{"text": "x", "n": ' + "9" * 5000 + "}", "number too long"),
    ],
)
def test_a_broken_line_is_one_fault_and_the_others_go_on(tmp_path: Path, line: str, says: str) -> None:
    path = written(tmp_path, "a.jsonl", f'{{"text": "one"}}\n{line}\n{{"text": "two"}}\n')
    first, broken, last = read(path)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(broken, Fault)
    assert says in broken.message
    assert str(broken).startswith(f"{path}:2: ")
    assert "\n" not in str(broken)
    assert len(str(broken)) < 500


def test_a_binary_line_is_a_fault_and_the_others_go_on(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.jsonl", b'{"text": "one"}\n\xff\0\xfe\n{"text": "two"}'))
    assert [type(item) for item in found] == [Article, Fault, Article]


def test_a_row_with_too_many_values_is_a_fault_with_its_line(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", 'doc_id,text\n1,"two\nlines"\n2,x,y\n\n3,z'))
    assert [item.line if isinstance(item, Fault) else item.doc_id for item in found] == ["1", 4, "3"]


def test_missing_paths_and_empty_matches_are_faults(tmp_path: Path) -> None:
    assert "no such file" in fault(tmp_path / "none.txt").message
    assert "nothing matches" in fault(f"{tmp_path}/*.txt").message
    assert "no article in this folder" in fault(tmp_path).message


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_unreadable_files_and_folders_are_faults(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", TEXT)
    path.chmod(0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    try:
        messages = [item.message for item in read(tmp_path) if isinstance(item, Fault)]
    finally:
        closed.chmod(0o700)
    assert len(messages) == 2
    assert all("permission denied" in message for message in messages)


def test_a_link_to_nothing_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
    assert "no such file" in fault(tmp_path / "a.txt").message


def test_a_file_that_goes_away_while_reading_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a.txt", TEXT)

    def refuse(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "permission denied" in fault(path).message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(max_size=400),
    suffix=st.sampled_from(
        [".txt", ".md", ".html", ".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt.gz"]
    ),
)
def test_reading_arbitrary_bytes_never_raises(tmp_path: Path, data: bytes, suffix: str) -> None:
    for item in read(written(tmp_path, f"a{suffix}", data)):
        assert isinstance(item, (Article, Fault))
        assert "\n" not in (str(item) if isinstance(item, Fault) else item.doc_id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=any_text.filter(str.strip))
def test_text_in_lines_of_json_comes_back_unaltered(tmp_path: Path, text: str) -> None:
    assert only(written(tmp_path, "a.jsonl", json.dumps({"text": text}))).text == text
    assert only(written(tmp_path, "b.jsonl", json.dumps({"text": text}, ensure_ascii=False))).text == text


# ---------------------------------------------------------------- size


def test_a_text_of_50_mb_is_one_article(tmp_path: Path) -> None:
    data = ("The envoy met ministers on Monday. " * 10 + "\n") * 150_000
    assert len(only(written(tmp_path, "a.txt", data)).text) == len(data) > 50_000_000


def test_a_folder_of_many_tiny_files_streams(tmp_path: Path) -> None:
    for number in range(2_000):
        written(tmp_path, f"{number:04}.txt", f"Talks {number}")
    ids = [a.doc_id for a in read_articles([str(tmp_path)]) if isinstance(a, Article)]
    assert ids == [f"{number:04}.txt" for number in range(2_000)]


def test_a_long_file_of_lines_is_read_in_bounded_memory(tmp_path: Path) -> None:
    line = json.dumps({"text": "The envoy met ministers on Monday. " * 30}) + "\n"
    path = written(tmp_path, "a.jsonl", line * 20_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_articles([str(path)])) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 8_000_000 < path.stat().st_size
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------- boilerplate


def lines_of(kind: str) -> list[str]:
    with (Path(__file__).parent / "cases" / "boilerplate.csv").open(encoding="utf-8", newline="") as file:
        return [row["line"] for row in csv.DictReader(file) if row["kind"] == kind]


@pytest.mark.parametrize("line", lines_of("cruft"))
def test_web_cruft_is_marked(line: str) -> None:
    text = f"Ana Ruiz met ministers.\n{line}\nThey spoke."
    start = text.index(line)
    ranges = boilerplate(text)
    assert ranges[0][0] <= start + 1
    assert ranges[-1][1] >= start + len(line) - 1
    assert all(start <= a < b <= start + len(line) for a, b in ranges)


@pytest.mark.parametrize("line", lines_of("prose"))
def test_prose_headlines_and_bylines_are_not_marked(line: str) -> None:
    assert boilerplate(f"They met.\n{line}\nThey spoke.") == ()


def test_only_the_cruft_between_bars_is_marked() -> None:
    text = "Pictures: Ana Ruiz | Sign up for our newsletter"
    ((start, end),) = boilerplate(text)
    assert text[start:end].strip() == "Sign up for our newsletter"


@given(any_text)
def test_ranges_are_sorted_apart_and_inside_the_text(text: str) -> None:
    ends = [at for pair in boilerplate(text) for at in pair]
    assert ends == sorted(set(ends))
    assert all(0 <= at <= len(text) for at in ends)


@pytest.mark.parametrize(
    "make", [lambda n: "a" * n, lambda n: "x@" * (n // 2), lambda n: "| " * (n // 2), lambda n: "\n" * n]
)
def test_long_odd_lines_take_no_more_than_linear_time(make: Callable[[int], str]) -> None:
    boilerplate(make(2_000_000))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared corpora")
def test_the_cruft_of_the_seed_articles_is_marked_and_their_prose_is_not() -> None:
    marked = [a.text[s:e] for a in read(SHARED / "seeds") if isinstance(a, Article) for s, e in a.boilerplate]
    assert [part.split()[0] for part in marked] == ["menu_open", "We", "More", "25", "yesterday", "©"]
