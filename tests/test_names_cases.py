"""The table of labelled pairs of names: strong cases hold, and every verdict that flips shows in a diff.

The column `found` is what the model said when the table was last written; `python tests/test_names_cases.py` writes it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from resolver.namelists import THRESHOLD, compare_table

CASES = Path(__file__).parent / "cases" / "names.csv"
LIKELIER = 0.5  # probability; between this and the threshold a person should look


def verdict(chance):
    return "same" if chance >= THRESHOLD else "unsure" if chance >= LIKELIER else "different"


def judged():
    with CASES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    sides = {side: pa.array([row[side] for row in rows], pa.string()) for side in ("left", "right")}
    chance = compare_table(pa.table(sides))["probability"].to_pylist()
    return [(row, verdict(p)) for row, p in zip(rows, chance, strict=True)]


JUDGED = judged()


def test_no_pair_is_listed_twice():
    pairs = [frozenset((row["left"], row["right"])) for row, _ in JUDGED]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("kind", sorted({row["kind"] for row, _ in JUDGED}))
def test_strong_cases_hold(kind):
    opposite = {"same": "different", "different": "same"}
    wrong = [
        f"{row['left']} | {row['right']}: {found}"
        for row, found in JUDGED
        if row["tier"] == "strong" and row["kind"] == kind and found == opposite[row["expected"]]
    ]
    assert not wrong


def test_verdicts_are_those_of_the_table():
    flips = [
        f"{row['left']} | {row['right']}: {row['found']} -> {found}"
        for row, found in JUDGED
        if found != row["found"]
    ]
    assert not flips


def write():
    """Write the verdicts into the table."""
    with CASES.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(
            out, ["left", "right", "kind", "expected", "tier", "found", "note"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows({**row, "found": found} for row, found in JUDGED)


if __name__ == "__main__":
    write()
