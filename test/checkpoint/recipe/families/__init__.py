"""Configs of tiny checkpoints, as they stand on the hub, and what is changed in them, one at a time."""

from __future__ import annotations

from . import gemma, llama, phi, qwen, scaled
from .family import Family
from .llama import SAVED

__all__ = ["FAMILIES", "SAVED", "Family"]

FAMILIES: dict[str, Family] = {
    **llama.FAMILIES,
    **qwen.FAMILIES,
    **phi.FAMILIES,
    **gemma.FAMILIES,
    **scaled.FAMILIES,
}
