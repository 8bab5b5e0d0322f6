"""Chains -> units: what is compared across articles.

Chains with equal names are one unit when the name is rare enough to carry identity alone. A common name makes each of
its chains a unit of its own, so that context decides which of them are one person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from resolver.model import Chain, Name, Role

__all__ = ["NameGroup", "Unit", "group_by_name", "split_groups"]


class NameGroup(NamedTuple):
    """A name and the numbers of the chains that bear it."""

    name: Name
    chains: tuple[int, ...]


class Unit(NamedTuple):
    """Chains (by number) that bear one name (by number) and are one entity as far as the name alone tells."""

    name: int
    chains: tuple[int, ...]
    weak: bool


def group_by_name(chains: Sequence[Chain], members: Sequence[int], names: Sequence[Name]) -> list[NameGroup]:
    """Return the distinct names and their chains, in an order that does not depend on the order of the chains.

    Args:
        chains: All chains.
        members: The numbers of those to group; all of one kind.
        names: The parsed name of each member.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[int, Name]]] = defaultdict(list)
    for number, name in zip(members, names, strict=True):
        groups[name.folded or name.surface, name.having(Role.GENERATION)].append((number, name))
    out = []
    for _, found in sorted(groups.items()):
        shown = min((name for _, name in found), key=lambda n: (n.surface.isupper(), n.surface))
        out.append(NameGroup(shown, tuple(sorted((n for n, _ in found), key=lambda n: chains[n].chain_id))))
    return out


def split_groups(
    groups: Sequence[NameGroup], common: Sequence[bool], alone: Collection[int] = ()
) -> list[Unit]:
    """Return the units: one for each name, or one for each chain where the name does not decide.

    Args:
        groups: The distinct names with their chains.
        common: For each name whether it is too common to carry identity.
        alone: Chains that somebody has given a verdict on; they are units of their own.
    """
    units: list[Unit] = []
    for number, (group, is_common) in enumerate(zip(groups, common, strict=True)):
        weak = group.name.weak
        single = [c for c in group.chains if weak or is_common or c in alone]
        rest = tuple(c for c in group.chains if not (weak or is_common or c in alone))
        units.extend(Unit(number, (c,), weak) for c in single)
        if rest:
            units.append(Unit(number, rest, weak))
    return units
