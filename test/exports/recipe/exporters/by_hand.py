"""Inputs that no exporter here gives, put into an export by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from .by_optimum import optimum

LAST = 2**62


def other_inputs(source: Path, folder: Path) -> None:
    """
    optimum's export with the inputs of other exporters, by hand: 32-bit ids, lengths in place of positions,
    past_key_0, and num_logits_to_keep, which drops positions before the final norm.
    """
    optimum(source, folder)
    path = folder / "onnx" / "model.onnx"
    model = onnx.load(path)
    graph = model.graph
    declared = {value.name: value for value in [*graph.input, *graph.output]}
    renamed = {name: f"{name}_long" for name in ("input_ids", "attention_mask")}
    for name in declared:
        if name.startswith(("past_key_values", "present")):
            tense, layer, part = name.replace("past_key_values", "past").split(".")
            renamed[name] = f"{tense}_{part}_{layer}"
            declared[name].name = renamed[name]
    graph.input.remove(declared["position_ids"])
    for name in ("input_ids", "attention_mask"):
        declared[name].type.tensor_type.elem_type = onnx.TensorProto.INT32
    for name in ("past_sequence_length", "total_sequence_length"):
        graph.input.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT32, [1]))
    graph.input.append(onnx.helper.make_tensor_value_info("num_logits_to_keep", onnx.TensorProto.INT64, []))

    states = next(node for node in graph.node if node.name == "/model/norm/Cast").input[0]
    for node in graph.node:
        kept = {**renamed, states: "kept"} if node.name.startswith("/model/norm/") else renamed
        node.input[:] = [kept.get(name, name) for name in node.input]
        node.output[:] = [kept.get(name, name) for name in node.output]
    make = onnx.helper.make_node
    number = {f"number_{value}": np.array([value], np.int64) for value in (0, 1, LAST)}
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in number.items())
    graph.initializer.append(numpy_helper.from_array(np.array(1, np.int32), "one"))
    graph.initializer.append(numpy_helper.from_array(np.array([], np.int64), "scalar"))
    before = [make("Cast", [name], [f"{name}_long"], to=onnx.TensorProto.INT64) for name in ("input_ids", "attention_mask")]
    before += [
        make("Reshape", ["past_sequence_length", "scalar"], ["first"]),
        make("Reshape", ["total_sequence_length", "scalar"], ["end"]),
        make("Range", ["first", "end", "one"], ["places"]),
        make("Cast", ["places"], ["places_long"], to=onnx.TensorProto.INT64),
        make("Unsqueeze", ["places_long", "number_0"], ["position_ids"]),
    ]
    nodes = [*before, *graph.node]
    at = next(i for i, node in enumerate(nodes) if node.name.startswith("/model/norm/"))
    nodes[at:at] = [
        make("Neg", ["num_logits_to_keep"], ["minus"]),
        make("Unsqueeze", ["minus", "number_0"], ["from"]),
        make("Slice", [states, "from", f"number_{LAST}", "number_1"], ["kept"]),
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)
