"""Texts that tokenizers split in different places, and words to train them on."""

from __future__ import annotations

import json
import random
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

AWKWARD = [
    "",
    "Tom has 3 apples, and buys 5 more.",
    " leading  and trailing \n\n",
    "naïve façade, Größe, 数学 12 €, e\u0301",
    "👩\u200d👩\u200d👧 and 🏳️\u200d🌈",
    "Don't, they'LL, it's 12345.678²½٣ _x_ a_b",
    "<s> hi</s>there<|im_start|> user <|im_end|>\n<x>",
    "ΟΔΟΣ ΣΑΣ. İI ǅ ﬁ ①",
    "a\ufeffb\u0085c\u001fd\u00a0e\u2028f\u200bg\u0001h\ufffdi\u3000j",
    "▁under▁score __ ▁ ▁▁",
    "'s 'ſ 'S don'T K I'VE we'Re 'll",
    "x\r\ny\tz   w\t\t\tif (x) {\n\n\n\n\t\t}",
    "<start_of_turn>user\nhello<end_of_turn>\n  <|user|>\n x<|end|>\n",
    "שלום עולם مرحبا ١٢٣ สวัสดี नमस्ते こんにちは世界。カタカナ 안녕하세요 Привет",
    "CamelCaseWORDsAnd1two22three333four4444 http://a.b/c?d=e&f#g x=1;y+=2//c",
    "<s>[INST] How many? [/INST] 8</s>[INST]Sure?[/INST]",
    "<0x0A> <unk> \u0000 end.\u2003\u2009İstanbul'da 𝕏",
]
LETTERS = [*" \n\t'\",.-_()<>|/▁aBéß1数한", "  ", "12", "\u3000", "\u0301", "👍", "the", " and"]


def corpus() -> list[str]:
    lines = (ROOT / "assets/starter/heldout.jsonl").read_text(encoding="utf-8").splitlines()
    return [value for line in lines for value in json.loads(line).values() if isinstance(value, str)]


def texts(count: int) -> list[str]:
    draw = random.Random(13)
    said = corpus()
    drawn = []
    for i in range(count):
        if i % 3 == 0:
            drawn.append("".join(draw.choices(LETTERS, k=draw.randrange(1, 24))))
        elif i % 3 == 1:
            text = draw.choice([*said, *AWKWARD[1:]])
            start = draw.randrange(len(text))
            drawn.append(text[start : start + draw.randrange(1, 60)])
        else:
            ranges = [(32, 127), (0xA0, 0x2000), (0x2000, 0xD7FF), (0xE000, 0x1FFFF)]
            drawn.append("".join(chr(draw.randrange(*draw.choice(ranges))) for _ in range(draw.randrange(1, 12))))
    return AWKWARD + drawn
