"""The adapter, given the batches that vLLM's runner would: chunks, neighbours, preemption."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from vllm_slot.arguments import SlotArguments
from vllm_slot.head import Head
from vllm_slot.learn import learn
from vllm_slot.runner import Adapter, BatchRow, Session
from vllm_slot.states import States

from .test_arguments import floats
from .test_learn import N, V, problem

ARGUMENTS = {"slot_steps": 5}


class Runner:
    """Puts requests' rows together as a forward pass does; all of its states are the position's in `states`."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.hidden, self.ids, self.weight = problem(11, dtype)
        self.adapter = Adapter(Head(self.weight, V), States())
        self.expected = learn(self.hidden, self.ids, Head(self.weight, V), SlotArguments(5)).delta.to(dtype)

    def forward(self, *parts: tuple[str, int, Tensor], extra: dict[str, Any] | None = None) -> list[Tensor]:
        """Each part: a request, its first position, its states. Returns the states after the adapter."""
        found, start = [], 0
        for key, position, states in parts:
            session = self.adapter.session(key, (extra or ARGUMENTS) if key.startswith("slot") else None, self.ids)
            row = BatchRow(key, start, start + len(states), position)
            start = row.end
            if session is not None:
                found.append((row, session))
        hidden = torch.cat([states for _, _, states in parts]).clone()
        self.adapter.adapt(hidden, found)
        return list(hidden.split([len(states) for _, _, states in parts]))


def shifted(states: Tensor, delta: Tensor) -> Tensor:
    return torch.cat([states[:-1], states[-1:] + delta])


def test_adds_delta_from_the_prompts_last_token_on() -> None:
    runner = Runner()
    (prompt,) = runner.forward(("slot", 0, runner.hidden))
    torch.testing.assert_close(prompt, shifted(runner.hidden, runner.expected))
    later = torch.randn(1, 16)
    (token,) = runner.forward(("slot", N, later))
    assert torch.equal(token, later + prompt[-1:] - runner.hidden[-1:]) or torch.allclose(
        token, later + runner.expected
    )


@pytest.mark.parametrize("cuts", [[0, 1, N], [0, 5, 9, N], list(range(N + 1))])
def test_prompts_in_chunks_learn_the_same(cuts: list[int]) -> None:
    runner = Runner()
    for start, end in pairwise(cuts):
        states = runner.hidden[start:end]
        (after,) = runner.forward(("slot", start, states))
        assert torch.allclose(after, shifted(states, runner.expected)) if end == N else torch.equal(after, states)


def test_neighbours_do_not_change_by_a_bit() -> None:
    runner = Runner(torch.bfloat16)
    plain, token = torch.randn(7, 16).bfloat16(), torch.randn(1, 16).bfloat16()
    before, own, after = runner.forward(("plain", 0, plain), ("slot", 0, runner.hidden), ("other", 30, token))
    assert torch.equal(before, plain)
    assert torch.equal(after, token)
    assert torch.equal(own, shifted(runner.hidden, runner.expected))


def test_each_request_has_a_delta_of_its_own() -> None:
    runner = Runner()
    runner.forward(("slot 1", 0, runner.hidden))
    runner.forward(("slot 2", 0, 2 * runner.hidden))
    token = torch.zeros(1, 16)
    second, first = runner.forward(("slot 2", N, token), ("slot 1", N, token))
    expected = learn(2 * runner.hidden, runner.ids, Head(runner.weight, V), SlotArguments(5)).delta
    torch.testing.assert_close(first[0], runner.expected)
    torch.testing.assert_close(second[0], expected)


def test_a_given_delta_is_added_where_tokens_are_drawn_and_nowhere_else() -> None:
    """The first rows may have come from the prefix cache; a chunk's last row is drawn from only at the prompt's end."""
    runner = Runner()
    numbers = [float(number) for number in range(16)]
    given, delta = {"slot_delta": floats(*numbers)}, torch.tensor(numbers)
    cut, states = N - 2, runner.hidden
    (chunk,) = runner.forward(("slot", 4, states[4:cut]), extra=given)
    assert torch.equal(chunk, states[4:cut])
    (end,) = runner.forward(("slot", cut, states[cut:]), extra=given)
    assert torch.equal(end, shifted(states[cut:], delta))
    (token,) = runner.forward(("slot", N, torch.zeros(1, 16)), extra=given)
    assert torch.equal(token[0], delta)
    assert runner.adapter.reports.of_response("slot") == []


