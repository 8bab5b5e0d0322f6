"""The command line: the contract that scripts rely on."""

from __future__ import annotations

import csv
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from resolver.cli import main

ROOT = Path(__file__).parents[1]
COLUMNS = [
    "mention_id", "doc_id", "start", "end", "surface", "type", "entity_id", "entity_name", "probability", "status",
    "linked_by", "candidates",
]  # fmt: skip


def run(*arguments: str | Path, exit_code: int = 0, stdin: str | None = None) -> str:
    """Run a command in this process and return what it printed to stdout."""
    done = CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.stdout


@pytest.fixture(scope="module")
def articles() -> list[dict]:
    """The sample articles with their given mentions."""
    lines = (ROOT / "data" / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "news.duckdb"
    run("resolve", ROOT / "data" / "gold.jsonl", "--mentions", "given", "--aliases", "none", "--store", path)
    return path


def written(articles: list[dict], path: Path) -> Path:
    path.write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in articles), encoding="utf-8")
    return path


def clusters(store: Path) -> set[frozenset[tuple[str, int]]]:
    """The mentions of each entity by place, whatever its id."""
    found: dict[str, set[tuple[str, int]]] = {}
    for line in run("export", "mentions", "--store", store).splitlines():
        row = json.loads(line)
        found.setdefault(row["entity_id"], set()).add((row["doc_id"], row["start"]))
    return {frozenset(places) for places in found.values()}


def test_exported_mentions_have_the_columns_of_the_contract_and_point_at_their_surface(store, articles):
    rows = [json.loads(line) for line in run("export", "mentions", "--store", store).splitlines()]
    texts = {article["doc_id"]: article["text"] for article in articles}
    assert list(rows[0]) == COLUMNS
    assert all(texts[row["doc_id"]][row["start"] : row["end"]] == row["surface"] for row in rows)
    assert {row["status"] for row in rows} <= {"resolved", "ambiguous", "new"}
    assert all((row["status"] == "ambiguous") == bool(row["candidates"]) for row in rows)
    assert len(rows) == sum(len(article["mentions"]) for article in articles)


def test_the_order_of_articles_and_the_number_of_workers_change_nothing(store, articles, tmp_path):
    shuffled = articles[:]
    random.Random(3).shuffle(shuffled)
    path = written(shuffled, tmp_path / "shuffled.jsonl")
    again = tmp_path / "again.duckdb"
    run("resolve", path, "--mentions", "given", "--aliases", "none", "--workers", "2", "--store", again)
    assert clusters(again) == clusters(store)
    assert run("export", "mentions", "--store", again) == run("export", "mentions", "--store", store)


def test_a_second_run_says_that_there_is_nothing_new(store):
    said = run(
        "resolve", ROOT / "data" / "gold.jsonl", "--mentions", "given", "--aliases", "none", "--store", store
    )
    assert "nothing new" in said


def test_stdin_and_stdout_take_part_in_pipes(tmp_path, articles):
    text = "".join(json.dumps(a) + "\n" for a in articles[:2])
    path = tmp_path / "piped.duckdb"
    run("resolve", "-", "--mentions", "given", "--aliases", "none", "--store", path, stdin=text)
    rows = list(
        csv.DictReader(io.StringIO(run("export", "entities", "--format", "csv", "-o", "-", "--store", path)))
    )
    assert len(rows) == len({row["entity_id"] for row in rows}) > 0


def test_faulty_articles_are_named_and_the_good_ones_are_kept(tmp_path, articles):
    path = tmp_path / "mixed.jsonl"
    good = json.dumps(articles[0])
    bad = json.dumps({**articles[1], "mentions": [{"start": 5, "end": 10**6, "type": "PER"}]})
    path.write_text(f"{good}\n{{broken\n{bad}\n", encoding="utf-8")
    made = tmp_path / "mixed.duckdb"
    done = CliRunner().invoke(
        main, ["resolve", str(path), "--mentions", "given", "--aliases", "none", "--store", str(made)]
    )
    assert done.exit_code == 1
    assert f"{path}:2" in done.stderr
    assert f"{path}:3" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert {
        json.loads(line)["doc_id"] for line in run("export", "mentions", "--store", made).splitlines()
    } == {articles[0]["doc_id"]}


def test_a_store_that_is_no_store_is_refused_in_one_line(tmp_path):
    path = tmp_path / "foreign.duckdb"
    path.write_bytes(b"not a database at all" * 100)
    done = CliRunner().invoke(main, ["resolve", str(ROOT / "data" / "articles"), "--store", str(path)])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(path) in done.stderr
    assert path.read_bytes().startswith(b"not a database")


def test_wrong_usage_exits_with_two():
    run("resolve", "--no-such-option", exit_code=2)
    run("compare", "one name only", exit_code=2)


def test_why_prints_terms_that_add_up(store):
    found = json.loads(run("why", "Behrouz Tavakkolian", "Behruz Tavakolian", "--store", store, "--json"))
    assert sum(term["bits"] for term in found["terms"]) == pytest.approx(found["bits"], abs=0.3)
    assert 0 <= found["probability"] <= 1


def test_the_evaluation_of_the_samples_prints_its_figures(store):
    found = json.loads(run("evaluate", ROOT / "data" / "gold.jsonl", "--store", store, "--json"))
    assert set(found) == {"PER", "ORG", "LOC"}


@pytest.mark.parametrize("moment", [0.3, 1.2, 2.0, 3.0])
def test_a_run_that_is_killed_is_not_there_or_is_there_whole(tmp_path, articles, moment):
    path, source = tmp_path / "killed.duckdb", written(articles[:6], tmp_path / "first.jsonl")
    given = ("--mentions", "given", "--aliases", "none", "--store", str(path))
    run("resolve", source, *given)
    before = clusters(path)
    more = written(articles, tmp_path / "all.jsonl")
    code = "from resolver.cli import main; main()"
    writer = subprocess.Popen([sys.executable, "-c", code, "resolve", str(more), *given])
    try:
        writer.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        writer.kill()
        writer.wait()
    kept = clusters(path) == before
    # A kill that comes after the new state was put in place, before the process could end, finds the run whole.
    assert ("nothing new" in run("resolve", more, *given)) != kept
    assert len(clusters(path)) > len(before)
