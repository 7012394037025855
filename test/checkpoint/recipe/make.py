"""Makes the fixtures: configs and shapes of tiny checkpoints, and what transformers and PyTorch say of them.

    python test/checkpoint/recipe/make.py [NAME...]
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
import transformers
from families import FAMILIES, SAVED, Family
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from weights import TensorSpec, values

EXPORTS = Path(__file__).resolve().parents[2] / "exports"
sys.path.append(str(EXPORTS / "recipe"))
import reference  # noqa: E402
import texts  # noqa: E402

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "checkpoints"
TOKENIZER = "llama"
ANSWER, TOP, FIGURES = 32, 20, 10
LOGIT_SIZE = 4.0
# How much a mutation moves the losses, as a part of them: tests allow a quarter of it.
VISIBLE = 5e-6


def specs(family: Family, seed: int) -> list[TensorSpec]:
    """The checkpoint's tensors, the final norm scaled so that logits before the head's tail are of LOGIT_SIZE."""
    configuration = AutoConfig.for_model(**family.config)
    model = AutoModelForCausalLM.from_config(configuration)
    tied = set(model._tied_weights_keys or ()) if configuration.get_text_config().tie_word_embeddings else set()
    state = model.state_dict()
    shapes = {stored_name(name): tuple(tensor.shape) for name, tensor in state.items() if name not in tied}
    found = [spec(family, name, shape, 1) for name, shape in shapes.items()]
    seen: list[torch.Tensor] = []
    with tempfile.TemporaryDirectory() as folder:
        model = load(Path(folder), family.config, found, seed)
    model.get_output_embeddings().register_forward_hook(lambda _, __, output: seen.append(output))
    with torch.no_grad():
        model(torch.arange(40)[None] + 5)
    tail = family.config.get("logits_scaling", 1.0) / family.config.get("logit_scale", 1.0)
    ratio = 2.0 ** round(math.log2(LOGIT_SIZE * tail / seen[0].std().item()))
    return [spec(family, name, shape, ratio) for name, shape in shapes.items()]


# Before the names of a model whose text part is one of several: as checkpoints on the hub have them.
STORED = {
    "model.language_model.": "language_model.model.",
    "model.vision_tower.": "vision_tower.",
    "model.multi_modal_projector.": "multi_modal_projector.",
}


def stored_name(name: str) -> str:
    for own, stored in STORED.items():
        if name.startswith(own):
            return stored + name.removeprefix(own)
    return name


def spec(family: Family, name: str, shape: tuple[int, ...], ratio: float) -> TensorSpec:
    if "norm" in name:
        scale = ratio if name.endswith("model.norm.weight") else 1.0
        # Gemma's norms multiply by 1 + weight.
        return TensorSpec(name, shape, scale - (1.0 if "gemma" in family.config["model_type"] else 0.0), scale / 2)
    usual = 1.0 if "embed" in name else 0.25
    return TensorSpec(name, shape, 0.0, next((size for part, size in family.sizes.items() if part in name), usual))


def load(folder: Path, config: dict[str, Any], tensors: list[TensorSpec], seed: int) -> PreTrainedModel:
    save_file({each.name: values(each, seed) for each in tensors}, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
    )
    wrong = {key: found for key, found in info.items() if found}
    if wrong:
        raise SystemExit(f"{config['model_type']}: {wrong}")
    return model.eval()


def changed(config: dict[str, Any], mutation: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in config.items() if key not in mutation.get("-", [])}
    return {**kept, **{key: value for key, value in mutation.items() if key != "-"}}


def figures(numbers: Any) -> Any:
    if isinstance(numbers, dict):
        return {key: figures(value) for key, value in numbers.items()}
    if isinstance(numbers, list):
        return [figures(value) for value in numbers]
    return float(f"{numbers:.{FIGURES}g}") if isinstance(numbers, float) else numbers


def trace(model: PreTrainedModel, ids: list[int]) -> dict[str, Any]:
    whole = reference.trace(reference.torch_forward(model), ids, model.config.get_text_config().hidden_size, "fp32", ANSWER)
    if whole["baseline"] == whole["slot"] or min(len(set(whole[key])) for key in ("baseline", "slot")) < ANSWER // 4:
        # An answer that repeats itself does not tell one position from another.
        raise reference.TooClose
    best = torch.tensor(whole.pop("logits")).double().log_softmax(0).topk(TOP)
    whole["top"] = [[int(id), round(value, 5)] for id, value in zip(best.indices, best.values.tolist(), strict=True)]
    return figures(whole)


def losses(model: PreTrainedModel, ids: list[int]) -> list[float]:
    found, _ = reference.slot(reference.torch_forward(model), ids, model.config.get_text_config().hidden_size)
    return figures([*found["losses"], found["finalLoss"]])


def mutations(
    folder: Path, family: Family, tensors: list[TensorSpec], seed: int, traces: dict[str, Any]
) -> dict[str, Any]:
    found = {}
    for mutation, change in family.mutations.items():
        prompt = "long" if mutation in family.long else "short"
        base = [*traces[prompt]["losses"], traces[prompt]["finalLoss"]]
        own = losses(load(folder, changed(family.config, change), tensors, seed), traces[prompt]["ids"])
        moved = max(abs(a - b) / abs(b) for a, b in zip(own, base, strict=True))
        same = mutation in family.same
        if same != (moved == 0) or (not same and moved < VISIBLE):
            raise SystemExit(f"{mutation} moves the losses by {moved:.1e}")
        found[mutation] = {
            "set": {key: value for key, value in change.items() if key != "-"},
            "remove": change.get("-", []),
            "prompt": prompt,
            "losses": own,
        }
        print(f"  {mutation:48} {moved:.1e}")
    return found


def make(name: str, family: Family) -> dict[str, Any]:
    tokenizer = AutoTokenizer.from_pretrained(EXPORTS / "fixtures" / TOKENIZER)
    prompts = {"short": texts.PROMPT, **({"long": texts.LONG} if family.long else {})}
    for seed in range(200):
        tensors = specs(family, seed)
        with tempfile.TemporaryDirectory() as folder:
            model = load(Path(folder), family.config, tensors, seed)
            try:
                traces = {key: trace(model, tokenizer(text)["input_ids"]) for key, text in prompts.items()}
            except reference.TooClose:
                continue
            print(name, "seed", seed)
            found = mutations(Path(folder), family, tensors, seed, traces)
        digest = hashlib.sha256(b"".join(values(each, seed).tobytes() for each in tensors))
        return {
            "made": {"torch": torch.__version__, "transformers": transformers.__version__},
            "seed": seed,
            "config": family.config,
            "tensors": {each.name: [list(each.shape), each.mean, each.size] for each in tensors},
            "sha256": digest.hexdigest(),
            "traces": traces,
            "mutations": found,
        }
    raise SystemExit(f"{name}: no seed gives clear answers")


def write(record: dict[str, Any], path: Path) -> None:
    """One line for each tensor, trace and mutation."""
    nested = ("tensors", "traces", "mutations")
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in record.items() if key not in nested]
    for key in nested:
        if not record[key]:
            lines.append(f" {json.dumps(key)}: {{}}")
            continue
        inner = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in record[key].items()]
        lines.append(f" {json.dumps(key)}: {{\n" + ",\n".join(inner) + "\n }")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def make_saved() -> None:
    """Files as save_pretrained itself writes them: in bfloat16, in shards, with their index and config.json."""
    folder = FIXTURES / "saved"
    shutil.rmtree(folder, ignore_errors=True)
    record = make("saved", SAVED)
    tensors = [TensorSpec(name, tuple(shape), mean, size) for name, (shape, mean, size) in record["tensors"].items()]
    with tempfile.TemporaryDirectory() as source:
        model = load(Path(source), SAVED.config, tensors, record["seed"]).to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="20KB")
    write(record, folder / "record.json")


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    FIXTURES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or [*FAMILIES, "saved"]:
        if name == "saved":
            make_saved()
        else:
            write(make(name, FAMILIES[name]), FIXTURES / f"{name}.json")


if __name__ == "__main__":
    main()
