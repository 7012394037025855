"""The exporters: optimum, onnxruntime-genai's model builder, and the quantisers that transformers.js's conversion uses."""

from __future__ import annotations

import importlib.metadata

from .branches import merged, merged_and_quantised
from .by_builder import builder
from .by_hand import other_inputs
from .by_optimum import optimum
from .by_torch import dynamo
from .feeds import empty_past, inputs
from .quantisers import asymmetric, bnb4, quantised, static_qdq

__all__ = [
    "asymmetric",
    "bnb4",
    "builder",
    "dynamo",
    "empty_past",
    "inputs",
    "merged",
    "merged_and_quantised",
    "optimum",
    "other_inputs",
    "quantised",
    "static_qdq",
    "versions",
]


def versions(packages: list[str]) -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in packages}
