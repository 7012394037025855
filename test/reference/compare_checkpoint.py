"""Compares the command line's run of a real checkpoint with PyTorch: transformers' model, autograd, torch.optim.AdamW.

    python test/reference/compare_checkpoint.py [--tokens 24] FOLDER_OR_HUB_ID

Prints the figures and exits with 1 where one is off by more than its bound. A hub id must be in the cache.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "Tom has 3 apples and buys 5 more. How many apples does he have?"
STEPS, LR = 5, 0.1
# Both sides add up in float32, in another order: relative, and logits that PyTorch would have preferred.
BOUNDS = {"loss": 1e-4, "norm": 1e-4, "regret": 1e-3}


def engine(model: str, tokens: int) -> dict:
    command = ["npx", "tsx", "engine/cli/main.ts", "run", "--json", "--model", model, "--prompt", PROMPT]
    options = ["--steps", str(STEPS), "--lr", str(LR), "--max-new-tokens", str(tokens), "--template-date", "2026-01-01"]
    lines = subprocess.run(command + options, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    events = [json.loads(line) for line in lines.splitlines()]
    steps = [event for event in events if event["type"] == "slot.step"]
    done = next(event for event in events if event["type"] == "slot.done")
    return {
        "losses": [step["loss"] for step in steps] + [done["finalLoss"]],
        "norms": [step["deltaNorm"] for step in steps],
        "ids": {event["lane"]: event["ids"] for event in events if event["type"] == "lane.done"},
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=24)
    args = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32).eval()
    messages = [{"role": "user", "content": PROMPT}]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    ids = prompt["input_ids"]
    ours = engine(args.model, args.tokens)

    with torch.no_grad():
        hidden = model.model(ids).last_hidden_state
    delta = torch.zeros(1, 1, hidden.shape[-1], requires_grad=True)
    optimiser = torch.optim.AdamW([delta], lr=LR, weight_decay=1e-8, eps=1e-5)

    def loss() -> torch.Tensor:
        logits = model.lm_head(hidden + delta)
        return torch.nn.functional.cross_entropy(logits[0, :-1], ids[0, 1:])

    losses, norms = [], []
    for _ in range(STEPS):
        optimiser.zero_grad()
        value = loss()
        value.backward()
        optimiser.step()
        losses.append(value.item())
        norms.append(delta.norm().item())
    losses.append(loss().item())

    def regret(answer: list[int], shift: torch.Tensor) -> float:
        """How far below the best the chosen tokens' logits are, at most."""
        whole = torch.cat([ids, torch.tensor([answer])], 1)
        logits = model.lm_head(model.model(whole).last_hidden_state[0, ids.shape[1] - 1 : -1] + shift[0])
        return (logits.max(-1).values - logits.gather(1, torch.tensor(answer)[:, None])[:, 0]).max().item()

    def off(a: list[float], b: list[float]) -> float:
        return max(abs(x - y) / abs(y) for x, y in zip(a, b, strict=True))

    with torch.no_grad():
        figures = {
            "loss": off(ours["losses"], losses),
            "norm": off(ours["norms"], norms),
            "regret": max(
                regret(ours["ids"]["baseline"], torch.zeros_like(delta)), regret(ours["ids"]["slot"], delta)
            ),
        }
    for name, value in figures.items():
        print(f"{name}: {value:.2e}, at most {BOUNDS[name]:.0e}")
    print(f"losses: {', '.join(f'{value:.4f}' for value in losses)}")
    print(f"SLOT's answer: {tokenizer.decode(ours['ids']['slot'])!r}")
    return int(any(value > BOUNDS[name] for name, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
