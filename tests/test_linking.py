"""Linking a part of a corpus: people who are held stay what they are, and others may join them."""

from __future__ import annotations

from resolver.authority import Authority
from resolver.context import Topics, read_words
from resolver.linking import Basis, link_chains
from resolver.marking import parse
from resolver.model import Chain, Counts, Kind
from resolver.settings import Settings

NAMES = ("Jared Kushner", "Jared Kushner", "Jared Kushner", "Piotr Zielinski")
WORDS = "ceasefire hostages envoy corridor mediators shuttle"


def clusters(*, known: dict[int, str], held: set[int]) -> set[frozenset[int]]:
    """Return the clusters of four chains in articles of one story."""
    chains = [Chain(f"c{n}", f"a{n}", Kind.PER, name, (name,), (f"m{n}",)) for n, name in enumerate(NAMES)]
    topics = Topics(read_words((chain.article_id, f"{WORDS} {chain.name}") for chain in chains))
    counts = Counts(4, {Kind.PER: 2}, {}, {}) if known else None
    basis = Basis(chains, parse, Authority(None), topics, counts=counts, known=known, held=frozenset(held))
    linked = link_chains(basis, Settings(aliases=()))
    return {frozenset(int(chain_id[1:]) for chain_id in cluster.chain_ids) for cluster in linked.clusters}


def test_chains_of_one_name_and_story_are_one_person() -> None:
    assert clusters(known={}, held=set()) == {frozenset({0, 1, 2}), frozenset({3})}


def test_two_held_people_are_never_made_one() -> None:
    found = clusters(known={0: "e-1", 1: "e-2", 3: "e-3"}, held={0, 1, 3})
    assert found in (
        {frozenset({0, 2}), frozenset({1}), frozenset({3})},
        {frozenset({1, 2}), frozenset({0}), frozenset({3})},
    )


def test_a_held_person_is_not_parted_whatever_the_evidence() -> None:
    found = clusters(known={0: "e-1", 1: "e-1", 3: "e-1"}, held={0, 1, 3})
    assert found == {frozenset({0, 1, 2, 3})} or found == {frozenset({0, 1, 3}), frozenset({2})}


def test_known_people_who_are_not_held_are_linked_anew() -> None:
    found = clusters(known={0: "e-1", 1: "e-2", 3: "e-3"}, held={3})
    assert found == {frozenset({0, 1, 2}), frozenset({3})}
