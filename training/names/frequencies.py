"""Make resolver/models/names/frequencies.csv: how often a token is a given name or a surname.

    python training/names/frequencies.py ../shared/names/wikidata_token_counts.csv resolver/models/names/frequencies.csv

Source: labels of 119,000 people in Wikidata (CC0). Tokens seen once are left out: they weigh like unknown ones.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from resolver.names import fold


def main() -> None:
    """Fold the tokens, add up their counts, write those seen at least twice."""
    source, target = map(Path, sys.argv[1:3])
    given: Counter[str] = Counter()
    surname: Counter[str] = Counter()
    with source.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for token in fold(row["token"]).split():
                given[token] += int(row["first"]) + int(row["middle"])
                surname[token] += int(row["last"])
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["token", "given", "surname"])
        kept = [t for t in sorted(given | surname) if given[t] + surname[t] > 1]
        writer.writerows([t, given[t], surname[t]] for t in kept)
    print(f"{len(kept)} tokens")


if __name__ == "__main__":
    main()
