"""Prints strict precision, recall and F1 of the exported tagger: `python evaluate.py --shared DIR [--model DIR]`.

Held-out documents of the training corpora (what lies on `?` does not count), then shared/newsroom/dev as it is.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

from corpora import Labelled, split

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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL_DIR)
    parser.add_argument("--errors", choices=("held", "dev"), help="print what is wrong as well")
    args = parser.parse_args()
    tagger, tally = Tagger(model_dir=args.model), Tally()
    held = [s for s in split(args.shared)[1] if s.source != "newsroom"]
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
    rows = [
        json.loads(line)
        for line in (args.shared / "newsroom" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    begin = time.process_time()
    results = tagger([row["text"] for row in rows])
    spent = time.process_time() - begin
    for row, spans in zip(rows, results, strict=True):
        gold = {(m["start"], m["end"], m["type"]) for m in row["mentions"]}
        tally.add("newsroom/dev", gold, {(s.start, s.end, str(s.kind)) for s in spans})
    tally.show()
    words = sum(len(row["text"].split()) for row in rows)
    print(f"{words} words of newsroom/dev in {spent:.2f} CPU-seconds: {words / spent:.0f} a second")


if __name__ == "__main__":
    main()
