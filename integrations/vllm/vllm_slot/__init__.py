"""SLOT (arXiv 2505.12392) inside vLLM's server, for the requests that ask for it by `vllm_xargs`."""

from __future__ import annotations

__version__ = "0.2.0"

# First version that works, first that is not known to.
VLLM_VERSIONS = ((0, 30), (0, 33))


def register() -> None:
    """vLLM's entry point `vllm.general_plugins`: called in each of its processes, more than once in some.

    Raises RuntimeError with a vLLM that this does not know, so that no server starts on which SLOT has no effect.
    """
    import vllm

    version = tuple(vllm.__version_tuple__[:2])
    low, high = VLLM_VERSIONS
    if not low <= version < high:
        known = f"{low[0]}.{low[1]} up to, not including, {high[0]}.{high[1]}"
        raise RuntimeError(
            f"vllm-slot {__version__} works with vLLM {known}, and this is {vllm.__version__}: "
            "install one of those, or uninstall vllm-slot"
        )
    from .hooks import install

    install()
