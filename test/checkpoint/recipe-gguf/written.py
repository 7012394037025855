"""Small files by gguf-py's own writer, with metadata and tensors of every type: python written.py"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from blocks import HALVES, random_blocks
from gguf import GGMLQuantizationType, GGUFEndian, GGUFValueType, GGUFWriter

FIXTURES = Path(__file__).resolve().parent.parent / "gguf" / "fixtures"
KINDS = GGUFValueType
SCALARS = {
    KINDS.UINT8: 200,
    KINDS.INT8: -100,
    KINDS.UINT16: 60_000,
    KINDS.INT16: -30_000,
    KINDS.UINT32: 4_000_000_000,
    KINDS.INT32: -2_000_000_000,
    KINDS.UINT64: 2**52 + 1,
    KINDS.INT64: -(2**52) - 1,
    KINDS.FLOAT32: 0.375,
    KINDS.FLOAT64: 0.1,
    KINDS.BOOL: True,
    KINDS.STRING: "Größe 🍎\n",
}
SIZES = {"F32": np.float32, "F16": np.float16}


def write(path: Path, endianess: GGUFEndian = GGUFEndian.LITTLE) -> dict[str, object]:
    writer = GGUFWriter(path, "llama", endianess=endianess)
    writer.add_custom_alignment(64)
    told: dict[str, object] = {"general.architecture": "llama", "general.alignment": 64}
    for kind, value in SCALARS.items():
        name = kind.name.lower()
        writer.add_key_value(f"a.{name}", value, kind)
        values = [value, "" if kind == KINDS.STRING else False if kind == KINDS.BOOL else type(value)(1)]
        writer.add_key_value(f"list.{name}", values, KINDS.ARRAY, kind)
        told |= {f"a.{name}": value, f"list.{name}": values}
    for name, kind in SIZES.items():
        writer.add_tensor(f"{name}.weight", np.arange(6, dtype=kind).reshape(2, 3))
    bits = np.arange(6, dtype=np.uint16)
    writer.add_tensor("BF16.weight", bits.reshape(2, 3).view(np.uint8), raw_dtype=GGMLQuantizationType.BF16)
    for name in HALVES:
        data = random_blocks(name, 2, 3)
        writer.add_tensor(f"{name}.weight", data.reshape(2, -1), raw_dtype=GGMLQuantizationType[name])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return told


told = write(FIXTURES / "written.gguf")
write(FIXTURES / "written-big-endian.gguf", GGUFEndian.BIG)
(FIXTURES / "written.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
