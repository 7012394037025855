"""Gemma: norms that multiply by 1 + weight, caps of logits, windows by layers, and a text part beside images."""

from __future__ import annotations

from .family import USUAL, Family, config

FAMILIES = {
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
}
