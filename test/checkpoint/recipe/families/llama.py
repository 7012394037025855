"""Llama, and those that differ from it in a key or two."""

from __future__ import annotations

from .angles import LINEAR, LLAMA3, LLAMA_LONGROPE, YARN, scaling
from .family import USUAL, WIDER_HEADS, Family, config

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
