"""Columns of whole numbers -> sorted, with the place that each came from.

numpy sorts plain numbers several times as fast as it finds the order of numbers, so a number and its place are packed
into one where both fit.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["numbered", "order_of"]

Ints = npt.NDArray[np.int64]

BITS = 63


def order_of(values: Ints) -> tuple[Ints, Ints]:
    """Return whole numbers of at least 0 in order, and their places; equal ones keep their order."""
    place_bits = max(1, len(values).bit_length())
    if not len(values) or int(values.max()).bit_length() + place_bits > BITS:
        order = np.argsort(values, kind="stable")
        return values[order], order
    packed = (values << place_bits) | np.arange(len(values))
    packed.sort()
    return packed >> place_bits, packed & ((1 << place_bits) - 1)


def numbered(values: Ints) -> tuple[Ints, Ints]:
    """Return the distinct numbers, all at least 0, in order, and for each value the place of its number."""
    ordered, order = order_of(values)
    new = np.diff(ordered, prepend=-1) != 0
    place = np.empty(len(values), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return ordered[new], place
