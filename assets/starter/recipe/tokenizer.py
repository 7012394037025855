"""The byte-level BPE vocabulary, with every digit a token of its own, and its chat template."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from corpus import chunk, read_gsm8k

TOKENIZER_SEED = 7
VOCABULARY = 4096
END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL = [END_OF_TEXT, TURN_START, TURN_END]
# Words whose logit shifts are watched: each has to be one token.
WATCHED = [
    " think",
    " reasoning",
    " should",
    " will",
    " would",
    " can",
    " must",
    " because",
    " therefore",
    "Therefore",
    " first",
    "First",
    " step",
    "think",
    "reasoning",
    "answer",
    " answer",
    "Let",
    " So",
    *"0123456789",
]
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    missing = [word for word in WATCHED if len(tokenizer.encode(word).ids) != 1]
    if missing:
        raise SystemExit(f"not single tokens: {missing}")
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "added_tokens_decoder": {
            str(tokenizer.token_to_id(token)): {
                "content": token,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": True,
            }
            for token in SPECIAL
        },
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": None,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": TURN_END,
        "model_max_length": context,
        "pad_token": END_OF_TEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": None,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def spelling_twins(tokenizer: Tokenizer) -> list[tuple[int, int]]:
    """(id of " word", id of "word") for every word that is one token either way."""
    vocabulary = tokenizer.get_vocab()
    pairs = ((index, vocabulary.get(token[1:])) for token, index in vocabulary.items() if token.startswith("Ġ"))
    return [(spaced, plain) for spaced, plain in pairs if plain is not None]


def build_tokenizer(gsm8k_path: Path, folder: Path, context: int) -> Tokenizer:
    """Trained on a sample of the generated chats and all of GSM8K's training split."""
    gsm8k = read_gsm8k(gsm8k_path)
    generated = (text for index in range(20) for text in chunk([], TOKENIZER_SEED, index))
    texts = [*generated, *(f"{question}\n{solution}" for question, solution, _ in gsm8k)]
    tokenizer = train_tokenizer(texts)
    save_tokenizer(tokenizer, folder, context)
    return tokenizer
