"""Reference figures of a quantised export: hidden states and logits from onnxruntime, the head dequantised in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import numpy_helper

import exporters
import reference

PRODUCTS = {"MatMul", "Gemm", "MatMulNBits", "MatMulInteger", "MatMulBnb4"}
HIDDEN = "reference_hidden"
# By how much a greedy choice must win: kernels differ in how they round activations to 8 bits.
MARGIN = 0.06


class Export:
    """An ONNX file with its head taken apart: hidden states, logits, and the matrix W [V, d] that they lie between."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        self.graph = model.graph
        self.writers = {output: node for node in model.graph.node for output in node.output}
        self.arrays = {tensor.name: tensor for tensor in model.graph.initializer}
        product = self.product("logits")
        hidden = product.input[0]
        if product.op_type == "MatMulInteger":
            hidden = self.writers[hidden].input[0]
        model.graph.output.append(onnx.ValueInfoProto(name=hidden))
        self.hidden = hidden
        constant = self.writers.get(product.input[1])
        if constant is not None:
            model.graph.output.append(onnx.ValueInfoProto(name=product.input[1]))
        if sum(map(len, (t.raw_data for t in model.graph.initializer))) == 0:
            onnx.load_external_data_for_model(model, str(path.parent))
        self.session = ort.InferenceSession(model.SerializeToString())
        self.weight = self.dequantised(product, constant)

    def product(self, name: str) -> onnx.NodeProto:
        node = self.writers[name]
        if node.op_type in PRODUCTS:
            return node
        return self.product(next(value for value in node.input if value in self.writers))

    def array(self, name: str) -> np.ndarray:
        return numpy_helper.to_array(self.arrays[name])

    def dequantised(self, product: onnx.NodeProto, constant: onnx.NodeProto | None) -> np.ndarray:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in product.attribute}
        if product.op_type == "MatMulNBits":
            return self.from_blocks(product, **attributes)
        if product.op_type == "MatMulInteger":
            name = product.input[1]
            zero = self.array(product.input[3]).astype(np.float64) if len(product.input) > 3 else 0
            scale = self.array(name.removesuffix("_quantized") + "_scale").astype(np.float64)
            return ((self.array(name).astype(np.float64) - zero) * scale).T
        if constant is None:
            return self.array(product.input[1]).astype(np.float64).T
        ids = np.array([[5]], dtype=np.int64)
        feeds = exporters.inputs(self.session, ids, exporters.empty_past(self.session))
        return self.session.run([product.input[1]], feeds)[0].astype(np.float64).T

    def from_blocks(self, product: onnx.NodeProto, K: int, N: int, bits: int, block_size: int, **_: Any) -> np.ndarray:  # noqa: N803
        blocks = -(-K // block_size)
        packed = self.array(product.input[1]).reshape(N, blocks, -1)
        scales = self.array(product.input[2]).astype(np.float64).reshape(N, blocks, 1)
        zeros: np.ndarray | float = 2 ** (bits - 1)
        if len(product.input) > 3 and product.input[3]:
            stored = self.array(product.input[3])
            if stored.dtype == np.uint8:
                stored = unpacked(stored.reshape(N, -1), bits)[:, :blocks]
            zeros = stored.astype(np.float64).reshape(N, blocks, 1)
        values = unpacked(packed, bits).astype(np.float64)
        return ((values - zeros) * scales).reshape(N, -1)[:, :K]

    def run(self, ids: list[int], past: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """hidden [n, d], logits [n, V], and the past after them."""
        presents = [name.replace("past_key_values", "present") for name in past]
        feeds = exporters.inputs(self.session, np.array([ids], dtype=np.int64), past)
        hidden, logits, *new = self.session.run([self.hidden, "logits", *presents], feeds)
        return hidden[0], logits[0], dict(zip(past, new, strict=True))


def unpacked(values: np.ndarray, bits: int) -> np.ndarray:
    """Low bits first."""
    if bits == 8:
        return values
    return np.stack([(values >> shift) & (2**bits - 1) for shift in range(0, 8, bits)], -1).reshape(*values.shape[:-1], -1)


def trace(path: Path, ids: list[int]) -> dict[str, Any]:
    export = Export(path)
    hidden, logits, past = export.run(ids, exporters.empty_past(export.session))
    weight = torch.from_numpy(np.array(export.weight))
    states = torch.from_numpy(hidden.astype(np.float64))
    figures, delta = reference.slot(lambda _, delta: (states + delta) @ weight.T, ids, hidden.shape[-1])

    def greedy(shift: np.ndarray) -> list[int]:
        answer: list[int] = []
        last, cache = logits, past
        while len(answer) < reference.ANSWER:
            answer.append(reference.choose(torch.from_numpy(last[-1].astype(np.float64) + shift), MARGIN))
            _, last, cache = export.run(answer[-1:], cache)
        return answer

    shift = (weight @ delta).numpy()
    return {
        "ids": ids,
        **figures,
        "logits": [round(float(value), 5) for value in logits[-1]],
        "baseline": greedy(np.zeros_like(shift)),
        "slot": greedy(shift),
    }
