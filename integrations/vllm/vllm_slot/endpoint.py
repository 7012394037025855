"""Two routes of the server, behind its key as all below /v1: what SLOT can do here, and what a request learned.

vLLM loads them where VLLM_PLUGINS names `slot`.
"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import vllm
from fastapi import APIRouter, FastAPI, HTTPException, Request

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
async def describe() -> dict[str, Any]:
    reason = readiness.require_checked()
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
    }


@router.get("/v1/slot/reports/{response_id}")
async def reports(response_id: str, request: Request) -> dict[str, Any]:
    if len(response_id) > MAX_ID:
        raise HTTPException(400, f"a response's id has at most {MAX_ID} characters")
    reason = readiness.require_checked()
    if reason is not None:
        raise HTTPException(409, reason)
    answers = await request.app.state.slot_engine.collective_rpc("slot_reports", args=(response_id,))
    found: list[dict[str, Any]] = next((answer for answer in answers if answer), [])
    if not found:
        raise HTTPException(404, "no report of this id: it is there once the answer begins, until 64 later ones")
    return {"reports": found}
