"""Which servers and requests SLOT takes: what it cannot do is refused before the engine sees it."""

from __future__ import annotations

from typing import Any

from .arguments import Arguments, GivenDelta, KeepHidden

# Hidden states of a prompt are held until its last token is read.
MAX_PROMPT = 16_384


def refuse_server(config: Any) -> str | None:
    """Why a server started with this VllmConfig cannot run SLOT, with what to start instead; None where it can."""
    parallel, cache, model = config.parallel_config, config.cache_config, config.model_config
    reasons = {
        "vLLM's V2 model runner: start the server with VLLM_USE_V2_MODEL_RUNNER=0": config.use_v2_model_runner,
        "speculative decoding: start the server without --speculative-config": config.speculative_config is not None,
        "LoRA: start the server without --enable-lora": config.lora_config is not None,
        "KV transfer or offloading: start the server without --kv-transfer-config": config.kv_transfer_config
        is not None,
        "data parallelism: start one server for each replica": parallel.data_parallel_size > 1,
        "context parallelism: start the server with tensor or pipeline parallelism": (
            parallel.prefill_context_parallel_size > 1 or parallel.decode_context_parallel_size > 1
        ),
        "dual batch overlap: start the server without --enable-dbo": parallel.enable_dbo,
        "--kv-sharing-fast-prefill: start the server without it": cache.kv_sharing_fast_prefill,
        "models that do not generate": model.runner_type != "generate",
        "encoder-decoder models": model.is_encoder_decoder,
        "diffusion models": config.diffusion_config is not None,
    }
    found = next((reason for reason, applies in reasons.items() if applies), None)
    return None if found is None else f"SLOT does not work with {found}"


def refuse_request(request: Any, arguments: Arguments, hidden_size: int) -> str | None:
    """Why SLOT cannot do with this EngineCoreRequest what its arguments ask for; None where it can."""
    ids = request.prompt_token_ids
    if request.prompt_embeds is not None or request.mm_features or ids is None:
        return "SLOT works with text alone: send a prompt without images, audio or embeddings"
    if request.resumable:
        return "SLOT does not work with prompts that are sent in parts"
    if isinstance(arguments, GivenDelta):
        size = arguments.size
        return None if size == hidden_size else f"slot_delta has {size} numbers, and this model's has {hidden_size}"
    if len(ids) < 2 and not isinstance(arguments, KeepHidden):
        return "SLOT needs a prompt of at least 2 tokens: there is no next token to learn from"
    if len(ids) > MAX_PROMPT:
        return f"SLOT takes prompts of at most {MAX_PROMPT} tokens, and this one has {len(ids)}"
    return None
