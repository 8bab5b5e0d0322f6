"""Reads the labelled corpora as sentences with PER, ORG and LOC in one convention.

Titles, possessive 's, nationality words and roles stay outside a span; kunya, particles, Jr and Sr inside. A span of
kind `?` is a place where a corpus cannot be trusted: its words teach nothing.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from resolver.tagger.sentences import WORD, sentences

LISTS = Path(__file__).parent / "lists"
Labelled = tuple[int, int, str]


class Sentence(NamedTuple):
    """A sentence, its spans, and where it comes from."""

    text: str
    spans: tuple[Labelled, ...]
    source: str
    doc: str


def lines(name: str) -> list[str]:
    """Return the entries of a word list."""
    return [line for line in (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line]


COUNTRIES = frozenset(lines("countries"))
TITLES = frozenset(
    """mr mrs ms miss dr prof professor sir dame lord lady president prime minister premier chancellor secretary
    ambassador governor gov senator sen justice judge king queen prince princess emperor sultan sheikh pope general gen
    col colonel captain capt major maj brig brigadier admiral adm lt lieutenant sgt sergeant cpl rev reverend chief hrh
    he shri smt datuk dato hon rep representative congressman congresswoman mayor deputy foreign defence defense vice
    attorney spokesperson spokesman spokeswoman director commander inspector detective constable officer coach
    father sister brother saint st bishop archbishop cardinal imam rabbi ayatollah mullah mp mep us uk navy army
    air force marine corps state of press operations senior special envoy representative interim acting former
    iraqi syrian russian turkish british american australian iranian afghan ukrainian french german saudi the staff
    baron baroness count earl duke duchess and for affairs pentagon coach""".split()
)
NOT_PEOPLE = frozenset(
    """borrower lender bank agent party parties company person purchaser seller guarantor holder trustee debtor
    licensee licensor executive employee tenant landlord lessee lessor consultant shareholder buyer vendor issuer
    subsidiary contractor lenders borrowers depositor servicer god""".split()
)
DEMONYMS = frozenset(
    """american americans british chinese french german germans russian russians israeli israelis palestinian
    palestinians iranian iranians iraqi iraqis syrian syrians turkish turks greek greeks italian italians spanish dutch
    irish scottish welsh english european europeans african africans asian asians arab arabs jewish jews muslim muslims
    christian christians indian indians pakistani japanese korean koreans mexican mexicans canadian canadians
    australian australians egyptian afghan afghans ukrainian ukrainians polish czech swedish norwegian danish finnish
    swiss austrian belgian portuguese brazilian argentine cuban cubans nigerian kenyan western catholic islamic
    latin""".split()
)
PRONOUNS = frozenset({"We", "Our", "They", "Us", "It", "You", "This", "These", "Both", "I"})
_SPACED = re.compile(
    r"(?<=[^\W\d_]) - (?=[^\W\d_])|(?<=['’]) (?=s\b)|(?<=\w) (?=['’]s?\b)|(?<=[(“]) | (?=[)”])"
)


def tidy(text: str, spans: list[Labelled]) -> tuple[str, list[Labelled]]:
    """Close the gaps that a corpus' own tokenisation left: "Al - Ja’ afari", "Iran’ s"."""
    out, moved, at = [], [0] * (len(text) + 1), 0
    shift = 0
    for found in _SPACED.finditer(text):
        keep = found.group().strip()
        for i in range(at, found.start()):
            moved[i] = i + shift
        out += [text[at : found.start()], keep]
        for i in range(found.start(), found.end()):
            moved[i] = found.start() + shift
        shift += len(keep) - len(found.group())
        at = found.end()
    for i in range(at, len(text) + 1):
        moved[i] = i + shift
    out.append(text[at:])
    return "".join(out), [(moved[s], moved[e], k) for s, e, k in spans]


