"""Which fixtures there are: a family, its tokenizer, an exporter, and where their reference figures come from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

import exporters
import reference
import templates
import vocabularies

Traces = Callable[[PreTrainedModel, Path, list[int]], dict[str, Any]]


def from_torch(model: PreTrainedModel, folder: Path, ids: list[int]) -> dict[str, Any]:
    forward = reference.torch_forward(model)
    return {"fp32": reference.trace(forward, ids, model.config.hidden_size, "fp32")}


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


# Where the tokenizer is the point.
ONE_LAYER = {"num_hidden_layers": 1}

RECIPES = [
    Recipe(
        "llama",
        "llama",
        vocabularies.llama3,
        ends=lambda t: t.convert_tokens_to_ids(["<|end_of_text|>", "<|eot_id|>"]),
    ),
    Recipe("llama-2", "llama-untied", vocabularies.llama2),
    Recipe("smollm", "llama", lambda: vocabularies.gpt2(templates.CHATML), changes=ONE_LAYER),
    Recipe("qwen2", "qwen2", lambda: vocabularies.qwen(templates.QWEN2)),
    Recipe("qwen3", "qwen3", lambda: vocabularies.qwen(templates.QWEN3), jinja_file=True),
    Recipe("mistral", "mistral", vocabularies.mistral),
    Recipe("phi3", "phi3", vocabularies.phi3, edit=contradict_bos),
    Recipe("granite", "granite", lambda: vocabularies.gpt2(templates.CHATML)),
    Recipe("cohere", "cohere", vocabularies.cohere),
    Recipe("gemma2", "gemma2", vocabularies.gemma),
    Recipe("gemma3", "gemma3", vocabularies.gemma),
    Recipe("opt", "opt", vocabularies.opt),
    Recipe("gpt2", "gpt2", vocabularies.gpt2),
    Recipe("gpt-neox", "gpt-neox", vocabularies.gpt_neox),
    Recipe("unigram", "llama", vocabularies.sentencepiece_unigram, changes=ONE_LAYER),
]
