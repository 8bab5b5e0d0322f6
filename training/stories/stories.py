"""Reads the marked story threads of this folder.

    python training/stories/stories.py              # check them
    python training/stories/stories.py OUT.jsonl    # and convert them

`=== DOC_ID | DATE | OUTLET | TITLE` starts an article; `[PER id|surface]`, `[ORG id|surface]` and `[LOC id|surface]`
mark every name. Letters and number at the head of a doc_id name its thread. The output has the form of newsroom JSONL:
{"doc_id", "outlet", "date", "title", "text", "mentions": [{"start", "end", "type", "gold_id"}]}.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
UNSEEN = "twxyz"  # files from which nothing is learned: they are measured on
MARK = re.compile(r"\[(PER|ORG|LOC) ([a-z0-9][a-z0-9-]*)\|([^\[\]|\n]+)\]")
HEAD = re.compile(r"=== ([a-z]+\d+[a-z]+) \| (\d{4}-\d\d-\d\d) \| ([^|]+?) \| (.+)")


def stories(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Yield the articles of a folder; raise ValueError, with file and line, for a head or a bracket out of form."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*.txt")):
        heads: list[tuple[int, re.Match[str]]] = []
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if line.startswith("==="):
                head = HEAD.fullmatch(line)
                if not head or head[1] in seen:
                    raise ValueError(
                        f"{path.name}:{number + 1}: not '=== DOC_ID | DATE | OUTLET | TITLE', or twice: {line}"
                    )
                seen.add(head[1])
                heads.append((number, head))
            elif "[" in (rest := MARK.sub("", line)) or "]" in rest:
                raise ValueError(f"{path.name}:{number + 1}: brackets: {rest[:120]}")
        ends = [number for number, _ in heads[1:]] + [len(lines)]
        for (number, head), end in zip(heads, ends, strict=True):
            text, mentions = unmarked("\n".join(lines[number + 1 : end]).strip("\n"))
            yield {
                "doc_id": head[1],
                "outlet": head[3],
                "date": head[2],
                "title": head[4],
                "text": text,
                "mentions": mentions,
            }


def lessons(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Yield the articles of a folder from which is learned: those of all files but `UNSEEN`."""
    return (row for row in stories(folder) if row["doc_id"][0] not in UNSEEN)


def unmarked(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its mentions."""
    parts: list[str] = []
    mentions: list[dict[str, Any]] = []
    at = length = 0
    for found in MARK.finditer(marked):
        parts.append(marked[at : found.start()])
        length += len(parts[-1])
        parts.append(found[3])
        mentions.append(
            {
                "start": length,
                "end": length + len(found[3]),
                "type": found[1],
                "gold_id": f"{found[1]}:{found[2]}",
            }
        )
        length += len(found[3])
        at = found.end()
    return "".join([*parts, marked[at:]]), mentions


def doubts(articles: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what looks wrong: unmarked repetitions of a name, edges, one name with two ids in an article."""
    for row in articles:
        text, named = row["text"], defaultdict(Counter)
        covered = {i for m in row["mentions"] for i in range(m["start"], m["end"])}
        for m in row["mentions"]:
            surface = text[m["start"] : m["end"]]
            named[surface][m["gold_id"]] += 1
            if (
                surface != surface.strip()
                or surface.lower().startswith("the ")
                or re.search(r"['’]s$", surface)
            ):
                yield f"{row['doc_id']}: edge of {surface!r}"
        for surface, ids in named.items():
            if len(ids) > 1:
                yield f"{row['doc_id']}: {surface!r} is {sorted(ids)}: meant?"
            for again in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
                if again.start() not in covered:
                    around = text[max(0, again.start() - 30) : again.end() + 30]
                    yield f"{row['doc_id']}: {surface!r} is unmarked in {around!r}"


def main() -> None:
    """Check, print counts, and convert where a path is given."""
    articles = list(stories())
    for line in doubts(articles):
        print(line)
    files = Counter(re.match(r"[a-z]+\d+", row["doc_id"])[0] for row in articles)  # type: ignore[index]
    people = {m["gold_id"] for row in articles for m in row["mentions"] if m["type"] == "PER"}
    words = sum(len(row["text"].split()) for row in articles)
    names = sum(len(row["mentions"]) for row in articles)
    print(
        f"{len(articles)} articles, {len(files)} threads, {words} words, {names} names, {len(people)} people"
    )
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in articles), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
