"""Reports what looks wrong in the marked articles: `python training/tagger/check.py [FOLDER]`.

Brackets and edges first; then words that are marked in one place of an article and not, or otherwise, in another.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from corpora import TITLES, WIRE, wire

INSIDE = {"of", "the", "for", "and", "de", "la", "al"}


def brackets(path: Path) -> Iterator[str]:
    """Yield lines whose brackets do not come in pairs or hold no kind."""
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("=== "):
            words = line.split()
            if len(words) != 3 or words[1] in seen:
                yield f"{path.name}:{number}: header needs an id of its own and a style: {line}"
            seen.update(words[1:2])
        rest = re.sub(r"\[(?:PER|ORG|LOC) [^\[\]\s](?:[^\[\]]*[^\[\]\s])?\]", "", line)
        if "[" in rest or "]" in rest:
            yield f"{path.name}:{number}: brackets: {rest[:100]}"


def edges(surface: str, kind: str) -> str | None:
    """Return what is wrong with a span by itself."""
    words = surface.split()
    if words[0].lower() == "the":
        return "starts with 'the'"
    if re.search(r"['’]s?$", surface) and kind != "ORG":
        return "ends in a possessive"
    if (
        kind == "PER"
        and len(words) > 1
        and words[0].lower().strip(".") in TITLES - {"king", "prince", "dean", "mp", "for", "us"}
    ):
        return "starts with a title?"
    if not any(c.isupper() for c in surface):
        return "has no capital"
    return None


def disagreements(text: str, spans: list[tuple[int, int, str]]) -> Iterator[str]:
    """Yield surfaces of one article that are marked here and not there, or with two kinds."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for start, end, kind in spans:
        kinds[text[start:end]][kind] += 1
    covered = {at for start, end, _ in spans for at in range(start, end)}
    for surface, found in kinds.items():
        if len(found) > 1:
            yield f"{surface!r} is {dict(found)}"
        if surface[0].isupper():
            for again in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
                if again.start() not in covered:
                    around = text[max(0, again.start() - 25) : again.end() + 25].replace("\n", "|")
                    yield f"{surface!r} ({max(found)}) is unmarked in {around!r}"


def main() -> None:
    """Print the findings."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else WIRE
    for path in sorted(folder.glob("*.txt")):
        for line in brackets(path):
            print(line)
    counts: Counter[str] = Counter()
    for doc, text, spans in wire(folder):
        counts["articles"] += 1
        counts["words"] += len(text.split())
        for start, end, kind in spans:
            counts[kind] += 1
            if wrong := edges(text[start:end], kind):
                print(f"{doc}: {text[start:end]!r} {kind} {wrong}")
        for line in disagreements(text, spans):
            print(f"{doc}: {line}")
    print(dict(counts))


if __name__ == "__main__":
    main()
