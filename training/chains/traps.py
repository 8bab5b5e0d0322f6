"""Read small articles with one trap each, and print whom the chains mix up or leave apart.

    python training/chains/traps.py

The articles in `traps`, in the form of `training/stories`, were written for this project: fathers and sons, spouses,
namesakes, twins, initials, other orders of a name, bylines. Nothing is learned on them. A split is a name left in
doubt; a merge is an error.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from resolver.chains.judge import weights

sys.path.insert(0, str(Path(__file__).parent))
from train import Pupil, read, report, stories

FOLDER = Path(__file__).with_name("traps")


def main() -> None:
    """Print every chain of two people, every person of two chains, and the figures."""
    pupils = [Pupil(story, weights()) for story in read("traps", stories(FOLDER))]
    for pupil in pupils:
        gold, surface = pupil.story.gold, {m.mention_id: m.surface for m in pupil.story.mentions}
        chains = pupil.clusters()
        count = Counter(person for chain in chains for person in {gold[m] for m in chain})
        for chain in chains:
            people = {gold[m] for m in chain}
            if len(people) > 1 or any(count[person] > 1 for person in people):
                names = ", ".join(f"{surface[m]} ({gold[m].removeprefix('PER:')})" for m in chain)
                print("merge" if len(people) > 1 else "split", pupil.story.thread, names)
    report("traps", pupils)


if __name__ == "__main__":
    main()
