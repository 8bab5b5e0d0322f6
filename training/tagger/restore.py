"""Takes an exported tagger back to the floats of `network.py`: eight-bit weights times their scales.

What export rounded stays rounded. The layers are told apart by the kind and the order of the graph's nodes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from network import LAYERS
from onnx import numpy_helper


def restore(path: Path) -> dict[str, torch.Tensor]:
    """Return the weights in a `tagger.onnx` by their names in `network.Network`."""
    graph = onnx.load(str(path)).graph
    consts = {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in graph.initializer}
    state: dict[str, np.ndarray] = {}
    linears = [node for node in graph.node if node.op_type == "MatMulIntegerToFloat"]
    norms = [node for node in graph.node if node.op_type.endswith("LayerNormalization")]
    layers = [f"layers.{i}." for i in range(LAYERS)]
    parts = ("qkv", "out", "up", "down")
    for name, node in zip([at + part for at in layers for part in parts], linears, strict=True):
        _, rounded, _, steps, _, _, bias = node.input
        state[f"{name}.weight"] = (consts[rounded] * consts[steps]).T
        state[f"{name}.bias"] = consts[bias]
    for name, node in zip(["norm", *(at + f"norm{i}" for at in layers for i in (1, 2))], norms, strict=True):
        scale, shift = [name for name in node.input if name in consts]
        state[f"{name}.weight"], state[f"{name}.bias"] = consts[scale], consts[shift]
    pieces, steps, cases = (node.input[0] for node in graph.node if node.op_type == "Gather")
    state["words.weight"] = consts[pieces] * consts[steps]
    state["case.weight"] = consts[cases]
    state["positions.weight"] = next(
        consts[node.input[0]] for node in graph.node if node.op_type == "Slice" and node.input[0] in consts
    )
    weight, last = next(node for node in graph.node if node.op_type == "MatMul"), graph.node[-1]
    state["head.weight"] = consts[weight.input[1]].T
    state["head.bias"] = consts[last.input[1]]
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}
