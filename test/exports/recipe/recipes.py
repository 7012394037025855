"""Which fixtures there are: a family, its tokenizer, an exporter, and where their reference figures come from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

import exporters
import ort_reference
import reference
import templates
import vocabularies

Traces = Callable[[PreTrainedModel, Path, list[int]], dict[str, Any]]


def from_torch(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    forward = reference.torch_forward(model)
    return {"fp32": reference.trace(forward, ids, model.config.hidden_size, "fp32")}


def as_half(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    """The reference of a float16 export: its weights are rounded, its arithmetic is not."""
    forward = reference.torch_forward(model.half())
    return {"fp16": reference.trace(forward, ids, model.config.hidden_size, "fp16")}


def from_onnxruntime(**files: str) -> Traces:
    """dtype → the file whose figures come from onnxruntime."""
    return lambda _, folder, ids: {
        dtype: ort_reference.trace(folder / file, ids) for dtype, file in files.items()
    }


def of_all_dtypes(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    quantised = from_onnxruntime(
        q4="onnx/model_q4.onnx",
        q4f16="onnx/model_q4f16.onnx",
        q8="onnx/model_quantized.onnx",
        int8="onnx/model_int8.onnx",
        uint8="onnx/model_uint8.onnx",
    )
    return {**from_torch(model, folder, ids), **as_half(model, folder, ids), **quantised(model, folder, ids)}


def renamed(traces: Traces, dtype: str) -> Traces:
    """The builder's folders hold one model, whatever its dtype."""
    return lambda *args: {dtype: figures for figures in traces(*args).values()}