def person(text: str, start: int, end: int) -> Labelled | None:
    """Trim a person to the name itself; None if nothing but a title is left."""
    country = re.match(r"U\.\s?[SK]\.?\s+", text[start:end])
    words = list(WORD.finditer(text, start + (country.end() if country else 0), end))
    while words and (words[0].group().lower() in TITLES or words[0].group() in ".,\"'“”‘’()- "):
        words.pop(0)
    while words and words[-1].group() in {",", '"', "“", "”", "(", ")", "-", ":", ";", "'", "’"}:
        words.pop()
    if len(words) > 1 and words[-1].group() == "s" and words[-2].group() in "'’":
        words = words[:-2]
    last = words[-1].group() if words else ""
    if (
        last == "."
        and len(words) > 1
        and len(words[-2].group()) > 1
        and words[-2].group().lower() not in {"jr", "sr"}
    ):
        words.pop()
    if not words or not any(word.group()[0].isupper() for word in words):
        return None
    return words[0].start(), words[-1].end(), "PER"


def _widen(text: str, start: int, end: int) -> tuple[int, int]:
    """The run of capitalised words around a span."""
    before = re.search(r"(?:[^\W\d_a-z][\w.&'’-]*\s+(?:of\s+(?:the\s+)?|and\s+|for\s+)?)+$", text[:start])
    after = re.match(r"(?:[-'’]?\s*(?:of\s+(?:the\s+)?|and\s+|for\s+)?[^\W\d_a-z][\w'’-]*)+", text[end:])
    return (start - len(before.group()) if before else start), (end + after.end() if after else end)


def _clean(text: str, spans: list[Labelled], source: str) -> list[Labelled]:
    """Bring the spans of a corpus into our kinds and edges, and mark what it is not to be trusted with."""
    out: list[Labelled] = []
    for start, end, kind in sorted(spans):
        new: Labelled | None = None
        if kind == "PER":
            new = _clean_person(text, start, end, source)
        elif kind in {"LOC", "ORG", "Organisation", "GRP"}:
            new = _clean_other(text, start, end, "LOC" if kind == "LOC" else "ORG", source)
        elif kind not in {"MISC", "Nationality", "Temporal", "Quantity", "Money"} and source == "re3d":
            new = start, end, "?"
        if new and new[0] < new[1] and not (out and new[0] < out[-1][1]):
            out.append(new)
    return out


def _clean_person(text: str, start: int, end: int, source: str) -> Labelled | None:
    if text[start:end].lower() in NOT_PEOPLE:
        return None
    new = person(text, start, end)
    if new is None:
        return None
    first, last, kind = new
    small = [
        w for w in text[first:last].split() if w.islower() and w not in {"al", "bin", "van", "de", "von"}
    ]
    if source == "re3d" and small:
        kind = "?"
    if source == "gum":  # joined hyphens: Claire Bailey-Ross
        joined = re.match(r"-[^\W\d_a-z]\w+", text[last:])
        last += joined.end() if joined else 0
    return first, last, kind


def _clean_other(text: str, start: int, end: int, kind: str, source: str) -> Labelled | None:
    article = re.match(r"[Tt]he\s+", text[start:end]) if source == "re3d" else None
    first, last = start + (article.end() if article else 0), end
    surface = text[first:last]
    if surface in COUNTRIES:
        kind = "LOC"
    elif (kind == "LOC" and surface.lower() in DEMONYMS) or surface in PRONOUNS:
        return None
    elif not any(c.isupper() for c in surface):
        if source == "re3d":
            return None
        kind = "?"
    elif _doubtful(surface, kind, source):
        kind = "?"
    elif source == "gum":
        wide = _widen(text, first, last)
        if wide != (first, last):
            first, last, kind = *wide, "?"
    if kind == "LOC" and re.search(r"['’]s$", text[first:last]):
        last -= 2
    return first, last, kind


def _doubtful(surface: str, kind: str, source: str) -> bool:
    """Whether a corpus often marks such spans where others mark none, or others."""
    if source == "re3d":  # descriptions: "Ministry of Defence spokesman's office"
        return (
            bool(re.search(r"\b[a-z]{3,}", re.sub(r"\b(?:and|for|the|al)\b", "", surface))) or "," in surface
        )
    return source == "sec" and bool(
        re.search(r"\d", surface) or surface.lower() in NOT_PEOPLE or kind == "ORG"
    )


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


