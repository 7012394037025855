"""The decoder as an ONNX graph, node by node."""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from model import Decoder, Shape

OPSET, IR_VERSION = 17, 8
MASKED = -1e9
EMBEDDING = "model.embed_tokens.weight"
# Module of the recipe's layer -> name of the exported weight; matrices are stored [in, out].
MATRICES = {
    "q": "attn.q_proj",
    "k": "attn.k_proj",
    "v": "attn.v_proj",
    "o": "attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
NORMS = {"input_norm": "input_layernorm", "mlp_norm": "post_attention_layernorm"}


class Graph:
    """Collects nodes; `add` returns the name of the node's first output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.known: dict[str, str] = {}

    def add(self, op: str, inputs: list[str], output: str | None = None, **attributes: object) -> str:
        output = output or f"/{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=f"{output}/{op}", **attributes))
        return output

    def weight(self, name: str, value: np.ndarray | torch.Tensor) -> str:
        if isinstance(value, torch.Tensor):
            value = value.detach().cpu().float().numpy()
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def constant(self, value: list[int] | int | float) -> str:
        key = repr(value)
        if key not in self.known:
            kind = np.float32 if isinstance(value, float) else np.int64
            self.known[key] = self.weight(f"constant_{len(self.known)}", np.array(value, kind))
        return self.known[key]


def rms_norm(g: Graph, x: str, weight: str, eps: float, output: str | None = None) -> str:
    mean = g.add("ReduceMean", [g.add("Mul", [x, x])], axes=[-1], keepdims=1)
    root = g.add("Sqrt", [g.add("Add", [mean, g.constant(float(eps))])])
    return g.add("Mul", [g.add("Div", [x, root]), weight], output)


def attention_bias(g: Graph) -> str:
    """0 where a query may attend, a large negative number elsewhere: [batch, 1, new, total].

    A query always sees itself, so that padded rows have something to attend to.
    """
    zero, one = g.constant(0), g.constant(1)
    new = g.add("Gather", [g.add("Shape", ["input_ids"]), one])
    total = g.add("Gather", [g.add("Shape", ["attention_mask"]), one])
    rows = g.add("Unsqueeze", [g.add("Range", [g.add("Sub", [total, new]), total, one]), g.constant([1])])
    columns = g.add("Unsqueeze", [g.add("Range", [zero, total, one]), g.constant([0])])
    real = g.add("Cast", ["attention_mask"], to=TensorProto.BOOL)
    real = g.add("Unsqueeze", [real, g.constant([1, 2])])
    seen = g.add("And", [g.add("LessOrEqual", [columns, rows]), real])
    seen = g.add("Or", [seen, g.add("Equal", [columns, rows])])
    return g.add("Where", [seen, g.constant(0.0), g.constant(MASKED)], "/attention_bias")


def rotary(g: Graph, shape: Shape) -> tuple[str, str]:
    powers = np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim
    inverse = g.weight("rotary.inv_freq", (shape.rope_theta**-powers).astype(np.float32)[None, None])
    positions = g.add("Cast", ["position_ids"], to=TensorProto.FLOAT)
    half = g.add("Mul", [g.add("Unsqueeze", [positions, g.constant([2])]), inverse])
    angles = g.add("Unsqueeze", [g.add("Concat", [half, half], axis=2), g.constant([1])])
    return g.add("Cos", [angles], "/rotary/cos"), g.add("Sin", [angles], "/rotary/sin")


def rotated(g: Graph, x: str, cos: str, sin: str, size: int) -> str:
    low = g.add("Slice", [x, g.constant([0]), g.constant([size // 2]), g.constant([3])])
    high = g.add("Slice", [x, g.constant([size // 2]), g.constant([size]), g.constant([3])])
    turned = g.add("Concat", [g.add("Neg", [high]), low], axis=3)
    return g.add("Add", [g.add("Mul", [x, cos]), g.add("Mul", [turned, sin])])


def attention(g: Graph, shape: Shape, index: int, h: str, cos: str, sin: str, bias: str) -> str:
    def heads(name: str, count: int) -> str:
        projected = g.add("MatMul", [h, f"model.layers.{index}.attn.{name}_proj.MatMul.weight"])
        split = g.add("Reshape", [projected, g.constant([0, 0, count, shape.head_dim])])
        return g.add("Transpose", [split], perm=[0, 2, 1, 3])

    q = rotated(g, heads("q", shape.heads), cos, sin, shape.head_dim)
    k = rotated(g, heads("k", shape.kv_heads), cos, sin, shape.head_dim)
    v = heads("v", shape.kv_heads)
    k = g.add("Concat", [f"past_key_values.{index}.key", k], f"present.{index}.key", axis=2)
    v = g.add("Concat", [f"past_key_values.{index}.value", v], f"present.{index}.value", axis=2)
    if shape.heads != shape.kv_heads:
        raise NotImplementedError("the exporter has no grouped-query attention")
    scores = g.add("MatMul", [q, g.add("Transpose", [k], perm=[0, 1, 3, 2])])
    scores = g.add("Mul", [scores, g.constant(shape.head_dim**-0.5)])
    chances = g.add("Softmax", [g.add("Add", [scores, bias])], axis=-1)
    mixed = g.add("Transpose", [g.add("MatMul", [chances, v])], perm=[0, 2, 1, 3])
    return g.add("Reshape", [mixed, g.constant([0, 0, shape.hidden])])


def build_graph(model: Decoder) -> onnx.ModelProto:
    shape, g = model.shape, Graph()
    g.weight(EMBEDDING, model.embedding.weight)
    for index, layer in enumerate(model.layers):
        for module, name in MATRICES.items():
            g.weight(f"model.layers.{index}.{name}.MatMul.weight", getattr(layer, module).weight.T)
        for module, name in NORMS.items():
            g.weight(f"model.layers.{index}.{name}.weight", getattr(layer, module).weight)
    g.weight("model.norm.weight", model.norm.weight)

    cos, sin = rotary(g, shape)
    bias = attention_bias(g)
    x = g.add("Gather", [EMBEDDING, "input_ids"], "/model/embed_tokens")
    for index in range(shape.layers):
        prefix = f"model.layers.{index}"
        h = rms_norm(g, x, f"{prefix}.input_layernorm.weight", shape.norm_eps)
        h = attention(g, shape, index, h, cos, sin, bias)
        x = g.add("Add", [x, g.add("MatMul", [h, f"{prefix}.attn.o_proj.MatMul.weight"])])
        h = rms_norm(g, x, f"{prefix}.post_attention_layernorm.weight", shape.norm_eps)
        gate = g.add("MatMul", [h, f"{prefix}.mlp.gate_proj.MatMul.weight"])
        up = g.add("MatMul", [h, f"{prefix}.mlp.up_proj.MatMul.weight"])
        h = g.add("Mul", [g.add("Mul", [gate, g.add("Sigmoid", [gate])]), up])
        x = g.add("Add", [x, g.add("MatMul", [h, f"{prefix}.mlp.down_proj.MatMul.weight"])])
    hidden = rms_norm(g, x, "model.norm.weight", shape.norm_eps, "/model/norm")
    g.add("MatMul", [hidden, g.add("Transpose", [EMBEDDING], perm=[1, 0])], "logits")

    def value(name: str, kind: int, *dims: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, dims)

    def cache(name: str, length: str) -> list[onnx.ValueInfoProto]:
        dims = ("batch_size", shape.kv_heads, length, shape.head_dim)
        return [
            value(f"{name}.{index}.{part}", TensorProto.FLOAT, *dims)
            for index in range(shape.layers)
            for part in ("key", "value")
        ]

    graph = helper.make_graph(
        g.nodes,
        "starter",
        [
            value("input_ids", TensorProto.INT64, "batch_size", "sequence_length"),
            value("attention_mask", TensorProto.INT64, "batch_size", "total_sequence_length"),
            value("position_ids", TensorProto.INT64, "batch_size", "sequence_length"),
            *cache("past_key_values", "past_sequence_length"),
        ],
        [
            value("logits", TensorProto.FLOAT, "batch_size", "sequence_length", shape.vocab),
            *cache("present", "total_sequence_length"),
        ],
        g.weights,
    )
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="slot-studio-starter",
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto
