"""SLOT as its authors write it: PyTorch autograd and AdamW over all logits of the prompt.

Slow and short on purpose, an outside check for the application's own arithmetic. Needs the model
folder of this recipe; weights come from its ONNX file.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from export import load_exported
from model import Decoder, attention_mask

DEFAULT_MODEL = Path(__file__).resolve().parent.parent / "model"


@dataclass
class Trace:
    """Lists hold one entry a step; losses are those before the step."""

    losses: list[float] = field(default_factory=list)
    grad_norms: list[float] = field(default_factory=list)
    delta_norms: list[float] = field(default_factory=list)
    deltas: list[Tensor] = field(default_factory=list)
    final_loss: float = 0.0


class VllmAdamW:
    """The update of the authors' vLLM runner: decay inside the update, not before it."""

    def __init__(self, delta: Tensor, lr: float) -> None:
        self.delta, self.lr, self.step_count = delta, lr, 0
        self.m, self.v = torch.zeros_like(delta), torch.zeros_like(delta)

    @torch.no_grad()
    def step(self) -> None:
        assert self.delta.grad is not None
        self.step_count += 1
        self.m.mul_(0.9).add_(self.delta.grad, alpha=0.1)
        self.v.mul_(0.95).addcmul_(self.delta.grad, self.delta.grad, value=0.05)
        m = self.m / (1 - 0.9**self.step_count)
        v = self.v / (1 - 0.95**self.step_count)
        decay = self.lr * 1e-5 * self.delta
        self.delta.sub_(self.lr * m / (v.sqrt() + 1e-6) + decay)


def optimise(
    hidden: Tensor, weight: Tensor, ids: Tensor, steps: int, lr: float, preset: str = "transformers"
) -> tuple[Tensor, Trace]:
    """delta [d] for one prompt, from its last hidden states [n, d] and the head's weight [V, d]."""
    delta = torch.zeros(hidden.shape[-1], dtype=hidden.dtype, requires_grad=True)
    if preset == "vllm":
        optimizer: VllmAdamW | torch.optim.AdamW = VllmAdamW(delta, lr)
    else:
        optimizer = torch.optim.AdamW([delta], lr=lr, betas=(0.9, 0.999), eps=1e-5, weight_decay=1e-8)

    def prompt_loss() -> Tensor:
        logits = F.linear(hidden + delta, weight)
        return F.cross_entropy(logits[:-1], ids[1:])

    trace = Trace()
    for _ in range(steps):
        delta.grad = None
        loss = prompt_loss()
        loss.backward()
        assert delta.grad is not None
        if preset == "vllm":
            delta.grad /= len(ids) - 1
        trace.losses.append(loss.item())
        trace.grad_norms.append(delta.grad.norm().item())
        optimizer.step()
        trace.delta_norms.append(delta.detach().norm().item())
        trace.deltas.append(delta.detach().clone())
    with torch.no_grad():
        trace.final_loss = prompt_loss().item()
    return delta.detach(), trace


@torch.no_grad()
def generate(
    model: Decoder, prompts: list[list[int]], deltas: list[Tensor | None], limit: int, ends: set[int]
) -> list[list[int]]:
    """Greedy answers to a batch of prompts (padded on the left), each under its own delta."""
    width = max(map(len, prompts))
    padding = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    positions = (padding.cumsum(1) - 1).clamp(min=0)
    none = torch.zeros(model.shape.hidden)
    delta = torch.stack([none if d is None else d for d in deltas])
    answers: list[list[int]] = [[] for _ in prompts]
    open_rows = [True] * len(prompts)
    past = None
    for _ in range(min(limit, model.shape.context - width)):
        mask = attention_mask(padding, ids.shape[1])
        hidden, past = model(ids, mask, positions, past)
        chosen = model.head(hidden[:, -1] + delta).argmax(-1)
        for row, token in enumerate(chosen.tolist()):
            if open_rows[row]:
                answers[row].append(token)
                open_rows[row] = token not in ends
        if not any(open_rows):
            break
        ids, positions = chosen[:, None], positions[:, -1:] + 1
        padding = F.pad(padding, (0, 1), value=1)
    return answers


def templated(folder: Path, messages: list[dict[str, str]]) -> str:
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    template = ImmutableSandboxedEnvironment().from_string(config["chat_template"])
    return template.render(messages=messages, add_generation_prompt=True)


def end_tokens(folder: Path) -> set[int]:
    eos = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))["eos_token_id"]
    return set(eos if isinstance(eos, list) else [eos])


def shifts(model: Decoder, tokenizer: Tokenizer, delta: Tensor, count: int = 20) -> dict[str, list]:
    shift = model.head(delta)
    order = shift.argsort(descending=True, stable=True)

    def entries(chosen: Tensor) -> list[dict]:
        return [
            {"id": i, "token": tokenizer.decode([i], skip_special_tokens=False), "shift": shift[i].item()}
            for i in chosen.tolist()
        ]

    return {"boosted": entries(order[:count]), "suppressed": entries(order.flip(0)[:count])}


def run(args: argparse.Namespace) -> dict:
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    model, ends = load_exported(args.model), end_tokens(args.model)
    text = args.prompt if args.prompt is not None else args.prompt_file.read_text(encoding="utf-8")
    if not args.raw:
        messages = [{"role": "system", "content": args.system}] if args.system else []
        text = templated(args.model, [*messages, {"role": "user", "content": text}])
    ids = tokenizer.encode(text, add_special_tokens=args.raw).ids
    with torch.no_grad():
        hidden, _ = model(torch.tensor([ids]))
    weight = model.embedding.weight.detach()
    delta, trace = optimise(hidden[0], weight, torch.tensor(ids), args.steps, args.lr, args.preset)
    baseline, slot = (generate(model, [ids], [d], args.max_new_tokens, ends)[0] for d in (None, delta))
    with torch.no_grad():
        per_step = [shifts(model, tokenizer, d) for d in trace.deltas]
    return {
        "prompt": {"text": text, "ids": ids},
        "config": {"steps": args.steps, "lr": args.lr, "preset": args.preset},
        "losses": trace.losses,
        "finalLoss": trace.final_loss,
        "gradNorms": trace.grad_norms,
        "deltaNorms": trace.delta_norms,
        "steps": per_step,
        "baseline": {"ids": baseline, "text": tokenizer.decode(baseline)},
        "slot": {"ids": slot, "text": tokenizer.decode(slot)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--prompt")
    source.add_argument("--prompt-file", type=Path)
    parser.add_argument("--raw", action="store_true", help="no chat template")
    parser.add_argument("--system")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    parser.add_argument("--preset", choices=["transformers", "vllm"], default="transformers")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--max-new-tokens", type=int, default=128)
    print(json.dumps(run(parser.parse_args()), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
