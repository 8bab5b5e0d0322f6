"""Prints strict precision, recall and F1 of the exported tagger: `python evaluate.py --shared DIR [--model DIR]`.

Held-out documents of the training corpora, sentence by sentence (what lies on `?` does not count); then whole articles,
the held-out ones of `wire/` and shared/newsroom/dev, by the tagger alone and with the document pass of `resolve`.
`--threads` measures on the held-out story threads instead of newsroom/dev, to choose weights that have not seen them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpora import STORIES_HELD, Labelled, split, stories, wire

from aliases.table import load_table
from resolver.mentions import TableScanner, find_mentions
from resolver.model import Article, Kind
from resolver.tagger import MODEL_DIR, Tagger


class Tally:
    """Counts of what is right, what was found and what is there, per set and kind."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, key: str, gold: set[Labelled], found: set[Labelled]) -> None:
        """Count one text."""
        for kind in ("PER", "ORG", "LOC"):
            g, f = ({span for span in spans if span[2] == kind} for spans in (gold, found))
            for i, n in enumerate((len(g & f), len(f), len(g))):
                self.counts[key, kind][i] += n

    def show(self) -> None:
        """Print a Markdown table."""
        print("| set | kind | precision | recall | F1 | gold |\n|---|---|---|---|---|---|")
        for (key, kind), (hit, found, gold) in self.counts.items():
            p, r, f = (hit / max(1, n) for n in (found, gold, (found + gold) / 2))
            print(f"| {key} | {kind} | {p:.3f} | {r:.3f} | {f:.3f} | {gold} |")


def newsroom(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield the development articles."""
    for line in (shared / "newsroom" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def marked(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[Labelled]]]:
    """Return (text, spans) of articles in the form of newsroom."""
    return [(row["text"], [(m["start"], m["end"], m["type"]) for m in row["mentions"]]) for row in rows]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL_DIR)
    parser.add_argument("--threads", action="store_true", help="measure on the held-out story threads")
    parser.add_argument("--errors", choices=("held", "articles"), help="print what is wrong as well")
    args = parser.parse_args()
    tagger, tally = Tagger(model_dir=args.model), Tally()
    held = split(args.shared, threads=False)[1]
    for sentence, spans in zip(held, tagger([s.text for s in held]), strict=True):
        unsure = [span for span in sentence.spans if span[2] == "?"]
        found = {
            (s.start, s.end, str(s.kind))
            for s in spans
            if all(s.end <= a or s.start >= b for a, b, _ in unsure)
        }
        gold = {span for span in sentence.spans if span[2] != "?"}
        tally.add(sentence.source.rstrip("23"), gold, found)
        tally.add("all held out", gold, found)
        if args.errors == "held" and gold != found:
            print(sentence.source, repr(sentence.text))
            print("   missed", [(sentence.text[a:b], k) for a, b, k in sorted(gold - found)])
            print("   wrong ", [(sentence.text[a:b], k) for a, b, k in sorted(found - gold)])
    kept = {s.doc for s in held if s.source == "wire"}
    news = [(text, spans) for doc, text, spans in wire() if doc in kept]
    last = ("newsroom/dev", marked(newsroom(args.shared)))
    if args.threads:
        last = ("stories", marked(row for row in stories() if row["doc_id"].startswith(STORIES_HELD)))
    for name, rows in (("wire", news), last):
        articles = [Article(doc_id=str(at), text=text) for at, (text, _) in enumerate(rows)]
        begin = time.process_time()
        alone = Tagger(model_dir=args.model)([article.text for article in articles])
        spent = time.process_time() - begin
        found_in = {article.text: spans for article, spans in zip(articles, alone, strict=True)}
        mentions = find_mentions(
            articles,
            extractor=lambda part, found_in=found_in: [found_in[a.text] for a in part],  # type: ignore[misc]
            scanner=TableScanner(load_table()),
            kinds=frozenset(Kind),
        )
        for article, (_, gold), spans, after in zip(articles, rows, alone, mentions, strict=True):
            tally.add(f"{name}, articles", set(gold), {(s.start, s.end, str(s.kind)) for s in spans})
            found = {(m.start, m.end, str(m.kind)) for m in after}
            tally.add(f"{name}, with the document pass", set(gold), found)
            if args.errors == "articles" and name != "newsroom/dev" and set(gold) != found:
                print("   missed", [(article.text[a:b], k) for a, b, k in sorted(set(gold) - found)])
                print("   wrong ", [(article.text[a:b], k) for a, b, k in sorted(found - set(gold))])
        words = sum(len(article.text.split()) for article in articles)
        print(f"{words} words of {name} in {spent:.2f} CPU-seconds: {words / spent:.0f} a second")
    tally.show()


if __name__ == "__main__":
    main()
