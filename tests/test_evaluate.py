"""Evaluation: the figures by hand on a small case, and the same as an independent evaluator on real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resolver.errors import InputError
from resolver.evaluate import Predicted, evaluate, read_gold
from resolver.model import Kind

SHARED = Path(os.environ.get("RESOLVER_SHARED", "../shared"))


def gold_file(path, *docs):
    path.write_text("".join(json.dumps(d) + "\n" for d in docs), encoding="utf-8")
    return path


def mention(start, end, gold_id, kind="PER"):
    return {"start": start, "end": end, "surface": "x" * (end - start), "type": kind, "gold_id": gold_id}


def test_b_cubed_of_a_small_case_is_what_the_definition_gives(tmp_path):
    path = gold_file(
        tmp_path / "gold.jsonl",
        {"doc_id": "a", "text": "", "mentions": [mention(0, 1, "p"), mention(2, 3, "p"), mention(4, 5, "q")]},
    )
    found = [
        Predicted("a", 0, 1, "PER", "1"),
        Predicted("a", 2, 3, "PER", "2"),
        Predicted("a", 4, 5, "PER", "2"),
    ]
    result = evaluate(read_gold(path), found, given=True)
    # Precision: 1, 1/2, 1/2 of the mentions' clusters are right; recall: 1/2, 1/2, 1 of their entities are found.
    assert result.b_cubed.precision == pytest.approx(2 / 3)
    assert result.b_cubed.recall == pytest.approx(2 / 3)
    assert [text for _, text in result.merges] == ["p (x) | q (x)"]
    assert result.splits[0][1].startswith("p:")


def test_a_spurious_mention_lowers_precision_and_one_without_identity_does_not(tmp_path):
    path = gold_file(
        tmp_path / "g.jsonl",
        {"doc_id": "a", "text": "", "mentions": [mention(0, 4, "p"), mention(5, 9, None)]},
    )
    right = Predicted("a", 0, 4, "PER", "1")
    unknown, spurious = Predicted("a", 5, 9, "PER", "2"), Predicted("a", 20, 24, "PER", "3")
    assert evaluate(read_gold(path), [right, unknown]).mentions == (1.0, 1.0, 1.0)
    assert evaluate(read_gold(path), [right, spurious]).mentions.precision == 0.5


def test_a_mention_with_another_border_overlaps_but_is_not_strictly_right(tmp_path):
    path = gold_file(
        tmp_path / "g.jsonl",
        {"doc_id": "a", "text": "", "mentions": [mention(0, 4, "p"), mention(5, 9, "q", "LOC")]},
    )
    found = [Predicted("a", 0, 3, "PER", "1"), Predicted("a", 5, 9, "LOC", "2")]
    people = evaluate(read_gold(path), found)
    assert (people.mentions.f1, people.overlapping.f1) == (0.0, 1.0)
    assert evaluate(read_gold(path), found, kind=Kind.LOC).mentions.f1 == 1.0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "not JSON"),
        ('{"doc_id": "a"}', "mentions"),
        ('{"doc_id": "a", "mentions": [{"start": 0}]}', "mentions.0"),
    ],
)
def test_a_broken_gold_line_is_named_with_file_and_line(tmp_path, line, says):
    path = tmp_path / "gold.jsonl"
    path.write_text('{"doc_id": "x", "mentions": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        read_gold(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_a_missing_gold_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "none.jsonl")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpora are not here")
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("corpus", ["newsroom/dev.jsonl", "corpora/meantime_en.jsonl"])
def test_figures_agree_with_an_independent_evaluator(tmp_path, corpus, given):
    gold = SHARED / corpus
    rows = []
    for line in gold.read_text(encoding="utf-8").splitlines():
        doc = json.loads(line)
        for number, m in enumerate(doc["mentions"]):
            if number % 5 == 4:
                continue  # some mentions are missed, some have other borders, some are spurious
            end = m["end"] - (number % 3 == 2)
            rows.append(
                {
                    "doc_id": doc["doc_id"],
                    "start": m["start"],
                    "end": max(end, m["start"] + 1),
                    "type": m["type"],
                }
            )
            rows[-1]["entity_id"] = m["surface"].split()[-1]
        rows.append({"doc_id": doc["doc_id"], "start": 0, "end": 1, "type": "PER", "entity_id": "spurious"})
    predicted = tmp_path / "pred.jsonl"
    predicted.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    mode = "gold" if given else "pred"
    command = [sys.executable, SHARED / "tools" / "clusters.py", gold, predicted, "--mode", mode, "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = [Predicted(r["doc_id"], r["start"], r["end"], r["type"], r["entity_id"]) for r in rows]
    ours = evaluate(read_gold(gold), found, kind=Kind.PER, given=given)
    assert list(ours.b_cubed) == pytest.approx(theirs["b3"])
    assert list(ours.overlapping) == pytest.approx(theirs["mention"])
    assert list(ours.pairs) == pytest.approx(theirs["pair"])
    assert list(ours.cross_pairs) == pytest.approx(theirs["xpair"])
    assert len(ours.merges) == theirs["false_merge_pairs"]
    assert len(ours.splits) == theirs["false_split_persons"]
    assert ours.gold_mentions == theirs["gold_mentions"]
    assert ours.clusters == theirs["sys_clusters"]
    command = [sys.executable, SHARED / "tools" / "spans.py", gold, predicted, "--json"]
    spans = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for kind in Kind:
        strict = evaluate(read_gold(gold), found, kind=kind, given=given).mentions
        assert list(strict) == pytest.approx([spans[f"strict {kind}"][key] for key in ("p", "r", "f1")])
