"""optimum, in the layout of onnx-community."""

from __future__ import annotations

import shutil
from pathlib import Path

from optimum.exporters.onnx import onnx_export_from_model
from transformers import AutoModelForCausalLM

CONFIGS = [
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "chat_template.json",
]


def optimum(source: Path, folder: Path) -> None:
    """A folder in the onnx-community layout, with onnx/model.onnx."""
    raw = folder.with_name(f"{folder.name}-optimum")
    # The default attention would leave Gemma 2's cap of the attention scores out.
    model = AutoModelForCausalLM.from_pretrained(source, attn_implementation="eager")
    onnx_export_from_model(model, raw, task="text-generation-with-past", do_validation=False)
    (folder / "onnx").mkdir(parents=True)
    for file in sorted(raw.iterdir()):
        if ".onnx" in file.name:
            shutil.copy(file, folder / "onnx" / file.name)
    copy_configs(source, folder)


def copy_configs(source: Path, folder: Path) -> None:
    for name in ["config.json", *CONFIGS, "additional_chat_templates"]:
        file = source / name
        if file.is_dir():
            shutil.copytree(file, folder / name)
        elif file.exists():
            shutil.copy(file, folder / name)
