"""Make resolver/models/names/weights.json: the additive weights of tokens and of what all tokens do together.

    python training/names/weights.py ../shared/names resolver/models/names/weights.json

Ridge-penalised logistic regression on one-hot table cells. A cell of a table of tokens is the sum of a weight of its
level, one of its level and roles, and one of its own, so that rare cells lean on common ones.

Prints figures by cross-validation over persons, then writes the weights learned from everything.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from pairs import FOLDS, SOURCES, Source, everything

from resolver.columns import columns_of_texts
from resolver.scores.levels import NOBODY
from resolver.scores.people import KNOTS, WHOLES, Model, People, Table, between_knots
from resolver.scores.tokens import LEVELS

ROLES = 6
MISSING_ROLES = 4
RIDGE = {  # by cross-validation, for weights in natural logs
    "level": 0.2, "roles": 1.2, "token": 4.0, "lost": 0.2, "missing": 2.0, "source": 1e-4, "whole": 5.0, "margin": 1.0,
}  # fmt: skip
STEPS = 150
RANGES = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.01)  # of probability
MEMORY = 10  # past steps that L-BFGS keeps


def layout() -> tuple[dict[str, int], int, np.ndarray]:
    """Return where each block of weights begins, how many there are, and the penalty of each."""
    sizes = {
        "level": len(LEVELS),
        "roles": len(LEVELS) * ROLES,
        "token": len(LEVELS) * ROLES * len(KNOTS),
        "lost": MISSING_ROLES,
        "missing": MISSING_ROLES * len(KNOTS),
        **{term: int(np.prod(shape)) for term, shape in WHOLES.items()},
        **{f"{term} {axis}": size for term, shape in WHOLES.items() for axis, size in enumerate(shape)},
        "source": len(SOURCES),
    }
    begin, at, ridge = {}, 0, []
    for block, size in sizes.items():
        begin[block] = at
        at += size
        ridge.append(np.full(size, RIDGE.get(block, RIDGE["margin" if " " in block else "whole"])))
    return begin, at, np.concatenate(ridge)


BEGIN, WEIGHTS, PENALTY = layout()


@dataclass(frozen=True)
class Design:
    """A sparse matrix: the cells that each pair reads, with their shares, ordered by pair."""

    start: np.ndarray
    cell: np.ndarray
    share: np.ndarray

    def times(self, weights: np.ndarray) -> np.ndarray:
        """Return the summed weights of each pair."""
        return np.add.reduceat(weights[self.cell] * self.share, self.start)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Return for each weight the summed values of the pairs that read it."""
        size = np.diff(np.append(self.start, len(self.cell)))
        return np.bincount(self.cell, weights=np.repeat(values, size) * self.share, minlength=WEIGHTS)

    def rows(self, chosen: np.ndarray) -> Design:
        """Return some of the pairs."""
        size = np.diff(np.append(self.start, len(self.cell)))[chosen]
        begin = np.cumsum(size) - size
        at = np.arange(size.sum()) - np.repeat(begin, size) + np.repeat(self.start[chosen], size)
        return Design(begin, self.cell[at], self.share[at])


def designed(sources: list[Source]) -> Design:
    """Return the design of all pairs of all sources."""
    pairs, cells, shares = [], [], []
    base = 0
    for source in sources:
        texts = sorted({*source.left, *source.right})
        number = {text: at for at, text in enumerate(texts)}
        people = People(columns_of_texts(pa.array(texts)))
        left = np.array([number[text] for text in source.left])
        right = np.array([number[text] for text in source.right])
        found = people.judge(left, right)
        aligned = found.aligned
        low, share = between_knots(aligned.rarity)
        has = aligned.level < NOBODY

        def add(pair: np.ndarray, cell: np.ndarray, value: np.ndarray, base: int = base) -> None:
            pairs.append(pair + base)
            cells.append(cell)
            shares.append(value)

        one = np.ones(len(aligned.pair))
        roles = aligned.level * ROLES + aligned.roles
        add(aligned.pair[has], BEGIN["level"] + aligned.level[has], one[has])
        add(aligned.pair[has], BEGIN["roles"] + roles[has], one[has])
        add(aligned.pair[~has], BEGIN["lost"] + aligned.roles[~has], one[~has])
        for knot, value in ((low, 1 - share), (low + 1, share)):
            add(aligned.pair[has], BEGIN["token"] + (roles * len(KNOTS) + knot)[has], value[has])
            lost = aligned.roles * len(KNOTS) + knot
            add(aligned.pair[~has], BEGIN["missing"] + lost[~has], value[~has])
        everyone = np.arange(len(left))
        for term, place in found.wholes.items():
            add(everyone, BEGIN[term] + np.ravel_multi_index(place, WHOLES[term]), np.ones(len(left)))
            for axis, at in enumerate(place):
                add(everyone, BEGIN[f"{term} {axis}"] + at, np.ones(len(left)))
        if source.free:
            number_of = np.full(len(left), BEGIN["source"] + source.intercept)
            add(everyone, number_of, np.ones(len(left)))
        base += len(left)
    pair, cell, share = map(np.concatenate, (pairs, cells, shares))
    order = np.argsort(pair, kind="stable")
    return Design(np.searchsorted(pair[order], np.arange(base)), cell[order], share[order])


