"""SLOT's optimisation (arXiv 2505.12392): delta minimises the prompt's own cross-entropy.

delta is the same at all positions, so that W·(h + delta) = z + b with z = W·h and b = W·delta, and the gradient is
Wᵀ·r with r the mean over positions of (softmax - onehot), times the tail's derivative. No autograd is needed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from .arguments import Preset, SlotArguments
from .head import Head

# Of float32 logits: worked on at a time, and kept from step to step. Others are computed anew in each step.
BLOCK_BYTES = 64 * 2**20
KEPT_BYTES = 256 * 2**20
# Numbers of losses by position that a report holds, over all steps.
MAX_POSITION_LOSSES = 100_000

LISTS: Final = ("boosted", "suppressed", "gained", "lost")


class NotFinite(Exception):
    """A loss, or delta itself, is not a finite number."""


class TooLong(Exception):
    """The time that a server has for learning is over."""


@dataclass(frozen=True)
class AdamWSettings:
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    # Whether the mean gradient is divided by the number of targets once more.
    divides_again: bool


# The reference implementation's two settings: its transformers runner and its vLLM runner.
PRESET_SETTINGS: Final[dict[Preset, AdamWSettings]] = {
    "transformers": AdamWSettings((0.9, 0.999), 1e-5, 1e-8, False),
    "vllm": AdamWSettings((0.9, 0.95), 1e-6, 1e-5, True),
}


@dataclass(frozen=True)
class Step:
    """`loss` and `grad_norm` are before the update of this step; all else is after it.

    `lists` [4, k, 3] holds, for each of LISTS, (id, shift of the logit, probability mass moved: the mean over positions
    of p_slot - p_base), the largest first; ids of -1 stand for nothing. A control has one step, after no gradient.
    """

    loss: float
    grad_norm: float | None
    delta_norm: float
    ms: float
    shift_mean: float
    lists: Tensor
    position_loss: Tensor | None


@dataclass(frozen=True)
class Learned:
    """What was learned: `delta` [d], float32. Losses in nats, `position_*` [n - 1] of the token after each."""

    delta: Tensor
    initial_loss: float
    final_loss: float
    position_before: Tensor
    position_after: Tensor
    steps: list[Step]


@dataclass(frozen=True)
class Evaluation:
    loss: float
    gradient: Tensor
    position_loss: Tensor
    # This rank's part of the mean over positions of the softmax.
    mean: Tensor


class Objective:
    """The prompt's cross-entropy as a function of delta."""

    def __init__(self, hidden: Tensor, ids: Sequence[int], head: Head, deadline: float) -> None:
        """`hidden` [n, d] the prompt's last hidden states, `ids` its n tokens, n at least 2."""
        self._head, self._deadline = head, deadline
        self._hidden = hidden[:-1]
        targets = torch.tensor(ids[1:], device=hidden.device) - head.first
        self._is_own = (targets >= 0) & (targets < head.rows)
        self._targets = targets.clamp(0, head.rows - 1)
        self._height = max(1, BLOCK_BYTES // (4 * head.largest))
        self._kept: dict[int, Tensor] = {}

    @property
    def positions(self) -> int:
        return self._hidden.shape[0]

    def at(self, delta: Tensor) -> Evaluation:
        """Raises TooLong."""
        shift = self._head.shift(delta)
        mean, residual = torch.zeros_like(shift), torch.zeros_like(shift)
        losses: list[Tensor] = []
        for start, raw in self._blocks():
            self._check_time(raw.device)
            block = slice(start, start + raw.shape[0])
            targets, is_own = self._targets[block], self._is_own[block]
            logits, slope = self._head.logits(raw + shift)
            probabilities, loss = self._softmax(logits, targets, is_own)
            losses.append(loss)
            mean += probabilities.sum(0)
            # Now softmax - onehot.
            probabilities[torch.arange(len(targets), device=targets.device), targets] -= is_own.float()
            residual += (probabilities * slope).sum(0) if slope is not None else probabilities.sum(0) * self._head.scale
        position_loss = torch.cat(losses)
        return Evaluation(
            loss=position_loss.double().mean().item(),
            gradient=self._head.pull_back(residual / self.positions),
            position_loss=position_loss,
            mean=mean / self.positions,
        )

    def _check_time(self, device: torch.device) -> None:
        # Clocks differ: all ranks end together, or the others would wait for one.
        late = torch.tensor([time.monotonic() - self._deadline], device=device)
        if self._head.shards.max(late).item() > 0:
            raise TooLong("learning takes too long on this server: take fewer slot_steps, or a shorter prompt")

    def _softmax(self, logits: Tensor, targets: Tensor, is_own: Tensor) -> tuple[Tensor, Tensor]:
        """Overwrites `logits` with their softmax over all ranks. Returns it, and each position's cross-entropy."""
        shards = self._head.shards
        target = logits.gather(1, targets[:, None])[:, 0]
        highest = shards.max(logits.amax(1))
        exponentials = logits.sub_(highest[:, None]).exp_()
        sums, target = shards.sum(torch.stack([exponentials.sum(1), torch.where(is_own, target, 0.0)]))
        return exponentials.div_(sums[:, None]), sums.log() + highest - target

    def _blocks(self) -> Iterator[tuple[int, Tensor]]:
        for start in range(0, self.positions, self._height):
            raw = self._kept.get(start)
            if raw is None:
                raw = self._head.project(self._hidden[start : start + self._height])
                if 4 * self._head.largest * (start + len(raw)) <= KEPT_BYTES:
                    self._kept[start] = raw
            yield start, raw


class AdamW:
    """Loshchilov & Hutter, arXiv 1711.05101, algorithm 2, on one vector in float64."""

    def __init__(self, size: int, lr: float, settings: AdamWSettings, device: torch.device) -> None:
        self.delta, self._m, self._v = torch.zeros(3, size, dtype=torch.float64, device=device)
        self._lr, self._settings, self._t = lr, settings, 0

    def update(self, gradient: Tensor) -> None:
        (beta1, beta2), decay = self._settings.betas, self._lr * self._settings.weight_decay
        gradient = gradient.double()
        self._t += 1
        self._m.lerp_(gradient, 1 - beta1)
        self._v.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        corrected = (self._v / (1 - beta2**self._t)).sqrt_().add_(self._settings.eps)
        self.delta.mul_(1 - decay).addcdiv_(self._m / (1 - beta1**self._t), corrected, value=-self._lr)


def learn(
    hidden: Tensor, ids: Sequence[int], head: Head, arguments: SlotArguments, deadline: float = math.inf
) -> Learned:
    """Learns delta from a prompt's last hidden states [n, d] and its n ids, n at least 2.

    `deadline` is a time of `time.monotonic`. Raises NotFinite, TooLong.
    """
    settings = PRESET_SETTINGS[arguments.preset]
    if arguments.weight_decay is not None:
        settings = replace(settings, weight_decay=arguments.weight_decay)
    objective = Objective(hidden, ids, head, deadline)
    optimiser = AdamW(hidden.shape[1], arguments.lr, settings, hidden.device)
    before = now = objective.at(optimiser.delta)
    record = Recorder(head, before, arguments.top, objective.positions * arguments.steps <= MAX_POSITION_LOSSES)
    for _ in range(arguments.steps):
        gradient = now.gradient / (objective.positions if settings.divides_again else 1)
        optimiser.update(gradient)
        previous, now = now, objective.at(optimiser.delta)
        if not math.isfinite(previous.loss + now.loss):
            raise NotFinite("the loss is no longer a finite number: take a smaller slot_lr")
        if arguments.origin == "own":
            record.step(previous.loss, gradient, optimiser.delta, now)
    delta = optimiser.delta
    if arguments.origin != "own":
        delta = -delta if arguments.origin == "minus" else random_like(delta, arguments.seed)
        now = objective.at(delta)
        record.step(before.loss, None, delta, now)
    return Learned(
        delta=delta.float(),
        initial_loss=before.loss,
        final_loss=now.loss,
        position_before=before.position_loss.cpu(),
        position_after=now.position_loss.cpu(),
        steps=record.steps,
    )


def random_like(delta: Tensor, seed: int) -> Tensor:
    """A direction that knows nothing of the prompt: NumPy's `RandomState(seed).standard_normal(d)`, delta's length."""
    draws: Tensor = torch.from_numpy(np.random.RandomState(seed).standard_normal(len(delta))).to(delta)
    return draws.mul(delta.norm() / draws.norm())


class Recorder:
    """What each step did to the loss and to the vocabulary."""

    def __init__(self, head: Head, before: Evaluation, top: int, holds_positions: bool) -> None:
        self.steps: list[Step] = []
        self._head, self._before, self._top, self._holds_positions = head, before, top, holds_positions
        self._began = time.perf_counter()

    def step(self, loss: float, gradient: Tensor | None, delta: Tensor, after: Evaluation) -> None:
        shift = self._head.shift(delta) * self._head.scale
        lists = largest(shift, after.mean - self._before.mean, self._head, self._top)
        shift_mean = self._head.shards.sum((after.mean.double() @ shift.double()).reshape(1)).item()
        ended = time.perf_counter()
        self.steps.append(
            Step(
                loss=loss,
                grad_norm=None if gradient is None else gradient.double().norm().item(),
                delta_norm=delta.norm().item(),
                ms=1000 * (ended - self._began),
                shift_mean=shift_mean,
                lists=lists,
                position_loss=after.position_loss.cpu() if self._holds_positions else None,
            )
        )
        self._began = ended


def largest(shift: Tensor, moved: Tensor, head: Head, top: int) -> Tensor:
    """`Step.lists` of all ranks' ids. `shift` and `moved` [V] are this rank's; ids are exact in float64."""
    candidates = torch.full((len(LISTS), top, 4), -torch.inf, dtype=torch.float64, device=shift.device)
    for row, key in enumerate((shift, -shift, moved, -moved)):
        values, at = key.topk(min(top, head.rows))
        columns = (at + head.first, shift[at], moved[at], values)
        candidates[row, : len(at)] = torch.stack([column.double() for column in columns], 1)
    merged = torch.cat(head.shards.gather(candidates), 1)
    order = merged[:, :, 3].argsort(dim=1, descending=True, stable=True)[:, :top]
    best = merged.gather(1, order[:, :, None].expand(-1, -1, 4))
    # float32 holds the ids of any vocabulary (below 2**24) and half the bytes.
    return torch.where(best[:, :, 3:] == -torch.inf, -1.0, best)[:, :, :3].float().cpu()


def rehearse(head: Head, dtype: torch.dtype) -> None:
    """Learns from noise once, as much as takes all the memory that a long prompt takes."""
    rows = (KEPT_BYTES + BLOCK_BYTES) // (4 * head.largest) + 2
    hidden = torch.zeros(rows, head.weight.shape[1], dtype=dtype, device=head.weight.device)
    learn(hidden, [0] * rows, head, SlotArguments(steps=1, top=1))
