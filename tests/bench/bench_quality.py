"""Quality on corpora with gold identities, whole and with parts left out: two tables, printed and put in the README.

    python tests/bench/bench_quality.py [--shared ../shared] [--write]

Given mentions, no curated table, one configuration for all corpora; each row is one run of the tool.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from resolver import Resolver, Settings
from resolver.model import Kind
from resolver.settings import Without

README = Path(__file__).parents[2] / "README.md"
CORPORA = (
    "newsroom/dev", "corpora/newseye_fr", "corpora/newseye_de", "corpora/ecbplus_odd", "corpora/meantime_en",
    "corpora/newswcl50",
)  # fmt: skip
STEPS: tuple[tuple[str, tuple[Without, ...]], ...] = (
    ("names only", (Without.CHAINS, Without.CONTEXT, Without.CONSTRAINTS, Without.ALIASES)),
    ("+ chains", (Without.CONTEXT, Without.CONSTRAINTS, Without.ALIASES)),
    ("+ context", (Without.CONSTRAINTS, Without.ALIASES)),
    ("+ constraints", (Without.ALIASES,)),
    ("+ curated table", ()),
)


def measured(
    path: Path, without: Sequence[Without], kind: Kind = Kind.PER
) -> tuple[float, float, float, int]:
    """Return B-cubed precision, recall and F1 in percent, and how many pairs of people were merged."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(extractor="given", without=frozenset(without))
        aliases = None if Without.ALIASES in without else ("",)
        engine = Resolver(Path(folder) / "bench.duckdb", aliases=aliases, settings=settings)
        engine.resolve([path])
        found = engine.evaluate(path, kind=kind, given=True)
        return (*(100 * value for value in found.b_cubed), len(found.merges))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = []
    for name in CORPORA:
        path = options.shared / f"{name}.jsonl"
        row = [name.rpartition("/")[2]]
        for kind in Kind:
            p, r, f, merges = measured(path, (Without.ALIASES,), kind)
            row.append(f"{p:.1f} / {r:.1f} / {f:.1f}, {merges}" if p else "")
        rows.append(row)
        print(row, flush=True)
    whole = table(("corpus", "people: B-cubed P / R / F1, false merges", "organisations", "places"), rows)
    steps = []
    for label, without in STEPS:
        found = [measured(options.shared / f"{name}.jsonl", without) for name in CORPORA[:3]]
        steps.append([label, *(f"{f:.1f}, {merges}" for _, _, f, merges in found)])
        print(steps[-1], flush=True)
    ablation = table(("people: B-cubed F1, false merges", "newsroom/dev", "newseye_fr", "newseye_de"), steps)
    if options.write:
        day = datetime.now(UTC).date().isoformat()
        text = (
            f"Measured on {day} by `python tests/bench/bench_quality.py --write`.\n\n{whole}\n\n{ablation}\n"
        )
        pattern = re.compile(r"(<!-- quality -->\n).*?(<!-- end -->)", re.DOTALL)
        README.write_text(
            pattern.sub(lambda m: m[1] + text + m[2], README.read_text(encoding="utf-8")), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
