"""Scores of pairs of names: symmetric, bounded, additive, and what counts for how much."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.columns import columns_of_texts
from resolver.model import Kind
from resolver.names import parse_name
from resolver.scores import NameScorer, compare, incompatible, probability
from resolver.spelling import LONGEST, SYMBOLS, alignment_bits, costs, encode, symbols

PIECES = st.sampled_from(
    """Steve Witkoff Vitkov Weitekamp J. S. Ann Anna Smith Smyth Bob Robert al al- Abu Abdul Rahman Abdurrahman
    Nur Din Jr. II Mohammed Muhammad Иван Иванов ستيف ويتكوف 习近平 김정은 (Bob) O'Neil X 7 🙂""".split()
)
NAMES = st.lists(PIECES, max_size=6).map(" ".join)
BOUND = 80.0  # bits


def bits(left, right):
    return sum(term.bits for term in compare(parse_name(left), parse_name(right)))


@settings(max_examples=150, deadline=None)
@given(NAMES, NAMES)
def test_scores_are_symmetric_and_bounded(left, right):
    assert bits(left, right) == pytest.approx(bits(right, left), abs=1e-4)
    assert abs(bits(left, right)) < BOUND


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=6, unique=True))
def test_a_column_of_pairs_gives_what_single_pairs_give(names):
    scorer = NameScorer([parse_name(name) for name in names])
    left, right = np.triu_indices(len(names), 1)
    for i, j, found in zip(left, right, scorer.bits(left, right), strict=True):
        assert found == pytest.approx(bits(names[i], names[j]), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES)
def test_terms_add_up(left, right):
    scorer = NameScorer.of_columns(columns_of_texts(pa.array([left, right])))
    if not scorer.people.tokens.size.all():
        return
    terms = scorer.explain(np.array([0]), np.array([1]))[0]
    assert sum(t.bits for t in terms) == pytest.approx(
        float(scorer.bits(np.array([0]), np.array([1]))[0]), abs=1e-3
    )


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (("Steve Witkoff", "Steve Witkoff"), ("John Smith", "John Smith")),
        (("Witkoff", "Witkoff"), ("Smith", "Smith")),
        (("Steve Vitkov", "Steve Witkoff"), ("Steve Weitekamp", "Steve Witkoff")),
        (("Vitkov", "Witkoff"), ("Weitekamp", "Witkoff")),
        (("Bob Menendez", "Robert Menendez"), ("Paul Menendez", "Robert Menendez")),
        (("Ivan Sidorov", "Ivan Petrovich Sidorov"), ("Ivan Sergeevich Sidorov", "Ivan Petrovich Sidorov")),
        (("Nur al-Din Zengi", "Noureddine Zengi"), ("Nur al-Din Zengi", "Nasreddine Zengi")),
        (("J. Kushner", "Jared Kushner"), ("K. Kushner", "Jared Kushner")),
        (("John Smith", "John Smith"), ("John Smith Jr.", "John Smith Sr.")),
        (("Witkoff, Steve", "Steve Witkoff"), ("Witkoff, Ann", "Steve Witkoff")),
        (("ستيف ويتكوف", "Steve Witkoff"), ("ستيف ويتكوف", "Jared Kushner")),
    ],
)
def test_the_likelier_pair_has_more_bits(more, less):
    assert bits(*more) > bits(*less)


def test_generations_are_incompatible():
    assert incompatible(parse_name("John Smith Jr."), parse_name("John Smith II")) == "jr and ii"


def test_kinds_are_never_one():
    assert sum(t.bits for t in compare(parse_name("Ford"), parse_name("Ford", Kind.ORG))) < -20


def test_a_probability_is_half_at_no_bits_and_bounded():
    assert probability(0.0) == 0.5
    assert probability(-1e9) >= 0.0
    assert probability(1e9) <= 1.0


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=40))
def test_symbols_are_codes_without_doubles(token):
    found = symbols(token)
    assert len(found) <= LONGEST
    assert all(0 < code < SYMBOLS for code in found)


def reference(left, right, both):
    """The weight of the best alignment, cell by cell."""
    total = {(0, 0): 0}
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            ways = []
            if i:
                ways.append(total[i - 1, j] + both[left[i - 1], 0])
            if j:
                ways.append(total[i, j - 1] + both[0, right[j - 1]])
            if i and j:
                ways.append(total[i - 1, j - 1] + both[left[i - 1], right[j - 1]])
            if ways:
                total[i, j] = max(ways)
    return total[len(left), len(right)]


TOKENS = st.text(alphabet="abdefhiklmnorstuvwz", min_size=1, max_size=14)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TOKENS, TOKENS), min_size=1, max_size=8), st.integers(0, 2))
def test_alignments_are_those_of_a_plain_reference(pairs, table):
    left, right = (encode(list(side)) for side in zip(*pairs, strict=True))
    weights = costs()
    found = alignment_bits(left, right, np.full(len(pairs), table), weights)
    both = weights.both[table].astype(int)
    for (a, b), got in zip(pairs, found, strict=True):
        assert got * 128 == pytest.approx(reference(symbols(a), symbols(b), both))
