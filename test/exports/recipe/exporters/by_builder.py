"""onnxruntime-genai's model builder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
from onnxruntime_genai.models.builder import create_model


def builder(precision: str, provider: str = "cpu", **options: str) -> Callable[[Path, Path], None]:
    """onnxruntime-genai's model builder: everything in one folder, genai_config.json in place of config.json."""

    def export(source: Path, folder: Path) -> None:
        create_model("", str(source), str(folder), precision, provider, str(folder.with_name("cache")), **options)
        drop_missing_zero_points(folder / "model.onnx")

    return export


def drop_missing_zero_points(path: Path) -> None:
    """The builder lets a shared embedding read a zero point that it does not write; without one it is the default."""
    model = onnx.load(path, load_external_data=False)
    known = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "GatherBlockQuantized" and len(node.input) > 3 and node.input[3] not in known:
            del node.input[3]
            onnx.save(model, path)
