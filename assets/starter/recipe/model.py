"""The decoder: a Llama-shaped network small enough to train on two processor cores."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KeyValue = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Shape:
    vocab: int = 4096
    hidden: int = 192
    layers: int = 6
    heads: int = 6
    kv_heads: int = 6
    intermediate: int = 512
    context: int = 512
    rope_theta: float = 10000.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    def as_dict(self) -> dict[str, int | float]:
        return asdict(self)


class Norm(nn.Module):
    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        x = x.float()
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * scale * self.weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = x.chunk(2, dim=-1)
    return (x * cos + torch.cat((-high, low), dim=-1) * sin).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        d, kv = shape.hidden, shape.kv_heads * shape.head_dim
        self.input_norm = Norm(d, shape.norm_eps)
        self.q = nn.Linear(d, d, bias=False)
        self.k = nn.Linear(d, kv, bias=False)
        self.v = nn.Linear(d, kv, bias=False)
        self.o = nn.Linear(d, d, bias=False)
        self.mlp_norm = Norm(d, shape.norm_eps)
        self.gate = nn.Linear(d, shape.intermediate, bias=False)
        self.up = nn.Linear(d, shape.intermediate, bias=False)
        self.down = nn.Linear(shape.intermediate, d, bias=False)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None, past: KeyValue | None
    ) -> tuple[Tensor, KeyValue]:
        batch, length, _ = x.shape
        size = self.shape.head_dim
        h = self.input_norm(x)
        q = rotate(self.q(h).view(batch, length, -1, size).transpose(1, 2), cos, sin)
        k = rotate(self.k(h).view(batch, length, -1, size).transpose(1, 2), cos, sin)
        v = self.v(h).view(batch, length, -1, size).transpose(1, 2)
        if past is not None:
            k, v = torch.cat((past[0], k), dim=2), torch.cat((past[1], v), dim=2)
        present = (k, v)
        groups = self.shape.heads // self.shape.kv_heads
        if groups > 1:
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.o(a.transpose(1, 2).reshape(batch, length, -1))
        h = self.mlp_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h)), present


class Decoder(nn.Module):
    """Embedding, layers, final norm; the head shares the embedding matrix."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocab, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.hidden, shape.norm_eps)
        cos, sin = rotary_tables(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.apply(self._initialise)

    def _initialise(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.05)

    def forward(
        self,
        ids: Tensor,
        mask: Tensor | None = None,
        positions: Tensor | None = None,
        past: list[KeyValue] | None = None,
    ) -> tuple[Tensor, list[KeyValue]]:
        """Last hidden states (after the final norm) and the key-value cache.

        `mask` is boolean, true where attention is allowed, [batch, 1, query, key];
        without it the pass is causal and positions count from 0.
        """
        if positions is None:
            cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        else:
            cos, sin = self.cos[positions].unsqueeze(1), self.sin[positions].unsqueeze(1)
        x = self.embedding(ids)
        presents = []
        for index, layer in enumerate(self.layers):
            x, present = layer(x, cos, sin, mask, past[index] if past else None)
            presents.append(present)
        return self.norm(x), presents

    def head(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embedding.weight)

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())


def rotary_tables(shape: Shape) -> tuple[Tensor, Tensor]:
    steps = torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim
    angles = torch.arange(shape.context, dtype=torch.float64)[:, None] * shape.rope_theta**-steps
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos().float(), angles.sin().float()


def attention_mask(padding: Tensor, new: int) -> Tensor:
    """[batch, 1, new, total] from a 0/1 mask over cached and new tokens: causal, no padding."""
    total = padding.shape[1]
    row = torch.arange(total - new, total, device=padding.device)[:, None]
    causal = torch.arange(total, device=padding.device)[None, :] <= row
    # A padded query attends to itself, so that its softmax is never over nothing.
    self_only = torch.arange(total, device=padding.device)[None, :] == row
    return (causal & padding.bool()[:, None, None, :]) | self_only
