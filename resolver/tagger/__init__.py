"""Finds people, organisations and places in text with a small neural network, on one CPU core.

    text -> sentences -> words -> pieces and case -> network (int8) -> best allowed labels -> Span

A sentence is read by itself, so that what was found in it can be kept for the next article that quotes it.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from resolver.errors import ModelError
from resolver.model import Kind, Span
from resolver.tagger.decoding import LABELS, best_path, names
from resolver.tagger.encoding import CASES, CLS, SEP, Encoder
from resolver.tagger.sentences import WORD, may_hold_a_name, sentences

__all__ = ["Tagger"]

MODEL_DIR = Path(__file__).resolve().parent.parent / "models" / "tagger"
NETWORK, TOKENIZER, SUMS = "tagger.onnx", "tokenizer.json", "SHA256SUMS"

_WINDOW = 120  # words: the network was trained on sentences of up to about this length
_OVERLAP = 24  # words that a window shares with the next one; no name of news is longer than half of them
_PIECES = 400  # of a window: the network knows 512 positions, and a word has up to twelve pieces
_BATCH = 1024  # pieces, padding included: larger ones only cost memory
_REMEMBERED = 20_000  # sentences whose names are kept, about 10 MB
_REMEMBERED_LENGTH = 1_000  # characters; longer sentences do not come back

_NO_END = "-–—,;:\"“”‘’'(["  # marks that no name ends in

Found = tuple[tuple[int, int, str, float], ...]
"""Names of one sentence: start and end character, counted from its beginning, kind, confidence."""


class Window(NamedTuple):
    """A sentence, or a part of a long one: `text` begins at character `at`; names count that begin in `own`."""

    at: int
    text: str
    own: tuple[int, int]


class _Network(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, outputs: None, feed: dict[str, npt.NDArray[np.int32]]) -> list[npt.NDArray[np.float32]]:
        """Return the scores, shape (sentences, pieces, labels)."""


class _Job(NamedTuple):
    """A window on its way through the network."""

    text: str
    words: list[tuple[int, int]]
    pieces: list[int]
    cases: list[int]
    firsts: list[int]


class Tagger:
    """The shipped name tagger. Loading waits for the first text.

    Args:
        model_dir: Folder with the network and the tokenizer; None for the shipped one.
        threads: Threads of the network, at least 1. One is best for total throughput.

    Raises:
        ModelError: When called, if a file of the model is missing or damaged.
    """

    def __init__(self, *, model_dir: Path | None = None, threads: int = 1) -> None:
        self._model_dir = model_dir or MODEL_DIR
        self._threads = max(1, threads)
        self._loaded: tuple[_Network, Encoder, float] | None = None
        self._remembered: dict[str, Found] = {}

    def __call__(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the names in each text.

        Args:
            texts: Any strings; other scripts, control characters and very long lines do no harm.

        Returns:
            For each text its spans: exact character offsets, sorted, not overlapping, confidence in [0, 1].
        """
        cut = [list(_windows(text)) for text in texts]
        asked = self._find({window.text for windows in cut for window in windows})
        return [list(_join(windows, asked)) for windows in cut]

    def _find(self, wanted: set[str]) -> dict[str, Found]:
        """Return the names of every window, from memory or from the network."""
        found = {text: self._remembered[text] for text in wanted if text in self._remembered}
        new = sorted(
            wanted - found.keys()
        )  # sorted: the batches are the same whatever the order of the articles
        found |= dict.fromkeys(new, ())
        spans = {text: [word.span() for word in WORD.finditer(text)] for text in new}
        new = [text for text in new if may_hold_a_name([text[start:end] for start, end in spans[text]])]
        if new:
            network, encoder, temperature = self._load()
            jobs = []
            for text in new:
                encoded = encoder([text[start:end] for start, end in spans[text]])
                firsts = [first for first in encoded.firsts if first < _PIECES]
                jobs.append(
                    _Job(text, spans[text], encoded.pieces[:_PIECES], encoded.cases[:_PIECES], firsts)
                )
            jobs.sort(key=lambda job: len(job.pieces))
            for batch in _batches(jobs):
                for job, scores in zip(batch, _run(network, batch), strict=True):
                    found[job.text] = _names(job, scores / temperature)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.clear()
        self._remembered.update(
            (text, names) for text, names in found.items() if len(text) <= _REMEMBERED_LENGTH
        )
        return found

    def _load(self) -> tuple[_Network, Encoder, float]:
        if self._loaded is None:
            self._loaded = _load(self._model_dir, self._threads)
        return self._loaded


