"""Routes of the server, behind its key as all below /v1: what SLOT can do here, what a request learned, and the hidden
states of its prompt.

vLLM loads them where VLLM_PLUGINS names `slot`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator
from typing import Any

import vllm
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from . import __version__, readiness
from .admission import MAX_PROMPT
from .arguments import MAX_LR, MAX_STEPS, MAX_TOP, ORIGINS, PRESETS

MAX_ID = 256

router = APIRouter()


class SlotEndpoint:
    """An `EndpointPlugin` of vLLM's."""

    name = "slot"
    required_tasks = ("generate",)

    def attach_router(self, app: FastAPI) -> None:
        app.include_router(router)

    async def init_state(self, engine_client: Any, state: Any, args: Namespace) -> None:
        state.slot_engine = engine_client
        await readiness.check_engine(engine_client)


@router.get("/v1/slot")
async def describe(request: Request) -> dict[str, Any]:
    reason = readiness.require_checked()
    config = request.app.state.slot_engine.vllm_config
    model = config.model_config
    return {
        "version": __version__,
        "vllm_version": vllm.__version__,
        "is_ready": reason is None,
        "reason": reason,
        "presets": PRESETS,
        "origins": ORIGINS,
        "max_steps": MAX_STEPS,
        "max_lr": MAX_LR,
        "max_top": MAX_TOP,
        "max_prompt_tokens": MAX_PROMPT,
        "hidden_size": model.get_hidden_size(),
        "vocab_size": model.get_vocab_size(),
        "max_model_len": model.max_model_len,
        "max_num_seqs": config.scheduler_config.max_num_seqs,
        "dtype": str(model.dtype).removeprefix("torch."),
        "quantization": model.quantization,
    }


@router.get("/v1/slot/reports/{response_id}")
async def reports(response_id: str, request: Request) -> dict[str, Any]:
    found = await _ask_workers(request, "slot_reports", response_id)
    if not found:
        raise HTTPException(404, "no report of this id: it is there once the answer begins, until 64 later ones")
    return {"reports": found}


@router.get("/v1/slot/hidden/{response_id}")
async def hidden(response_id: str, request: Request) -> StreamingResponse:
    """[n, d] float32, little-endian; given once."""
    part = await _ask_workers(request, "slot_hidden", response_id, 0)
    if not part:
        raise HTTPException(404, "no hidden states of this id: they are given once, and the oldest are dropped")
    n, d = part["shape"]

    async def parts() -> AsyncIterator[bytes]:
        found, row = part, 0
        try:
            while found:
                yield found["data"]
                row += found["rows"]
                found = await _ask_workers(request, "slot_hidden", response_id, row) if row < n else None
        finally:
            await _ask_workers(request, "slot_forget_hidden", response_id)

    headers = {"Content-Length": str(4 * n * d)}
    return StreamingResponse(parts(), media_type="application/octet-stream", headers=headers)


async def _ask_workers(request: Request, method: str, response_id: str, *args: Any) -> Any:
    """The first answer that is one. Raises HTTPException where there can be none."""
    if len(response_id) > MAX_ID:
        raise HTTPException(400, f"a response's id has at most {MAX_ID} characters")
    if (reason := readiness.require_checked()) is not None:
        raise HTTPException(409, reason)
    answers = await request.app.state.slot_engine.collective_rpc(method, args=(response_id, *args))
    return next((answer for answer in answers if answer), None)
