"""Names -> entities of the curated table, by exact and folded spelling.

A strong alias identifies; a weak one (a bare "Bush") only proposes. Two entries with one spelling are left to context,
never to a coin toss. Refuses to know: articles, scores.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler

from aliases.table import AliasTable
from resolver.columns import columns_of_names
from resolver.frequencies import NEVER, frequencies, occurrences
from resolver.gazetteer import Entry, Gazetteer, any_order
from resolver.keys import plain_sound_keys, sound_keys
from resolver.model import Entity, Kind, Name, Role
from resolver.names import GENERATIONS, fold, is_title, parse_name
from resolver.scores import NameScorer, prior_bits, probability
from resolver.scores.tokens import RAREST_BITS, UNSEEN

__all__ = ["Authority", "common_bits", "rarity"]

# Read off the nearest names of the table for 11,000 names of the corpora that it has not: from these on every one was
# a spelling of the same name ("Angela Merkell"), below it there are others ("Lord Robert Cecil" has 2.7).
LIKE_BITS = 3.0
MARGIN_BITS = 2.0  # by which another entity's nearest spelling must be less alike
LIKE_TOKEN = 0.75  # Jaro-Winkler, in [0, 1]: every spelled part of a name must be so like one of the other's
FOREIGN_TITLES = frozenset(  # folded; beside those that parsing takes off
    """aiatolla ajatollah ayatola ayatolah aytallh papst papa pape papiez konigin koningin reina rey roi regina re
    drottning kung kaiser kaiserin zar tsar tsarina comandante marschall mariscal maresciallo schah chah furst pm
    mzee premierminister ministerprasident staatsprasident aussenminister prasidenten presidentti prezydent
    prezident rais scheich cheikh jeque mollah mulla hodschatoleslam kanclerz bundesprasident""".split()
)
# Rarity of a full name, see `rarity`: "Paul Martin" has 17.6, "John Howard" 17.7, "David Cameron" 19.7.
FULL_BITS = 20.0
LONG = 7  # letters of one word from which one wrong letter does not make another name


class Authority:
    """The curated table as a look-up by kind and spelling.

    Args:
        table: The table; None for an empty one.
    """

    def __init__(self, table: AliasTable | Gazetteer | None) -> None:
        self.gazetteer = Gazetteer.of(table) if isinstance(table, AliasTable) else table
        self.entries = lru_cache(maxsize=200_000)(self._entries)
        self._likely = lru_cache(maxsize=200_000)(self._nearly)

    def name(self, entity_id: str) -> str:
        """Return the canonical name of an entity, "" if the table has none of that id."""
        number = None if self.gazetteer is None else self.gazetteer.number(entity_id)
        return "" if self.gazetteer is None or number is None else self.gazetteer.name(number)

    def entity(self, entity_id: str) -> Entity:
        """Return an entity of the table that no text mentions.

        Raises:
            KeyError: The table has none of that id.
        """
        number = None if self.gazetteer is None else self.gazetteer.number(entity_id)
        if self.gazetteer is None or number is None:
            raise KeyError(entity_id)
        return Entity(entity_id, self.gazetteer.kind(number), self.gazetteer.name(number), (), curated=True)

    def _entries(self, surface: str, kind: Kind) -> tuple[Entry, ...]:
        """Return the entities that bear a spelling as it stands or without its titles, strong ones first."""
        if self.gazetteer is None:
            return ()
        words = fold(surface).split()
        found = self.gazetteer.bearers(" ".join(words), kind)
        if not found and kind != Kind.PER and words[:1] == ["the"]:
            found = self.gazetteer.bearers(" ".join(words[1:]), kind)
        if found or kind != Kind.PER:
            return tuple(found)
        while len(words) > 1 and (is_title(words[0]) or words[0] in FOREIGN_TITLES):
            words = words[1:]
            found = self.gazetteer.bearers(" ".join(words), kind)
            if found:
                return tuple(found)
        name = parse_name(surface, kind)
        if name.having(Role.GENERATION):  # "Martin Luther King III" is not "Martin Luther King"
            return ()
        return tuple(
            self.gazetteer.bearers(name.folded, kind) or self.gazetteer.bearers(any_order(words), kind)
        )

    def likely(self, surface: str, kind: Kind) -> tuple[str, float]:
        """Return the entity one of whose strong spellings is nearly this one, and the probability; ("", 0.0) if none.

        Args:
            surface: A name that the table does not have.
            kind: Its kind.
        """
        if self.gazetteer is None or self.entries(surface, kind):
            return "", 0.0
        return self._likely(surface, kind)

    def _nearly(self, surface: str, kind: Kind) -> tuple[str, float]:
        gazetteer = self.gazetteer
        name = parse_name(surface, kind)
        if gazetteer is None or not name.folded or name.having(Role.GENERATION):
            return "", 0.0
        if kind == Kind.PER:
            _, keys = sound_keys(columns_of_names([name]))
        else:
            keys = plain_sound_keys([fold(surface)], kind)
        rows = [row for row in gazetteer.sounding(keys) if gazetteer.entry(row).strong]
        near = [(row, parse_name(gazetteer.spelling(row), kind)) for row in rows]
        like = near_people if kind == Kind.PER and not name.weak else near_words
        near = [(row, other) for row, other in near if like(name, other)]
        if not near:
            return "", 0.0
        left, right = np.zeros(len(near), dtype=np.int64), np.arange(1, len(near) + 1)
        scorer = NameScorer([name, *(other for _, other in near)])
        bits = np.asarray(scorer.bits(left, right)) + prior_bits(gazetteer.size)
        bits[scorer.contradictions(left, right)] = -np.inf
        best: dict[int, float] = {}
        for (row, _), value in zip(near, bits.tolist(), strict=True):
            entity = gazetteer.entry(row).entity
            best[entity] = max(value, best.get(entity, -np.inf))
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        if kind == Kind.PER and not name.weak and ranked[0][1] < LIKE_BITS:
            return "", 0.0
        if len(ranked) > 1 and ranked[0][1] < ranked[1][1] + MARGIN_BITS:
            return "", 0.0
        return gazetteer.entity_id(ranked[0][0]), float(probability(max(ranked[0][1], LIKE_BITS)))

    def decided(self, name: str, forms: Sequence[str], kind: Kind) -> str:
        """Return the one entity that a chain's spellings identify, "" if none or several do.

        Args:
            name: The fullest spelling.
            forms: All spellings; one of fewer words than `name` says nothing: "Yair Netanyahu" may be called
                "Netanyahu", which alone means another man.
            kind: Their kind. A person's name that many have ("Paul Martin") identifies nobody.
        """
        if self.gazetteer is None:
            return ""
        words = len(fold(name).split())
        for surface in dict.fromkeys((name, *forms)):
            if len(fold(surface).split()) < words:
                continue
            strong = [entry.entity for entry in self.entries(surface, kind) if entry.strong]
            if strong and kind == Kind.PER and common_bits(surface) > 0:
                return ""
            if len(strong) == 1:
                return self.gazetteer.entity_id(strong[0])
            if strong:
                return ""
        return ""


@lru_cache(maxsize=500_000)
def rarity(token: str) -> float:
    """Return how many bits agreement on a token is worth by its frequency, in [0, `RAREST_BITS`]."""
    seen = sum(frequencies().get(token, NEVER))
    return min(RAREST_BITS, math.log2(occurrences() / (seen + UNSEEN)))


@lru_cache(maxsize=100_000)
def common_bits(surface: str) -> float:
    """Return by how many bits a full name of a person is too common to identify anybody, 0 if it is not."""
    words = fold(surface).split()
    if len(words) < 2 or words[-1] in GENERATIONS:
        return 0.0
    return max(0.0, FULL_BITS - sum(rarity(word) for word in words))


def near_people(name: Name, other: Name) -> bool:
    """Return whether every spelled part of a person's name is like one of the other name's.

    "Pierre-Napoléon Bonaparte" is not Napoléon, though all parts of the shorter name are in the longer one.
    """
    mine, theirs = (
        [
            part
            for token in n.tokens
            for part in token.text.split("-")
            if token.role in SPELLED and len(part) > 1
        ]
        for n in (name, other)
    )
    across = name.script != other.script
    return len(theirs) > 1 and all(
        across or max(JaroWinkler.similarity(part, their) for their in theirs) >= LIKE_TOKEN for part in mine
    )


SPELLED = (Role.GIVEN, Role.SURNAME, Role.PATRONYMIC, Role.KUNYA)


def near_words(name: Name, other: Name) -> bool:
    """Return whether two names differ by one letter (by two from `LONG` * 2 letters on), spaces aside."""
    mine, theirs = name.folded.replace(" ", ""), other.folded.replace(" ", "")
    if name.script != "latin" or len(mine) < LONG or len(theirs) < LONG:
        return False
    most = 2 if len(mine) >= 2 * LONG else 1
    return bool(OSA.distance(mine, theirs, score_cutoff=most) <= most)
