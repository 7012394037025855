from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from vllm_slot import learn as module
from vllm_slot.arguments import SlotArguments
from vllm_slot.head import Head
from vllm_slot.learn import LISTS, Learned, NotFinite, TooLong, learn

from .reference import reference

V, D, N = 50, 16, 12


def problem(seed: int = 0, dtype: torch.dtype = torch.float32) -> tuple[Tensor, list[int], Tensor]:
    drawn = torch.Generator().manual_seed(seed)
    hidden = torch.randn(N, D, generator=drawn).to(dtype)
    weight = (torch.randn(V, D, generator=drawn) / 2).to(dtype)
    return hidden, torch.randint(V, (N,), generator=drawn).tolist(), weight


def held(learned: Learned, expected: tuple[list[float], list[float], list[Tensor]]) -> None:
    losses, norms, deltas = expected
    steps = learned.steps
    assert [step.loss for step in steps] == pytest.approx(losses[:-1], abs=2e-5)
    assert [step.grad_norm for step in steps] == pytest.approx(norms, rel=1e-4)
    assert [step.delta_norm for step in steps] == pytest.approx([delta.norm().item() for delta in deltas[1:]], rel=1e-4)
    assert (learned.initial_loss, learned.final_loss) == pytest.approx((losses[0], losses[-1]), abs=2e-5)
    torch.testing.assert_close(learned.delta.double(), deltas[-1], atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("steps", [1, 5, 40])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_learns_what_autograd_and_torchs_adamw_learn(steps: int, dtype: torch.dtype) -> None:
    hidden, ids, weight = problem(1, dtype)
    learned = learn(hidden, ids, Head(weight, V), SlotArguments(steps, 0.1))
    held(learned, reference(hidden, ids, weight, steps=steps, lr=0.1))


def test_the_vllm_preset() -> None:
    hidden, ids, weight = problem(2)
    expected = reference(
        hidden, ids, weight, steps=6, lr=0.05, betas=(0.9, 0.95), eps=1e-6, weight_decay=1e-5, divides_again=True
    )
    held(learn(hidden, ids, Head(weight, V), SlotArguments(6, 0.05, "vllm")), expected)


def test_a_weight_decay_of_the_requests_own() -> None:
    hidden, ids, weight = problem(2)
    expected = reference(hidden, ids, weight, steps=8, lr=0.1, weight_decay=3.0)
    held(learn(hidden, ids, Head(weight, V), SlotArguments(8, 0.1, weight_decay=3.0)), expected)


@pytest.mark.parametrize("soft_cap", [None, 2.5])
@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_tails(soft_cap: float | None, scale: float) -> None:
    hidden, ids, weight = problem(3)
    bias = torch.linspace(-1, 1, V)
    head = Head(weight, V, bias=bias, scale=scale, soft_cap=soft_cap)
    expected = reference(hidden, ids, weight, steps=5, lr=0.1, bias=bias, scale=scale, soft_cap=soft_cap)
    held(learn(hidden, ids, head, SlotArguments(5)), expected)


@pytest.mark.parametrize("kept", [0, 3 * 4 * V, 10**9])
def test_blocks_and_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Prompts in blocks of three positions, of which none, one or all are kept; the matrix widened 7 rows at a time."""
    hidden, ids, weight = problem(4, torch.bfloat16)
    monkeypatch.setattr(module, "BLOCK_BYTES", 3 * 4 * V)
    monkeypatch.setattr(module, "KEPT_BYTES", kept)
    monkeypatch.setattr("vllm_slot.head.TILE_BYTES", 7 * 4 * D)
    held(learn(hidden, ids, Head(weight, V), SlotArguments(5)), reference(hidden, ids, weight, steps=5, lr=0.1))


def distributions(hidden: Tensor, weight: Tensor, delta: Tensor) -> Tensor:
    return ((hidden[:-1].double() + delta.double()) @ weight.double().T).softmax(1).mean(0)


def test_lists_are_the_largest_shifts_and_masses_moved() -> None:
    hidden, ids, weight = problem(5)
    learned = learn(hidden, ids, Head(weight, V), SlotArguments(4, top=6))
    _, _, deltas = reference(hidden, ids, weight, steps=4, lr=0.1)
    for step, delta in zip(learned.steps, deltas[1:], strict=True):
        shift = weight.double() @ delta
        after = distributions(hidden, weight, delta)
        moved = after - distributions(hidden, weight, torch.zeros(D))
        for name, key in zip(LISTS, (shift, -shift, moved, -moved), strict=True):
            rows = step.lists[LISTS.index(name)]
            ids_there = rows[:, 0].long()
            assert ids_there.tolist() == key.argsort(descending=True)[:6].tolist()
            torch.testing.assert_close(rows[:, 1].double(), shift[ids_there], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(rows[:, 2].double(), moved[ids_there], atol=1e-6, rtol=1e-4)
        assert step.shift_mean == pytest.approx((after @ shift).item(), abs=1e-5)


def test_lists_longer_than_the_vocabulary_hold_nothing_in_their_ends() -> None:
    hidden, ids, weight = problem(5)
    (step,) = learn(hidden, ids, Head(weight, V), SlotArguments(1, top=60)).steps
    assert step.lists.shape == (4, 60, 3)
    assert sorted(step.lists[0, :V, 0].tolist()) == list(range(V))
    assert (step.lists[:, V:, 0] == -1).all()


def test_position_losses() -> None:
    hidden, ids, weight = problem(6)
    learned = learn(hidden, ids, Head(weight, V), SlotArguments(3))
    labels = torch.tensor(ids[1:])
    for delta, losses in ((torch.zeros(D), learned.position_before), (learned.delta, learned.position_after)):
        logits = (hidden[:-1] + delta) @ weight.T
        torch.testing.assert_close(losses, torch.nn.functional.cross_entropy(logits, labels, reduction="none"))
    assert learned.steps[-1].position_loss is not None
    torch.testing.assert_close(learned.steps[-1].position_loss, learned.position_after)


def test_controls() -> None:
    hidden, ids, weight = problem(7)
    head = Head(weight, V)
    own = learn(hidden, ids, head, SlotArguments(5))
    minus = learn(hidden, ids, head, SlotArguments(5, origin="minus"))
    torch.testing.assert_close(minus.delta, -own.delta)
    random = learn(hidden, ids, head, SlotArguments(5, origin="random", seed=42))
    draws = np.random.RandomState(42).standard_normal(D)
    expected = draws / np.linalg.norm(draws) * own.delta.norm().item()
    torch.testing.assert_close(random.delta, torch.from_numpy(expected).float())
    for control in (minus, random):
        (step,) = control.steps
        assert step.grad_norm is None
        assert step.loss == control.initial_loss == own.initial_loss
        assert step.delta_norm == pytest.approx(own.steps[-1].delta_norm)
        logits = (hidden[:-1] + control.delta) @ weight.T
        assert control.final_loss == pytest.approx(
            torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:])).item(), abs=1e-5
        )


def test_states_that_are_not_finite_are_told() -> None:
    hidden, ids, weight = problem(8)
    hidden[3, 2] = float("nan")
    with pytest.raises(NotFinite):
        learn(hidden, ids, Head(weight, V), SlotArguments(5))


def test_ranks_run_out_of_time_together() -> None:
    hidden, ids, weight = problem(8)

    def work(rank: int, shards: ThreadShards) -> str:
        head = Head(weight[25 * rank : 25 * (rank + 1)], 25, first=25 * rank, shards=shards)
        # One rank's clock is behind.
        with pytest.raises(TooLong):
            learn(hidden, ids, head, SlotArguments(5), time.monotonic() + (3600 if rank == 0 else -1))
        return "ended"

    assert on_ranks([0, 25, 50], work) == ["ended", "ended"]


class ThreadShards:
    """Ranks in threads, which meet at a barrier with what they bring."""

    def __init__(self, rank: int, ranks: int, barrier: threading.Barrier, table: dict[int, Tensor]) -> None:
        self._rank, self._ranks, self._barrier, self._table = rank, ranks, barrier, table

    def gather(self, tensor: Tensor) -> list[Tensor]:
        self._table[self._rank] = tensor.clone()
        self._barrier.wait(10)
        parts = [self._table[rank] for rank in range(self._ranks)]
        self._barrier.wait(10)
        # As torch.distributed does: what differs in shape does not meet.
        assert all(part.shape == tensor.shape for part in parts)
        return parts

    def sum(self, tensor: Tensor) -> Tensor:
        return torch.stack(self.gather(tensor)).sum(0)

    def max(self, tensor: Tensor) -> Tensor:
        return torch.stack(self.gather(tensor)).amax(0)


def on_ranks(cuts: list[int], work: Callable[[int, ThreadShards], Any]) -> list[Any]:
    ranks = len(cuts) - 1
    barrier, results = threading.Barrier(ranks), [None] * ranks
    table: dict[int, Tensor] = {}

    def run(rank: int) -> None:
        try:
            results[rank] = work(rank, ThreadShards(rank, ranks, barrier, table))
        except BaseException:
            barrier.abort()
            raise

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(ranks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.parametrize("cuts", [[0, 25, 50], [0, 17, 34, 50], [0, 24, 48, 50]])
def test_a_head_in_shards_learns_the_same_on_every_rank(monkeypatch: pytest.MonkeyPatch, cuts: list[int]) -> None:
    """Uneven shards too, as padding leaves them, in blocks whose height all ranks must agree on."""
    hidden, ids, weight = problem(9)
    monkeypatch.setattr(module, "BLOCK_BYTES", 5 * 4 * cuts[1])
    arguments = SlotArguments(5, top=8)
    bias = torch.linspace(-1, 1, V)

    def work(rank: int, shards: ThreadShards) -> Learned:
        rows = slice(cuts[rank], cuts[rank + 1])
        head = Head(weight[rows], cuts[1], first=cuts[rank], bias=bias[rows], soft_cap=3.0, shards=shards)
        return learn(hidden, ids, head, arguments)

    results = on_ranks(cuts, work)
    whole = learn(hidden, ids, Head(weight, V, bias=bias, soft_cap=3.0), arguments)
    expected = reference(hidden, ids, weight, steps=5, lr=0.1, bias=bias, soft_cap=3.0)
    for result in results:
        held(result, expected)
        assert torch.equal(result.delta, results[0].delta)
        for step, alone in zip(result.steps, whole.steps, strict=True):
            assert step.lists[:, :, 0].tolist() == alone.lists[:, :, 0].tolist()
            torch.testing.assert_close(step.lists, alone.lists, atol=1e-5, rtol=1e-4)
            assert step.shift_mean == pytest.approx(alone.shift_mean, abs=1e-5)
