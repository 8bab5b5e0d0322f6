"""The store: what goes in comes out, in the state of any run, and nothing that goes wrong leaves half a run."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import StoreError
from resolver.model import (
    Article,
    Chain,
    Context,
    Decision,
    Entity,
    Evidence,
    Kind,
    LinkedBy,
    Mention,
    Name,
    Resolution,
    Role,
    Status,
    Token,
    Verdict,
    content_id,
)
from resolver.names import parse_name
from resolver.outputs import COLUMNS
from resolver.store import (
    SCHEMA_VERSION,
    Conflict,
    RunRecord,
    Store,
    StoredPair,
    columns,
    files,
    ledger,
    migrations,
)

TEXT = "Jared Kushner met Ron Dermer. Kushner left."
RUN = RunRecord(started_at="2026-01-01T00:00:00Z", finished_at="2026-01-01T00:01:00Z")
LATER = RunRecord(started_at="2026-01-02T00:00:00Z", finished_at="2026-01-02T00:01:00Z")


class Facts:
    """The rows of one text: a mention and a chain for each span, an entity for each name."""

    def __init__(
        self, doc_id: str, text: str = TEXT, *, names: tuple[str, ...] = ("Jared Kushner", "Ron Dermer")
    ) -> None:
        self.article = Article(
            doc_id=doc_id, text=text, outlet="AP", extra={"section": "World", "n": [1, None]}
        )
        self.mentions: list[Mention] = []
        self.chains: list[Chain] = []
        self.entities: list[Entity] = []
        self.resolutions: list[Resolution] = []
        for name in names:
            forms = tuple(dict.fromkeys((name, name.split()[-1])))
            found = [self._mention(place) for place in re.finditer("|".join(map(re.escape, forms)), text)]
            self.mentions += found
            ids = tuple(mention.mention_id for mention in found)
            chain_id = content_id("c", self.article.article_id, name)
            context = Context(roles=("envoy",), gender="m", kin=("bo larch",))
            rivals = ((ids[0], "c-other"),)
            self.chains.append(
                Chain(chain_id, self.article.article_id, Kind.PER, name, forms, ids, context, rivals)
            )
            self.entities.append(Entity(content_id("e", name), Kind.PER, name, ()))
            self.resolutions += [
                Resolution(m, self.entities[-1].entity_id, 0.99, Status.RESOLVED, LinkedBy.NAME) for m in ids
            ]

    def _mention(self, place: re.Match[str]) -> Mention:
        article_id, (start, end) = self.article.article_id, place.span()
        mention_id = content_id("m", article_id, start, end, "PER")
        return Mention(mention_id, article_id, start, end, place[0], Kind.PER, 0.9, "rules")


def write(store: Store, *facts: Facts, run: RunRecord = RUN, **more: object) -> int:
    """Write everything that some texts hold."""
    texts = {f.article.article_id: f for f in facts}.values()
    rows: dict[str, object] = {
        "articles": [f.article for f in facts],
        "mentions": [m for f in texts for m in f.mentions],
        "chains": [c for f in texts for c in f.chains],
        "entities": {e.entity_id: e for f in texts for e in f.entities}.values(),
        "resolutions": [r for f in texts for r in f.resolutions],
    }
    return store.write_run(run, **{**rows, **more})  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news's.duckdb"


@contextmanager
def writing(path: Path) -> Iterator[Store]:
    with Store.open(path, mode="write", create=True) as store:
        yield store
        assert store.orphans() == []


def ids(store: Store, **options: str) -> dict[str, tuple[str, ...]]:
    """Return the spellings of each name."""
    return {row.name: tuple(s for s, _ in row.spellings) for row in store.entity_list(**options)}  # type: ignore[arg-type]


# ---------------------------------------------------------------- what goes in comes out


def test_everything_that_is_written_is_read_back(path: Path) -> None:
    facts = Facts("d1")
    left, right = sorted(chain.chain_id for chain in facts.chains)
    pair = StoredPair(left, right, -3.25, 0.1, ("k1",), (Evidence("given", "differs", -3.25, "Jared / Ron"),))
    name = Name("Kushner", Kind.PER, "kushner", (Token("kushner", Role.SURNAME),))
    decision = Decision(
        "v1", facts.mentions[0].mention_id, facts.entities[1].entity_id, Verdict.DIFFERENT, "no", "ann",
        "2026-01-01T00:00:00Z",
    )  # fmt: skip
    run = RunRecord(
        started_at="2026-01-01T00:00:00Z",
        finished_at="2026-01-01T00:01:00Z",
        settings={"workers": 1},
        versions={"alias-resolver": "0.1"},
        counts={"articles": 1},
        seconds={"read": 0.5},
    )
    with writing(path) as store:
        number = write(store, facts, run=run, names=[name], pairs=[pair], decisions=[decision])
    with Store.open(path) as store:
        assert number == 1
        assert store.known_articles() == {"d1": facts.article.article_id}
        assert store.articles() == [facts.article]
        assert store.mentions() == sorted(facts.mentions, key=lambda m: m.start)
        assert store.chains() == sorted(facts.chains)
        assert store.resolutions() == sorted(facts.resolutions)
        assert store.names() == [name]
        assert store.names([name.surface]) == [name]
        assert store.names(["Somebody Else"]) == []
        [kept] = store.decisions()
        assert kept == decision._replace(left_mention=facts.mentions[0].mention_id)
        assert store.current_entities() == {r.mention_id: r.entity_id for r in facts.resolutions}
        assert store.births() == {e.entity_id: 1 for e in facts.entities}
        assert store.evidence(facts.entities[0].entity_id, facts.mentions[1].mention_id) in ([pair], [])
        assert store.evidence(facts.entities[1].entity_id, facts.entities[0].entity_id) == [pair]
        assert [(e.name, e.names) for e in store.entities()] == [
            ("Jared Kushner", (("Jared Kushner", 1), ("Kushner", 1))),
            ("Ron Dermer", (("Ron Dermer", 1),)),
        ]
        [stored] = store.runs()
        assert (stored.run_id, stored.settings, stored.seconds) == (1, {"workers": 1}, {"read": 0.5})


def test_a_stored_name_is_what_parsing_it_gives(path: Path) -> None:
    spellings = [
        "Mohammed bin Salman", "Jean-Luc M\u00e9lenchon", "J. K. Rowling", "\u5b89\u500d\u664b\u4e09",
        "Louis XVI", "Sen. Mary O\u2019Hara Jr.", "M. Poin\u00ac\ncar\u00e9", "Frau von der Leyen",
    ]  # fmt: skip
    names = [parse_name(spelling, kind) for spelling in spellings for kind in Kind]
    with writing(path) as store:
        write(store, names=names)
    with Store.open(path) as store:
        assert sorted(store.names(spellings)) == sorted(names)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(),
    st.text(),
    st.text(),
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())),
)
def test_any_text_comes_back(
    tmp_path: Path, text: str, doc_id: str, title: str, extra: dict[str, object]
) -> None:
    path = tmp_path / "any.duckdb"
    path.unlink(missing_ok=True)
    article = Article(doc_id=doc_id, text=text, title=title, extra=extra)
    mention = Mention("m-1", article.article_id, 0, len(text), text, Kind.PER, 1.0, "rules")
    with Store.open(path, mode="write", create=True) as store:
        store.write_run(
            RUN,
            articles=[article],
            mentions=[mention] if text else [],
            entities=[Entity("e-1", Kind.PER, title, ())],
            resolutions=[Resolution("m-1", "e-1", 1.0, Status.NEW, LinkedBy.EXACT)] if text else [],
        )
    with Store.open(path) as store:
        assert store.articles() == [article]
        assert store.mentions() == ([mention] if text else [])
        assert store.orphans() == []


def test_half_a_surrogate_pair_is_refused_in_one_line_and_changes_nothing(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        with pytest.raises(
            StoreError, match=r"^text 'bad \\ud83d emoji': character 4 is half of a surrogate pair"
        ):
            store.write_run(RUN, articles=[Article(doc_id="d", text="bad \ud83d emoji")])
        assert store.is_new
    assert not path.exists()


def test_half_a_surrogate_pair_in_metadata_is_replaced(path: Path) -> None:
    article = Article(doc_id="d", text="t", title="bad \ud83d", source="caf\udce9.txt", extra={"k": "\udfff"})
    with writing(path) as store:
        store.write_run(RUN, articles=[article])
        [stored] = store.articles()
        assert (stored.title, stored.source, stored.extra) == ("bad \ufffd", "caf\ufffd.txt", {"k": "\ufffd"})


def test_what_json_cannot_say_becomes_null_or_text(path: Path) -> None:
    extra = {"nan": float("nan"), "deep": {"inf": [float("inf")]}, "set": {1}, "path": Path("x")}
    with writing(path) as store:
        store.write_run(RUN, articles=[Article(doc_id="d", text="t", extra=extra)])
        assert store.articles()[0].extra == {"nan": None, "deep": {"inf": [None]}, "set": [1], "path": "x"}


def test_characters_outside_the_basic_plane_count_as_one(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1", "😀😀 Jared Kushner 😀", names=("Jared Kushner",)))
        [row] = store.mention_rows()
        assert (row.start, row.end, row.before, row.after) == (3, 16, "😀😀 ", " 😀")


def test_spans_that_came_with_an_article_come_back_as_given(path: Path) -> None:
    facts = Facts("d1", names=("Ron Dermer",))
    with writing(path) as store:
        write(store, facts, mentions=[m._replace(source="given") for m in facts.mentions])
        [article] = store.articles()
        assert article.given is not None
        assert [(s.start, s.end, s.kind) for s in article.given] == [(18, 28, Kind.PER)]


def test_a_new_store_answers_that_nothing_is_known_and_leaves_no_file(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        assert store.is_new
        assert store.known_articles() == {}
        assert store.entity_list() == store.entities() == store.runs() == list(store.mention_rows()) == []
        assert store.find("x") == []
    assert list(path.parent.iterdir()) == []


def test_nothing_but_the_store_is_left_beside_it(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    assert list(path.parent.iterdir()) == [path]


# ---------------------------------------------------------------- documents and versions


def test_one_text_under_two_ids_is_one_article_with_two_documents(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("b"), Facts("a"))
        rows = list(store.mention_rows())
        assert len(store.mentions()) == 3
        assert [article.doc_id for article in store.articles()] == ["a", "b"]
        assert [(row.doc_id, row.mention_id.partition("@")[2]) for row in rows] == [("a", "")] * 3 + [
            ("b", "b")
        ] * 3
        assert store.mention(rows[3].mention_id) == rows[3]
        assert [row.articles for row in store.entity_list()] == [1, 1]


def test_a_second_id_for_a_known_text_needs_no_mentions(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("a"))
        store.write_run(LATER, documents=[Facts("b").article])
        assert sorted(store.known_articles()) == ["a", "b"]
        assert len(list(store.mention_rows())) == 6


def test_a_changed_text_is_a_new_version_and_the_old_one_ends(path: Path) -> None:
    old, new = Facts("d1"), Facts("d1", "Ron Dermer spoke.", names=("Ron Dermer",))
    with writing(path) as store:
        write(store, old)
        write(store, new, run=LATER)
        assert store.known_articles() == {"d1": new.article.article_id}
        assert store.mentions() == new.mentions
        assert store.chains() == new.chains
        assert ids(store) == {"Ron Dermer": ("Ron Dermer",)}
        assert old.entities[0].entity_id in store.births()


def test_rows_are_let_go_when_their_step_ends_though_the_transaction_lasts() -> None:
    db, counts = files.empty(), []
    db.execute("begin")
    rows = columns.ids(["a-1", "a-2"])
    held = weakref.ref(rows)
    ledger.apply(db, lambda db, _: counts.extend(db.execute("from new_ids").fetchall()), 1, new_ids=rows)
    del rows
    assert counts == [("a-1",), ("a-2",)]
    assert held() is None


def test_a_text_that_comes_back_is_whole_again(path: Path) -> None:
    old, new = Facts("d1"), Facts("d1", "Ron Dermer spoke.", names=("Ron Dermer",))
    with writing(path) as store:
        write(store, old)
        write(store, new, run=LATER)
        write(store, old, run=LATER)
        assert store.mentions() == sorted(old.mentions, key=lambda m: m.start)
        assert ids(store, as_of="1") == ids(store)


def test_changed_metadata_is_a_new_row_of_the_same_text(path: Path) -> None:
    facts = Facts("d1")
    with writing(path) as store:
        write(store, facts)
        store.write_run(LATER, documents=[Article(doc_id="d1", text=TEXT, outlet="Reuters")])
        assert {row.outlet for row in store.mention_rows()} == {"Reuters"}
        assert {row.outlet for row in store.mention_rows(as_of="1")} == {"AP"}


# ---------------------------------------------------------------- runs and time


def test_the_same_run_again_writes_nothing_but_the_run(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
        write(store, Facts("d1"), run=LATER)
        with store.connection() as db:
            for table in ("documents", "mentions", "chains", "entities", "resolutions"):
                rows = db.table(table).aggregate("max(since_run), count(until_run)").fetchall()
                assert rows == [(1, 0)], table
        assert [run.run_id for run in store.runs()] == [1, 2]


def test_any_earlier_state_can_be_read(path: Path) -> None:
    first, second = Facts("d1"), Facts("d2", "Kushner stayed.", names=("Kushner",))
    kushner = first.entities[0].entity_id
    with writing(path) as store:
        write(store, first)
        before = store.export_batches("mentions").read_all()
        moved = [r._replace(entity_id=kushner, linked_by=LinkedBy.CONTEXT) for r in second.resolutions]
        renamed = first.entities[0]._replace(name="Jared Corey Kushner")
        write(store, second, run=LATER, resolutions=moved, entities=[renamed])
        assert ids(store) == {
            "Jared Corey Kushner": ("Kushner", "Jared Kushner"),
            "Ron Dermer": ("Ron Dermer",),
        }
        assert ids(store, as_of="1") == {
            "Jared Kushner": ("Jared Kushner", "Kushner"),
            "Ron Dermer": ("Ron Dermer",),
        }
        assert store.export_batches("mentions", as_of="1").read_all() == before
        assert ids(store, as_of="2026-01-01") == ids(store, as_of="1")
        assert ids(store, as_of="2026-01-02") == ids(store)
        assert ids(store, as_of="2026-01-02T00:00:30+00:00") == ids(store, as_of="1")


@pytest.mark.parametrize("as_of", ["7", "2025-12-31"])
def test_a_state_that_never_was_is_one_line(path: Path, as_of: str) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
        with pytest.raises(StoreError, match=f"^no run at {as_of}: `resolver runs` lists them$"):
            store.entity_list(as_of=as_of)
        with pytest.raises(StoreError, match=r"^'yesterday' is no run and no date"):
            store.entity_list(as_of="yesterday")


def test_a_merge_redirects_and_a_split_brings_the_id_back(path: Path) -> None:
    facts = Facts("d1", "Jared Kushner met Kushner.", names=("Jared Kushner",))
    old = Entity("e-old", Kind.PER, "Kushner", ())
    apart = [facts.resolutions[0], facts.resolutions[1]._replace(entity_id="e-old")]
    kept = facts.entities[0].entity_id
    with writing(path) as store:
        write(store, facts, resolutions=apart, entities=[*facts.entities, old])
        write(store, facts, redirects={"e-old": kept}, run=LATER)
        assert store.redirects() == {"e-old": kept}
        detail = store.entity("e-old")
        assert detail is not None
        assert (detail.row.entity_id, detail.formerly) == (kept, ("e-old",))
        assert [row.entity_id for row in store.find("e-old")] == [kept]
        write(store, facts, resolutions=apart, entities=[*facts.entities, old], run=LATER)
        assert store.redirects() == {}
        assert len(store.entity_list()) == 2
        assert store.births() == {kept: 1, "e-old": 1}
        assert [len(store.entity_list(as_of=run)) for run in "123"] == [2, 1, 2]


def test_a_move_is_told_of_the_run_that_made_it_not_of_one_that_weighed_it_anew(path: Path) -> None:
    facts = Facts("d1", "Jared Kushner met Kushner.", names=("Jared Kushner",))
    other = Entity("e-other", Kind.PER, "Kushner", ())
    moved = [facts.resolutions[0], facts.resolutions[1]._replace(entity_id="e-other")]
    weighed = [moved[0], moved[1]._replace(probability=0.5)]
    with writing(path) as store:
        write(store, facts)
        for resolutions in (moved, weighed):
            write(store, facts, resolutions=resolutions, entities=[*facts.entities, other], run=LATER)
        assert [(a.what, a.other_id, a.run_id) for a in store.alterations(1, 3)] == [("split", "e-other", 2)]
        assert [(a.what, a.run_id) for a in store.alterations(3, 1)] == [("merged", 2)]


def test_redirects_are_followed_to_the_end(path: Path) -> None:
    facts = Facts("d1", names=("Ron Dermer",))
    end = facts.entities[0].entity_id
    with writing(path) as store:
        write(store, facts, redirects={"e-1": "e-2", "e-2": end})
        assert store.redirects() == {"e-1": end, "e-2": end}


def test_a_verdict_is_kept_with_its_place_and_can_be_taken_back(path: Path) -> None:
    facts = Facts("d1")
    verdict = Decision(
        "v1",
        facts.mentions[0].mention_id,
        "e-x",
        Verdict.SAME,
        "same man",
        "ann",
        "2026-01-01T12:00:00+02:00",
    )
    with writing(path) as store:
        write(store, facts, decisions=[verdict])
        [kept] = store.decisions()
        assert kept.decided_at == "2026-01-01T10:00:00Z"
        store.write_run(LATER, decisions=[kept._replace(undone_at="2026-01-02T00:00:00Z")])
        assert store.decisions() == []
        assert [d.undone_at for d in store.decisions(undone=True)] == ["2026-01-02T00:00:00Z"]
        with store.connection() as db:
            anchor = db.execute("select left_anchor, right_anchor from decisions").fetchall()
        assert anchor == [
            (
                {"article_id": facts.article.article_id, "start": 0, "end": 13, "surface": "Jared Kushner"},
                None,
            )
        ]


def test_conflicts_are_kept_with_the_run_that_found_them(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"), conflicts=[Conflict("a", "b", "v1 says same, v2 different", ("v1", "v2"))])
        with store.connection() as db:
            assert db.execute("from conflicts").fetchall() == [
                (1, "a", "b", "v1 says same, v2 different", ["v1", "v2"])
            ]


def test_pairs_end_with_their_chains_and_are_replaced_by_newer_ones(path: Path) -> None:
    facts = Facts("d1")
    left, right = sorted(chain.chain_id for chain in facts.chains)
    with writing(path) as store:
        write(store, facts, pairs=[StoredPair(left, right, 0.5, 0.5)])
        assert [row[0:2] for row in store.connection().__enter__().execute("from near_pairs").fetchall()] in (
            [("Jared Kushner", "Ron Dermer")],
            [("Ron Dermer", "Jared Kushner")],
        )
        store.write_run(LATER, pairs=[StoredPair(left, right, 2.0, 0.8)])
        assert [p.bits for p in store.evidence(left, right)] == [2.0]
        write(store, Facts("d1", "Nobody.", names=()), run=LATER)
        assert store.evidence(left, right) == []
        assert [p.bits for p in store.evidence(left, right, as_of="1")] == [0.5]


def test_an_ambiguous_mention_lists_all_it_can_be_and_keeps_them_alive(path: Path) -> None:
    facts = Facts("d1")
    first, second = (entity.entity_id for entity in facts.entities)
    both = ((first, 0.6), (second, 0.4))
    unsure = [
        Resolution(m.mention_id, first, 0.6, Status.AMBIGUOUS, LinkedBy.CHAIN, both) for m in facts.mentions
    ]
    with writing(path) as store:
        write(store, facts, resolutions=unsure)
        assert {row.candidates for row in store.mention_rows()} == {both}
        assert [(row.name, row.mentions) for row in store.entity_list()] == [
            ("Jared Kushner", 3),
            ("Ron Dermer", 0),
        ]


def test_a_row_that_breaks_a_rule_is_refused_and_changes_nothing(path: Path) -> None:
    facts = Facts("d1")
    with writing(path) as store:
        write(store, facts)
        before = path.read_bytes()
        with pytest.raises(StoreError, match=r"news's\.duckdb: DuckDB: Constraint Error: CHECK"):
            write(store, facts, resolutions=[facts.resolutions[0]._replace(probability=1.5)])
        assert path.read_bytes() == before
        assert list(path.parent.glob("*writing*")) == []
        assert ids(store) == {"Jared Kushner": ("Jared Kushner", "Kushner"), "Ron Dermer": ("Ron Dermer",)}


# ---------------------------------------------------------------- forgetting and compacting


def test_a_forgotten_document_is_gone_from_every_state_and_from_the_file(path: Path) -> None:
    keep, gone = (
        Facts("keep"),
        Facts("gone", "Secretname Zebulon met Ron Dermer.", names=("Secretname Zebulon",)),
    )
    name = Name("Secretname Zebulon", Kind.PER, "secretname zebulon", ())
    with writing(path) as store:
        write(store, keep, gone, names=[name])
        number = store.write_run(LATER, forgotten=["gone", "never there"])
        store.compact()
        assert number == 2
        assert store.known_articles() == {"keep": keep.article.article_id}
        assert (
            ids(store)
            == ids(store, as_of="1")
            == {
                "Jared Kushner": ("Jared Kushner", "Kushner"),
                "Ron Dermer": ("Ron Dermer",),
            }
        )
        assert store.names() == []
        assert gone.entities[0].entity_id in store.births()
    with duckdb.connect(str(path), read_only=True) as db:
        for (table,) in db.execute("select table_name from duckdb_tables()").fetchall():
            assert "Zebulon" not in str(db.table(table).fetchall())
    assert b"ebulon" not in path.read_bytes()


def test_forgetting_one_of_two_documents_leaves_the_text_to_the_other(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("a"), Facts("b"))
        store.write_run(LATER, forgotten=["a"])
        assert {row.doc_id for row in store.mention_rows()} == {"b"}
        assert len(store.mentions()) == 3


def noise(*seed: int) -> str:
    """Return 2,000 characters that cannot be compressed to much less than half."""
    return "".join(content_id("x", *seed, n) for n in range(100))


def test_compacting_changes_the_size_and_nothing_else(path: Path) -> None:
    def rows() -> list[object]:
        with duckdb.connect(str(path), read_only=True) as db:
            tables = db.execute("select table_name from duckdb_tables() order by table_name").fetchall()
            comments = db.execute(
                "select table_name, column_name, comment from duckdb_columns() order by all"
            )
            return [comments.fetchall(), *(sorted(map(str, db.table(t).fetchall())) for (t,) in tables)]

    with writing(path) as store:
        for n in range(3):
            write(store, *(Facts(f"d{i}", f"{TEXT} {noise(n, i)}") for i in range(200)))
        before, size = rows(), path.stat().st_size
        store.compact()
        assert rows() == before
        assert path.stat().st_size < size
        write(store, Facts("after", f"{TEXT} After."))


# ---------------------------------------------------------------- questions


def test_names_are_found_without_case_and_accents(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1", "Żółć Müller and Jared Kushner.", names=("Żółć Müller", "Jared Kushner")))
        assert list(ids(store, query="ZOŁC mull")) == ["Żółć Müller"]
        assert list(ids(store, query="MULLER")) == ["Żółć Müller"]
        assert [row.name for row in store.find("żÓłć muller")] == ["Żółć Müller"]
        assert [row.name for row in store.find("kush")] == ["Jared Kushner"]
        assert store.find("nobody") == []


def test_an_entity_is_shown_with_all_that_is_known(path: Path) -> None:
    facts = Facts("d1")
    left, right = sorted(facts.chains, key=lambda c: c.chain_id)
    pair = StoredPair(left.chain_id, right.chain_id, -2.0, 0.2)
    with writing(path) as store:
        write(store, facts, pairs=[pair])
        detail = store.entity(facts.entities[0].entity_id)
        assert detail is not None
        assert detail.row.spellings == (("Jared Kushner", 1), ("Kushner", 1))
        assert [(m.before, m.surface, m.after[:5]) for m in detail.mentions] == [
            ("", "Jared Kushner", " met "),
            ("Jared Kushner met Ron Dermer. ", "Kushner", " left"),
        ]
        assert detail.outlets == (("AP", 2),)
        assert [(link.other_name, link.pair) for link in detail.links] == [("Ron Dermer", pair)]
        assert store.entity("e-nobody") is None
        assert store.mention("m-nobody") is None
        assert [row.name for row in store.find(facts.mentions[0].mention_id)] == ["Jared Kushner"]


@pytest.mark.parametrize("what", sorted(COLUMNS))
def test_exports_have_the_columns_of_the_contract(path: Path, what: str) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
        assert tuple(store.export_batches(what).schema.names) == COLUMNS[what]


def test_exports_are_in_order_and_count_spellings(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("b"), Facts("a", f"{TEXT} Again."))
        mentions = store.export_batches("mentions").read_all().to_pylist()
        assert [(m["doc_id"], m["start"]) for m in mentions] == [(d, s) for d in "ab" for s in (0, 18, 30)]
        aliases = store.export_batches("aliases").read_all().to_pylist()
        assert sorted((a["name"], a["alias"], a["count"], tuple(a["outlets"])) for a in aliases) == [
            ("Jared Kushner", "Jared Kushner", 2, ("AP",)),
            ("Jared Kushner", "Kushner", 2, ("AP",)),
            ("Ron Dermer", "Ron Dermer", 2, ("AP",)),
        ]


def test_every_table_view_and_column_says_what_it_is(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
        with store.connection() as db:
            bare = db.execute(
                """
                select table_name from duckdb_tables() where database_name = 'store' and comment is null
                union all
                select view_name from duckdb_views() where database_name = 'store' and comment is null
                union all
                select table_name || '.' || column_name from duckdb_columns()
                where database_name = 'store' and comment is null
                union all
                select function_name from duckdb_functions()
                where database_name = 'store' and function_type = 'table_macro' and comment is null
                """
            ).fetchall()
            columns = db.execute(
                "select count(*) from duckdb_columns() where database_name = 'store'"
            ).fetchall()
    assert bare == []
    assert columns[0][0] > 100


def test_every_view_can_be_asked_with_duckdb_alone(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    with duckdb.connect(str(path), read_only=True) as db:
        views = db.execute(
            "select view_name from duckdb_views() where not internal order by view_name"
        ).fetchall()
        assert views == [
            (name,)
            for name in (
                "ambiguous_mentions", "current_mentions", "near_pairs", "orphans", "people", "spellings_by_outlet"
            )
        ]  # fmt: skip
        for (view,) in views:
            db.view(view).fetchall()
        assert db.execute("select name, spellings, mentions from people").fetchall() == [
            ("Jared Kushner", ["Jared Kushner", "Kushner"], 2),
            ("Ron Dermer", ["Ron Dermer"], 1),
        ]


def test_the_orphans_view_sees_what_is_wrong(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        write(store, Facts("d1"))
    with duckdb.connect(str(path)) as db:
        db.execute(
            "update resolutions set entity_id = 'e-nobody' where mention_id = (select min(mention_id) from mentions)"
        )
        db.execute("update mentions set surface = 'Xared Kushner' where start = 0")
    with Store.open(path) as store:
        assert {problem for problem, _ in store.orphans()} >= {
            "mention that is not its text",
            "resolution without entity",
        }


# ---------------------------------------------------------------- files that cannot be used


def refused(path: Path, mode: str = "read", *, create: bool = False) -> str:
    """Return the one line with which a store is refused."""
    with pytest.raises(StoreError) as caught:
        Store.open(path, mode=mode, create=create)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("mode", ["read", "write"])
class TestRefused:
    def test_a_missing_file(self, path: Path, mode: str) -> None:
        assert refused(path, mode).startswith("no such store: make one with `resolver resolve")

    def test_a_folder(self, tmp_path: Path, mode: str) -> None:
        assert refused(tmp_path, mode).startswith("a folder, but a store is a file")

    def test_a_file_that_is_not_duckdb(self, path: Path, mode: str) -> None:
        path.write_text("Dear Sir, " * 1000)
        assert refused(path, mode, create=True).startswith("not a DuckDB file")

    @pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.6, 0.9, 0.999])
    def test_a_truncated_file(self, path: Path, mode: str, share: float) -> None:
        with Store.open(path, mode="write", create=True) as store:
            write(store, *(Facts(f"d{n}", f"{TEXT} {n} {'x' * 2000}") for n in range(300)))
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        message = refused(path, mode, create=True)
        assert message == "the file is truncated: restore it from a copy"
        assert path.stat().st_size == int(len(data) * share)

    def test_a_duckdb_file_of_something_else(self, path: Path, mode: str) -> None:
        with duckdb.connect(str(path)) as db:
            db.execute("create table meta (a integer)")
            db.execute("create table customers (a integer)")
        assert refused(path, mode, create=True).startswith(
            "a DuckDB file, but no store of alias-resolver (it has tables customers, meta)"
        )

    def test_a_newer_schema(self, path: Path, mode: str) -> None:
        with Store.open(path, mode="write", create=True) as store:
            write(store, Facts("d1"))
        with duckdb.connect(str(path)) as db:
            db.execute("update meta set schema_version = 99")
        assert refused(path, mode).startswith(f"schema version 99 is newer than {SCHEMA_VERSION}")

    def test_a_store_that_another_program_has_open_for_writing(self, path: Path, mode: str) -> None:
        with Store.open(path, mode="write", create=True) as store:
            write(store, Facts("d1"))
        script = f"import duckdb, time; db = duckdb.connect({str(path)!r}); print('open', flush=True); time.sleep(60)"
        with started(script) as process:
            assert refused(path, mode) == (
                f"locked by another program ({Path(sys.executable).resolve().name}, process {process.pid}): "
                "close it there, then try again"
            )

    def test_nothing_but_an_empty_database(self, path: Path, mode: str) -> None:
        duckdb.connect(str(path)).close()
        if mode == "read":
            assert refused(path).startswith("nothing was ever stored in it")
        else:
            with writing(path) as store:
                assert store.is_new
                write(store, Facts("d1"))


@pytest.fixture
def newer_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that the program knows one schema change more."""
    change = "alter table runs add column who varchar; comment on column runs.who is 'Who ran it'"
    monkeypatch.setitem(migrations.MIGRATIONS, SCHEMA_VERSION + 1, change)
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr("resolver.store.SCHEMA_VERSION", SCHEMA_VERSION + 1)


