"""Mentions: rules, scan of the table, document pass, plug-ins, and the whole stage."""

from __future__ import annotations

import csv
import itertools
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st
from strategies import articles, texts

from aliases.table import AliasRow, AliasTable, AliasType, EntityRow, Kind, Strength, load_table
from resolver.articles import read_articles
from resolver.errors import SettingsError
from resolver.mentions import (
    EXTRACTORS,
    TableScanner,
    extractor,
    find_mentions,
    given,
    merge_spans,
    person_edges,
    propagate,
    rules,
    scan_table,
)
from resolver.mentions.words import pieces, words
from resolver.model import Article, Span

SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared corpora")
ALL = frozenset(Kind)
PER, ORG, LOC = Kind.PER, Kind.ORG, Kind.LOC

ENTITIES = (
    ("malta", LOC, "Malta"),
    ("jordan", LOC, "Jordan"),
    ("jordan-m", PER, "Mike Jordan"),
    ("sao-paulo", LOC, "São Paulo"),
    ("un", ORG, "United Nations"),
    ("who", ORG, "World Health Organization"),
    ("ruiz", PER, "Ana Ruiz"),
    ("korea", LOC, "South Korea"),
    ("bank", ORG, "Bank of Malta"),
)
ALIASES = (
    ("malta", "Maltese", "adjective", "strong"),
    ("jordan-m", "Jordan", "short", "weak"),
    ("un", "UN", "acronym", "strong"),
    ("who", "WHO", "acronym", "strong"),
    ("ruiz", "Ruiz", "short", "weak"),
    ("ruiz", "A. Ruiz", "short", "strong"),
)


@pytest.fixture(scope="module")
def scanner() -> TableScanner:
    entities = {
        key: EntityRow(entity_id=key, kind=kind, canonical_name=name, source="test")
        for key, kind, name in ENTITIES
    }
    aliases = [
        AliasRow(
            entity_id=key, alias=alias, alias_type=AliasType(kind), strength=Strength(strength), source="test"
        )
        for key, alias, kind, strength in ALIASES
    ]
    return TableScanner(AliasTable(entities=entities, aliases=aliases))


def article(text: str, **more: Any) -> Article:
    return Article(doc_id="x", text=text, **more)


def named(text: str, spans: list[Span]) -> set[tuple[str, str]]:
    return {(str(span.kind), text[span.start : span.end]) for span in spans}


def by_rules(text: str) -> set[tuple[str, str]]:
    return named(text, rules([article(text)])[0])


def spans(text: str, *found: tuple[str, Kind]) -> list[Span]:
    return [Span(text.index(name), text.index(name) + len(name), kind, 0.9, "rules") for name, kind in found]


# ---------------------------------------------------------------- rules


