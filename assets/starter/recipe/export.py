"""The model folder in the onnx-community layout, and the decoder back from it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from graph import EMBEDDING, MATRICES, NORMS, build_graph
from model import Decoder, Shape
from tokenizer import END_OF_TEXT, SPECIAL, TURN_END
from train import load_model


def write_config(shape: Shape, folder: Path) -> None:
    ids = {token: index for index, token in enumerate(SPECIAL)}
    end, pad = ids[TURN_END], ids[END_OF_TEXT]
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": pad,
        "eos_token_id": end,
        "pad_token_id": pad,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": shape.context,
        "mlp_bias": False,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "pretraining_tp": 1,
        "rms_norm_eps": shape.norm_eps,
        "rope_scaling": None,
        "rope_theta": shape.rope_theta,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_size": shape.vocab,
    }
    generation = {
        "bos_token_id": pad,
        "eos_token_id": [end, pad],
        "pad_token_id": pad,
        "do_sample": False,
        "max_new_tokens": 256,
    }
    for name, content in (("config.json", config), ("generation_config.json", generation)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def export(model: Decoder, folder: Path) -> Path:
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    path = folder / "onnx" / "model.onnx"
    onnx.save(build_graph(model), str(path))
    write_config(model.shape, folder)
    return path


def load_exported(folder: Path) -> Decoder:
    """The recipe's model class with the weights of the exported file."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["vocab_size"],
        config["hidden_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["num_key_value_heads"],
        config["intermediate_size"],
        config["max_position_embeddings"],
        config["rope_theta"],
        config["rms_norm_eps"],
    )
    graph = onnx.load(str(folder / "onnx" / "model.onnx")).graph
    weights = {w.name: torch.from_numpy(numpy_helper.to_array(w).copy()) for w in graph.initializer}
    state = {"embedding.weight": weights[EMBEDDING], "norm.weight": weights["model.norm.weight"]}
    for index in range(shape.layers):
        for module, name in MATRICES.items():
            state[f"layers.{index}.{module}.weight"] = weights[f"model.layers.{index}.{name}.MatMul.weight"].T
        for module, name in NORMS.items():
            state[f"layers.{index}.{module}.weight"] = weights[f"model.layers.{index}.{name}.weight"]
    model = Decoder(shape)
    model.load_state_dict(state)
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder to write to")
    args = parser.parse_args()
    model, progress = load_model(args.checkpoint)
    print(export(model, args.model), progress)


if __name__ == "__main__":
    main()
