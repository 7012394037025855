"""Types of tokens, as llama.cpp numbers them, and what ids say."""

from __future__ import annotations

from tokenizers import Tokenizer

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6


def decoded(tokenizer: Tokenizer, ids: list[list[int]]) -> list[str]:
    return [tokenizer.decode(some, skip_special_tokens=True) for some in ids]
