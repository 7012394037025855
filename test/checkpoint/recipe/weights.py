"""Weights that are not stored: integers of a hash, small enough for every float type to hold them exactly.

fixtures/checkpoint.ts writes the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = 64


@dataclass(frozen=True)
class TensorSpec:
    name: str
    shape: tuple[int, ...]
    mean: float
    size: float


def name_hash(name: str, seed: int) -> int:
    """FNV-1a over the name's bytes, begun with the seed."""
    state = 0x811C9DC5 ^ seed
    for byte in name.encode():
        state = ((state ^ byte) * 0x01000193) & 0xFFFFFFFF
    return state


def values(spec: TensorSpec, seed: int) -> np.ndarray:
    """mean + size·k/64 with odd k of [-63, 63], drawn by the element's index through murmur3's finaliser."""
    count = int(np.prod(spec.shape))
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(name_hash(spec.name, seed))
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    k = 2 * (h >> np.uint32(26)).astype(np.int64) - (LEVELS - 1)
    return (spec.mean + spec.size * k / LEVELS).astype(np.float32).reshape(spec.shape)
