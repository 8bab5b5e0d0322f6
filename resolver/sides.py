"""What people write in a verdict -> what it stands for: ids, spellings, and the mentions to anchor it to.

Comes in: a mention id, an entity id or a name. Goes out: sides of verdicts. Refuses to know: what a verdict does.
"""

from __future__ import annotations

from typing import NamedTuple

from resolver.errors import InputError
from resolver.store import Store
from resolver.verdicts import on_mention

__all__ = ["Side", "name_of", "parted_spellings", "side_of"]

MOST_NEGATIVES = (
    200  # verdicts that one split may write: beyond that the mentions are better told apart one by one
)


class Side(NamedTuple):
    """What a side of a verdict stands for: its id as given, the mention that it is anchored to, the entity now.

    `spelled` says that it was given as a spelling.
    """

    id: str
    mention: str
    entity: str
    name: str
    note: str = ""
    spelled: bool = False


def side_of(store: Store, asked: str) -> Side:
    """Return what a mention id, entity id or name stands for.

    Raises:
        InputError: Nothing, or several entities.
    """
    if on_mention(asked):
        mention = store.mention(asked)
        if mention is None:
            raise InputError(f"no mention {asked} in the store: `resolver export mentions` lists them")
        own = mention.mention_id.partition("@")[0]
        return Side(own, own, mention.entity_id, mention.surface)
    if store.is_known(asked):
        return entity_side(store, asked)
    bearers = store.bearers(asked) or [row.entity_id for row in store.find(asked)]
    if not bearers:
        raise InputError(
            f"no mention, entity or name {asked!r} in the store: `resolver entities NAME` lists ids"
        )
    if len(bearers) > 1:
        options = ", ".join(f"{entity} ({name_of(store, entity)})" for entity in bearers[:6])
        raise InputError(f"{asked!r} is a name of {len(bearers)} entities: {options}: give an id")
    side = entity_side(store, bearers[0])
    spelled = [m.mention_id for m in store.members(side.entity) if m.surface == asked]
    return side._replace(mention=spelled[0], name=asked, spelled=True) if spelled else side


def entity_side(store: Store, asked: str) -> Side:
    """Return what an entity id stands for; a merged one leads to its successor, with a note."""
    now_id = store.redirects().get(asked, asked)
    members, name = store.members(now_id), name_of(store, now_id)
    if not members:
        raise InputError(
            f"{asked} is nobody any more: its last mention is gone; `resolver entities NAME` lists ids"
        )
    surfaces = {member.mention_id: member.surface for member in members}
    former = store.former_entities(surfaces)
    # A verdict is anchored to a mention that has always been this entity's, one that bears its name if there is any.
    own = [m for m in surfaces if former.get(m, now_id) == asked] or list(surfaces)
    anchor = min(own, key=lambda m: (surfaces[m] != name, m))
    if now_id == asked:
        return Side(asked, anchor, asked, name)
    note = f"{asked} was merged into {now_id} ({name}): it stands for that now"
    return Side(asked, anchor, now_id, name, note)


def name_of(store: Store, entity_id: str) -> str:
    """Return the name of an entity."""
    return store.entity_names([entity_id]).get(entity_id, "")


def parted_spellings(store: Store, left: Side, right: Side) -> list[tuple[Side, Side]]:
    """Return the pairs of mentions that keep two spellings of one entity apart.

    Each chain with the rarer spelling is parted from a mention with the other one, and from those in itself.
    """
    chains: tuple[dict[str, str], dict[str, str]] = {}, {}
    for member in store.members(left.entity):
        for side, found in zip((left, right), chains, strict=True):
            if member.surface == side.name:
                found.setdefault(member.chain_id or member.mention_id, member.mention_id)
    rarer = 0 if len(chains[0]) <= len(chains[1]) else 1
    mine, other = (left, right)[rarer], (left, right)[1 - rarer]
    return [
        (mine._replace(id=own, mention=own), other._replace(id=opposite, mention=opposite))
        for chain_id, own in sorted(chains[rarer].items())[:MOST_NEGATIVES]
        for opposite in sorted({other.mention, chains[1 - rarer].get(chain_id, other.mention)})
    ]
