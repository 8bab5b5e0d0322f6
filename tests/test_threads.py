"""Articles are clustered into the stories that they tell, by the mean of their cosines."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.context import Topics, read_words
from resolver.context.arrays import smallest
from resolver.context.threads import ONE_STORY, coarser, linked

WORDS = [f"{letter * 4}word" for letter in "abcdefghijkl"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True), min_size=2, max_size=9
)


def topics_of(texts: list[str], **known: object) -> Topics:
    """Topics of texts whose ids are in their order."""
    return Topics(read_words([(f"{at:02d}", text) for at, text in enumerate(texts)])._replace(**known))


def all_pairs(topics: Topics) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left, right = np.triu_indices(len(topics.norm), 1)
    return left, right, topics.overlap(left, right) / (topics.norm[left] * topics.norm[right])


@given(TEXTS, st.integers(1, 40), st.integers(1, 9), st.randoms())
def test_the_overlap_of_articles_is_the_weight_of_the_words_that_both_hold(
    texts, room, looked_up, rng
) -> None:
    topics = topics_of([" ".join(words) for words in texts])
    count = len(texts)
    left, right = np.array([(rng.randrange(count), rng.randrange(count)) for _ in range(3 * count)]).T
    held = [set(topics.features[topics.starts[n] : topics.starts[n + 1]].tolist()) for n in range(count)]
    with pytest.MonkeyPatch.context() as patch:  # a few words at a time, as of a large corpus
        patch.setattr("resolver.context.topics.LAID_OUT", room)
        patch.setattr("resolver.context.topics.LOOKED_UP", looked_up)
        found = topics.overlap(left, right)
    expected = [topics.weight[sorted(held[a] & held[b])].sum() for a, b in zip(left, right, strict=True)]
    assert found == pytest.approx(expected)
    assert len(topics.overlap(left[:0], right[:0])) == 0


def one_after_the_other(topics: Topics) -> list[set[int]]:
    """Average linkage as the textbook has it: the nearest two clusters, until none is near enough."""
    left, right, cosine = all_pairs(topics)
    near = dict(zip(zip(left.tolist(), right.tolist(), strict=True), cosine.tolist(), strict=True))
    clusters = [{at} for at in range(len(topics.norm))]
    while True:
        ranked = [
            (np.mean([near[min(i, j), max(i, j)] for i in a for j in b]), a, b)
            for a, b in combinations(clusters, 2)
        ]
        best = max(ranked, key=lambda row: row[0], default=(0.0, set(), set()))
        if best[0] < ONE_STORY:
            return clusters
        clusters = [c for c in clusters if c not in best[1:]] + [best[1] | best[2]]


@given(TEXTS)
def test_merging_everywhere_at_once_is_average_linkage(rows: list[list[str]]) -> None:
    topics = topics_of([" ".join(row) for row in rows])
    label = linked(
        topics,
        np.arange(len(rows)),
        np.zeros(len(rows), dtype=np.int64),
        *all_pairs(topics)[:2],
        least=ONE_STORY,
    )
    found = {frozenset(np.flatnonzero(label == one).tolist()) for one in label}
    values = all_pairs(topics)[2]
    if len(np.unique(np.round(values[values > 0], 9))) == (values > 0).sum():  # ties may be broken either way
        assert found == {frozenset(cluster) for cluster in one_after_the_other(topics)}


@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_articles_is_no_matter(rows: list[list[str]], random) -> None:  # type: ignore[no-untyped-def]
    texts = [" ".join(row) for row in rows]
    values = all_pairs(topics_of(texts))[2]
    order = list(range(len(rows)))
    random.shuffle(order)
    if len(np.unique(np.round(values[values > 0], 9))) == (values > 0).sum():
        one, other = (topics_of(part).stories.numbers for part in (texts, [texts[at] for at in order]))
        same = one[order][:, None] == one[order][None]
        assert (same == (other[:, None] == other[None])).all()


def test_a_chain_of_alike_articles_is_not_one_story() -> None:
    letters = "abcdefghijklmnopqrst"
    words = [f"{one}{other}{one}{other}word" for one in letters for other in letters if one != other]
    chain = [" ".join(words[14 * at : 14 * at + 16]) for at in range(9)]  # two words of the next one
    topics = topics_of(chain)
    assert len(set(topics.stories.numbers.tolist())) > 1
    assert (topics.near[2] >= ONE_STORY).sum() >= len(chain) - 1  # although each is like the next


def test_articles_that_are_alike_tell_one_story_and_join_the_stories_that_they_told_before() -> None:
    texts = ["alpha beta gamma", "delta epsilon zeta", "alpha beta gamma delta epsilon zeta"]
    found = topics_of(texts, events=np.array([5, 3, 0]), last=(7, 0)).events
    assert found.numbers.tolist() == [3, 3, 3]
    assert found.merged == {5: 3}
    alone = topics_of(texts[:2], events=np.array([0, 3]), last=(7, 0)).events
    assert alone.numbers.tolist() == [8, 3]


@pytest.mark.parametrize("texts", [[], ["alpha"], ["", ""]])
def test_few_words_tell_nothing(texts: list[str]) -> None:
    stories = topics_of(texts).stories.numbers
    assert len(set(stories.tolist())) == len(texts)


def test_stories_that_were_told_apart_are_compared_again_only_when_one_goes_on() -> None:
    texts = ["alpha beta gamma", "alpha beta gamma", "alpha beta gamma"]
    before = np.array([1, 2, 0])
    apart = topics_of(texts[:2], events=before[:2], stories=before[:2], last=(2, 2))
    assert apart.events.numbers.tolist() == apart.stories.numbers.tolist() == [1, 2]
    goes_on = topics_of(texts, events=before, stories=before, last=(2, 2))
    assert goes_on.events.numbers.tolist() == [1, 1, 1]
    assert goes_on.stories.merged == {2: 1}


def test_loose_articles_may_leave_their_story_and_the_first_part_keeps_its_number() -> None:
    texts = [
        "alpha beta gamma delta",
        "alpha beta gamma delta",
        "kappa lambda omicron",
        "kappa lambda omicron",
    ]
    four = np.array([4, 4, 4, 4])
    bound = topics_of(texts, events=four, stories=four, last=(4, 4))
    assert bound.stories.numbers.tolist() == [4, 4, 4, 4]
    loose = topics_of(texts, events=four, stories=four, last=(4, 4), loose=four > 0)
    assert loose.events.numbers.tolist() == loose.stories.numbers.tolist() == [4, 4, 5, 5]
    assert loose.stories.merged == {}  # the story goes on


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=9))
def test_the_finest_clusters_that_hold_two_others_together(rows: list[tuple[int, int]]) -> None:
    groups, known = np.array(rows).T
    label = smallest(groups)
    found = coarser(label, known)
    assert (found[found] == found).all()
    assert (found <= np.arange(len(rows))).all()
    reach = (label[:, None] == label) | ((known[:, None] == known) & (known > 0))
    for _ in rows:
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    assert ((found[:, None] == found) == reach).all()