def cases() -> list[tuple[str, str, str, str]]:
    with (Path(__file__).parent / "cases" / "mentions.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["text"], row["people"], row["organisations"], row["places"]) for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(("text", "people", "organisations", "places"), cases())
def test_rules_find_names_without_titles_and_possessives(
    text: str, people: str, organisations: str, places: str
) -> None:
    """A star stands for whatever is found."""
    found = by_rules(text)
    for kind, expected in (("PER", people), ("ORG", organisations), ("LOC", places)):
        names = {name for of, name in found if of == kind}
        assert expected == "*" or names == set(filter(None, expected.split("; "))), kind


@pytest.mark.parametrize("text", ["", "\n\n", "!!!\x00\x07", "-" * 50, "\ufeff", "…“”"])
def test_rules_name_nobody_where_nobody_is_named(text: str) -> None:
    assert not {name for kind, name in by_rules(text) if kind == "PER"}


def test_all_places_of_a_form_are_judged_together() -> None:
    text = "Dr. Chen left early. The table was set for Chen and others."
    assert [text[s.start : s.end] for s in rules([article(text)])[0] if s.kind is PER] == ["Chen", "Chen"]


def test_capitals_of_a_headline_say_nothing() -> None:
    assert by_rules("Talks Resume After Long Break In Capital\n\nThey met at noon.") == set()


@forall(texts)
def test_spans_of_rules_are_inside_the_text_sorted_and_apart(text: str) -> None:
    found = rules([article(text)])[0]
    ends = [at for span in found for at in (span.start, span.end)]
    assert ends == sorted(ends)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(0 < span.confidence <= 1 for span in found)


@forall(texts, st.integers(1, 50))
def test_pieces_make_up_the_text(text: str, size: int) -> None:
    found = list(pieces(text, size))
    assert "".join(piece for _, piece in found) == text
    assert all(text.startswith(piece, start) and 0 < len(piece) <= size for start, piece in found)


@forall(texts)
def test_words_point_at_themselves(text: str) -> None:
    assert all(text[word.start : word.end] == word.text for word in words(text))


def test_a_long_line_is_judged_in_linear_time(scanner: TableScanner) -> None:
    lines = (
        "Ana Ruiz said " * 10_000,
        "A" * 2_000_000,
        "a-" * 1_000_000,
        "A. " * 50_000,
        "A " * 50_000,
        "“" * 50_000,
    )
    find_mentions([article(line) for line in lines], extractor=rules, scanner=scanner, kinds=ALL)


# ---------------------------------------------------------------- scan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Malta and SAO PAULO.", {("LOC", "Malta"), ("LOC", "SAO PAULO")}),
        ("The Maltese in Maltaville said malta.", set()),
        ("UN, un, Un; WHO asks who?", {("ORG", "UN"), ("ORG", "WHO")}),
        ("The Bank of Malta closed.", {("ORG", "Bank of Malta")}),
        ("The Malta-UN talks, Malta's own", {("LOC", "Malta"), ("ORG", "UN")}),
        ("pre-Malta_ 3Malta Malta2", set()),
    ],
)
def test_aliases_are_found_on_word_boundaries_in_their_case_or_all_capitals(
    scanner: TableScanner, text: str, expected: set[tuple[str, str]]
) -> None:
    assert named(text, scan_table(text, scanner)) == expected


def test_a_word_that_is_also_an_acronym_is_weak_between_capitals(scanner: TableScanner) -> None:
    sources = {
        text: [span.source for span in scan_table(text, scanner)] for text in ("ASK WHO PAYS", "the WHO pays")
    }
    assert sources == {"ASK WHO PAYS": ["table-weak"], "the WHO pays": ["table"]}


def test_a_weak_alias_is_vouched_for_by_a_strong_one_in_the_same_text(scanner: TableScanner) -> None:
    assert [span.source for span in scan_table("Then Ruiz left.", scanner)] == ["table-weak"]
    assert [span.source for span in scan_table("Ana Ruiz came. Then Ruiz left.", scanner)] == [
        "table",
        "table",
    ]


def test_an_alias_of_two_kinds_means_its_strong_one(scanner: TableScanner) -> None:
    ((start, end, kind, *_),) = scan_table("in Jordan", scanner)
    assert (start, end, kind) == (3, 9, LOC)


@forall(texts)
def test_scanned_spans_are_inside_the_text_sorted_and_apart(scanner: TableScanner, text: str) -> None:
    ends = [at for span in scan_table(text, scanner) for at in (span.start, span.end)]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(text) for at in ends)


def test_the_packaged_table_can_be_scanned_for() -> None:
    text = "She flew from France to Japan."
    assert {("LOC", "France"), ("LOC", "Japan")} <= named(text, scan_table(text, TableScanner(load_table())))


# ---------------------------------------------------------------- document pass


def test_the_longest_span_wins_and_the_table_wins_among_equals(scanner: TableScanner) -> None:
    text = "The Bank of Malta in South Korea."
    found = spans(text, ("Malta", PER), ("South Korea", PER))
    assert named(text, merge_spans(text, found, scan_table(text, scanner))) == {
        ("ORG", "Bank of Malta"),
        ("LOC", "South Korea"),
    }


