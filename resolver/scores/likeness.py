"""How alike two names sound as wholes: what is left to compare when a surname was mangled beyond spelling.

The measures are coarse on purpose. They only order names that the name model calls different, so that what an article
says of a person can decide among them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel, JaroWinkler
from rapidfuzz.process import cpdist

from resolver.model import Name, Role
from resolver.phonetics import skeleton, sounds

__all__ = ["LIKENESSES", "Likeness"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LIKENESSES = (
    "sound",
    "first sound",
    "last sound",
    "first letters",
    "last letters",
    "bare sound",
    "last bare sound",
)
SILENT_ROLES = (Role.TITLE, Role.GENERATION, Role.PARTICLE)


class Likeness:
    """The sounds and letters of names, ready to be compared.

    Args:
        names: Distinct names; pairs refer to them by number.
    """

    def __init__(self, names: Sequence[Name]) -> None:
        words = [
            [token.text for token in name.tokens if token.role not in SILENT_ROLES] or [name.folded or "?"]
            for name in names
        ]
        bare = [[skeleton(word.replace("-", "")) or word for word in row] for row in words]
        heard = [[sounds(word.replace("-", "")) or word for word in row] for row in words]
        columns = (
            ["".join(row) for row in heard],
            [row[0] for row in heard],
            [row[-1] for row in heard],
            [row[0] for row in words],
            [row[-1] for row in words],
            ["".join(row) for row in bare],
            [row[-1] for row in bare],
        )
        self.columns = [np.array(column, dtype=object) for column in columns]

    def measure(self, left: Ints, right: Ints) -> dict[str, Floats]:
        """Return each likeness in [0, 1] for each pair; symmetric."""
        one, other = np.minimum(left, right), np.maximum(left, right)
        out = {}
        for label, column in zip(LIKENESSES, self.columns, strict=True):
            scorer = Indel if "sound" in label else JaroWinkler
            found = cpdist(
                column[one].tolist(),
                column[other].tolist(),
                scorer=scorer.normalized_similarity,
                dtype=np.float32,
            )
            out[label] = np.asarray(found, dtype=np.float64)
        return out
