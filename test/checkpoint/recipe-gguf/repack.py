"""What gguf-py makes of blocks of every type: python repack.py > ../prepare/repack-golden.json (needs numpy, gguf)."""

import base64
import hashlib
import json

import numpy as np
from blocks import HALVES, random_blocks
from gguf import GGMLQuantizationType, dequantize

BLOCKS = 64

golden = {}
for name in HALVES:
    usual, extreme = (
        # -0 becomes 0.
        dequantize(random_blocks(name, BLOCKS, seed, seed == 1), GGMLQuantizationType[name]) + np.float32(0)
        for seed in (1, 2)
    )
    golden[name] = {
        "usual": hashlib.sha256(usual.tobytes()).hexdigest(),
        "first": [float(value) for value in usual[:4]],
        "extreme": hashlib.sha256(extreme.tobytes()).hexdigest(),
        "extremeStart": base64.b64encode(extreme[:512].tobytes()).decode(),
    }
print(json.dumps(golden, indent=2))
