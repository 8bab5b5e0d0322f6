"""Boosted trees: what they are worth, and that their terms add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.clusters.measures import STORY_SIZES
from resolver.context import load_model, tables
from resolver.context.trees import ALL, DEPTH, trees_of
from resolver.errors import ModelError

INNER, NODES = 2**DEPTH - 1, 2 ** (DEPTH + 1) - 1


def one_question(term, bound, left, right):
    """A tree that asks one thing: at most `bound` is worth `left` bits, more is worth `right`."""
    asked, bounds, worth = [0] * INNER, [ALL] * INNER, [0.0] * NODES
    asked[0], bounds[0], worth[0] = term, bound, (left + right) / 2
    level = [(1, left), (2, right)]
    while level:
        node, bits = level.pop()
        worth[node] = bits
        level += [(child, bits) for child in (2 * node + 1, 2 * node + 2) if child < NODES]
    return {"asked": asked, "bound": bounds, "worth": worth}


def test_a_pair_goes_left_where_its_bin_is_at_most_the_bound():
    trees = trees_of({"start": 1.0, "terms": ["a", "b"], "trees": [one_question(1, 2, -3.0, 4.0)]})
    bins = {"a": np.array([9, 9, 0]), "b": np.array([2, 3, 0])}
    assert trees.total(bins).tolist() == [-2.0, 5.0, -2.0]


def test_trees_without_questions_are_worth_their_start():
    trees = trees_of({"start": -2.5, "terms": ["a"], "trees": []})
    assert trees.total({"a": np.array([0, 1])}).tolist() == [-2.5, -2.5]


@given(st.data())
def test_the_terms_of_the_shipped_trees_add_up(data):
    trees = load_model().stories
    bins = {
        term: np.array(data.draw(st.lists(st.integers(0, size - 1), min_size=3, max_size=3)))
        for term, size in STORY_SIZES.items()
    }
    assert set(trees.names) == set(STORY_SIZES)
    total = trees.start + sum(trees.terms(bins).values())
    assert trees.total(bins) == pytest.approx(total, abs=0.05)  # worths are rounded, a thousandth a question


@pytest.mark.parametrize("damage", ["", "{", '{"start": 0.0, "terms": ["a"], "trees": [{"asked": [0]}]}'])
def test_damaged_trees_are_told_in_one_line(damage, tmp_path, monkeypatch):
    for name in ("weights.json", "stories.json"):
        (tmp_path / name).write_bytes(tables.FOLDER.joinpath(name).read_bytes())
    (tmp_path / "stories.json").write_text(damage)
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    with pytest.raises(ModelError, match="install alias-resolver again") as error:
        load_model.__wrapped__()
    assert "\n" not in str(error.value)
