"""Make a corpus of any size: the newsroom articles again and again, each copy with other people's names.

    python tests/bench/make_corpus.py 20000 OUT.jsonl [SHARED]

Every word of a person's name is replaced by another name word, the same one throughout a copy, so that surnames,
initials and spellings keep their relations; doc_ids and dates differ; mentions keep their place. Same N, same file.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import sys
from datetime import date, timedelta
from pathlib import Path

WORD = re.compile(r"[^\W\d_]+")
NAMES = Path(__file__).parents[2] / "resolver" / "models" / "names" / "frequencies.csv"


def name_words() -> list[str]:
    """Return name words of four letters and more."""
    with NAMES.open(encoding="utf-8", newline="") as lines:
        return [row["token"].title() for row in csv.DictReader(lines) if len(row["token"]) > 3]


def renamed(article: dict, number: int, words: list[str], swap: dict[str, str], rng: random.Random) -> dict:
    """Return an article with every word of a person's name replaced."""
    out, mentions, at = [], [], 0
    for mention in sorted(article["mentions"], key=lambda m: m["start"]):
        if mention["start"] < at:
            continue
        out.append(article["text"][at : mention["start"]])
        surface = article["text"][mention["start"] : mention["end"]]
        if mention["type"] == "PER":

            def other(found: re.Match[str]) -> str:
                word = found.group()
                if len(word) < 3 or not word[0].isupper():
                    return word
                new = swap.setdefault(word.casefold(), rng.choice(words))
                return new.upper() if word.isupper() else new

            surface = WORD.sub(other, surface)
        start = sum(map(len, out))
        out.append(surface)
        mentions.append({"start": start, "end": start + len(surface), "type": mention["type"]})
        at = mention["end"]
    out.append(article["text"][at:])
    day = date.fromisoformat(article["date"][:10]) if article.get("date") else date(2025, 1, 1)
    return {
        "doc_id": f"{article['doc_id']}-{number}",
        "outlet": article.get("outlet"),
        "date": (day + timedelta(days=number)).isoformat(),
        "text": "".join(out),
        "mentions": mentions,
    }


def main() -> None:
    """Write the corpus."""
    count, target = int(sys.argv[1]), Path(sys.argv[2])
    shared = Path(sys.argv[3] if len(sys.argv) > 3 else os.environ.get("RESOLVER_SHARED", "../shared"))
    articles = [
        json.loads(line)
        for name in ("train", "dev")
        for line in (shared / "newsroom" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    words = name_words()
    with target.open("w", encoding="utf-8") as out:
        for at in range(count):
            number = at // len(articles)
            if at % len(articles) == 0:
                rng, swap = random.Random(number), {}
            article = renamed(articles[at % len(articles)], number, words, swap, rng)
            out.write(json.dumps(article, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
