"""The method as the paper's code has it: delta a parameter, the model's head and loss, autograd, torch.optim.AdamW."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def reference(
    hidden: Tensor,
    ids: Sequence[int],
    weight: Tensor,
    *,
    steps: int,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-5,
    weight_decay: float = 1e-8,
    divides_again: bool = False,
    bias: Tensor | None = None,
    scale: float = 1.0,
    soft_cap: float | None = None,
) -> tuple[list[float], list[float], list[Tensor]]:
    """Returns the losses at each delta from zero on, the gradients' norms, and the deltas, in float64."""
    hidden, weight = hidden.double(), weight.double()
    labels = torch.tensor(ids[1:])
    delta = torch.zeros(1, hidden.shape[1], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.AdamW([delta], lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def loss_at() -> Tensor:
        logits = F.linear(hidden[:-1] + delta, weight, None if bias is None else bias.double())
        if soft_cap is not None:
            logits = soft_cap * torch.tanh(logits / soft_cap)
        return F.cross_entropy(logits * scale, labels)

    losses, norms, deltas = [], [], [torch.zeros(hidden.shape[1], dtype=torch.float64)]
    for _ in range(steps):
        optimiser.zero_grad()
        loss = loss_at()
        loss.backward()
        assert delta.grad is not None
        if divides_again:
            delta.grad /= len(labels)
        losses.append(loss.item())
        norms.append(delta.grad.norm().item())
        optimiser.step()
        deltas.append(delta.detach()[0].clone())
    losses.append(loss_at().item())
    return losses, norms, deltas
