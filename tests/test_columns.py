"""Names as columns: the fast way and `parse_name` take a text apart alike."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.columns import MOST_TOKENS, columns_of_names, columns_of_texts, names_of_columns
from resolver.names import parse_name

PIECES = st.sampled_from(
    """Dr. Mr M. Sir King General von al- al El Abu Umm bin de J. K. J.K. Smith smith SMITH O'Neil O’Brien Jean-Paul
    Jr. Sr III (Bob) "Bob" Smith, , Müller Łódź 习近平 ستيف Стив ¬ - . 123 🙂 Marja-Leena d'Arc Smith's y A
    & AT&T Minister, le maire Ex-MP""".split()
)
TEXTS = st.lists(PIECES, max_size=7).map(" ".join)


def as_rows(columns):
    return [
        [(columns.vocabulary[token], role) for token, role in zip(tokens, roles, strict=True) if token >= 0]
        for tokens, roles in zip(columns.token.tolist(), columns.role.tolist(), strict=True)
    ]


def same(texts):
    fast = columns_of_texts(pa.array(texts, pa.string()))
    slow = columns_of_names([parse_name(text) for text in texts])
    assert as_rows(fast) == as_rows(slow)
    assert fast.generation.tolist() == slow.generation.tolist()
    assert fast.size.tolist() == slow.size.tolist()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(TEXTS, st.text(max_size=30)), max_size=8))
def test_texts_are_taken_apart_as_parse_name_does(texts):
    same(texts)


def test_no_texts_give_no_rows():
    assert len(columns_of_texts(pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("text", ["", " ", "🙂", "0", "x" * 10_000, "a " * 5_000, "Smith " * 50])
def test_odd_texts_have_a_bounded_row(text):
    columns = columns_of_texts(pa.array([text]))
    assert len(columns) == 1
    assert int(columns.size[0]) <= MOST_TOKENS


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_names_made_of_columns_have_the_tokens_of_parsed_ones(texts):
    made = names_of_columns(columns_of_texts(pa.array(texts)), texts)
    assert as_rows(columns_of_names(made)) == as_rows(columns_of_names([parse_name(text) for text in texts]))


def test_rows_keep_their_tokens():
    columns = columns_of_texts(pa.array(["Jane Smith", "Steve Witkoff", "Abu Bakr"]))
    assert as_rows(columns.rows([2, 0])) == [as_rows(columns)[2], as_rows(columns)[0]]
