"""SentencePiece, as llama.cpp's converter writes it."""

from __future__ import annotations

from pathlib import Path

import sentencepiece
import transformers
from tokenizers import AddedToken, Tokenizer
from transformers.convert_slow_tokenizer import GemmaConverter, LlamaConverter

from token_types import BYTE, CONTROL, NORMAL, UNKNOWN, UNUSED, USER_DEFINED, decoded
from tokenizer_texts import AWKWARD, corpus


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
