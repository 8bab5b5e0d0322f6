"""Make resolver/models/names/spelling.json: how likely two symbols stand for each other in spellings of one name.

    python training/names/spelling.py ../shared/names resolver/models/names/spelling.json

Token pairs are aligned by plain weights at first, what stands for what is counted, weights are made of the counts, and
so on for `ROUNDS`. A weight is log2 of how much oftener two symbols are aligned than chance would have it; of a symbol
without a counterpart, log2 of how often that happens to it. Table 0 is for letters alike, 1 for scripts without vowels
against Latin, 2 for scripts of syllables against Latin.

Sources: sanctions lists (public domain), coling2018 (CC0), Arabic and English tokens (Apache-2.0).
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from resolver.names import fold
from resolver.spelling import ALPHABET, SYMBOLS, symbols

ROUNDS = 4
PER_SOURCE = 9_000  # token pairs that are drawn of each source, seed 11
SEED = 11
SMOOTH = 0.5  # occurrences granted to every pair of symbols
LOWEST = -7.0  # bits
LIKE = 0.35  # of what equal tokens would get; below it two tokens are taken for two names
SOURCES = {1: ("arabic", "hebrew"), 2: ("korean", "chinese", "japanese", "katakana")}
KINDS = ("transliteration", "transliteration+tokens", "diacritics_punct", "spelling")

Pairs = list[tuple[str, str]]


def aligned_file(path: Path) -> Pairs:
    """Return (Latin token, folded token of another script) of a file of aligned tokens."""
    out = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            latin, other, _ = line.rstrip("\n").split("\t")
            out.append((fold(latin).replace(" ", ""), fold(other.replace(" ", "")).replace(" ", "")))
    return out


def arabic_tokens(path: Path) -> Pairs:
    """Return (Latin token, folded Arabic token) of the list of Arabic and English tokens."""
    out = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            other, _, latin = line.rstrip("\n").partition("\t")
            out.append((fold(latin).replace(" ", ""), fold(other).replace(" ", "")))
    return out


def variants(pairs: Pairs, rng: random.Random) -> Pairs:
    """Return pairs of Latin tokens that are written alike in the other script."""
    groups: dict[str, set[str]] = defaultdict(set)
    for latin, other in pairs:
        groups[other].add(latin)
    out = []
    for group in groups.values():
        if len(group) > 1:
            one, two = rng.sample(sorted(group), 2)
            out.append((one, two))
    return out


def sanctions(folder: Path) -> Pairs:
    """Return tokens at the same place of two names of one person with as many tokens."""
    out = []
    for name in ("ofac_pairs", "nick_pairs"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                one, two = fold(row["left"]).split(), fold(row["right"]).split()
                if row["label"] == "1" and row["kind"] in KINDS and len(one) == len(two):
                    out += [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    return out


def drawn(pairs: Pairs, rng: random.Random) -> Pairs:
    """Return at most `PER_SOURCE` pairs of spelled-out tokens."""
    good = [(a, b) for a, b in pairs if len(a) > 2 and len(b) > 1]
    return rng.sample(good, min(PER_SOURCE, len(good)))


def best_alignment(left: bytes, right: bytes, both: list[list[float]]) -> tuple[float, list[tuple[int, int]]]:
    """Return the highest sum of weights and the symbols that stand for each other, 0 for none."""
    width, height = len(left), len(right)
    total = [[0.0] * (height + 1) for _ in range(width + 1)]
    came = [[0] * (height + 1) for _ in range(width + 1)]
    for j in range(height):
        total[0][j + 1], came[0][j + 1] = total[0][j] + both[0][right[j]], 2
    for i in range(width):
        gap = both[left[i]][0]
        total[i + 1][0], came[i + 1][0] = total[i][0] + gap, 1
        row, above, weights = total[i + 1], total[i], both[left[i]]
        for j in range(height):
            best, how = above[j] + weights[right[j]], 0
            if above[j + 1] + gap > best:
                best, how = above[j + 1] + gap, 1
            if row[j] + both[0][right[j]] > best:
                best, how = row[j] + both[0][right[j]], 2
            row[j + 1], came[i + 1][j + 1] = best, how
    found, i, j = [], width, height
    while i or j:
        how = came[i][j]
        found.append((left[i - 1] if how != 2 else 0, right[j - 1] if how != 1 else 0))
        i, j = i - (how != 2), j - (how != 1)
    return total[width][height], found


def plain() -> np.ndarray:
    """Return weights by hand to start from: equal symbols, vowels among themselves, everything else."""
    vowel = np.array([False, *(symbol[0] in "aeiouy" for symbol in ALPHABET)])
    out = np.where(np.outer(vowel, vowel), 0.5, -3.0)
    out[0] = out[:, 0] = np.where(vowel, -1.5, -3.5)
    np.fill_diagonal(out, np.where(vowel, 2.5, 4.5))
    out[0, 0] = 0.0
    return out


def learn(pairs: Pairs, both: np.ndarray) -> np.ndarray:
    """Return the weights learned from token pairs, starting from plain ones."""
    coded = [(symbols(a), symbols(b)) for a, b in pairs]
    for _ in range(ROUNDS):
        table = both.tolist()
        counts = np.zeros((SYMBOLS, SYMBOLS))
        for left, right in coded:
            if not left or not right:
                continue
            score, found = best_alignment(left, right, table)
            whole = sum(table[a][a] for a in left) + sum(table[b][b] for b in right)
            if 2 * score < LIKE * max(whole, 1.0):
                continue
            for a, b in found:
                counts[a, b] += 1
                counts[b, a] += 1
        both = weights_of(counts)
    return both


def weights_of(counts: np.ndarray) -> np.ndarray:
    """Return weights in bits from how often symbols stood for each other."""
    counts = counts.copy()
    counts[1:, 1:] += SMOOTH / SYMBOLS
    share = counts.sum(axis=1) / counts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.log2(counts / counts.sum() / np.outer(share, share))
        gap = np.log2((counts[0] + SMOOTH) / (counts.sum(axis=1) + SYMBOLS))
    out[0, :] = out[:, 0] = gap
    out[0, 0] = 0.0
    seen = counts[1:, 1:].sum(axis=1) > SMOOTH
    for at in np.flatnonzero(~seen) + 1:  # a symbol that never came up agrees with itself
        out[at, at] = max(out[at, at], 5.0)
    return np.clip(np.nan_to_num(out, neginf=LOWEST), LOWEST, 9.0)


def main() -> None:
    """Learn the three tables, write them."""
    folder, target = map(Path, sys.argv[1:3])
    rng = random.Random(SEED)  # noqa: S311 - a seeded draw of training data
    scripts = {
        number: {name: aligned_file(folder / "coling2018" / f"{name}.aligned") for name in names}
        for number, names in SOURCES.items()
    }
    scripts[1]["tokens"] = arabic_tokens(folder / "arabic_english_tokens.txt")
    latin = [
        pair
        for name in ("arabic", "hebrew", "tokens")
        for pair in drawn(variants(scripts[1][name], rng), rng)
    ]
    latin += 3 * sanctions(folder)
    data = {
        0: latin,
        **{number: [p for one in by.values() for p in drawn(one, rng)] for number, by in scripts.items()},
    }
    start = plain()
    tables: list[np.ndarray] = []
    for number in range(3):
        table = learn(data[number], start)
        if number:  # what equal letters are worth is one scale for all tables
            np.fill_diagonal(table, np.maximum(np.diag(table), tables[0].diagonal()))
        tables.append(np.round(table, 1))
        print(f"table {number}: {len(data[number])} token pairs")
    target.write_text(
        json.dumps({"weights": [table.tolist() for table in tables]}, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
