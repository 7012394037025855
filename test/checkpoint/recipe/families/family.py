"""What a family is made of: its config as it stands on the hub, and what is changed in it, one at a time.

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
