"""Tiny tokenizers as Hugging Face has them and as llama.cpp's converter writes them into a GGUF, and the former's ids.

    python test/checkpoint/gguf/make-tokenizers.py               # test/fixtures/gguf-tokenizers
    python test/checkpoint/gguf/make-tokenizers.py /tmp/out 3000 # more texts, for GGUF_TOKENIZERS=/tmp/out

Needs transformers 4.57, sentencepiece and protobuf.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.convert_slow_tokenizer import GemmaConverter, LlamaConverter

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "test/fixtures/gguf-tokenizers"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6

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


def decoded(tokenizer: Tokenizer, ids: list[list[int]]) -> list[str]:
    return [tokenizer.decode(some, skip_special_tokens=True) for some in ids]


def trained(folder: Path, **options: object) -> Path:
    """A SentencePiece model, as Llama's and Gemma's were trained."""
    prefix = folder / "tokenizer"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*corpus()[:300], *AWKWARD[1:], *["  two   spaces    four"] * 30]),
        model_prefix=str(prefix),
        model_type="bpe",
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        split_digits=True,
        character_coverage=0.997,
        minloglevel=2,
        **options,
    )
    return prefix.with_suffix(".model")


def as_gguf(model: Path, architecture: str, added: dict[int, tuple[str, bool]], **more: object) -> dict:
    """`_create_vocab_sentencepiece` of llama.cpp's convert_hf_to_gguf.py. @param added by id: its content, whether special"""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(model))
    tokens, scores, types = [], [], []
    for id in range(pieces.vocab_size()):
        tokens.append(pieces.id_to_piece(id))
        scores.append(pieces.get_score(id))
        kind = NORMAL
        if pieces.is_unknown(id):
            kind = UNKNOWN
        elif pieces.is_control(id):
            kind = CONTROL
        elif pieces.is_unused(id):
            kind = UNUSED
        elif pieces.is_byte(id):
            kind = BYTE
        types.append(kind)
    for id, (content, special) in sorted(added.items()):
        if id == len(tokens):
            for values in (tokens, scores, types):
                values.append(None)
        tokens[id] = content if special else content.replace("▁", " ")
        types[id] = CONTROL if special else USER_DEFINED
        scores[id] = -1000.0
    return {
        "general.architecture": architecture,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": scores,
        "tokenizer.ggml.token_type": types,
        "tokenizer.ggml.bos_token_id": pieces.bos_id(),
        "tokenizer.ggml.eos_token_id": pieces.eos_id(),
        "tokenizer.ggml.unknown_token_id": pieces.unk_id(),
        **more,
    }


def said(tokenizer: Tokenizer, metadata: dict, all_texts: list[str]) -> dict:
    """As a folder's tokenizer.json, where every special token is an added one."""
    tokenizer.add_special_tokens([AddedToken("<unk>", special=True, normalized=False)])
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in all_texts]
    return {"metadata": metadata, "ids": ids, "decoded": decoded(tokenizer, ids)}


def specials(*pairs: tuple[int, str]) -> dict[int, tuple[str, bool]]:
    return {id: (content, True) for id, content in pairs}


LLAMA_IDS = specials((0, "<unk>"), (1, "<s>"), (2, "</s>"))


def llama(folder: Path, all_texts: list[str], prefix: bool = True) -> dict:
    model = trained(folder, vocab_size=620, add_dummy_prefix=prefix)
    slow = transformers.LlamaTokenizer(str(model), legacy=True, add_prefix_space=prefix)
    more = {} if prefix else {"tokenizer.ggml.add_space_prefix": False}
    return said(LlamaConverter(slow).converted(), as_gguf(model, "llama", LLAMA_IDS, **more), all_texts)


def without_scores(folder: Path, all_texts: list[str]) -> dict:
    """As LlamaHfVocab writes them, from tokenizer.json alone."""
    made = llama(folder, all_texts)
    metadata = made["metadata"]
    metadata["tokenizer.ggml.scores"] = [-1000.0] * len(metadata["tokenizer.ggml.tokens"])
    return made


def mistral(folder: Path, all_texts: list[str]) -> dict:
    """The third version: a space before the whole text alone."""
    model = trained(folder, vocab_size=620, control_symbols=["[INST]", "[/INST]"])
    slow = transformers.LlamaTokenizer(str(model), legacy=False)
    return said(LlamaConverter(slow).converted(), as_gguf(model, "llama", LLAMA_IDS), all_texts)


def phi3(folder: Path, all_texts: list[str]) -> dict:
    model = trained(folder, vocab_size=620)
    slow = transformers.LlamaTokenizer(str(model), legacy=True)
    tokenizer = LlamaConverter(slow).converted()
    names = ["<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>"]
    first = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens(
        [AddedToken(name, rstrip=name != names[0], special=True, normalized=False) for name in names]
    )
    tokenizer.add_special_tokens([AddedToken("</s>", rstrip=True, special=True, normalized=False)])
    added = {**LLAMA_IDS, **specials(*[(first + i, name) for i, name in enumerate(names)])}
    return said(tokenizer, as_gguf(model, "phi3", added), all_texts)


def gemma(folder: Path, all_texts: list[str]) -> dict:
    runs = ["\n" * n for n in (2, 3)] + ["▁" * n for n in (2, 3, 4)]
    model = trained(
        folder,
        vocab_size=640,
        add_dummy_prefix=False,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        bos_piece="<bos>",
        eos_piece="<eos>",
        user_defined_symbols=["<start_of_turn>", "<end_of_turn>", "<table>", *runs],
    )
    slow = transformers.GemmaTokenizer(str(model))
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(model))
    added = specials((0, "<pad>"), (1, "<eos>"), (2, "<bos>"), (3, "<unk>"))
    for name in ("<start_of_turn>", "<end_of_turn>"):
        added[pieces.piece_to_id(name)] = (name, True)
    for name in ("<table>", *runs):
        added[pieces.piece_to_id(name)] = (name, False)
    metadata = as_gguf(model, "gemma2", added, **{"tokenizer.ggml.add_space_prefix": False})
    return said(GemmaConverter(slow).converted(), metadata, all_texts)


SENTENCEPIECE = {
    "llama": llama,
    "no-prefix": lambda folder, all_texts: llama(folder, all_texts, prefix=False),
    "no-scores": without_scores,
    "mistral": mistral,
    "phi3": phi3,
    "gemma": gemma,
}


def main(out: Path = FIXTURES, count: str = "60") -> None:
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    all_texts = texts(int(count))
    write = lambda name, value: (out / name).write_text(  # noqa: E731
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    write("texts.json", all_texts)
    write("byte-level.json", byte_level(all_texts))
    for name, make in SENTENCEPIECE.items():
        with tempfile.TemporaryDirectory() as folder:
            write(f"pieces-{name}.json", make(Path(folder), all_texts))


if __name__ == "__main__":
    main(*sys.argv[1:])
