"""What linking stands on, and what it returns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from resolver.authority import Authority
from resolver.context import Topics
from resolver.model import Chain, Cluster, Counts, Kind, LinkedBy, Name, ScoredPair

__all__ = ["Basis", "Judgements", "Linked", "Outcome", "rounded"]


class Judgements(NamedTuple):
    """Human verdicts on chains by number.

    Attributes:
        same: Pairs that are one, whatever the evidence.
        joined: Pairs whose clusters are one, once evidence has made them.
        different: Groups of chains no two of which, one of each side, are one.
        alone: Chains that are judged by themselves, not with the others of their name.
    """

    same: tuple[tuple[int, int], ...] = ()
    joined: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    alone: frozenset[int] = frozenset()


class Basis(NamedTuple):
    """What linking stands on.

    Attributes:
        chains: All chains in a canonical order (by id): the result depends on no other order.
        parse: Surface and kind -> Name.
        authority: The curated table.
        topics: The words of all articles; None leaves context out.
        judgements: Human verdicts; "different" outranks everything, "same" outranks evidence.
        counts: What is counted in the whole corpus if the chains are a part of it; None if they are all of it.
        years: The year of each article (by id) that has a date.
        known: The entities of chains (by number) that were linked before, by these settings and this table.
        held: Those of them that stay what they are: others may join them, they are not parted.
    """

    chains: Sequence[Chain]
    parse: Callable[[str, Kind], Name]
    authority: Authority
    topics: Topics | None = None
    judgements: Judgements = Judgements()
    counts: Counts | None = None
    years: Mapping[str, int] = MappingProxyType({})
    known: Mapping[int, str] = MappingProxyType({})
    held: frozenset[int] = frozenset()


class Outcome(NamedTuple):
    """What became of one chain: its cluster, how surely, by what, and the clusters it may belong to if that is open.

    `known` are entities of the table that it may be as well, by their ids.
    """

    cluster: int
    probability: float
    linked_by: LinkedBy
    options: tuple[tuple[int, float], ...] = ()
    known: tuple[tuple[str, float], ...] = ()


class Linked(NamedTuple):
    """The result for one or all kinds; `outcomes` has one entry a chain, `pairs` refer to chains by number."""

    clusters: list[Cluster]
    outcomes: dict[int, Outcome]
    pairs: list[ScoredPair]
    notes: list[str]


def rounded(count: int) -> int:
    """Return the power of two that is nearest to a number of names.

    The prior depends on it alone, so that a few names more do not shift every score: an old decision is one that all
    of the corpus would make anew, until the corpus has doubled.
    """
    return 1 << max(0, round(math.log2(max(count, 1))))
