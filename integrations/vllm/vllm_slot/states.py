"""Prompts' last hidden states, kept until the client has fetched them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from torch import Tensor

from .report import engine_ids

# In the main memory; the oldest go first.
MAX_BYTES = 2**30
# Of one message between the server's processes.
PART_BYTES = 8 * 2**20


class States:
    """By the engine's request ids."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Tensor] = OrderedDict()

    def add(self, request_id: str, states: Tensor) -> None:
        """`states` [n, d]."""
        self._kept[request_id] = states.cpu()
        while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > MAX_BYTES:
            self._kept.popitem(last=False)

    def part(self, response_id: str, first: int) -> dict[str, Any] | None:
        """Rows from `first` on as float32, little-endian; None where there are no states of this response."""
        states = next((self._kept[key] for key in self._of(response_id)), None)
        if states is None:
            return None
        n, d = states.shape
        rows = states[first : first + max(1, PART_BYTES // (4 * d))]
        return {"shape": [n, d], "rows": len(rows), "data": rows.float().numpy().astype("<f4").tobytes()}

    def forget(self, response_id: str) -> None:
        for key in self._of(response_id):
            del self._kept[key]

    def _of(self, response_id: str) -> list[str]:
        pattern = engine_ids(response_id)
        return [key for key in self._kept if pattern.fullmatch(key)]
