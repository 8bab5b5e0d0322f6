"""Tomorrow's articles: ids that last, verdicts that outlive every run, undo, forgetting, one outcome in any order."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from resolver import recall
from resolver.api import Resolver
from resolver.cli import main
from resolver.errors import InputError
from resolver.model import Verdict
from resolver.rulings import Opinion, decide, undo
from resolver.settings import Settings
from resolver.store import SCHEMA_VERSION, Store, migrations
from resolver.upkeep import forget, rebuild

GIVEN = Settings(extractor="given", workers=1)
PEOPLE = {
    "a": "Jared Kushner", "b": "Ron Dermer", "c": "Steve Witkoff", "d": "Amina Okonjo", "e": "Piotr Zielinski",
}  # fmt: skip


def article(doc_id: str, text: str, *names: str) -> dict[str, Any]:
    """Return an article with every occurrence of some names marked."""
    spans = []
    for name in names:
        at = text.find(name)
        while at >= 0:
            spans.append({"start": at, "end": at + len(name), "type": "PER"})
            at = text.find(name, at + 1)
    return {"doc_id": doc_id, "text": text, "mentions": spans}


def about(doc_id: str, *keys: str, more: str = "") -> dict[str, Any]:
    """Return an article that names some people."""
    names = [PEOPLE[key] for key in keys]
    return article(doc_id, " ".join(f"{name} spoke in {doc_id}. {more}" for name in names), *names)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.duckdb"


def resolve(path: Path, *articles: dict[str, Any]) -> Any:
    summary = Resolver(path, aliases=None, settings=GIVEN).resolve(list(articles))
    sound(path)
    return summary


def sound(path: Path) -> None:
    """Check that nothing in the store lacks what it refers to."""
    with Store.open(path) as store:
        assert store.orphans() == []


def entity_of(path: Path) -> dict[str, str]:
    """Return the entity of each mention."""
    with Store.open(path) as store:
        return store.current_entities()


def ids(path: Path) -> dict[str, str]:
    """Return the entity that each spelling is; a spelling of several entities comes with each."""
    with Store.open(path) as store:
        rows = store.entity_list()
    return {spelling: row.entity_id for row in rows for spelling, _ in row.spellings}


def mention(path: Path, doc_id: str, surface: str) -> str:
    """Return the id of the first mention of a name in a document."""
    with Store.open(path) as store:
        return next(m.mention_id for m in store.mention_rows() if (m.doc_id, m.surface) == (doc_id, surface))


def say(path: Path, left: str, verdict: str, right: str) -> str:
    """Give a verdict and return its id."""
    return decide(path, Opinion(left, right, Verdict(verdict), "because")).decisions[0].decision_id


@pytest.fixture(params=["whole", "part"])
def scope(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with everything linked anew in each run, as in a small store, and with a part only."""
    if request.param == "part":
        monkeypatch.setattr(recall, "SMALL", 0)
        monkeypatch.setattr(recall, "LARGE_SHARE", 100.0)
    return str(request.param)


# ---------------------------------------------------------------- incremental runs


def test_the_same_batch_again_changes_nothing_and_says_so(path: Path) -> None:
    resolve(path, about("1", "a", "b"))
    before = path.read_bytes()
    assert resolve(path, about("1", "a", "b")).nothing_new
    assert path.read_bytes() == before


def test_a_part_of_the_store_is_looked_at_and_the_rest_keeps_its_rows(path: Path, scope: str) -> None:
    resolve(path, *(about(f"{key}{n}", key) for key in PEOPLE for n in range(3)))
    before = ids(path)
    summary = resolve(path, about("new", "a"))
    assert ids(path) == before
    with Store.open(path) as store, store.connection() as db:
        [(rows,)] = db.execute("select count(*) from resolutions where since_run = 2").fetchall()
        assert rows == 1
        assert store.runs()[-1].counts["looked at again"] == (3 if scope == "part" else 15)
    assert summary.looked_at == ("3 stored chains" if scope == "part" else "a small store")


@pytest.mark.usefixtures("scope")
def test_a_spelling_that_the_table_has_nearly_stays_its_entity_when_looked_at_again(path: Path) -> None:
    for number, name in enumerate(("Angela Merkell", "Piotr Zielinski")):
        row = article(f"{number}", f"{name} spoke. No {number}.", name)
        Resolver(path, settings=GIVEN).resolve([row])
    say(path, "Angela Merkell", "different", "Piotr Zielinski")
    with Store.open(path) as store:
        [row] = store.entity_list("per:angela-merkel")
    assert (row.name, row.curated) == ("Angela Merkel", True)


