"""Row models, loader and checks of the curated table."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an entity is."""

    PER = "PER"
    ORG = "ORG"
    LOC = "LOC"
