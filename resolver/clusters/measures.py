"""Measures of pairs -> bins of the learned tables: names and context side by side.

`pair_bins` are for two units of different articles, `story_bins` for two clusters inside one story. The edges were set
on the quantiles of newsroom/train; the bits of each bin are learned (`training/context`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from resolver.clusters.claims import CLAIMS, Claims
from resolver.context import FAMILIES, TOLD_BY, Profiles
from resolver.context.arrays import distinct
from resolver.scores import Likeness, NameScorer
from resolver.scores.likeness import LIKENESSES

__all__ = ["PAIR_SIZES", "STORY_SIZES", "Measures", "pair_bins", "story_bins"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Columns = dict[str, Floats]

NAME = (-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20)  # bits of the name model
STORY = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.09, 0.15)  # cosine of two articles
SENTENCES = (0.001, 0.02, 0.04, 0.07, 0.1, 0.15, 0.25)  # cosine of the sentences
SOUND = (0.01, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999)
LETTERS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999)
SHARED = {
    "role": (2, 3, 4, 5, 6, 8),
    "office": (4, 8),
    "place": (1.5, 3),
    "org": (4,),
    "word": (3, 6, 10),
}  # bits of rarity
SCENES = 3  # see `scene_of`
TALES = len(TOLD_BY) + 1  # see `Profiles.tales`
UNLIKE_BELOW = 8.0  # name bits from which the sound of the whole says nothing more
CLEAR_NAME, FULL_NAME = 6.0, 13.0  # name bits at which a story weighs differently
SEXES = 5  # contradict for sure, contradict, not known, agree, agree for sure
YEARS = (1, 2, 5)  # years between the articles: a date that is missing says what the same year does


def binned(values: Floats, edges: Sequence[float]) -> Ints:
    """Return the bin of each value: how many edges it reaches."""
    return np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right").astype(np.int64)


class Measures:
    """Everything that is measured between two units.

    Args:
        names: Scorer of the names that units bear.
        likeness: The sounds of the same names.
        name_of: The number of each unit's name.
        weak: 1 for units whose name is weak, else 0.
        profiles: The units' contexts.
        claims: Who bears the names.
    """

    def __init__(
        self,
        names: NameScorer,
        likeness: Likeness,
        name_of: Ints,
        weak: Ints,
        profiles: Profiles,
        claims: Claims,
    ) -> None:
        self.names, self.likeness, self.name_of, self.weak = names, likeness, name_of, weak
        self.profiles, self.claims = profiles, claims

    def __call__(self, left: Ints, right: Ints) -> Columns:
        """Return the columns of measures of pairs of units; symmetric."""
        a, b = self.name_of[left], self.name_of[right]
        width = int(self.name_of.max(initial=0)) + 1
        codes = np.minimum(a, b) * width + np.maximum(a, b)
        names = distinct(codes)
        back = np.searchsorted(names, codes)
        one, other = names // width, names % width
        bits = np.asarray(self.names.bits(one, other), dtype=np.float64)
        out: Columns = {
            "name": bits[back],
            "apart": self.names.contradictions(one, other)[back].astype(np.float64),
            "initials": self.names.initials(one, other)[back].astype(np.float64),
            "weak": (self.weak[left] + self.weak[right]).astype(np.float64),
            "story": self.profiles.stories.closest(left, right).cosine,
            "tales": self.profiles.tales(left, right).astype(np.float64),
            "sentences": self.profiles.sentences(left, right),
            "gender": self.profiles.sexes(left, right).astype(np.float64),
            "claim": self.claims(left, right).astype(np.float64),
            "years": self.profiles.years_apart(left, right).astype(np.float64),
        }
        unlike = np.flatnonzero(bits < UNLIKE_BELOW)
        for label, found in self.likeness.measure(one[unlike], other[unlike]).items():
            alike = np.ones(len(names))
            alike[unlike] = found
            out[label] = alike[back]
        for family in FAMILIES:
            both = self.profiles.shared(family, left, right)
            out[family] = np.where(both.number > 0, both.rarity, np.where(both.both, -1.0, -2.0))
        return out


def agreement(values: Floats, edges: Sequence[float]) -> Ints:
    """Return bins of a context family: 0 one side has nothing, 1 both have and share none, then by rarity shared."""
    return np.where(values < 0, (values > -1.5).astype(np.int64), 2 + binned(values, edges))


def scene_of(measures: Mapping[str, Floats]) -> Ints:
    """Return 0 for unlike names, 1 for names that are alike in one story, 2 for names that are alike elsewhere.

    What an article says around a name weighs differently in each: in one story everybody has many roles, and two
    bearers of a name in two stories have two.
    """
    alike = measures["name"] >= CLEAR_NAME
    return np.where(alike, np.where(measures["tales"] == TALES - 1, 1, 2), 0)


def pair_bins(measures: Mapping[str, Floats]) -> dict[str, Ints]:
    """Return the bin of each term for pairs of units."""
    name = measures["name"]
    strength = (name >= CLEAR_NAME).astype(np.int64) + (name >= FULL_NAME)
    unlike = name < UNLIKE_BELOW
    scene = scene_of(measures)
    out = {
        "name": binned(name, NAME) + measures["weak"].astype(np.int64) * (len(NAME) + 1),
        "apart": measures["apart"].astype(np.int64) + 2 * scene,
        "initials": measures["initials"].astype(np.int64) + 1 + 3 * scene,
        "story": binned(measures["story"], STORY) + strength * (len(STORY) + 1),
        "tales": measures["tales"].astype(np.int64) + TALES * strength,
        "sentences": binned(measures["sentences"], SENTENCES) + scene * (len(SENTENCES) + 1),
        "gender": measures["gender"].astype(np.int64) + 2 + SEXES * scene,
        "claim": measures["claim"].astype(np.int64) + CLAIMS * scene,
        "years": binned(measures["years"], YEARS) + scene * (len(YEARS) + 1),
    }
    for label in LIKENESSES:
        edges: Sequence[float] = SOUND if "sound" in label else LETTERS
        out[label] = np.where(unlike, 1 + binned(measures[label], edges), 0)
    for family, bounds in SHARED.items():
        out[family] = agreement(measures[family], bounds) + scene * (len(bounds) + 3)
    return out


PAIR_SIZES = {
    "name": 3 * (len(NAME) + 1),
    "apart": 2 * SCENES,
    "initials": 3 * SCENES,
    "story": 3 * (len(STORY) + 1),
    "tales": 3 * TALES,
    "sentences": SCENES * (len(SENTENCES) + 1),
    "gender": SEXES * SCENES,
    "claim": CLAIMS * SCENES,
    "years": SCENES * (len(YEARS) + 1),
    **{label: len(SOUND if "sound" in label else LETTERS) + 2 for label in LIKENESSES},
    **{family: SCENES * (len(edges) + 3) for family, edges in SHARED.items()},
}

BEST = (-14, -12, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6)  # bits of pairs of units
STORY_EDGES: dict[str, tuple[float, ...]] = {
    "best": BEST,
    "best full": BEST,
    "mean": BEST[:-3],
    "bare": (0.5, 1.5),  # sides without a full name
    "least initials": (-0.5, 0.5),  # of full names
    "most initials": (-0.5, 0.5),
    "name": (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16),
    "worst name": (-1, 0, 1, 2, 3, 4, 6, 8, 10, 12, 14),
    **{label: (SOUND if "sound" in label else LETTERS) for label in LIKENESSES},
    "story": (0.04, 0.06, 0.08, 0.1, 0.13, 0.17),
    "sentences": (0.01, 0.03, 0.06, 0.09, 0.13, 0.18, 0.25, 0.35),
    "gender": (-1.2, -0.2, 0.2, 1.2),
    "apart": (0.01, 0.5, 0.99),
    "smaller": (2, 3),  # articles of the smaller cluster
    "larger": (2, 3, 4, 5),
    "cover": (
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
    ),  # share of the story's articles that the two have together
    "prominence": (1, 2, 3, 5),  # best rank among the people of an article, of the more prominent cluster
    "lesser prominence": (1, 2, 3, 5),
    "crowd": (5, 8, 12, 18, 30),  # people in the least crowded article of either cluster: so many it may be
    "together": (0.01, 0.5, 0.99),  # share of the smaller cluster's articles in which both stand
}
STORY_FAMILIES = {"role": (2, 3, 4, 5, 7), "office": (4,), "place": (1.5,), "org": (4,), "word": (4, 8)}
STORY_SIZES = {
    **{term: len(edges) + 1 for term, edges in STORY_EDGES.items()},
    **{family: len(edges) + 3 for family, edges in STORY_FAMILIES.items()},
}


def story_bins(measures: Mapping[str, Floats]) -> dict[str, Ints]:
    """Return the bin of each term for pairs of clusters."""
    out = {term: binned(measures[term], edges) for term, edges in STORY_EDGES.items()}
    for family, edges in STORY_FAMILIES.items():
        out[family] = agreement(measures[family], edges)
    return out
