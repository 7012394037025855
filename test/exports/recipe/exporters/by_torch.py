"""torch's own exporter."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, DynamicCache, PreTrainedModel

from .by_optimum import copy_configs


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
