"""The labelled pairs of names that the weights are learned from, as columns.

A source's own pairs are hard by choice, so their share of matches says nothing: each gets a free intercept. Lists of
names give all of their candidate pairs, whose odds are known: these anchor the scale.
"""

from __future__ import annotations

import csv
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from resolver.candidates import candidates_of_columns
from resolver.columns import columns_of_texts
from resolver.scores import prior_bits
from resolver.scores.people import People

SOURCES = ("ofac_pairs", "nick_pairs", "xscript_wd_pairs")
INTERCEPT = {"xscript_wd_pairs": "ofac_pairs"}  # its own would swallow what another script is worth
TURNED = "turned"  # a source's pairs, the surname of one side put in front
TURNED_SHARE = 8  # one pair in so many is turned
TURNED_WEIGHT = 0.5
UNSEEN_KIND = "alias_unrelated"  # nothing in the strings tells that the two are one
FOLDS = 5
LIST = "ofac_dev_names"
CROWD = "wikidata_names"
ARTICLES = "newsroom"
CROWD_SAMPLE = 30_000  # candidate pairs of each of two kinds, drawn with seed 5
ARTICLES_WEIGHT = 0.25
FAR_SAMPLE = 10_000  # pairs drawn from the whole of a list
FAR_WEIGHT = 0.03  # of their share: an alias that the list does not know would outweigh everything
CROWD_WEIGHT = 0.6  # of its share, which keeps the labelled pairs in the lead
LIST_WEIGHT = 0.3  # less than its share: its pairs are those of the labelled source again
KIND_WEIGHT = {"other_given_or_family": 0.5}  # another name altogether: an article would say so
SOURCE_WEIGHT = {"nick_pairs": 3.0}
LIST_SHARE = 6  # of the list's candidate pairs of different people one in so many is used, with that weight
SEED = 5


@dataclass(frozen=True)
class Source:
    """Labelled pairs of names: texts, labels, kinds, folds by person, weights and offsets in bits.

    `free` says whether the source gets an intercept of its own.
    """

    name: str
    left: list[str]
    right: list[str]
    label: np.ndarray
    kind: np.ndarray
    left_fold: np.ndarray
    right_fold: np.ndarray
    weight: np.ndarray
    offset: float
    free: bool

    @property
    def intercept(self) -> int:
        """Which intercept the source has."""
        name = self.name.split()[0]
        return SOURCES.index(INTERCEPT.get(name, name))


def turned(source: Source) -> Source:
    """Return some of a source's pairs with the last token of the right side in front, as half the world writes it."""
    used = [at for at in range(0, len(source.label), TURNED_SHARE) if " " in source.right[at]]
    right = [source.right[at].rpartition(" ") for at in used]
    return Source(
        f"{source.name} {TURNED}",
        [source.left[at] for at in used],
        [f"{last} {rest}" for rest, _, last in right],
        source.label[used],
        source.kind[used],
        source.left_fold[used],
        source.right_fold[used],
        source.weight[used] * TURNED_WEIGHT,
        0.0,
        free=True,
    )


def fold_of(person: str) -> int:
    """Return the fold of a person, the same in every file."""
    return zlib.crc32(person.encode()) % FOLDS


def labelled(folder: Path) -> list[Source]:
    """Return the three sources of labelled pairs."""
    out = []
    for name in SOURCES:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if row["kind"] != UNSEEN_KIND]
        out.append(
            Source(
                name,
                [row["left"] for row in rows],
                [row["right"] for row in rows],
                np.array([int(row["label"]) for row in rows]),
                np.array([row["kind"] for row in rows]),
                np.array([fold_of(row["ent_l"]) for row in rows]),
                np.array([fold_of(row["ent_r"]) for row in rows]),
                np.array([SOURCE_WEIGHT.get(name, 1.0) * KIND_WEIGHT.get(row["kind"], 1.0) for row in rows]),
                0.0,
                free=True,
            )
        )
    return out


