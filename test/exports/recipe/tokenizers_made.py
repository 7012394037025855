"""Small tokenizer folders, each with one field that is easily read otherwise than transformers reads it, and what it says.

    python test/exports/recipe/tokenizers_made.py                 # test/fixtures/tokenizers
    python test/exports/recipe/tokenizers_made.py --random 500 /tmp/out
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import transformers

from tokenizer_folders import FOLDERS

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/tokenizers"

TEXTS = [
    "Tom has 3 apples, and buys 5 more.",
    "",
    " leading  and trailing \n\n",
    "naïve façade, Größe, 数学 12 €, e\u0301",
    "👩\u200d👩\u200d👧 and 🏳️\u200d🌈",
    "Don't, they'LL, it's 12345.678²½٣ _x_ a_b",
    "<s> hi</s>there<|im_start|> user <|im_end|>\n<x>",
    "<tool> <tool>x a<tool>b (<tool>) \n<tool>\n\n<tool>",
    "ΟΔΟΣ ΣΑΣ. İI ǅ ﬁ ①",
    "a\ufeffb\u0085c\u001fd\u00a0e\u2028f\u200bg\u0001h\ufffdi\u3000j",
    "▁under▁score __ ▁ ▁▁",
    " <s>  hello <s>hello",
    "'s 'ſ 'S don'T K",
    "x\r\ny\tz   w",
]
DECODED = [
    list(range(0, 40)),
    [5, 6, 5, 7, 8, 260, 261],
]


def random_texts(count: int) -> list[str]:
    """Parts of the texts above, strung together in any order."""
    draw = random.Random(0)
    parts = [text[i : i + n] for text in TEXTS for n in (1, 2, 5) for i in range(0, len(text), n)]
    parts += ["<tool>", "<s>", "<x>", "hi", "hello", "Größe", "\n", "  ", " "]
    return ["".join(draw.choices(parts, k=draw.randint(1, 12))) for _ in range(count)]


def say(files: dict[str, dict], texts: list[str]) -> dict:
    with tempfile.TemporaryDirectory() as path:
        for name, content in files.items():
            (Path(path) / name).write_text(json.dumps(content), encoding="utf-8")
        tokenizer = transformers.AutoTokenizer.from_pretrained(path)
        decode = lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)  # noqa: E731
        return {
            "texts": [
                {"text": text, "ids": tokenizer(text)["input_ids"], "plain": tokenizer(text, add_special_tokens=False)["input_ids"]}
                for text in texts
            ],
            "pieces": [decode([id], False) for id in range(len(tokenizer))],
            "decoded": [{"ids": ids, "text": decode(ids, True)} for ids in [*DECODED, *[tokenizer(text)["input_ids"] for text in texts]]],
            "bos": tokenizer.bos_token, "eos": tokenizer.eos_token,
        }


def main() -> None:
    arguments = sys.argv[1:]
    texts, out = TEXTS, FIXTURES
    if arguments[:1] == ["--random"]:
        texts, out = random_texts(int(arguments[1])), Path(arguments[2])
    out.mkdir(parents=True, exist_ok=True)
    for name, files in FOLDERS.items():
        try:
            said = say(files, texts)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
            continue
        (out / f"{name}.json").write_text(json.dumps({"files": files, **said}, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
