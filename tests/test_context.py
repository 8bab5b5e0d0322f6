"""Context: what is read off the text around a name, and what agreement on it is worth."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.clusters import Unit, Weights
from resolver.context import Profiles, Surroundings, Topics, load_model, read_words
from resolver.model import Chain, Context, Kind, Mention
from resolver.names import parse_name


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
        ("The Qatari Ada Quill left.", set(), {"qatar"}),
        ("The young Indian, Ada Quill, won.", set(), {"india"}),
        ("Ada Quill, who served as ambassador to Kenya, left.", {"ambassador"}, {"kenya"}),
        ("Ada Quill was elected mayor on Monday.", {"mayor"}, set()),
        ("Ada Quill left at noon. She is a lawyer in Nairobi.", {"lawyer"}, {"kenya"}),
    ],
)
def test_a_role_and_its_country_are_read_before_and_behind_a_name(text, roles, places):
    found = context(text, "Ada Quill")
    assert roles <= set(found.roles)
    assert places <= set(found.places)


def test_the_role_of_the_person_before_is_not_taken():
    assert context("The envoy Bo Larch told Ada Quill to wait.", "Ada Quill", "Bo Larch").roles == ()


def test_an_office_is_not_taken_from_whoever_acts_on_a_person():
    assert context("Ada Quill was led away in silence by the captain.", "Ada Quill").roles == ()


def test_the_pronoun_behind_two_people_is_nobodys():
    assert context("Bo Larch met Ada Quill. She is a lawyer.", "Ada Quill", "Bo Larch").roles == ()


@pytest.mark.parametrize("text", ["Freeland’s Ada Quill won.", "Ada Quill of Freeland won."])
def test_a_place_that_owns_a_name_is_kept(text):
    assert context(text, "Ada Quill", ("LOC", "Freeland")).places == ("freeland",)


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
        ("Her husband Quill spoke.", "m"),
        ("Margaret Quill spoke.", "f"),
        ("Quill spoke.", ""),
        ("Quill spoke. Later she left.", "f?"),
    ],
)
def test_honorifics_and_agreeing_pronouns_tell_the_sex(text, sex):
    assert context(text, "Margaret Quill" if "Margaret" in text else "Quill").gender == sex


def test_another_script_in_brackets_is_another_name():
    assert context("Behrouz Arvand (بهروز اروند) came.", "Behrouz Arvand").also == ("بهروز اروند",)


def test_kin_are_named_as_other_people():
    text = "Ada Quill came with her brother, Bo Larch."
    assert context(text, "Ada Quill", "Bo Larch").kin == ("bo larch",)
    assert context(text, "Bo Larch", "Ada Quill").kin == ("ada quill",)


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
    assert found.gender in ("", "m", "f", "m?", "f?")


def chain(number, article, name, kind=Kind.PER, **context):
    return Chain(f"c{number}", article, kind, name, (name,), (f"m{number}",), Context(**context))


def weights(chains, texts=()):
    """Weights of units of one chain each; articles without a text hold only their own id."""
    told = {c.article_id: f"Nothing else stands in {c.article_id}." for c in chains} | dict(texts)
    profiles = Profiles(chains, [[n] for n in range(len(chains))], Topics(read_words(sorted(told.items()))))
    surfaces = list(dict.fromkeys(c.name for c in chains))
    names = [parse_name(surface, chains[0].kind) for surface in surfaces]
    number = [surfaces.index(c.name) for c in chains]
    units = [Unit(number[n], (n,), names[number[n]].weak) for n in range(len(chains))]
    return Weights(names, units, 0.0, [""] * len(chains), profiles=profiles)


def bits(found, left, right):
    return float(found.bits(np.array([left]), np.array([right]))[0])


def crowd(first):
    """Other people in other articles, so that rarity means something."""
    return [chain(first + i, f"z{i}", f"Other{i} Person{i}", roles=("minister",)) for i in range(40)]


def test_a_shared_role_is_worth_more_than_two_roles_that_differ():
    def pair(role):
        found = weights(
            [
                chain(0, "a", "Ann Abel", roles=("envoy",)),
                chain(1, "b", "Ann Abbel", roles=(role,)),
                *crowd(2),
            ]
        )
        return bits(found, 0, 1)

    assert pair("envoy") > pair("goalkeeper")


def test_contradicting_sexes_are_a_hard_limit():
    found = weights([chain(0, "a", "Kim Abel", gender="m"), chain(1, "b", "Kim Abel", gender="f")])
    assert found.apart(np.array([0]), np.array([1])).tolist() == [True]


def test_two_full_names_in_one_article_speak_against_one_person():
    chains = [chain(0, "a", "Ann Abel"), chain(1, "a", "Ann Abel"), chain(2, "b", "Ann Abel")]
    found = weights(chains)
    assert bits(found, 0, 1) < bits(found, 0, 2) - 8


def test_articles_that_share_rare_words_speak_for_one_person_and_unrelated_ones_against():
    talks = "Mediators Okoro and Lindqvist met the delegation in Zarqala over the Mirabad ferry dispute."
    other = "The striker Bellamy scored twice as Rovers beat Harriers in the snow at Eastfield."
    texts = {"a": talks, "b": talks + " Nothing was signed.", "c": other}
    chains = [chain(n, article, "Li Na") for n, article in enumerate("abc")]
    found = weights([*chains, *crowd(3)], texts)
    assert bits(found, 0, 1) > bits(found, 0, 2) + 2


def test_evidence_is_symmetric_and_its_explanation_adds_up():
    chains = [
        chain(0, "a", "Jean Abel", roles=("envoy",), places=("iran",), gender="m"),
        chain(1, "b", "Jan Abell", roles=("envoy", "lawyer"), places=("iran",), gender="m"),
        chain(2, "a", "Third Man"),
        chain(3, "b", "Third Man"),
        *crowd(4),
    ]
    found = weights(chains)
    left, right = np.array([0, 2, 0]), np.array([1, 3, 2])
    assert found.bits(left, right) == pytest.approx(found.bits(right, left))
    totals = [sum(term.bits for term in terms) for terms in found.explain(left, right)]
    # terms below the smallest that is shown are left out
    assert totals == pytest.approx(found.bits(left, right).tolist(), abs=0.3)


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", "m", "f"])), min_size=2, max_size=8))
def test_evidence_is_bounded_whatever_is_shared(spec):
    roles = ("envoy", "minister", "judge", "captain")
    chains = [
        chain(
            n,
            f"a{n}",
            f"Name{n} Sur{n % 3}",
            roles=roles[: size % 5],
            orgs=tuple(f"o{i}" for i in range(size)),
            gender=sex,
        )
        for n, (size, sex) in enumerate(spec)
    ]
    left, right = np.triu_indices(len(chains), 1)
    most = sum(np.abs(column).max() for column in load_model().pairs.bits.values()) + 15
    assert np.all(np.abs(weights(chains).bits(left, right)) <= most)


def test_a_small_corpus_knows_common_words_from_the_background():
    texts = {
        "a": "The government said on Monday that talks failed.",
        "b": "The government said on Monday that rain fell.",
    }
    topics = Topics(read_words(sorted(texts.items())))
    assert topics.overlap(np.array([0]), np.array([1]))[0] < 0.35 * topics.norm[0] * topics.norm[1]


def test_neighbours_are_articles_that_share_rare_words():
    texts = {
        f"a{n}": f"Common words fill article number{n} about weather{n} and market{n}." for n in range(30)
    }
    texts["a3"] += " Zarqala mediators Okoro Lindqvist Mirabad ferry."
    texts["a7"] += " Zarqala mediators Okoro Lindqvist Mirabad ferry."
    topics = Topics(read_words(sorted(texts.items())))
    left, right, cosine = topics.neighbours(least=0.1, most=8)
    pairs = {tuple(sorted((topics.number["a3"], topics.number["a7"])))}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == pairs
    assert (cosine <= 1).all()


def test_whether_two_chains_stand_in_one_story_is_told_in_words():
    talks = "Mediators Okoro and Lindqvist met the delegation in Zarqala over the Mirabad ferry dispute."
    other = "The striker Bellamy scored twice as Rovers beat Harriers in the snow at Eastfield."
    texts = {"a": talks, "b": talks + " Nothing was signed.", "c": other}
    chains = [chain(n, article, "L. Na" if article == "c" else "Li Na") for n, article in enumerate("abc")]
    found = weights([*chains, *crowd(3)], texts)
    one, two = found.explain(np.array([0, 0]), np.array([1, 2]))
    assert [e.value for e in one if e.feature == "context: one story or two"] == ["one"]
    assert [e.value for e in two if e.feature == "context: one story or two"] == ["two, one of 1 article"]
    assert [e.value for e in two if e.feature == "initials"] == ["fit"]
    measured = found.measures(np.array([0, 0]), np.array([1, 2]))
    assert measured["tales"].tolist() == [3, 0]
