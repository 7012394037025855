"""Writes the held-out problems: texts that the split keeps out of every training chunk."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import wording
from draw import Draw
from problems import KINDS, draw_problem

SEED = "held-out"


def heldout(count: int) -> list[dict]:
    """Kinds in turn; half under no or a plain system prompt, half asked for the think form."""
    draw = Draw(SEED)
    rows: list[dict] = []
    seen: set[str] = set()
    while len(rows) < count:
        number = len(rows)
        kind = KINDS[number // 2 % len(KINDS)]
        problem = draw_problem(draw, held_out=True, kind=kind)
        if problem.question in seen:
            continue
        seen.add(problem.question)
        if number % 2:
            system: str | None = draw.pick(*wording.THINK_SYSTEMS)
        else:
            system = draw.pick(*wording.PLAIN_SYSTEMS) if draw.chance(0.4) else None
        rows.append(
            {
                "system": system,
                "question": problem.question,
                "answer": str(problem.answer),
                "kind": kind,
                "style": "think" if number % 2 else "plain",
            }
        )
    return rows


def write(path: Path, count: int = 400) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in heldout(count))
    path.write_text("".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=400)
    args = parser.parse_args()
    write(args.out, args.count)


if __name__ == "__main__":
    main()
