"""What llama.cpp's converter makes of the tiny checkpoints: headers, and hashes of whole files.

    python test/checkpoint/recipe-gguf/convert.py FOLDER_OF_LLAMA_CPP [NAME...]

Weights are those of ../recipe; what a GGUF cannot say is taken out of a config first, and PyTorch's losses are of that.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LLAMA_CPP = Path(sys.argv[1])
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py"), str(HERE.parent / "recipe")]

import gguf  # noqa: E402
import make  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from conversion import ModelBase, ModelType, get_model_architecture, get_model_class  # noqa: E402
from weights import TensorSpec  # noqa: E402

FIXTURES = HERE.parent / "gguf" / "fixtures"
TOKENIZER = make.EXPORTS / "fixtures" / make.TOKENIZER
# None takes a key out.
CHANGES: dict[str, dict[str, Any]] = {
    "llama-untied": {"num_key_value_heads": 4},
    "mistral": {"sliding_window": None},
    "smollm3": {"no_rope_layers": None},
    "gemma": {"rope_theta": 10000.0},
    "gemma2": {"rope_theta": 10000.0, "query_pre_attn_scalar": 32},
    # Rows of the embedding that no token has are cut off.
    "gemma3": {"query_pre_attn_scalar": 32, "layer_types": None, "vocab_size": 389},
}


def convert(folder: Path) -> Path:
    out = folder / "model.gguf"
    hparams = ModelBase.load_hparams(folder, False)
    converter = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    # Tokenizers are known by a hash of what they make of a text; this one is Llama 3's with few tokens.
    converter.get_vocab_base_pre = lambda self, tokenizer: "llama-bpe"
    converter.set_vocab = lambda self: self._set_vocab_gpt2()
    with torch.inference_mode():
        converter(folder, gguf.LlamaFileType.ALL_F32, out, eager=True).write()
    return out


def record(name: str) -> dict[str, Any]:
    family = json.loads((make.FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    config = {**family["config"], **CHANGES.get(name, {})}
    config = {key: value for key, value in config.items() if value is not None or key == "sliding_window"}
    tensors = [
        TensorSpec(key, (config["vocab_size"], shape[1]) if "embed" in key else tuple(shape), mean, size)
        for key, (shape, mean, size) in family["tensors"].items()
    ]
    ids = family["traces"]["short"]["ids"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        losses = make.losses(make.load(folder, config, tensors, family["seed"]), ids)
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(TOKENIZER / file, folder / file)
        path = convert(folder)
        whole = path.read_bytes()
        reader = gguf.GGUFReader(path)
    # What follows from a config is no weight of the recipe.
    factors = {each.name: each.data.tolist() for each in reader.tensors if each.name.startswith("rope_")}
    (FIXTURES / f"{name}.header.gz").write_bytes(gzip.compress(whole[: reader.data_offset], 9, mtime=0))
    return {
        "config": config,
        "factors": factors,
        "sha256": hashlib.sha256(whole).hexdigest(),
        "losses": losses,
    }


def main() -> None:
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    path = FIXTURES / "families.json"
    records = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    names = sys.argv[2:] or sorted(file.stem for file in make.FIXTURES.glob("*.json"))
    for name in names:
        records[name] = record(name)
        print(name, records[name]["losses"])
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(records.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