def test_a_weak_hit_counts_only_where_the_extractor_found_it_too(scanner: TableScanner) -> None:
    text = "Then Ruiz left."
    hits = scan_table(text, scanner)
    assert merge_spans(text, [], hits) == []
    assert named(text, merge_spans(text, spans(text, ("Ruiz", PER)), hits)) == {("PER", "Ruiz")}


def test_a_place_in_front_of_a_full_name_is_cut_off(scanner: TableScanner) -> None:
    text = "The speaker of South Korea Lu Jingze and Jordan Pickering spoke."
    found = spans(text, ("South Korea Lu Jingze", PER), ("Jordan Pickering", PER))
    merged = merge_spans(text, found, scan_table(text, scanner))
    assert named(text, merged) == {("LOC", "South Korea"), ("PER", "Lu Jingze"), ("PER", "Jordan Pickering")}


def test_a_part_of_a_full_name_stays_a_person_where_the_extractor_said_so(scanner: TableScanner) -> None:
    text = "Mike Jordan flew off. In Malta nobody knew Jordan."
    found = [*spans(text, ("Mike Jordan", PER)), Span(text.rindex("Jordan"), len(text) - 1, PER, 0.9)]
    merged = merge_spans(text, found, scan_table(text, scanner))
    assert [(str(s.kind), text[s.start : s.end]) for s in merged] == [
        ("PER", "Mike Jordan"),
        ("LOC", "Malta"),
        ("PER", "Jordan"),
    ]


def test_a_place_that_the_table_takes_for_one_weakly_is_none_of_the_people() -> None:
    row = EntityRow(entity_id="x", kind=LOC, canonical_name="Lincoln City", source="test")
    weak = AliasRow(
        entity_id="x", alias="Lincoln", alias_type=AliasType.SHORT, strength=Strength.WEAK, source="test"
    )
    text = "They blamed Lincoln for it."
    hits = scan_table(text, TableScanner(AliasTable(entities={"x": row}, aliases=[weak])))
    assert named(text, merge_spans(text, spans(text, ("Lincoln", PER)), hits)) == {("LOC", "Lincoln")}


def test_kinds_are_voted_on_across_the_article() -> None:
    text = "Karaova won. Karaova lost. Karaova."
    found = [Span(0, 7, ORG, 0.9), Span(13, 20, PER, 0.6), Span(27, 34, ORG, 0.5)]
    assert {span.kind for span in merge_spans(text, found, [])} == {ORG}


def test_a_surname_is_the_person_unless_the_extractor_is_sure_of_another_kind() -> None:
    text = "Ann Kwon spoke. Kwon left."
    for kind, confidence, agreed in ((ORG, 0.8, PER), (ORG, 0.99, ORG), (LOC, 0.8, PER), (LOC, 0.95, LOC)):
        found = [Span(0, 8, PER, 0.99, "tagger"), Span(16, 20, kind, confidence, "tagger")]
        assert [span.kind for span in merge_spans(text, found, [])] == [PER, agreed]


def test_what_the_tagger_doubts_is_left_out_but_not_what_a_full_name_holds() -> None:
    text = "Ann Kwon, Kwon, Delia and Semey"
    full, part, word, place = Span(0, 8, PER), Span(10, 14, PER), Span(16, 21, PER), Span(26, 31, LOC)
    for source, kept in (("tagger", [full, part]), ("rules", [full, part, word, place])):
        sure = full._replace(confidence=0.9, source=source)
        found = [sure, *(span._replace(confidence=0.6, source=source) for span in (part, word, place))]
        assert [span[:3] for span in merge_spans(text, found, [])] == [span[:3] for span in kept]


def test_the_short_form_of_an_organisation_is_no_person() -> None:
    text = "Hongda Group fell. Hongda said so. Viktor Lagutin of Lagutin Metals left; Lagutin said so."
    found = spans(text, ("Hongda Group", ORG), ("Lagutin Metals", ORG), ("Viktor Lagutin", PER))
    found += [
        Span(text.rindex(name), text.rindex(name) + len(name), PER, 0.9) for name in ("Hongda", "Lagutin")
    ]
    kinds = [(span.kind, text[span.start : span.end]) for span in merge_spans(text, found, [])]
    assert kinds == [
        (ORG, "Hongda Group"),
        (ORG, "Hongda"),
        (PER, "Viktor Lagutin"),
        (ORG, "Lagutin Metals"),
        (PER, "Lagutin"),
    ]


