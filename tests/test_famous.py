"""Famous names through the whole engine: every circulating spelling finds its bearer, and namesakes stay apart."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from resolver import Resolver
from resolver.model import Status
from resolver.settings import Settings
from resolver.store import MentionRow

CASES = Path(__file__).parent / "cases"


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def resolved(store: Path, items: Sequence[tuple[str, str, dict[str, str]]]) -> list[MentionRow]:
    """Resolve articles in which the one mention stands between bars; return their mentions in the same order."""
    articles = []
    for number, (text, kind, fields) in enumerate(items):
        before, surface, after = text.split("|")
        mention = {"start": len(before), "end": len(before) + len(surface), "type": kind}
        whole = f"{before}{surface}{after} ({number})"
        articles.append({"doc_id": f"d{number:05}", "text": whole, "mentions": [mention], **fields})
    engine = Resolver(store, settings=Settings(extractor="given"))
    engine.resolve(articles)
    return sorted(engine.mentions(), key=lambda row: row.doc_id)


@pytest.fixture(scope="module")
def famous(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, str], MentionRow]]:
    cases = rows("famous.csv")
    items = [(f"News agencies reported on |{case['surface']}| again.", case["kind"], {}) for case in cases]
    return list(zip(cases, resolved(tmp_path_factory.mktemp("famous") / "s.duckdb", items), strict=True))


def test_two_hundred_famous_spellings_find_their_bearers(
    famous: list[tuple[dict[str, str], MentionRow]],
) -> None:
    wrong = [(case["surface"], row.entity_id) for case, row in famous if row.entity_id != case["entity_id"]]
    assert (len(famous), wrong) == (200, [])


def test_namesakes_stay_apart(tmp_path: Path) -> None:
    cases = rows("namesakes.csv")
    items = [
        (f"Reporters waited for |{case[side]}| all day.", case["kind"], {})
        for case in cases
        for side in ("left", "right")
    ]
    found = resolved(tmp_path / "s.duckdb", items)
    same = [
        (case["left"], case["right"])
        for case, left, right in zip(cases, found[::2], found[1::2], strict=True)
        if left.entity_id == right.entity_id
    ]
    assert (len(cases) >= 60, same) == (True, [])


def test_a_bare_bush_is_decided_by_role_and_date(tmp_path: Path) -> None:
    text = "In Washington, President |Bush| of the United States spoke on the radio."
    items = [(text, "PER", {"date": "2003-04-01"}), (text, "PER", {"date": "1990-08-08"})]
    assert [row.entity_id for row in resolved(tmp_path / "s.duckdb", items)] == [
        "per:george-w-bush",
        "per:george-h-w-bush",
    ]


def test_a_bare_bush_without_context_is_ambiguous_and_lists_both_presidents(tmp_path: Path) -> None:
    (row,) = resolved(tmp_path / "s.duckdb", [("Somebody saw |Bush| at the market.", "PER", {})])
    assert row.status == Status.AMBIGUOUS
    assert {"per:george-w-bush", "per:george-h-w-bush"} <= {entity_id for entity_id, _ in row.candidates}
    assert not row.entity_id.startswith("per:")


def test_a_table_entity_that_is_only_a_candidate_is_not_counted_among_the_people(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    resolved(store, [("Somebody saw |Bush| at the market.", "PER", {})])
    listed = {row.entity_id: row.mentions for row in Resolver(store).entities()}
    assert [mentions for mentions in listed.values() if mentions] == [1]


def test_another_person_of_a_curated_surname_is_somebody_else(tmp_path: Path) -> None:
    texts = ["|Iddo Netanyahu| wrote a play.", "The play by |Liesbeth Kok| won.", "|Wim Kok| spoke."]
    found = resolved(tmp_path / "s.duckdb", [(text, "PER", {}) for text in texts])
    assert [row.entity_id for row in found[2:]] == ["per:wim-kok"]
    assert not any(row.entity_id.startswith("per:") for row in found[:2])


def test_a_third_martin_luther_king_is_not_his_father(tmp_path: Path) -> None:
    (row,) = resolved(tmp_path / "s.duckdb", [("|Martin Luther King III| spoke.", "PER", {})])
    assert not row.entity_id.startswith("per:")


def test_common_full_names_wait_for_context(tmp_path: Path) -> None:
    dated = {"date": "2005-11-28"}
    (diver,) = resolved(tmp_path / "1.duckdb", [("The diver |Paul Martin| came up.", "PER", dated)])
    text = "In Ottawa, Canada, prime minister |Paul Martin| resigned."
    (minister,) = resolved(tmp_path / "2.duckdb", [(text, "PER", dated)])
    assert (diver.status, minister.entity_id) == (Status.AMBIGUOUS, "per:paul-martin")


def test_spellings_near_a_table_name_are_found(tmp_path: Path) -> None:
    cases = {"Saddam Husayn": "per:saddam-hussein", "Volodimir Selenski": "per:volodymyr-zelenskyy"}
    found = resolved(tmp_path / "s.duckdb", [(f"They quoted |{name}|.", "PER", {}) for name in cases])
    assert [row.entity_id for row in found] == list(cases.values())


def test_names_in_hungarian_order_and_with_foreign_titles_are_found(tmp_path: Path) -> None:
    cases = {"Orbán Viktor": "per:viktor-orban", "König Charles III.": "per:charles-iii"}
    found = resolved(tmp_path / "s.duckdb", [(f"They quoted |{name}|.", "PER", {}) for name in cases])
    assert [row.entity_id for row in found] == list(cases.values())
