"""Words to the numbers that the network reads: word pieces, and how each word is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["CASES", "CLS", "SEP", "Encoded", "Encoder", "case_of"]

CASES = ("pad", "punctuation", "lower", "Title", "UPPER", "Initial", "miXed", "digits", "uncased")
"""How a word can be written; the base network is uncased, so this is all it learns of capitals."""

CLS, SEP, UNKNOWN = 101, 102, 100
_MAX_PIECES = (
    12  # of one word: longer ones are hashes, addresses and noise, and only the first piece is labelled
)
_MAX_CHARACTERS = 64  # of one word that the tokenizer reads; the same reason
_MAX_WORDS = 100_000  # distinct words kept; news reaches this after about 50 million words

_PUNCTUATION, _LOWER, _TITLE, _UPPER, _INITIAL, _MIXED, _DIGITS, _UNCASED = range(1, 9)


def case_of(word: str) -> int:
    """Return the index into `CASES` of a word."""
    if word.islower():
        return _DIGITS if word[0].isdigit() else _LOWER
    if word.isupper():
        return _INITIAL if len(word) == 1 else _UPPER
    if word[0].isupper() and word[1:].islower():
        return _TITLE
    if word[0].isdigit() or word.isdecimal():
        return _DIGITS
    if not word[0].isalpha():
        return _PUNCTUATION
    return _UNCASED if word.lower() == word.upper() else _MIXED


class Encoded(NamedTuple):
    """A sentence of n words in m pieces.

    `pieces` and `cases` have length m, `firsts` length n: the index of each word's first piece, counted without the
    frame of CLS and SEP.
    """

    pieces: list[int]
    cases: list[int]
    firsts: list[int]


class Encoder:
    """Looks words up, and asks the tokenizer only for those it has not met.

    Args:
        tokenizer: A BERT word-piece tokenizer; special tokens are not added by it.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._known: dict[str, tuple[list[int], int]] = {}

    def __call__(self, words: Sequence[str]) -> Encoded:
        """Encode the words of one sentence."""
        known = self._known
        pieces: list[int] = []
        cases: list[int] = []
        firsts: list[int] = []
        for word in words:
            entry = known.get(word)
            if entry is None:
                entry = self._look_up(word)
            ids, case = entry
            firsts.append(len(pieces))
            pieces += ids
            cases += [case] * len(ids)
        return Encoded(pieces, cases, firsts)

    def _look_up(self, word: str) -> tuple[list[int], int]:
        clean = word[:_MAX_CHARACTERS].encode("utf-8", "replace").decode()  # lone surrogates
        ids = self.tokenizer.encode(clean, add_special_tokens=False).ids[:_MAX_PIECES] or [UNKNOWN]
        entry = list(ids), case_of(word)
        if len(self._known) >= _MAX_WORDS:
            self._known.clear()
        if len(word) <= _MAX_CHARACTERS:
            self._known[word] = entry
        return entry
