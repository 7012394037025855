"""The exporters: optimum, onnxruntime-genai's model builder, and the quantisers that transformers.js's conversion uses."""

from __future__ import annotations

import copy
import importlib.metadata
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.transformers import float16
from onnxruntime_genai.models.builder import create_model
from optimum.exporters.onnx import onnx_export_from_model
from optimum.onnx.graph_transformations import merge_decoders
from torch import Tensor
from transformers import AutoModelForCausalLM, DynamicCache, PreTrainedModel

CONFIGS = [
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "chat_template.json",
]


def versions(packages: list[str]) -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in packages}


def optimum(source: Path, folder: Path) -> None:
    """A folder in the onnx-community layout, with onnx/model.onnx."""
    raw = folder.with_name(f"{folder.name}-optimum")
    # The default attention would leave Gemma 2's cap of the attention scores out.
    model = AutoModelForCausalLM.from_pretrained(source, attn_implementation="eager")
    onnx_export_from_model(model, raw, task="text-generation-with-past", do_validation=False)
    (folder / "onnx").mkdir(parents=True)
    for file in sorted(raw.iterdir()):
        if ".onnx" in file.name:
            shutil.copy(file, folder / "onnx" / file.name)
    copy_configs(source, folder)


def copy_configs(source: Path, folder: Path) -> None:
    for name in ["config.json", *CONFIGS, "additional_chat_templates"]:
        file = source / name
        if file.is_dir():
            shutil.copytree(file, folder / name)
        elif file.exists():
            shutil.copy(file, folder / name)


def builder(precision: str, provider: str = "cpu", **options: str) -> Callable[[Path, Path], None]:
    """onnxruntime-genai's model builder: everything in one folder, genai_config.json in place of config.json."""

    def export(source: Path, folder: Path) -> None:
        create_model("", str(source), str(folder), precision, provider, str(folder.with_name("cache")), **options)
        drop_missing_zero_points(folder / "model.onnx")

    return export


def drop_missing_zero_points(path: Path) -> None:
    """The builder lets a shared embedding read a zero point that it does not write; without one it is the default."""
    model = onnx.load(path, load_external_data=False)
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "GatherBlockQuantized" and len(node.input) > 3 and node.input[3] not in known:
            del node.input[3]
            onnx.save(model, path)


def quantised(source: Path, folder: Path) -> None:
    """Beside model.onnx what transformers.js's conversion makes of it, under its names."""
    optimum(source, folder)
    onnx_folder = folder / "onnx"
    original = onnx_folder / "model.onnx"

    def save(suffix: str, model: onnx.ModelProto) -> None:
        onnx.save(model, onnx_folder / f"model_{suffix}.onnx")

    four_bits = nbits(original, is_symmetric=True)
    save("q4", four_bits)
    save("q4f16", half(four_bits, keep_io_types=False))
    save("fp16", half(onnx.load(original), keep_io_types=True))
    bnb4 = MatMulBnb4Quantizer(onnx.load(original), MatMulBnb4Quantizer.NF4, 64)
    bnb4.process()
    save("bnb4", bnb4.model.model)
    for suffix, kind, per_channel in (
        ("quantized", QuantType.QInt8, False),
        ("int8", QuantType.QInt8, True),
        ("uint8", QuantType.QUInt8, False),
    ):
        target = onnx_folder / f"model_{suffix}.onnx"
        quantize_dynamic(original, target, weight_type=kind, per_channel=per_channel, extra_options=DYNAMIC)


# As in transformers.js's conversion: only matrices that are constants.
DYNAMIC = {"EnableSubgraph": True, "MatMulConstBOnly": True}


def nbits(original: Path, **options: Any) -> onnx.ModelProto:
    quantizer = MatMulNBitsQuantizer(onnx.load(original), block_size=32, **options)
    quantizer.process()
    return quantizer.model.model


def half(model: onnx.ModelProto, keep_io_types: bool) -> onnx.ModelProto:
    return float16.convert_float_to_float16(copy.deepcopy(model), keep_io_types=keep_io_types, disable_shape_infer=True)


