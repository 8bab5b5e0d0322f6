"""Learn whom a bare name means: what each fact about a person of the article is worth, in bits.

    python training/chains/train.py --shared ../shared              # cross-validate by story thread, print figures
    python training/chains/train.py --shared ../shared --write      # and write resolver/models/chains/weights.json

A conditional logit: of the people whom a bare name fits, and nobody of them, one is meant. It is learned twice: on
articles whose earlier names are given as they should be, and then on those whose names are given by what was learned.
Learned on newsroom/train, the stories of training/stories and the other corpora; newsroom/dev is not read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from resolver.chains import people
from resolver.chains.judge import likelihoods
from resolver.chains.people import Cast
from resolver.chains.scene import Candidates
from resolver.context import Surroundings
from resolver.marking import parse
from resolver.model import Kind, Mention

sys.path.insert(0, str(Path(__file__).parents[1] / "stories"))
from stories import FOLDER, lessons

WEIGHTS = Path(__file__).parents[2] / "resolver" / "models" / "chains" / "weights.json"
OTHERS = (
    "newseye_fr",
    "newseye_de",
    "ecbplus_odd",
    "meantime_en",
)  # not newswcl50: its licence is share-alike
TIMES = 8  # that their lessons are told: our stories are many and about namesakes, most news is not
NEWSROOM_TIMES = 3  # the same of newsroom/train
FOLDS = 6
SEED = 7
STRENGTH = 0.3  # inverse of the L2 penalty
LEAST_SEEN = 3  # options that a fact must hold for


PRIOR = {  # bits that a fact is worth where the articles tell little of it, set by hand
    "title shared": 2.0, "rank shared": 2.5, "role shared": 1.5, "role other": -1.0, "office shared": 0.7,
    "office other": -0.7, "sex right": 1.5, "pronoun right": 0.5, "pronoun wrong": -1.5, "named 0 of 2": 1.0,
    "aside earlier": -2.5, "aside headline": -2.5, "called by another name": -1.5, "else courteous": -1.5,
    "fit middle": -2.0, "words 1": 0.4, "words 2": 0.8, "words 3": 1.2, "determiner other named": -2.0,
    "apposed kin named": -2.0, "introduced presented later": -2.0, "introduced kin later": -2.0,
    "introduced titled later": -1.0, "nobody": -1.0, "byline": -3.0,
    "generation right": 2.0, "middle surname": 1.0, "of the surname of the kin": 4.0,
}  # fmt: skip


class Story(NamedTuple):
    """An article with the people it names."""

    corpus: str
    thread: str
    text: str
    mentions: list[Mention]
    gold: dict[str, str]  # mention id -> who it is
    times: int  # how often its lessons are told


class Lesson(NamedTuple):
    """One bare name: the facts of each option, and which options are right."""

    thread: str
    options: list[list[str]]
    right: list[int]


class Pupil(Cast):
    """Reads an article by a table, or without one as it should be read, and notes the lesson of every bare name."""

    def __init__(self, story: Story, table: Mapping[str, float] | None) -> None:
        self.story, self.table = story, table
        self.lessons: list[Lesson] = []
        super().__init__(people_of(story), parse, Surroundings(story.text, story.mentions))

    def chances(self, number: int, candidates: Candidates) -> list[float]:
        """Return the chances by the table, or 1 for who is meant."""
        facts = self.options.facts(number, candidates)
        gold = self.gold(number)
        right = [at for at, (_, person) in enumerate(candidates) if self.identity(person) == gold]
        right = right or [len(candidates)]
        if gold:
            self.lessons.append(Lesson(self.story.thread, facts, right))
        if self.table is not None:
            return likelihoods(facts, self.table)
        return [float(at == right[0]) for at in range(len(facts))]

    def gold(self, number: int) -> str:
        """Return who a mention is, "" where nobody knows."""
        return self.story.gold.get(self.scene.mentions[number].mention_id, "")

    def identity(self, person: people.Person) -> str:
        """Return who most mentions of a person are."""
        return Counter(self.gold(n) for n in sorted(person.numbers)).most_common(1)[0][0]

    def clusters(self) -> list[list[str]]:
        """Return the mention ids of each person."""
        groups, _ = self.groups()
        return [[m.mention_id for form in group for m in form.mentions] for group in groups]


def people_of(story: Story) -> list[Mention]:
    """Return the mentions of people in order."""
    return sorted((m for m in story.mentions if m.kind == Kind.PER), key=lambda m: (m.start, m.end))


def read(corpus: str, rows: Iterable[Mapping[str, Any]], times: int = 1) -> list[Story]:
    """Return articles in the form of newsroom JSONL."""
    out = []
    for row in rows:
        doc, text = row["doc_id"], row["text"]
        mentions, gold = [], {}
        known = [m for m in row["mentions"] if m["type"] in set(Kind)]
        for number, m in enumerate(known):
            key = f"{doc}:{number}"
            surface = text[m["start"] : m["end"]]
            mentions.append(Mention(key, doc, m["start"], m["end"], surface, Kind(m["type"]), 1.0, "gold"))
            gold[key] = m.get("gold_id") or ""
        thread = re.match(r"[a-z]+\d+(?=[a-z])", doc)
        mentions.sort(key=lambda m: (m.start, m.end))
        out.append(Story(corpus, thread.group() if thread else doc, text, mentions, gold, times))
    return out


# ---------------------------------------------------------------- learning


def learn(lessons: Sequence[Lesson], strength: float = STRENGTH) -> dict[str, float]:
    """Return what each fact is worth in bits: the conditional logit of the right options."""
    seen = Counter(fact for lesson in lessons for facts in lesson.options for fact in set(facts))
    facts = sorted(fact for fact, count in seen.items() if count >= LEAST_SEEN)
    column = {fact: at for at, fact in enumerate(facts)}
    rows, columns, group, right = [], [], [], []
    for number, lesson in enumerate(lessons):
        for at, option in enumerate(lesson.options):
            for fact in option:
                if fact in column:
                    rows.append(len(group))
                    columns.append(column[fact])
            group.append(number)
            right.append(at in lesson.right)
    x = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(group), len(facts)))
    starts = np.flatnonzero(np.diff(np.array([-1, *group])))
    owner, chosen = np.array(group), np.array(right)

    prior = np.array([PRIOR.get(fact, 0.0) * np.log(2) for fact in facts])

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        score = x @ w
        score = score - np.maximum.reduceat(score, starts)[owner]
        odds = np.exp(score)
        share = odds / np.add.reduceat(odds, starts)[owner]
        good = np.where(chosen, odds, 0.0)
        total = np.add.reduceat(good, starts)
        among = good / total[owner]
        value = -np.log(np.add.reduceat(np.where(chosen, share, 0.0), starts)).sum()
        return value + ((w - prior) @ (w - prior)) / (2 * strength), x.T @ (share - among) + (
            w - prior
        ) / strength

    found = minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return {fact: round(float(w / np.log(2)), 2) for fact, w in zip(facts, found.x, strict=True)}


def taught(known: Sequence[Story], strength: float = STRENGTH) -> dict[str, float]:
    """Return the table learned on some articles."""
    ideal = [lesson for story in known for lesson in Pupil(story, None).lessons * story.times]
    table = learn(ideal, strength)
    real = [lesson for story in known for lesson in Pupil(story, table).lessons * story.times]
    return learn(ideal + real, strength / 2)


# ---------------------------------------------------------------- figures


class Figures(NamedTuple):
    """What chains are worth: with perfect links between articles (`merges` too), and inside the articles."""

    linked: float
    merges: int
    precision: float
    recall: float
    within: float

    def __str__(self) -> str:
        return (
            f"linked F1 {self.linked:.1f}, merges {self.merges}; inside P {self.precision:.2f} R {self.recall:.2f}"
            f" F1 {self.within:.2f}"
        )


def bcubed(gold: Mapping[str, str], group: Mapping[str, str]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 in percent."""
    size, many, both = Counter(gold.values()), Counter(group[m] for m in gold), Counter[tuple[str, str]]()
    both.update((who, group[m]) for m, who in gold.items())
    precision = 100 * sum(both[who, group[m]] / many[group[m]] for m, who in gold.items()) / len(gold)
    recall = 100 * sum(both[who, group[m]] / size[who] for m, who in gold.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def measured(pupils: Iterable[Pupil]) -> Figures:
    """Return the figures of some articles."""
    gold, linked, inside, within = {}, {}, {}, {}
    merged = set()
    for pupil in pupils:
        doc = pupil.story.mentions[0].article_id if pupil.story.mentions else ""
        for number, cluster in enumerate(pupil.clusters()):
            known = [m for m in cluster if pupil.story.gold[m]]
            if not known:
                continue
            who = Counter(pupil.story.gold[m] for m in known)
            main = who.most_common(1)[0][0]
            merged |= {tuple(sorted((main, other))) for other in who if other != main}
            for mention in known:
                gold[mention] = pupil.story.gold[mention]
                linked[mention], inside[mention] = main, f"{doc} {number}"
                within[mention] = f"{doc} {gold[mention]}"
    return Figures(bcubed(gold, linked)[2], len(merged), *bcubed(within, inside))


def crossed(known: Sequence[Story], strength: float = STRENGTH) -> list[Pupil]:
    """Return the articles read by tables that were learned on other threads."""
    threads = sorted({story.thread for story in known})
    fold = dict(zip(threads, np.random.default_rng(SEED).permutation(len(threads)) % FOLDS, strict=True))
    out = []
    for number in range(FOLDS):
        table = taught([s for s in known if fold[s.thread] != number], strength)
        out += [Pupil(s, table) for s in known if fold[s.thread] == number]
    return out


def report(name: str, pupils: Sequence[Pupil]) -> None:
    """Print the figures of some articles."""
    print(f"{name:12} {measured(pupils)}", flush=True)


def corpora(shared: Path, folder: Path) -> list[Story]:
    """Return every article to learn from."""

    def rows(path: Path) -> list[Any]:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

    known = read("newsroom", rows(shared / "newsroom" / "train.jsonl"), NEWSROOM_TIMES)
    known += read("stories", lessons(folder))
    for name in OTHERS:
        known += read(name, rows(shared / "corpora" / f"{name}.jsonl"), TIMES)
    return known


def main() -> None:
    """Cross-validate, and write the table where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--stories", type=Path, default=FOLDER)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    known = corpora(options.shared, options.stories)
    by_corpus: dict[str, list[Pupil]] = defaultdict(list)
    for pupil in crossed(known):
        by_corpus[pupil.story.corpus].append(pupil)
    for name, pupils in by_corpus.items():
        report(name, pupils)
    if options.write:
        table = json.dumps(taught(known), indent=0, sort_keys=True, ensure_ascii=False)
        WEIGHTS.write_text(f"{table}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
