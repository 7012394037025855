"""All kinds of word problems, and the split that keeps held-out ones out of training."""

from __future__ import annotations

import hashlib

from draw import Draw, Problem
from measures import MEASURES
from more_steps import MORE_STEPS
from one_step import ONE_STEP
from two_step import TWO_STEP

REGISTRIES = (ONE_STEP, MEASURES, TWO_STEP, MORE_STEPS)
MAKERS = {name: maker for registry in REGISTRIES for name, maker in registry.makers.items()}
WEIGHTS = {name: weight for registry in REGISTRIES for name, weight in registry.weights.items()}
KINDS = list(MAKERS)
HELD_OUT_SHARE = 16


def is_held_out(question: str) -> bool:
    """One problem text in sixteen is never trained on, whatever run or seed draws it."""
    return hashlib.sha256(question.encode()).digest()[0] % HELD_OUT_SHARE == 0


def draw_problem(draw: Draw, *, held_out: bool = False, kind: str | None = None) -> Problem:
    while True:
        name = kind or draw.random.choices(KINDS, [WEIGHTS[k] for k in KINDS])[0]
        problem = MAKERS[name](draw)
        if is_held_out(problem.question) == held_out:
            return problem
