"""Context: what is read off the text around a name, and what agreement on it is worth."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.context import ContextScorer, Profiles, Surroundings, Topics
from resolver.context.evidence import SAME_ARTICLE_BITS, STORY_BITS
from resolver.model import Chain, Context, Kind, Mention


def mentions(text, *named):
    """Mentions of the given surfaces in the text, in order; ("PER", "X") or "X" for a person."""
    out = []
    for item in named:
        kind, surface = item if isinstance(item, tuple) else ("PER", item)
        for number, found in enumerate(re.finditer(re.escape(surface), text)):
            out.append(Mention(f"{surface}{number}", "a", *found.span(), surface, Kind(kind), 1.0, "given"))
    return sorted(out, key=lambda m: m.start)


def context(text, person, *others):
    found = mentions(text, person, *others)
    return Surroundings(text, found).context([m for m in found if m.surface == person])


@pytest.mark.parametrize(
    ("text", "roles", "places"),
    [
        ("Talks were led by U.S. Middle East envoy Ada Quill shortly after.", {"envoy"}, {"united states"}),
        ("The French envoy, Ada Quill, met them.", {"envoy"}, {"france"}),
        ("Ada Quill, the special envoy for Iran, was late.", {"envoy"}, {"iran"}),
        ("Ada Quill is a lawyer in Nairobi.", {"lawyer"}, {"kenya"}),
        ("Israel's strategic affairs minister, Ada Quill, agreed.", {"minister"}, {"israel"}),
        ("The Omani foreign minister, Sayyid Ada Quill, spoke.", {"foreign minister"}, {"oman"}),
        ("Le ministre français Ada Quill est venu.", {"minister"}, {"france"}),
    ],
)
def test_a_role_and_its_country_are_read_before_and_behind_a_name(text, roles, places):
    found = context(text, "Ada Quill")
    assert roles <= set(found.roles)
    assert places <= set(found.places)


def test_the_role_of_the_person_before_is_not_taken():
    assert context("The envoy Bo Larch told Ada Quill to wait.", "Ada Quill", "Bo Larch").roles == ()


def test_a_verb_behind_a_comma_is_no_description():
    assert context("Ada Quill, carrying papers between them, left.", "Ada Quill").words == ()


def test_the_organisation_of_an_apposition_is_kept():
    text = "Ada Quill, deputy director of the Harbour Board, will travel."
    assert context(text, "Ada Quill", ("ORG", "Harbour Board")).orgs == ("harbour board",)


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("Mr. Quill spoke.", "m"),
        ("Mme Quill parle.", "f"),
        ("Quill spoke. She left. Later Quill said that she had waited.", "f"),
        ("Quill spoke. He left. Later Quill said that she had waited.", ""),
        ("Quill spoke.", ""),
    ],
)
def test_honorifics_and_agreeing_pronouns_tell_the_sex(text, sex):
    assert context(text, "Quill").gender == sex


def test_another_script_in_brackets_is_another_name():
    assert context("Behrouz Arvand (بهروز اروند) came.", "Behrouz Arvand").also == ("بهروز اروند",)


def test_an_explicit_equation_is_another_name():
    assert context("Edson Quill, better known as Zico, scored.", "Edson Quill").also == ("Zico",)


@given(st.text(max_size=300), st.data())
def test_any_text_can_be_read(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    mention = Mention("m", "a", start, end, text[start:end], Kind.PER, 1.0, "given")
    found = Surroundings(text, [mention]).context([mention])
    assert found.gender in ("", "m", "f")


def chain(number, article, name, kind=Kind.PER, **context):
    return Chain(f"c{number}", article, kind, name, (name,), (f"m{number}",), Context(**context))


def scorer(*chains):
    return ContextScorer(Profiles(chains, [[n] for n, c in enumerate(chains) if c.kind == Kind.PER]))


def bits(found, left, right):
    return float(found.bits(np.array([left]), np.array([right]))[0])


def crowd(first):
    """Other people in other articles, so that rarity means something."""
    return [chain(first + i, f"z{i}", f"Other{i} Person{i}", roles=("minister",)) for i in range(40)]


def test_a_rare_shared_role_is_worth_more_than_a_common_one():
    rare = scorer(chain(0, "a", "X", roles=("envoy",)), chain(1, "b", "Y", roles=("envoy",)), *crowd(2))
    common = scorer(
        chain(0, "a", "X", roles=("minister",)), chain(1, "b", "Y", roles=("minister",)), *crowd(2)
    )
    assert bits(rare, 0, 1) > bits(common, 0, 1) >= 0


def test_contradicting_sexes_are_a_hard_limit():
    found = scorer(chain(0, "a", "X", gender="m"), chain(1, "b", "Y", gender="f"))
    assert found.clashes(np.array([0]), np.array([1])).tolist() == [True]
    assert bits(found, 0, 1) < -4


def test_two_full_names_in_one_article_speak_against_one_person():
    found = scorer(chain(0, "a", "Ann Abel"), chain(1, "a", "Bea Cain"))
    assert bits(found, 0, 1) <= SAME_ARTICLE_BITS


def test_articles_that_share_rare_words_speak_for_one_person_and_unrelated_ones_against():
    fillers = [(f"z{i}", f"The council of village{i} met baker{i} about bridge{i}.") for i in range(40)]
    talks = "Mediators Okoro and Lindqvist met the delegation in Zarqala over the Mirabad ferry dispute."
    other = "The striker Bellamy scored twice as Rovers beat Harriers in the snow at Eastfield."
    topics = Topics([("a", talks), ("b", talks + " Nothing was signed."), ("c", other), *fillers])
    chains = [chain(0, "a", "X"), chain(1, "b", "Y"), chain(2, "c", "Z"), *crowd(3)]
    profiles = Profiles(chains, [[0], [1], [2]], topics)
    together, apart = ContextScorer(profiles).terms(np.array([0, 0]), np.array([1, 2]))["story"]
    assert apart < 0 < together <= STORY_BITS[-1]


def test_evidence_is_symmetric_and_its_explanation_adds_up():
    chains = [
        chain(0, "a", "X", roles=("envoy",), places=("iran",), gender="m"),
        chain(1, "b", "Y", roles=("envoy", "lawyer"), places=("iran",), gender="m"),
        chain(2, "a", "Third Man"),
        chain(3, "b", "Third Man"),
        *crowd(4),
    ]
    found = scorer(*chains)
    assert bits(found, 0, 1) == bits(found, 1, 0)
    assert sum(term.bits for term in found.explain(np.array([0]), np.array([1]))[0]) == pytest.approx(
        bits(found, 0, 1)
    )
    assert any("envoy of iran" in term.detail for term in found.explain(np.array([0]), np.array([1]))[0])
