"""Small tokenizers of every model, which folders change in one field each, and their usual configs."""

from __future__ import annotations

import json

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from vocabularies import WORDS, byte_level, corpus, sentencepiece_bpe, special, unigram


def tokenizer_json(tokenizer: Tokenizer) -> dict:
    return json.loads(tokenizer.to_str())


BYTES = tokenizer_json(byte_level([special("<s>"), special("</s>"), special("<|im_start|>"), special("<|im_end|>")], 300))
LLAMA3 = tokenizer_json(byte_level([special("<s>"), special("</s>")], 300, WORDS, ignore_merges=True))
PIECES = tokenizer_json(sentencepiece_bpe([special("<unk>"), special("<s>"), special("</s>")], 320, "normalizer"))
META = tokenizer_json(sentencepiece_bpe([special("<unk>"), special("<s>"), special("</s>")], 320, "metaspace"))
UNIGRAM = tokenizer_json(unigram([special("<s>"), special("</s>"), special("<unk>")], 120))


def wordpiece() -> dict:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=150, special_tokens=names, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    made = tokenizer_json(tokenizer)
    made["decoder"] = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    return made


def wordlevel() -> dict:
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(vocab_size=100, special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer_json(tokenizer)


# From SentencePieceTrainer.train(normalization_rule_tsv=...), sentencepiece 0.2.3, with the rules
# FB01→66 69, 2460→31, DF→73 73, 41→61, 20 20→20, 9→20, A→20, 200B→, FEFF→20, 65 301→E9, 1F468 200D→58, FF5E→7E, 3000→20
CHARSMAP = (
    "AAQAAAAgAAAJCQAACgUAAAEAAIAgHQAABwAAgMwAAgCBOQAAnwkAABUAAIAQAACAsB0AAAwAAICAIAIAiwUAAAAAAICgBQAAAwAA"
    "gIAEAgCAQQAAgQUAAAkAAIC/VQAAnj0AABMAAICRrAIAqJQDAJ9MAgCRsAIA4gwCAIDIAgAFAACArNQCAI35AAAjAAAAIgAAACUA"
    "AAAkAAAAJwAAACYAAAAgMAAAKAAAACsAAAAqAAAALQAAACwAAAAvAAAALgAAADEAAAC94AIAMwAAADIAAAA1AAAANAAAADcAAAC7"
    "eAIAOQAAADgAAAA7AAAAOgAAAD0AAAA8AAAAPwAAAD4AAABBAAAAQAAAAEMAAABCAAAARQAAAEQAAABHAAAARgAAAEkAAABBMQEA"
    "SwAAAEoAAABNAAAATAAAAE8AAABOAAAAUQAAAFAAAABTAAAAUgAAAFUAAABUAAAAVwAAAFYAAABZAAAAWAAAAFsAAABaAAAAXQAA"
    "AFwAAABfAAAAXgAAAGEAAABgAAAAYwAAAGIAAABlAAAAZAAAAGcAAABmAAAAaQAAAGgAAABrAAAAagAAAG0AAABlnAIAbwAAAG4A"
    "AABxAAAAcAAAAHMAAAByAAAAdQAAAHQAAAB3AAAAdgAAAHkAAAB4AAAAewAAAHoAAAB9AAAAfAAAAH8AAAB+AAAAgQAAAIAAAACD"
    "AAAAggAAAIUAAACEAAAAhwAAAIYAAACJAAAAiAAAAIsAAACKAAAAjQAAAIwAAACPAAAAjgAAAJEAAACQAAAAkwAAAJIAAACVAAAA"
    "lAAAAJcAAACWAAAAmQAAAJgAAACbAAAAmgAAAJ0AAACcAAAAnwAAAJ4AAAChAAAAoAAAAKMAAACiAAAApQAAAKQAAACnAAAApgAA"
    "AKkAAACoAAAAqwAAAKoAAACtAAAArAAAAK8AAACuAAAAsQAAALAAAACzAAAAsgAAALUAAAC0AAAAtwAAALYAAAC5AAAAuAAAALsA"
    "AAC6AAAAvQAAALwAAAC/AAAAvgAAAMEAAADAAAAAwwAAAMIAAADFAAAAxAAAAMcAAADGAAAAyQAAAMgAAADLAAAAw3ABAMTcAQDM"
    "AAAAzwAAAM4AAADRAAAA0AAAANMAAADSAAAA1QAAANQAAADXAAAA1gAAANkAAADYAAAA2wAAANoAAADdAAAA3AAAAN8AAADeAAAA"
    "4QAAAOAAAADjAAAA4gAAAOUAAADkAAAA5wAAAO+sAQDpAAAA6AAAAOKcAQDj5AEA7QAAAOwAAADvAAAA7gAAAPEAAADwAAAA8wAA"
    "APIAAAD1AAAA9AAAAPcAAAD2AAAA8PABAPgAAAD7AAAA+gAAAP0AAAD8AAAA/wAAAP4AAAAAIAAxAFgAYQBmaQBpzIcAc3MAfgDD"
    "qQA="
)

NAMES = {"bos_token": "<s>", "eos_token": "</s>"}
BASE = {"tokenizer_class": "PreTrainedTokenizerFast", **NAMES}
LLAMA = {"tokenizer_class": "LlamaTokenizer", **NAMES, "unk_token": "<unk>"}
