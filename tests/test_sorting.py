"""Sorting packed numbers gives what sorting gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.sorting import numbered, order_of

SMALL = st.lists(st.integers(0, 9), max_size=40)
LARGE = st.lists(st.integers(0, 2**62), max_size=40)  # too large to be packed with their places


@given(st.one_of(SMALL, LARGE))
def test_equal_numbers_keep_their_order(values):
    column = np.array(values, dtype=np.int64)
    ordered, order = order_of(column)
    assert order.tolist() == sorted(range(len(values)), key=values.__getitem__)
    assert ordered.tolist() == sorted(values)


@given(st.one_of(SMALL, LARGE))
def test_numbers_are_the_distinct_values_in_order(values):
    column = np.array(values, dtype=np.int64)
    distinct, place = numbered(column)
    assert distinct.tolist() == sorted(set(values))
    assert distinct[place].tolist() == values