def fit(
    design: Design, label: np.ndarray, weight: np.ndarray, offset: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Return the weights, in bits, of the smallest penalised log loss."""
    unit = np.log(2)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logit = (design.times(weights) + offset) * unit
        chance = 1 / (1 + np.exp(-np.clip(logit, -60, 60)))
        value = float((weight * (np.logaddexp(0, logit) - label * logit)).sum())
        slope = design.back(weight * (chance - label)) * unit
        scaled = PENALTY * unit * unit
        return value + float((scaled * weights**2).sum()) / 2, slope + scaled * weights

    return lbfgs(loss, start)


def lbfgs(loss, start: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Return where a smooth convex function is smallest, by limited-memory BFGS with backtracking."""
    at = start.copy()
    value, slope = loss(at)
    history: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(STEPS):
        step = slope.copy()
        used = []
        for moved, turned in reversed(history):
            part = moved @ step / (moved @ turned)
            step -= part * turned
            used.append(part)
        if history:
            moved, turned = history[-1]
            step *= moved @ turned / (turned @ turned)
        else:
            step /= max(1.0, float(np.linalg.norm(step)))
        for (moved, turned), part in zip(history, reversed(used), strict=True):
            step += moved * (part - turned @ step / (moved @ turned))
        size = 1.0
        while True:
            new = at - size * step
            new_value, new_slope = loss(new)
            if new_value <= value - 1e-4 * size * float(step @ slope) or size < 1e-8:
                break
            size /= 2
        moved, turned = new - at, new_slope - slope
        if moved @ turned > 1e-12:
            history = [*history, (moved, turned)][-MEMORY:]
        gained = value - new_value
        at, value, slope = new, new_value, new_slope
        if gained < 1e-6 * abs(value):
            break
    return at


def as_model(weights: np.ndarray) -> Model:
    """Return weights as tables."""

    def block(name: str, *shape: int) -> np.ndarray:
        return weights[BEGIN[name] : BEGIN[name] + int(np.prod(shape))].reshape(shape)

    tokens = (
        block("token", len(LEVELS), ROLES, len(KNOTS))
        + block("roles", len(LEVELS), ROLES, 1)
        + block("level", len(LEVELS), 1, 1)
    )
    missing = block("missing", MISSING_ROLES, len(KNOTS)) + block("lost", MISSING_ROLES, 1)
    wholes = {}
    for term, shape in WHOLES.items():
        table = block(term, *shape).copy()
        for axis, size in enumerate(shape):
            table += block(f"{term} {axis}", *(size if place == axis else 1 for place in range(len(shape))))
        wholes[term] = table.astype(np.float32)
    return Model(Table(tokens.astype(np.float32), missing.astype(np.float32)), wholes)


def learn(sources: list[Source]) -> tuple[Model, np.ndarray]:
    """Return the model learned from all sources, and for each pair of `sources` its bits by cross-validation."""
    label = np.concatenate([source.label for source in sources])
    weight = np.concatenate([source.weight for source in sources])
    offset = np.concatenate([np.full(len(source.label), source.offset) for source in sources])
    left, right = (
        np.concatenate([getattr(s, f"{side}_fold") for s in sources]) for side in ("left", "right")
    )
    design = designed(sources)
    weights = fit(design, label, weight, offset, np.zeros(WEIGHTS))
    intercept = np.zeros(WEIGHTS)
    intercept[BEGIN["source"] :] = 1
    crossed = np.zeros(len(label))
    for fold in range(FOLDS):
        test, train = np.flatnonzero(left == fold), np.flatnonzero((left != fold) & (right != fold))
        mine = fit(design.rows(train), label[train], weight[train], offset[train], weights)
        crossed[test] = design.rows(test).times(mine * (1 - intercept))
    return as_model(weights), crossed


def average_precision(label: np.ndarray, score: np.ndarray) -> float:
    """Return the mean precision at each match, ties counted together."""
    order = np.argsort(-score, kind="stable")
    label, score = label[order], score[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    hits = np.cumsum(label)[last]
    return float((np.diff(hits, prepend=0) * hits / (last + 1)).sum() / max(1, label.sum()))


def precise(label: np.ndarray, score: np.ndarray, floor: float = 0.985) -> tuple[float, float]:
    """Return the lowest threshold from which precision holds a floor at every higher one too, and the recall there."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(label[order])
    good = np.flatnonzero(hits / np.arange(1, len(order) + 1) >= floor)
    at = int(good[-1]) if len(good) else 0
    return float(score[order][at]), float(hits[at] / label.sum())


def reliability(source: Source, score: np.ndarray) -> str:
    """Return how often pairs match that get a probability in each range, weighted; a line."""
    chance = 1 / (1 + np.exp2(-np.clip(score + source.offset, -60, 60)))
    out = []
    for low, high in pairwise(RANGES):
        here = (chance >= low) & (chance < high)
        weight = source.weight[here]
        share = float((weight * source.label[here]).sum() / max(weight.sum(), 1e-9))
        said = float((weight * chance[here]).sum() / max(weight.sum(), 1e-9))
        out.append(f"{low:g}-{high:g}: said {said:.3f} found {share:.3f} ({here.sum()})")
    return "; ".join(out)


def main() -> None:
    """Cross-validate, print, write."""
    folder, target = map(Path, sys.argv[1:3])
    sources = everything(folder)
    learned, crossed = learn(sources)
    at = 0
    for source in sources:
        mine = crossed[at : at + len(source.label)]
        at += len(source.label)
        if source.label.any():
            threshold, recall = precise(source.label, mine)
            shown = f"AP {average_precision(source.label, mine):.4f}"
            print(
                f"{source.name:18s} {shown}  precision .985 from {threshold:.1f} bits at recall {recall:.3f}"
            )
    raw = {
        "levels": list(LEVELS),
        "tokens": np.round(learned.table.tokens, 2).tolist(),
        "missing": np.round(learned.table.missing, 2).tolist(),
        **{term: np.round(table, 2).tolist() for term, table in learned.wholes.items()},
    }
    target.write_text(json.dumps(raw, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
