"""Compares the command line's run with PyTorch: autograd and torch.optim.AdamW over the weights of the ONNX file.

    python test/reference/compare.py [--preset vllm] [--steps 5] [--lr 0.1] FOLDER...

The folders are those of write-models.ts. Everything is computed anew in float64 from the file's initializers:
the decoder, its head and tail, SLOT's steps and both greedy answers. Prints a line for each folder and exits
with 1 where a figure is off by more than its bound.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "Tom has 3 apples and buys 5 more. I think she will count them step by step."
LISTED = 20
# Largest differences allowed: losses and norms relative, the rest in logits.
BOUNDS = {
    "float32": {"loss": 1e-5, "norm": 1e-5, "shift": 1e-4, "regret": 1e-5},
    "float16": {"loss": 1e-3, "norm": 1e-3, "shift": 5e-2, "regret": 2e-2},
}


class Decoder:
    """A Llama or Qwen2 style decoder over the initializers of an ONNX file."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text())
        model = onnx.load(str(folder / "onnx" / "model.onnx"))
        self.arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.writers = {output: node for node in model.graph.node for output in node.output}
        for node in model.graph.node:
            if node.op_type == "Constant":
                self.arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.dtype = str(self.arrays["model.embed_tokens.weight"].dtype)
        self.matrix, self.tail = self.read_head()

    def tensor(self, name: str) -> torch.Tensor:
        return torch.from_numpy(np.array(self.arrays[name], dtype=np.float64))

    def constant(self, name: str) -> torch.Tensor | None:
        """A stored value, through casts of it."""
        while name not in self.arrays:
            node = self.writers.get(name)
            if node is None or node.op_type not in ("Cast", "Identity"):
                return None
            name = node.input[0]
        return self.tensor(name)

    def read_head(self) -> tuple[torch.Tensor, list[tuple[str, torch.Tensor | None]]]:
        """The projection's matrix [V, d] and the steps from its output to the logits."""
        tail: list[tuple[str, torch.Tensor | None]] = []
        node = self.writers["logits"]
        while node.op_type not in ("MatMul", "Gemm"):
            values = [self.constant(name) for name in node.input]
            if node.op_type in ("Add", "Mul", "Div"):
                tail.insert(0, (node.op_type, next(value for value in values if value is not None)))
                name = next(name for name, value in zip(node.input, values) if value is None)
            else:
                if node.op_type == "Tanh":
                    tail.insert(0, ("Tanh", None))
                name = node.input[0]
            node = self.writers[name]
        if node.op_type == "Gemm" and len(node.input) > 2:
            tail.insert(0, ("Add", self.tensor(node.input[2])))
        name = node.input[1]
        if name not in self.arrays:
            return self.tensor(self.writers[name].input[0]), tail
        return (self.tensor(name) if node.op_type == "Gemm" else self.tensor(name).T), tail

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        x = hidden @ self.matrix.T
        for op, value in self.tail:
            if op == "Add":
                x = x + value
            elif op == "Mul":
                x = x * value
            elif op == "Div":
                x = x / value
            else:
                x = torch.tanh(x)
        return x

    def scale(self) -> float:
        """Logits per unit of W·h; under a soft-cap, at 0."""
        scale = 1.0
        for op, value in self.tail:
            if op in ("Mul", "Div"):
                scale = scale * float(value) if op == "Mul" else scale / float(value)
        return scale

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        mean = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(mean + self.config["rms_norm_eps"]) * self.tensor(name)

    def hidden(self, ids: list[int]) -> torch.Tensor:
        """[n, d] after the final norm."""
        c, n = self.config, len(ids)
        size = c["head_dim"]
        inverse = c["rope_theta"] ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles = torch.outer(torch.arange(n, dtype=torch.float64), inverse).repeat(1, 2)
        future = torch.full((n, n), -torch.inf, dtype=torch.float64).triu(1)

        def turned(x: torch.Tensor) -> torch.Tensor:
            low, high = x.chunk(2, -1)
            return x * angles.cos() + torch.cat((-high, low), -1) * angles.sin()

        x = self.tensor("model.embed_tokens.weight")[torch.tensor(ids)]
        for layer in range(c["num_hidden_layers"]):
            prefix = f"model.layers.{layer}"

            def heads(part: str, count: int) -> torch.Tensor:
                y = h @ self.tensor(f"{prefix}.attn.{part}.weight")
                if f"{prefix}.attn.{part}.bias" in self.arrays:
                    y = y + self.tensor(f"{prefix}.attn.{part}.bias")
                return y.view(n, count, size).transpose(0, 1)

            h = self.norm(x, f"{prefix}.input_layernorm.weight")
            q = turned(heads("q_proj", c["num_attention_heads"]))
            group = c["num_attention_heads"] // c["num_key_value_heads"]
            k = turned(heads("k_proj", c["num_key_value_heads"])).repeat_interleave(group, 0)
            v = heads("v_proj", c["num_key_value_heads"]).repeat_interleave(group, 0)
            p = torch.softmax(q @ k.transpose(1, 2) / size**0.5 + future, -1)
            mixed = (p @ v).transpose(0, 1).reshape(n, -1)
            x = x + mixed @ self.tensor(f"{prefix}.attn.o_proj.weight")
            h = self.norm(x, f"{prefix}.post_attention_layernorm.weight")
            gate = torch.nn.functional.silu(h @ self.tensor(f"{prefix}.mlp.gate_proj.weight"))
            up = h @ self.tensor(f"{prefix}.mlp.up_proj.weight")
            x = x + (gate * up) @ self.tensor(f"{prefix}.mlp.down_proj.weight")
        return self.norm(x, "model.norm.weight")


