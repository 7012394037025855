"""The model's head: logits = scale · cap·tanh((W·h + bias) / cap), its rows shared out among the ranks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

# float32 bytes of a part of W that is widened at a time.
TILE_BYTES = 64 * 2**20


class Shards(Protocol):
    """The ranks that hold a part of W each. All of them make the same calls in the same order."""

    def sum(self, tensor: Tensor) -> Tensor: ...

    def max(self, tensor: Tensor) -> Tensor: ...

    def gather(self, tensor: Tensor) -> list[Tensor]: ...


class OneShard:
    """All of W in one place."""

    def sum(self, tensor: Tensor) -> Tensor:
        return tensor

    def max(self, tensor: Tensor) -> Tensor:
        return tensor

    def gather(self, tensor: Tensor) -> list[Tensor]:
        return [tensor]


class GroupShards:
    """The ranks of a torch.distributed group."""

    def __init__(self, group: torch.distributed.ProcessGroup) -> None:
        self._group = group

    def sum(self, tensor: Tensor) -> Tensor:
        torch.distributed.all_reduce(tensor, op=torch.distributed.ReduceOp.SUM, group=self._group)
        return tensor

    def max(self, tensor: Tensor) -> Tensor:
        torch.distributed.all_reduce(tensor, op=torch.distributed.ReduceOp.MAX, group=self._group)
        return tensor

    def gather(self, tensor: Tensor) -> list[Tensor]:
        parts = [torch.empty_like(tensor) for _ in range(torch.distributed.get_world_size(self._group))]
        torch.distributed.all_gather(parts, tensor.contiguous(), group=self._group)
        return parts


@dataclass(frozen=True)
class Head:
    """`weight` [V, d] holds the rows of the ids from `first` on: this rank's V of the vocabulary. Products are float32.

    `largest` is the most rows that any rank holds: what sizes are chosen by, so that all ranks choose the same.
    """

    weight: Tensor
    largest: int
    first: int = 0
    bias: Tensor | None = None
    scale: float = 1.0
    soft_cap: float | None = None
    shards: Shards = field(default_factory=OneShard)

    @property
    def rows(self) -> int:
        return self.weight.shape[0]

    def project(self, hidden: Tensor) -> Tensor:
        """W·h + bias of each row: [n, d] → [n, V]."""
        hidden = hidden.float()
        out = torch.empty(hidden.shape[0], self.rows, dtype=torch.float32, device=hidden.device)
        for start, tile in self._tiles():
            torch.mm(hidden, tile.T, out=out[:, start : start + tile.shape[0]])
        return out if self.bias is None else out.add_(self.bias[: self.rows].float())

    def shift(self, delta: Tensor) -> Tensor:
        """W·delta: [d] → [V]."""
        return torch.cat([tile @ delta.float() for _, tile in self._tiles()])

    def pull_back(self, residual: Tensor) -> Tensor:
        """Wᵀ·r over all ranks: [V] → [d]."""
        total = torch.zeros(self.weight.shape[1], dtype=torch.float32, device=residual.device)
        for start, tile in self._tiles():
            total += residual[start : start + tile.shape[0]] @ tile
        return self.shards.sum(total)

    def logits(self, raw: Tensor) -> tuple[Tensor, Tensor | None]:
        """The tail at W·h + bias, and its derivative where that is not `scale` everywhere."""
        if self.soft_cap is None:
            return raw * self.scale, None
        bent = torch.tanh(raw / self.soft_cap)
        return bent * (self.soft_cap * self.scale), (1 - bent * bent) * self.scale

    def _tiles(self) -> Iterator[tuple[int, Tensor]]:
        if self.weight.dtype == torch.float32:
            yield 0, self.weight
            return
        height = max(1, TILE_BYTES // (4 * self.weight.shape[1]))
        for start in range(0, self.rows, height):
            yield start, self.weight[start : start + height].float()


class UnsupportedHead(Exception):
    """SLOT cannot learn over this model's head; the message says why."""


def find_head(model: Any, shards: Shards) -> Head:
    """The head of one of vLLM's models.

    Raises UnsupportedHead where it is not a matrix of floats with at most a bias, a scale and a soft cap.
    """
    inner = model
    if not hasattr(inner, "lm_head") and hasattr(inner, "get_language_model"):
        inner = inner.get_language_model()
    # Gemma 2 and Cohere multiply by their embedding, without a head of its name.
    embedding = getattr(getattr(inner, "model", None), "embed_tokens", None)
    layer, tail = getattr(inner, "lm_head", embedding), getattr(inner, "logits_processor", None)
    weight = getattr(layer, "weight", None)
    indices = getattr(layer, "shard_indices", None)
    if layer is None or tail is None or indices is None or not isinstance(weight, Tensor):
        raise UnsupportedHead(
            f"{type(inner).__name__} has no head that SLOT knows (lm_head or embed_tokens, and logits_processor)"
        )
    rows = int(indices.num_org_elements)
    if (
        weight.dtype not in (torch.float32, torch.bfloat16, torch.float16)
        or weight.dim() != 2
        or weight.shape[0] < rows
    ):
        raise UnsupportedHead(f"its head is quantised or packed ({weight.dtype}, {list(weight.shape)})")
    largest = int(layer.num_embeddings_per_partition)
    if layer.org_vocab_size <= largest * (layer.tp_size - 1):
        raise UnsupportedHead("its vocabulary is too small for so many ranks")
    bias = getattr(layer, "bias", None)
    return Head(
        weight=weight.detach()[:rows],
        largest=largest,
        first=int(indices.org_vocab_start_index),
        bias=bias.detach() if isinstance(bias, Tensor) else None,
        scale=float(tail.scale),
        soft_cap=None if tail.soft_cap is None else float(tail.soft_cap),
        shards=shards,
    )


def verify_head(head: Head, compute_logits: Any, dtype: torch.dtype) -> None:
    """Compares the head's logits with the model's own, on the same random hidden states on every rank.

    Raises UnsupportedHead where they differ by more than `dtype`'s rounding.
    """
    seeded = torch.Generator().manual_seed(0)
    hidden = (4 * torch.randn(4, head.weight.shape[1], generator=seeded)).to(device=head.weight.device, dtype=dtype)
    ours, _ = head.logits(head.project(hidden))
    theirs = compute_logits(hidden)
    apart = torch.zeros(2, dtype=torch.float32, device=ours.device)
    # Only the first rank may be given the gathered logits.
    if theirs is not None:
        own = theirs[:, head.first : head.first + head.rows].float()
        apart = torch.stack([(ours - own).abs().max(), own.abs().max()])
    difference, largest = head.shards.max(apart).tolist()
    allowed = 8 * torch.finfo(dtype).eps * largest + 1e-3
    if not difference <= allowed:
        raise UnsupportedHead(
            f"its logits are more than W·h, bias, scale and soft cap: they differ by up to {difference:.3g}"
        )
