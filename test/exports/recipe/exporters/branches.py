"""Decoders with and without past in the branches of an If, as older versions of optimum merged them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.onnx.graph_transformations import merge_decoders

from .by_optimum import optimum
from .quantisers import DYNAMIC


def merged(source: Path, folder: Path) -> None:
    """
    The decoder_model_merged.onnx of older optimum versions, by its own merge_decoders: with and without past in the
    branches of an If. This version exports no decoder without past that has outputs for it, so its past is empty here;
    and as those versions traced it, with one token, the decoder with past has no causal mask.
    """
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    first = onnx.load(original)
    for value in [value for value in first.graph.input if value.name.startswith("past_key_values")]:
        first.graph.input.remove(value)
        sizes = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        empty = np.zeros([1, sizes[1], 0, sizes[3]], np.float32)
        first.graph.initializer.append(numpy_helper.from_array(empty, value.name))
    with_past = without_causal_mask(onnx.load(original))
    merge_decoders(first, with_past, save_path=folder / "onnx" / "decoder_model_merged.onnx", strict=False)
    original.unlink()


def without_causal_mask(model: onnx.ModelProto) -> onnx.ModelProto:
    nodes = list(model.graph.node)
    at, compare = next((i, node) for i, node in enumerate(nodes) if node.op_type == "LessOrEqual")
    causal = compare.output[0]
    compare.output[0] = "causal"
    make = onnx.helper.make_node
    nodes[at + 1 : at + 1] = [
        make("Not", ["causal"], ["not_causal"]),
        make("Or", ["causal", "not_causal"], [causal]),
    ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def merged_and_quantised(source: Path, folder: Path) -> None:
    """Both as transformers.js's first conversion wrote them, and apart from them the same without branches."""
    merged(source, folder)
    optimum(source, folder.with_name("plain"))
    for original in [folder / "onnx" / "decoder_model_merged.onnx", folder.with_name("plain") / "onnx" / "model.onnx"]:
        target = original.with_stem(f"{original.stem}_quantized")
        quantize_dynamic(
            original,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options=DYNAMIC,
        )
