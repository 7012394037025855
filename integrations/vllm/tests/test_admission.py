from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from vllm_slot import __version__, readiness
from vllm_slot.admission import MAX_PROMPT, refuse_request, refuse_server
from vllm_slot.arguments import Arguments, GivenDelta, KeepHidden, SlotArguments


def config(**changed: Any) -> SimpleNamespace:
    """What of a VllmConfig is looked at; `a__b` sets b of a."""
    made = SimpleNamespace(
        use_v2_model_runner=False,
        speculative_config=None,
        lora_config=None,
        kv_transfer_config=None,
        diffusion_config=None,
        parallel_config=SimpleNamespace(
            data_parallel_size=1, prefill_context_parallel_size=1, decode_context_parallel_size=1, enable_dbo=False
        ),
        cache_config=SimpleNamespace(kv_sharing_fast_prefill=False),
        model_config=SimpleNamespace(runner_type="generate", is_encoder_decoder=False),
    )
    for key, value in changed.items():
        *path, name = key.split("__")
        setattr(getattr(made, path[0]) if path else made, name, value)
    return made


def test_a_plain_server_is_taken() -> None:
    assert refuse_server(config()) is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"use_v2_model_runner": True}, "VLLM_USE_V2_MODEL_RUNNER=0"),
        ({"speculative_config": object()}, "speculative decoding"),
        ({"lora_config": object()}, "LoRA"),
        ({"kv_transfer_config": object()}, "--kv-transfer-config"),
        ({"diffusion_config": object()}, "diffusion"),
        ({"parallel_config__data_parallel_size": 2}, "one server for each replica"),
        ({"parallel_config__prefill_context_parallel_size": 2}, "context parallelism"),
        ({"parallel_config__decode_context_parallel_size": 2}, "context parallelism"),
        ({"parallel_config__enable_dbo": True}, "--enable-dbo"),
        ({"cache_config__kv_sharing_fast_prefill": True}, "--kv-sharing-fast-prefill"),
        ({"model_config__runner_type": "pooling"}, "do not generate"),
        ({"model_config__is_encoder_decoder": True}, "encoder-decoder"),
    ],
)
def test_servers_that_are_refused(changed: dict[str, Any], says: str) -> None:
    reason = refuse_server(config(**changed))
    assert reason is not None
    assert says in reason


def request(**changed: Any) -> SimpleNamespace:
    fields: dict[str, Any] = {
        "prompt_token_ids": [1, 2],
        "prompt_embeds": None,
        "mm_features": None,
        "resumable": False,
    }
    return SimpleNamespace(**{**fields, **changed})


@pytest.mark.parametrize("changed", [{}, {"mm_features": []}, {"prompt_token_ids": [1] * MAX_PROMPT}])
def test_requests_that_are_taken(changed: dict[str, Any]) -> None:
    for arguments in (SlotArguments(1), KeepHidden(), GivenDelta(bytes(4 * 16))):
        assert refuse_request(request(**changed), arguments, 16) is None


@pytest.mark.parametrize(
    ("changed", "arguments"),
    [
        ({"prompt_token_ids": [1]}, KeepHidden()),
        # Of its prompt nothing is held.
        ({"prompt_token_ids": [1] * (MAX_PROMPT + 1)}, GivenDelta(bytes(4 * 16))),
    ],
)
def test_only_learning_needs_a_prompt_of_a_certain_length(changed: dict[str, Any], arguments: Arguments) -> None:
    assert refuse_request(request(**changed), arguments, 16) is None


def test_a_delta_of_another_models_size_is_refused() -> None:
    reason = refuse_request(request(), GivenDelta(bytes(4 * 15)), 16)
    assert reason == "slot_delta has 15 numbers, and this model's has 16"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"prompt_token_ids": None}, "text alone"),
        ({"prompt_embeds": object()}, "text alone"),
        ({"mm_features": [object()]}, "text alone"),
        ({"resumable": True}, "in parts"),
        ({"prompt_token_ids": [1]}, "at least 2 tokens"),
        ({"prompt_token_ids": [1] * (MAX_PROMPT + 1)}, f"at most {MAX_PROMPT}"),
    ],
)
def test_requests_that_are_refused(changed: dict[str, Any], says: str) -> None:
    reason = refuse_request(request(**changed), SlotArguments(1), 16)
    assert reason is not None
    assert says in reason


class Engine:
    """An EngineClient whose workers answer as told; an answer that is an error is raised."""

    def __init__(self, answers: dict[str, Any], **changed: Any) -> None:
        self.vllm_config, self.answers, self.asked = config(**changed), answers, list[str]()

    async def collective_rpc(self, method: str) -> Any:
        self.asked.append(method)
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_is_known", False)
    monkeypatch.setattr(readiness, "_reason", None)


def test_unasked_engines_are_not_ready() -> None:
    assert readiness.require_checked() == readiness.UNCHECKED
    # A process that serves no requests does not refuse what was admitted elsewhere.
    assert readiness.refusal() is None


def test_an_engine_is_ready_when_all_its_workers_are() -> None:
    engine = Engine({"slot_version": [__version__] * 3, "slot_prepare": [None, None, None]})
    asyncio.run(readiness.check_engine(engine))
    assert readiness.require_checked() is None
    assert readiness.refusal() is None


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        (Engine({"slot_version": [__version__, "0.0.9"]}), "on every machine, found ['0.0.9'"),
        (Engine({"slot_version": AttributeError("no slot_version")}), "on every machine (no slot_version)"),
        (Engine({"slot_version": [__version__] * 2, "slot_prepare": [None, "its head"]}), "its head"),
        (Engine({}, use_v2_model_runner=True), "V2"),
    ],
)
def test_why_an_engine_is_not_ready(engine: Engine, says: str) -> None:
    asyncio.run(readiness.check_engine(engine))
    for reason in (readiness.require_checked(), readiness.refusal()):
        assert reason is not None
        assert says in reason


def test_workers_are_not_prepared_where_one_lacks_the_package() -> None:
    """Those that have it would wait for the other in their first collective."""
    engine = Engine({"slot_version": AttributeError("none"), "slot_prepare": []})
    asyncio.run(readiness.check_engine(engine))
    assert engine.asked == ["slot_version"]
