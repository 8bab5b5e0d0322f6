"""Scores of labels to spans: the best sequence of labels in which every name is begun before it goes on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["LABELS", "best_path", "names"]

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
"""The classes of the network, in its order."""

_FORBIDDEN = -1e4  # in logits: no real score reaches it


def _transitions() -> npt.NDArray[np.float32]:
    table = np.zeros((len(LABELS), len(LABELS)), np.float32)
    for right, label in enumerate(LABELS):
        if label.startswith("I-"):
            table[:, right] = _FORBIDDEN
            table[right - 1 : right + 1, right] = 0
    return table


_TRANSITIONS = _transitions()
_FIRST = _TRANSITIONS[0]  # the start of a sentence allows what O allows


def best_path(scores: npt.NDArray[np.float32]) -> list[int]:
    """Return the likeliest allowed labels of a sentence.

    Args:
        scores: Logits, shape (words, labels), one word at least.

    Returns:
        One index into `LABELS` per word.
    """
    greedy: list[int] = scores.argmax(axis=1).tolist()
    if _allowed(greedy):
        return greedy
    total = scores[0] + _FIRST
    back = []
    for row in scores[1:]:
        ways = total[:, None] + _TRANSITIONS
        best = ways.argmax(axis=0)
        back.append(best)
        total = ways[best, np.arange(len(LABELS))] + row
    path = [int(total.argmax())]
    for best in reversed(back):
        path.append(int(best[path[-1]]))
    return path[::-1]


def _allowed(path: list[int]) -> bool:
    """Whether every I follows a B or I of its kind; an even index above 0 is an I, the index before it its B."""
    before = 0
    for label in path:
        if label and label % 2 == 0 and before not in (label, label - 1):
            return False
        before = label
    return True


def names(path: list[int]) -> list[tuple[int, int, str]]:
    """Return (first word, word after the last, kind) of every name in a path, in order."""
    found: list[tuple[int, int, str]] = []
    for at, label in enumerate(path):
        if label and label % 2:
            found.append((at, at + 1, LABELS[label][2:]))
        elif label:
            start, _, kind = found[-1]
            found[-1] = (start, at + 1, kind)
    return found
