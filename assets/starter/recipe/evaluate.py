"""Accuracy and form on held-out problems, baseline against SLOT with several settings."""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from corpus import Message, read_gsm8k
from export import load_exported
from slot_reference import end_tokens, generate, optimise, templated

STARTER = Path(__file__).resolve().parent.parent
SETTINGS = ("5:0.1", "3:0.1", "5:0.01", "3:0.01")
THINK_FORM = re.compile(r"<think>\n.*\n</think>\n<answer>\n[^\n]*\n</answer>", re.DOTALL)
BATCH = 32


def result_of(text: str) -> str | None:
    """The number that an answer gives: inside <answer>, or after "answer is", or the last one."""
    inside = re.search(r"<answer>\s*(-?[\d,.]+)", text) or re.search(r"answer is \$?(-?[\d,.]+)", text)
    found = inside.group(1) if inside else (re.findall(r"-?\d[\d,.]*", text) or [""])[-1]
    return found.replace(",", "").rstrip(".") or None


def followed(text: str, style: str) -> bool:
    return bool(THINK_FORM.fullmatch(text.strip())) == (style == "think")


def messages_of(row: dict) -> list[Message]:
    system: list[Message] = [{"role": "system", "content": row["system"]}] if row["system"] else []
    return [*system, {"role": "user", "content": row["question"]}]


class Evaluation:
    def __init__(self, folder: Path, rows: list[dict], limit: int) -> None:
        self.model, self.rows, self.limit = load_exported(folder), rows, limit
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.ends = end_tokens(folder)
        self.prompts = [self.tokenizer.encode(templated(folder, messages_of(r))).ids for r in rows]
        # Prompts of similar length share a batch.
        self.order = sorted(range(len(rows)), key=lambda n: len(self.prompts[n]))

    def answers(self, deltas: list[Tensor | None]) -> list[str]:
        texts = [""] * len(self.rows)
        for start in range(0, len(self.order), BATCH):
            part = self.order[start : start + BATCH]
            ids = generate(
                self.model, [self.prompts[n] for n in part], [deltas[n] for n in part], self.limit, self.ends
            )
            for n, answer in zip(part, ids, strict=True):
                texts[n] = self.tokenizer.decode(answer)
        return texts

    def slot(self, steps: int, lr: float) -> tuple[list[Tensor | None], list[tuple[float, float]]]:
        deltas: list[Tensor | None] = []
        losses = []
        for prompt in self.prompts:
            ids = torch.tensor(prompt)
            with torch.no_grad():
                hidden, _ = self.model(ids[None])
            delta, trace = optimise(hidden[0], self.model.embedding.weight.detach(), ids, steps, lr)
            deltas.append(delta)
            losses.append((trace.losses[0], trace.final_loss))
        return deltas, losses


def summary(rows: list[dict], texts: list[str], base: list[str]) -> dict[str, dict]:
    """Per style: shares of right answers and of the asked form, and what changed from the baseline."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row, text, before in zip(rows, texts, base, strict=True):
        c = counts[row["style"]]
        right, was = (result_of(t) == row["answer"] for t in (text, before))
        c["problems"] += 1
        c["right"] += right
        c["form"] += followed(text, row["style"])
        c["changed"] += text != before
        c["gained"] += right and not was
        c["lost"] += was and not right
    return {style: dict(c) for style, c in counts.items()}


def by_kind(rows: list[dict], texts: list[str]) -> dict[str, str]:
    found: dict[str, list[bool]] = defaultdict(list)
    for row, text in zip(rows, texts, strict=True):
        found[row["kind"]].append(result_of(text) == row["answer"])
    return {kind: f"{sum(right)}/{len(right)}" for kind, right in found.items()}


def evaluate(folder: Path, rows: list[dict], settings: list[str], limit: int = 128) -> dict:
    run = Evaluation(folder, rows, limit)
    base = run.answers([None] * len(rows))
    report = {"baseline": summary(rows, base, base), "kinds": by_kind(rows, base), "slot": {}}
    for setting in settings:
        steps, lr = setting.split(":")
        deltas, losses = run.slot(int(steps), float(lr))
        report["slot"][setting] = summary(rows, run.answers(deltas), base) | {
            "promptLoss": [round(sum(pair[i] for pair in losses) / len(losses), 4) for i in (0, 1)]
        }
    return report


def table(report: dict) -> str:
    lines = [
        "| lane | system prompt | right | asked form | answers changed | gained | lost |",
        "|---|---|---|---|---|---|---|",
    ]
    lanes = {"baseline": report["baseline"]} | {
        f"SLOT {s.replace(':', ' steps, lr ')}": value for s, value in report["slot"].items()
    }
    for name, styles in lanes.items():
        for style, c in styles.items():
            if style == "promptLoss":
                continue
            n = c["problems"]
            lines.append(
                f"| {name} | {style} | {c['right']}/{n} ({c['right'] / n:.1%}) | {c['form']}/{n} "
                f"({c['form'] / n:.1%}) | {c['changed']} | {c['gained']} | {c['lost']} |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=STARTER / "model")
    parser.add_argument("--problems", type=Path, default=STARTER / "heldout.jsonl")
    parser.add_argument("--gsm8k", type=Path, help="evaluate on this GSM8K split instead")
    parser.add_argument("--limit", type=int, help="only so many problems")
    parser.add_argument("--settings", nargs="*", default=SETTINGS, help="steps:lr")
    parser.add_argument("--max-new-tokens", type=int, default=128)
    args = parser.parse_args()
    if args.gsm8k:
        rows = [
            {"system": None, "question": q, "answer": a.replace(",", ""), "kind": "gsm8k", "style": "plain"}
            for q, _, a in read_gsm8k(args.gsm8k)
        ]
    else:
        rows = [json.loads(line) for line in args.problems.read_text(encoding="utf-8").splitlines()]
    report = evaluate(args.model, rows[: args.limit], args.settings, args.max_new_tokens)
    print(table(report))
    print(json.dumps({"kinds": report["kinds"], "promptLoss": {s: v["promptLoss"] for s, v in report["slot"].items()}}))


if __name__ == "__main__":
    main()
