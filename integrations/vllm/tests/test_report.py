from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from vllm_slot.arguments import SlotArguments
from vllm_slot.head import Head
from vllm_slot.learn import LISTS, learn
from vllm_slot.report import MAX_REPORTS, Reports, engine_ids

from .test_learn import N, V, problem


def test_a_report_is_plain_json_that_holds_what_was_learned() -> None:
    hidden, ids, weight = problem(12)
    arguments = SlotArguments(3, top=60)
    learned = learn(hidden, ids, Head(weight, V), arguments)
    reports = Reports()
    reports.add("cmpl-a-0-0123abcd", arguments, learned)
    (found,) = json.loads(json.dumps(reports.of_response("cmpl-a"), allow_nan=False))
    assert found["prompt_tokens"] == N
    assert (found["initial_loss"], found["final_loss"]) == (learned.initial_loss, learned.final_loss)
    assert [step["loss"] for step in found["steps"]] == [step.loss for step in learned.steps]
    assert [step["step"] for step in found["steps"]] == [0, 1, 2]
    assert found["steps"][-1]["position_loss"] == found["position_loss"]["after"]
    assert np.array_equal(np.frombuffer(base64.b64decode(found["delta"]), "<f4"), learned.delta.numpy())
    for name in LISTS:
        # No more than there are.
        assert len(found["steps"][0][name]) == V
        assert set(found["steps"][0][name][0]) == {"id", "shift", "mass_moved"}
    assert found["arguments"]["steps"] == 3


@pytest.mark.parametrize(
    ("engine_id", "is_of_it"),
    [
        ("cmpl-a", True),
        ("cmpl-a-0123abcd", True),
        ("cmpl-a-0-0123abcd", True),
        ("chatcmpl-a-0-0123abcd", False),
        ("1_cmpl-a-0-0123abcd", True),
        ("cmpl-a_2-0123abcd", True),
        ("cmpl-a-b-0-0123abcd", False),
        ("cmpl-ab-0-0123abcd", False),
        ("cmpl.a-0-0123abcd", False),
    ],
)
def test_the_engines_ids_of_a_response(engine_id: str, is_of_it: bool) -> None:
    assert (engine_ids("cmpl-a").fullmatch(engine_id) is not None) == is_of_it


def test_an_id_is_no_pattern() -> None:
    assert engine_ids("cmpl-.*").fullmatch("cmpl-a") is None


def test_the_oldest_go_first() -> None:
    reports = Reports()
    for number in range(MAX_REPORTS + 1):
        reports.add(f"cmpl-x{number}", SlotArguments(1), "why")
    assert reports.of_response("cmpl-x0") == []
    assert reports.of_response("cmpl-x1")[0]["error"] == "why"
