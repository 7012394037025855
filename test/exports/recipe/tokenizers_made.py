"""Small tokenizer folders, each with one field that is easily read otherwise than transformers reads it, and what it says.

    python test/exports/recipe/tokenizers_made.py                 # test/fixtures/tokenizers
    python test/exports/recipe/tokenizers_made.py --random 500 /tmp/out
"""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
from pathlib import Path

import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from vocabularies import WORDS, byte_level, corpus, sentencepiece_bpe, special, unigram

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


def tokenizer_json(tokenizer: Tokenizer) -> dict:
    return json.loads(tokenizer.to_str())


def added(content: str, **flags: bool) -> dict:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **flags}
    return {"content": content, **flags}


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


def template(before: list[tuple[str, int]], after: list[tuple[str, int]] = []) -> dict:
    part = lambda id: {"SpecialToken": {"id": id, "type_id": 0}}  # noqa: E731
    single = [*[part(id) for id, _ in before], {"Sequence": {"id": "A", "type_id": 0}}, *[part(id) for id, _ in after]]
    tokens = {id: {"id": id, "ids": [number], "tokens": [id]} for id, number in [*before, *after]}
    return {"type": "TemplateProcessing", "single": single, "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": tokens}


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
BOS = template([("<s>", 0)])
NAMES = {"bos_token": "<s>", "eos_token": "</s>"}
BASE = {"tokenizer_class": "PreTrainedTokenizerFast", **NAMES}
LLAMA = {"tokenizer_class": "LlamaTokenizer", **NAMES, "unk_token": "<unk>"}


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


