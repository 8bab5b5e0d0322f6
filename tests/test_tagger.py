"""The tagger: sentences, words, labels, spans, and what a damaged model says."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import ModelError
from resolver.model import Kind, Span
from resolver.tagger import MODEL_DIR, Tagger
from resolver.tagger.decoding import LABELS, best_path, names
from resolver.tagger.encoding import CASES, case_of
from resolver.tagger.sentences import may_hold_a_name, sentences

SHARED_TAGGER = Tagger()
SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared corpora")
FILES = ("tagger.onnx", "tokenizer.json", "SHA256SUMS")
NEWS = """KYIV (Reuters) - President Thabo Nkosi met Adm. Curtis Oyler's wife in Nairobi on Monday.

Oyler left for Brussels with Abu Mohammed al-Jolani and Robert Hale Jr. of the World Bank.
The talks were over by noon."""


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


def shown(text: str, spans: list[Span]) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], str(s.kind)) for s in spans]


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


# ---------------------------------------------------------------- sentences and words


def test_a_line_break_ends_a_sentence() -> None:
    assert split("Headline here\nBy Ann Lee\r\n\r\nText.") == ["Headline here", "By Ann Lee", "Text."]


def test_wrapped_lines_are_read_on_but_not_into_a_headline_or_the_next_paragraph() -> None:
    text = """Talks go on

The minister of ports told reporters that Jean
Dupont had signed. The corridor, he said, would
open in March.
By Ann Lee

