"""Clusters -> entities with ids that last, and an outcome for every mention that was looked at.

Comes in: the chains that were linked and their clusters, the ids that mentions had. Goes out: entities, resolutions,
redirects, and names all of whose other chains move. Refuses to know: how the clusters came about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from resolver.authority import Authority
from resolver.entities import Claim, assign_ids, describe_entity, possible_ids, resolve_chain
from resolver.linking import Linked
from resolver.marking import parse
from resolver.model import Entity, Resolution, ScoredPair
from resolver.recall import Corpus
from resolver.stock import group_of
from resolver.store import Store, StoredPair

__all__ = ["Named", "name_entities", "stored_pairs"]


class Named(NamedTuple):
    """Entities, the outcome of every mention, redirects from former ids, and names that move as a whole."""

    entities: list[Entity]
    resolutions: list[Resolution]
    redirects: dict[str, str]
    moves: dict[int, str]


def name_entities(store: Store, corpus: Corpus, linked: Linked, authority: Authority) -> Named:
    """Turn clusters into entities and outcomes into resolutions."""
    mention = {m.mention_id: m for m in corpus.mentions}
    chain_of = {chain.chain_id: chain for chain in corpus.chains}
    mentions_of = {chain.chain_id: chain.mention_ids for chain in corpus.chains}
    former = store.former_entities(corpus.before) if corpus.before else {}
    born = store.births(None if corpus.why_all else known_ids(corpus, linked, mentions_of, former))
    ids, redirects = assign_ids(linked.clusters, mentions_of, corpus.before, born, former)
    names = store.entity_names(corpus.before.values()) if corpus.sampled else {}
    entities, moves = [], {}
    kept = unchanged(corpus, linked, ids)
    for entity_id, cluster in zip(ids, linked.clusters, strict=True):
        if kept.issuperset(cluster.chain_ids):
            continue
        chains = [chain_of[chain_id] for chain_id in cluster.chain_ids]
        mentions = [mention[m] for chain in chains for m in chain.mention_ids]
        groups = corpus.sampled.intersection(map(group_of, chains)) if corpus.sampled else set()
        # Of a sampled name not all spellings are at hand: its entity keeps the name that all of them gave it.
        known = authority.name(cluster.curated_id)
        entity = describe_entity(entity_id, chains, mentions, parse, known)
        entities.append(entity._replace(name=names[entity_id]) if groups and entity_id in names else entity)
        moves.update(dict.fromkeys(groups, entity_id))
    unmentioned = {known for outcome in linked.outcomes.values() for known, _ in outcome.known} - set(ids)
    entities.extend(authority.entity(entity_id) for entity_id in sorted(unmentioned))
    return Named(entities, outcomes(store, corpus, linked, ids, kept), redirects, settled(corpus, moves))


def known_ids(
    corpus: Corpus, linked: Linked, mentions_of: Mapping[str, tuple[str, ...]], former: Mapping[str, str]
) -> set[str]:
    """Return the ids that may be taken: those that mentions had, and those that clusters could be given."""
    out = {*corpus.before.values(), *former.values()}
    for cluster in linked.clusters:
        out.update(possible_ids(cluster, mentions_of))
        out.add(cluster.curated_id)
    return out


def settled(corpus: Corpus, moves: Mapping[int, str]) -> dict[int, str]:
    """Return the sampled names of organisations, places and famous people whose entity is another one than before."""
    before: dict[int, set[str]] = defaultdict(set)
    for chain in corpus.chains:
        group = group_of(chain)
        if group in moves and not parse(chain.name, chain.kind).weak:
            before[group].update(corpus.before[m] for m in chain.mention_ids if m in corpus.before)
    return {group: moves[group] for group, owners in before.items() if owners - {moves[group]}}


def unchanged(corpus: Corpus, linked: Linked, ids: list[str]) -> set[str]:
    """Return the held chains whose stored outcome stands: not all that they could be is at hand to weigh it anew.

    Whoever was alone and has been joined is not new any more.
    """
    out: set[str] = set()
    for entity_id, cluster in zip(ids, linked.clusters, strict=True):
        held = [c for c in cluster.chain_ids if c in corpus.held and corpus.known[c] == entity_id]
        if len(held) > 1 or len(held) == len(cluster.chain_ids):
            out.update(held)
    return out


def outcomes(
    store: Store, corpus: Corpus, linked: Linked, ids: list[str], kept: set[str]
) -> list[Resolution]:
    """Return the outcome of every mention of the chains that were linked, but for those that are kept."""
    mention = {m.mention_id: m for m in corpus.mentions}
    claims = {}
    for number, outcome in linked.outcomes.items():
        cluster = linked.clusters[outcome.cluster]
        options = tuple((ids[c], p) for c, p in outcome.options)
        if outcome.known:
            own = 1.0 - sum(p for _, p in outcome.known)
            options = ((ids[outcome.cluster], own), *outcome.known)
        alone = len(cluster.chain_ids) == 1 and not cluster.curated_id
        claim = Claim(ids[outcome.cluster], outcome.probability, outcome.linked_by, options, alone)
        claims[corpus.chains[number].chain_id] = claim
    absent = {other for chain in corpus.chains for _, other in chain.rivals if other not in claims}
    rivals = {chain_id: claim.entity_id for chain_id, claim in claims.items()}
    rivals |= store.entities_of_chains(absent) if absent else {}
    return [
        resolution
        for chain in corpus.chains
        if chain.chain_id in claims and chain.chain_id not in kept
        for resolution in resolve_chain(
            chain, claims[chain.chain_id], [mention[m] for m in chain.mention_ids], rivals, parse
        )
    ]


def stored_pairs(corpus: Corpus, pairs: list[ScoredPair]) -> list[StoredPair]:
    """Return the kept pairs with chain ids in place of numbers."""
    out = []
    for pair in pairs:
        left, right = sorted((corpus.chains[pair.left].chain_id, corpus.chains[pair.right].chain_id))
        out.append(StoredPair(left, right, pair.bits, pair.probability, pair.keys, pair.evidence))
    return out