def test_an_older_schema_is_led_to_the_new_one_and_a_copy_is_kept(
    path: Path, request: pytest.FixtureRequest
) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    before = path.read_bytes()
    request.getfixturevalue("newer_schema")
    assert refused(path).startswith(f"schema version {SCHEMA_VERSION}, not {SCHEMA_VERSION + 1}")
    with writing(path) as store:
        assert len(store.entities()) == 2
    with Store.open(path) as store, store.connection() as db:
        assert db.execute("select who from runs").fetchall() == [(None,)]
    assert path.with_name(f"{path.name}.v{SCHEMA_VERSION}.bak").read_bytes() == before


def test_a_schema_change_that_fails_leaves_the_store_as_it_was(
    path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    before = path.read_bytes()
    request.getfixturevalue("newer_schema")
    monkeypatch.setitem(
        migrations.MIGRATIONS, SCHEMA_VERSION + 1, "alter table nothing add column who varchar"
    )
    assert "DuckDB: Catalog Error" in refused(path, "write")
    assert path.read_bytes() == before


def test_an_empty_file_counts_as_new_for_writing(path: Path) -> None:
    path.touch()
    assert "not a DuckDB file" in refused(path)
    with writing(path) as store:
        write(store, Facts("d1"))
    with Store.open(path) as store:
        assert len(store.entities()) == 2


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "the folder does not exist" in refused(tmp_path / "nowhere" / "s.duckdb", "write", create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "cannot be written (Permission denied)" in refused(folder / "s.duckdb", "write", create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_refused(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    path.chmod(0o400)
    assert refused(path, "write").startswith("the file may not be written")


def test_a_store_open_for_reading_refuses_to_write(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    with Store.open(path) as store, pytest.raises(StoreError, match="open for reading only"):
        write(store, Facts("d2"))


LEAVES_A_LOG = """
    import duckdb, os, signal, sys
    db = duckdb.connect(sys.argv[1])
    db.execute("update meta set created_by = 'another'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_log_that_another_program_left_is_folded_in(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        write(store, Facts("d1"))
    subprocess.run([sys.executable, "-c", textwrap.dedent(LEAVES_A_LOG), path], check=False)
    assert path.with_name(f"{path.name}.wal").exists()
    with writing(path) as store:
        write(store, Facts("d2", f"{TEXT} Again."))
        with store.connection() as db:
            assert db.execute("select created_by from meta").fetchall() == [("another",)]


def test_a_log_that_another_program_left_is_read(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        write(store, Facts("d1"))
    subprocess.run([sys.executable, "-c", textwrap.dedent(LEAVES_A_LOG), path], check=False)
    with Store.open(path) as store, store.connection() as db:
        assert db.execute("select created_by from meta").fetchall() == [("another",)]


def test_a_store_that_changed_meanwhile_is_not_written_over(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as store:
        write(store, Facts("d1"))
        copy = path.read_bytes()
        original = shutil.copyfile

        def copyfile(source: Path, target: Path) -> None:
            original(source, target)
            path.write_bytes(copy)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shutil, "copyfile", copyfile)
            with pytest.raises(StoreError, match="another program changed the store"):
                write(store, Facts("d2"))
        assert ids(store)


# ---------------------------------------------------------------- several processes

PRELUDE = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from test_store import *
"""


@contextmanager
def started(script: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script until it has printed a line, and kill it in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_told_who_writes_and_readers_are_let_in(path: Path) -> None:
    with writing(path) as store:
        write(store, Facts("d1"))
    script = f"{PRELUDE}\nstore = Store.open({str(path)!r}, mode='write')\nprint('open', flush=True)\ntime.sleep(60)"
    with started(script) as process:
        message = refused(path, "write")
        assert message.startswith(f"another run is writing this store (process {process.pid}, since 20")
        with Store.open(path) as store:
            assert len(store.entities()) == 2
        process.send_signal(signal.SIGKILL)
        process.wait()
        with writing(path) as store:
            write(store, Facts("d2", f"{TEXT} Again."))


def test_a_second_writer_in_the_same_process_is_refused(path: Path) -> None:
    with Store.open(path, mode="write", create=True):
        assert "this one" in refused(path, "write", create=True)
    Store.open(path, mode="write", create=True).close()


def test_a_writer_can_wait_for_its_turn(path: Path) -> None:
    script = f"""{PRELUDE}
store = Store.open({str(path)!r}, mode='write', create=True)
print('open', flush=True)
time.sleep(0.5)
write(store, Facts('d1'))
store.close()
time.sleep(60)
"""
    with started(script), Store.open(path, mode="write", wait=60) as store:
        assert sorted(store.known_articles()) == ["d1"]


def test_a_reader_keeps_its_state_while_a_writer_replaces_the_file(path: Path) -> None:
    with Store.open(path, mode="write", create=True) as writer:
        write(writer, Facts("d1"))
        with Store.open(path) as reader:
            rows = reader.mention_rows()
            write(writer, Facts("d2", f"{TEXT} Again."))
            assert sorted(reader.known_articles()) == ["d1"]
            assert len(list(rows)) == 3
            with Store.open(path) as newer:
                assert sorted(newer.known_articles()) == ["d1", "d2"]


KILLED = f"""{PRELUDE}
store = Store.open(sys.argv[1], mode='write', create=True)
facts = [Facts(f'n{{n}}', f'{{TEXT}} {{n}} again.') for n in range(400)]
print('writing', flush=True)
write(store, *facts)
print('written', flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("first", [True, False])
def test_a_writer_killed_at_any_moment_leaves_the_store_as_it_was(path: Path, *, first: bool) -> None:
    if not first:
        with writing(path) as store:
            write(store, *(Facts(f"d{n}", f"{TEXT} {n}") for n in range(5)))
    before = None if first else path.read_bytes()
    outcomes = {"before": 0, "after": 0}
    chance = random.Random(7)
    for delay in (0.0, *(chance.uniform(0, 0.5) for _ in range(5))):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
        if before is None:
            left = "after" if path.exists() else "before"
        else:
            left = "before" if path.read_bytes() == before else "after"
        outcomes[left] += 1
        if left == "after":
            with Store.open(path) as store:
                assert store.orphans() == []
                assert len(store.known_articles()) == (400 if first else 405)
            path.unlink()
            if before is not None:
                path.write_bytes(before)
    with writing(path) as store:
        write(store, Facts("last", f"{TEXT} Last."))
    assert outcomes["before"] > 0
    assert not [item for item in path.parent.iterdir() if "writing" in item.name]
