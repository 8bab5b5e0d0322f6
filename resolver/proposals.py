"""Names that do not identify alone -> who of the table is meant, by what the articles say; nobody if they say nothing.

Comes in: chains whose name the table knows as weak (a bare "Bush"), or not at all though it has one that is spelled
nearly so. Goes out: what speaks for each entity, in bits. Refuses to know: clusters, the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from aliases.rows import Tenure, tenures
from resolver.authority import Authority, common_bits, rarity
from resolver.context.lexicon import place_of, places, roles, words_of
from resolver.model import Chain, Kind
from resolver.names import parse_name

__all__ = ["Choice", "Proposals", "choose"]

# What speaks for an entity of the table, in bits, chosen by hand on tests/cases/famous.csv and namesakes.csv. A bare
# name that nothing speaks for is somebody else's as likely as not.
ROLE_BITS = 3.0  # the article gives the person a role that the entity had at its date
PAST_ROLE_BITS = 0.5  # a role that the entity had at another time
PLACE_BITS = 2.0  # the article ties the person to the entity's country
NEAR_BITS = 1.5  # the article names the entity's country
SEEN_BITS = 3.0  # the article names the entity otherwise too
ACTIVE_BITS = 0.75  # the entity held some role at the article's date
IDLE_BITS = -3.0  # the entity's roles lie all more than `YEARS` away from the article's date
YEARS = 8
FULL_BITS = 4.0  # a full name, but one that many have
FAME_BITS = 3.0  # a name that the table knows of one person alone: who is in it is named oftener than others
BODY_BITS = 3.5  # the same for an organisation or place
OTHERS = (0.5, 2.5)  # bits for somebody whom the table does not know: for a rare name, for a common one
RARE_BITS = 14.0  # rarity from which a name counts as rare, see `authority.rarity`
LISTED_BITS = 3.0  # an entity so far below the likeliest is not listed any more


class Choice(NamedTuple):
    """Who is meant: the entity if one is, else all that it may be (id, probability); both empty for somebody else."""

    entity_id: str = ""
    probability: float = 0.0
    options: tuple[tuple[str, float], ...] = ()


class Held(NamedTuple):
    """A role of an entity: its role words in their normal form, the countries it names, and when it was held."""

    roles: frozenset[str]
    places: frozenset[str]
    tenure: Tenure


class Proposals:
    """Weighs the table's entities for names that do not identify alone.

    Args:
        authority: The table.
        chains: All chains: the company of a name tells who is meant.
        years: The year of each article (by id) that has a date.
        held: Numbers of chains that nobody will be asked about.
    """

    def __init__(
        self,
        authority: Authority,
        chains: Sequence[Chain],
        years: Mapping[str, int],
        held: Collection[int] = (),
    ) -> None:
        self.authority = authority
        self.chains = chains
        self.years = years
        self.near: dict[str, set[str]] = defaultdict(set)
        self.seen: dict[str, set[str]] = defaultdict(set)
        if authority.gazetteer is None:
            return
        asked = {chain.article_id for number, chain in enumerate(chains) if number not in held}
        for chain in chains:
            if chain.article_id not in asked:
                continue
            self.near[chain.article_id].update(chain.context.places)
            if chain.kind == Kind.LOC:
                self.near[chain.article_id].add(place_of(chain.name))
            owner = authority.decided(chain.name, chain.forms, chain.kind)
            if owner:
                self.seen[chain.article_id].add(owner)

    def choice(self, members: Sequence[int], kind: Kind, *, min_probability: float, margin: float) -> Choice:
        """Return who is meant by chains of one name; nobody if the table does not know the name as weak.

        Args:
            members: Numbers of the chains.
            kind: Their kind.
            min_probability: In [0, 1]; below it nobody is meant for sure.
            margin: Bits by which the likeliest must lead.
        """
        gazetteer = self.authority.gazetteer
        name = self.chains[members[0]].name
        entries = () if gazetteer is None else self.authority.entries(name, kind)
        if gazetteer is None or not entries:
            return Choice()
        mine = [self.chains[number] for number in members]
        bits = {}
        for entry in entries:
            entity_id = gazetteer.entity_id(entry.entity)
            bits[entity_id] = self.weight(entity_id, held(gazetteer.roles(entry.entity)), mine)
            if entry.strong:
                bits[entity_id] += FULL_BITS
            elif len(entries) == 1:
                bits[entity_id] += FAME_BITS if kind == Kind.PER else BODY_BITS
        return choose(bits, others(name, kind), min_probability=min_probability, margin=margin)

    def weight(self, entity_id: str, roles_held: Sequence[Held], chains: Sequence[Chain]) -> float:
        """Return the bits that the articles of some chains give an entity."""
        own_roles = {role for chain in chains for role in chain.context.roles}
        named = (words_of(form) for chain in chains for form in chain.forms)  # "President Xi"
        own_roles |= {role for words in named for _, _, role in roles().find(words)}
        own_places = {place for chain in chains for place in chain.context.places}
        near = {place for chain in chains for place in self.near[chain.article_id]}
        seen = any(entity_id in self.seen[chain.article_id] for chain in chains)
        years = {self.years[chain.article_id] for chain in chains if chain.article_id in self.years}
        countries = {place for part in roles_held for place in part.places}
        bits = SEEN_BITS * seen
        bits += max((role_bits(part, own_roles, years) for part in roles_held), default=0.0)
        bits += PLACE_BITS if countries & own_places else NEAR_BITS if countries & near else 0.0
        return bits + time_bits([part.tenure for part in roles_held], years)


def role_bits(part: Held, own_roles: set[str], years: set[int]) -> float:
    """Return what it is worth that an article names a role which an entity held."""
    if not part.roles & own_roles:
        return 0.0
    return ROLE_BITS if all(part.tenure.covers(year) for year in years) else PAST_ROLE_BITS


def time_bits(terms: Iterable[Tenure], years: set[int]) -> float:
    """Return what the date of articles says about an entity whose roles have years."""
    dated = [term for term in terms if term.since is not None]
    if not dated or not years:
        return 0.0
    if any(term.covers(year) for term in dated for year in years):
        return ACTIVE_BITS
    near = any(
        term.covers(year + shift) for term in dated for year in years for shift in range(-YEARS, YEARS + 1)
    )
    return 0.0 if near else IDLE_BITS


def others(name: str, kind: Kind) -> float:
    """Return the bits for somebody whom the table does not know: more for a common name."""
    if kind != Kind.PER:
        return OTHERS[0]
    common = common_bits(name)
    if common > 0:
        return OTHERS[0] + common
    tokens = [token.text for token in parse_name(name, kind).tokens]
    missing = RARE_BITS - max((rarity(token) for token in tokens), default=0.0)
    return float(np.clip(OTHERS[0] + missing / 2, *OTHERS))


def choose(bits: Mapping[str, float], other: float, *, min_probability: float, margin: float) -> Choice:
    """Return the likeliest entity if it leads by the margin, else all that are not far behind.

    Args:
        bits: What speaks for each entity.
        other: What speaks for none of them.
        min_probability: In [0, 1], of the chosen one.
        margin: Bits by which it must lead.
    """
    ranked = sorted(bits.items(), key=lambda item: (-item[1], item[0]))
    whole = sum(2.0**value for value in (*bits.values(), other))
    best, value = ranked[0]
    second = max((other, *(value for _, value in ranked[1:])))
    if 2.0**value / whole >= min_probability and value >= second + margin:
        return Choice(best, 2.0**value / whole)
    top = max(value, other)
    options = tuple((entity_id, 2.0**b / whole) for entity_id, b in ranked if b >= top - LISTED_BITS)
    return Choice("", 0.0, options)


@cache
def held(text: str) -> tuple[Held, ...]:
    """Return the roles of an entity as the table has them, taken apart."""
    found = []
    for tenure in tenures(text):
        words = words_of(tenure.role)
        named = frozenset(role for _, _, role in roles().find(words))
        found.append(Held(named, frozenset(place for _, _, place in places().find(words)), tenure))
    return tuple(found)
