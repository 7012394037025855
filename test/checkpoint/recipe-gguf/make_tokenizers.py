"""Tiny tokenizers as Hugging Face has them and as llama.cpp's converter writes them into a GGUF, and the former's ids.

    python test/checkpoint/recipe-gguf/make_tokenizers.py               # test/fixtures/gguf-tokenizers
    python test/checkpoint/recipe-gguf/make_tokenizers.py /tmp/out 3000 # more texts, for GGUF_TOKENIZERS=/tmp/out

Needs transformers 4.57, sentencepiece and protobuf.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tokenizer_byte_level import byte_level
from tokenizer_pieces import SENTENCEPIECE
from tokenizer_texts import ROOT, texts

FIXTURES = ROOT / "test/fixtures/gguf-tokenizers"


def main(out: Path = FIXTURES, count: str = "60") -> None:
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    all_texts = texts(int(count))
    write = lambda name, value: (out / name).write_text(  # noqa: E731
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    write("texts.json", all_texts)
    write("byte-level.json", byte_level(all_texts))
    for name, make in SENTENCEPIECE.items():
        with tempfile.TemporaryDirectory() as folder:
            write(f"pieces-{name}.json", make(Path(folder), all_texts))


if __name__ == "__main__":
    main(*sys.argv[1:])