@pytest.mark.parametrize(
    ("text", "found", "more"),
    [
        ("Jared Kushner came. Later Kushner left.", [("Jared Kushner", PER)], {"Kushner"}),
        ("Jared Kushner came. “Jared said so.”", [("Jared Kushner", PER)], {"Jared"}),
        (
            "Hugo van Ravenswaaij came. Van Ravenswaaij left.",
            [("Hugo van Ravenswaaij", PER)],
            {"Van Ravenswaaij"},
        ),
        (
            "In the time of de Villemorin. Anne de Villemorin.",
            [("Anne de Villemorin", PER)],
            {"de Villemorin"},
        ),
        ("Nurul Izzah Roslan came. Nurul Izzah left.", [("Nurul Izzah Roslan", PER)], {"Nurul Izzah"}),
        ("HAREVEN FORMS CABINET\nAmnon Hareven spoke.", [("Amnon Hareven", PER)], {"HAREVEN"}),
        ("Havenpay fell. The founder of Havenpay left.", [("Havenpay", ORG)], {"Havenpay"}),
        ("Theresa May came. It may rain in May.", [("Theresa May", PER)], set()),
        ("Bob Hope came. They Hope for peace.", [("Bob Hope", PER)], set()),
        ("Mike Jordan flew to Jordan, and Jordan it was.", [("Mike Jordan", PER), ("Jordan,", LOC)], set()),
        ("Jared Kushner left the Kushner Companies.", [("Jared Kushner", PER)], set()),
        ("Anna Dolfin lived in Venice. The ship Anna sank.", [("Anna Dolfin", PER)], set()),
        ("Hareven Talks Resume After Break\nAmnon Hareven spoke.", [("Amnon Hareven", PER)], {"Hareven"}),
        ("Amnon Hareven spoke. The Hareven cabinet met.", [("Amnon Hareven", PER)], {"Hareven"}),
        ("Amnon Hareven spoke. They drove a Hareven Prize home.", [("Amnon Hareven", PER)], set()),
        ("Amnon Hareven founded the Hareven prize.", [("Amnon Hareven", PER)], set()),
        ("Jared Kushner spoke of kushner and Kushnerism.", [("Jared Kushner", PER)], set()),
        ("nobody", [], set()),
    ],
)
def test_parts_of_full_names_are_mentions_and_other_words_are_not(
    text: str, found: list[tuple[str, Kind]], more: set[str]
) -> None:
    before = spans(
        text,
        *((name.rstrip(","), kind) if name != "Jordan," else ("to Jordan", kind) for name, kind in found),
    )
    before = [
        span._replace(start=span.start + 3) if text[span.start :].startswith("to ") else span
        for span in before
    ]
    fresh = [span for span in propagate(text, before) if span.source == "propagated"]
    assert {text[span.start : span.end] for span in fresh if span.kind is not LOC} == more


@forall(texts)
def test_the_document_pass_keeps_spans_sorted_and_apart(scanner: TableScanner, text: str) -> None:
    merged = merge_spans(text, rules([article(text)])[0], scan_table(text, scanner))
    ends = [at for span in propagate(text, merged) for at in (span.start, span.end)]
    assert ends == sorted(ends)


# ---------------------------------------------------------------- the stage


@forall(articles())
def test_given_spans_come_out_untouched(scanner: TableScanner, item: Article) -> None:
    (mentions,) = find_mentions([item], extractor=given, scanner=scanner, kinds=ALL)
    assert tuple((m.start, m.end, m.kind) for m in mentions) == tuple(s[:3] for s in item.given or ())


