"""PyTorch's SLOT on a llama whose matrices are random blocks of each type: python every_type.py (writes ../gguf/fixtures).

test/checkpoint/gguf/typed.ts writes the same file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from blocks import HALVES, random_blocks
from gguf import GGMLQuantizationType, dequantize
from gguf.constants import GGML_QUANT_SIZES
from transformers import LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "recipe"))
import make  # noqa: E402
from weights import TensorSpec, name_hash, values  # noqa: E402

HIDDEN, VOCAB, HEADS, KV_HEADS = 256, 400, 4, 2
CONFIG = LlamaConfig(
    vocab_size=VOCAB,
    hidden_size=HIDDEN,
    intermediate_size=HIDDEN,
    num_hidden_layers=1,
    num_attention_heads=HEADS,
    num_key_value_heads=KV_HEADS,
    max_position_embeddings=256,
    rms_norm_eps=0.05,
    rope_theta=1000.0,
    tie_word_embeddings=True,
)


def rows_in_halves(stored: np.ndarray, heads: int) -> np.ndarray:
    """Rows of neighbours, as GGUF has them, to halves, as transformers has them."""
    return stored.reshape(heads, -1, 2, stored.shape[-1]).swapaxes(1, 2).reshape(stored.shape)


def matrix(kind: str, name: str, shape: tuple[int, int]) -> np.ndarray:
    if kind not in HALVES:
        # Exact in 16 bits.
        return values(TensorSpec(name, shape, 0.0, 0.25), 0)
    size = GGML_QUANT_SIZES[GGMLQuantizationType[kind]][0]
    data = random_blocks(kind, shape[0] * shape[1] // size, name_hash(name, 0))
    return dequantize(data, GGMLQuantizationType[kind]).reshape(shape)


def model(kind: str) -> LlamaForCausalLM:
    found = LlamaForCausalLM(CONFIG).eval()
    state = {}
    for name, tensor in found.state_dict().items():
        if name == "lm_head.weight":
            continue
        shape = tuple(tensor.shape)
        weights = matrix(kind, name, shape) if len(shape) == 2 else values(TensorSpec(name, shape, 1.0, 0.5), 0)
        heads = {"q_proj": HEADS, "k_proj": KV_HEADS}.get(name.split(".")[-2])
        state[name] = torch.from_numpy(np.array(rows_in_halves(weights, heads) if heads else weights))
    found.load_state_dict(state, strict=False)
    found.tie_weights()
    return found


def main() -> None:
    torch.set_num_threads(1)
    ids = json.loads((make.FIXTURES / "llama.json").read_text(encoding="utf-8"))["traces"]["short"]["ids"]
    records = {kind: make.losses(model(kind), ids) for kind in ("F16", "BF16", *HALVES)}
    lines = [f"  {json.dumps(kind)}: {json.dumps(losses)}" for kind, losses in records.items()]
    path = HERE.parent / "gguf" / "fixtures" / "types.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
