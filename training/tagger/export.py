"""Writes the network as ONNX in eight bits: `python export.py --shared DIR --base DIR --weights FILE... --out DIR`.

Of several files of weights the mean is taken.

The graph is put together here node by node from fused operators, so that nothing depends on what an exporter makes of
the training code. Activations are rounded with fixed scales, measured on training sentences: a scale taken from each
batch would let one sentence change what is found in another.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from corpora import split
from network import EPSILON, HEADS, LAYERS, WIDTH
from onnx import TensorProto, helper, numpy_helper

from data import Row, batch, encode, load_encoder
from resolver.tagger.decoding import LABELS
from resolver.tagger.encoding import CASES

CALIBRATION = 1500  # training sentences that the scales of the activations come from
COVERED = 99.999  # percentile of the activations that must fit; what lies outside is cut off
WEIGHT_STEPS = 63  # seven bits and not eight: without VNNI a product of eight bits overflows its sixteen
Array = npt.NDArray[np.float32]


class Graph:
    """An ONNX graph in the making.

    Args:
        state: The weights by name.
        ranges: Least and greatest activation before each linear layer; None for a graph of floats that also returns
            those activations.
    """

    def __init__(self, state: dict[str, Array], ranges: dict[str, tuple[float, float]] | None) -> None:
        self.state, self.ranges = state, ranges
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []
        self.watched: list[tuple[str, str]] = []
        self.count = 0

    def const(self, value: npt.NDArray[np.generic]) -> str:
        """Add a constant."""
        self.count += 1
        self.tensors.append(numpy_helper.from_array(value, f"c{self.count}"))
        return f"c{self.count}"

    def add(self, op: str, *inputs: str, outs: int = 1, domain: str = "", **attributes: object) -> str:
        """Add a node; the name of its (first) output."""
        self.count += 1
        names = [f"n{self.count}_{i}" for i in range(outs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, domain=domain, **attributes))
        return names[0]

    def linear(self, x: str, name: str) -> str:
        """`x` times a weight matrix plus its bias."""
        weight, bias = self.state[f"{name}.weight"].T.copy(), self.state[f"{name}.bias"]
        if self.ranges is None:
            self.watched.append((name, x))
            return self.add("Add", self.add("MatMul", x, self.const(weight)), self.const(bias))
        low, high = (float(f(v, 0.0)) for f, v in zip((min, max), self.ranges[name], strict=True))
        scale = np.float32((high - low) / 255)
        zero = np.uint8(round(-low / scale))
        steps = np.abs(weight).max(axis=0) / WEIGHT_STEPS
        rounded = np.rint(weight / steps).astype(np.int8)
        a_scale, a_zero = self.const(np.asarray(scale)), self.const(np.asarray(zero))
        quantised = self.add("QuantizeLinear", x, a_scale, a_zero)
        return self.add(
            "MatMulIntegerToFloat", quantised, self.const(rounded), a_scale, self.const(steps.astype(np.float32)),
            a_zero, "", self.const(bias), domain="com.microsoft",
        )  # fmt: skip

    def norm(self, name: str) -> tuple[str, str]:
        """Scale and shift of a normalisation."""
        return self.const(self.state[f"{name}.weight"]), self.const(self.state[f"{name}.bias"])

    def words(self) -> str:
        """Embeddings of the pieces: eight bits and one scale per piece."""
        table = self.state["words.weight"]
        if self.ranges is None:
            return self.add("Gather", self.const(table), "pieces")
        steps = np.abs(table).max(axis=1, keepdims=True) / 127
        rounded = self.add("Gather", self.const(np.rint(table / steps).astype(np.int8)), "pieces")
        scale = self.add("Gather", self.const(steps.astype(np.float32)), "pieces")
        return self.add("Mul", self.add("Cast", rounded, to=TensorProto.FLOAT), scale)

    def build(self) -> onnx.ModelProto:
        """The whole network."""
        add, ms = self.add, "com.microsoft"
        length = add("Slice", add("Shape", "pieces"), *(self.const(np.array([v])) for v in (1, 2)))
        places = add("Slice", self.const(self.state["positions.weight"]), self.const(np.array([0])), length)
        x = add(
            "Add",
            add("Add", self.words(), add("Gather", self.const(self.state["case.weight"]), "cases")),
            places,
        )
        x = add("LayerNormalization", x, *self.norm("norm"), epsilon=EPSILON, axis=-1)
        for i in range(LAYERS):
            at = f"layers.{i}."
            qkv = self.linear(x, at + "qkv")
            q = add("Split", qkv, outs=3, axis=2, num_outputs=3)
            parts = [q[:-1] + str(k) for k in range(3)]
            seen = add("MultiHeadAttention", *parts, "", "lengths", domain=ms, num_heads=HEADS)
            x = add("SkipLayerNormalization", self.linear(seen, at + "out"), x, *self.norm(at + "norm1"),
                    domain=ms, epsilon=EPSILON)  # fmt: skip
            y = self.linear(add("Gelu", self.linear(x, at + "up"), domain=ms), at + "down")
            x = add("SkipLayerNormalization", y, x, *self.norm(at + "norm2"), domain=ms, epsilon=EPSILON)
        head = add("MatMul", x, self.const(self.state["head.weight"].T.copy()))
        self.nodes.append(helper.make_node("Add", [head, self.const(self.state["head.bias"])], ["scores"]))
        shape = ["batch", "pieces"]
        graph = helper.make_graph(
            self.nodes, "tagger",
            [helper.make_tensor_value_info(n, TensorProto.INT32, shape) for n in ("pieces", "cases")]
            + [helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [*shape, len(LABELS)])]
            + [helper.make_tensor_value_info(x, TensorProto.FLOAT, None) for _, x in self.watched],
            self.tensors,
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(ms, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="alias-resolver")


def feeds(rows: list[Row], size: int = 24):  # type: ignore[no-untyped-def]
    """Yield (rows, input of the network) in batches of like length."""
    rows = sorted(rows, key=lambda row: len(row.pieces))
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        pieces, cases, mask, *_ = batch(part)
        yield part, {"pieces": pieces.int().numpy(), "cases": cases.int().numpy(),
                     "lengths": mask.sum(1).int().numpy()}  # fmt: skip


def measure(model: onnx.ModelProto, names: list[str], rows: list[Row]) -> dict[str, tuple[float, float]]:
    """The range of the activations before each linear layer, without the padding."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    low: dict[str, list[float]] = {n: [] for n in names}
    high: dict[str, list[float]] = {n: [] for n in names}
    for _, feed in feeds(rows):
        inside = np.arange(feed["pieces"].shape[1])[None] < feed["lengths"][:, None]
        for name, value in zip(names, session.run(None, feed)[1:], strict=True):
            bounds = np.percentile(value[inside], [100 - COVERED, COVERED])
            low[name].append(float(bounds[0]))
            high[name].append(float(bounds[1]))
    return {n: (float(np.percentile(low[n], 1)), float(np.percentile(high[n], 99))) for n in names}


