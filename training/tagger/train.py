"""Trains the teacher or the tagger, or tunes the shipped tagger: `python train.py tagger --shared DIR ...`.

Base weights: MiniLM-L6-H384-uncased for the tagger, all-mpnet-base-v2 for the teacher (both Apache-2.0). With
`--teacher` the tagger learns what the teacher sees in a sentence under our conventions, and the labels of our own
corpora besides. `tune` goes on from the shipped weights: they learn the labels of our own corpora, and on the others
what they see there already, so that nothing is forgotten. The learning rate follows the time or the steps that are
left, so that a run of any length ends cooled down; averaged weights are what is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from corpora import Sentence, split
from network import Network, load_base
from restore import restore
from teacher import Teacher, load_teacher_base
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from data import UNKNOWN, Batch, Batches, Row, batch, encode, load_encoder
from resolver.tagger import MODEL_DIR, NETWORK
from resolver.tagger.decoding import LABELS, best_path, names

SHA256 = {
    "tagger": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "teacher": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
}
RATE = {"tagger": 2e-4, "teacher": 4e-5, "tune": 1e-4}
MASK = 103  # the piece that hides a piece; those below it are special, too
HIDDEN = 0.04  # share of the pieces that are hidden
GOLD = 0.4  # weight of the labels of our own corpora beside the teacher's
HEAT = 2.0  # softens the teacher's scores, so that what it holds second best is learnt too
AVERAGED = 0.4  # share of the run, at its end, that the kept weights are averaged over


@torch.no_grad()
def score(
    model: torch.nn.Module, held: list[Sentence], rows: list[Row], device: str
) -> dict[str, dict[str, float]]:
    """Strict F1 per kind and source over held-out sentences; what lies on `?` does not count."""
    model.eval()
    counts: dict[str, list[int]] = {}
    pairs = sorted(zip(rows, held, strict=True), key=lambda pair: len(pair[0].pieces))
    for at in range(0, len(pairs), 48):
        part = pairs[at : at + 48]
        block = batch([row for row, _ in part]).to(device)
        logits = model(block.pieces, block.cases, block.mask).float().cpu().numpy()
        for (row, sentence), out in zip(part, logits, strict=True):
            if not row.firsts:
                continue
            gold = {n for n in names([max(y, 0) for y in row.labels]) if n}
            open_words = {i for i, y in enumerate(row.labels) if y == UNKNOWN}
            pred = {n for n in names(best_path(out[row.firsts])) if not open_words & set(range(n[0], n[1]))}
            for kind in ("PER", "ORG", "LOC"):
                g, p = ({n for n in found if n[2] == kind} for found in (gold, pred))
                for key in (f"{sentence.source.rstrip('23')}/{kind}", f"all/{kind}"):
                    tally = counts.setdefault(key, [0, 0, 0])
                    tally[0] += len(g & p)
                    tally[1] += len(p)
                    tally[2] += len(g)
    return {k: {"f1": round(2 * h / max(1, p + g), 3), "gold": g} for k, (h, p, g) in sorted(counts.items())}


def make_optimizer(model: torch.nn.Module, rate: float, fresh_rate: float) -> torch.optim.Optimizer:
    """AdamW, with a rate of its own for what the base network does not have; the word embeddings stay as they are."""
    fresh = ("case", "head", "style")
    new = [p for n, p in model.named_parameters() if n.startswith(fresh)]
    old = [p for n, p in model.named_parameters() if not n.startswith((*fresh, "words"))]
    # A dozen million weights that a small set of texts would disturb.
    model.words.weight.requires_grad_(False)  # type: ignore[union-attr, operator]
    groups = [{"params": old, "lr": rate}, {"params": new, "lr": fresh_rate}]
    for group in groups:
        group["top"] = group["lr"]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def loss_of(
    model: torch.nn.Module, teachers: list[torch.nn.Module], block: Batch, device: str
) -> torch.Tensor:
    """The loss on one batch: against the labels, or against the teacher and the labels of our own corpora.

    A teacher that is an earlier state of the tagger is asked about the other corpora alone.
    """
    hide = (torch.rand(block.pieces.shape, device=device) < HIDDEN) & (block.pieces > MASK)
    pieces = block.pieces.masked_fill(hide, MASK)
    labels = block.labels.reshape(-1)
    with torch.autocast(device, torch.bfloat16):
        if isinstance(model, Teacher):
            scores = model(pieces, block.cases, block.mask, block.styles)
        else:
            scores = model(pieces, block.cases, block.mask)
    scores = scores.float()
    if not teachers:
        return cross_entropy(
            scores.reshape(-1, len(LABELS)), labels, ignore_index=UNKNOWN, label_smoothing=0.03
        )
    asked = ~block.ours if isinstance(teachers[0], Network) else torch.ones_like(block.ours)
    with torch.no_grad(), torch.autocast(device, torch.bfloat16):
        seen = [tensor[asked] for tensor in (block.pieces, block.cases, block.mask)]
        views = [teacher(*seen).float() for teacher in teachers]
    firsts = block.firsts[asked]
    wanted, own = torch.stack(views).mean(0)[firsts], scores[asked][firsts]
    away = kl_div(log_softmax(own / HEAT, -1), softmax(wanted / HEAT, -1), reduction="sum") / max(1, len(own))
    scores = scores.reshape(-1, len(LABELS))
    ours = (block.ours[:, None] & (block.labels != UNKNOWN)).reshape(-1)
    gold = cross_entropy(scores[ours], labels[ours], label_smoothing=0.03) if ours.any() else away * 0
    return (1 - GOLD) * HEAT**2 * away + GOLD * gold


def fold(average: dict[str, torch.Tensor], model: torch.nn.Module, count: int) -> None:
    """Take the present weights into the mean of `count` earlier ones."""
    for name, value in model.state_dict().items():
        if name in average:
            average[name].lerp_(value, 1 / (count + 1))
        else:
            average[name] = value.clone()


def blocks(source: Batches, workers: int) -> Iterator[Batch]:
    """Draw batches, in other processes if there are any."""
    loader = torch.utils.data.DataLoader(
        source, batch_size=None, num_workers=workers, prefetch_factor=8 if workers else None
    )
    return iter(loader)


def fit(
    model: torch.nn.Module, teachers: list[torch.nn.Module], source: Iterator[Batch], args: argparse.Namespace
) -> dict[str, torch.Tensor]:
    """Train for `args.steps` or `args.minutes`; return the averaged weights."""
    rate = args.rate or RATE[args.what]
    optimizer = make_optimizer(model, rate, rate if args.what == "tune" else 10 * rate)
    average: dict[str, torch.Tensor] = {}
    folded = steps = sentences = 0
    total = torch.zeros((), device=args.device)
    next(source)  # the workers start
    begin = time.time()
    model.train()
    while (gone := steps / args.steps if args.steps else (time.time() - begin) / (60 * args.minutes)) < 1:
        block = next(source).to(args.device)
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * min(1.0, (steps + 1) / 100) * max(0.02, 1 - gone)
        loss = loss_of(model, teachers, block, args.device)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.detach()
        steps += 1
        sentences += len(block.pieces)
        if gone > 1 - AVERAGED and steps % 10 == 0:
            fold(average, model, folded)
            folded += 1
        if steps % args.report == 0:
            print(f"{steps} steps, {sentences} sentences, {time.time() - begin:.0f} s, "
                  f"loss {float(total) / args.report:.4f}", flush=True)  # fmt: skip
            total.zero_()
    print(f"{steps} steps, {sentences} sentences in {time.time() - begin:.0f} s", flush=True)
    return average or model.state_dict()


def show(name: str, figures: dict[str, dict[str, float]]) -> None:
    """Print held-out figures on one line."""
    print(name, json.dumps({k: v["f1"] for k, v in figures.items()}), flush=True)


def load_teachers(args: argparse.Namespace) -> list[torch.nn.Module]:
    """What the tagger learns from, for use only: trained teachers, or when it is tuned what is shipped."""
    teachers: list[torch.nn.Module] = []
    for path in args.teacher:
        teachers.append(Teacher(len(LABELS)))
        teachers[-1].load_state_dict({k: v.float() for k, v in torch.load(path, map_location="cpu").items()})
    if args.what == "tune":
        teachers = [shipped()]
    return [teacher.to(args.device).eval() for teacher in teachers]


def shipped() -> Network:
    """The tagger of this checkout."""
    model = Network(len(LABELS))
    model.load_state_dict(restore(MODEL_DIR / NETWORK))
    return model


def start(args: argparse.Namespace) -> Network | Teacher:
    """The network before training: an earlier run's, or the pinned base weights."""
    model = Teacher(len(LABELS)) if args.what == "teacher" else Network(len(LABELS))
    if args.start:
        model.load_state_dict({k: v.float() for k, v in torch.load(args.start).items()})
        return model
    if args.what == "tune":
        return shipped()
    path = args.teacher_base if args.what == "teacher" else args.base / "model.safetensors"
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[args.what]:
        raise SystemExit(f"{path}: not the pinned base weights")
    if isinstance(model, Teacher):
        load_teacher_base(model, path)
    else:
        load_base(model, args.base)
    return model


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("what", choices=("teacher", "tagger", "tune"))
    parser.add_argument("--shared", type=Path, required=True, help="folder with ner/, newsroom/ and names/")
    parser.add_argument(
        "--base", type=Path, default=MODEL_DIR, help="folder with the tagger's base and tokenizer"
    )
    parser.add_argument("--teacher-base", type=Path, help="model.safetensors of all-mpnet-base-v2")
    parser.add_argument(
        "--teacher", type=Path, nargs="+", default=[], help="weights of trained teachers to learn from"
    )
    parser.add_argument("--out", type=Path, required=True, help="file for the weights")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--minutes", type=float, default=60, help="wall time; the learning rate ends with it")
    parser.add_argument("--steps", type=int, help="batches to learn from, instead of the time")
    parser.add_argument("--rate", type=float, help="highest learning rate")
    parser.add_argument("--pieces", type=int, default=900, help="size of a batch")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=0, help="processes that prepare batches")
    parser.add_argument("--report", type=int, default=100, help="steps between reports")
    parser.add_argument("--all-threads", action="store_true", help="hold out no thread of our own stories")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Train, print the loss now and then, keep averaged weights."""
    args = options()
    torch.manual_seed(args.seed)
    train, held = split(args.shared, threads=not args.all_threads)
    model = start(args).to(args.device)
    teachers = load_teachers(args)
    source = blocks(Batches(train, args.shared, args.base, args.pieces, args.seed), args.workers)
    average = fit(model, teachers, source, args)
    model.load_state_dict(average)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({k: v.cpu() for k, v in average.items()}, args.out)
    encoder = load_encoder(args.base)
    show("held out", score(model, held, [encode(s, encoder) for s in held], args.device))


if __name__ == "__main__":
    main()
