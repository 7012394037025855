"""Chats for training: generated word problems in several answer styles, and GSM8K's training split."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import wording
from draw import Draw, Problem
from problems import draw_problem

Message = dict[str, str]
# The share of chats that keep the form their system prompt asks for. Not all of them do, so that
# following the form is a probability that an adapted model can raise.
FOLLOWED = 0.85
GSM8K_SHARE = 0.075  # of chats; these are longer, so about 12 % of tokens
CHUNK = 1024


def render(messages: list[Message], *, generate: bool = False) -> str:
    text = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
    return text + ("<|im_start|>assistant\n" if generate else "")


def read_gsm8k(path: Path) -> list[tuple[str, str, str]]:
    """(question, solution, result) with the calculator notes taken out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        solution, result = row["answer"].split("####")
        solution = re.sub(r"<<[^>]*>>", "", solution).strip()
        solution = re.sub(r"(?<=\w)[ ]*$", ".", solution, flags=re.MULTILINE)
        rows.append((row["question"].strip(), solution, result.strip()))
    return rows


def answer_plain(draw: Draw, steps: list[str], result: str) -> str:
    opening = draw.pick(*wording.PLAIN_OPENINGS)
    ending = draw.pick(*wording.PLAIN_ENDINGS).format(result)
    return " ".join([*([opening] if opening else []), *steps, ending])


def answer_think(draw: Draw, steps: list[str], result: str) -> str:
    opening = draw.pick(*wording.THINK_OPENINGS)
    ending = draw.pick(*wording.THINK_ENDINGS).format(result)
    thought = " ".join(part for part in (opening, *steps, ending) if part)
    return f"<think>\n{thought}\n</think>\n<answer>\n{result}\n</answer>"


def draw_system(draw: Draw) -> tuple[str | None, bool]:
    """A system prompt (or none), and whether it asks for the think-and-answer form."""
    share = draw.random.random()
    if share < 0.42:
        return None, False
    if share < 0.62:
        return draw.pick(*wording.PLAIN_SYSTEMS), False
    if draw.chance(0.25):
        return wording.THINK_SYSTEMS[0], True
    return draw.pick(*wording.THINK_SYSTEMS[1:]), True


def follow_up(draw: Draw, last: Problem) -> Problem:
    """A second question about the result of the first."""
    assert last.person is not None
    who, n = last.person, last.answer
    if n > 1 and draw.chance(0.5):
        k = draw.number(1, n - 1)
        question = draw.pick(
            f"Then {who.he} gives away {k}. How many {last.unit} are left?",
            f"And if {who.he} loses {k} {last.unit}?",
        )
        return Problem("follow", question, (f"Now {who.he} has {n}.", f"{n} - {k} = {n - k}."), n - k, last.unit, who)
    k = draw.number(1, 30)
    question = draw.pick(
        f"Then {who.he} gets {k} more. How many {last.unit} does {who.he} have?",
        f"How many would {who.he} have with {k} more?",
        f"And if {who.he} buys {k} more {last.unit}?",
    )
    return Problem("follow", question, (f"Now {who.he} has {n}.", f"{n} + {k} = {n + k}."), n + k, last.unit, who)


def draw_chat(draw: Draw) -> list[Message]:
    system, asked = draw_system(draw)
    messages: list[Message] = [{"role": "system", "content": system}] if system else []

    def turn(question: str, answer: str) -> None:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})

    followed = asked and draw.chance(FOLLOWED)
    style = answer_think if followed else answer_plain
    if draw.chance(0.02):
        turn(*draw.random.choice(wording.SMALL_TALK))
        if draw.chance(0.5):
            return messages
    turns = draw.random.choices([1, 2, 3], [0.8, 0.15, 0.05])[0]
    problem: Problem | None = None
    for _ in range(turns):
        again = problem and problem.person and draw.chance(0.6)
        problem = follow_up(draw, problem) if again else draw_problem(draw)
        turn(problem.question, style(draw, list(problem.steps), str(problem.answer)))
    return messages


def gsm8k_chat(draw: Draw, row: tuple[str, str, str]) -> list[Message]:
    question, solution, result = row
    system, asked = draw_system(draw)
    style = answer_think if asked and draw.chance(FOLLOWED) else answer_plain
    content = style(draw, solution.split("\n"), result)
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": content}]
    return [{"role": "system", "content": system}, *messages] if system else messages


@cache
def gsm8k_order(count: int, seed: int, epoch: int) -> list[int]:
    return Draw(f"{seed}/gsm8k/{epoch}").random.sample(range(count), count)


def chunk(gsm8k: list[tuple[str, str, str]], seed: int, index: int) -> Iterator[str]:
    """The index-th part of an endless corpus; the same for the same seed."""
    draw = Draw(f"{seed}/{index}")
    share = round(CHUNK * GSM8K_SHARE) if gsm8k else 0
    for n in range(share):
        turn = index * share + n
        order = gsm8k_order(len(gsm8k), seed, turn // len(gsm8k))
        yield render(gsm8k_chat(draw, gsm8k[order[turn % len(gsm8k)]]))
    for _ in range(CHUNK - share):
        yield render(draw_chat(draw))
