"""Files of verdicts -> opinions: CSV as in `aliases/decisions.csv`, or the JSON lines of nomenklatura.

Comes in: a file. Goes out: verdicts as people write them, each with its place. Refuses to know: the store.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from resolver.errors import InputError
from resolver.model import Verdict

__all__ = ["COLUMNS", "JUDGEMENTS", "Opinion", "read_opinions"]

COLUMNS = ("decision_id", "left", "right", "verdict", "reason", "user", "decided_at", "undone_at")
JUDGEMENTS = {Verdict.SAME: "positive", Verdict.DIFFERENT: "negative", Verdict.UNSURE: "unsure"}


class Opinion(NamedTuple):
    """A verdict as somebody writes it: sides are ids or names."""

    left: str
    right: str
    verdict: Verdict
    reason: str = ""
    user: str = ""
    decided_at: str = ""
    decision_id: str = ""


def read_opinions(path: Path, form: str) -> Iterator[tuple[str, Opinion]]:
    """Yield the verdicts of a file, each with its place.

    Args:
        path: The file.
        form: `csv`, or `nomenklatura` for lines [target, source, judgement, score, user, created_at].

    Raises:
        InputError: The file cannot be read, or a line is no verdict.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({error}): give a CSV or JSON lines in UTF-8", path=str(path)
        ) from error
    if form == "csv":
        rows = csv.DictReader(io.StringIO(text))
        missing = [name for name in ("left", "right", "verdict") if name not in (rows.fieldnames or ())]
        if missing:
            raise InputError(
                f"no column {missing[0]!r}: expected {', '.join(COLUMNS)}", path=str(path), line=1
            )
        for number, row in enumerate(rows, 2):
            if not row.get("undone_at"):
                yield f"{path}:{number}", opinion_of(row, path, number)
        return
    words = {judgement: str(verdict) for verdict, judgement in JUDGEMENTS.items()}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            target, source, judgement, _score, user, created_at = json.loads(line)
        except (ValueError, TypeError) as error:
            expected = "[target, source, judgement, score, user, created_at]"
            raise InputError(
                f"not a line of nomenklatura: expected {expected}", path=str(path), line=number
            ) from error
        fields = {
            "left": source,
            "right": target,
            "verdict": words.get(judgement, str(judgement)),
            "user": user or "",
        }
        yield f"{path}:{number}", opinion_of({**fields, "decided_at": created_at or ""}, path, number)


def opinion_of(row: Mapping[str, str], path: Path, line: int) -> Opinion:
    """Return a row as a verdict.

    Raises:
        InputError: It is none.
    """
    try:
        verdict = Verdict((row["verdict"] or "").strip())
    except ValueError as error:
        asked = "same, different or unsure (in nomenklatura: positive, negative or unsure)"
        raise InputError(
            f"{row['verdict']!r} is no verdict: expected {asked}", path=str(path), line=line
        ) from error
    rest = {name: row.get(name) or "" for name in ("reason", "user", "decided_at", "decision_id")}
    return Opinion(str(row["left"]), str(row["right"]), verdict, **rest)
