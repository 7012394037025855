"""Families that scale their logits, states or residuals, or norm what their layers give."""

from __future__ import annotations

from .family import USUAL, WIDER_HEADS, Family, config

FAMILIES = {
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
