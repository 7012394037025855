"""Configs of tiny checkpoints, as they stand on the hub, and what is changed in them, one at a time.

Values are far from the defaults, so that a reader that takes a default for a key shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COMMON = {
    "bos_token_id": 0,
    "eos_token_id": 4,
    "hidden_size": 64,
    "intermediate_size": 96,
    "max_position_embeddings": 256,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "rms_norm_eps": 0.05,
    "rope_theta": 1000.0,
    "torch_dtype": "float32",
    "vocab_size": 400,
}
# Shapes stay, and every head is half or twice as wide.
WIDER_HEADS = {"num_attention_heads": 2, "num_key_value_heads": 1}
USUAL = {
    "rope_theta": {"rope_theta": 5000.0},
    "rms_norm_eps": {"rms_norm_eps": 0.5},
    "no rope_theta": {"-": ["rope_theta"]},
    "no rms_norm_eps": {"-": ["rms_norm_eps"]},
}


@dataclass(frozen=True)
class Family:
    config: dict[str, Any]
    # Keys that are set; those under "-" are taken out.
    mutations: dict[str, dict[str, Any]]
    # Names of the mutations that change nothing.
    same: tuple[str, ...] = ()
    # Mutations whose figures are those of the long prompt.
    long: tuple[str, ...] = ()
    sizes: dict[str, float] = field(default_factory=dict)


def config(model_type: str, architecture: str, **options: Any) -> dict[str, Any]:
    given = {"architectures": [architecture], "model_type": model_type, **COMMON, **options}
    return {key: value for key, value in given.items() if value is not ...}


def factors(count: int, step: float) -> list[float]:
    return [1.0 + step * i for i in range(count)]


def longrope(count: int, short: float = 0.05, long: float = 0.5, kind: str = "longrope") -> dict[str, Any]:
    return {
        "original_max_position_embeddings": 160,
        "rope_scaling": {"type": kind, "short_factor": factors(count, short), "long_factor": factors(count, long)},
    }


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
YARN = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
LLAMA_LONGROPE = {
    "rope_type": "longrope",
    "factor": 8.0,
    "short_factor": factors(8, 0.2),
    "long_factor": factors(8, 1.0),
}
LINEAR = {"type": "linear", "factor": 2.5}


def scaling(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"rope_scaling": {**base, **changes}}


FAMILIES = {
    "llama": Family(
        config("llama", "LlamaForCausalLM", hidden_act="silu", tie_word_embeddings=True),
        {
            **USUAL,
            "wider heads": WIDER_HEADS,
            "hidden_act": {"hidden_act": "gelu"},
            "linear": {"rope_scaling": {"rope_type": "linear", "factor": 3.0}},
            "yarn": {"rope_scaling": YARN},
            "yarn with an mscale alone": {"rope_scaling": {**YARN, "mscale": 2.0}},
            "longrope": {"rope_scaling": LLAMA_LONGROPE},
            "longrope's attention_factor": {"rope_scaling": {**LLAMA_LONGROPE, "attention_factor": 0.8}},
            "nulls": {"head_dim": None, "rope_scaling": None},
            "swish": {"hidden_act": "swish"},
        },
        same=("nulls", "swish"),
    ),
    # Without num_key_value_heads there are as many as query heads.
    "llama-untied": Family(
        config(
            "llama",
            "LlamaForCausalLM",
            hidden_act="silu",
            num_key_value_heads=...,
            attention_bias=True,
            mlp_bias=True,
            rope_scaling=LINEAR,
        ),
        {
            "linear's factor": scaling(LINEAR, factor=4.0),
            "no rope_scaling": {"rope_scaling": None},
            "no rms_norm_eps": {"-": ["rms_norm_eps"]},
            # The stored head is then not used.
            "tie_word_embeddings": {"tie_word_embeddings": True},
        },
    ),
    "llama3": Family(
        config("llama", "LlamaForCausalLM", head_dim=32, tie_word_embeddings=True, rope_scaling=LLAMA3),
        {
            "narrower heads": {"head_dim": 16, "num_attention_heads": 8, "num_key_value_heads": 4},
            "factor": scaling(LLAMA3, factor=2.0),
            "low_freq_factor": scaling(LLAMA3, low_freq_factor=0.5),
            "high_freq_factor": scaling(LLAMA3, high_freq_factor=8.0),
            "original_max_position_embeddings": scaling(LLAMA3, original_max_position_embeddings=128),
            "no rope_scaling": {"-": ["rope_scaling"]},
        },
    ),
    "smollm3": Family(
        config("smollm3", "SmolLM3ForCausalLM", num_hidden_layers=4, no_rope_layers=[1, 0, 1, 1], pad_token_id=2),
        {
            **USUAL,
            "no_rope_layers": {"no_rope_layers": [0, 1, 1, 1]},
            "no no_rope_layers": {"-": ["no_rope_layers"]},
            "no_rope_layer_interval": {"-": ["no_rope_layers"], "no_rope_layer_interval": 3},
            "use_sliding_window": {"use_sliding_window": True, "sliding_window": 8},
            "sliding_window": {"sliding_window": 8},
            "layer_types": {
                "use_sliding_window": True,
                "sliding_window": 8,
                "layer_types": ["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
            },
        },
        same=("sliding_window",),
    ),
    "mistral": Family(
        config("mistral", "MistralForCausalLM", head_dim=32, sliding_window=24, tie_word_embeddings=False),
        {
            **USUAL,
            "narrower heads": {"head_dim": 16, "num_attention_heads": 8, "num_key_value_heads": 4},
            "sliding_window": {"sliding_window": 12},
            "no window": {"sliding_window": None},
            "no sliding_window": {"-": ["sliding_window"]},
        },
    ),
    "qwen2": Family(
        config(
            "qwen2",
            "Qwen2ForCausalLM",
            max_window_layers=1,
            sliding_window=8,
            use_sliding_window=False,
            tie_word_embeddings=True,
            rope_scaling=YARN,
        ),
        {
            **USUAL,
            "yarn's factor": scaling(YARN, factor=2.0),
            "yarn's original_max_position_embeddings": scaling(YARN, original_max_position_embeddings=16),
            "yarn without original_max_position_embeddings": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}},
            "beta_fast": scaling(YARN, beta_fast=2.0),
            "beta_slow": scaling(YARN, beta_slow=0.25),
            "attention_factor": scaling(YARN, attention_factor=0.7),
            "mscale": scaling(YARN, mscale=2.0, mscale_all_dim=0.5),
            "truncate": scaling(YARN, truncate=False),
            "no ramp": scaling(YARN, truncate=False, beta_fast=1.0, beta_slow=1.0),
            "no rope_scaling": {"rope_scaling": None},
            "no use_sliding_window": {"-": ["use_sliding_window"]},
            "use_sliding_window": {"use_sliding_window": True},
            "sliding_window": {"use_sliding_window": True, "sliding_window": 16},
            "max_window_layers": {"use_sliding_window": True, "max_window_layers": 0},
            "layer_types": {"use_sliding_window": True, "layer_types": ["sliding_attention", "full_attention"]},
        },
        same=("no use_sliding_window",),
    ),
    "qwen3": Family(
        config("qwen3", "Qwen3ForCausalLM", head_dim=32, tie_word_embeddings=True, use_sliding_window=False),
        {
            **USUAL,
            "use_sliding_window": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1},
            "layer_types": {
                "use_sliding_window": True,
                "sliding_window": 8,
                "layer_types": ["sliding_attention", "full_attention"],
            },
        },
    ),
    "phi3": Family(
        config("phi3", "Phi3ForCausalLM", **WIDER_HEADS, sliding_window=24, pad_token_id=2, tie_word_embeddings=False),
        {
            **USUAL,
            "narrower heads": {"num_attention_heads": 4, "num_key_value_heads": 2},
            "sliding_window": {"sliding_window": 12},
            "no sliding_window": {"-": ["sliding_window"]},
            "partial_rotary_factor": {"partial_rotary_factor": 0.5},
        },
    ),
    "phi4-mini": Family(
        config(
            "phi3",
            "Phi3ForCausalLM",
            **WIDER_HEADS,
            hidden_size=128,
            max_position_embeddings=512,
            pad_token_id=2,
            partial_rotary_factor=0.75,
            tie_word_embeddings=True,
            **longrope(24),
        ),
        {
            "partial_rotary_factor": {"partial_rotary_factor": 1.0, **longrope(32)},
            "short_factor": longrope(24, short=0.4),
            "long_factor": longrope(24, long=0.1),
            "long_factor of a short prompt": longrope(24, long=0.1),
            "su": longrope(24, kind="su"),
            "max_position_embeddings": {"max_position_embeddings": 4096},
            "original_max_position_embeddings": {"original_max_position_embeddings": 256},
        },
        same=("su", "long_factor of a short prompt"),
        long=("long_factor", "original_max_position_embeddings"),
    ),
    "gemma": Family(
        config(
            "gemma",
            "GemmaForCausalLM",
            head_dim=32,
            hidden_act="gelu_pytorch_tanh",
            hidden_activation="gelu_pytorch_tanh",
            pad_token_id=2,
        ),
        {
            **USUAL,
            "narrower heads": {"head_dim": 16, "num_attention_heads": 8, "num_key_value_heads": 4},
            "silu": {"hidden_act": "silu", "hidden_activation": "silu"},
            "gelu": {"hidden_act": "gelu", "hidden_activation": "gelu"},
        },
        sizes={"embed_tokens": 0.125},
    ),
    "gemma2": Family(
        config(
            "gemma2",
            "Gemma2ForCausalLM",
            num_hidden_layers=3,
            head_dim=32,
            query_pre_attn_scalar=24,
            sliding_window=16,
            final_logit_softcapping=8.0,
            attn_logit_softcapping=20.0,
            hidden_activation="gelu_pytorch_tanh",
            pad_token_id=2,
        ),
        {
            **USUAL,
            "query_pre_attn_scalar": {"query_pre_attn_scalar": 12},
            "final_logit_softcapping": {"final_logit_softcapping": 5.0},
            "no final cap": {"final_logit_softcapping": None},
            "no final_logit_softcapping": {"-": ["final_logit_softcapping"]},
            "attn_logit_softcapping": {"attn_logit_softcapping": 2.0},
            "no attention cap": {"attn_logit_softcapping": None},
            "sliding_window": {"sliding_window": 8},
            "layer_types": {"layer_types": ["full_attention", "full_attention", "sliding_attention"]},
            "silu": {"hidden_activation": "silu"},
        },
        sizes={"embed_tokens": 0.125},
    ),
    "gemma3-multimodal": Family(
        {
            "architectures": ["Gemma3ForConditionalGeneration"],
            "model_type": "gemma3",
            "eos_token_id": [4, 5],
            "image_token_index": 399,
            "mm_tokens_per_image": 4,
            "torch_dtype": "float32",
            # What Gemma3TextConfig has for a key that is left out is left out on the hub.
            "text_config": {
                "model_type": "gemma3_text",
                "hidden_size": 64,
                "intermediate_size": 96,
                "num_hidden_layers": 7,
                "head_dim": 16,
                "query_pre_attn_scalar": 24,
                "rope_scaling": {"rope_type": "linear", "factor": 8.0},
                "sliding_window": 16,
                "vocab_size": 400,
                "pad_token_id": 2,
            },
            "vision_config": {
                "hidden_size": 8,
                "intermediate_size": 8,
                "image_size": 16,
                "num_attention_heads": 1,
                "num_hidden_layers": 1,
                "patch_size": 4,
            },
        },
        {},
        sizes={"embed_tokens": 0.125},
    ),
    "gemma3": Family(
        config(
            "gemma3_text",
            "Gemma3ForCausalLM",
            num_hidden_layers=3,
            head_dim=32,
            query_pre_attn_scalar=24,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_local_base_freq=100.0,
            hidden_activation="gelu_pytorch_tanh",
            pad_token_id=2,
        ),
        {
            **USUAL,
            "query_pre_attn_scalar": {"query_pre_attn_scalar": 12},
            "rope_local_base_freq": {"rope_local_base_freq": 1000.0},
            "no rope_local_base_freq": {"-": ["rope_local_base_freq"]},
            "sliding_window": {"sliding_window": 8},
            "layer_types": {"layer_types": ["full_attention", "sliding_attention", "sliding_attention"]},
            "sliding_window_pattern": {"-": ["layer_types"], "sliding_window_pattern": 3},
            "no layer_types": {"-": ["layer_types"]},
            "rope_scaling": {"rope_scaling": {"rope_type": "linear", "factor": 8.0}},
            "final_logit_softcapping": {"final_logit_softcapping": 6.0},
        },
        sizes={"embed_tokens": 0.125},
    ),
    "granite": Family(
        config(
            "granite",
            "GraniteForCausalLM",
            tie_word_embeddings=True,
            logits_scaling=8.0,
            embedding_multiplier=2.0,
            residual_multiplier=0.7,
            attention_multiplier=0.3,
        ),
        {
            **USUAL,
            "logits_scaling": {"logits_scaling": 4.0},
            "embedding_multiplier": {"embedding_multiplier": 6.0},
            "residual_multiplier": {"residual_multiplier": 0.3},
            "attention_multiplier": {"attention_multiplier": 0.6},
            "no logits_scaling": {"-": ["logits_scaling"]},
            "no embedding_multiplier": {"-": ["embedding_multiplier"]},
            "no residual_multiplier": {"-": ["residual_multiplier"]},
            "no attention_multiplier": {"-": ["attention_multiplier"]},
        },
        sizes={"embed_tokens": 0.25},
    ),
    "cohere": Family(
        config("cohere", "CohereForCausalLM", rms_norm_eps=..., layer_norm_eps=0.05, logit_scale=0.25, pad_token_id=2),
        {
            "rope_theta": {"rope_theta": 5000.0},
            "layer_norm_eps": {"layer_norm_eps": 0.5},
            "no layer_norm_eps": {"-": ["layer_norm_eps"]},
            "logit_scale": {"logit_scale": 0.5},
            "no logit_scale": {"-": ["logit_scale"]},
        },
        sizes={"embed_tokens": 0.25},
    ),
    "olmo2": Family(
        config("olmo2", "Olmo2ForCausalLM", pad_token_id=2, tie_word_embeddings=False),
        {**USUAL, "wider heads": WIDER_HEADS, "linear": {"rope_scaling": {"type": "linear", "factor": 3.0}}},
    ),
}

# Written by save_pretrained itself, and small enough to be kept.
SAVED = Family(
    config(
        "llama",
        "LlamaForCausalLM",
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        tie_word_embeddings=False,
    ),
    {},
)