FILES = {"wikigold": "wikigold", "btc": "btc", "gum": "gum_named", "re3d": "re3d", "sec": "secfilings",
         "wnut": "wnut17_train", "wnut2": "wnut17_test", "wnut3": "wnut17_dev"}  # fmt: skip


WIRE = Path(__file__).parent / "wire"
STORIES = Path(__file__).parents[1] / "stories"
STORIES_HELD = ("f", "h")  # the first letters of the story threads that are held out

sys.path.insert(0, str(STORIES))
from stories import lessons  # noqa: E402 - a script of another folder

_MARKED = re.compile(r"\[(PER|ORG|LOC) ([^\]]+)\]")


def wire(folder: Path = WIRE) -> Iterator[tuple[str, str, list[Labelled]]]:
    """Yield (id, text, spans) of the articles of our own that are marked inline: "in [LOC Lagos]"."""
    for path in sorted(folder.glob("*.txt")):
        for marked in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, body = marked.partition("\n")
            text, spans, at = "", [], 0
            for found in _MARKED.finditer(body):
                text += body[at : found.start()]
                spans.append((len(text), len(text) + len(found[2]), found[1]))
                text += found[2]
                at = found.end()
            yield head.split()[0], text + body[at:], spans


def corpus(shared: Path, source: str) -> Iterator[Sentence]:
    """Yield the sentences of one corpus that are worth reading."""
    if source == "wire":
        for doc, text, spans in wire():
            yield from _cut(text, spans, source, doc)
        return
    if source in {"newsroom", "stories"}:
        for row in _rows(shared / "newsroom" / "train.jsonl") if source == "newsroom" else lessons():
            text = str(row["text"])
            spans = [(m["start"], m["end"], m["type"]) for m in row["mentions"]]  # type: ignore[attr-defined]
            yield from _cut(text, spans, source, str(row["doc_id"]))
        return
    for row in _rows(shared / "ner" / f"{FILES[source]}.jsonl"):
        raw = re.sub(r"(?:\s*https?:\S+)+\s*$", "", str(row["text"]))
        if source in {"btc", "wnut", "wnut2", "wnut3"} and re.search(r"[@#]|https?:|&\w+;|& gt", raw):
            continue
        text, spans = tidy(raw, [tuple(e) for e in row["ents"] if e[1] <= len(raw)])  # type: ignore[attr-defined,misc]
        for sentence in _cut(text, _clean(text, spans, source), source, str(row["id"])):
            names = [s for s in sentence.spans if s[2] != "?"]
            if source in {"btc", "wnut", "wnut2", "wnut3", "sec"} and not names:
                continue
            yield sentence


def _cut(text: str, spans: list[Labelled], source: str, doc: str) -> Iterator[Sentence]:
    for start, end in sentences(text):
        inside = tuple((s - start, e - start, k) for s, e, k in spans if s >= start and e <= end)
        if text[start:end].strip():
            yield Sentence(text[start:end], inside, source, doc)


def split(shared: Path, *, threads: bool = True) -> tuple[list[Sentence], list[Sentence]]:
    """Return training and held-out sentences: a tenth of the documents of each corpus, threads of our own stories.

    With `threads` false no thread is held out: for a last run whose choices are made already.
    """
    train: list[Sentence] = []
    held: list[Sentence] = []
    for source in [*FILES, "wire", "newsroom", "stories"]:
        found = list(corpus(shared, source))
        if source == "stories":
            for s in found:
                (held if threads and s.doc.startswith(STORIES_HELD) else train).append(s)
        elif source == "newsroom":
            groups = sorted({re.match(r"[a-z]+\d+", s.doc).group() for s in found})  # type: ignore[union-attr]
            out = set(random.Random(5).sample(groups, 3))  # noqa: S311 - no secret
            for s in found:
                (held if threads and re.match(r"[a-z]+\d+", s.doc).group() in out else train).append(s)  # type: ignore[union-attr]
        else:
            docs = sorted({s.doc for s in found})
            out = set(random.Random(5).sample(docs, max(1, len(docs) // 10)))  # noqa: S311 - no secret
            for s in found:
                (held if s.doc in out else train).append(s)
    return train, held
