"""Fields of tokenizer.json and tokenizer_config.json, and folders that hold them."""

from __future__ import annotations

import copy

from tokenizer_bases import BASE


def added(content: str, **flags: bool) -> dict:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **flags}
    return {"content": content, **flags}


def template(before: list[tuple[str, int]], after: list[tuple[str, int]] = []) -> dict:
    part = lambda id: {"SpecialToken": {"id": id, "type_id": 0}}  # noqa: E731
    single = [*[part(id) for id, _ in before], {"Sequence": {"id": "A", "type_id": 0}}, *[part(id) for id, _ in after]]
    tokens = {id: {"id": id, "ids": [number], "tokens": [id]} for id, number in [*before, *after]}
    return {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": tokens}


def folder(tokenizer: dict, config: dict = BASE, more: dict[str, dict] = {}, **changes: object) -> dict[str, dict]:
    changed = {**copy.deepcopy(tokenizer), **changes}
    return {"tokenizer.json": changed, "tokenizer_config.json": config, **more}


def with_added(tokenizer: dict, *tokens: dict) -> list[dict]:
    size = len(tokenizer["model"]["vocab"])
    return [*tokenizer["added_tokens"], *[{"id": size + i, **token} for i, token in enumerate(tokens)]]


def split(pattern: dict, behavior: str, invert: bool = False) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def level(prefix: bool = False, regex: bool = True) -> dict:
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def sequence(*steps: dict) -> dict:
    return {"type": "Sequence", "pretokenizers": list(steps)}


def normal(*steps: dict) -> dict:
    return {"type": "Sequence", "normalizers": list(steps)}


def metaspace(scheme: str, split: bool) -> dict:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def model(tokenizer: dict, **changes: object) -> dict:
    return {**tokenizer["model"], **changes}
