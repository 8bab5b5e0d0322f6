"""Sentences to batches of numbers, drawn without end from the training corpora."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from augment import Names, replace, rewrite
from corpora import Sentence
from teacher import style
from tokenizers import Tokenizer

from resolver.tagger.decoding import LABELS
from resolver.tagger.encoding import CLS, SEP, Encoder
from resolver.tagger.sentences import WORD

WEIGHTS = {"wire": 3.0, "newsroom": 3.0, "stories": 3.0, "wikigold": 2.0, "gum": 0.6, "re3d": 0.8, "sec": 0.5,
           "btc": 0.7, "wnut": 0.4, "wnut2": 0.4, "wnut3": 0.2}  # fmt: skip
TEMPLATES = 0.15  # share of sentences that templates make
NAMELESS = 0.35  # weight of a sentence without a name
OURS = ("wire", "newsroom", "stories", "template")  # corpora with our conventions
MAX_WORDS = 110
UNKNOWN = -100  # label of a word that teaches nothing
DRAWN = 256  # sentences that batches of like length are cut from


class Row(NamedTuple):
    """An encoded sentence; `firsts` and `labels` have one entry a word."""

    pieces: list[int]
    cases: list[int]
    firsts: list[int]
    labels: list[int]
    source: str


def load_encoder(base: Path) -> Encoder:
    """The word pieces of the base network."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Encoder(tokenizer)


def encode(sentence: Sentence, encoder: Encoder) -> Row:
    """Return a sentence as numbers."""
    words = list(WORD.finditer(sentence.text))[:MAX_WORDS]
    pieces, cases, firsts = encoder([word.group() for word in words])
    labels = [0] * len(words)
    for start, end, kind in sentence.spans:
        begun = False
        for at, word in enumerate(words):
            if word.start() >= start and word.end() <= end:
                labels[at] = UNKNOWN if kind == "?" else LABELS.index(("I-" if begun else "B-") + kind)
                begun = True
    return Row([CLS, *pieces, SEP], [0, *cases, 0], [f + 1 for f in firsts], labels, sentence.source)


class Batch(NamedTuple):
    """Padded rows: all (rows, pieces), but `styles` and `ours` (rows); `firsts` are the first pieces of words."""

    pieces: torch.Tensor
    cases: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor
    firsts: torch.Tensor
    styles: torch.Tensor
    ours: torch.Tensor

    def to(self, device: str) -> Batch:
        """The same on a device."""
        return Batch(*(t.to(device, non_blocking=True) for t in self))


def batch(rows: list[Row]) -> Batch:
    """Pad encoded sentences."""
    longest = max(len(row.pieces) for row in rows)
    pieces, cases, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    labels = torch.full((len(rows), longest), UNKNOWN)
    firsts = torch.zeros(len(rows), longest, dtype=torch.bool)
    for i, row in enumerate(rows):
        size = len(row.pieces)
        pieces[i, :size] = torch.tensor(row.pieces)
        cases[i, :size] = torch.tensor(row.cases)
        mask[i, :size] = 1
        if row.firsts:
            at = torch.tensor(row.firsts)
            labels[i, at] = torch.tensor(row.labels)
            firsts[i, at] = True
    styles = torch.tensor([style(row.source) for row in rows])
    ours = torch.tensor([row.source in OURS for row in rows])
    return Batch(pieces, cases, mask, labels, firsts, styles, ours)


def batches(rows: list[Row], size: int) -> list[list[Row]]:
    """Cut sentences into groups of like length and at most `size` pieces, padding included."""
    groups, group = [], []
    for row in sorted(rows, key=lambda row: len(row.pieces)):
        if group and len(row.pieces) * (len(group) + 1) > size:
            groups.append(group)
            group = []
        group.append(row)
    return [*groups, group]


def stream(train: list[Sentence], sources: Names, rng: random.Random) -> Iterator[Sentence]:
    """Yield sentences without end, drawn by source weight, with names replaced and writing changed."""
    weights = np.cumsum([WEIGHTS[s.source] * (1.0 if s.spans else NAMELESS) for s in train])
    alike: dict[str, list[Sentence]] = {}
    for sentence in train:
        alike.setdefault(sentence.source, []).append(sentence)
    while True:
        if rng.random() < TEMPLATES:
            yield rewrite(sources.sentence(), rng)
            continue
        sentence = train[int(np.searchsorted(weights, rng.random() * weights[-1]))]
        if rng.random() < 0.65:
            sentence = replace(sentence, sources, rng.choice((0.4, 0.8, 1.0)))
        if rng.random() < 0.1:  # two sentences that a splitter left together
            other = rng.choice(alike[sentence.source])
            shift = len(sentence.text.rstrip()) + 1
            sentence = sentence._replace(
                text=sentence.text.rstrip() + " " + other.text,
                spans=sentence.spans + tuple((s + shift, e + shift, k) for s, e, k in other.spans),
            )
        yield rewrite(sentence, rng)


class Batches(torch.utils.data.IterableDataset[Batch]):
    """Batches without end; every worker process draws its own.

    Args:
        train: What to draw from.
        shared: Folder with the lists of names.
        base: Folder with the tokenizer.
        pieces: Size of a batch, padding included.
        seed: Fixes the order, together with the number of workers.
    """

    def __init__(self, train: list[Sentence], shared: Path, base: Path, pieces: int, seed: int) -> None:
        self.train, self.shared, self.base, self.pieces, self.seed = train, shared, base, pieces, seed

    def __iter__(self) -> Iterator[Batch]:
        """Draw on and on."""
        worker = torch.utils.data.get_worker_info()
        torch.set_num_threads(1 if worker else torch.get_num_threads())
        rng = random.Random(1000 * self.seed + (worker.id if worker else 0))  # noqa: S311 - no secret
        encoder = load_encoder(self.base)
        source = stream(self.train, Names(self.shared, rng, self.train), rng)
        while True:
            groups = batches(
                [encode(next(source), encoder) for _ in range(max(DRAWN, self.pieces // 8))], self.pieces
            )
            rng.shuffle(groups)
            yield from (batch(group) for group in groups)
