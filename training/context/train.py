"""Learn what context is worth in bits: each measure of two chains, and small trees over those of two clusters.

    python training/context/train.py --shared ../shared              # cross-validate by story thread, print figures
    python training/context/train.py --shared ../shared --write      # and write weights.json, stories.json

Logistic regression over binned measures: every coefficient is the weight of one bin, so that the result is a table.
In a story the measures speak together, so that boosted trees are learned there. `--background` counts background.csv
again.
Learned on newsroom/train, on the story threads of `training/stories` and, with less weight, on the other corpora;
newsroom/dev is not read.
"""

from __future__ import annotations

import argparse
import csv
import json
import pickle
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from anyascii import anyascii
from rapidfuzz.distance import Indel
from scipy.sparse import csr_matrix, vstack
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from resolver.articles import read_articles
from resolver.authority import Authority
from resolver.candidates import candidate_pairs
from resolver.clusters import Owners
from resolver.clusters.measures import PAIR_SIZES, STORY_SIZES, pair_bins, story_bins
from resolver.clusters.stories import HOPEFUL, HOPELESS, NOBODY, StoryMatcher
from resolver.context import Calibration, Model, Slopes, Tables, Topics, read_words
from resolver.context.evidence import chain_features
from resolver.context.topics import story_words
from resolver.context.trees import ALL, DEPTH, Trees, trees_of
from resolver.linking import Basis, Work, link_kind
from resolver.linking.joining import link_units, ranks
from resolver.linking.pairs import scored_pairs
from resolver.marking import Marker, parse
from resolver.model import Article, Chain, Kind
from resolver.phonetics import sounds
from resolver.proposals import Proposals
from resolver.settings import Settings

STORIES = Path(__file__).parents[1] / "stories"
STORY_SETS = {"stories": "abcefghkn", "stories2": "dijlmo", "stories3": "pqrsuv"}  # files of `STORIES`
OURS = ("train", *STORY_SETS)  # corpora of story threads, cross-validated by thread
OUR_WEIGHT = {"train": 2.5}  # of a pair, 1 elsewhere: story threads are many and fuller of traps than news
MODELS = Path(__file__).parents[2] / "resolver" / "models" / "context"
OTHERS = (
    "newseye_fr",
    "newseye_de",
    "ecbplus_odd",
    "meantime_en",
)  # not newswcl50: its licence is share-alike
OTHER_WEIGHT = 2500.0  # positive pairs that another corpus counts for: each is one kind of news
MOST_WEIGHT = 15.0  # that a pair of it counts at most
FOLDS = 8
SEED = 7
PAIR_STRENGTH = 1.0  # inverse of the L2 penalty
TREES, TREE_RATE = 300, 0.04  # for pairs of clusters
TREE_LEAF = 40  # pairs of clusters in a leaf at least
TREE_TERMS = 0.4  # share of the terms that each question is chosen from
MANGLED_COPIES = {"train": 3}  # with other names put in, for pairs of clusters; 1 elsewhere
MANGLED_SHARE = 0.5  # of people whose names stay as they are in a copy
PAIRS_AT_A_TIME = 200_000
# Pairs of chains below both, name bits and cosine of stories, are seen one in `THINNED`, with so much more weight.
HOPEFUL_NAME, HOPEFUL_STORY = 4.0, 0.05
THINNED = 20
LN2 = np.log(2.0)

sys.path.insert(0, str(STORIES))
from stories import UNSEEN, stories  # noqa: E402 - a script beside this one

UNCALIBRATED = Calibration(np.linspace(-12, 12, 97), 1 / (1 + np.exp2(-np.linspace(-12, 12, 97))))


class Corpus(NamedTuple):
    """A corpus with gold identities: its chains of people, and for each chain its person and its story thread."""

    name: str
    chains: list[Chain]
    topics: Topics
    person: np.ndarray
    thread: np.ndarray
    gold: dict[str, str]  # mention id -> gold id
    years: dict[str, int]  # article id -> year


