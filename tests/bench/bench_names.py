"""Pairs of names per CPU-second, and lists of names clustered, beside what others do; one after the other in one run.

    RESOLVER_BENCH=DIR pytest -s -m bench tests/bench/bench_names.py

DIR holds `n10000.parquet`, `n100000.parquet`, `n1000000.parquet` (columns name and gold); a size that is not there is
left out. Each method runs in a process of its own with one thread. rapidfuzz compares all pairs, so only the smallest
list; splink (5) and goldenmatch (3) only where they are installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("RESOLVER_BENCH", "bench-names"))
SIZES = (10_000, 100_000, 1_000_000)
ALL_PAIRS = 10_000  # names that all are compared with all
METHODS = ("resolver", "key collision", "rapidfuzz", "splink", "goldenmatch")

PAIRS = r"""
import json, random, sys, time
import pyarrow as pa, pyarrow.parquet as pq
names = pq.read_table(sys.argv[1])["name"].to_pylist()
rng = random.Random(7)
blocks = {}
for name in names:
    blocks.setdefault(name.split()[-1].lower(), []).append(name)
left = rng.choices(names, k=1_000_000)
right = [rng.choice(blocks[name.split()[-1].lower()]) if at % 2 else rng.choice(names) for at, name in enumerate(left)]
table = pa.table({"left": left, "right": right})
start = time.process_time()
if sys.argv[2] == "resolver":
    from resolver.namelists import compare_table
    compare_table(table)
else:
    from rapidfuzz import fuzz, process
    process.cpdist(left, right, scorer=fuzz.WRatio)
spent = time.process_time() - start
print(json.dumps({"method": sys.argv[2], "pairs_per_cpu_second": round(len(left) / spent)}))
"""

CLUSTERS = r"""
import json, resource, sys, time
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
names, method = table["name"].to_pylist(), sys.argv[2]

def numbered(values):
    return np.unique(np.asarray(values), return_inverse=True)[1].astype(np.int64)

def pairs(labels):
    sizes = np.bincount(labels)
    return int((sizes * (sizes - 1) // 2).sum())

gold = numbered(table["gold"].to_pylist())
start = time.process_time()
if method == "resolver":
    from resolver.namelists import cluster_table
    found = cluster_table(table.select(["name"]))[0]["entity_id"].to_pylist()
elif method == "key collision":
    from resolver.names import fold
    found = [" ".join(sorted(set(fold(name).split()))) for name in names]
elif method == "rapidfuzz":
    from rapidfuzz import fuzz, process
    from rapidfuzz.utils import default_process
    from resolver.context.arrays import components
    folded = [default_process(name) for name in names]
    left, right = [], []
    for at in range(0, len(folded), 500):
        scores = process.cdist(
            folded[at:at + 500], folded, scorer=fuzz.token_sort_ratio, score_cutoff=92, dtype=np.uint8)
        one, other = np.nonzero(scores)
        left.append(one + at), right.append(other)
    found = components(len(names), np.concatenate(left), np.concatenate(right))
elif method == "splink":
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    parts = [name.lower().split() or [""] for name in names]
    api = DuckDBAPI()
    frame = api.register(pd.DataFrame({
        "unique_id": range(len(names)), "first": [p[0] for p in parts], "last": [p[-1] for p in parts]}))
    settings = SettingsCreator(link_type="dedupe_only",
        comparisons=[cl.JaroWinklerAtThresholds("first"), cl.JaroWinklerAtThresholds("last")],
        blocking_rules_to_generate_predictions=[block_on("last"), block_on("first", "substr(last,1,2)")])
    linker = Linker(frame, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("last"))
    scored = linker.inference.predict(threshold_match_probability=0.9)
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, 0.9).as_pandas_dataframe()
    found = clustered.sort_values("unique_id")["cluster_id"].to_numpy()
else:
    import goldenmatch
    result = goldenmatch.dedupe_df(pa.table({"name": names}), fuzzy={"name": 0.9})
    found = list(range(len(names)))
    for number, cluster in result.clusters.items():
        for member in cluster["members"]:
            found[member] = len(names) + number
spent = time.process_time() - start
label = numbered(found)
both = pairs(numbered(label * (gold.max() + 1) + gold))
p, r = both / max(1, pairs(label)), both / max(1, pairs(gold))
print(json.dumps({"method": method, "names": len(names), "cpu_seconds": round(spent, 1),
    "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    "precision": round(p, 3), "recall": round(r, 3), "f1": round(2 * p * r / max(p + r, 1e-9), 3)}))
"""


def measured(script: str, *arguments: str) -> None:
    """Run a script in a process with one thread and print the line that it prints."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    print(json.loads(done.stdout.splitlines()[-1]))


def listed(size: int) -> str:
    """Return the path of the list of a size; skip the test if there is none."""
    path = FOLDER / f"n{size}.parquet"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return str(path)


@pytest.mark.bench
@pytest.mark.parametrize("method", ["resolver", "rapidfuzz"])
def test_pairs_per_cpu_second(method: str) -> None:
    measured(PAIRS, listed(100_000), method)


@pytest.mark.bench
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("method", METHODS)
def test_lists_are_clustered(method: str, size: int) -> None:
    if method in ("rapidfuzz", "splink", "goldenmatch") and importlib.util.find_spec(method) is None:
        pytest.skip(f"{method} is not installed")
    if method == "rapidfuzz" and size > ALL_PAIRS:
        pytest.skip("all pairs of a longer list take too long")
    measured(CLUSTERS, listed(size), method)
