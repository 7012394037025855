"""Tokenizer folders, each with one field that is easily read otherwise than transformers reads it."""

from __future__ import annotations

from tokenizer_bases import BASE, BYTES, CHARSMAP, LLAMA, LLAMA3, META, NAMES, PIECES, UNIGRAM, wordlevel, wordpiece
from tokenizer_fields import added, folder, level, metaspace, model, normal, sequence, split, template, with_added

BOS = template([("<s>", 0)])

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
