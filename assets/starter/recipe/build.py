"""The whole recipe in one command: tokenizer, data, training, export, verification, evaluation."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

import heldout
from evaluate import SETTINGS, evaluate, table
from export import export
from model import Shape
from tokenizer import build_tokenizer
from train import load_model, train
from verify import verify


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gsm8k", type=Path, required=True, help="train.jsonl of GSM8K")
    parser.add_argument("--minutes", type=float, default=95, help="time for training")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder for checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    args = parser.parse_args()
    folder = args.out / "model"
    args.work.mkdir(parents=True, exist_ok=True)
    if args.resume:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        tokenizer = build_tokenizer(args.gsm8k, folder, Shape.context)
    checkpoint = train(
        tokenizer,
        args.gsm8k,
        args.work,
        args.minutes,
        seed=args.seed,
        batch_tokens=args.batch_tokens,
        resume=args.resume,
    )
    model, progress = load_model(checkpoint)
    export(model, folder)
    print(json.dumps({"progress": progress, "parity": verify(folder, model)}, indent=1))
    problems = args.out / "heldout.jsonl"
    heldout.write(problems)
    rows = [json.loads(line) for line in problems.read_text(encoding="utf-8").splitlines()]
    print(table(evaluate(folder, rows, list(SETTINGS))))


if __name__ == "__main__":
    main()
