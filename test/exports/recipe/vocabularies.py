"""Tiny tokenizers of the kinds that the families use, trained on the repository's word problems, and their templates."""

from __future__ import annotations

import json
from pathlib import Path

import transformers
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

import templates

ROOT = Path(__file__).resolve().parents[3]
WORDS = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
SCRIPTS = (
    r"[!-/:-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SINGLE_DIGITS = WORDS.replace("{1,3}", "")


def corpus() -> list[str]:
    lines = (ROOT / "assets/starter/heldout.jsonl").read_text(encoding="utf-8").splitlines()
    return [value for line in lines for value in json.loads(line).values() if isinstance(value, str)]


def special(content: str, **options: bool) -> AddedToken:
    return AddedToken(content, special=True, normalized=False, **options)


def begins_with(token: str, tokenizer: Tokenizer) -> processors.TemplateProcessing:
    ids = [(token, tokenizer.token_to_id(token))]
    return processors.TemplateProcessing(single=f"{token} $A", pair=f"{token} $A {token} $B", special_tokens=ids)


def byte_level(
    specials: list[AddedToken], size: int, *patterns: str, digits: bool = False, ignore_merges: bool = False
) -> Tokenizer:
    """Byte-level BPE: GPT-2's own splitting, or patterns (Llama 3, Qwen, DeepSeek), or digit by digit (Cohere, SmolLM)."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    steps: list[pre_tokenizers.PreTokenizer] = [
        pre_tokenizers.Split(Regex(pattern), behavior="isolated") for pattern in patterns
    ]
    if digits:
        steps.append(pre_tokenizers.Digits(individual_digits=True))
    steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not patterns))
    tokenizer.pre_tokenizer = steps[0] if len(steps) == 1 else pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def sentencepiece_bpe(specials: list[AddedToken], size: int, prefix: str) -> Tokenizer:
    """SentencePiece's BPE with byte fallback: a space in front of the text (Llama 2, Mistral) or none (Gemma)."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split(Regex("▁?[^▁]+|▁"), behavior="isolated")
    count = size - 256 - len(specials)
    trained.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=count, show_progress=False))
    model = json.loads(trained.to_str())["model"]
    pieces = [token.content for token in specials] + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += sorted(model["vocab"], key=model["vocab"].get)
    tokenizer = Tokenizer(
        models.BPE(
            vocab={piece: id for id, piece in enumerate(pieces)},
            merges=[tuple(merge) for merge in model["merges"]],
            byte_fallback=True,
            fuse_unk=True,
            unk_token="<unk>",
        )
    )
    back = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if prefix == "normalizer":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    elif prefix == "metaspace":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    if prefix != "none":
        back.append(decoders.Strip(content=" ", left=1, right=0))
    tokenizer.decoder = decoders.Sequence(back)
    tokenizer.add_special_tokens(specials)
    return tokenizer


def unigram(specials: list[AddedToken], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=specials, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def wrapped(kind: str, tokenizer: Tokenizer, template: str | dict[str, str] | None = None, **options: object):
    made = getattr(transformers, kind)(
        tokenizer_object=tokenizer, clean_up_tokenization_spaces=False, **options
    )
    made.chat_template = template
    return made


def gpt2(template: str | None = None, digits: bool = False):
    specials = [special("<|endoftext|>"), special("<|im_start|>"), special("<|im_end|>")]
    tokenizer = byte_level(specials, 384, digits=digits)
    end = "<|endoftext|>" if template is None else "<|im_end|>"
    return wrapped("GPT2TokenizerFast", tokenizer, template, bos_token="<|endoftext|>", eos_token=end)


def opt():
    tokenizer = byte_level([special("<s>"), special("<pad>"), special("</s>"), special("<unk>")], 384)
    tokenizer.post_processor = begins_with("</s>", tokenizer)
    return wrapped(
        "GPT2TokenizerFast",
        tokenizer,
        bos_token="</s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        add_bos_token=True,
    )


def gpt_neox():
    tokenizer = byte_level([special("<|endoftext|>"), special("<|padding|>")], 384)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken(" " * spaces, normalized=True) for spaces in (4, 3, 2)])
    return wrapped("GPTNeoXTokenizerFast", tokenizer, eos_token="<|endoftext|>", bos_token="<|endoftext|>")


