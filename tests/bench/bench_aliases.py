"""How fast a large table is: the first load, the load from the cache, memory, and the scan of texts.

    python -m pytest -m bench tests/bench/bench_aliases.py -s

A table of a million aliases is generated from the name tokens of the shared frequency list; texts are those of data/.
Every load runs in a process of its own, because memory that was used once counts to the end.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aliases.large import PARQUET

ENTITIES, ALIASES = 300_000, 1_000_000
ROOT = Path(__file__).parents[2]
COUNTS = ROOT / "resolver/models/names/frequencies.csv"

LOAD = """
import json, resource, sys, time
began = time.process_time()
from resolver.gazetteer import open_tables
from resolver.mentions import TableScanner
imported = time.process_time()
gazetteer = open_tables([sys.argv[1]])
scanner = TableScanner(gazetteer)
loaded = time.process_time()
texts = [json.loads(line)["text"] for line in open(sys.argv[2], encoding="utf-8")] * 100
words = sum(len(text.split()) for text in texts)
began = time.process_time()
hits = sum(len(scanner.hits(text)) for text in texts)
scanned = time.process_time() - began
print(json.dumps({"load": loaded - imported, "scan": words / scanned / 1e6, "words": words, "hits": hits,
                  "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
"""


def million(folder: Path) -> Path:
    """Write a table of a million aliases as Parquet."""
    rng = random.Random(6)
    with COUNTS.open(encoding="utf-8", newline="") as file:
        tokens = [next(iter(row.values())).title() for row in csv.DictReader(file)]
    source = "generated"
    entities, aliases = [], []
    for number in range(ENTITIES):
        given, middle, surname = rng.choices(tokens, k=3)
        entity = f"x:{number}"
        entities.append((entity, "PER", f"{given} {middle} {surname}", "", "", source, ""))
        forms = [
            f"{given} {surname}",
            f"{given[0]}. {surname}",
            f"{given} {middle[0]}. {surname}",
            f"{surname} {given}",
        ]
        for at, form in enumerate(forms[: 4 if number % 2 == 0 else 3]):
            strength = "weak" if at % 2 else "strong"
            aliases.append((entity, form, "full", strength, "", source, ""))
    folder.mkdir()
    for (name, row_type), rows in zip(PARQUET.items(), (entities, aliases), strict=True):
        columns = dict(zip(row_type.model_fields, map(list, zip(*rows, strict=True)), strict=True))
        pq.write_table(pa.table(columns), folder / name)
    return folder


def loaded(table: str, cache: Path) -> dict[str, Any]:
    """Load a table in a process of its own and search the sample articles."""
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", LOAD, table, str(ROOT / "data/gold.jsonl")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=ROOT)
    return dict(json.loads(done.stdout))


@pytest.mark.bench
def test_a_million_aliases_load_in_seconds_and_the_scan_keeps_up(tmp_path: Path) -> None:
    folder = million(tmp_path / "million")
    rows = pq.read_metadata(folder / "aliases.parquet").num_rows
    print(f"\n{'table':<34}{'load, CPU-s':>12}{'GB':>7}{'M words/CPU-s':>15}{'hits':>10}")
    figures = {}
    for label, table in (
        (f"{rows:,} aliases, first time", str(folder)),
        (f"{rows:,} aliases, from the cache", str(folder)),
        ("packaged table", ""),
    ):
        found = figures[label] = loaded(table, tmp_path / "cache")
        print(
            f"{label:<34}{found['load']:>12.1f}{found['memory']:>7.2f}{found['scan']:>15.1f}{found['hits']:>10,}"
        )
    first, cached, packaged = figures.values()
    assert rows >= ALIASES
    assert first["load"] <= 60
    assert cached["load"] <= 5
    assert max(first["memory"], cached["memory"]) <= 1.0
    assert min(cached["scan"], packaged["scan"]) >= 3
