"""Random bytes as ggml's blocks: fixtures/ggml-blocks.ts writes the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from gguf import GGMLQuantizationType
from gguf.constants import GGML_QUANT_SIZES

# Where float16 numbers lie in a block, and the exponents, from one up to another, that they have in usual blocks.
HALVES = {
    "Q4_0": [(0, 4, 9)],
    "Q4_1": [(0, 4, 9), (2, 7, 12)],
    "Q5_0": [(0, 4, 9)],
    "Q5_1": [(0, 4, 9), (2, 8, 13)],
    "Q8_0": [(0, 4, 9)],
    "Q4_K": [(0, 1, 4), (2, 3, 6)],
    "Q5_K": [(0, 1, 4), (2, 3, 6)],
    "Q6_K": [(208, 1, 4)],
}
MASK = 0xFFFFFFFF


def uniform(seed: int) -> Iterator[int]:
    """fixtures/random-fill.ts' generator, in units of 2^-32."""
    state = seed & MASK
    while True:
        state = (state + 0x6D2B79F5) & MASK
        t = ((state ^ (state >> 15)) * (state | 1)) & MASK
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & MASK)) & MASK
        yield (t ^ (t >> 14)) & MASK


def random_blocks(name: str, blocks: int, seed: int, is_usual: bool = True) -> np.ndarray:
    size = GGML_QUANT_SIZES[GGMLQuantizationType[name]][1]
    random = uniform(seed)
    data = bytearray(next(random) >> 24 for _ in range(blocks * size))
    for block in range(blocks):
        for at, low, high in HALVES[name]:
            bits = next(random) >> 16
            exponent = (bits >> 10) & 31
            exponent = low + exponent % (high - low) if is_usual else exponent % 31
            bits = (bits & 0x83FF) | (exponent << 10)
            data[block * size + at : block * size + at + 2] = bits.to_bytes(2, "little")
    return np.frombuffer(bytes(data), dtype=np.uint8)