@forall(st.lists(articles(), max_size=3))
def test_mentions_point_at_their_surface_and_avoid_boilerplate(
    scanner: TableScanner, items: list[Article]
) -> None:
    together = find_mentions(items, extractor=rules, scanner=scanner, kinds=ALL)
    for item, mentions in zip(items, together, strict=True):
        assert mentions == find_mentions([item], extractor=rules, scanner=scanner, kinds=ALL)[0]
        assert len({mention.mention_id for mention in mentions}) == len(mentions)
        for mention in mentions:
            assert item.text[mention.start : mention.end] == mention.surface
            assert mention.article_id == item.article_id
            assert all(mention.end <= start or end <= mention.start for start, end in item.boilerplate)


def test_only_the_kinds_asked_for_come_out(scanner: TableScanner) -> None:
    text = "Ana Ruiz of the UN met Omar Sabti in Malta. Then Sabti left."
    item = article(text)
    (people,) = find_mentions([item], extractor=rules, scanner=scanner, kinds=frozenset({PER}))
    assert [m.surface for m in people] == ["Ana Ruiz", "Omar Sabti", "Sabti"]
    (everything,) = find_mentions([item], extractor=rules, scanner=None, kinds=ALL)
    assert {("LOC", "Malta"), ("ORG", "UN")} <= {(str(m.kind), m.surface) for m in everything}


def test_a_text_of_other_script_or_none_is_no_trouble(scanner: TableScanner) -> None:
    for text in (
        "中国国家主席在北京会见了外国代表团。",
        "\x00\x01\x02",
        " ",
        "АННА КАРЕНИНА",
        "ALL IN CAPITALS HERE",
    ):
        find_mentions([article(text)], extractor=rules, scanner=scanner, kinds=ALL)


# ---------------------------------------------------------------- extractors by name


@pytest.mark.parametrize("name", ["rule", "", "spacy", "spacy:", "gliner:", "x:y"])
def test_an_unknown_extractor_is_refused_with_the_choices(name: str) -> None:
    with pytest.raises(
        SettingsError, match="expected one of rules, given, tagger, spacy:MODEL, gliner:MODEL"
    ):
        extractor(name)


def test_built_in_extractors_are_found_by_name() -> None:
    assert extractor("rules") is rules
    assert extractor("given") is given
    assert set(EXTRACTORS) == {"rules", "given", "tagger"}


@pytest.mark.parametrize("package", ["spacy", "gliner"])
def test_a_plug_in_that_is_not_installed_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SettingsError, match=rf"pip install 'alias-resolver\[{package}\]'"):
        extractor(f"{package}:model")


def test_the_tagger_gets_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    tagger = SimpleNamespace(Tagger=lambda: lambda texts: [[Span(0, len(text), PER)] for text in texts])
    monkeypatch.setitem(sys.modules, "resolver.tagger", tagger)
    assert extractor("tagger")([article("Ana"), article("Jo")]) == [[Span(0, 3, PER)], [Span(0, 2, PER)]]


def test_entities_of_a_spacy_pipeline_become_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipeline:
        max_length = 3

        def __call__(self, text: str) -> SimpleNamespace:
            found = (("Ana", "PERSON"), ("Malta", "GPE"), ("Monday", "DATE"))
            ents = [
                SimpleNamespace(
                    start_char=text.index(name), end_char=text.index(name) + len(name), label_=label
                )
                for name, label in found
            ]
            return SimpleNamespace(ents=ents)

    monkeypatch.setitem(sys.modules, "spacy", SimpleNamespace(load=lambda _: Pipeline()))
    ((ana, malta),) = extractor("spacy:any")([article("Ana left Malta on Monday")])
    assert ana == Span(0, 3, PER, 1.0, "spacy:any")
    assert (malta.start, malta.kind) == (9, LOC)


def test_a_spacy_pipeline_that_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: str) -> None:
        raise OSError("[E050]\nlong story")

    monkeypatch.setitem(sys.modules, "spacy", SimpleNamespace(load=load))
    with pytest.raises(SettingsError, match="python -m spacy download nope"):
        extractor("spacy:nope")


