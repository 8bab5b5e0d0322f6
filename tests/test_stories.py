"""Matches inside a story: who is compared with whom, and who is a rival of whom."""

from __future__ import annotations

import numpy as np
import pytest

from resolver.clusters.stories import NOBODY, Scored, StoryMatcher


def matcher(article):
    """A matcher of clusters of one unit each, which stand in the given articles, without weights."""
    out = object.__new__(StoryMatcher)
    out.count = len(article)
    out.unit, out.article = np.arange(len(article)), np.array(article)
    return out


def scored(count, **pairs):
    """Scores of pairs of clusters, by the letters of both: ab=2.5."""
    found = sorted(((ord(a) - 97) * count + ord(b) - 97, bits) for (a, b), bits in pairs.items())
    return Scored(np.array([code for code, _ in found]), np.array([bits for _, bits in found]))


def lead(article, a_b, **pairs):
    found = scored(len(article), ab=a_b, **pairs)
    one, other = matcher(article).leads(found, np.arange(len(article)), np.array([0]))
    return one.item(), other.item()


def test_whoever_shares_an_article_with_the_other_side_is_a_rival():
    assert lead([0, 1, 1], 4.0, ac=1.0, bc=-5.0) == pytest.approx((3.0, 4.0 - NOBODY))


def test_whoever_is_likely_the_other_side_itself_is_no_rival():
    assert lead([0, 1, 1], 4.0, ac=3.0, bc=2.0) == pytest.approx((4.0 - NOBODY, 4.0 - NOBODY))


def test_somebody_in_another_article_is_no_rival():
    assert lead([0, 1, 2], 4.0, ac=3.0, bc=-5.0) == pytest.approx((4.0 - NOBODY, 4.0 - NOBODY))


@pytest.mark.parametrize(("labels", "compared"), [([0, 1, 1, 3], True), ([0, 1, 2, 3], False)])
def test_near_articles_of_two_stories_are_compared_if_they_name_somebody_in_common(labels, compared):
    two = matcher([0, 0, 1, 1])
    two.left = two.right = np.zeros(0, dtype=np.int64)  # no story has two articles
    two.elsewhere = np.array([0]), np.array([1])
    assert (0 * 4 + 3 in two.candidates(np.array(labels)).tolist()) is compared
