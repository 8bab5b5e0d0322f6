"""Clusters -> entities: an id that is assigned once, a canonical name by evidence, and an outcome for every mention.

Comes in: clusters of chains, the ids that mentions had before. Goes out: entities, resolutions, redirects. Refuses to
know: how the clusters came about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from resolver.model import (
    Chain,
    Cluster,
    Entity,
    Kind,
    LinkedBy,
    Mention,
    Name,
    Resolution,
    Status,
    content_id,
)

__all__ = ["Claim", "assign_ids", "canonical_name", "describe_entity", "possible_ids", "resolve_chain"]


def assign_ids(
    clusters: Sequence[Cluster],
    mentions_of: Mapping[str, Sequence[str]],
    before: Mapping[str, str],
    born: Mapping[str, int],
    former: Mapping[str, str] = MappingProxyType({}),
) -> tuple[list[str], dict[str, str]]:
    """Return the entity id of each cluster and the redirects that arise.

    Args:
        clusters: The clusters to name.
        mentions_of: Mention ids of each chain.
        before: The entity id of each mention in the last run.
        born: For every id that was ever used, of those that may be given here, the number of the run that made it.
        former: The id that a mention had before that was merged away: it comes back with its mentions when they part.

    Returns:
        Ids: the curated one; else that of the oldest former entity most of whose mentions are here; else a new one
        derived from the smallest mention id. Redirects: former ids that lost their mentions to another id.
    """
    at = {m: number for number, c in enumerate(clusters) for chain in c.chain_ids for m in mentions_of[chain]}
    own = heirs({m: entity for m, entity in before.items() if m in at and m not in former}, at, clusters)
    all_of = heirs({m: entity for m, entity in before.items() if m in at}, at, clusters)
    back = heirs({m: entity for m, entity in former.items() if m in at}, at, clusters)
    claims: dict[int, list[str]] = defaultdict(list)
    for old, heir in all_of.items():
        claims[own.get(old, heir)].append(old)
    for old, heir in back.items():
        if old not in all_of and not claims[heir]:
            claims[heir].append(old)
    ids: list[str] = []
    redirects: dict[str, str] = {}
    used = set(born)
    for number, cluster in enumerate(clusters):
        mine = sorted(claims[number], key=lambda old: (born.get(old, 0), old))
        if cluster.curated_id:
            chosen = cluster.curated_id
        elif mine:
            chosen = mine[0]
        else:
            chosen = next(made for made in possible_ids(cluster, mentions_of) if made not in used)
        ids.append(chosen)
        used.add(chosen)
        redirects.update({old: chosen for old in mine if old != chosen})
    return ids, redirects


def heirs(entity_of: Mapping[str, str], at: Mapping[str, int], clusters: Sequence[Cluster]) -> dict[str, int]:
    """Return for each entity the cluster that has most of its mentions."""
    shares: dict[str, Counter[int]] = defaultdict(Counter)
    for mention_id, entity_id in entity_of.items():
        shares[entity_id][at[mention_id]] += 1
    return {
        old: min(counts.items(), key=lambda c: (-c[1], clusters[c[0]].chain_ids))[0]
        for old, counts in shares.items()
    }


SALTS = 4  # ids that a cluster can be given: one that was used and ended is not given again


def possible_ids(cluster: Cluster, mentions_of: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the ids that a new entity may be given, derived from its smallest mention id, the first that is free."""
    anchor = min(mention for chain in cluster.chain_ids for mention in mentions_of[chain])
    return [content_id("e", anchor, *([salt] if salt else [])) for salt in range(SALTS)]


def canonical_name(
    chains: Sequence[Chain], surfaces: Counter[str], parse: Callable[[str, Kind], Name]
) -> str:
    """Return the spelling to show: the full name that the most articles use, not the longest and not all capitals.

    Args:
        chains: The chains of one entity.
        surfaces: Each surface of its mentions and how often it occurs.
        parse: Surface and kind -> Name.
    """
    kind = chains[0].kind
    articles = Counter(chain.name for chain in chains)
    names = list(articles)
    full = [name for name in names if not parse(name, kind).weak] or names
    return min(full, key=lambda n: (n.isupper() and len(n) > 4, -articles[n], -surfaces[n], -len(n), n))


def describe_entity(
    entity_id: str,
    chains: Sequence[Chain],
    mentions: Sequence[Mention],
    parse: Callable[[str, Kind], Name],
    curated_name: str = "",
) -> Entity:
    """Return the entity of one cluster, its spellings commonest first."""
    surfaces = Counter(mention.surface for mention in mentions)
    ranked = tuple(sorted(surfaces.items(), key=lambda s: (-s[1], s[0])))
    name = curated_name or canonical_name(chains, surfaces, parse)
    return Entity(entity_id, chains[0].kind, name, ranked, curated=bool(curated_name))


class Claim(NamedTuple):
    """What linking found for one chain: how surely it is its entity's, by what, and whose else it may be."""

    entity_id: str
    probability: float
    linked_by: LinkedBy
    options: tuple[tuple[str, float], ...]
    alone: bool


RIVAL_SHARE = 0.5  # weight of each rival that the article leaves open, beside the 1 of the chosen chain


def resolve_chain(
    chain: Chain,
    claim: Claim,
    mentions: Sequence[Mention],
    entity_of: Mapping[str, str],
    parse: Callable[[str, Kind], Name],
) -> list[Resolution]:
    """Return the outcome of each mention of one chain.

    Args:
        chain: The chain.
        claim: What linking found for it.
        mentions: Its mentions.
        entity_of: The entities of chains, for rivals inside the article.
        parse: Surface and kind -> Name.
    """
    own = parse(chain.name, chain.kind).folded
    rivals: dict[str, list[str]] = defaultdict(list)
    for mention_id, chain_id in chain.rivals:
        other = entity_of.get(chain_id, claim.entity_id)
        if other != claim.entity_id:
            rivals[mention_id].append(other)
    out = []
    for mention in mentions:
        by = claim.linked_by
        if by in (LinkedBy.EXACT, LinkedBy.NAME) and parse(mention.surface, chain.kind).folded != own:
            by = LinkedBy.CHAIN
        options = dict(claim.options) or {claim.entity_id: claim.probability}
        against = rivals.get(mention.mention_id, [])
        if against:
            share = 1.0 / (1.0 + RIVAL_SHARE * len(against))
            options = {entity: p * share for entity, p in options.items()}
            for entity in against:
                options[entity] = max(options.get(entity, 0.0), claim.probability * share * RIVAL_SHARE)
        ranked = tuple(sorted(options.items(), key=lambda o: (o[0] != claim.entity_id, -o[1], o[0])))
        settled = Status.NEW if claim.alone else Status.RESOLVED
        status = Status.AMBIGUOUS if len(ranked) > 1 else settled
        listed = ranked if len(ranked) > 1 else ()
        out.append(
            Resolution(mention.mention_id, claim.entity_id, options[claim.entity_id], status, by, listed)
        )
    return out
