"""Parity of the exported graph with the PyTorch model, in every way a runtime calls it."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from export import load_exported
from model import Decoder
from train import load_model

TOLERANCE = 1e-4
Cache = dict[str, np.ndarray]


class Session:
    def __init__(self, folder: Path, model: Decoder) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.run_session = onnxruntime.InferenceSession(
            str(folder / "onnx" / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.shape = model.shape
        self.outputs = [o.name for o in self.run_session.get_outputs()]

    def empty(self, batch: int) -> Cache:
        dims = (batch, self.shape.kv_heads, 0, self.shape.head_dim)
        return {
            f"past_key_values.{i}.{part}": np.zeros(dims, np.float32)
            for i in range(self.shape.layers)
            for part in ("key", "value")
        }

    def run(self, ids: np.ndarray, mask: np.ndarray, positions: np.ndarray, past: Cache) -> tuple[np.ndarray, Cache]:
        feeds = {"input_ids": ids, "attention_mask": mask, "position_ids": positions, **past}
        outputs = dict(zip(self.outputs, self.run_session.run(None, feeds), strict=True))
        present = {
            name.replace("present", "past_key_values"): value for name, value in outputs.items() if name != "logits"
        }
        return outputs["logits"], present


@torch.no_grad()
def verify(folder: Path, model: Decoder) -> dict[str, float]:
    """Largest differences of logits; raises when one is beyond the tolerance."""
    session = Session(folder, model)
    rng = np.random.default_rng(5)
    lengths = (61, 33, 48)
    prompts = [rng.integers(3, model.shape.vocab, n) for n in lengths]
    expected = [model.head(model(torch.from_numpy(p)[None])[0])[0].numpy() for p in prompts]
    found: dict[str, float] = {}

    def worst(name: str, actual: np.ndarray, wanted: np.ndarray) -> None:
        found[name] = max(found.get(name, 0.0), float(np.abs(actual - wanted).max()))

    n = lengths[0]
    ids, ones = prompts[0][None], np.ones((1, n), np.int64)
    positions = np.arange(n)[None]
    worst("prefill", session.run(ids, ones, positions, session.empty(1))[0][0], expected[0])
    for name, size in (("one token at a time", 1), ("chunks of 7", 7)):
        past = session.empty(1)
        for start in range(0, n, size):
            end = min(start + size, n)
            logits, past = session.run(ids[:, start:end], ones[:, :end], positions[:, start:end], past)
            worst(name, logits[0], expected[0][start:end])
    for side in ("left", "right"):
        ids = np.zeros((len(prompts), n), np.int64)
        mask = np.zeros_like(ids)
        spans = [slice(n - k, n) if side == "left" else slice(0, k) for k in lengths]
        for row, (prompt, span) in enumerate(zip(prompts, spans, strict=True)):
            ids[row, span], mask[row, span] = prompt, 1
        positions = np.maximum(mask.cumsum(1) - 1, 0)
        logits, past = session.run(ids, mask, positions, session.empty(len(prompts)))
        for row, span in enumerate(spans):
            worst(f"{side}-padded batch", logits[row, span], expected[row])
        # One more token for every row, on top of the padded cache.
        token = np.full((len(prompts), 1), 17, np.int64)
        mask = np.concatenate([mask, np.ones_like(token)], axis=1)
        logits, _ = session.run(token, mask, np.array(lengths)[:, None], past)
        for row, prompt in enumerate(prompts):
            longer = torch.from_numpy(np.append(prompt, 17))[None]
            worst(f"{side}-padded decode", logits[row, 0], model.head(model(longer)[0])[0, -1].numpy())
    if max(found.values()) > TOLERANCE:
        raise SystemExit(f"the exported graph differs from the model: {found}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="compare with this, not with the exported weights")
    args = parser.parse_args()
    model = load_model(args.checkpoint)[0] if args.checkpoint else load_exported(args.model)
    for name, difference in verify(args.model, model).items():
        print(f"{name:22s} {difference:.2e}")


if __name__ == "__main__":
    main()