def slot(model: Decoder, ids: list[int], preset: str, steps: int, lr: float) -> tuple[list[float], list[torch.Tensor]]:
    """Losses before each step and after the last, and delta after each step."""
    hidden = model.hidden(ids)
    labels = torch.tensor(ids[1:])
    delta = torch.zeros(hidden.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.AdamW([delta], lr=lr, betas=(0.9, 0.999), eps=1e-5, weight_decay=1e-8)
    first, second = torch.zeros_like(delta), torch.zeros_like(delta)
    losses, deltas = [], []
    for step in range(1, steps + 2):
        loss = torch.nn.functional.cross_entropy(model.logits(hidden + delta)[:-1], labels)
        losses.append(loss.item())
        if step > steps:
            return losses, deltas
        optimiser.zero_grad()
        loss.backward()
        if preset == "transformers":
            optimiser.step()
        else:
            # The vLLM runner's own update: its gradient is divided by n - 1 once more.
            gradient = delta.grad / len(labels)
            first = 0.9 * first + 0.1 * gradient
            second = 0.95 * second + 0.05 * gradient**2
            move = (first / (1 - 0.9**step)) / ((second / (1 - 0.95**step)).sqrt() + 1e-6)
            with torch.no_grad():
                delta -= lr * move + lr * 1e-5 * delta
        deltas.append(delta.detach().clone())
    raise AssertionError


@torch.no_grad()
def greedy(model: Decoder, ids: list[int], count: int, delta: torch.Tensor) -> list[int]:
    answer: list[int] = []
    while len(answer) < count:
        answer.append(int(model.logits(model.hidden(ids + answer)[-1] + delta).argmax()))
    return answer


@torch.no_grad()
def regret(model: Decoder, ids: list[int], answer: list[int], delta: torch.Tensor) -> float:
    """By how many logits another token would have been better, at worst."""
    logits = model.logits(model.hidden(ids + answer[:-1])[len(ids) - 1 :] + delta)
    chosen = logits.gather(1, torch.tensor(answer)[:, None])[:, 0]
    return float((logits.max(1).values - chosen).max())


def run(folder: Path, options: argparse.Namespace) -> list[dict]:
    prompt = folder / "prompt.txt"
    prompt.write_text(options.prompt)
    command = ["npm", "run", "-s", "cli", "--", "run", "--model", str(folder.resolve()), "--raw", "--json"]
    command += ["--prompt-file", str(prompt.resolve()), "--preset", options.preset, "--ignore-eos"]
    command += ["--steps", str(options.steps), "--lr", str(options.lr)]
    command += ["--max-new-tokens", str(options.tokens), "--list-length", str(LISTED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{folder}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def relative(actual: list[float], expected: list[float]) -> float:
    return max(abs(a - e) / abs(e) for a, e in zip(actual, expected, strict=True))


def compare(folder: Path, options: argparse.Namespace) -> bool:
    model = Decoder(folder)
    events = run(folder, options)
    ids = events[0]["prompt"]["ids"]
    assert ids == Tokenizer.from_file(str(folder / "tokenizer.json")).encode(options.prompt).ids
    steps = [event for event in events if event["type"] == "slot.step"]
    done = next(event for event in events if event["type"] == "slot.done")
    answers = {event["lane"]: event["ids"] for event in events if event["type"] == "lane.done"}

    losses, deltas = slot(model, ids, options.preset, options.steps, options.lr)
    nothing = torch.zeros_like(deltas[-1])
    shifts = [model.matrix @ delta * model.scale() for delta in deltas]
    listed = [
        abs(entry["shift"] - float(shift[place]))
        for step, shift in zip(steps, shifts, strict=True)
        for name, order in (("boosted", shift.argsort(descending=True)), ("suppressed", shift.argsort()))
        for entry, place in zip(step[name], order[:LISTED], strict=True)
    ]
    top = shifts[-1].argsort(descending=True)[:LISTED].tolist()
    figures = {
        "loss": relative([step["loss"] for step in steps] + [done["finalLoss"]], losses),
        "norm": relative([step["deltaNorm"] for step in steps], [float(delta.norm()) for delta in deltas]),
        "shift": max(listed),
        "regret": max(
            regret(model, ids, answers["baseline"], nothing), regret(model, ids, answers["slot"], deltas[-1])
        ),
    }
    same_list = [entry["id"] for entry in steps[-1]["boosted"]] == top
    same = [
        answers["baseline"] == greedy(model, ids, options.tokens, nothing),
        answers["slot"] == greedy(model, ids, options.tokens, deltas[-1]),
    ]
    fits = all(figures[name] <= bound for name, bound in BOUNDS[model.dtype].items())
    exact = model.dtype == "float16" or (all(same) and same_list)
    numbers = "  ".join(f"{name} {value:.1e}" for name, value in figures.items())
    tokens = f"answers {'same' if all(same) else same}  top {LISTED} {'same' if same_list else 'differ'}"
    print(f"{'ok ' if fits and exact else 'OFF'} {folder.name:32} {options.preset:12} {numbers}  {tokens}", flush=True)
    return fits and exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--preset", choices=["transformers", "vllm"], default="transformers")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--tokens", type=int, default=32)
    options = parser.parse_args()
    torch.set_num_threads(1)
    results = [compare(folder, options) for folder in options.folders if folder.is_dir()]
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
