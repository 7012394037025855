"""The quantisers of onnxruntime, as transformers.js's conversion and others use them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.transformers import float16

from .by_optimum import optimum
from .feeds import empty_past, inputs


def quantised(source: Path, folder: Path) -> None:
    """Beside model.onnx what transformers.js's conversion makes of it, under its names."""
    optimum(source, folder)
    onnx_folder = folder / "onnx"
    original = onnx_folder / "model.onnx"

    def save(suffix: str, model: onnx.ModelProto) -> None:
        onnx.save(model, onnx_folder / f"model_{suffix}.onnx")

    four_bits = nbits(original, is_symmetric=True)
    save("q4", four_bits)
    save("q4f16", half(four_bits, keep_io_types=False))
    save("fp16", half(onnx.load(original), keep_io_types=True))
    bnb4 = MatMulBnb4Quantizer(onnx.load(original), MatMulBnb4Quantizer.NF4, 64)
    bnb4.process()
    save("bnb4", bnb4.model.model)
    for suffix, kind, per_channel in (
        ("quantized", QuantType.QInt8, False),
        ("int8", QuantType.QInt8, True),
        ("uint8", QuantType.QUInt8, False),
    ):
        target = onnx_folder / f"model_{suffix}.onnx"
        quantize_dynamic(original, target, weight_type=kind, per_channel=per_channel, extra_options=DYNAMIC)


# As in transformers.js's conversion: only matrices that are constants.
DYNAMIC = {"EnableSubgraph": True, "MatMulConstBOnly": True}


def nbits(original: Path, **options: Any) -> onnx.ModelProto:
    quantizer = MatMulNBitsQuantizer(onnx.load(original), block_size=32, **options)
    quantizer.process()
    return quantizer.model.model


def half(model: onnx.ModelProto, keep_io_types: bool) -> onnx.ModelProto:
    return float16.convert_float_to_float16(copy.deepcopy(model), keep_io_types=keep_io_types, disable_shape_infer=True)


def asymmetric(source: Path, folder: Path) -> None:
    """4 bits with zero points, and weights in a file of their own."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    model = nbits(original, is_symmetric=False)
    original.unlink()
    onnx.save(
        model,
        folder / "onnx" / "model_q4.onnx",
        save_as_external_data=True,
        location="model_q4.onnx_data",
        size_threshold=0,
    )


def static_qdq(source: Path, folder: Path) -> None:
    """Activations quantised with constants from a calibration."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    quantize_static(
        original,
        folder / "onnx" / "model_int8.onnx",
        Calibration(original),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        weight_type=QuantType.QInt8,
        per_channel=True,
    )
    original.unlink()


class Calibration(CalibrationDataReader):
    def __init__(self, path: Path) -> None:
        session = ort.InferenceSession(path)
        ids = np.arange(20, 52, dtype=np.int64)[None]
        self.batches = iter([inputs(session, ids, empty_past(session))])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.batches, None)


def bnb4(source: Path, folder: Path) -> None:
    """Blocks of 4-bit floats, the head's among them."""
    optimum(source, folder)
    original = folder / "onnx" / "model.onnx"
    quantizer = MatMulBnb4Quantizer(onnx.load(original), MatMulBnb4Quantizer.NF4, 64)
    quantizer.process()
    onnx.save(quantizer.model.model, folder / "onnx" / "model_bnb4.onnx")
    original.unlink()
