"""What a request's learning did, as JSON: what charts are drawn from."""

from __future__ import annotations

import base64
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from torch import Tensor

from .arguments import Arguments, SlotArguments
from .learn import LISTS, Learned, Step

# Reports kept by a server; the oldest go first.
MAX_REPORTS = 64


class Reports:
    """The last reports, by the engine's request ids."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Arguments, Learned | str]] = OrderedDict()

    def add(self, request_id: str, arguments: Arguments, outcome: Learned | str) -> None:
        """`outcome`: what was learned, or why nothing was."""
        self._kept[request_id] = (arguments, outcome)
        while len(self._kept) > MAX_REPORTS:
            self._kept.popitem(last=False)

    def of_response(self, response_id: str) -> list[dict[str, Any]]:
        """Those of one response's id, in the order that they ended: one for each of its prompts and choices."""
        pattern = engine_ids(response_id)
        return [as_json(key, *kept) for key, kept in self._kept.items() if pattern.fullmatch(key)]


def engine_ids(response_id: str) -> re.Pattern[str]:
    """The ids that vLLM gives a response's requests: a choice's number before it, a prompt's and 8 hex digits after."""
    return re.compile(rf"(\d+_)?{re.escape(response_id)}([-_]\d+)?(-[0-9a-f]{{8}})?")


def as_json(request_id: str, arguments: Arguments, outcome: Learned | str) -> dict[str, Any]:
    head = {"request": request_id, "arguments": asdict(arguments) if isinstance(arguments, SlotArguments) else {}}
    if isinstance(outcome, str):
        return {**head, "error": outcome}
    return {
        **head,
        "prompt_tokens": len(outcome.position_before) + 1,
        "initial_loss": outcome.initial_loss,
        "final_loss": outcome.final_loss,
        "delta_norm": outcome.steps[-1].delta_norm,
        "position_loss": {"before": outcome.position_before.tolist(), "after": outcome.position_after.tolist()},
        "steps": [_step(number, step) for number, step in enumerate(outcome.steps)],
        # float32, little-endian.
        "delta": base64.b64encode(outcome.delta.cpu().numpy().astype("<f4").tobytes()).decode("ascii"),
    }


def _step(number: int, step: Step) -> Mapping[str, Any]:
    written: dict[str, Any] = {
        "step": number,
        "loss": step.loss,
        "delta_norm": step.delta_norm,
        "ms": step.ms,
        "shift_mean": step.shift_mean,
    }
    if step.grad_norm is not None:
        written["grad_norm"] = step.grad_norm
    if step.position_loss is not None:
        written["position_loss"] = step.position_loss.tolist()
    return {**written, **{name: _tokens(rows) for name, rows in zip(LISTS, step.lists, strict=True)}}


def _tokens(rows: Tensor) -> list[dict[str, Any]]:
    return [{"id": int(id), "shift": shift, "mass_moved": moved} for id, shift, moved in rows.tolist() if id >= 0]
