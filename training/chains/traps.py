"""Read small articles with one trap each, and print whom the chains mix up or leave apart.

    python training/chains/traps.py

`traps.txt`, in the form of `training/stories`, was written for this project: fathers and sons, spouses, namesakes,
twins, initials, other orders of a name, bylines. Nothing is learned on it. A split is a name left in doubt; a merge is
an error.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from resolver.chains.judge import weights

sys.path.insert(0, str(Path(__file__).parent))
from train import Pupil, read, report, stories

TRAPS = Path(__file__).with_name("traps.txt")


def main() -> None:
    """Print every chain of two people, every person of two chains, and the figures."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / TRAPS.name).write_text(TRAPS.read_text(encoding="utf-8"), encoding="utf-8")
        pupils = [Pupil(story, weights()) for story in read("traps", stories(Path(folder)))]
    for pupil in pupils:
        gold, surface = pupil.story.gold, {m.mention_id: m.surface for m in pupil.story.mentions}
        chains = pupil.clusters()
        parts = [gold[m] for chain in chains for m in {gold[n]: n for n in chain}.values()]
        for chain in chains:
            people = {gold[m] for m in chain}
            split = any(parts.count(person) > 1 for person in people)
            if len(people) > 1 or split:
                names = ", ".join(f"{surface[m]} ({gold[m].removeprefix('PER:')})" for m in chain)
                print("merge" if len(people) > 1 else "split", pupil.story.thread, names)
    report("traps", pupils)


if __name__ == "__main__":
    main()
