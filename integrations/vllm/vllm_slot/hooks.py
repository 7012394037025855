"""The places where vLLM is changed. Each calls vLLM's own function, and does nothing more for other requests."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from vllm.distributed import get_pp_group, get_tp_group
from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest
from vllm.entrypoints.openai.completion.protocol import CompletionRequest
from vllm.exceptions import VLLMValidationError
from vllm.logger import init_logger
from vllm.sampling_params import SamplingParams
from vllm.v1.core.sched.scheduler import Scheduler
from vllm.v1.engine.input_processor import InputProcessor
from vllm.v1.worker.gpu_model_runner import GPUModelRunner
from vllm.v1.worker.worker_base import WorkerBase

from . import __version__, readiness
from .admission import refuse_request, refuse_server
from .arguments import Arguments, GivenDelta, parse_arguments
from .head import GroupShards, OneShard, UnsupportedHead, find_head, verify_head
from .learn import rehearse
from .runner import Adapter, BatchRow
from .states import States

logger = init_logger("vllm.slot")


def install() -> None:
    if getattr(GPUModelRunner, "slot_adapter", None) is not None:
        return
    # Of the class: a runner that is ready has its own.
    GPUModelRunner.slot_adapter = False
    _wrap(SamplingParams, "_verify_args", _verify_args)
    _wrap(InputProcessor, "process_inputs", _process_inputs)
    for request in (CompletionRequest, ChatCompletionRequest):
        _wrap(request, "to_beam_search_params", _to_beam_search_params)
    _wrap(GPUModelRunner, "_model_forward", _model_forward)
    _wrap(GPUModelRunner, "sample_tokens", _sample_tokens)
    _wrap(Scheduler, "update_from_output", _update_from_output)
    for method in (slot_version, slot_prepare, slot_reports, slot_hidden, slot_forget_hidden):
        setattr(WorkerBase, method.__name__, method)


def _wrap(owner: type, name: str, wrapper: Callable[..., Any]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapper(original, self, *args, **kwargs)

    setattr(owner, name, wrapped)


# The server's front: what a request asks for is checked here.


def _checked(extra_args: Any) -> Arguments | None:
    try:
        return parse_arguments(extra_args)
    except ValueError as error:
        raise VLLMValidationError(str(error), parameter="vllm_xargs") from None


def _verify_args(original: Callable[..., None], params: SamplingParams) -> None:
    original(params)
    if _checked(params.extra_args) is not None and (reason := readiness.refusal()) is not None:
        raise VLLMValidationError(reason, parameter="vllm_xargs")


def _to_beam_search_params(original: Callable[..., Any], request: Any, *args: Any, **kwargs: Any) -> Any:
    if _checked(request.vllm_xargs) is not None:
        raise VLLMValidationError("SLOT does not work with beam search", parameter="use_beam_search")
    return original(request, *args, **kwargs)


def _process_inputs(original: Callable[..., Any], processor: Any, *args: Any, **kwargs: Any) -> Any:
    request = original(processor, *args, **kwargs)
    params = request.sampling_params
    arguments = None if params is None else _checked(params.extra_args)
    if arguments is None:
        return request
    config = processor.vllm_config
    reason = (
        readiness.require_checked()
        or refuse_server(config)
        or refuse_request(request, arguments, config.model_config.get_hidden_size())
    )
    if reason is not None:
        raise VLLMValidationError(reason, parameter="vllm_xargs")
    if not isinstance(arguments, GivenDelta):
        # All of the prompt's hidden states are needed: none may come from another request's cache.
        params.skip_reading_prefix_cache = True
    return request


# The engine's core: a request that could not be adapted ends with an error, as those do whose grammar fails.


def _update_from_output(original: Callable[..., Any], scheduler: Any, scheduled: Any, output: Any) -> Any:
    failed = getattr(output, "slot_failed", ())
    scheduler.grammar_compile_error_reqs.update(key for key in failed if key in scheduler.requests)
    return original(scheduler, scheduled, output)


# The workers: all ranks of the last pipeline stage, which hold the head.


def _model_forward(original: Callable[..., Any], runner: Any, *args: Any, **kwargs: Any) -> Any:
    hidden = original(runner, *args, **kwargs)
    adapter: Adapter | None = runner.slot_adapter or None
    if adapter is None or not isinstance(hidden, torch.Tensor):
        return hidden
    batch, starts = runner.input_batch, runner.query_start_loc.np
    found = []
    for index, key in enumerate(batch.req_ids):
        held = runner.requests[key]
        params = held.sampling_params
        session = adapter.session(key, params and params.extra_args, held.prompt_token_ids)
        if session is not None:
            position = int(batch.num_computed_tokens_cpu[index])
            found.append((BatchRow(key, int(starts[index]), int(starts[index + 1]), position), session))
    adapter.forget_all_but(runner.requests)
    if found:
        adapter.adapt(hidden, found)
    return hidden


def _sample_tokens(original: Callable[..., Any], runner: Any, *args: Any, **kwargs: Any) -> Any:
    output = original(runner, *args, **kwargs)
    if runner.slot_adapter and runner.slot_adapter.failed:
        # Under asynchronous scheduling the output is filled in later.
        getattr(output, "_model_runner_output", output).slot_failed = runner.slot_adapter.failed
        runner.slot_adapter.failed = set()
    return output


def slot_version(worker: Any) -> str:
    """By collective_rpc; without collectives, so that a rank that lacks this package is found before they begin."""
    return __version__


def slot_prepare(worker: Any) -> str | None:
    """By collective_rpc: makes SLOT ready on this rank, or says why it cannot work."""
    runner = worker.model_runner
    # Each of the server's front processes asks.
    if runner.slot_adapter or not get_pp_group().is_last_rank:
        return None
    group = get_tp_group()
    try:
        head = find_head(runner.get_model(), GroupShards(group.device_group) if group.world_size > 1 else OneShard())
        with torch.inference_mode():
            verify_head(head, runner.model.compute_logits, runner.dtype)
            rehearse(head, runner.dtype)
    except UnsupportedHead as error:
        return f"SLOT does not work with this model: {error}"
    except torch.OutOfMemoryError:
        return "SLOT needs 1 GiB of the accelerator's memory: start the server with a lower --gpu-memory-utilization"
    # All ranks hold the same states: one keeps those that are asked for.
    runner.slot_adapter = Adapter(head, States() if group.is_first_rank else None)
    logger.info("SLOT is ready")
    return None


def slot_reports(worker: Any, response_id: str) -> list[dict[str, Any]]:
    """By collective_rpc: the reports of one response."""
    adapter = worker.model_runner.slot_adapter
    return adapter.reports.of_response(response_id) if adapter else []


def slot_hidden(worker: Any, response_id: str, first: int) -> dict[str, Any] | None:
    """By collective_rpc: some of a response's kept states, from row `first` on."""
    adapter = worker.model_runner.slot_adapter
    return adapter.states.part(response_id, first) if adapter and adapter.states else None


def slot_forget_hidden(worker: Any, response_id: str) -> None:
    """By collective_rpc."""
    adapter = worker.model_runner.slot_adapter
    if adapter and adapter.states:
        adapter.states.forget(response_id)