def read_names(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the list, the persons that they belong to, and the names of the crowd."""
    with (folder / f"{LIST}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with (folder / f"{CROWD}.csv").open(encoding="utf-8", newline="") as lines:
        crowd = [row["name"] for row in csv.DictReader(lines)]
    return [row["name"] for row in rows], [row["gold"] for row in rows], crowd


def read_spellings(path: Path) -> tuple[list[str], list[str]]:
    """Return the distinct spellings of each person in articles with marked mentions, and the persons."""
    found: dict[tuple[str, str], None] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            for mention in json.loads(line)["mentions"]:
                if mention["type"] == "PER":
                    found[mention["surface"], mention["gold_id"]] = None
    return [surface for surface, _ in found], [person for _, person in found]


def listed(name: str, names: list[str], persons: list[str], share: int, weight: float) -> Source:
    """Return the candidate pairs of a list of names with known persons.

    Of the pairs of different people one in `share` is used, with that weight. Pairs drawn from the whole list stand
    for those that are no candidates.
    """
    found = candidates_of_columns(columns_of_texts(pa.array(names)))
    fold = np.array([fold_of(person) for person in persons])
    _, number = np.unique(persons, return_inverse=True)
    rng = np.random.default_rng(SEED)
    same = number[found.left] == number[found.right]
    used = np.flatnonzero(same | (rng.integers(share, size=len(same)) == 0))
    one, other = rng.integers(len(names), size=(2, FAR_SAMPLE))
    far = number[one] != number[other]
    left, right = np.append(found.left[used], one[far]), np.append(found.right[used], other[far])
    label = np.append(same[used], np.zeros(far.sum(), dtype=bool))
    pairs = len(names) * (len(names) - 1) / 2
    known = np.where(same[used], 1.0, share), np.full(far.sum(), pairs / FAR_SAMPLE * FAR_WEIGHT)
    return Source(
        name,
        [names[at] for at in left.tolist()],
        [names[at] for at in right.tolist()],
        label.astype(int),
        np.full(len(label), name),
        fold[left],
        fold[right],
        np.concatenate(known) * weight,
        prior_bits(len(names)),
        free=False,
    )


def crowded(crowd: list[str], names: int) -> Source:
    """Return a sample of the candidate pairs of a crowd of different people, mostly of those that look alike.

    It weighs `CROWD_WEIGHT` times as much as a crowd of so many names would.
    """
    columns = columns_of_texts(pa.array(crowd))
    found = candidates_of_columns(columns)
    agree, contradict, _ = People(columns).judge(found.left, found.right).wholes["pattern"]
    alike = (agree >= 2) & (contradict == 0)
    rng = np.random.default_rng(SEED)
    used, weights = [], []
    for stratum in (np.flatnonzero(alike), np.flatnonzero(~alike)):
        size = min(CROWD_SAMPLE, len(stratum))
        used.append(rng.choice(stratum, size, replace=False))
        weights.append(np.full(size, len(stratum) / size * (names / len(crowd)) ** 2 * CROWD_WEIGHT))
    drawn = np.concatenate(used)
    nobody = np.full(len(drawn), FOLDS)  # in no fold: always trained on
    return Source(
        CROWD,
        [crowd[at] for at in found.left[drawn].tolist()],
        [crowd[at] for at in found.right[drawn].tolist()],
        np.zeros(len(drawn), dtype=int),
        np.full(len(drawn), CROWD),
        nobody,
        nobody,
        np.concatenate(weights),
        prior_bits(names),
        free=False,
    )


def everything(folder: Path) -> list[Source]:
    """Return all that is learned from; `folder` is that of the pairs, articles lie beside it."""
    names, persons, crowd = read_names(folder)
    pairs = labelled(folder)
    return [
        *pairs,
        *map(turned, pairs),
        listed(LIST, names, persons, LIST_SHARE, LIST_WEIGHT),
        listed(ARTICLES, *read_spellings(folder.parent / "newsroom" / "train.jsonl"), 1, ARTICLES_WEIGHT),
        crowded(crowd, len(names)),
    ]