Second paragraph, in
one sentence."""
    assert split(text) == [
        "Talks go on",
        "The minister of ports told reporters that Jean\nDupont had signed. ",
        "The corridor, he said, would\nopen in March.",
        "By Ann Lee",
        "Second paragraph, in\none sentence.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Adm. Curtis Oyler left.",
        "J. K. Okafor left.",
        "He met Robert Hale Jr. Hale left.",
        "ST. LOUIS, Oct 8",
    ],
)
def test_a_full_stop_after_an_abbreviation_ends_nothing(text: str) -> None:
    assert split(text) == [text]


def test_an_initial_at_the_head_of_a_sentence_or_line_stays_with_its_name() -> None:
    assert split("Rain fell. R. Karim left.\nK. Modi stayed.") == [
        "Rain fell. ",
        "R. Karim left.",
        "K. Modi stayed.",
    ]


def test_a_full_stop_before_a_capital_ends_a_sentence() -> None:
    assert [part.strip() for part in split("He left. “She stayed.” Then it rained.")] == [
        "He left.",
        "“She stayed.”",
        "Then it rained.",
    ]


@given(st.text())
def test_sentences_lie_in_order_and_leave_out_line_breaks_only(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end
        assert not text[at:start].strip("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        at = end
    assert not text[at:].strip("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


@pytest.mark.parametrize(
    ("word", "case"),
    [("the", "lower"), ("Ann", "Title"), ("NATO", "UPPER"), ("J", "Initial"), ("McDonald", "miXed"), ("2020", "digits"),
     ("20th", "digits"), (",", "punctuation"), ("習近平", "uncased"), ("\x00", "punctuation")],
)  # fmt: skip
def test_a_word_has_one_way_of_writing(word: str, case: str) -> None:
    assert CASES[case_of(word)] == case


def test_a_sentence_without_a_capital_or_with_a_pronoun_alone_holds_no_name() -> None:
    assert not may_hold_a_name("the talks were over".split())
    assert not may_hold_a_name("They left .".split())
    assert may_hold_a_name("The WHO left .".split())
    assert may_hold_a_name("Musk resigned .".split())
    assert may_hold_a_name(["習近平"])


# ---------------------------------------------------------------- labels


def test_a_name_goes_on_only_after_it_has_begun() -> None:
    scores = np.zeros((3, len(LABELS)), np.float32)
    scores[0, LABELS.index("I-PER")] = 5
    scores[1, LABELS.index("I-LOC")] = 5
    scores[2, LABELS.index("O")] = 5
    labels = [LABELS[i] for i in best_path(scores)]
    assert all(not b.startswith("I-") or a[2:] == b[2:] for a, b in zip(["O", *labels], labels, strict=False))


@given(st.lists(st.lists(st.floats(-9, 9), min_size=7, max_size=7), min_size=1, max_size=8))
def test_the_best_path_is_no_worse_than_any_other_allowed_one(rows: list[list[float]]) -> None:
    scores = np.array(rows, np.float32)
    path = best_path(scores)
    begun = [0, *path]
    assert all(not b or b % 2 or a in (b, b - 1) for a, b in zip(begun, path, strict=False))
    outside = float(scores[:, 0].sum())
    assert sum(float(row[i]) for row, i in zip(scores, path, strict=True)) >= outside - 1e-3


def test_two_names_side_by_side_stay_two() -> None:
    assert names([1, 2, 1, 0, 5]) == [(0, 2, "PER"), (2, 3, "PER"), (4, 5, "LOC")]


# ---------------------------------------------------------------- the tagger


def test_people_and_places_of_a_news_text_are_found_without_titles_and_possessives(tagger: Tagger) -> None:
    found = shown(NEWS, tagger([NEWS])[0])
    for name in ("Thabo Nkosi", "Curtis Oyler", "Oyler", "Abu Mohammed al-Jolani", "Robert Hale Jr."):
        assert (name, "PER") in found
    for name in ("Nairobi", "Brussels"):
        assert (name, "LOC") in found


def test_spans_are_sorted_apart_and_sure_between_0_and_1(tagger: Tagger) -> None:
    spans = tagger([NEWS])[0]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(0 <= s.confidence <= 1 and s.source == "tagger" and isinstance(s.kind, Kind) for s in spans)


def test_what_is_found_does_not_depend_on_the_other_texts() -> None:
    texts = [NEWS, NEWS.upper(), "Ann Lee met Li Wei in Oslo.", "", "Nothing here."]
    together = Tagger()(texts)
    alone = [Tagger()([text])[0] for text in texts]
    backwards = Tagger()(texts[::-1])[::-1]
    assert [shown(t, s) for t, s in zip(texts, together, strict=True)] == [
        shown(t, s) for t, s in zip(texts, alone, strict=True)
    ]
    assert [shown(t, s) for t, s in zip(texts, together, strict=True)] == [
        shown(t, s) for t, s in zip(texts, backwards, strict=True)
    ]


def test_a_second_reading_gives_the_same(tagger: Tagger) -> None:
    assert tagger([NEWS]) == tagger([NEWS])


def test_a_long_sentence_keeps_its_names_and_gives_each_once(tagger: Tagger) -> None:
    part = "the minister Thabo Nkosi spoke with Ann Lee in Nairobi about the price of grain, "
    text = part * 60
    found = tagger([text])[0]
    people = [s for s in found if text[s.start : s.end] == "Thabo Nkosi"]
    assert len(people) >= 57
    assert len({s.start for s in found}) == len(found)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "\x00\x07\x1b[0m", "a" * 200_000, "A" * 200_000, "... " * 20_000, "Путин и 习近平",
     "\ud800 Ann Lee",
     "🙂🙂", "İSTANBUL’da Ağrı", ("Ann Lee met Li Wei. " * 3_000), "\u200bAnn\u200b", "ANN LEE DIES IN OSLO"],
)  # fmt: skip
def test_odd_text_does_no_harm(tagger: Tagger, text: str) -> None:
    spans = tagger([text])[0]
    assert all(0 <= s.start < s.end <= len(text) for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_gives_spans_inside_it(texts: list[str]) -> None:
    for text, spans in zip(texts, SHARED_TAGGER(texts), strict=True):
        assert all(0 <= s.start < s.end <= len(text) for s in spans)


def test_no_text_gives_no_spans(tagger: Tagger) -> None:
    assert tagger([]) == []


# ---------------------------------------------------------------- model files


@pytest.mark.parametrize("name", FILES)
def test_a_missing_model_file_is_named_on_one_line(tmp_path: Path, name: str) -> None:
    for file in FILES:
        if file != name:
            shutil.copy(MODEL_DIR / file, tmp_path)
    with pytest.raises(ModelError, match="is missing; reinstall") as caught:
        Tagger(model_dir=tmp_path)(["Ann Lee left."])
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["tagger.onnx", "tokenizer.json"])
def test_a_damaged_model_file_is_named_on_one_line(tmp_path: Path, name: str) -> None:
    for file in FILES:
        shutil.copy(MODEL_DIR / file, tmp_path)
    data = bytearray((tmp_path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelError, match="is damaged") as caught:
        Tagger(model_dir=tmp_path)(["Ann Lee left."])
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_network_is_refused_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "tagger.onnx").write_bytes(b"no network")
    shutil.copy(MODEL_DIR / "tokenizer.json", tmp_path)
    sums = "".join(f"{hashlib.sha256((tmp_path / f).read_bytes()).hexdigest()}  {f}\n" for f in FILES[:2])
    (tmp_path / "SHA256SUMS").write_text(sums, encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be used; reinstall") as caught:
        Tagger(model_dir=tmp_path)(["Ann Lee left."])
    assert "\n" not in str(caught.value)


def test_the_model_loads_only_when_a_text_may_hold_a_name(tmp_path: Path) -> None:
    assert Tagger(model_dir=tmp_path)(["nothing here.", ""]) == [[], []]


def test_the_model_files_stay_below_thirty_megabytes() -> None:
    assert sum(file.stat().st_size for file in MODEL_DIR.iterdir()) < 30e6


@pytest.mark.shared
@needs_shared
def test_people_of_the_newsroom_are_found() -> None:
    rows = [
        json.loads(line)
        for line in (SHARED / "newsroom" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    gold, found = set(), set()
    for row, spans in zip(rows, Tagger()([row["text"] for row in rows]), strict=True):
        gold |= {(row["doc_id"], m["start"], m["end"]) for m in row["mentions"] if m["type"] == "PER"}
        found |= {(row["doc_id"], s.start, s.end) for s in spans if s.kind == Kind.PER}
    assert (
        2 * len(gold & found) / (len(gold) + len(found)) >= 0.8
    )  # a floor against breakage; figures are in the card
