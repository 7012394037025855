"""Which prompt tokens are whose, by transformers' chat templates and the offsets of Hugging Face's tokenizers.

    python test/reference/scopes.py > test/fixtures/scopes.json

Contents are found in the rendered text by looking for them in order, trimmed; a token that is partly in one is its.
"""

from __future__ import annotations

import json
from pathlib import Path

from transformers import AutoTokenizer

FOLDERS = Path(__file__).resolve().parents[1] / "exports" / "fixtures"
# What a user's turn begins with where the system message has a turn of its own; else it stands in the user's.
USER_TURN = {
    "qwen2": "<|im_start|>user",
    "qwen3": "<|im_start|>user",
    "llama": "<|start_header_id|>user",
    "cohere": "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
    "granite": "<|im_start|>user",
    "llama-2": None,
    "mistral": None,
    "gemma2": None,
    "genai-mistral-fp16": None,
}
WITHOUT_SYSTEM = ["gemma2"]
CHATS = [
    [{"role": "user", "content": " Héllo 日本\n there🙂 "}],
    [
        {"role": "system", "content": "Be brief, be brief."},
        {"role": "user", "content": "One apple?"},
        {"role": "assistant", "content": "Yes. One."},
        {"role": "user", "content": "Be brief: two\n\nor 3"},
    ],
]


def scopes(name: str, tokenizer, messages: list[dict]) -> dict | None:
    text = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, date_string="26 Jul 2024"
    )
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    stretches, at = [], 0
    for message in messages:
        content = message["content"] if message["content"] in text[at:] else message["content"].strip()
        start = text.index(content, at)
        at = start + len(content)
        stretches.append((message["role"], start, at))

    def tokens(wanted: list[tuple[int, int]]) -> list[int]:
        offsets = encoded["offset_mapping"]
        return [i for i, (a, b) in enumerate(offsets) if any(a < end and b > start for start, end in wanted)]

    users = [(start, end) for role, start, end in stretches if role == "user"]
    turn = USER_TURN[name]
    system = [(start, end) for role, start, end in stretches if role == "system"]
    if turn is not None:
        system = [(0, text.index(turn))]
    inside = set(tokens([s for s in system if s[0] < s[1]]))
    return {
        "folder": name,
        "messages": messages,
        "ids": encoded["input_ids"],
        "user": tokens(users),
        "last-user": tokens(users[-1:]),
        "no-template": tokens([(start, end) for _, start, end in stretches]),
        "no-system": [i for i in range(len(encoded["input_ids"])) if i not in inside],
    }


def main() -> None:
    told = []
    for name in USER_TURN:
        tokenizer = AutoTokenizer.from_pretrained(FOLDERS / name)
        for messages in CHATS[:1] if name in WITHOUT_SYSTEM else CHATS:
            told.append(scopes(name, tokenizer, messages))
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
