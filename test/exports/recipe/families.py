"""Tiny models of each family, with random weights whose logits are far enough apart for greedy answers to be certain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from transformers import PreTrainedModel

LOGIT_SIZE = 4.0
SMALL = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


@dataclass(frozen=True)
class Family:
    config: str
    options: dict[str, Any] = field(default_factory=dict)


def llama_like(config: str, **options: Any) -> Family:
    return Family(config, {**SMALL, **options})


FAMILIES = {
    "llama": llama_like("LlamaConfig", tie_word_embeddings=True),
    "llama-untied": llama_like("LlamaConfig", tie_word_embeddings=False),
    "qwen2": llama_like("Qwen2Config", tie_word_embeddings=True),
    "qwen3": llama_like("Qwen3Config", head_dim=8, tie_word_embeddings=True),
    "mistral": llama_like("MistralConfig", head_dim=8, sliding_window=24),
    "phi3": llama_like("Phi3Config", pad_token_id=0),
    "phi3-long": llama_like(
        "Phi3Config",
        pad_token_id=0,
        max_position_embeddings=512,
        original_max_position_embeddings=160,
        rope_scaling={
            "type": "longrope",
            "short_factor": [1.0 + 0.02 * i for i in range(8)],
            "long_factor": [1.0 + 0.3 * i for i in range(8)],
        },
    ),
    "granite": llama_like(
        "GraniteConfig",
        tie_word_embeddings=True,
        logits_scaling=8.0,
        embedding_multiplier=2.0,
        residual_multiplier=0.5,
        attention_multiplier=0.3,
    ),
    "cohere": llama_like("CohereConfig", logit_scale=0.25, use_qk_norm=False),
    "gemma2": llama_like(
        "Gemma2Config",
        head_dim=8,
        query_pre_attn_scalar=8,
        sliding_window=16,
        final_logit_softcapping=8.0,
        attn_logit_softcapping=20.0,
    ),
    "gemma3": llama_like(
        "Gemma3TextConfig",
        head_dim=8,
        query_pre_attn_scalar=8,
        sliding_window=16,
        layer_types=["sliding_attention", "full_attention"],
    ),
    "opt": Family(
        "OPTConfig",
        {
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": 128,
            "word_embed_proj_dim": 32,
        },
    ),
    "gpt2": Family("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128, "n_inner": 48}),
    "gpt-neox": Family(
        "GPTNeoXConfig",
        {
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": 128,
            "tie_word_embeddings": False,
        },
    ),
}


def make(family: str, tokenizer: Any, seed: int, **changes: Any) -> PreTrainedModel:
    kind = FAMILIES[family]
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    # As real models do, the embedding has a few rows more than the tokenizer has tokens.
    vocab = -(-len(tokenizer) // 16) * 16
    options = {**ids, **kind.options, "vocab_size": vocab, "attn_implementation": "eager", **changes}
    config = getattr(transformers, kind.config)(**options)
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=1.0 if "embed" in name or "wte" in name else parameter.shape[1] ** -0.5)
        elif "norm" not in name and "ln_" not in name:
            torch.nn.init.normal_(parameter, std=0.1)
    spread(model)
    return model


@torch.no_grad()
def spread(model: PreTrainedModel) -> None:
    """Scales the final norm so that logits before the head's tail are of LOGIT_SIZE."""
    seen: list[torch.Tensor] = []
    handle = model.get_output_embeddings().register_forward_hook(lambda _, __, output: seen.append(output))
    model(torch.arange(40)[None] + 5)
    handle.remove()
    norms = [(name, module) for name, module in model.named_modules() if hasattr(module, "weight") and is_norm(name)]
    weight = norms[-1][1].weight
    ratio = LOGIT_SIZE * tail_scale(model) / seen[0].std()
    # Gemma's norms multiply by 1 + weight.
    if model.config.model_type.startswith("gemma"):
        weight.copy_((1 + weight) * ratio - 1)
    else:
        weight.mul_(ratio)


def is_norm(name: str) -> bool:
    return "norm" in name.rsplit(".", 1)[-1] or name.endswith("ln_f")


def tail_scale(model: PreTrainedModel) -> float:
    """By how much logits must be larger for what follows: a scale, or a cap that should be felt."""
    config = model.config
    return getattr(config, "logits_scaling", 1.0) / getattr(config, "logit_scale", 1.0)
