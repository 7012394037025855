"""What a request asks of SLOT: the `slot_*` keys of its `vllm_xargs`, checked before the engine sees them."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

import numpy as np

PREFIX = "slot_"

Preset = Literal["transformers", "vllm"]
Origin = Literal["own", "minus", "random"]
PRESETS: tuple[Preset, ...] = ("transformers", "vllm")
ORIGINS: tuple[Origin, ...] = ("own", "minus", "random")

MAX_STEPS = 1000
MAX_LR = 100.0
MAX_WEIGHT_DECAY = 100.0
MAX_SEED = 2**32 - 1
MAX_TOP = 1000
# Bounds what one report holds: each of its rows is an id and two numbers in each of four lists.
MAX_REPORTED_ROWS = 20_000

# More than the hidden size of any model.
MAX_DELTA = 65_536

LEARNING_KEYS = ("slot_steps", "slot_lr", "slot_preset", "slot_weight_decay", "slot_origin", "slot_seed", "slot_top")
KEYS = (*LEARNING_KEYS, "slot_delta", "slot_hidden")


@dataclass(frozen=True)
class SlotArguments:
    """The settings of one request.

    `steps` is T, at least 1; `lr` AdamW's learning rate; `weight_decay` replaces the preset's. `origin` says what is
    added to the hidden states: the learned delta, its negative, or a random direction as long (drawn from `seed`).
    `top` is the length of the lists of the report.
    """

    steps: int
    lr: float = 0.1
    preset: Preset = "transformers"
    weight_decay: float | None = None
    origin: Origin = "own"
    seed: int = 0
    top: int = 20


@dataclass(frozen=True)
class GivenDelta:
    """A delta that the client learned: `data` holds its d numbers, float32, little-endian, all finite."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data) // 4


@dataclass(frozen=True)
class KeepHidden:
    """Keeps the prompt's last hidden states, which the client fetches."""


Arguments: TypeAlias = SlotArguments | GivenDelta | KeepHidden


def parse_arguments(extra: Mapping[str, Any] | None) -> Arguments | None:
    """Reads a request's extra arguments.

    Returns None where none begins with `slot_`, or where `slot_steps` is 0, the baseline.
    Raises ValueError, one line that says what to write instead.
    """
    given = {key: value for key, value in (extra or {}).items() if str(key).startswith(PREFIX)}
    if not given:
        return None
    for key in given:
        if key not in KEYS:
            raise ValueError(f"vllm_xargs has {key[:40]!r}: SLOT knows {', '.join(KEYS)}")
    for key in ("slot_delta", "slot_hidden"):
        if key in given and len(given) > 1:
            raise ValueError(f"{key} goes with no other slot_ key: send them in requests of their own")
    if "slot_delta" in given:
        return GivenDelta(_floats(given["slot_delta"]))
    if "slot_hidden" in given:
        _integer(given, "slot_hidden", 1, 1)
        return KeepHidden()
    if "slot_steps" not in given:
        raise ValueError(f"vllm_xargs has {', '.join(given)} without slot_steps: add slot_steps, 1 to {MAX_STEPS}")
    steps = _integer(given, "slot_steps", 0, MAX_STEPS)
    top = _integer(given, "slot_top", 1, MAX_TOP, 20)
    origin = cast(Origin, _choice(given, "slot_origin", ORIGINS))
    if (origin == "random") != ("slot_seed" in given):
        raise ValueError("slot_seed goes with slot_origin 'random', and only with it")
    if steps * top > MAX_REPORTED_ROWS:
        raise ValueError(f"slot_steps times slot_top must be at most {MAX_REPORTED_ROWS}: take a smaller slot_top")
    arguments = SlotArguments(
        steps=steps,
        lr=_number(given, "slot_lr", MAX_LR) if "slot_lr" in given else 0.1,
        preset=cast(Preset, _choice(given, "slot_preset", PRESETS)),
        weight_decay=_weight_decay(given),
        origin=origin,
        seed=_integer(given, "slot_seed", 0, MAX_SEED, 0),
        top=top,
    )
    return arguments if steps > 0 else None


def _integer(given: Mapping[str, Any], key: str, low: int, high: int, default: int | None = None) -> int:
    value = given.get(key, default)
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{key} must be a whole number from {low} to {high}, not {_shown(value)}")
    return value


def _number(given: Mapping[str, Any], key: str, high: float, *, zero: bool = False) -> float:
    value = given[key]
    # A whole number of hundreds of digits has no float: compared before it is converted.
    if type(value) not in (int, float) or not (0 <= value <= high) or (value == 0 and not zero):
        raise ValueError(f"{key} must be a number from 0 to {high:g}, not {_shown(value)}")
    number = float(value)
    if not math.isfinite(number) or (number < 1e-12 and not zero):
        raise ValueError(f"{key} must be a number from 1e-12 to {high:g}, not {_shown(value)}")
    return number


def _floats(value: Any) -> bytes:
    wanted = f"slot_delta must be 1 to {MAX_DELTA} finite numbers, float32, little-endian, in base64"
    if not isinstance(value, str) or len(value) > 6 * MAX_DELTA:
        raise ValueError(f"{wanted}, not {_shown(value)}")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{wanted}, not {_shown(value)}") from None
    if not 4 <= len(data) <= 4 * MAX_DELTA or len(data) % 4 != 0 or not np.isfinite(np.frombuffer(data, "<f4")).all():
        raise ValueError(wanted)
    return data


def _weight_decay(given: Mapping[str, Any]) -> float | None:
    return _number(given, "slot_weight_decay", MAX_WEIGHT_DECAY, zero=True) if "slot_weight_decay" in given else None


def _choice(given: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    value = given.get(key, choices[0])
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{key} must be {' or '.join(repr(choice) for choice in choices)}, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    """What was sent, short enough for an error."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of more than 64 bits"
    text = repr(value) if isinstance(value, (str, int, float, bool)) else type(value).__name__
    return text if len(text) <= 40 else f"{text[:40]}…"