def test_everything_is_linked_anew_when_much_has_come_since_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "SMALL", 0)
    monkeypatch.setattr(recall, "LARGE_SHARE", 0.3)
    resolve(path, *(about(f"{key}{n}", key) for key in PEOPLE for n in range(2)))  # ten chains
    looked_at = [resolve(path, about(f"new{n}", "a")).looked_at for n in range(5)]
    assert [what.endswith("stored chains") for what in looked_at] == [True, True, True, False, True]
    assert looked_at[3] == "much has come since all was linked"


def test_a_verdict_in_a_store_that_is_not_tiny_links_what_it_touches(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "FEW", 3)
    resolve(path, *(about(key, key) for key in PEOPLE))
    say(path, "Ron Dermer", "same", "Jared Kushner")
    with Store.open(path) as store:
        assert store.runs()[-1].counts["looked at again"] == 2


@pytest.mark.usefixtures("scope")
def test_batches_in_any_order_end_in_the_same_clusters(tmp_path: Path) -> None:
    articles = [about(f"{n}", *keys) for n, keys in enumerate(("ab", "bc", "ca", "de", "ea", "ad", "bd"))]

    def clusters(name: str, batches: list[list[dict[str, Any]]]) -> set[frozenset[str]]:
        path = tmp_path / name
        for batch in batches:
            resolve(path, *batch)
        found: dict[str, set[str]] = {}
        for mention_id, entity in entity_of(path).items():
            found.setdefault(entity, set()).add(mention_id)
        return {frozenset(members) for members in found.values()}

    one = clusters("one", [articles])
    assert clusters("many", [[a] for a in articles]) == one
    assert clusters("back", [[a] for a in articles[::-1]]) == one


def stories(path: Path, tale: str) -> set[frozenset[str]]:
    """Return the documents of each event or story that a store has."""
    told: dict[int, set[str]] = {}
    with duckdb.connect(str(path), read_only=True) as db:
        for doc_id, *tales in db.execute(
            """
            select doc_id, event, story
            from article_words
            join documents using (article_id)
            where until_run is null
            """
        ).fetchall():
            told.setdefault(tales[tale == "story"], set()).add(doc_id)
    return {frozenset(found) for found in told.values()}


@pytest.mark.parametrize("tale", ["event", "story"])
def test_nights_tell_the_stories_of_one_batch(tmp_path: Path, scope: str, tale: str) -> None:
    dam = "the spillway of the Kerrowdale reservoir overflowed, sluices and turbines were flooded, herdsmen fled"
    vote = "ballots of the Ostermark plebiscite were recounted, scrutineers quarrelled, canvassers wept"
    both = f"{dam} while ballots were recounted"
    rows = [
        about(f"{text[:2]}{n}", key, more=text)
        for n, (key, text) in enumerate(
            [("a", dam), ("b", vote), ("c", dam), ("a", both), ("d", vote), ("e", dam)]
        )
    ]
    resolve(tmp_path / "one.duckdb", *rows)
    for night in (rows[:2], rows[2:3], rows[3:5], rows[5:]):
        resolve(tmp_path / "many.duckdb", *night)
    assert stories(tmp_path / "one.duckdb", tale) == stories(tmp_path / "many.duckdb", tale)
    if tale == "event":
        assert len(stories(tmp_path / "one.duckdb", tale)) > 1


@pytest.mark.usefixtures("scope")
def test_running_counts_are_those_of_the_articles_that_are_left(path: Path, tmp_path: Path) -> None:
    def counted(where: Path) -> tuple[list[Any], list[Any], list[Any]]:
        with Store.open(where) as store, store.connection() as db:
            return (
                db.execute("select word, articles from words order by all").fetchall(),
                db.execute("from features order by all").fetchall(),
                db.execute(
                    "select article_id, list_sort(list(word)) from (select article_id, unnest(words) as number "
                    "from article_words) join words using (number) group by all order by all"
                ).fetchall(),
            )

    role = "The envoy Jared Kushner of Iran met the minister Ron Dermer."
    resolve(path, about("1", "a"), about("2", "b", more="negotiations resumed"))
    resolve(path, article("3", role, "Jared Kushner", "Ron Dermer"), about("4", "c"))
    resolve(path, about("2", "d", more="other words"))
    forget(path, ["4"])
    other = tmp_path / "other.duckdb"
    resolve(
        other,
        about("1", "a"),
        about("2", "d", more="other words"),
        article("3", role, "Jared Kushner", "Ron Dermer"),
    )
    assert counted(path) == counted(other)


