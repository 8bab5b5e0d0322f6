"""What a night costs, and how far many nights lead from one batch.

    python tests/bench/make_corpus.py 3000 corpus.jsonl
    python tests/bench/bench_nights.py corpus.jsonl 2400 6 [SEED]
    python tests/bench/bench_nights.py SHARED 1200 6 1        # the 1,380 real articles with mentions under a folder

The first articles of the corpus (2400 here) are resolved in one batch, the rest in so many nights; with a SEED the
articles are shuffled first. Only what is new and what it touches is linked at night, however small the store is; 1,200
articles and 180 more are as far as that goes, since everything is linked anew when 15 % have come. At the end all
articles are resolved once more in one batch, and the joined pairs of mentions are compared.

A made corpus tells each story dozens of times under other names. Which of these are taken for one another changes with
every article, nights or not, so it shows what a night costs; real articles show how far nights lead from one batch.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
from pathlib import Path

from stress import GIVEN, difference

from resolver import recall
from resolver.api import Resolver
from resolver.store import Store


def cpu() -> float:
    """Return the CPU-seconds of this process, those of the system included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resolved(path: Path, rows: list[dict]) -> str:
    """Resolve articles and return what that cost."""
    began = cpu()
    summary = Resolver(path, settings=GIVEN).resolve(rows)
    return f"{len(rows)} articles: {cpu() - began:.1f} CPU-s, linked again: {summary.looked_at}"


def entities(path: Path, kind: str = "") -> dict[str, str]:
    """Return the entity of each mention, or of those of one kind."""
    with Store.open(path) as store:
        owner = store.current_entities()
        wanted = {m.mention_id for m in store.mentions() if kind in ("", m.kind)}
    return {mention: entity for mention, entity in owner.items() if mention in wanted}


def articles_of(source: Path) -> list[dict]:
    """Return the articles of a file, or of every file with mentions in `newsroom` and `corpora` of a folder."""
    files = (
        [source]
        if source.is_file()
        else sorted({*source.glob("newsroom/*.jsonl"), *source.glob("corpora/*.jsonl")})
    )
    rows = []
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            spans = [{key: span[key] for key in ("start", "end", "type")} for span in row["mentions"]]
            rows.append(
                {
                    **{key: row[key] for key in ("text", "title", "date", "outlet", "lang") if key in row},
                    "doc_id": f"{file.stem}-{row['doc_id']}",
                    "mentions": [span for span in spans if span["type"] in ("PER", "ORG", "LOC")],
                }
            )
    return rows


def main() -> None:
    """Run the nights and print the figures."""
    rows = articles_of(Path(sys.argv[1]))
    base, nights = int(sys.argv[2]), int(sys.argv[3])
    if len(sys.argv) > 4:
        random.Random(int(sys.argv[4])).shuffle(rows)
    size = -(-(len(rows) - base) // nights)
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one.duckdb", Path(folder) / "many.duckdb"
        print("one batch:", resolved(one, rows), flush=True)
        print("first batch:", resolved(many, rows[:base]), flush=True)
        recall.SMALL, recall.LARGE_SHARE = 0, 100.0
        for at in range(base, len(rows), size):
            print("night:", resolved(many, rows[at : at + size]), flush=True)
        for label, kind in (("all", ""), ("people", "PER")):
            union, lost, new = difference(entities(one, kind), entities(many, kind))
            share = 100 * (lost + new) / max(union, 1)
            print(
                f"{label}: {lost + new} of {union} joined pairs differ ({share:.3f} %), "
                f"{lost} in one batch only, {new} in nights only"
            )
        text = sum(len(row["text"].encode()) for row in rows)
        print(
            f"file: {many.stat().st_size / text:.2f} times the text, in one batch {one.stat().st_size / text:.2f}"
        )


if __name__ == "__main__":
    main()
