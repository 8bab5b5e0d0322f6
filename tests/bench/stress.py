"""Fifty nights in a row: batches, verdicts, undos, forgets, kills. Nothing is lost, every verdict holds.

    python tests/bench/stress.py [BATCHES] [SEED] [ARTICLES] [SHARED]

Articles of newsroom/dev and newseye_fr come in random order with their given mentions. After every step: no row without
what it refers to, no article lost or doubled, every verdict honoured, no id given to somebody else, redirects without
circles. At the end everything is rebuilt and compared, and all articles are resolved once more in one batch.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from resolver.api import Resolver
from resolver.errors import InputError
from resolver.model import Verdict
from resolver.rulings import Opinion, decide, undo
from resolver.settings import Settings
from resolver.store import Store
from resolver.upkeep import forget, rebuild

GIVEN = Settings(extractor="given")
RESOLVE = (
    "import sys; from resolver.cli import main; "
    "main(['resolve', sys.argv[1], '--mentions', 'given', '--store', sys.argv[2]])"
)


def articles_of(shared: Path) -> list[dict]:
    """Return the articles of both corpora."""
    files = (shared / "newsroom" / "dev.jsonl", shared / "corpora" / "newseye_fr.jsonl")
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def pairs(counts: Counter) -> int:
    """Return how many pairs of mentions are joined."""
    return sum(n * (n - 1) // 2 for n in counts.values())


def difference(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[int, int, int]:
    """Return the pairs joined in either of two outcomes, and those that only the one or the other joins."""
    both = left.keys() & right.keys()
    one, other = pairs(Counter(left[m] for m in both)), pairs(Counter(right[m] for m in both))
    shared = pairs(Counter((left[m], right[m]) for m in both))
    return one + other - shared, one - shared, other - shared


class Nights:
    """A store under random work, and what must hold of it."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        self.path, self.rng = path, rng
        self.there: dict[str, dict] = {}
        self.first_born: dict[str, int] = {}
        self.done: Counter[str] = Counter()

    def resolve(self, batch: list[dict]) -> None:
        """Resolve a batch."""
        Resolver(self.path, settings=GIVEN).resolve(batch)
        self.there |= {row["doc_id"]: row for row in batch}
        self.done["batches"] += 1

    def killed(self, batch: list[dict]) -> None:
        """Start to resolve a batch and kill the process at a random moment: all of it is there, or nothing."""
        file = self.path.with_name("batch.jsonl")
        file.write_text("".join(json.dumps(row) + "\n" for row in batch), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-c", RESOLVE, file, self.path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(self.rng.uniform(0.5, 6.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Store.open(self.path) as store:
            known = store.known_articles()
        came = [row["doc_id"] in known for row in batch]
        assert all(came) or not any(came), "half a batch"
        if all(came):
            self.there |= {row["doc_id"]: row for row in batch}
        self.done["kills"] += 1

    def verdict(self) -> None:
        """Say something at random of two entities or mentions; a contradiction may be refused."""
        with Store.open(self.path) as store:
            owner = store.current_entities()
        sides = self.rng.sample(sorted({*owner, *owner.values()}), 2)
        try:
            decide(
                self.path, Opinion(*sides, self.rng.choice([Verdict.SAME, Verdict.DIFFERENT]), "at random")
            )
            self.done["verdicts"] += 1
        except InputError:
            self.done["refused"] += 1

    def undo(self) -> None:
        """Take a random verdict back."""
        with Store.open(self.path) as store:
            options = [d.decision_id for d in store.decisions()]
        if options:
            try:
                undo(self.path, self.rng.choice(options))
                self.done["undos"] += 1
            except InputError:
                self.done["refused"] += 1

    def forget(self) -> None:
        """Forget a random article."""
        doc_id = self.rng.choice(sorted(self.there))
        del self.there[doc_id]
        forget(self.path, [doc_id])
        self.done["forgets"] += 1

    def check(self) -> dict[str, str]:
        """Check all that must hold and return the entity of each mention."""
        with Store.open(self.path) as store:
            assert store.orphans() == [], store.orphans()[:3]
            assert sorted(store.known_articles()) == sorted(self.there), "an article is lost or doubled"
            owner, redirects, born = store.current_entities(), store.redirects(), store.births()
            for d in store.decisions():
                sides = [owner.get(m) for m in (d.left_mention, d.right_mention)]
                if None not in sides and d.verdict != Verdict.UNSURE:
                    assert (sides[0] == sides[1]) == (d.verdict == Verdict.SAME), f"{d} is not honoured"
            assert all(end not in redirects for end in redirects.values()), "redirects in a circle"
            assert all(born[i] == run for i, run in self.first_born.items() if i in born), (
                "an id was born twice"
            )
            assert self.first_born.keys() <= born.keys(), "an id is not known any more"
            self.first_born |= born
            with store.connection() as db:
                kinds = db.execute(
                    "select count(*) from (select entity_id from entities group by 1 having count(distinct kind) > 1)"
                ).fetchall()
            assert kinds == [(0,)], "an id means another kind of thing"
        return owner


def main() -> None:
    """Run the nights and print the figures."""
    batches, seed, limit = (
        int(sys.argv[at]) if len(sys.argv) > at else d for at, d in ((1, 50), (2, 1), (3, 10**6))
    )
    shared = Path(sys.argv[4] if len(sys.argv) > 4 else os.environ.get("RESOLVER_SHARED", "../shared"))
    rng = random.Random(seed)
    rows = articles_of(shared)
    rng.shuffle(rows)
    rows = rows[:limit]
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        nights = Nights(Path(folder) / "s.duckdb", rng)
        for number in range(batches):
            batch = rows[number * len(rows) // batches : (number + 1) * len(rows) // batches]
            if number and rng.random() < 0.2:
                nights.killed(batch)
            nights.resolve(batch)
            for chance, work in ((0.5, nights.verdict), (0.2, nights.undo), (0.15, nights.forget)):
                if rng.random() < chance:
                    work()
            nights.check()
        before = nights.check()
        rebuild(nights.path)
        union, lost, new = difference(before, nights.check())
        print(f"{dict(nights.done)}; {len(nights.there)} articles, {len(before)} mentions, all checks hold")
        print(
            f"rebuild: {lost + new} of {union} joined pairs differ ({100 * (lost + new) / max(union, 1):.3f} %)"
        )
        with Store.open(nights.path) as store:
            held = [d.decision_id for d in store.decisions()]
        for decision_id in held:
            undo(nights.path, decision_id)
        one = Path(folder) / "one.duckdb"
        Resolver(one, settings=GIVEN).resolve(list(nights.there.values()))
        with Store.open(one) as store:
            union, lost, new = difference(store.current_entities(), nights.check())
        print(
            f"one batch: {lost + new} of {union} joined pairs differ ({100 * (lost + new) / max(union, 1):.3f} %)"
        )
    print(f"{time.process_time() - began:.0f} CPU-s without the killed runs")


if __name__ == "__main__":
    main()
