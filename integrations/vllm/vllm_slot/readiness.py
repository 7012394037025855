"""Whether this process's engine runs SLOT: asked once, when the server starts."""

from __future__ import annotations

from typing import Any

from . import __version__
from .admission import refuse_server

UNCHECKED = (
    "SLOT is not ready: start the server with VLLM_PLUGINS=slot (vllm serve or vllm.entrypoints.openai.api_server)"
)

# Not known in a process that serves no requests: the engine's and the workers', where they are already admitted.
_is_known = False
_reason: str | None = None


def refusal() -> str | None:
    """Why requests for SLOT are refused, as far as this process knows."""
    return _reason


def require_checked() -> str | None:
    """The same where requests enter the engine: there it must be known."""
    return _reason if _is_known else UNCHECKED


async def check_engine(engine: Any) -> None:
    """Asks the engine's workers. `engine` is vLLM's EngineClient."""
    global _is_known, _reason
    _reason = refuse_server(engine.vllm_config) or await _ask_workers(engine)
    _is_known = True


async def _ask_workers(engine: Any) -> str | None:
    try:
        versions = await engine.collective_rpc("slot_version")
    except Exception as error:
        return f"SLOT is not ready: install vllm-slot {__version__} on every machine ({error})"
    if set(versions) != {__version__}:
        return f"SLOT is not ready: install vllm-slot {__version__} on every machine, found {sorted(set(versions))}"
    reasons = await engine.collective_rpc("slot_prepare")
    return next((reason for reason in reasons if reason is not None), None)
