"""Phi: one matrix for queries, keys and values, angles of a part of a head, and longrope."""

from __future__ import annotations

from .angles import longrope
from .family import USUAL, WIDER_HEADS, Family, config

FAMILIES = {
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
}