def test_a_real_spacy_pipeline_with_a_ruler_can_be_plugged_in(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    patterns = [{"label": "PERSON", "pattern": "Sheikh Ana Ruiz"}, {"label": "GPE", "pattern": "Malta"}]
    pipeline.add_pipe("entity_ruler").add_patterns(patterns)
    pipeline.to_disk(tmp_path / "model")
    plugged = extractor(f"spacy:{tmp_path / 'model'}")
    ((person, place),) = plugged([article("Then Sheikh Ana Ruiz left Malta.")])
    assert (person.start, person.end, person.kind) == (5, 20, PER)
    assert (place.start, place.end, place.kind) == (26, 31, LOC)
    (mentions,) = find_mentions(
        [article("Then Sheikh Ana Ruiz left Malta.")], extractor=plugged, scanner=None, kinds=ALL
    )
    assert [mention.surface for mention in mentions] == ["Ana Ruiz", "Malta"]


def test_gliner_is_given_pieces_and_its_places_are_moved_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        def predict_entities(self, text: str, labels: list[str]) -> list[dict[str, Any]]:
            assert len(text) <= 1_000
            assert labels == ["person", "organization", "location"]
            at = text.find("Ana")
            return [] if at < 0 else [{"start": at, "end": at + 3, "label": "person", "score": 0.7}]

    fake = SimpleNamespace(GLiNER=SimpleNamespace(from_pretrained=lambda _: Model()))
    monkeypatch.setitem(sys.modules, "gliner", fake)
    text = "word " * 900 + "Ana left."
    ((span,),) = extractor("gliner:any")([article(text)])
    assert (text[span.start : span.end], span.confidence) == ("Ana", 0.7)


def test_a_gliner_model_that_is_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: str) -> None:
        raise OSError("no such model")

    monkeypatch.setitem(sys.modules, "gliner", SimpleNamespace(GLiNER=SimpleNamespace(from_pretrained=load)))
    with pytest.raises(SettingsError, match="'nope' that can be loaded"):
        extractor("gliner:nope")


# ---------------------------------------------------------------- edges of people's names


def edged(text: str, *names: str) -> list[str]:
    """The people of a text once the edges of the `names` found in it are right."""
    spans = [Span(text.index(name), text.index(name) + len(name), PER) for name in names]
    return [text[span.start : span.end] for span in person_edges(text, spans)]


@pytest.mark.parametrize(
    ("text", "found", "right"),
    [
        ("Talks with Sheikh Nasser al-Qadri.", ["Sheikh Nasser al-Qadri"], ["Nasser al-Qadri"]),
        ("Talks with Tan Sheikh.", ["Tan Sheikh"], ["Tan Sheikh"]),
        ("Bishop Sees was out.", ["Bishop Sees"], ["Bishop Sees"]),
        ("the Cuban Ana Matamoros Paz won", ["Cuban Ana Matamoros Paz"], ["Ana Matamoros Paz"]),
        ("Kenya\nK. Modi c Sumon b Saiful 12", ["Modi c Sumon b Saiful"], ["K. Modi", "Sumon", "Saiful"]),
        ("by S. P. Elangovan", ["Elangovan"], ["S. P. Elangovan"]),
        ("in Plan B. Smith said no", ["Smith"], ["Smith"]),
        ("from Washington D.C. Smith left", ["Smith"], ["Smith"]),
        ("Ana Ruiz-Paz left", ["Ana Ruiz"], ["Ana Ruiz-Paz"]),
        ("the Ruiz-backed plan", ["Ruiz"], ["Ruiz"]),
        ("Castle-Regős, drawn", ["Castle", "Regős"], ["Castle", "Regős"]),
        ("K.J. Hwang led", ["K.J", "Hwang"], ["K.J. Hwang"]),
        ("APOEL - Andros Christofi", ["APOEL - Andros Christofi"], ["Andros Christofi"]),
        ("TENNIS-LIU THROUGH", ["TENNIS-LIU"], ["LIU"]),
        ("said Sheikh on Sunday", ["Sheikh"], []),
        ("by H.E. Keo Sreyvatey", ["H.E. Keo Sreyvatey"], ["Keo Sreyvatey"]),
        ("by H.E. Keo Sreyvatey", ["Keo Sreyvatey"], ["Keo Sreyvatey"]),
        ("by Nur A. A., Odongo J.", ["Nur A. A", "Odongo J"], ["Nur A. A.", "Odongo J."]),
        ("She met Malcolm X.", ["Malcolm X"], ["Malcolm X"]),
        ("Q. And the bass?\nA. Zavadsky?", ["Zavadsky"], ["Zavadsky"]),
        ("Bass:\nA. Zavadsky", ["Zavadsky"], ["A. Zavadsky"]),
        ("1. DRAGNEA-POP, Aurel (Ruritania)", ["DRAGNEA-POP", "Aurel"], ["DRAGNEA-POP, Aurel"]),
        ("LEE, S. H., 3rd", ["LEE", "S. H."], ["LEE, S. H."]),
        ("MODI, KHAN, RUIZ WIN", ["MODI", "KHAN", "RUIZ"], ["MODI", "KHAN", "RUIZ"]),
        ("Lee, Ana and Jo", ["Lee", "Ana"], ["Lee", "Ana"]),
        ("he said that Jean\nDupont had left.", ["Jean", "Dupont"], ["Jean\nDupont"]),
        ("he was with Jean\n\nDupont had left.", ["Jean", "Dupont"], ["Jean", "Dupont"]),
        ("Photo: Jean\nDupont had left.", ["Jean", "Dupont"], ["Jean", "Dupont"]),
        ("menu, with Jean\nDupont", ["Jean", "Dupont"], ["Jean", "Dupont"]),
        ("José Lima e Silva, a painter", ["José Lima e Silva"], ["José Lima e Silva"]),
    ],
)
def test_a_person_begins_and_ends_where_the_name_does(text: str, found: list[str], right: list[str]) -> None:
    assert edged(text, *found) == right


