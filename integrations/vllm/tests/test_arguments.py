from __future__ import annotations

from typing import Any

import pytest

from vllm_slot.arguments import SlotArguments, parse_arguments


@pytest.mark.parametrize(
    "extra", [None, {}, {"session_id": "a", "lr": 1}, {"slot_steps": 0}, {"slot_steps": 0, "slot_lr": 1}]
)
def test_requests_without_slot_are_none(extra: Any) -> None:
    assert parse_arguments(extra) is None


def test_defaults_are_the_reference_implementations() -> None:
    assert parse_arguments({"slot_steps": 5}) == SlotArguments(5, 0.1, "transformers", None, "own", 0, 20)


def test_all_keys_are_read() -> None:
    extra = {
        "slot_steps": 3,
        "slot_lr": 1,
        "slot_preset": "vllm",
        "slot_weight_decay": 0,
        "slot_origin": "random",
        "slot_seed": 2**32 - 1,
        "slot_top": 1,
        "another": [1],
    }
    assert parse_arguments(extra) == SlotArguments(3, 1.0, "vllm", 0.0, "random", 2**32 - 1, 1)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"slot_lr": 0.1}, "without slot_steps"),
    ({"slot_step": 5}, "SLOT knows slot_steps"),
    ({"slot_" + "x" * 10_000: 5}, "SLOT knows"),
    *(
        ({"slot_steps": value}, "slot_steps must be a whole number from 0 to 1000")
        for value in (-1, 1001, 10**400, True, 5.0, float("nan"), "5", None, [5], {"a": 1}, "x" * 10_000)
    ),
    *(
        ({"slot_steps": 5, "slot_lr": value}, "slot_lr must be a number from")
        for value in (0, 0.0, -0.1, 100.1, 1e39, 10**400, float("nan"), float("inf"), 1e-300, True, "0.1", None, [0.1])
    ),
    *(
        ({"slot_steps": 5, "slot_weight_decay": value}, "slot_weight_decay must be a number")
        for value in (-1e-9, 101, float("nan"), "0")
    ),
    *(({"slot_steps": 5, "slot_preset": value}, "'transformers' or 'vllm'") for value in ("Vllm", 1, None, ["vllm"])),
    *(({"slot_steps": 5, "slot_origin": value}, "'own' or 'minus' or 'random'") for value in ("none", 0, "")),
    ({"slot_steps": 5, "slot_seed": 1}, "slot_seed goes with slot_origin 'random'"),
    ({"slot_steps": 5, "slot_origin": "random"}, "slot_seed goes with slot_origin 'random'"),
    *(
        ({"slot_steps": 5, "slot_origin": "random", "slot_seed": value}, "slot_seed must be a whole number")
        for value in (-1, 2**32, 1.5, "1")
    ),
    *(({"slot_steps": 5, "slot_top": value}, "slot_top must be a whole number") for value in (0, 1001, 2.0)),
    ({"slot_steps": 1000, "slot_top": 21}, "slot_steps times slot_top must be at most 20000"),
    # Also where the steps are none: what is written wrong is told.
    ({"slot_steps": 0, "slot_lr": -1}, "slot_lr"),
]


@pytest.mark.parametrize(("extra", "says"), BAD)
def test_bad_values_are_refused_in_one_short_line(extra: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match="slot_") as refused:
        parse_arguments(extra)
    message = str(refused.value)
    assert says in message
    assert "\n" not in message
    assert len(message) < 250
