"""Weak names (a bare surname, initials and surname) find their owner among the clusters of full names.

A weak name never joins two clusters: each of its chains goes to the best one, stays with its like, or is ambiguous.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Attachment", "attach_weak"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Attachment(NamedTuple):
    """Where a weak unit goes: the clusters it may belong to with their bits, likeliest first."""

    unit: int
    cluster: int
    bits: float
    options: tuple[tuple[int, float], ...]


def attach_weak(
    weak: Ints,
    strong: Ints,
    bits: Floats,
    apart: npt.NDArray[np.bool_],
    labels: Ints,
    weight: Floats,
    *,
    threshold: float,
) -> list[Attachment]:
    """Return the weak units that have an owner.

    Args:
        weak: For each scored pair the weak unit.
        strong: The strong unit of the pair.
        bits: Total weight of the pair, prior included.
        apart: Whether the pair must stay apart; that shuts out the strong unit's whole cluster.
        labels: Cluster number of every unit.
        weight: Articles of every cluster (indexed by cluster number): the more often somebody is named, the likelier
            a bare surname means that person; half a bit a doubling, as a bare name is also how new people appear.
        threshold: Least bits for an attachment.

    Returns:
        One entry for each weak unit with an owner, ordered by unit.
    """
    if not len(weak):
        return []
    cluster = labels[strong]
    worth = bits + 0.5 * np.log2(np.maximum(weight[cluster], 1.0))
    shut = set(zip(weak[apart].tolist(), cluster[apart].tolist(), strict=True))
    order = np.lexsort((cluster, -worth, weak))
    options: dict[int, dict[int, float]] = {}
    for at in order.tolist():
        unit, owner = int(weak[at]), int(cluster[at])
        if (unit, owner) not in shut and owner not in options.setdefault(unit, {}):
            options[unit][owner] = float(worth[at])
    out = []
    for unit, owners in sorted(options.items()):
        ranked = sorted(owners.items(), key=lambda o: (-o[1], o[0]))
        if ranked and ranked[0][1] >= threshold:
            out.append(Attachment(unit, ranked[0][0], ranked[0][1], tuple(ranked)))
    return out