def qwen(template: str):
    specials = [special("<|endoftext|>"), special("<|im_start|>"), special("<|im_end|>")]
    tokenizer = byte_level(specials, 384, SINGLE_DIGITS)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
    return wrapped(
        "Qwen2TokenizerFast",
        tokenizer,
        template,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        bos_token=None,
    )


def llama3():
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer = byte_level([special(name) for name in names], 384, WORDS, ignore_merges=True)
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(trim_offsets=False), begins_with("<|begin_of_text|>", tokenizer)]
    )
    return wrapped(
        "PreTrainedTokenizerFast",
        tokenizer,
        templates.LLAMA3,
        bos_token="<|begin_of_text|>",
        eos_token="<|eot_id|>",
    )


def deepseek():
    names = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]
    patterns = [r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", SCRIPTS]
    tokenizer = byte_level([special(name) for name in names], 384, *patterns)
    tokenizer.post_processor = begins_with(names[0], tokenizer)
    return wrapped(
        "LlamaTokenizerFast",
        tokenizer,
        templates.DEEPSEEK,
        bos_token=names[0],
        eos_token=names[1],
        add_bos_token=True,
        legacy=True,
    )


SENTENCEPIECE = [special("<unk>"), special("<s>"), special("</s>")]
ENDS = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}


def llama2():
    tokenizer = sentencepiece_bpe(SENTENCEPIECE, 400, "normalizer")
    tokenizer.post_processor = begins_with("<s>", tokenizer)
    return wrapped("LlamaTokenizerFast", tokenizer, templates.BRACKETS, add_bos_token=True, legacy=True, **ENDS)


def mistral():
    tokenizer = sentencepiece_bpe([*SENTENCEPIECE, special("[INST]"), special("[/INST]")], 400, "metaspace")
    tokenizer.post_processor = begins_with("<s>", tokenizer)
    return wrapped("LlamaTokenizerFast", tokenizer, templates.BRACKETS, add_bos_token=True, legacy=False, **ENDS)


def phi3():
    turns = [special(f"<|{name}|>", rstrip=True) for name in ("user", "assistant", "system", "end")]
    tokenizer = sentencepiece_bpe([*SENTENCEPIECE, *turns], 400, "normalizer")
    tokenizer.post_processor = begins_with("<s>", tokenizer)
    return wrapped("LlamaTokenizerFast", tokenizer, templates.PHI3, add_bos_token=False, legacy=False, **ENDS)


def gemma():
    names = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    tokenizer = sentencepiece_bpe([special(name) for name in names], 400, "none")
    tokenizer.add_tokens([AddedToken("\n\n", normalized=False), AddedToken("▁▁", normalized=False)])
    tokenizer.post_processor = begins_with("<bos>", tokenizer)
    return wrapped(
        "GemmaTokenizerFast",
        tokenizer,
        templates.GEMMA,
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
        pad_token="<pad>",
    )


def sentencepiece_unigram():
    tokenizer = unigram([special("<s>"), special("<pad>"), special("</s>"), special("<unk>")], 384)
    tokenizer.post_processor = begins_with("</s>", tokenizer)
    return wrapped("PreTrainedTokenizerFast", tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")


def cohere():
    names = ["<PAD>", "<UNK>", "<BOS_TOKEN>", "<EOS_TOKEN>", "<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>"]
    roles = [f"<|{role}_TOKEN|>" for role in ("SYSTEM", "USER", "CHATBOT")]
    tokenizer = byte_level([special(name) for name in [*names, *roles]], 384, digits=True)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = begins_with("<BOS_TOKEN>", tokenizer)
    return wrapped(
        "CohereTokenizerFast",
        tokenizer,
        {"default": templates.COHERE, "tool_use": "{{ raise_exception('not this one') }}"},
        bos_token="<BOS_TOKEN>",
        eos_token="<|END_OF_TURN_TOKEN|>",
        unk_token="<UNK>",
        pad_token="<PAD>",
    )
