"""What finds names in a text, behind one protocol: rules, spans that were given, the tagger, and plug-ins."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Protocol

from resolver.errors import SettingsError
from resolver.mentions.rules import rules
from resolver.mentions.words import pieces
from resolver.model import Article, Kind, Span

__all__ = ["EXTRACTORS", "Extractor", "extractor", "given"]

_KINDS: Mapping[str, Kind] = {
    "PER": Kind.PER, "PERSON": Kind.PER, "person": Kind.PER, "persName": Kind.PER,
    "ORG": Kind.ORG, "organization": Kind.ORG, "organisation": Kind.ORG, "orgName": Kind.ORG,
    "LOC": Kind.LOC, "GPE": Kind.LOC, "FAC": Kind.LOC, "location": Kind.LOC, "placeName": Kind.LOC,
    "geogName": Kind.LOC,
}  # fmt: skip
"""Labels of other people's models that mean one of our kinds."""

_GLINER_LABELS = ["person", "organization", "location"]
_GLINER_CHARACTERS = 1_000
"""Length of a piece of text that fits into a GLiNER model's window (384 words)."""


class Extractor(Protocol):
    """Finds names. Anything that can be called like this can stand in."""

    def __call__(self, articles: Sequence[Article]) -> list[list[Span]]:
        """Return the spans of each article, in the order of the articles."""


def given(articles: Sequence[Article]) -> list[list[Span]]:
    """Return the spans that came with the articles; none where none came."""
    return [list(article.given or ()) for article in articles]


def _rules() -> Extractor:
    return rules


def _given() -> Extractor:
    return given


def _tagger() -> Extractor:
    tagger = importlib.import_module("resolver.tagger").Tagger()

    def tag(articles: Sequence[Article]) -> list[list[Span]]:
        spans: list[list[Span]] = tagger([article.text for article in articles])
        return spans

    return tag


EXTRACTORS: dict[str, Callable[[], Extractor]] = {"rules": _rules, "given": _given, "tagger": _tagger}
"""Makers of the built-in extractors, by the name that a user gives."""


def extractor(name: str) -> Extractor:
    """Return the extractor of a name.

    Args:
        name: A key of `EXTRACTORS`, or `spacy:MODEL` or `gliner:MODEL` for an installed model of others.

    Raises:
        SettingsError: No extractor has this name, or what it needs is not installed.
    """
    if name in EXTRACTORS:
        return EXTRACTORS[name]()
    family, mark, model = name.partition(":")
    if mark and model and family == "spacy":
        return _spacy(model)
    if mark and model and family == "gliner":
        return _gliner(model)
    choices = [*EXTRACTORS, "spacy:MODEL", "gliner:MODEL"]
    near = get_close_matches(name, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SettingsError(f"no extractor {name!r}, expected one of {', '.join(choices)}{hint}")


def _package(package: str, wanted: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise SettingsError(
            f"extractor {wanted!r} needs the package {package}; install it with: "
            f"pip install 'alias-resolver[{package}]'"
        ) from error


def _spacy(model: str) -> Extractor:
    spacy = _package("spacy", f"spacy:{model}")
    try:
        pipeline = spacy.load(model)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no spaCy pipeline {model!r} that can be loaded; install it with: python -m spacy download {model}"
        ) from error

    def tag(articles: Sequence[Article]) -> list[list[Span]]:
        found = []
        for article in articles:
            # The limit guards memory of parsers; a long article is the user's choice.
            pipeline.max_length = max(pipeline.max_length, len(article.text) + 1)
            entities = pipeline(article.text).ents
            found.append(
                [
                    Span(entity.start_char, entity.end_char, _KINDS[entity.label_], source=f"spacy:{model}")
                    for entity in entities
                    if entity.label_ in _KINDS
                ]
            )
        return found

    return tag


def _gliner(model: str) -> Extractor:
    gliner = _package("gliner", f"gliner:{model}")
    try:
        loaded = gliner.GLiNER.from_pretrained(model)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"no GLiNER model {model!r} that can be loaded; give a folder or a model name"
        ) from error

    def tag(articles: Sequence[Article]) -> list[list[Span]]:
        return [
            [
                Span(
                    offset + hit["start"],
                    offset + hit["end"],
                    _KINDS[hit["label"]],
                    float(hit["score"]),
                    f"gliner:{model}",
                )
                for offset, piece in pieces(article.text, _GLINER_CHARACTERS)
                for hit in loaded.predict_entities(piece, _GLINER_LABELS)
            ]
            for article in articles
        ]

    return tag