def asymmetric(source: Path, folder: Path) -> None:
    """4 bits with zero points, and weights in a file of their own."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    model = nbits(original, is_symmetric=False)
    original.unlink()
    onnx.save(
        model,
        folder / "onnx" / "model_q4.onnx",
        save_as_external_data=True,
        location="model_q4.onnx_data",
        size_threshold=0,
    )


def static_qdq(source: Path, folder: Path) -> None:
    """Activations quantised with constants from a calibration."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    quantize_static(
        original,
        folder / "onnx" / "model_int8.onnx",
        Calibration(original),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        weight_type=QuantType.QInt8,
        per_channel=True,
    )
    original.unlink()


class Calibration(CalibrationDataReader):
    def __init__(self, path: Path) -> None:
        session = ort.InferenceSession(path)
        ids = np.arange(20, 52, dtype=np.int64)[None]
        self.batches = iter([inputs(session, ids, empty_past(session))])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.batches, None)


def empty_past(session: ort.InferenceSession) -> dict[str, np.ndarray]:
    past = {}
    for node in session.get_inputs():
        if node.name.startswith("past_key_values"):
            shape = [size if isinstance(size, int) else 1 if i == 0 else 0 for i, size in enumerate(node.shape)]
            past[node.name] = np.zeros(shape, np.float16 if node.type == "tensor(float16)" else np.float32)
    return past


def inputs(session: ort.InferenceSession, ids: np.ndarray, past: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Feeds for new ids [1, n] after `past`."""
    before = next(iter(past.values())).shape[2]
    length = ids.shape[1]
    known = {
        "input_ids": ids,
        "attention_mask": np.ones((1, before + length), np.int64),
        "position_ids": np.arange(before, before + length, dtype=np.int64)[None],
        **past,
    }
    return {node.name: known[node.name] for node in session.get_inputs()}


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


class WithCacheAsTensors(torch.nn.Module):
    """A model whose key-values are inputs and outputs, layer by layer."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: list[Tensor]
    ) -> tuple[Tensor, ...]:
        cache = DynamicCache()
        for layer, (key, value) in enumerate(zip(past[::2], past[1::2], strict=True)):
            cache.update(key, value, layer)
        output = self.model(input_ids, attention_mask, position_ids, past_key_values=cache, use_cache=True)
        present = [tensor for layer in output.past_key_values.layers for tensor in (layer.keys, layer.values)]
        return output.logits, *present


def dynamo(source: Path, folder: Path) -> None:
    """torch's own exporter, which traces no modules but takes the program that torch.export finds."""
    model = AutoModelForCausalLM.from_pretrained(source, attn_implementation="eager").eval()
    config = model.config
    size = config.hidden_size // config.num_attention_heads
    past = [torch.zeros(2, config.num_key_value_heads, 3, size) for _ in range(2 * config.num_hidden_layers)]
    names = [f"{layer}.{part}" for layer in range(config.num_hidden_layers) for part in ("key", "value")]
    ids, positions = torch.ones(2, 4, dtype=torch.int64), torch.arange(3, 7)[None].repeat(2, 1)
    per_token, per_key = {0: "batch", 1: "sequence"}, {0: "batch", 1: "total"}
    program = torch.onnx.export(
        WithCacheAsTensors(model),
        (ids, torch.ones(2, 7, dtype=torch.int64), positions, past),
        dynamo=True,
        input_names=["input_ids", "attention_mask", "position_ids", *(f"past_key_values.{name}" for name in names)],
        output_names=["logits", *(f"present.{name}" for name in names)],
        dynamic_shapes=(per_token, per_key, per_token, [{0: "batch", 2: "past"} for _ in past]),
    )
    # Half of the file says where each node comes from.
    exported = program.model_proto
    for node in exported.graph.node:
        del node.metadata_props[:]
    (folder / "onnx").mkdir(parents=True)
    onnx.save(exported, folder / "onnx" / "model.onnx")
    copy_configs(source, folder)


def bnb4(source: Path, folder: Path) -> None:
    """Blocks of 4-bit floats, the head's among them."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    quantizer = MatMulBnb4Quantizer(onnx.load(original), MatMulBnb4Quantizer.NF4, 64)
    quantizer.process()
    onnx.save(quantizer.model.model, folder / "onnx" / "model_bnb4.onnx")
    original.unlink()


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
