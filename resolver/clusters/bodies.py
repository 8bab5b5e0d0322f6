"""Short names of organisations: "Hongda" is Hongda Semiconductor, where no other organisation's name begins so.

Newspapers name a company in full once and by its first word from then on, the next article by the first word alone.
A short name goes to the one organisation that it can stand for, and nowhere if there are two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resolver.model import Name

__all__ = ["short_names"]

Ints = npt.NDArray[np.int64]

LEAST_LETTERS = 4  # of a name of one word that stands for a longer one: shorter ones stand for many
CLUB_LETTERS = 3  # at most, of what stands before a club's name: "AC Laguna"
SMALL = frozenset("of the and for de la le les du des der die das und y et von van di del in at".split())
GENERIC = frozenset(
    """academy administration agency alliance army assembly association authority banca banco bank banque board
    brigade broadcasting bureau cabinet center central centre chamber church city civil club coalition coast
    college command commission committee community compagnie compania company confederation congress
    constitutional corporation council county court defence defense democratic department development district
    eastern european executive federal federation finance first force foreign foundation front fund general
    global government grand great group groupe grupo gruppe guard health high hospital hotel house independent
    industrial institute institution interior international justice labor labour league legislative liberal
    liberation library local maison mayor metropolitan military minera ministry movement municipal museum
    national naval navy network new northern office opera orchestra organisation organization parliament party
    patriotic people peoples police popular presidential prime progressive prosecutor provincial public regional
    republican reserve revolutionary royal school security senate service social societe society south southern
    special sport sports state states supreme survey teaching teatro theatre trade transitional treasury
    tribunal union united university water western women workers world young youth""".split()
)  # fmt: skip


def short_names(names: Sequence[Name], labels: Ints) -> dict[int, int]:
    """Return for each unit that bears the short name of another's organisation the cluster of that one.

    Args:
        names: The name of each unit, all of organisations.
        labels: The cluster of each unit.
    """
    heads: dict[tuple[str, ...], set[int]] = defaultdict(set)  # what stands for a name -> its clusters
    words = [tuple(token.text for token in name.tokens if token.text) for name in names]
    for row, label in zip(words, labels.tolist(), strict=True):
        for head in stand_ins(row):
            heads[head].add(label)
    out = {}
    for unit, row in enumerate(words):
        owners = heads.get(row, set()) - {int(labels[unit])}
        if len(owners) == 1 and tells(row):
            out[unit] = owners.pop()
    return out


def stand_ins(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return what may stand for a name: its first words, or what follows a club's letters or a word for its sort."""
    found = {words[:size] for size in range(1, len(words)) if words[size - 1] not in SMALL}
    sort = len(words[0]) <= CLUB_LETTERS or words[0] in GENERIC if words else False
    if len(words) > 1 and sort and not SMALL & set(words):
        found.add(words[1:])
    return found


def tells(words: tuple[str, ...]) -> bool:
    """Whether a short name says which organisation is meant: not "the Bank", not "Central Bank"."""
    if all(word in GENERIC or word in SMALL for word in words):
        return False
    return len(words) > 1 or len(words[0]) >= LEAST_LETTERS
