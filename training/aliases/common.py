"""Write the list of words and names that are too common for a strong one-word alias (aliases/common.csv).

    python training/aliases/common.py SHARED OUT.csv

Words: what stands in small letters at least three times in GUM and WikiGold (CC BY 4.0) and in our own newsroom texts.
Names: tokens that more than `BEARERS` of 119,000 people of Wikidata have as first or last name (CC0).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

SEEN = 3
"""Times that a word must stand in small letters: below that the lists hold slips of the pen."""

BEARERS = 12
"""People who may have a name that still means one of them: Trump has 11 and Netanyahu 9, Epstein 23 and Mao 24."""


def main() -> None:
    """Write the list."""
    shared, out = Path(sys.argv[1]), Path(sys.argv[2])
    words: Counter[str] = Counter()
    for name in ("ner/gum_named.jsonl", "ner/wikigold.jsonl", "newsroom/train.jsonl"):
        for line in (shared / name).open(encoding="utf-8"):
            words.update(re.findall(r"(?<![\w'])[a-z]{2,}(?![\w'])", json.loads(line)["text"]))
    rows = [(word, "word", count) for word, count in words.items() if count >= SEEN]
    with (shared / "names/wikidata_token_counts.csv").open(encoding="utf-8", newline="") as counts:
        for row in csv.DictReader(counts):
            bearers = int(row["first"]) + int(row["last"])
            if bearers > BEARERS:
                rows.append((row["token"], "name", bearers))
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["token", "kind", "count"])
        table.writerows(sorted(rows))


if __name__ == "__main__":
    main()
