"""Qwen: windows by a switch, and norms of queries and keys."""

from __future__ import annotations

from .angles import YARN, scaling
from .family import USUAL, Family, config

FAMILIES = {
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
}
