from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from vllm_slot.arguments import MAX_DELTA, GivenDelta, KeepHidden, SlotArguments, parse_arguments


def floats(*numbers: float) -> str:
    """As a client writes them."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


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


def test_a_delta_may_be_given() -> None:
    given = parse_arguments({"slot_delta": floats(0.5, -2.0, 3e38)})
    assert given == GivenDelta(struct.pack("<3f", 0.5, -2.0, 3e38))
    assert given.size == 3


def test_hidden_states_may_be_asked_for() -> None:
    assert parse_arguments({"slot_hidden": 1}) == KeepHidden()


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
    *(
        ({"slot_delta": value}, "slot_delta must be 1 to 65536 finite numbers")
        for value in (
            "",
            "AAA",
            "AAAA",
            "not base64",
            "ÄÖÜß" * 4,
            1,
            [0.5],
            None,
            floats(float("nan")),
            floats(1.0, float("inf")),
            "A" * (8 * MAX_DELTA),
            base64.b64encode(bytes(4 * MAX_DELTA + 4)).decode(),
        )
    ),
    *(({"slot_hidden": value}, "slot_hidden must be a whole number") for value in (0, 2, True, "1")),
    ({"slot_delta": floats(1.0), "slot_steps": 5}, "slot_delta goes with no other slot_ key"),
    ({"slot_hidden": 1, "slot_steps": 5}, "slot_hidden goes with no other slot_ key"),
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
