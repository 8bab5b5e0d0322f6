"""Print what CLDR calls the countries of the table in other languages, as rows for aliases.csv.

    python training/aliases/countries.py CODES.csv >> rows.csv

CODES.csv has the columns entity_id and code (ISO 3166-1 alpha-2). Names come from Babel's copy of the Unicode CLDR
(Unicode licence v3, permissive). The rows are raw material: a curator reads them before they enter the table.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import babel
from babel import Locale

LANGUAGES = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "hy", "id",
    "it", "ja", "ka", "ko", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "th", "tr", "uk", "ur", "zh",
    "zh_Hant",
)  # fmt: skip
SOURCE = f"Unicode CLDR territory names through Babel {babel.__version__} (Unicode licence v3)"
LATIN = tuple("ca cs da de en es fi fr hr hu id it nb nl pl pt ro sk sv tr".split())


def names(code: str) -> Iterator[tuple[str, str]]:
    """Yield (language, name) of a territory; a name with a former one in brackets gives both.

    Args:
        code: ISO 3166-1 alpha-2.
    """
    for language in LANGUAGES:
        name = Locale.parse(language).territories.get(code, "")
        if " - " in name:  # "Congo - Kinshasa" is a label for lists, nobody writes it
            continue
        parts = [part for part in re.split(r"\s*[()（）]\s*", name) if part]
        if (
            min(map(len, parts), default=0) > 1
        ):  # Chinese tells the two Congos apart by one character in brackets
            for part in parts:
                yield language, part.replace("’", "'")


def main() -> None:
    """Write the rows to standard output."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as codes:
        for row in csv.DictReader(codes):
            for language, name in names(row["code"]):
                kind = "full" if language in LATIN else "transliteration"
                rows.writerow([row["entity_id"], name, kind, "strong", language, SOURCE, ""])


if __name__ == "__main__":
    main()