def _windows(text: str) -> Iterator[Window]:
    """Yield the sentences of a text, long ones in parts that overlap."""
    for start, end in sentences(text):
        if end - start <= 2 * _WINDOW:  # a word has a character, mostly with a space
            yield Window(start, text[start:end], (0, end - start))
            continue
        words = list(WORD.finditer(text, start, end))
        if len(words) <= _WINDOW:
            yield Window(start, text[start:end], (0, end - start))
            continue
        for first in range(0, len(words) - _OVERLAP, _WINDOW - _OVERLAP):
            part = words[first : first + _WINDOW]
            at, stop = part[0].start(), part[-1].end()
            low = 0 if first == 0 else part[_OVERLAP // 2].start() - at
            last = first + _WINDOW >= len(words)
            high = stop - at if last else part[-_OVERLAP + _OVERLAP // 2].start() - at
            yield Window(at, text[at:stop], (low, high))


def _join(windows: list[Window], asked: dict[str, Found]) -> Iterator[Span]:
    """Yield the names of a text from those of its windows."""
    done = 0
    for window in windows:
        for start, end, kind, confidence in asked[window.text]:
            if window.own[0] <= start < window.own[1] and window.at + start >= done:
                done = window.at + end
                yield Span(window.at + start, done, Kind(kind), confidence, "tagger")


def _batches(jobs: list[_Job]) -> Iterator[list[_Job]]:
    """Yield jobs of like length together; they come sorted by length."""
    batch: list[_Job] = []
    for job in jobs:
        if batch and (len(batch) + 1) * (len(job.pieces) + 2) > _BATCH:
            yield batch
            batch = []
        batch.append(job)
    if batch:
        yield batch


def _run(network: _Network, batch: list[_Job]) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the scores of the words of each job, shape (words, labels)."""
    lengths = np.array([len(job.pieces) + 2 for job in batch], np.int32)
    pieces = np.zeros((len(batch), int(lengths.max())), np.int32)
    cases = np.zeros_like(pieces)
    pieces[:, 0] = CLS
    for row, job in enumerate(batch):
        inner = slice(1, len(job.pieces) + 1)
        pieces[row, inner] = job.pieces
        pieces[row, inner.stop] = SEP
        cases[row, inner] = job.cases
    scores = network.run(None, {"pieces": pieces, "cases": cases, "lengths": lengths})[0]
    for row, job in enumerate(batch):
        yield scores[row, np.array(job.firsts) + 1]


def _names(job: _Job, scores: npt.NDArray[np.float32]) -> Found:
    """Return the names of a job; the confidence of a name is that of its least sure word."""
    path = best_path(scores)
    found = names(path)
    if not found:
        return ()
    found = [name for name in (_trim(name, job) for name in found) if name[0] < name[1]]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    sure = odds[np.arange(len(path)), path] / odds.sum(axis=1)
    return tuple(
        (job.words[first][0], job.words[stop - 1][1], kind, round(float(sure[first:stop].min()), 4))
        for first, stop, kind in found
    )


def _trim(name: tuple[int, int, str], job: _Job) -> tuple[int, int, str]:
    """Return a name without the dashes, commas and quotes that ended up at its end."""
    first, stop, kind = name
    while stop > first and job.text[job.words[stop - 1][0]] in _NO_END:
        stop -= 1
    return first, stop, kind


def _load(folder: Path, threads: int) -> tuple[_Network, Encoder, float]:
    """Return the network, the encoder and the temperature of the scores.

    Raises:
        ModelError: If a file is missing, is not the one that was shipped, or cannot be read.
    """
    remedy = "reinstall alias-resolver to restore it"
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        sums = {line[66:]: line[:64] for line in lines}  # as sha256sum writes it
    except FileNotFoundError:
        raise ModelError(f"{folder / SUMS}: file of the tagger is missing; {remedy}") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / SUMS}: file of the tagger cannot be read; {remedy}") from error
    data = {}
    for name in (NETWORK, TOKENIZER):
        try:
            data[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            raise ModelError(f"{folder / name}: file of the tagger is missing; {remedy}") from None
        except OSError as error:
            raise ModelError(f"{folder / name}: file of the tagger cannot be read; {remedy}") from error
        if hashlib.sha256(data[name]).hexdigest() != sums.get(name):
            raise ModelError(
                f"{folder / name}: file of the tagger is damaged (its SHA-256 is another); {remedy}"
            )
    # These two take a moment to load, and a run with given mentions does without them.
    runtime, tokenizers = (importlib.import_module(name) for name in ("onnxruntime", "tokenizers"))
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors only
    options.enable_cpu_mem_arena = False  # the arena keeps the largest batch for ever
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        network = runtime.InferenceSession(data[NETWORK], options, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.Tokenizer.from_str(data[TOKENIZER].decode())
        facts = network.get_modelmeta().custom_metadata_map
        temperature = float(facts["temperature"])
    except Exception as error:  # both libraries raise classes of their own below it
        raise ModelError(f"{folder}: the tagger's files cannot be used; {remedy}") from error
    if facts.get("labels") != " ".join(LABELS) or facts.get("cases") != " ".join(CASES):
        raise ModelError(f"{folder / NETWORK}: made for another version of alias-resolver; {remedy}")
    return network, Encoder(tokenizer), temperature
