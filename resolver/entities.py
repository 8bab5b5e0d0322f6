"""Clusters -> entities: an id that is assigned once, a canonical name by evidence, and an outcome for every mention.

Comes in: clusters of chains, the ids that mentions had before. Goes out: entities, resolutions, redirects. Refuses to
know: how the clusters came about.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
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

__all__ = ["Claim", "assign_ids", "canonical_name", "describe_entity", "resolve_chain"]


def assign_ids(
    clusters: Sequence[Cluster],
    mentions_of: Mapping[str, Sequence[str]],
    before: Mapping[str, str],
    born: Mapping[str, int],
) -> tuple[list[str], dict[str, str]]:
    """Return the entity id of each cluster and the redirects that arise.

    Args:
        clusters: All current clusters.
        mentions_of: Mention ids of each chain.
        before: The entity id of each mention in the last run.
        born: For every id ever used the number of the run that made it; none of them is given to another cluster.

    Returns:
        Ids: the curated one; else that of the oldest former entity most of whose mentions are here; else a new one
        derived from the smallest mention id. Redirects: former ids that lost their mentions to another id.
    """
    shares: dict[str, Counter[int]] = defaultdict(Counter)
    for number, cluster in enumerate(clusters):
        for chain_id in cluster.chain_ids:
            for mention_id in mentions_of[chain_id]:
                if mention_id in before:
                    shares[before[mention_id]][number] += 1
    claims: dict[int, list[str]] = defaultdict(list)
    for old, counts in shares.items():
        heir = min(counts.items(), key=lambda c: (-c[1], clusters[c[0]].chain_ids))[0]
        claims[heir].append(old)
    ids: list[str] = []
    redirects: dict[str, str] = {}
    used = set(born)
    for number, cluster in enumerate(clusters):
        former = sorted(claims[number], key=lambda old: (born.get(old, 0), old))
        if cluster.curated_id:
            chosen = cluster.curated_id
        elif former:
            chosen = former[0]
        else:
            chosen = new_id(cluster, mentions_of, used)
        ids.append(chosen)
        used.add(chosen)
        redirects.update({old: chosen for old in former if old != chosen})
    return ids, redirects


def new_id(cluster: Cluster, mentions_of: Mapping[str, Sequence[str]], used: set[str]) -> str:
    """Return an id derived from the cluster's smallest mention id, salted if it was ever used."""
    anchor = min(mention for chain in cluster.chain_ids for mention in mentions_of[chain])
    salt = 0
    while (made := content_id("e", anchor, *([salt] if salt else []))) in used:
        salt += 1
    return made


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
    claims: Mapping[str, Claim],
    parse: Callable[[str, Kind], Name],
) -> list[Resolution]:
    """Return the outcome of each mention of one chain.

    Args:
        chain: The chain.
        claim: What linking found for it.
        mentions: Its mentions.
        claims: The claims of all chains by chain id, for rivals inside the article.
        parse: Surface and kind -> Name.
    """
    own = parse(chain.name, chain.kind).folded
    rivals: dict[str, list[str]] = defaultdict(list)
    for mention_id, chain_id in chain.rivals:
        other = claims[chain_id].entity_id
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