@forall(st.data())
def test_edges_stay_inside_the_text_sorted_and_apart(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="AbZ .-'b\n", max_size=60))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(a, b, PER) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    found = person_edges(text, spans)
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))


# ---------------------------------------------------------------- on real texts


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("name", ["rules", "tagger"])
def test_the_people_of_the_seed_articles_are_found_and_no_headline_becomes_one(name: str) -> None:
    items = [item for item in read_articles([str(SHARED / "seeds")]) if isinstance(item, Article)]
    scanner = TableScanner(load_table())
    found = find_mentions(items, extractor=extractor(name), scanner=scanner, kinds=ALL)
    surfaces: dict[Kind, set[str]] = {
        kind: {m.surface for ms in found for m in ms if m.kind is kind} for kind in Kind
    }
    full = (
        "Suleiman Basharat; Steve Weitekamp; Ron Dermer; Benjamin Netanyahu; Hassan Nasrallah; Steve Witkoff"
    )
    full += "; Jared Kushner; Vladimir Putin; Volodymyr Zelenskyy"
    bare = "Basharat; Weitekamp; Netanyahu; Nasrallah; Witkoff; Kushner; Putin; Arafat; Trump"
    assert surfaces[PER] == {*full.split("; "), *bare.split("; ")}
    assert {"Hamas", "Hezbollah", "UN"} <= surfaces[ORG]
    assert {"Israel", "Iran", "Qatar"} <= surfaces[LOC]


@pytest.mark.shared
@needs_shared
def test_rules_and_table_keep_their_quality_on_the_newsroom() -> None:
    lines = (SHARED / "newsroom" / "train.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    items = [article(row["text"]) for row in rows]
    found = find_mentions(items, extractor=rules, scanner=TableScanner(load_table()), kinds=ALL)
    for kind, least in ((PER, 0.9), (ORG, 0.62), (LOC, 0.8)):
        gold = {
            (n, m["start"], m["end"])
            for n, row in enumerate(rows)
            for m in row["mentions"]
            if m["type"] == kind
        }
        got = {(n, m.start, m.end) for n, mentions in enumerate(found) for m in mentions if m.kind is kind}
        assert 2 * len(gold & got) / (len(gold) + len(got)) >= least, kind
