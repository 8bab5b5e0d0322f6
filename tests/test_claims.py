"""Who may lay claim to a name: bearers and stories are counted, and a pair's bin has no order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resolver.clusters.claims import CLAIMS, Claims, telling
from resolver.clusters.units import Unit
from resolver.context import Profiles, Topics, read_words
from resolver.model import Chain, Context, Counts, Kind, Name
from resolver.names import parse_name

STORY = "{} {} {}"


def claims(*rows: tuple[str, str], borne: Sequence[tuple[Name, tuple[int, ...]]] = ()) -> Claims:
    """Claims of chains given as (name, article); each article has words that no other has."""
    chains = [
        Chain(f"c{n}", article, Kind.PER, name, (name,), (f"m{n}",), Context())
        for n, (name, article) in enumerate(rows)
    ]
    texts = {
        article: STORY.format(*(f"{article}{part}" for part in ("alpha", "beta", "gamma")))
        for _, article in rows
    }
    names = [parse_name(name, Kind.PER) for name, _ in rows]
    units = [Unit(n, (n,), names[n].weak) for n in range(len(rows))]
    counts = Counts(len(texts), {}, {}, {}, borne)
    topics = Topics(read_words(sorted(texts.items())))
    profiles = Profiles(chains, [[n] for n in range(len(rows))], topics, counts)
    return Claims(names, units, profiles)


def bin_of(found: Claims, left: int, right: int) -> int:
    return int(found(np.array([left]), np.array([right]))[0])


def test_a_surname_of_one_bearer_is_not_that_of_two() -> None:
    one = claims(("Hallender", "a"), ("Marcus Hallender", "b"), ("Ada Quist", "c"))
    two = claims(("Hallender", "a"), ("Marcus Hallender", "b"), ("Tyler Hallender", "c"))
    assert bin_of(one, 0, 1) != bin_of(two, 0, 1)
    assert one.words_of(0, 1) == "1 with a full name, in 2 stories"
    assert two.words_of(0, 1) == "2 with a full name, in 3 stories"


def test_a_part_with_what_the_store_knows_of_the_rest_counts_like_the_whole() -> None:
    rows = [("Hallender", "a"), ("Marcus Hallender", "b"), ("Tyler Hallender", "c"), ("Hallender", "d")]
    rest = ((parse_name("Tyler Hallender", Kind.PER), (8,)), (parse_name("Hallender", Kind.PER), (9,)))
    whole, part = claims(*rows), claims(*rows[:2], borne=rest)
    assert part.words_of(0, 1) == whole.words_of(0, 1) == "2 with a full name, in 4 stories"
    assert bin_of(part, 0, 1) == bin_of(whole, 0, 1) != bin_of(claims(*rows[:2]), 0, 1)


def test_an_initial_is_no_further_bearer() -> None:
    found = claims(("Hallender", "a"), ("Marcus Hallender", "b"), ("M. Hallender", "c"))
    assert found.words_of(0, 1).startswith("1 with")


def test_the_order_of_a_pair_does_not_matter() -> None:
    rows = [
        ("Hallender", "a"),
        ("Marcus Hallender", "b"),
        ("Quist", "c"),
        ("Tyler Hallender", "d"),
        ("Hallendr", "e"),
    ]
    found = claims(*rows)
    left, right = np.triu_indices(len(rows))
    bins = found(left, right)
    assert (bins == found(right, left)).all()
    assert ((bins >= 0) & (bins < CLAIMS)).all()


def test_names_without_a_common_word_have_the_bin_of_nobody() -> None:
    found = claims(("Hallender", "a"), ("Marcus Hallender", "b"), ("Ada Quist", "c"))
    assert bin_of(found, 0, 2) != bin_of(found, 0, 1)
    assert found.words_of(0, 2) == "no word in common"


def test_titles_particles_and_initials_tell_nothing() -> None:
    assert telling(parse_name("Dr. J. van der Berg-Olsen", Kind.PER)) == ["berg", "olsen"]
