"""What an export is fed."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort


def empty_past(session: ort.InferenceSession) -> dict[str, np.ndarray]:
    past = {}
    for node in session.get_inputs():
        if node.name.startswith("past_key_values"):
            shape = [size if isinstance(size, int) else 1 if i == 0 else 0 for i, size in enumerate(node.shape)]
            past[node.name] = np.zeros(shape, np.float16 if node.type == "tensor(float16)" else np.float32)
    return past


def inputs(session: ort.InferenceSession, ids: np.ndarray, past: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Feeds for new ids [1, n] after `past`."""
    before = next(iter(past.values())).shape[2]
    length = ids.shape[1]
    known = {
        "input_ids": ids,
        "attention_mask": np.ones((1, before + length), np.int64),
        "position_ids": np.arange(before, before + length, dtype=np.int64)[None],
        **past,
    }
    return {node.name: known[node.name] for node in session.get_inputs()}
