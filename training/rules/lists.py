"""Make the word lists of the rule extractor in resolver/models/rules from the shared corpora.

    python training/rules/lists.py SHARED_FOLDER

given.txt, surnames.txt  tokens by how often they stand first or last in person names of Wikidata (CC0)
common.txt               words that are usually written in small letters, from wikigold, GUM, re3d, secfilings
                         (CC BY and OGL, see the README beside the lists) and the newsroom articles
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "resolver" / "models" / "rules"
MIN_GIVEN = 4
MIN_SURNAME = 5
MIN_COMMON = 2
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def main() -> None:
    """Write the three lists."""
    shared = Path(sys.argv[1])
    common = common_words(shared)
    given, surnames = set(), set()
    with (shared / "names" / "wikidata_token_counts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            token, first, last = row["token"], int(row["first"]), int(row["last"])
            if len(token) > 1 and not token.endswith(".") and WORD.fullmatch(token):
                given |= {token} if first >= MIN_GIVEN and 2 * first >= last else set()
                surnames |= {token} if last >= MIN_SURNAME else set()
    for name, words in ("given", given), ("surnames", surnames), ("common", common):
        (OUT / f"{name}.txt").write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
        print(name, len(words))


def common_words(shared: Path) -> set[str]:
    """Return the words that stand in small letters at least as often as in capitals inside sentences."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    files = [shared / "ner" / f"{name}.jsonl" for name in ("wikigold", "gum_named", "re3d", "secfilings")]
    for path in [*files, shared / "newsroom" / "train.jsonl"]:
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line)["text"]
            for match in WORD.finditer(text):
                word = match[0]
                if word.islower():
                    small[word] += 1
                elif word.istitle() and text[max(0, match.start() - 2) : match.start()][:1].islower():
                    capital[word.lower()] += 1
    return {word for word, n in small.items() if n >= MIN_COMMON and n >= capital[word] and len(word) > 1}


if __name__ == "__main__":
    main()
