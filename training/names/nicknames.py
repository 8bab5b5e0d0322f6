"""Make resolver/models/names/nicknames.csv: given names that stand for one another.

    python training/names/nicknames.py ../shared/names/nicknames_carltonnorthern.csv resolver/models/names/nicknames.csv

Sources: the nickname list of Carlton Northern (Apache-2.0), and `equivalents.csv` beside this file, our own list of
what one bearer's name is called in several languages or spellings, a set of forms a line.
"""

import csv
import sys
from itertools import combinations
from pathlib import Path

EQUIVALENTS = Path(__file__).with_name("equivalents.csv")


def main() -> None:
    """Read both lists, write every pair once, ordered."""
    source, target = map(Path, sys.argv[1:3])
    with source.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["relationship"] == "has_nickname"]
    pairs = {(row["name1"], row["name2"]) for row in rows}
    with EQUIVALENTS.open(encoding="utf-8", newline="") as lines:
        groups = [row["forms"].split() for row in csv.DictReader(lines)]
    for group in groups:
        pairs |= {pair for pair in combinations(group, 2) if pair[::-1] not in pairs}
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["name", "nickname"])
        writer.writerows(sorted(pairs))
    print(f"{len(pairs)} pairs")


if __name__ == "__main__":
    main()
