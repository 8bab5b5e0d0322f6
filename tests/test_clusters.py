"""Clustering: units, average linkage under cannot-link, attachment of weak names."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.clusters import Constraints, attach_weak, link
from resolver.context.arrays import components

linkage = importlib.import_module("resolver.clusters.linkage")


def scorer(matrix, apart=None):
    """Score pairs by a matrix of bits and one of limits."""
    limits = np.zeros_like(matrix, dtype=bool) if apart is None else apart
    return lambda left, right: (matrix[left, right], limits[left, right])


def run(matrix, *, apart=None, threshold=0.0, constraints=Constraints()):
    count = len(matrix)
    left, right = np.triu_indices(count, 1)
    keep = matrix[left, right] > -5
    if apart is not None:
        keep &= ~apart[left, right]
    return link(
        count,
        left[keep],
        right[keep],
        matrix[left, right][keep],
        score=scorer(matrix, apart),
        threshold=threshold,
        constraints=constraints,
    )


def reference(matrix, apart, threshold):
    """Average linkage in the plainest way: a list of sets, the best allowed pair merged until none is left."""
    clusters = [{i} for i in range(len(matrix))]
    while True:
        best = None
        for a in range(len(clusters)):
            for b in range(a + 1, len(clusters)):
                cross = [(i, j) for i in clusters[a] for j in clusters[b]]
                if any(apart[i, j] for i, j in cross):
                    continue
                mean = sum(np.clip(matrix[i, j], -10, 10) for i, j in cross) / len(cross)
                if mean >= threshold and (best is None or mean > best[0] + 1e-9):
                    best = (mean, a, b)
        if best is None:
            return {frozenset(c) for c in clusters}
        _, a, b = best
        clusters[a] |= clusters.pop(b)


def partition(labels):
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def square(values, size):
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = values
    return matrix + matrix.T


@st.composite
def problems(draw):
    size = draw(st.integers(2, 7))
    pairs = size * (size - 1) // 2
    # Distinct weights: with ties the best merge is a matter of order, not of right or wrong.
    values = draw(st.lists(st.integers(-900, 900), min_size=pairs, max_size=pairs, unique=True))
    apart = draw(st.lists(st.booleans(), min_size=pairs, max_size=pairs))
    return square(np.array(values) / 100 + np.arange(pairs) * 1e-5, size), square(
        np.array(apart, dtype=float), size
    ) > 0


@settings(max_examples=200, deadline=None)
@given(problems())
def test_linkage_never_joins_what_must_stay_apart_and_equals_the_plain_reference(problem):
    matrix, apart = problem
    found = partition(run(matrix, apart=apart).labels)
    assert all(not apart[i, j] for cluster in found for i in cluster for j in cluster)
    left, right = np.triu_indices(len(matrix), 1)
    good = (matrix[left, right] >= 0) & ~apart[left, right]
    connected = components(len(matrix), left[good], right[good])
    expected = reference(matrix, apart, 0.0)
    # The plain reference may join across components only through means that no single pair supports.
    if all(len({connected[i] for i in cluster}) == 1 for cluster in expected):
        assert found == expected


@settings(max_examples=100, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_nothing(problem, random):
    matrix, _ = problem
    left, right = np.triu_indices(len(matrix), 1)
    order = list(range(len(left)))
    random.shuffle(order)
    bits = matrix[left, right]
    one = link(len(matrix), left, right, bits, score=scorer(matrix))
    two = link(len(matrix), left[order], right[order], bits[order], score=scorer(matrix))
    assert np.array_equal(one.labels, two.labels)


@settings(max_examples=200, deadline=None)
@given(problems(), st.data())
def test_held_units_stay_with_theirs_others_may_join_them_and_no_two_are_scored(problem, data):
    matrix, _ = problem
    size = len(matrix)
    held = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    owner = [data.draw(st.integers(0, 1)) if one else None for one in held]
    both = [(a, b) for a in range(size) for b in range(a + 1, size) if held[a] and held[b]]
    together = tuple((a, b) for a, b in both if owner[a] == owner[b])
    apart = np.zeros((size, size), dtype=bool)
    for a, b in both:
        apart[a, b] = apart[b, a] = owner[a] != owner[b]
    left, right = np.triu_indices(size, 1)
    open_ = ~(held[left] & held[right])
    asked = []

    def score(one, other):
        asked.extend(zip(one.tolist(), other.tolist(), strict=True))
        return matrix[one, other], apart[one, other]

    found = link(
        size, left[open_], right[open_], matrix[left, right][open_],
        score=score, constraints=Constraints(together), held=held,
    ).labels  # fmt: skip
    assert not any(held[a] and held[b] for a, b in asked)
    assert all((found[a] == found[b]) == (owner[a] == owner[b]) for a, b in both)
    plain = link(
        size, left[open_], right[open_], matrix[left, right][open_],
        score=scorer(matrix, apart), constraints=Constraints(together),
    ).labels  # fmt: skip
    assert np.array_equal(found, plain)


def test_one_good_pair_does_not_chain_two_people_together():
    # 0-1 and 2-3 are each one person; 1-2 look alike, but 0-2, 0-3 and 1-3 speak against.
    matrix = square(np.array([8, -6, -6, 3, -6, 8.0]), 4)
    assert partition(run(matrix).labels) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_human_different_outranks_any_evidence():
    matrix = square(np.array([9.0]), 2)
    assert len(partition(run(matrix, constraints=Constraints(apart=((0, 1),))).labels)) == 2


def test_a_human_same_joins_what_evidence_would_not():
    matrix = square(np.array([-9.0]), 2)
    assert len(partition(run(matrix, constraints=Constraints(together=((0, 1),))).labels)) == 1


def test_a_human_same_joins_two_whom_evidence_parts_through_a_third():
    apart = np.zeros((3, 3), dtype=bool)
    apart[1, 2] = apart[2, 1] = True
    found = run(np.full((3, 3), -3.0), apart=apart, constraints=Constraints(together=((0, 1), (0, 2))))
    assert found.labels.tolist() == [0, 0, 0]
    assert found.conflicts == []


def test_clashing_verdicts_are_reported_and_the_negative_one_holds():
    matrix = square(np.array([0.0, 0.0, 0.0]), 3)
    found = run(matrix, constraints=Constraints(together=((0, 1), (1, 2)), apart=((0, 2),)))
    assert found.conflicts == [(1, 2)]
    assert found.labels[0] != found.labels[2]


def test_an_oversize_component_is_cut_and_reported(monkeypatch):
    monkeypatch.setattr(linkage, "LARGEST", 4)
    size = 6
    matrix = np.full((size, size), 1.0)
    matrix[:3, :3] = matrix[3:, 3:] = 9.0
    found = run(matrix)
    assert found.cuts
    assert partition(found.labels) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_components_equal_those_of_a_plain_search(count, edges):
    edges = [(a % count, b % count) for a, b in edges]
    left = np.array([a for a, _ in edges], dtype=np.int64)
    right = np.array([b for _, b in edges], dtype=np.int64)
    label = components(count, left, right)
    seen = {}
    for start in range(count):
        if start in seen:
            continue
        queue = [start]
        while queue:
            at = queue.pop()
            if at not in seen:
                seen[at] = start
                queue.extend(b for a, b in edges if a == at)
                queue.extend(a for a, b in edges if b == at)
    assert label.tolist() == [seen[i] for i in range(count)]


def attach(rows, *, labels, threshold=0.0):
    weak, strong, bits, apart = (np.array(column) for column in zip(*rows, strict=True))
    weight = np.ones(len(labels))
    return attach_weak(
        weak, strong, bits.astype(float), apart.astype(bool), np.array(labels), weight, threshold=threshold
    )


def test_a_bare_surname_goes_to_its_best_owner_and_names_the_other():
    found = attach([(2, 0, 6.0, False), (2, 1, 5.0, False)], labels=[0, 1, 2])
    assert [(a.unit, a.cluster) for a in found] == [(2, 0)]
    assert [cluster for cluster, _ in found[0].options] == [0, 1]


def test_a_limit_with_one_form_of_a_person_shuts_out_the_person():
    found = attach([(2, 0, 6.0, False), (2, 1, 9.0, True)], labels=[0, 0, 2])
    assert found == []


def test_below_the_threshold_a_bare_surname_stays_alone():
    assert attach([(1, 0, -0.1, False)], labels=[0, 1]) == []


@pytest.mark.parametrize("threshold", [0.0, 3.0])
def test_no_weak_names_means_no_attachments(threshold):
    empty = np.array([], dtype=np.int64)
    none = attach_weak(
        empty, empty, empty.astype(float), empty.astype(bool), empty, empty.astype(float), threshold=threshold
    )
    assert none == []
