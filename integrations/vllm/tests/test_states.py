from __future__ import annotations

import pytest
import torch

from vllm_slot import states as module
from vllm_slot.states import States


def test_they_are_given_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_BYTES", 4 * 3 * 2)
    states, kept = States(), torch.randn(5, 3)
    states.add("cmpl-a-0-0123abcd", kept)
    found = b""
    for first, rows in ((0, 2), (2, 2), (4, 1)):
        part = states.part("cmpl-a", first)
        assert part is not None
        assert (part["shape"], part["rows"]) == ([5, 3], rows)
        found += part["data"]
    assert found == kept.numpy().tobytes()


def test_a_row_wider_than_a_part_is_given_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_BYTES", 4)
    states = States()
    states.add("cmpl-a", torch.zeros(2, 3))
    part = states.part("cmpl-a", 1)
    assert part is not None
    assert part["rows"] == 1


def test_the_oldest_are_dropped_and_forgotten_ones_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 2 * 4 * 6)
    states = States()
    for name in ("a", "b", "c"):
        states.add(f"cmpl-{name}", torch.zeros(2, 3))
    assert states.part("cmpl-a", 0) is None
    states.forget("cmpl-b")
    assert states.part("cmpl-b", 0) is None
    assert states.part("cmpl-c", 0) is not None


def test_the_latest_are_kept_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 4)
    states = States()
    states.add("cmpl-a", torch.zeros(2, 3))
    assert states.part("cmpl-a", 0) is not None