def test_a_given_delta_beyond_the_states_type_fails_alone() -> None:
    runner = Runner(torch.float16)
    (states,) = runner.forward(("slot", 0, runner.hidden), extra={"slot_delta": floats(*[7e4] * 16)})
    assert torch.equal(states, runner.hidden)
    assert runner.adapter.failed == {"slot"}


@pytest.mark.parametrize("cuts", [[0, N], [0, 5, N]])
def test_states_that_are_asked_for_are_kept_and_nothing_is_added(cuts: list[int]) -> None:
    runner = Runner(torch.bfloat16)
    for start, end in pairwise(cuts):
        states = runner.hidden[start:end]
        (after,) = runner.forward(("slot", start, states), extra={"slot_hidden": 1})
        assert torch.equal(after, states)
    assert runner.adapter.states is not None
    part = runner.adapter.states.part("slot", 0)
    assert part is not None
    assert (part["shape"], part["rows"]) == ([N, 16], N)
    assert part["data"] == runner.hidden.float().numpy().tobytes()


def test_a_prompt_preempted_half_way_is_read_again() -> None:
    runner = Runner()
    runner.forward(("slot", 0, runner.hidden[:8] + 1))
    (after,) = runner.forward(("slot", 0, runner.hidden))
    torch.testing.assert_close(after, shifted(runner.hidden, runner.expected))


def test_an_answer_preempted_goes_on_with_its_delta() -> None:
    runner = Runner()
    runner.forward(("slot", 0, runner.hidden))
    # Prompt and answer are read again together; nothing is learned anew.
    states = torch.cat([runner.hidden + 1, torch.zeros(3, 16)])
    (after,) = runner.forward(("slot", 0, states))
    torch.testing.assert_close(after, shifted(states, runner.expected))
    assert len(runner.adapter.reports.of_response("slot")) == 1


def test_a_prompt_with_missing_states_fails_alone() -> None:
    runner = Runner()
    fine, failed = runner.forward(("slot 1", 0, runner.hidden), ("slot 2", 4, runner.hidden[4:]))
    torch.testing.assert_close(fine, shifted(runner.hidden, runner.expected))
    assert torch.equal(failed, runner.hidden[4:])
    assert runner.adapter.failed == {"slot 2"}
    (report,) = runner.adapter.reports.of_response("slot 2")
    assert "prompt tokens 0 to 3" in report["error"]
    # It is not tried again while the scheduler ends it.
    (token,) = runner.forward(("slot 2", N, torch.zeros(1, 16)))
    assert not token.any()


def test_a_delta_beyond_the_states_type_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(torch.float16)
    far = replace(
        learn(runner.hidden, runner.ids, Head(runner.weight, V), SlotArguments(1)), delta=torch.full((16,), 7e4)
    )
    monkeypatch.setattr("vllm_slot.runner.learn", lambda *_: far)
    (states,) = runner.forward(("slot", 0, runner.hidden))
    assert torch.equal(states, runner.hidden)
    assert runner.adapter.failed == {"slot"}
    (report,) = runner.adapter.reports.of_response("slot")
    assert "take a smaller slot_lr" in report["error"]


def test_learning_that_takes_too_long_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is that of all the prompts that end in one pass: the engine does not wait for ever."""
    runner = Runner()
    monkeypatch.setattr("vllm_slot.runner.LEARNING_SECONDS", -1)
    first, second, plain = runner.forward(
        ("slot 1", 0, runner.hidden), ("slot 2", 0, runner.hidden), ("plain", 0, runner.hidden)
    )
    assert torch.equal(torch.cat([first, second, plain]), torch.cat([runner.hidden] * 3))
    assert runner.adapter.failed == {"slot 1", "slot 2"}
    (report,) = runner.adapter.reports.of_response("slot 1")
    assert "fewer slot_steps" in report["error"]


def test_finished_requests_are_forgotten() -> None:
    runner = Runner()
    runner.forward(("slot", 0, runner.hidden[:4]), ("plain", 0, runner.hidden))
    runner.adapter.forget_all_but({"plain"})
    (after,) = runner.forward(("slot", 0, runner.hidden))
    torch.testing.assert_close(after, shifted(runner.hidden, runner.expected))


def test_rows_are_kept_in_their_own_type_and_dropped_when_learned() -> None:
    session = Session(SlotArguments(1), range(4))
    session.gather(torch.zeros(4, 2, dtype=torch.bfloat16), 0)
    assert session.rows[0].dtype == torch.bfloat16
    assert session.is_complete