def test_other_settings_link_everything_anew(path: Path) -> None:
    resolve(path, about("1", "a"))
    engine = Resolver(path, aliases=None, settings=GIVEN.model_copy(update={"min_probability": 0.9}))
    assert engine.resolve([about("2", "b")]).looked_at == "other settings than in the last run"


# ---------------------------------------------------------------- verdicts and ids


@pytest.mark.usefixtures("scope")
def test_a_verdict_merges_redirects_the_younger_id_and_undo_brings_it_back(path: Path) -> None:
    resolve(path, about("1", "a"))
    resolve(path, about("2", "b"))
    before = ids(path)
    old, young = before["Jared Kushner"], before["Ron Dermer"]
    verdict = say(path, "Ron Dermer", "same", "Jared Kushner")
    assert set(ids(path).values()) == {old}
    with Store.open(path) as store:
        assert store.redirects() == {young: old}
    undo(path, verdict)
    assert ids(path) == before
    with Store.open(path) as store:
        assert store.redirects() == {}
    sound(path)


@pytest.mark.usefixtures("scope")
def test_verdicts_hold_in_later_runs_and_after_a_rebuild(path: Path) -> None:
    resolve(path, about("1", "a", "b"), about("2", "a"), about("3", "a"))
    say(path, "Ron Dermer", "same", "Jared Kushner")
    say(path, mention(path, "3", "Jared Kushner"), "different", mention(path, "2", "Jared Kushner"))
    after = entity_of(path)
    assert len(set(after.values())) == 2
    resolve(path, about("4", "a"), about("5", "c"))
    rebuild(path)
    sound(path)
    found = entity_of(path)
    assert {m: found[m] for m in after} == after


@pytest.mark.usefixtures("scope")
def test_one_mention_can_be_taken_out_of_its_article_and_is_put_back_by_undo(path: Path) -> None:
    text = "Jared Kushner spoke. Kushner left. Jared Kushner was not there."
    resolve(path, article("1", text, "Jared Kushner", "Kushner"), about("2", "a"))
    before = entity_of(path)
    [whole] = set(before.values())
    verdict = say(path, mention(path, "1", "Kushner"), "different", whole)
    assert Counter(entity_of(path).values())[whole] == len(before) - 1
    undo(path, verdict)
    assert entity_of(path) == before
    sound(path)


def test_two_spellings_of_one_entity_can_be_split_and_stay_so(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"), about("3", "b"))
    say(path, "Ron Dermer", "same", "Jared Kushner")
    with pytest.raises(InputError, match=r"verdicts contradict each other: .* same .*: take one back first"):
        say(path, "Ron Dermer", "different", "Jared Kushner")
    resolve(path, article("4", "Jared Kushner, or J. Kushner, spoke.", "Jared Kushner", "J. Kushner"))
    ruling = decide(path, Opinion("J. Kushner", "Jared Kushner", Verdict.DIFFERENT))
    taken = mention(path, "4", "J. Kushner")
    assert f", but {taken} (J. Kushner) is {entity_of(path)[taken]} (J. Kushner)" in ruling.sides[0]
    assert ", but " not in ruling.sides[1]
    resolve(path, about("5", "c"))
    found = ids(path)
    assert found["J. Kushner"] != found["Jared Kushner"]


def test_two_spellings_of_one_entity_are_pinned_by_the_mentions_that_bear_them(path: Path) -> None:
    resolve(path, article("1", "Jared Kushner spoke. Mr Kushner left.", "Jared Kushner", "Mr Kushner"))
    decide(path, Opinion("Jared Kushner", "Mr Kushner", Verdict.SAME))
    sides = {mention(path, "1", "Jared Kushner"), mention(path, "1", "Mr Kushner")}
    with Store.open(path) as store:
        assert [{d.left, d.right} for d in store.decisions()] == [sides]


def test_a_verdict_tells_who_an_entity_is_now_not_who_its_anchor_is(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "a"))
    own, taken = ids(path)["Jared Kushner"], mention(path, "1", "Jared Kushner")
    ruling = decide(path, Opinion(taken, own, Verdict.DIFFERENT))
    assert ruling.sides[1].startswith(f"{own} is {own} ")
    assert not ruling.sides[0].startswith(f"{taken} is {own} ")


