"""Byte-level BPE, split as each name of tokenizer.ggml.pre says."""

from __future__ import annotations

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from token_types import CONTROL, NORMAL, USER_DEFINED, decoded
from tokenizer_texts import AWKWARD, corpus, texts

# As they stand in the models' tokenizer.json.
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
GPT4O = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK_V3 = [
    r"\p{N}{1,3}",
    r"[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
]
DEEPSEEK_CODER = [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+"]


def split(*patterns: str, digits: bool = False) -> pre_tokenizers.PreTokenizer:
    steps = [pre_tokenizers.Split(Regex(pattern), behavior="isolated") for pattern in patterns]
    more = [pre_tokenizers.Digits(individual_digits=True)] if digits else []
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not patterns)
    return pre_tokenizers.Sequence([*steps, *more, level])


NFC = normalizers.NFC()
WAYS = {
    "gpt-2": (split(), None, False),
    "phi-2": (split(), None, False),
    "olmo": (split(), NFC, False),
    "smollm": (split(digits=True), None, False),
    "starcoder": (split(digits=True), None, False),
    "refact": (split(digits=True), None, False),
    "command-r": (split(digits=True), NFC, False),
    "llama-bpe": (split(LLAMA3), None, True),
    "smaug-bpe": (split(LLAMA3), None, False),
    "dbrx": (split(LLAMA3), None, False),
    "qwen2": (split(QWEN2), NFC, False),
    "deepseek-r1-qwen": (split(QWEN2), NFC, False),
    "deepseek-v3": (split(*DEEPSEEK_V3), None, False),
    "deepseek-coder": (split(*DEEPSEEK_CODER, digits=True), None, False),
    "tekken": (split(TEKKEN), None, True),
    "gpt-4o": (split(GPT4O), None, False),
}


def byte_level(all_texts: list[str]) -> dict:
    """Merges across words, digits and marks, so that a split in another place gives other ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=[AddedToken(name, special=True, normalized=False) for name in names],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=6,
        show_progress=False,
    )
    tokenizer.train_from_iterator([*corpus()[:60], *texts(400), *AWKWARD * 40], trainer)
    # A whole word that no merges make.
    made = json.loads(tokenizer.to_str())
    made["model"]["vocab"]["Ġapples"] = len(made["model"]["vocab"])
    base = Tokenizer.from_str(json.dumps(made))
    base.add_tokens([AddedToken("<x>", normalized=False), AddedToken("\n\n\n", normalized=False)])
    ids = {}
    for name, (pre, normalizer, ignore) in WAYS.items():
        base.pre_tokenizer = pre
        base.model.ignore_merges = ignore
        if normalizer is None:
            base = without_normalizer(base)
            base.pre_tokenizer = pre
        else:
            base.normalizer = normalizer
        ids[name] = [base.encode(text, add_special_tokens=False).ids for text in all_texts]
    size = base.get_vocab_size()
    tokens = [base.id_to_token(id) for id in range(size)]
    types = [CONTROL if token in names else USER_DEFINED if token in ("<x>", "\n\n\n") else NORMAL for token in tokens]
    metadata = {
        "general.architecture": "llama",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.merges": [" ".join(pair) for pair in made["model"]["merges"]],
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 3,
    }
    return {"metadata": metadata, "ids": ids, "decoded": decoded(base, ids["gpt-2"])}


def without_normalizer(tokenizer: Tokenizer) -> Tokenizer:
    parts = json.loads(tokenizer.to_str())
    parts["normalizer"] = None
    return Tokenizer.from_str(json.dumps(parts))
