"""Everything tunable in one place, with the reason for each default."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from resolver.model import Kind

__all__ = ["Settings", "Without"]


class Without(StrEnum):
    """A part of the engine that can be left out, to see what it is worth."""

    CHAINS = "chains"
    CONTEXT = "context"
    CONSTRAINTS = "constraints"
    ALIASES = "aliases"


class Settings(BaseModel):
    """What a run is asked to do.

    Attributes:
        extractor: Name of the extractor: `tagger`, `rules`, `given`, `spacy:MODEL`, `gliner:MODEL`.
        kinds: The kinds of entities to resolve.
        aliases: Folders of curated tables, earlier ones win; empty for none, `("",)` for the packaged one.
        without: Parts to leave out.
        min_probability: A link below this probability, in [0, 1], is not made. 0.5 weighs a wrong merge and a
            missed one alike once the prior is in the bits; raise it where a wrong merge costs more.
        workers: Processes that read articles side by side; the result does not depend on it.
        ambiguity_bits: A mention whose second-best owner is within this many bits of the best is ambiguous.
            2 bits are odds of 4 to 1, the least at which a copy desk would not ask back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    extractor: str = "tagger"
    kinds: tuple[Kind, ...] = (Kind.PER, Kind.ORG, Kind.LOC)
    aliases: tuple[str, ...] = ("",)
    without: frozenset[Without] = frozenset()
    min_probability: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    workers: Annotated[int, Field(ge=1)] = 1
    ambiguity_bits: Annotated[float, Field(ge=0.0)] = 2.0
