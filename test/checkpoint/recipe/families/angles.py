"""Scalings of rotary angles."""

from __future__ import annotations

from typing import Any


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