def test_a_contradiction_is_one_line_with_the_chain_of_verdicts_and_changes_nothing(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"), about("3", "c"))
    a, b, c = (ids(path)[PEOPLE[key]] for key in "abc")
    first, second = say(path, a, "same", b), say(path, b, "same", c)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        say(path, a, "different", c)
    message = str(caught.value)
    assert first in message
    assert second in message
    assert "\n" not in message
    assert path.read_bytes() == before


def test_an_unsure_verdict_is_kept_and_moves_nothing(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    before = ids(path)
    say(path, "Ron Dermer", "unsure", "Jared Kushner")
    assert ids(path) == before
    with Store.open(path) as store:
        assert [d.verdict for d in store.decisions()] == [Verdict.UNSURE]


@pytest.mark.parametrize(
    ("left", "message"),
    [
        ("e-0123456789abcdef", "no mention, entity or name"),
        ("m-0123456789abcdef", "no mention m-0123456789abcdef in the store"),
        ("Jared Kushner", "are the same entity"),
    ],
)
def test_a_verdict_that_cannot_be_meant_is_refused(path: Path, left: str, message: str) -> None:
    resolve(path, about("1", "a"))
    before = path.read_bytes()
    with pytest.raises(InputError, match=message):
        say(path, left, "same", "Jared Kushner")
    assert path.read_bytes() == before


def test_a_merged_id_leads_to_its_successor_with_a_note(path: Path) -> None:
    resolve(path, about("1", "a"))
    resolve(path, about("2", "b"), about("3", "c"))
    young = ids(path)["Ron Dermer"]
    say(path, "Ron Dermer", "same", "Jared Kushner")
    ruling = decide(path, Opinion(young, "Steve Witkoff", Verdict.DIFFERENT))
    assert ruling.notes[0].startswith(f"{young} was merged into")


def test_an_undo_cannot_be_undone(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    verdict = say(path, "Ron Dermer", "same", "Jared Kushner")
    undo(path, verdict)
    with pytest.raises(InputError, match=r"was taken back already, .*: to say it again: resolver decide"):
        undo(path, verdict)
    with pytest.raises(InputError, match="no verdict 'v-nothing'"):
        undo(path, "v-nothing")


def test_an_id_is_never_given_to_somebody_else(path: Path) -> None:
    resolve(path, about("1", "a"))
    first = ids(path)["Jared Kushner"]
    forget(path, ["1"])
    assert ids(path) == {}
    resolve(path, about("1", "a"))
    assert ids(path)["Jared Kushner"] != first


# ---------------------------------------------------------------- forgetting, rebuilding, differences


@pytest.mark.usefixtures("scope")
def test_a_forgotten_article_takes_everything_with_it_but_the_verdicts_on_others(path: Path) -> None:
    resolve(path, about("1", "a", more="Zanzibarquux"), about("2", "a"), about("3", "b"))
    say(path, "Ron Dermer", "same", "Jared Kushner")
    forget(path, ["1"])
    sound(path)
    assert len(set(ids(path).values())) == 1
    assert b"anzibarquux" not in path.read_bytes()
    with pytest.raises(InputError, match="no document '1' in the store"):
        forget(path, ["1"])


def test_a_rebuild_changes_nothing_by_itself_and_a_dry_run_leaves_the_file(path: Path) -> None:
    resolve(path, about("1", "a", "b"), about("2", "a"))
    before, clusters = path.read_bytes(), entity_of(path)
    _, changes = rebuild(path, dry_run=True)
    assert changes == []
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    rebuild(path)
    assert entity_of(path) == clusters


def test_a_rebuild_finds_no_names_where_given_mentions_were_none(path: Path) -> None:
    resolve(
        path,
        about("1", "a"),
        {"doc_id": "2", "text": "The envoy Ron Dermer met Steve Witkoff.", "mentions": []},
    )
    before = entity_of(path)
    rebuild(path)
    assert entity_of(path) == before


def test_the_difference_of_two_runs_says_what_and_why(path: Path) -> None:
    resolve(path, about("1", "a"))
    resolve(path, about("2", "b"))
    verdict = say(path, "Ron Dermer", "same", "Jared Kushner")
    undo(path, verdict)
    with Store.open(path) as store:
        rows = [[(c.what, c.name, c.run_id, c.reason) for c in store.alterations(n, n + 1)] for n in range(4)]
        back = store.alterations(3, 2)
    assert rows == [
        [("born", "Jared Kushner", 1, "1 new article")],
        [("born", "Ron Dermer", 2, "1 new article")],
        [("merged", "Ron Dermer", 3, f"verdict {verdict}: because")],
        [("split", "Jared Kushner", 4, f"verdict {verdict} taken back")],
    ]
    assert [c.what for c in back] == ["split"]


# ---------------------------------------------------------------- carrying verdicts


@pytest.mark.parametrize("form", ["csv", "nomenklatura"])
def test_verdicts_come_back_from_a_file(path: Path, tmp_path: Path, form: str) -> None:
    resolve(path, about("1", "a"), about("2", "b"), about("3", "c"))
    copy = tmp_path / "copy.duckdb"
    shutil.copy(path, copy)
    say(path, "Ron Dermer", "same", "Jared Kushner")
    say(path, "Steve Witkoff", "different", "Jared Kushner")
    file = tmp_path / "verdicts"
    run = CliRunner().invoke
    assert (
        run(main, ["decisions", "export", "--format", form, "-o", str(file), "--store", str(path)]).exit_code
        == 0
    )
    if form == "nomenklatura":
        first = json.loads(file.read_text().splitlines()[0])
        assert (len(first), first[2]) == (6, "positive")
    result = run(main, ["decisions", "import", str(file), "--format", form, "--store", str(copy)])
    assert result.output == f"2 verdicts given, 0 left out -> {copy}\n"
    assert entity_of(copy) == entity_of(path)
    again = run(main, ["decisions", "import", str(file), "--format", form, "--store", str(copy)])
    assert again.exit_code == 0


@pytest.mark.usefixtures("scope")
def test_a_mention_that_is_somebody_else_does_not_clash_with_the_two_being_different(
    path: Path, tmp_path: Path
) -> None:
    resolve(path, about("1", "a"), about("2", "a"), about("3", "b"))
    first, owner = mention(path, "1", "Jared Kushner"), ids(path)
    file = tmp_path / "v.csv"
    a, b = owner["Jared Kushner"], owner["Ron Dermer"]
    file.write_text(f"left,right,verdict\n{first},{b},same\n{a},{b},different\n")
    result = CliRunner().invoke(main, ["decisions", "import", str(file), "--store", str(path)])
    assert result.output == f"2 verdicts given, 0 left out -> {path}\n"
    assert entity_of(path)[first] == b
    assert ids(path)["Jared Kushner"] == a


def test_a_verdict_of_a_file_that_cannot_be_given_is_left_out_with_its_line(
    path: Path, tmp_path: Path
) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    file = tmp_path / "v.csv"
    file.write_text("left,right,verdict\nJared Kushner,Ron Dermer,same\nNobody,Ron Dermer,same\n")
    result = CliRunner().invoke(main, ["decisions", "import", str(file), "--store", str(path)])
    assert result.exit_code == 1
    assert f"{file}:3: no mention, entity or name 'Nobody'" in result.output
    file.write_text("left,right,verdict\na,b,maybe\n")
    result = CliRunner().invoke(main, ["decisions", "import", str(file), "--store", str(path)])
    assert f"{file}:2: 'maybe' is no verdict" in result.output


@pytest.mark.usefixtures("scope")
def test_the_verdicts_of_a_file_are_one_run_and_of_two_that_clash_the_later_is_left_out(
    path: Path, tmp_path: Path
) -> None:
    resolve(path, about("1", "a"), about("2", "b"), about("3", "c"))
    file = tmp_path / "v.csv"
    file.write_text(
        "left,right,verdict\nJared Kushner,Ron Dermer,same\nRon Dermer,Steve Witkoff,same\n"
        "Jared Kushner,Steve Witkoff,different\n"
    )
    result = CliRunner().invoke(main, ["decisions", "import", str(file), "--store", str(path)])
    assert f"{file}:4: verdicts contradict each other" in result.output
    assert f"2 verdicts given, 1 left out -> {path}\n" in result.output
    assert len(set(entity_of(path).values())) == 1
    with Store.open(path) as store:
        assert [(run.run_id, run.command) for run in store.runs()] == [(1, "resolve"), (2, "import")]
        assert {str(d.verdict) for d in store.decisions()} == {"same"}


# ---------------------------------------------------------------- processes, disks, versions

HOLDS = """
import sys, time
from resolver.store import Store
store = Store.open(sys.argv[1], mode="write")
print("open", flush=True)
time.sleep(float(sys.argv[2]))
store.close()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that hold the store for a while."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_second_writer_is_told_who_holds_the_store_and_readers_are_let_in(
    path: Path, holder: list[subprocess.Popen[str]]
) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    holder.append(hold(path, 60))
    result = CliRunner().invoke(main, ["decide", "Ron Dermer", "Jared Kushner", "same", "--store", str(path)])
    assert result.exit_code == 1
    assert f"another run is writing this store (process {holder[0].pid}, since 20" in result.output
    assert result.output.count("\n") == 1
    assert CliRunner().invoke(main, ["show", "Ron Dermer", "--store", str(path)]).exit_code == 0


def test_a_second_writer_can_wait(path: Path, holder: list[subprocess.Popen[str]]) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    holder.append(hold(path, 0.5))
    options = ["--wait", "60", "--store", str(path)]
    assert (
        CliRunner().invoke(main, ["decide", "Ron Dermer", "Jared Kushner", "same", *options]).exit_code == 0
    )
    assert len(set(ids(path).values())) == 1


FULL = """
import resource, signal, sys
from resolver.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
main(sys.argv[2:])
"""


def test_a_store_that_cannot_grow_is_left_as_it_was(path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    before = path.read_bytes()
    command = ["decide", "Ron Dermer", "Jared Kushner", "same", "--store", str(path)]
    limit = str(len(before) // 2)
    done = subprocess.run(
        [sys.executable, "-c", FULL, limit, *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("resolver: ")
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir() if "writing" in item.name] == []


SMALL_DISK = """
mount -t tmpfs -o size="$1"k none "$3" || exit 77
cp "$2" "$3/news.duckdb"
"$4" -c "from resolver.cli import main; main()" decide "Ron Dermer" "Jared Kushner" same --store "$3/news.duckdb"
status=$?
cmp "$2" "$3/news.duckdb" || exit 78
ls "$3" | grep -q writing && exit 79
exit $status
"""


def test_a_store_on_a_full_disk_is_left_as_it_was_and_the_disk_is_named(path: Path, tmp_path: Path) -> None:
    resolve(path, about("1", "a"), about("2", "b"))
    (tmp_path / "disk").mkdir()
    room = str(path.stat().st_size * 3 // 2 // 1024)
    command = ["unshare", "-rm", "sh", "-c", SMALL_DISK, "sh", room, path, tmp_path / "disk", sys.executable]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no disk may be mounted here")
    assert done.returncode == 1, done
    assert done.stderr.count("\n") == 1
    assert "the disk is full; the store is as it was" in done.stderr


def test_a_store_copied_in_the_middle_of_a_run_is_the_last_finished_one(path: Path, tmp_path: Path) -> None:
    resolve(path, about("1", "a"))
    with Store.open(path, mode="write") as store, store._writing() as work:
        work.execute("delete from mentions")
        shutil.copy(path, tmp_path / "copy.duckdb")
        work.execute("rollback")
        work.execute("begin")
    sound(tmp_path / "copy.duckdb")
    assert entity_of(tmp_path / "copy.duckdb") == entity_of(path)


FIXTURES = sorted((Path(__file__).parent / "cases").glob("store_v*.sql"))


def made_by_sql(path: Path, sql: str) -> None:
    """Make a store as an earlier version did."""
    with duckdb.connect(":memory:") as db:
        db.execute(f"attach '{path}' as store (storage_version 'v1.5.0')")
        db.execute("use store")
        db.execute(sql)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda file: file.stem)
def test_a_store_of_an_earlier_version_is_opened_and_goes_on(path: Path, fixture: Path) -> None:
    made_by_sql(path, fixture.read_text(encoding="utf-8"))
    resolve(path, about("new", "a"))
    with Store.open(path) as store:
        assert store.indexed()
        assert len(store.known_articles()) == 3
        assert store.runs()[-1].counts["articles"] == 1
    assert path.with_name(f"{path.name}.{fixture.stem.removeprefix('store_')}.bak").exists()


def test_every_earlier_version_has_a_fixture_and_a_migration() -> None:
    assert [file.stem for file in FIXTURES] == [f"store_v{n}" for n in range(1, SCHEMA_VERSION)]
    assert sorted(migrations.MIGRATIONS) == list(range(2, SCHEMA_VERSION + 1))


def test_a_migrated_store_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    def shape(path: Path) -> list[Any]:
        with duckdb.connect(str(path), read_only=True) as db:
            return db.execute(
                "select table_name, column_name, data_type, comment from duckdb_columns() order by all"
            ).fetchall()

    new, old = tmp_path / "new.duckdb", tmp_path / "old.duckdb"
    resolve(new, about("1", "a"))
    made_by_sql(old, FIXTURES[0].read_text(encoding="utf-8"))
    Store.open(old, mode="write").close()
    assert shape(old) == shape(new)


# ---------------------------------------------------------------- anything in any order


@settings(max_examples=4, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck))
class Ledger(RuleBasedStateMachine):
    """Batches, verdicts, undos, forgets and rebuilds in any order."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "s.duckdb"
        self.articles: dict[str, dict[str, Any]] = {}
        self.meanings: dict[str, str] = {}
        self.small, recall.SMALL = recall.SMALL, 0
        self.share, recall.LARGE_SHARE = recall.LARGE_SHARE, 100.0
        self.add({"ab", "c"})

    def teardown(self) -> None:
        if hasattr(self, "small"):
            recall.SMALL, recall.LARGE_SHARE = self.small, self.share
            self.folder.cleanup()

    def attempt(self, command: Callable[[], Any]) -> None:
        """Run a command that may be refused, in which case nothing has changed."""
        before = self.path.read_bytes()
        try:
            command()
        except InputError:
            assert self.path.read_bytes() == before

    @rule(names=st.sets(st.text("abcde", min_size=1, max_size=2), min_size=1, max_size=2))
    def add(self, names: set[str]) -> None:
        new = [
            about(f"{len(self.articles)}{n}", *dict.fromkeys(keys)) for n, keys in enumerate(sorted(names))
        ]
        self.articles |= {row["doc_id"]: row for row in new}
        Resolver(self.path, aliases=None, settings=GIVEN).resolve(new)

    @rule(data=st.data(), verdict=st.sampled_from(["same", "different"]))
    def decide(self, data: st.DataObject, verdict: str) -> None:
        options = sorted(set(entity_of(self.path).values()))
        if len(options) > 1:
            left, right = data.draw(st.permutations(options))[:2]
            self.attempt(lambda: say(self.path, left, verdict, right))

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        with Store.open(self.path) as store:
            options = [d.decision_id for d in store.decisions()]
        if options:
            chosen = data.draw(st.sampled_from(options))
            self.attempt(lambda: undo(self.path, chosen))

    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        if len(self.articles) > 2:
            doc_id = data.draw(st.sampled_from(sorted(self.articles)))
            del self.articles[doc_id]
            forget(self.path, [doc_id])

    @rule()
    def rebuild(self) -> None:
        before = entity_of(self.path)
        rebuild(self.path)
        assert entity_of(self.path) == before

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "path") or not self.path.exists():
            return
        with Store.open(self.path) as store:
            assert store.orphans() == []
            assert sorted(store.known_articles()) == sorted(self.articles)
            assert len(store.mentions()) == sum(len(a["mentions"]) for a in self.articles.values())
            owner = store.current_entities()
            for d in store.decisions():
                sides = [owner[m] for m in (d.left_mention, d.right_mention) if m]
                if len(sides) == 2:
                    assert (sides[0] == sides[1]) == (d.verdict == Verdict.SAME)
            redirects = store.redirects()
            assert all(end not in redirects for end in redirects.values())
            born = store.births()
            assert set(owner.values()) <= set(born)


TestLedger = Ledger.TestCase
