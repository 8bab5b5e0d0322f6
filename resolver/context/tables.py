"""Learned evidence: a measure falls into a bin, a bin is worth bits, and bits add up.

The tables lie in `resolver/models/context/weights.json`, made by `training/context`, and the trees for whole stories in
`stories.json` beside it. Every term is a look-up, so what a score consists of can be printed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from resolver.context.trees import Trees, trees_of
from resolver.errors import ModelError

__all__ = ["Calibration", "Model", "Slopes", "Tables", "load_model", "model_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SLOPE_END = 10.0  # bits from which more of a lead says no more
FOLDER = files("resolver").joinpath("models", "context")


class Tables(NamedTuple):
    """The bits of every bin of every term, and what all pairs start from."""

    start: float
    bits: Mapping[str, Floats]

    def terms(self, bins: Mapping[str, Ints]) -> dict[str, Floats]:
        """Return the bits of each term for each pair, the start not among them."""
        return {term: self.bits[term][column] for term, column in bins.items()}

    def total(self, bins: Mapping[str, Ints]) -> Floats:
        """Return the summed bits of each pair, the start included."""
        size = len(next(iter(bins.values())))
        out = np.full(size, self.start)
        for column in self.terms(bins).values():
            out += column
        return out


class Slopes(NamedTuple):
    """Bits that grow with a number, with one slope below zero and another above."""

    start: float
    slopes: Mapping[str, tuple[float, float]]

    def total(self, columns: Mapping[str, Floats]) -> Floats:
        """Return the summed bits of each pair, the start included."""
        out = np.full(len(next(iter(columns.values()))), self.start)
        for term, (below, above) in self.slopes.items():
            value = np.clip(columns[term], -SLOPE_END, SLOPE_END)
            out += np.where(value < 0, below, above) * value
        return out


class Calibration(NamedTuple):
    """How often mentions linked with so many bits were right: knots of a line that only rises."""

    bits: Floats
    right: Floats

    def __call__(self, bits: float) -> float:
        """Return the probability that a mention linked with so many bits is right, in [0, 1]."""
        return float(np.interp(bits, self.bits, self.right))


class Model(NamedTuple):
    """The learned evidence.

    Attributes:
        pairs: Tables for pairs of units of different articles.
        stories: Trees for pairs of clusters inside one story.
        rivals: What a story score becomes by its lead over the next best on either side.
        calibration: What the bits of a link are worth as a probability of its mention.
    """

    pairs: Tables
    stories: Trees
    rivals: Slopes
    calibration: Calibration


@cache
def load_model() -> Model:
    """Return the shipped tables.

    Raises:
        ModelError: The file is missing or damaged.
    """
    try:
        tables, trees = (
            json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))
            for name in ("weights.json", "stories.json")
        )
        return model_of(tables, trees)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{FOLDER}: cannot be read ({error}): expected the context model; install alias-resolver again"
        ) from error


def model_of(content: Mapping[str, Any], trees: Mapping[str, Any]) -> Model:
    """Return the model as it lies in two files: {part: {"start": bits, "terms": {term: numbers}}}, and the trees."""

    def tables(part: Mapping[str, Any]) -> Tables:
        bits = {term: np.asarray(values, dtype=np.float64) for term, values in part["terms"].items()}
        return Tables(float(part["start"]), bits)

    rivals = content["rivals"]
    slopes = {term: (float(below), float(above)) for term, (below, above) in rivals["terms"].items()}
    knots = content["calibration"]
    calibration = Calibration(np.asarray(knots["bits"], dtype=float), np.asarray(knots["right"], dtype=float))
    lead = Slopes(float(rivals["start"]), slopes)
    return Model(tables(content["pairs"]), trees_of(trees), lead, calibration)
