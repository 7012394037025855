"""Training within a wall-clock budget; stops and resumes at checkpoints."""

from __future__ import annotations

import argparse
import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from corpus import chunk, read_gsm8k
from emphasis import Emphasis
from model import Decoder, Shape
from muon import Muon
from tokenizer import END_OF_TEXT, spelling_twins

MATRIX_RATE, OTHER_RATE = 0.02, 0.004
WARM_UP, DECAY_FROM = 0.01, 0.68
IGNORED = -100


def batches(
    tokenizer: Tokenizer, gsm8k: list[tuple[str, str, str]], seed: int, first: int, size: int, context: int
) -> Iterator[tuple[int, Tensor]]:
    """(chunk index, rows of one conversation each, of similar length) without end.

    A row starts at its conversation's start, so positions are those of later use.
    """
    pad = tokenizer.token_to_id(END_OF_TEXT)
    index = first
    while True:
        rng = random.Random(f"{seed}-{index}")
        rows = [e.ids for e in tokenizer.encode_batch(list(chunk(gsm8k, seed, index)))]
        rows = [r for r in rows if len(r) <= context]
        rows.sort(key=lambda r: len(r) + rng.random() * 12)
        cut: list[list[list[int]]] = [[]]
        width = 0
        for row in rows:
            width = max(width, len(row))
            if cut[-1] and width * (len(cut[-1]) + 1) > size:
                cut.append([])
                width = len(row)
            cut[-1].append(row)
        rng.shuffle(cut)
        for part in cut:
            width = max(map(len, part))
            yield index, torch.tensor([r + [pad] * (width - len(r)) for r in part])
        index += 1


def rate(progress: float) -> float:
    """Warm-up, constant, linear decay to nothing; progress is a share of the time budget."""
    if progress < WARM_UP:
        return max(progress / WARM_UP, 0.02)
    return min(1.0, max(0.0, (1 - progress) / (1 - DECAY_FROM)))


def loss_of(model: Decoder, rows: Tensor, pad: int, weights: Tensor) -> tuple[Tensor, float, int]:
    """Weighted loss to minimise, plain mean cross-entropy, count: over every token, prompts too."""
    targets = rows[:, 1:]
    kept = targets != pad
    hidden, _ = model(rows[:, :-1])
    logits = model.head(hidden[kept])
    losses, chosen = F.cross_entropy(logits.float(), targets[kept], reduction="none"), weights[kept]
    return (losses * chosen).sum() / chosen.sum(), losses.detach().mean().item(), int(kept.sum())


@torch.no_grad()
def align_twins(model: Decoder, tokenizer: Tokenizer) -> None:
    """Let "Tom" start from the vector of " Tom".

    A question opens with the bare form and the answer often repeats the spaced one; between two
    unrelated vectors that is harder to learn.
    """
    for spaced, plain in spelling_twins(tokenizer):
        model.embedding.weight[plain] = model.embedding.weight[spaced]


def save(path: Path, model: Decoder, optimizers: list[torch.optim.Optimizer], progress: dict) -> None:
    part = path.with_suffix(".part")
    state = {
        "shape": model.shape.as_dict(),
        "model": model.state_dict(),
        "progress": progress,
        "optimizers": [o.state_dict() for o in optimizers],
    }
    torch.save(state, part)
    part.replace(path)


def load_model(path: Path, device: str = "cpu") -> tuple[Decoder, dict]:
    state = torch.load(path, map_location=device, weights_only=True)
    model = Decoder(Shape(**state["shape"])).to(device)
    model.load_state_dict(state["model"])
    return model.eval(), state["progress"]


def train(
    tokenizer: Tokenizer,
    gsm8k_path: Path,
    work: Path,
    minutes: float,
    *,
    seed: int = 1,
    batch_tokens: int = 4096,
    resume: bool = False,
    save_every: float = 150.0,
) -> Path:
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = Decoder(Shape(vocab=tokenizer.get_vocab_size())).to(device)
    align_twins(model, tokenizer)
    matrices = [p for layer in model.layers for p in layer.parameters() if p.ndim == 2]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=MATRIX_RATE),
        torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    rates = [MATRIX_RATE, OTHER_RATE]
    progress = {"elapsed": 0.0, "steps": 0, "tokens": 0, "chunk": 0, "loss": 0.0, "minutes": minutes}
    path = work / "checkpoint.pt"
    if resume and path.exists():
        state = torch.load(path, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        progress = state["progress"] | {"minutes": minutes, "chunk": state["progress"]["chunk"] + 1}
    print(f"parameters {model.parameter_count()} device {device} {progress}", flush=True)
    pad, emphasis = tokenizer.token_to_id(END_OF_TEXT), Emphasis(tokenizer, device)
    low_precision = torch.autocast("cuda", torch.bfloat16) if device == "cuda" else contextlib.nullcontext()
    started, base = time.monotonic(), progress["elapsed"]
    saved_at, window, since = base, [], (base, progress["tokens"])
    gsm8k = read_gsm8k(gsm8k_path)
    for index, rows in batches(tokenizer, gsm8k, seed, progress["chunk"], batch_tokens, model.shape.context):
        progress["elapsed"] = base + time.monotonic() - started
        share = progress["elapsed"] / (minutes * 60)
        if share >= 1:
            break
        for optimizer, full in zip(optimizers, rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = full * rate(share)
        with low_precision:
            rows = rows.to(device)
            loss, plain, count = loss_of(model, rows, pad, emphasis.weights(rows))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        window.append(plain)
        progress["steps"] += 1
        progress["tokens"] += count
        progress["chunk"] = index
        if progress["steps"] % 25 == 0:
            progress["loss"] = sum(window) / len(window)
            now, tokens = progress["elapsed"], progress["tokens"]
            speed = (tokens - since[1]) / max(now - since[0], 1e-6)
            print(
                f"{now:7.0f}s step {progress['steps']:6d} tokens {tokens / 1e6:6.2f}M "
                f"loss {progress['loss']:.4f} rate {rate(share):.3f} {speed:.0f} tokens/s",
                flush=True,
            )
            window, since = [], (now, tokens)
        if progress["elapsed"] - saved_at > save_every:
            saved_at = progress["elapsed"]
            save(path, model, optimizers, progress)
    save(path, model, optimizers, progress)
    print(f"done {progress}", flush=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json")
    parser.add_argument("--gsm8k", type=Path, required=True, help="GSM8K train.jsonl")
    parser.add_argument("--work", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--minutes", type=float, default=95)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    train(
        Tokenizer.from_file(str(args.tokenizer)),
        args.gsm8k,
        args.work,
        args.minutes,
        seed=args.seed,
        batch_tokens=args.batch_tokens,
        resume=args.resume,
    )


if __name__ == "__main__":
    main()
