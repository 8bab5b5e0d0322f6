"""The learned table: what each fact about an option is worth, and how likely each option is by its facts.

Comes in: the facts of each option in words. Goes out: probabilities. Refuses to know: names and texts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

__all__ = ["likelihoods", "weights"]


@cache
def weights() -> Mapping[str, float]:
    """Return the shipped worth of each fact, in bits."""
    path = files("resolver").joinpath("models", "chains", "weights.json")
    table: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return table


def likelihoods(options: Sequence[Iterable[str]], table: Mapping[str, float]) -> list[float]:
    """Return how likely each option is, given that one of them is right; they sum to 1.

    Args:
        options: The facts of each option.
        table: What each fact is worth in bits; an unknown one is worth nothing.
    """
    bits = [sum(table.get(fact, 0.0) for fact in facts) for facts in options]
    top = max(bits)
    odds = [math.exp2(b - top) for b in bits]
    total = sum(odds)
    return [o / total for o in odds]