def read_corpus(path: Path) -> Corpus:
    """Return a corpus; chains take the gold id of most of their mentions, -1 where none is known."""
    articles = [a for a in read_articles([str(path)]) if isinstance(a, Article)]
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    marked = Marker(Settings(extractor="given", aliases=()))(articles)
    doc = {article.article_id: article.doc_id for article in articles}
    ids = {
        (r["doc_id"], m["start"], m["end"], m["type"]): m.get("gold_id") for r in rows for m in r["mentions"]
    }
    gold = {
        m.mention_id: found
        for m in marked.mentions
        if (found := ids.get((doc[m.article_id], m.start, m.end, str(m.kind))))
    }
    people = sorted((c for c in marked.chains if c.kind == Kind.PER), key=lambda c: c.chain_id)
    numbers: dict[str, int] = {}
    person, thread = [], []
    threads: dict[str, int] = {}
    for chain in people:
        found_ids = Counter(gold[m] for m in chain.mention_ids if m in gold)
        person.append(numbers.setdefault(found_ids.most_common(1)[0][0], len(numbers)) if found_ids else -1)
        story = re.match(r"[a-z]+\d+", doc[chain.article_id])
        threads_key = story.group() if story and path.stem in OURS else doc[chain.article_id]
        thread.append(threads.setdefault(threads_key, len(threads)))
    texts = sorted({a.article_id: a.text for a in articles}.items())
    years = {a.article_id: int(a.date[:4]) for a in articles if a.date and a.date[:4].isdecimal()}
    return Corpus(
        path.stem, people, Topics(read_words(texts)), np.array(person), np.array(thread), gold, years
    )


def story_set(name: str, folder: Path) -> Path:
    """Write the story threads of one set into a folder as a corpus, and return its path."""
    path = folder / f"{name}.jsonl"
    files = {**STORY_SETS, "unseen": UNSEEN}[name]
    rows = (row for row in stories(STORIES) if row["doc_id"][0] in files)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def design(bins: Mapping[str, np.ndarray], sizes: Mapping[str, int]) -> csr_matrix:
    """Return one column for each bin of each term."""
    count = len(next(iter(bins.values())))
    starts = dict(zip(sizes, np.cumsum([0, *list(sizes.values())[:-1]]), strict=True))
    columns = np.concatenate([starts[term] + bins[term] for term in sizes])
    rows = np.tile(np.arange(count), len(sizes))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, sum(sizes.values())))


def fitted(
    x: csr_matrix, y: np.ndarray, weight: np.ndarray, sizes: Mapping[str, int], strength: float
) -> Tables:
    """Return the tables of a logistic regression, in bits, each term's mean taken into the start."""
    model = LogisticRegression(C=strength, max_iter=3000, tol=1e-6).fit(x, y, sample_weight=weight)
    bits = model.coef_[0] / LN2
    out, at = {}, 0
    for term, size in sizes.items():
        out[term] = bits[at : at + size]
        at += size
    return Tables(float(model.intercept_[0] / LN2), out)


def boosted(x: csr_matrix, y: np.ndarray, weight: np.ndarray, sizes: Mapping[str, int]) -> Trees:
    """Return boosted trees over the bins of a design, in bits."""
    bins = bins_of(x, sizes)
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=TREE_RATE,
        max_depth=DEPTH,
        min_samples_leaf=TREE_LEAF,
        l2_regularization=5.0,
        max_features=TREE_TERMS,
        random_state=SEED,
    ).fit(np.stack([bins[term] for term in sizes], 1), y, sample_weight=weight)
    asked, bound, worth = [], [], []
    for (predictor,) in model._predictors:  # noqa: SLF001 - there is no public way to the trees
        rows = full_tree(predictor.nodes)
        asked.append([row[0] for row in rows[: 2**DEPTH - 1]])
        bound.append([row[1] for row in rows[: 2**DEPTH - 1]])
        worth.append([row[2] for row in rows])
    bits = np.array(worth) / LN2
    baseline = model._baseline_prediction.item()  # noqa: SLF001 - nor to what they start from
    start = float(baseline / LN2 + bits[:, 0].sum())
    return Trees(start, tuple(sizes), np.array(asked), np.array(bound), bits - bits[:, :1])


