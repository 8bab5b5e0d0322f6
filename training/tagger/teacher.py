"""The teacher in torch: MPNet of twelve layers with embeddings of case and of the corpus, and one linear layer on top.

It is too slow to ship. It learns the conventions of every corpus apart, told by the embedding of the corpus, and then
labels all text by ours for the small network to learn from.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from resolver.tagger.encoding import CASES, CLS, SEP

LAYERS, WIDTH, HEADS, INNER, PIECES, POSITIONS, EPSILON = 12, 768, 12, 3072, 30527, 514, 1e-5
BUCKETS, FAR = 32, 128  # of distances between pieces: exact up to 8, then coarser up to 128
SHIFT = 4  # its pieces are BERT's behind four special ones
FIRST_POSITION = 2
START, PAD, STOP = 0, 1, 2
STYLES = ("ours", "wikigold", "btc", "wnut", "gum", "re3d", "sec")
"""Conventions that it is told apart by; what is not among them is ours."""


def style(source: str) -> int:
    """Return the index into `STYLES` of a corpus."""
    name = source.rstrip("23")
    return STYLES.index(name) if name in STYLES else 0


class TeacherLayer(nn.Module):
    """One transformer layer, normalised after each half."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Shapes: x (batch, pieces, width), bias (batch, heads, pieces, pieces), added to the attention."""
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        x = self.norm1(x + self.drop(self.out(y.transpose(1, 2).reshape(b, t, WIDTH))))
        return self.norm2(x + self.drop(self.down(nn.functional.gelu(self.up(x)))))


class Teacher(nn.Module):
    """Logits of the labels for every piece; takes BERT's piece numbers."""

    def __init__(self, labels: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(PIECES, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.case = nn.Embedding(len(CASES), WIDTH)
        self.style = nn.Embedding(len(STYLES), WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.distance = nn.Embedding(BUCKETS, HEADS)
        self.layers = nn.ModuleList(TeacherLayer(dropout) for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, labels)
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.case.weight, std=0.02)
        nn.init.normal_(self.style.weight, std=0.02)

    def hidden(
        self, pieces: torch.Tensor, cases: torch.Tensor, mask: torch.Tensor, styles: torch.Tensor
    ) -> torch.Tensor:
        """The last layer. Shapes: (batch, pieces), styles (batch); returns (batch, pieces, width)."""
        own = pieces + SHIFT
        own = own.masked_fill(pieces == CLS, START).masked_fill(pieces == SEP, STOP)
        own = own.masked_fill(mask == 0, PAD)
        length = pieces.shape[1]
        x = self.words(own) + self.positions.weight[FIRST_POSITION : FIRST_POSITION + length]
        x = x + self.case(cases) + self.style(styles)[:, None]
        x = self.drop(self.norm(x))
        near = self.distance(buckets(length).to(pieces.device)).permute(2, 0, 1)[None]
        bias = near + (1 - mask[:, None, None, :].float()) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def forward(
        self,
        pieces: torch.Tensor,
        cases: torch.Tensor,
        mask: torch.Tensor,
        styles: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits by the conventions of `styles`; by ours without."""
        if styles is None:
            styles = torch.zeros(len(pieces), dtype=torch.long, device=pieces.device)
        return self.head(self.drop(self.hidden(pieces, cases, mask, styles)))


def buckets(length: int) -> torch.Tensor:
    """The class of the distance from each piece to each other: half of them for what follows."""
    at = torch.arange(length)
    ahead = at[None, :] - at[:, None]
    half, exact = BUCKETS // 2, BUCKETS // 4
    far = ahead.abs().clamp(min=1).float()
    coarse = exact + (torch.log(far / exact) / math.log(FAR / exact) * (half - exact)).long()
    size = torch.where(ahead.abs() < exact, ahead.abs(), coarse.clamp(max=half - 1))
    return size + (ahead > 0).long() * half


def load_teacher_base(model: Teacher, path: Path) -> None:
    """Put the weights of all-mpnet-base-v2 in place."""
    base = {k.removeprefix("mpnet."): v for k, v in load_file(path).items()}
    e = "embeddings."
    state = {
        "words.weight": base[e + "word_embeddings.weight"],
        "positions.weight": base[e + "position_embeddings.weight"],
        "distance.weight": base["encoder.relative_attention_bias.weight"],
    }
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = base[f"{e}LayerNorm.{part}"]
        for i in range(LAYERS):
            old, new = f"encoder.layer.{i}.", f"layers.{i}."
            state[f"{new}qkv.{part}"] = torch.cat([base[f"{old}attention.attn.{x}.{part}"] for x in "qkv"])
            for ours, theirs in (("out", "attention.attn.o"), ("norm1", "attention.LayerNorm"),
                                 ("up", "intermediate.dense"), ("down", "output.dense"),
                                 ("norm2", "output.LayerNorm")):  # fmt: skip
                state[f"{new}{ours}.{part}"] = base[f"{old}{theirs}.{part}"]
    missing = model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False).missing_keys
    if set(missing) != {"case.weight", "style.weight", "head.weight", "head.bias"}:
        raise ValueError(f"base weights lack {missing}")