def temperature(scores: Array, labels: npt.NDArray[np.int64]) -> float:
    """The divisor of the scores under which held-out labels are likeliest."""

    def loss(divisor: float) -> float:
        z = scores / divisor
        z = z - z.max(axis=1, keepdims=True)
        return float(-(z[np.arange(len(z)), labels] - np.log(np.exp(z).sum(axis=1))).mean())

    return float(min(np.arange(0.3, 3.0, 0.05), key=loss))


def main() -> None:
    """Write network, tokenizer and their check sums."""
    parser = argparse.ArgumentParser()
    for name in ("shared", "base", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, nargs="+")
    args = parser.parse_args()
    runs = [torch.load(path) for path in args.weights]
    state = {name: (sum(run[name].float() for run in runs) / len(runs)).numpy() for name in runs[0]}
    encoder = load_encoder(args.base)
    train, held = split(args.shared)
    rows = [encode(s, encoder) for s in random.Random(3).sample(train, CALIBRATION)]  # noqa: S311 - no secret
    floats = Graph(state, None)
    model = floats.build()
    ranges = measure(model, [name for name, _ in floats.watched], rows)
    small = Graph(state, ranges).build()
    session = onnxruntime.InferenceSession(small.SerializeToString())
    scores, labels = [], []
    for part, feed in feeds(
        [encode(s, encoder) for s in held if s.source in {"wikigold", "wire", "newsroom"}]
    ):
        for row, out in zip(part, session.run(None, feed)[0], strict=True):
            keep = [(f, y) for f, y in zip(row.firsts, row.labels, strict=True) if y >= 0]
            scores += [out[f] for f, _ in keep]
            labels += [y for _, y in keep]
    divisor = temperature(np.array(scores), np.array(labels))
    print("temperature", round(divisor, 2))
    helper.set_model_props(
        small, {"labels": " ".join(LABELS), "cases": " ".join(CASES), "temperature": f"{divisor:.2f}"}
    )
    args.out.mkdir(parents=True, exist_ok=True)
    onnx.save(small, str(args.out / "tagger.onnx"))
    encoder.tokenizer.save(str(args.out / "tokenizer.json"), pretty=False)
    files = ("tagger.onnx", "tokenizer.json")
    sums = "".join(f"{hashlib.sha256((args.out / f).read_bytes()).hexdigest()}  {f}\n" for f in files)
    (args.out / "SHA256SUMS").write_text(sums, encoding="utf-8")
    print(sums, {f: (args.out / f).stat().st_size for f in files}, WIDTH)


if __name__ == "__main__":
    main()