def of_plain(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    """Of a merged decoder, whose branches compute what the same export without them does."""
    quantised = from_onnxruntime(q8="model_quantized.onnx")
    return {**from_torch(model, folder, ids), **quantised(model, folder.with_name("plain") / "onnx", ids)}


def nothing(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    """An export that is refused."""
    return {}


@dataclass(frozen=True)
class Recipe:
    name: str
    family: str
    tokenizer: Callable[[], Any]
    export: Callable[[Path, Path], None] = exporters.optimum
    traces: Traces = from_torch
    made_with: list[str] = field(default_factory=lambda: ["torch", "transformers", "optimum-onnx"])
    changes: dict[str, Any] = field(default_factory=dict)
    # Whether the chat template lies in files of its own, or in tokenizer_config.json.
    jinja_file: bool = False
    # What generation_config.json names.
    ends: Callable[[Any], Any] = lambda tokenizer: tokenizer.eos_token_id
    # Whether a prompt of some 300 tokens is traced too.
    long: bool = False
    # A last change to the model's folder before it is exported.
    edit: Callable[[Path], None] | None = None


def contradict_bos(folder: Path) -> None:
    """tokenizer.json puts a BOS in front, add_bos_token in tokenizer_config.json says no: transformers obeys the latter."""
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    first, text = {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [first, text],
        "pair": [first, text, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
    }
    file.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def template_in_json(folder: Path) -> None:
    """Where processors of transformers 4.4x kept it."""
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    template = {"chat_template": config.pop("chat_template")}
    file.write_text(json.dumps(config, ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "chat_template.json").write_text(json.dumps(template), encoding="utf-8")


BUILT_WITH = ["torch", "transformers", "onnxruntime-genai"]
QUANTISED_WITH = ["torch", "transformers", "optimum-onnx", "onnxruntime"]
FILE = from_onnxruntime(genai="model.onnx")
ONE_LAYER = {"num_hidden_layers": 1}
# Two blocks of 32 to a row of the head.
WIDE = {"hidden_size": 64, "num_hidden_layers": 1}
# GroupQueryAttention's heads are multiples of 16 wide.
HEADS = {"head_dim": 16}
# The builder gives Gemma 2's window to the odd layers, transformers to the even ones.
NO_WINDOW = {"sliding_window": 256}
FEWER = {"num_attention_heads": 2, "num_key_value_heads": 1}
BUILT = [
    ("genai-llama", "llama", vocabularies.llama3, ["fp32"], {"shared_embeddings": "true"}, from_torch, HEADS),
    ("genai-gemma2", "gemma2", vocabularies.gemma, ["fp32"], {}, from_torch, {**HEADS, **NO_WINDOW}),
    ("genai-phi3-long", "phi3-long", vocabularies.phi3, ["fp32"], {}, from_torch, FEWER),
    ("genai-mistral-fp16", "mistral", vocabularies.mistral, ["fp16", "cuda"], {}, as_half, HEADS),
    (
        "genai-qwen2-int4",
        "qwen2",
        lambda: vocabularies.qwen(templates.QWEN2),
        ["int4"],
        {"int4_algo_config": "rtn", "shared_embeddings": "true"},
        FILE,
        WIDE,
    ),
    (
        "genai-deepseek-int4-int8",
        "llama-untied",
        vocabularies.deepseek,
        ["int4"],
        {"int4_algo_config": "rtn_last", "int4_is_symmetric": "false"},
        FILE,
        WIDE,
    ),
    ("genai-llama-bf16", "llama", vocabularies.llama3, ["bf16", "cuda"], {}, nothing, {**ONE_LAYER, **HEADS}),
    ("genai-llama-qdq", "llama", vocabularies.llama3, ["int4"], {"use_qdq": "true"}, FILE, WIDE),
    (
        "genai-qwen3-webgpu",
        "qwen3",
        lambda: vocabularies.qwen(templates.QWEN3),
        ["int4", "webgpu"],
        {},
        FILE,
        {**WIDE, "head_dim": 16},
    ),
]
RECIPES = [
    Recipe(
        "llama",
        "llama",
        vocabularies.llama3,
        ends=lambda t: t.convert_tokens_to_ids(["<|end_of_text|>", "<|eot_id|>"]),
    ),
    Recipe("llama-2", "llama-untied", vocabularies.llama2),
    Recipe("smollm", "llama", lambda: vocabularies.gpt2(templates.CHATML, digits=True), changes=ONE_LAYER),
    Recipe("qwen2", "qwen2", lambda: vocabularies.qwen(templates.QWEN2)),
    Recipe("qwen3", "qwen3", lambda: vocabularies.qwen(templates.QWEN3), jinja_file=True),
    Recipe("mistral", "mistral", vocabularies.mistral),
    Recipe("phi3", "phi3", vocabularies.phi3, edit=contradict_bos),
    Recipe("granite", "granite", lambda: vocabularies.gpt2(templates.CHATML)),
    Recipe("cohere", "cohere", vocabularies.cohere),
    Recipe("gemma2", "gemma2", vocabularies.gemma),
    Recipe("gemma3", "gemma3", vocabularies.gemma, edit=template_in_json),
    Recipe("opt", "opt", vocabularies.opt),
    Recipe("gpt2", "gpt2", vocabularies.gpt2),
    Recipe("gpt-neox", "gpt-neox", vocabularies.gpt_neox),
    Recipe("unigram", "llama", vocabularies.sentencepiece_unigram, changes=ONE_LAYER),
    Recipe(
        "qwen2-quantised",
        "qwen2",
        lambda: vocabularies.qwen(templates.QWEN2),
        exporters.quantised,
        of_all_dtypes,
        QUANTISED_WITH,
        changes=WIDE,
    ),
    Recipe(
        "llama-asymmetric",
        "llama-untied",
        vocabularies.llama2,
        exporters.asymmetric,
        from_onnxruntime(q4="onnx/model_q4.onnx"),
        QUANTISED_WITH,
        changes=WIDE,
    ),
    Recipe("llama-qdq", "llama", vocabularies.llama3, exporters.static_qdq, nothing, QUANTISED_WITH, ONE_LAYER),
    Recipe("llama-inputs", "llama", vocabularies.llama3, exporters.other_inputs, changes=ONE_LAYER),
    Recipe(
        "llama-dynamo",
        "llama-untied",
        vocabularies.llama2,
        exporters.dynamo,
        made_with=["torch", "transformers", "onnxscript"],
        changes=ONE_LAYER,
    ),
    Recipe("llama-bnb4", "llama-untied", vocabularies.llama2, exporters.bnb4, nothing, QUANTISED_WITH, WIDE),
    Recipe("gpt2-merged", "gpt2", vocabularies.gpt2, exporters.merged, changes={"n_layer": 1}),
    Recipe(
        "llama-merged",
        "llama-untied",
        vocabularies.llama2,
        exporters.merged_and_quantised,
        of_plain,
        QUANTISED_WITH,
        ONE_LAYER,
    ),
    *(
        Recipe(name, family, tokenizer, exporters.builder(*how, **options), renamed(traces, "genai"), BUILT_WITH, changes, True, long=name == "genai-phi3-long")
        for name, family, tokenizer, how, options, traces, changes in BUILT
    ),
]
