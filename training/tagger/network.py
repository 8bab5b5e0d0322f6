"""The network: a BERT of six layers with a case embedding beside the word pieces, and one linear layer on top."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from resolver.tagger.encoding import CASES

LAYERS, WIDTH, HEADS, INNER, PIECES, POSITIONS, EPSILON = 6, 384, 12, 1536, 30522, 512, 1e-12


class Layer(nn.Module):
    """One transformer layer, normalised after each half as BERT does."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Shapes: x (batch, pieces, 384), mask (batch, 1, 1, pieces), true where there is a piece."""
        b, t, _ = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(x + self.drop(self.out(y.transpose(1, 2).reshape(b, t, WIDTH))))
        return self.norm2(x + self.drop(self.down(nn.functional.gelu(self.up(x)))))


class Network(nn.Module):
    """Logits of the labels for every piece."""

    def __init__(self, labels: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(PIECES, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.case = nn.Embedding(len(CASES), WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, labels)
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.case.weight, std=0.02)

    def forward(self, pieces: torch.Tensor, cases: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Shapes: all (batch, pieces); returns (batch, pieces, labels)."""
        x = self.words(pieces) + self.positions.weight[: pieces.shape[1]] + self.case(cases)
        x = self.drop(self.norm(x))
        seen = mask.bool()[:, None, None, :]
        for layer in self.layers:
            x = layer(x, seen)
        return self.head(self.drop(x))


def load_base(model: Network, folder: Path) -> None:
    """Put the weights of the base network in place; the segment embedding joins the positions."""
    base = {k.removeprefix("bert."): v for k, v in load_file(folder / "model.safetensors").items()}
    e = "embeddings."
    state = {
        "words.weight": base[e + "word_embeddings.weight"],
        "positions.weight": base[e + "position_embeddings.weight"]
        + base[e + "token_type_embeddings.weight"][0],
    }
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = base[f"{e}LayerNorm.{part}"]
        for i in range(LAYERS):
            old, new = f"encoder.layer.{i}.", f"layers.{i}."
            qkv = [base[f"{old}attention.self.{x}.{part}"] for x in ("query", "key", "value")]
            state[f"{new}qkv.{part}"] = torch.cat(qkv)
            for ours, theirs in (("out", "attention.output.dense"), ("norm1", "attention.output.LayerNorm"),
                                 ("up", "intermediate.dense"), ("down", "output.dense"),
                                 ("norm2", "output.LayerNorm")):  # fmt: skip
                state[f"{new}{ours}.{part}"] = base[f"{old}{theirs}.{part}"]
    missing = model.load_state_dict(state, strict=False).missing_keys
    if set(missing) != {"case.weight", "head.weight", "head.bias"}:
        raise ValueError(f"base weights lack {missing}")
