"""SLOT beside vLLM's V1 model runner: prompts' hidden states are gathered, delta learned at a prompt's end or given,
and added to every hidden state that a token is drawn from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .arguments import Arguments, GivenDelta, KeepHidden, parse_arguments
from .head import Head
from .learn import NotFinite, TooLong, learn
from .report import Reports
from .states import States

# For all the prompts that end in one forward pass, which other requests wait for. vLLM's engine gives up on a pass
# after VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS, 300 by default.
LEARNING_SECONDS = 60


@dataclass
class Session:
    """One request: the rows of its prompt so far, then its delta, in the dtype of the hidden states."""

    arguments: Arguments
    prompt: Sequence[int]
    rows: list[Tensor] = field(default_factory=list)
    gathered: int = 0
    delta: Tensor | None = None
    is_over: bool = False

    def gather(self, rows: Tensor, first: int) -> None:
        """Takes the states of positions `first` on. Raises LookupError where the ones before them were never seen.

        A preempted request reads its prompt again from the start.
        """
        if first > self.gathered:
            raise LookupError(f"the hidden states of prompt tokens {self.gathered} to {first - 1} were not computed")
        if first < self.gathered:
            kept = torch.cat(self.rows)[:first]
            self.rows, self.gathered = [kept], first
        taken = rows[: len(self.prompt) - first]
        self.rows.append(taken.clone())
        self.gathered += len(taken)

    @property
    def is_complete(self) -> bool:
        return self.gathered == len(self.prompt)


@dataclass(frozen=True)
class BatchRow:
    """A request's part of a forward pass: rows `start` to `end`, which are its positions from `position` on."""

    request_id: str
    start: int
    end: int
    position: int


class Adapter:
    """Knows the SLOT requests that a runner holds."""

    def __init__(self, head: Head, states: States | None = None) -> None:
        """`states` keeps those that requests ask for."""
        self.reports = Reports()
        self.states = states
        # Requests that could not be adapted since the last look: the scheduler ends them.
        self.failed: set[str] = set()
        self._head = head
        self._sessions: dict[str, Session | None] = {}

    def session(self, request_id: str, extra_args: Any, prompt: Sequence[int] | None) -> Session | None:
        """None for a request that does not ask for SLOT."""
        if request_id not in self._sessions:
            arguments = parse_arguments(extra_args)
            self._sessions[request_id] = None if arguments is None else Session(arguments, prompt or ())
        return self._sessions[request_id]

    def forget_all_but(self, held: Any) -> None:
        """Drops the sessions of requests that the runner no longer holds."""
        if len(self._sessions) > len(held):
            self._sessions = {key: session for key, session in self._sessions.items() if key in held}

    def adapt(self, hidden: Tensor, batch: Sequence[tuple[BatchRow, Session]]) -> None:
        """Adds delta, in place, to the last row of each request whose prompt is read; `hidden` [rows, d]."""
        deadline = time.monotonic() + LEARNING_SECONDS
        shifted: list[int] = []
        deltas: list[Tensor] = []
        for row, session in batch:
            delta = self._delta(hidden, row, session, deadline)
            if delta is not None and row.position + row.end - row.start >= len(session.prompt):
                shifted.append(row.end - 1)
                deltas.append(delta)
        if shifted:
            hidden.index_add_(0, torch.tensor(shifted, device=hidden.device), torch.stack(deltas))

    def _delta(self, hidden: Tensor, row: BatchRow, session: Session, deadline: float) -> Tensor | None:
        if session.delta is not None or session.is_over:
            return session.delta
        try:
            self._read(hidden, row, session, deadline)
        except (NotFinite, TooLong, LookupError, torch.OutOfMemoryError) as error:
            self.reports.add(row.request_id, session.arguments, f"{type(error).__name__}: {error}")
            self.failed.add(row.request_id)
            session.is_over = True
        if session.is_over:
            session.rows = []
        return session.delta

    def _read(self, hidden: Tensor, row: BatchRow, session: Session, deadline: float) -> None:
        """Takes a part of the prompt. Its last one gives delta, or the states that are asked for."""
        arguments = session.arguments
        if isinstance(arguments, GivenDelta):
            given = torch.from_numpy(np.frombuffer(arguments.data, "<f4").astype(np.float32))
            session.delta, session.is_over = _rounded(given, hidden), True
            return
        session.gather(hidden[row.start : row.end], row.position)
        if not session.is_complete:
            return
        states, session.is_over = torch.cat(session.rows), True
        if isinstance(arguments, KeepHidden):
            if self.states is not None:
                self.states.add(row.request_id, states)
            return
        learned = learn(states, session.prompt, self._head, arguments, deadline)
        session.delta = _rounded(learned.delta, hidden)
        self.reports.add(row.request_id, arguments, learned)


def _rounded(delta: Tensor, like: Tensor) -> Tensor:
    """In the type of the hidden states, where they are. Raises NotFinite."""
    rounded = delta.to(like)
    if not bool(rounded.isfinite().all()):
        raise NotFinite(f"delta is beyond what {like.dtype} holds: take a smaller slot_lr")
    return rounded