def full_tree(nodes: np.ndarray) -> list[tuple[int, int, float]]:
    """Return (term, highest bin that goes left, value) of each node of a tree made full, level by level.

    The value of an inner node is the mean of its leaves, by how many pairs came to each.
    """
    out = [(0, ALL, 0.0)] * (2 ** (DEPTH + 1) - 1)

    def put(place: int, at: int, level: int) -> tuple[float, int]:
        node = nodes[at]
        if node["is_leaf"]:
            value, count = float(node["value"]), int(node["count"])
            out[place] = (0, ALL, value)
            if level < DEPTH:  # both ways lead to the same
                put(2 * place + 1, at, level + 1)
                put(2 * place + 2, at, level + 1)
            return value, count
        (left, many), (right, more) = (
            put(2 * place + side, int(node[name]), level + 1) for side, name in ((1, "left"), (2, "right"))
        )
        value = (left * many + right * more) / (many + more)
        out[place] = (int(node["feature_idx"]), int(np.floor(node["num_threshold"])), value)
        return value, many + more

    put(0, 0, 0)
    return out


def bins_of(x: csr_matrix, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Return the bin of each term that a design has a column for."""
    rows = x.tocsr()
    rows.sort_indices()
    starts = np.cumsum([0, *list(sizes.values())[:-1]])
    bins = (rows.indices.reshape(x.shape[0], len(sizes)) - starts).astype(np.uint8)
    return dict(zip(sizes, bins.T, strict=True))


class Pairs(NamedTuple):
    """Pairs of chains in different articles, both of known identity."""

    x: csr_matrix
    same: np.ndarray
    weight: np.ndarray
    threads: np.ndarray  # shape (pairs, 2)


def pair_weight(name: str, share: float) -> float:
    """Return what a pair of a corpus counts: of ours as set, of another its share of what the whole counts for."""
    return OUR_WEIGHT.get(name, 1.0) if name in OURS else min(MOST_WEIGHT, share)


def work_of(corpus: Corpus, model: Model) -> Work:
    """Return the linking of a corpus, ready to run with a model."""
    basis = Basis(corpus.chains, parse, Authority(None), corpus.topics, years=corpus.years)
    settings = Settings(extractor="given", aliases=())
    known = Proposals(basis.authority, corpus.chains, basis.years)
    return Work(Kind.PER, range(len(corpus.chains)), basis, settings, known, model=model)


def chain_of_unit(work: Work) -> np.ndarray:
    """Return the chain number of each unit (here every chain is a unit of its own, or its first one speaks)."""
    return np.array([unit.chains[0] for unit in work.units])


def pairs_of(corpus: Corpus, blank: Model) -> Pairs:
    """Return the measured pairs of a corpus."""
    work = work_of(corpus, blank)
    chain = chain_of_unit(work)
    person, thread = corpus.person[chain], corpus.thread[chain]
    left, right = np.triu_indices(len(chain), 1)
    keep = (person[left] >= 0) & (person[right] >= 0)
    keep[keep] &= work.weights.profiles.together(left[keep], right[keep]) == 0
    left, right = left[keep], right[keep]
    blocks, kept, thin = [], [], []
    rng = np.random.default_rng(SEED)
    for low in range(0, len(left), PAIRS_AT_A_TIME):
        one, other = left[low : low + PAIRS_AT_A_TIME], right[low : low + PAIRS_AT_A_TIME]
        measured = work.weights.measures(one, other)
        hopeful = (measured["name"] >= HOPEFUL_NAME) | (measured["story"] >= HOPEFUL_STORY)
        hopeful |= person[one] == person[other]
        seen = hopeful | (rng.integers(THINNED, size=len(one)) == 0)
        blocks.append(
            design({term: column[seen] for term, column in pair_bins(measured).items()}, PAIR_SIZES)
        )
        kept.append(low + np.flatnonzero(seen))
        thin.append(np.where(hopeful[seen], 1.0, THINNED))
    left, right = left[np.concatenate(kept)], right[np.concatenate(kept)]
    same = (person[left] == person[right]).astype(int)
    weight = pair_weight(corpus.name, OTHER_WEIGHT / max(1, same.sum())) * np.concatenate(thin)
    return Pairs(vstack(blocks).tocsr(), same, weight, np.stack([thread[left], thread[right]], 1))


def story_pairs(
    corpus: Corpus, model: Model
) -> tuple[Pairs, np.ndarray, np.ndarray, StoryMatcher, np.ndarray]:
    """Return measured pairs of clusters, after pairs alone were linked; with the codes, labels and matcher."""
    work = work_of(corpus, model)
    candidates = candidate_pairs([group.name for group in work.groups])
    found = scored_pairs(work, candidates)
    labels, _ = link_units(work, found)
    labels = Owners(work.units, work.weak, work.held, found).detach_doubtful(labels)
    matcher = StoryMatcher(work.weights, ranks(work))
    codes = matcher.candidates(labels)
    if not len(codes):
        empty = np.zeros(0, dtype=np.int64)
        return (
            Pairs(csr_matrix((0, sum(STORY_SIZES.values()))), empty, empty, np.zeros((0, 2))),
            codes,
            labels,
            matcher,
            empty,
        )
    columns = matcher.measured(codes, labels)
    chain = chain_of_unit(work)
    person: dict[int, Counter[int]] = defaultdict(Counter)
    thread: dict[int, int] = {}
    for unit, label in enumerate(labels.tolist()):
        number = int(chain[unit])
        if corpus.person[number] >= 0:
            person[label][int(corpus.person[number])] += len(corpus.chains[number].mention_ids)
        thread[label] = int(corpus.thread[number])
    a, b = codes // matcher.count, codes % matcher.count
    known = np.array([p in person and q in person for p, q in zip(a.tolist(), b.tolist(), strict=True)])
    usable = known & (columns["best"] >= HOPELESS)
    main = {label: found.most_common(1)[0][0] for label, found in person.items()}
    same = np.array([main.get(p, -1) == main.get(q, -2) for p, q in zip(a.tolist(), b.tolist(), strict=True)])
    threads = np.array([[thread[p], thread[q]] for p, q in zip(a.tolist(), b.tolist(), strict=True)])
    x = design(story_bins(columns), STORY_SIZES)
    weight = np.full(len(codes), pair_weight(corpus.name, OTHER_WEIGHT / 3 / max(1, same[usable].sum())))
    return Pairs(x, same.astype(int), weight, threads), codes, labels, matcher, np.flatnonzero(usable)


def frequent_names(column: str) -> list[tuple[str, str]]:
    """Return names that are mostly given names or mostly surnames, with their sounds."""
    with (MODELS.parent / "names" / "frequencies.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if len(row["token"]) > 3]
    other = "surname" if column == "given" else "given"
    mostly = [row["token"] for row in rows if int(row[column]) > 3 * int(row[other]) + 3]
    return [(token.title(), sounds(token)) for token in mostly if sounds(token)]


SWAPS = (
    "bpv",
    "vwfb",
    "gkqc",
    "sz",
    "jyzg",
    "rl",
    "tds",
    "dt",
    "mn",
    "ckgq",
    "kgqc",
    "lr",
    "pb",
    "fvp",
    "zs",
    "wv",
)


def misheard(word: str, rng: np.random.Generator) -> str:
    """Return a word as it may come back through another alphabet: vowels guessed, consonants confused, some lost."""
    out = []
    for letter in fold_word(word):
        group = next((g for g in SWAPS if g[0] == letter), "")
        chance = rng.random()
        if letter in "aeiouy":
            out.append(rng.choice(list("aeiou")) if chance < 0.5 else "" if chance < 0.65 else letter)
        elif letter == "h":
            out.append("" if chance < 0.5 else letter)
        elif group and chance < 0.35:
            out.append(rng.choice(list(group[1:])))
        elif chance > 0.93:
            out.append("")
        else:
            out.append(letter + (rng.choice(list("aeiou")) if chance > 0.85 else ""))
    text = "".join(out)[: max(4, int(len(word) * rng.uniform(0.7, 1.2)))]
    return (text or word).title()


def renamed(word: str, known: Sequence[tuple[str, str]], rng: np.random.Generator) -> str:
    """Return a word misheard, or the known name that sounds most like it among a few hundred."""
    if rng.random() < 0.5:
        return misheard(word, rng)
    some = [known[n] for n in rng.choice(len(known), size=min(400, len(known)), replace=False)]
    heard = sounds(fold_word(word)) or fold_word(word)
    return max(some, key=lambda name: (Indel.normalized_similarity(heard, name[1]), name))[0]


def fold_word(word: str) -> str:
    """Return a word in small Latin letters."""
    return anyascii(word).casefold()


def mangled(corpus: Corpus, number: int) -> Corpus:
    """Return a corpus in which some people are named otherwise in one of their articles; everything else is as it was.

    Real mangled names are few; what an article says around a name is the same whatever the name.
    """
    rng = np.random.default_rng([SEED, number])
    given, last = frequent_names("given"), frequent_names("surname")
    chains = list(corpus.chains)
    for person in range(int(corpus.person.max()) + 1):
        own = np.flatnonzero(corpus.person == person)
        full = [n for n in own.tolist() if not parse(chains[n].name, Kind.PER).weak]
        if len(full) < 2 or rng.random() < MANGLED_SHARE:
            continue
        at = int(rng.choice(full))
        changed: dict[str, str] = {}
        for place, word in enumerate(chains[at].name.split()):
            is_last = place == len(chains[at].name.split()) - 1
            if len(word) > 2 and (is_last or rng.random() < 0.6):
                changed[word] = renamed(word, last if is_last else given, rng)
        forms = tuple(dict.fromkeys(" ".join(changed.get(w, w) for w in f.split()) for f in chains[at].forms))
        name = " ".join(changed.get(w, w) for w in chains[at].name.split())
        chains[at] = chains[at]._replace(name=name, forms=forms)
    return corpus._replace(chains=chains)


def blank_model() -> Model:
    """Return tables without bits."""
    pairs = Tables(0.0, {term: np.zeros(size) for term, size in PAIR_SIZES.items()})
    return Model(
        pairs,
        trees_of({"start": 0.0, "terms": list(STORY_SIZES), "trees": []}),
        Slopes(0.0, {"score": (1.0, 1.0)}),
        UNCALIBRATED,
    )


def learn(
    corpora: Sequence[Corpus], pairs: Sequence[Pairs], held: Mapping[str, set[int]], cache: dict[str, Any]
) -> Model:
    """Return the model learned from all corpora without the pairs of the threads that are held out of ours.

    The cluster pairs of the other corpora are found once, under the first model, and kept in `cache`.
    """
    chosen = [open_to(corpus, part.threads, held) for corpus, part in zip(corpora, pairs, strict=True)]
    x = vstack([p.x[k] for p, k in zip(pairs, chosen, strict=True)])
    y = np.concatenate([p.same[k] for p, k in zip(pairs, chosen, strict=True)])
    weight = np.concatenate([p.weight[k] for p, k in zip(pairs, chosen, strict=True)])
    model = blank_model()._replace(pairs=fitted(x, y, weight, PAIR_SIZES, PAIR_STRENGTH))
    found = []
    ours = [corpus for corpus in corpora if corpus.name in OURS]
    copies = [
        mangled(corpus, number) for corpus in ours for number in range(MANGLED_COPIES.get(corpus.name, 1))
    ]
    for corpus in (*corpora, *copies):
        if corpus.name in OURS or corpus.name not in cache:
            cache[corpus.name] = story_pairs(corpus, model)
        part, codes, labels, matcher, usable = cache[corpus.name]
        usable = usable[open_to(corpus, part.threads[usable], held)]
        found.append((part, codes, labels, matcher, usable))
    x = vstack([part.x[usable] for part, *_, usable in found])
    y = np.concatenate([part.same[usable] for part, *_, usable in found])
    weight = np.concatenate([part.weight[usable] for part, *_, usable in found])
    model = model._replace(stories=boosted(x, y, weight, STORY_SIZES))
    return model._replace(rivals=learn_rivals(found, model.stories))


def open_to(corpus: Corpus, threads: np.ndarray, held: Mapping[str, set[int]]) -> np.ndarray:
    """Return the mask of pairs, given the threads of both sides, that touch no held-out thread of a corpus."""
    closed = list(held.get(corpus.name, ()))
    return ~np.isin(threads, closed).any(axis=1)


def learn_rivals(found: Sequence[Any], stories: Trees) -> Slopes:
    """Return what a lead over the next best is worth."""
    rows, same, weights = [], [], []
    for part, codes, labels, matcher, known in found:
        if not len(codes):
            continue
        score = stories.total(bins_of(part.x, STORY_SIZES))
        usable = known[score[known] >= HOPEFUL]
        one, other = matcher.leads(_Found(codes, np.maximum(score, NOBODY)), labels, usable)
        low, high = np.minimum(one, other), np.maximum(one, other)
        columns = [np.clip(c, -10, 10) for c in (score[usable], low, high)]
        rows.append(np.stack([part_ for c in columns for part_ in (np.minimum(c, 0), np.maximum(c, 0))], 1))
        same.append(part.same[usable])
        weights.append(part.weight[usable])
    model = LogisticRegression(C=1.0, max_iter=3000, tol=1e-6).fit(
        np.concatenate(rows), np.concatenate(same), sample_weight=np.concatenate(weights)
    )
    slopes = (model.coef_[0] / LN2).reshape(3, 2)
    names = ("score", "lead", "other lead")
    return Slopes(
        float(model.intercept_[0] / LN2),
        {n: (float(a), float(b)) for n, (a, b) in zip(names, slopes, strict=True)},
    )


class _Found(NamedTuple):
    codes: np.ndarray
    score: np.ndarray


def linked(corpus: Corpus, model: Model) -> tuple[dict[str, int], dict[str, float]]:
    """Return the cluster and the probability of each mention of a corpus."""
    basis = Basis(corpus.chains, parse, Authority(None), corpus.topics, years=corpus.years)
    found = link_kind(
        Kind.PER, range(len(corpus.chains)), basis, Settings(extractor="given", aliases=()), model=model
    )
    cluster, sure = {}, {}
    for number, outcome in found.outcomes.items():
        for mention in corpus.chains[number].mention_ids:
            cluster[mention], sure[mention] = outcome.cluster, outcome.probability
    return cluster, sure


def figures(gold: Mapping[str, str], cluster: Mapping[str, int]) -> tuple[float, float, float, int]:
    """Return B-cubed precision, recall and F1 in percent, and the pairs of people who share a cluster."""
    return unseen_figures(gold, [(set(gold), cluster)])


def unseen_figures(
    gold: Mapping[str, str], folds: Sequence[tuple[set[str], Mapping[str, int]]]
) -> tuple[float, float, float, int]:
    """Return the same for mentions held out in folds, each as its fold's clusters of all mentions have it."""
    precision = recall = 0.0
    merges = set()
    for held, cluster in folds:
        people, groups = defaultdict(set), defaultdict(set)
        for mention, person in gold.items():
            people[person].add(mention)
            groups[cluster[mention]].add(mention)
        for mention in held & gold.keys():
            group = groups[cluster[mention]]
            both = len(people[gold[mention]] & group)
            precision += both / len(group)
            recall += both / len(people[gold[mention]])
            merges |= {
                tuple(sorted((gold[mention], other))) for other in {gold[m] for m in group} - {gold[mention]}
            }
    count = sum(len(held & gold.keys()) for held, _ in folds)
    precision, recall = 100 * precision / count, 100 * recall / count
    return precision, recall, 2 * precision * recall / (precision + recall), len(merges)


def calibrated(links: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Calibration:
    """Return how often mentions were right by the bits of their link; newsroom counts as much as all story sets."""
    bits, right = (np.concatenate(part) for part in zip(*links.values(), strict=True))
    share = {name: 1.0 / len(STORY_SETS) if name in STORY_SETS else 1.0 for name in links}
    weight = np.concatenate(
        [np.full(len(own), share[name] / max(1, len(own))) for name, (own, _) in links.items()]
    )
    fit = IsotonicRegression(y_min=0.05, y_max=0.995, out_of_bounds="clip").fit(bits, right, weight)
    knots = np.array([-4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0])
    smooth = np.array([fit.predict(knots + d) for d in (-0.75, -0.25, 0.25, 0.75)]).mean(axis=0)
    return Calibration(knots, smooth)


def links_of(
    gold: Mapping[str, str], cluster: Mapping[str, int], sure: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bits of the mentions that were linked with others, and whether their cluster is mostly their own."""
    groups: dict[int, Counter[str]] = defaultdict(Counter)
    for mention, person in gold.items():
        groups[cluster[mention]][person] += 1
    linked_ones = [m for m in gold if sum(groups[cluster[m]].values()) > 1 and sure[m] < 1.0]
    right = np.array([groups[cluster[m]].most_common(1)[0][0] == gold[m] for m in linked_ones], dtype=float)
    p = np.clip([sure[m] for m in linked_ones], 1e-4, 1 - 1e-4)
    return np.log2(p / (1 - p)), right


def print_calibration(label: str, values: np.ndarray, right: np.ndarray) -> None:
    """Print the expected calibration error in ten bins, and how many of the surest are right."""
    bins = np.minimum((values * 10).astype(int), 9)
    parts = [(bins == n) for n in range(10) if (bins == n).any()]
    error = sum(abs(values[k].mean() - right[k].mean()) * k.mean() for k in parts)
    high = values >= 0.95
    share = right[high].mean() if high.any() else float("nan")
    print(
        f"{label}: expected calibration error {error:.3f}; at >= .95 {share:.3f} right of {high.sum()} of {len(right)}"
    )


def cross_validate(corpora: Sequence[Corpus], pairs: Sequence[Pairs], out: Path | None) -> Calibration:
    """Print the figures of every fold's threads under a model that has not seen them; return the calibration."""
    ours = [corpus for corpus in corpora if corpus.name in OURS]
    random = np.random.default_rng(SEED)
    threads = {c.name: random.permutation(int(c.thread.max()) + 1) for c in ours}
    cluster: dict[str, int] = {}
    sure: dict[str, float] = {}
    folds: dict[str, list[tuple[set[str], dict[str, int]]]] = {corpus.name: [] for corpus in ours}
    cache: dict[str, Any] = {}
    for fold in range(FOLDS):
        held = {name: set(order[fold::FOLDS].tolist()) for name, order in threads.items()}
        model = learn(corpora, pairs, held, cache)
        if out is not None:
            out.with_suffix(f".{fold}.pickle").write_bytes(pickle.dumps((held, model)))
        for corpus in ours:
            found, certain = linked(corpus, model)
            folds[corpus.name].append((set(), found))
            for chain, thread in zip(corpus.chains, corpus.thread.tolist(), strict=True):
                if thread in held[corpus.name]:
                    folds[corpus.name][-1][0].update(chain.mention_ids)
                    cluster.update((m, found[m] * FOLDS + fold) for m in chain.mention_ids)
                    sure.update((m, certain[m]) for m in chain.mention_ids)
        print(f"fold {fold}", flush=True)
    if out is not None:
        out.write_text(json.dumps(cluster))
    golds = {corpus.name: people_of(corpus) for corpus in ours}
    for corpus in ours:
        own = golds[corpus.name]
        print(
            "{:10} unseen threads: P {:.1f} R {:.1f} F1 {:.1f}, {} merges".format(
                corpus.name, *unseen_figures(own, folds[corpus.name])
            )
        )
        print(
            "{:10} without links to others: P {:.1f} R {:.1f} F1 {:.1f}, {} merges".format(
                "", *figures(own, cluster)
            )
        )
    links = {name: links_of(own, cluster, sure) for name, own in golds.items()}
    calibration = calibrated(links)
    for name, (bits, right) in links.items():
        print_calibration(f"{name}, bits alone", 1 / (1 + np.exp2(-bits)), right)
        print_calibration(name, np.interp(bits, calibration.bits, calibration.right), right)
    if out is not None:
        out.with_suffix(".sure.json").write_text(json.dumps(sure))
    return calibration


def people_of(corpus: Corpus) -> dict[str, str]:
    """Return the gold id of each mention of a person."""
    people = {m for chain in corpus.chains for m in chain.mention_ids}
    return {m: g for m, g in corpus.gold.items() if m in people}


def write(model: Model, folder: Path) -> None:
    """Write the tables and the trees."""

    def part(tables: Tables) -> dict[str, Any]:
        terms = {term: [round(float(b), 3) for b in bits] for term, bits in tables.bits.items()}
        return {"start": round(tables.start, 3), "terms": terms}

    rivals = {
        "start": round(model.rivals.start, 3),
        "terms": {k: [round(x, 3) for x in v] for k, v in model.rivals.slopes.items()},
    }
    knots = {
        "bits": model.calibration.bits.tolist(),
        "right": [round(float(p), 3) for p in model.calibration.right],
    }
    content = {
        "pairs": part(model.pairs),
        "rivals": rivals,
        "calibration": knots,
    }
    (folder / "weights.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    trees = model.stories
    lines = [
        json.dumps({"asked": asked, "bound": bound, "worth": [round(bits, 3) for bits in worth]})
        for asked, bound, worth in zip(
            trees.term.tolist(), trees.bound.tolist(), trees.worth.tolist(), strict=True
        )
    ]
    head = f'{{"start": {trees.start:.3f}, "terms": {json.dumps(trees.names)}, "trees": [\n'
    (folder / "stories.json").write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def write_background(path: Path, newsroom: Path) -> None:
    """Count in how many newsroom articles each word, role, place and organisation stands, if in more than one."""
    articles = [a for a in read_articles([str(newsroom)]) if isinstance(a, Article)]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        counts["word"].update(story_words(article.text))
    marked = Marker(Settings(extractor="given", aliases=()))(articles)
    inside: dict[tuple[str, str], set[str]] = defaultdict(set)
    for chain in marked.chains:
        for family, features in chain_features(chain).items():
            for feature in features:
                inside[family, feature].add(chain.article_id)
    for (family, feature), found in inside.items():
        if family in ("role", "office", "place", "org"):
            counts[family][feature] = len(found)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("family", "feature", "articles"))
        writer.writerow(("articles", "all", len(articles)))
        for family, found_ in sorted(counts.items()):
            writer.writerows((family, feature, n) for feature, n in sorted(found_.items()) if n > 1)


def main() -> None:
    """Learn, measure, and write if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--no-cv", action="store_true")
    parser.add_argument("--background", action="store_true", help="count the background again")
    parser.add_argument("--save", type=Path, help="write the clusters and models of the cross-validation")
    options = parser.parse_args()
    newsroom = options.shared / "newsroom" / "train.jsonl"
    if options.background:
        write_background(MODELS / "background.csv", newsroom)
    with TemporaryDirectory() as folder:
        own = [story_set(name, Path(folder)) for name in STORY_SETS]
        paths = [newsroom, *own, *(options.shared / "corpora" / f"{name}.jsonl" for name in OTHERS)]
        corpora = [read_corpus(path) for path in paths]
        unseen = read_corpus(story_set("unseen", Path(folder)))
    pairs = [pairs_of(corpus, blank_model()) for corpus in corpora]
    print(
        {
            c.name: (len(c.chains), len(p.same), int(p.same.sum()))
            for c, p in zip(corpora, pairs, strict=True)
        },
        flush=True,
    )
    calibration = UNCALIBRATED if options.no_cv else cross_validate(corpora, pairs, options.save)
    model = learn(corpora, pairs, {}, {})._replace(calibration=calibration)
    for corpus in corpora:
        print(
            "{:12} all threads seen: P {:.1f} R {:.1f} F1 {:.1f}, {} merges".format(
                corpus.name, *figures(people_of(corpus), linked(corpus, model)[0])
            ),
            flush=True,
        )
    measured = figures(people_of(unseen), linked(unseen, model)[0])
    print(
        "story files from which nothing is learned: P {:.1f} R {:.1f} F1 {:.1f}, {} merges".format(*measured)
    )
    if options.write:
        write(model, MODELS)


if __name__ == "__main__":
    main()
