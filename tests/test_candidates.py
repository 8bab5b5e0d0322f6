"""Candidates: which names meet, under which key, and what is capped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.candidates import candidate_pairs, candidates_of_columns, shared_keys
from resolver.columns import columns_of_names
from resolver.edits import near_tokens
from resolver.model import Kind
from resolver.names import parse_name
from resolver.skeletons import skeletons

NAMES = st.lists(
    st.lists(
        st.sampled_from("Steve Witkoff Vitkov Weitekamp J. Ann Anne Smith Smyth al Abu 习近平".split()),
        max_size=4,
    ).map(" ".join),
    unique=True,
    max_size=12,
)


def pairs(names, **options):
    found = candidate_pairs([parse_name(name) for name in names], **options)
    return {(names[i], names[j]) for i, j in zip(found.left.tolist(), found.right.tolist(), strict=True)}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Steve Witkoff", "Steve Weitekamp"),
        ("Steve Witkoff", "Steve Whitcoff"),
        ("Steve Witkoff", "Steve Wittkopf"),
        ("Steve Witkoff", "Steve Vitkov"),
        ("Steve Witkoff", "S. Witkoff"),
        ("Steve Witkoff", "Witkoff"),
        ("Witkoff", "Vitkov"),
        ("Mohammed al-Sayed", "Muhamed Elsayid"),
        ("Bob Menendez", "Robert Menendez"),
    ],
)
def test_names_that_may_be_one_meet(left, right):
    assert shared_keys(parse_name(left), parse_name(right))


def test_names_with_nothing_in_common_do_not_meet():
    assert shared_keys(parse_name("Steve Witkoff"), parse_name("Ann Moore")) == ()


@settings(max_examples=100, deadline=None)
@given(NAMES)
def test_pairs_are_ordered_and_unique_and_have_a_key(names):
    found = candidate_pairs([parse_name(name) for name in names])
    assert (found.left < found.right).all()
    codes = found.left * len(names) + found.right
    assert (np.diff(codes) > 0).all()
    assert all(found.keys_of(at) for at in range(len(found.left)))


@settings(max_examples=50, deadline=None)
@given(NAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_names_does_not_matter(names, random):
    shuffled = list(names)
    random.shuffle(shuffled)
    assert {frozenset(pair) for pair in pairs(names)} == {frozenset(pair) for pair in pairs(shuffled)}


def test_a_block_of_equal_surnames_is_capped_and_reported():
    names = [parse_name(f"{a}{b} Smith") for a in "bcdfg" for b in "aeiou"]
    found = candidate_pairs(names, block_cap=3)
    assert len(found.left) < 25 * 24 / 2
    assert "more than 3" in found.report[0]


def test_a_long_list_takes_narrow_keys(monkeypatch):
    monkeypatch.setattr("resolver.candidates.MANY", 1)
    names = [parse_name(text) for text in ("Steve Witkoff", "Steve Vitkov", "Ann Moore", "S. Witkoff")]
    found = candidates_of_columns(columns_of_names(names))
    assert (0, 1) in set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert (0, 3) in set(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_no_names_give_no_pairs():
    assert len(candidate_pairs([]).left) == 0
    assert len(candidate_pairs([parse_name("")]).left) == 0


def test_an_acronym_meets_its_organisation():
    names = [parse_name(text, Kind.ORG) for text in ("World Health Organization", "WHO", "Acme")]
    found = candidate_pairs(names)
    assert found.keys_of(0) == ("acronym",)
    assert (found.left.tolist(), found.right.tolist()) == ([0], [1])


def test_skeletons_merge_what_transliteration_confuses():
    codes, _ = skeletons(["witkoff", "vitkov", "whitcoff", "weitekamp"])
    assert len(set(codes[:3].tolist())) == 1
    assert codes[3] != codes[0]


def test_a_long_list_compares_only_names_with_like_letters(monkeypatch):
    monkeypatch.setattr("resolver.candidates.MANY", 1)
    names = ("Steve Witkoff", "Steve Witkof", "Steve Brandenburg")
    assert pairs(names) == {("Steve Witkoff", "Steve Witkof")}


def test_pairs_under_two_keys_come_once(monkeypatch):
    monkeypatch.setattr("resolver.candidates.MANY", 1)
    found = candidate_pairs([parse_name("Steve Witkoff"), parse_name("Steve Witkov")])
    assert (found.left.tolist(), found.right.tolist()) == ([0], [1])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Tariq Solir", "Tarik Sohir"),  # a letter replaced, the other token respelled
        ("Jean Snowden", "J. Snovden"),
        ("J. Snowden", "Jean Snowden"),
        ("Florindo Madonna", "Florindo Maonna"),
        ("Jan Snowden", "Jan Snwoden"),
    ],
)
def test_misspelt_names_of_a_long_list_meet(monkeypatch, left, right):
    monkeypatch.setattr("resolver.candidates.MANY", 1)
    names = ("Ann Moore", left, right, "Bertold Sohner")
    columns = columns_of_names([parse_name(name) for name in names])
    found = candidates_of_columns(columns, misspelt=True)
    assert (1, 2) in set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert all((a, b) == (1, 2) for a, b in zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_what_a_misspelt_name_could_be_is_capped_and_reported(monkeypatch):
    monkeypatch.setattr("resolver.candidates.MANY", 1)
    monkeypatch.setattr("resolver.edits.MOST_NAMES", 2)
    names = [parse_name(f"Jan {letter}. Snowden") for letter in "ABCDEFGH"] + [parse_name("Jan Snwoden")]
    found = candidates_of_columns(columns_of_names(names), misspelt=True)
    assert any("misspelt" in line for line in found.report)


@given(st.lists(st.text("abc", min_size=4, max_size=7), unique=True, max_size=20))
def test_near_tokens_are_those_equal_without_a_letter(texts):
    near, cut = near_tokens(texts, np.ones(len(texts), dtype=bool))
    without = [{text, *(text[:at] + text[at + 1 :] for at in range(len(text)))} for text in texts]
    for one in range(len(texts)):
        found = set(near.other[near.start[one] : near.start[one + 1]].tolist())
        assert found == {
            other for other in range(len(texts)) if other != one and without[one] & without[other]
        }
    assert not cut
