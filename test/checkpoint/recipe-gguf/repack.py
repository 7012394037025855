"""What gguf-py makes of blocks of every type: python repack.py > ../prepare/repack-golden.json (needs numpy, gguf)."""

import base64
import hashlib
import json

import numpy as np
from gguf import GGMLQuantizationType, dequantize
from gguf.constants import GGML_QUANT_SIZES

BLOCKS = 64
# Where float16 numbers lie in a block, each with the exponents it has in blocks of a usual kind.
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


def uniform(seed):
    """fixtures/random-fill.ts' generator."""
    state = seed & MASK
    while True:
        state = (state + 0x6D2B79F5) & MASK
        t = ((state ^ (state >> 15)) * (state | 1)) & MASK
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & MASK)) & MASK
        yield (t ^ (t >> 14)) & MASK


def blocks(name, is_usual):
    size = GGML_QUANT_SIZES[GGMLQuantizationType[name]][1]
    random = uniform(1 if is_usual else 2)
    data = bytearray(next(random) >> 24 for _ in range(BLOCKS * size))
    for block in range(BLOCKS):
        for at, low, high in HALVES[name]:
            bits = next(random) >> 16
            exponent = (bits >> 10) & 31
            exponent = low + exponent % (high - low) if is_usual else exponent % 31
            bits = (bits & 0x83FF) | (exponent << 10)
            data[block * size + at : block * size + at + 2] = bits.to_bytes(2, "little")
    return np.frombuffer(bytes(data), dtype=np.uint8)


golden = {}
for name in HALVES:
    usual, extreme = (
        # -0 becomes 0.
        dequantize(blocks(name, is_usual), GGMLQuantizationType[name]) + np.float32(0)
        for is_usual in (True, False)
    )
    golden[name] = {
        "usual": hashlib.sha256(usual.tobytes()).hexdigest(),
        "first": [float(value) for value in usual[:4]],
        "extreme": hashlib.sha256(extreme.tobytes()).hexdigest(),
        "extremeStart": base64.b64encode(extreme[:512].tobytes()).decode(),
    }
print(json.dumps(golden, indent=2))