FOLDERS: dict[str, dict[str, dict]] = {
    # Who puts BOS and EOS where.
    "base": folder(BYTES),
    "eos-alone-llama": folder(META, {**LLAMA, "add_eos_token": True}, post_processor=template([("<s>", 1)])),
    "eos-false-llama": folder(META, {**LLAMA, "add_eos_token": False}, post_processor=template([("<s>", 1)])),
    "bos-false-llama": folder(META, {**LLAMA, "add_bos_token": False}, post_processor=template([("<s>", 1)])),
    "bos-null-llama": folder(META, {**LLAMA, "add_bos_token": None}, post_processor=template([("<s>", 1)])),
    "silent-llama": folder(META, {"tokenizer_class": "LlamaTokenizerFast"}),
    "eos-false-base": folder(BYTES, {**BASE, "add_eos_token": False}, post_processor=BOS),
    "bos-false-base": folder(BYTES, {**BASE, "add_bos_token": False}, post_processor=BOS),
    "bos-true-base": folder(BYTES, {**BASE, "add_bos_token": True}),
    "bos-true-gpt2": folder(BYTES, {**BASE, "tokenizer_class": "GPT2Tokenizer", "add_bos_token": True}),
    "bos-qwen": folder(BYTES, {**BASE, "tokenizer_class": "Qwen2Tokenizer", "add_bos_token": True}, post_processor=BOS),
    "silent-qwen": folder(BYTES, {"tokenizer_class": "Qwen2Tokenizer"}),
    "silent-neox": folder(BYTES, {"tokenizer_class": "GPTNeoXTokenizer"}, post_processor=BOS),
    "gemma": folder(PIECES, {"tokenizer_class": "GemmaTokenizer", **NAMES}, added_tokens=with_added(PIECES, added("▁▁"))),
    "cohere": folder(BYTES, {"tokenizer_class": "CohereTokenizer", **NAMES, "add_eos_token": True}),
    "class-of-config": folder(META, NAMES, {"config.json": {"model_type": "llama"}}),
    "class-of-config-qwen": folder(BYTES, NAMES, {"config.json": {"model_type": "qwen2"}}, post_processor=BOS),
    "roberta-processing": folder(BYTES, post_processor={"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0],
                                                         "trim_offsets": True, "add_prefix_space": False}),
    "sequence-processing": folder(BYTES, post_processor={"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
        template([("<s>", 0)], [("</s>", 1)])]}),
    # Tokens that are in one file only.
    "special-tokens-map": folder(BYTES, {"tokenizer_class": "PreTrainedTokenizerFast"}, {"special_tokens_map.json": {
        **NAMES, "pad_token": {**added("<x>", lstrip=True), "special": True}, "additional_special_tokens": ["<tool>"]}}),
    "special-tokens-map-overrules": folder(BYTES, {**BASE, "eos_token": "<none>"}, {"special_tokens_map.json": {"eos_token": "<tool>"}}),
    "special-tokens-map-ignored": folder(BYTES, {**BASE, "added_tokens_decoder": {"0": added("<s>", special=True)}},
                                         {"special_tokens_map.json": {"eos_token": "<tool>"}}),
    "added-tokens-file": folder(BYTES, more={"added_tokens.json": {"<tool>": 300, "hi": 301}}),
    "added-tokens-file-special": folder(BYTES, {**BASE, "additional_special_tokens": ["<tool>"]},
                                        {"added_tokens.json": {"<x>": 301, "<tool>": 300}}),
    "added-tokens-decoder": folder(BYTES, {**BASE, "added_tokens_decoder": {
        "0": added("<s>", special=True), "301": added("<tool>", special=True, lstrip=True), "300": added("hi", normalized=True)}}),
    "added-tokens-decoder-flags": folder(BYTES, {**BASE, "added_tokens_decoder": {
        "0": added("<s>", special=True, lstrip=True, rstrip=True)}}),
    "added-tokens-gap": folder(BYTES, added_tokens=[*BYTES["added_tokens"], {"id": 310, **added("<tool>")}, {"id": 305, **added("<x>")}]),
    "extra-special-tokens": folder(BYTES, {**BASE, "extra_special_tokens": {"image_token": "<tool>"}}),
    "special-in-config": folder(BYTES, {**BASE, "eos_token": "<tool>", "pad_token": "<x>"}),
    "special-typed": folder(BYTES, {**BASE, "eos_token": {"__type": "AddedToken", **added("<tool>", rstrip=True)}}),
    # How they are found.
    "single-word": folder(BYTES, added_tokens=with_added(BYTES, added("<tool>", single_word=True), added("hi", single_word=True))),
    "lstrip-rstrip": folder(BYTES, added_tokens=with_added(BYTES, added("<tool>", lstrip=True, rstrip=True), added("\n"))),
    "split-special-tokens": folder(BYTES, {**BASE, "split_special_tokens": True}, added_tokens=with_added(BYTES, added("<tool>"))),
    "normalized-added": folder(PIECES, LLAMA, added_tokens=with_added(PIECES, added("<tool>", normalized=True), added("hello", normalized=True))),
    "normalized-lower": folder(BYTES, normalizer={"type": "Lowercase"}, added_tokens=with_added(
        BYTES, added("DON", normalized=True), added("Tom"), added("οδος", normalized=True))),
    "overlapping": folder(BYTES, added_tokens=with_added(BYTES, added("<tool"), added("<tool>x"), added("tool"), added("  "))),
    "bytes-in-added": folder(BYTES, added_tokens=with_added(BYTES, added("Größe"), added("数学"), added("a b"))),
    # Normalizers.
    "nmt": folder(BYTES, normalizer={"type": "Nmt"}),
    "strip": folder(BYTES, normalizer={"type": "Strip", "strip_left": True, "strip_right": True}),
    "lowercase": folder(BYTES, normalizer=normal({"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"})),
    "nfkc": folder(BYTES, normalizer={"type": "NFKC"}),
    "replace-dollar": folder(BYTES, normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "$&$1$$"}),
    "replace-regex": folder(BYTES, normalizer={"type": "Replace", "pattern": {"Regex": "\\s+$|^\\s+"}, "content": "_"}),
    "prepend": folder(BYTES, normalizer=normal({"type": "Strip", "strip_left": True, "strip_right": False}, {"type": "Prepend", "prepend": "x"})),
    "bert": folder(wordpiece(), {"tokenizer_class": "BertTokenizer"}),
    "bert-cased": folder(wordpiece(), {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "tokenize_chinese_chars": False}),
    "byte-level-normalizer": folder(BYTES, normalizer=normal({"type": "NFC"}, {"type": "ByteLevel"}), pre_tokenizer=None,
                                    added_tokens=with_added(BYTES, added("a b", normalized=True))),
    "precompiled": folder(BYTES, normalizer={"type": "Precompiled", "precompiled_charsmap": CHARSMAP}),
    # Pre-tokenizers.
    "prefix-space-json": folder(BYTES, pre_tokenizer=level(True)),
    "prefix-space-config": folder(BYTES, {**BASE, "add_prefix_space": True}),
    "prefix-space-null": folder(BYTES, {**BASE, "add_prefix_space": None}, pre_tokenizer=level(True)),
    "prefix-space-llama": folder(BYTES, {"tokenizer_class": "LlamaTokenizer", **NAMES}, pre_tokenizer=level(True)),
    "prefix-space-sequence": folder(BYTES, pre_tokenizer=sequence(split({"Regex": "\\d"}, "Isolated"), level(True))),
    "llama3": folder(LLAMA3, post_processor=BOS),
    "digits": folder(BYTES, pre_tokenizer=sequence({"type": "Digits", "individual_digits": True}, level())),
    "digits-together": folder(BYTES, pre_tokenizer=sequence({"type": "Digits", "individual_digits": False}, level())),
    "punctuation": folder(BYTES, pre_tokenizer=sequence({"type": "Punctuation", "behavior": "Isolated"}, level())),
    "punctuation-contiguous": folder(BYTES, pre_tokenizer=sequence({"type": "Punctuation", "behavior": "Contiguous"}, level())),
    "punctuation-removed": folder(BYTES, pre_tokenizer=sequence({"type": "Punctuation", "behavior": "Removed"}, level(regex=False))),
    "whitespace": folder(BYTES, pre_tokenizer=sequence({"type": "Whitespace"}, level(regex=False))),
    "whitespace-split": folder(BYTES, pre_tokenizer=sequence({"type": "WhitespaceSplit"}, level(regex=False))),
    "delimiter": folder(BYTES, pre_tokenizer=sequence({"type": "CharDelimiterSplit", "delimiter": "a"}, level(regex=False))),
    "bert-words": folder(BYTES, pre_tokenizer=sequence({"type": "BertPreTokenizer"}, level(regex=False))),
    "split-removed": folder(BYTES, pre_tokenizer=sequence(split({"Regex": "(\\s)+|x"}, "Removed"), level(regex=False))),
    "split-removed-inverted": folder(BYTES, pre_tokenizer=sequence(split({"Regex": "\\p{L}+"}, "Removed", True), level(regex=False))),
    "split-previous": folder(BYTES, pre_tokenizer=sequence(split({"String": " "}, "MergedWithPrevious"), level(regex=False))),
    "split-next": folder(BYTES, pre_tokenizer=sequence(split({"String": " "}, "MergedWithNext"), level(regex=False))),
    "split-contiguous": folder(BYTES, pre_tokenizer=sequence(split({"Regex": "[aeiou ]"}, "Contiguous"), level(regex=False))),
    "metaspace-first": folder(META, LLAMA, pre_tokenizer=metaspace("first", False)),
    "metaspace-split": folder(META, LLAMA, pre_tokenizer=metaspace("always", True)),
    "metaspace-never": folder(META, LLAMA, pre_tokenizer=metaspace("never", True), decoder=metaspace("never", True)),
    "metaspace-decoder": folder(META, LLAMA, pre_tokenizer=metaspace("first", True), decoder=metaspace("first", True)),
    "none": folder(BYTES, pre_tokenizer=None),
    # Models.
    "byte-fallback": folder(PIECES, LLAMA),
    "unknown-fused": folder(PIECES, LLAMA, model=model(PIECES, byte_fallback=False, fuse_unk=True)),
    "unknown-words": folder(META, LLAMA, model=model(META, byte_fallback=False, fuse_unk=True), pre_tokenizer=metaspace("first", True)),
    "unknown-each": folder(PIECES, LLAMA, model=model(PIECES, byte_fallback=False, fuse_unk=False)),
    "unknown-none": folder(PIECES, LLAMA, model=model(PIECES, byte_fallback=False, unk_token=None)),
    "merges-as-text": folder(BYTES, model=model(BYTES, merges=[" ".join(pair) for pair in BYTES["model"]["merges"]])),
    "untyped": folder(BYTES, model={key: value for key, value in BYTES["model"].items() if key != "type"}),
    "unigram": folder(UNIGRAM, {**BASE, "unk_token": "<unk>"}),
    "wordlevel": folder(wordlevel(), {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>"}),
    # Asked for by the file, and not by transformers.
    "truncation-padding": folder(BYTES, {**BASE, "model_max_length": 1000000000000000019884624838656},
                                 truncation={"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
                                 padding={"strategy": {"Fixed": 40}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 1,
                                          "pad_type_id": 0, "pad_token": "</s>"}),
}


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
