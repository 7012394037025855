"""SLOT as its authors write it, with PyTorch's autograd and AdamW, through the model's own code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import PreTrainedModel

STEPS, LR, ANSWER = 5, 0.1, 16
# Greedy answers are compared token by token: the best logit must be this far above the second.
MARGIN = {"fp32": 5e-3, "fp16": 6e-2}

# All positions' logits for ids with delta [d] added to the last hidden states: [n, V].
Forward = Callable[[list[int], Tensor], Tensor]


class TooClose(Exception):
    """Two tokens' logits are so close that rounding would decide: take another seed."""


def torch_forward(model: PreTrainedModel) -> Forward:
    """The model in float64, delta added where the language-model head begins."""
    model = model.double()

    def forward(ids: list[int], delta: Tensor) -> Tensor:
        head = model.get_output_embeddings()
        hook = head.register_forward_pre_hook(lambda _, inputs: (inputs[0] + delta,))
        try:
            return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        finally:
            hook.remove()

    return forward


def slot(forward: Forward, ids: list[int], hidden_size: int) -> tuple[dict[str, Any], Tensor]:
    """`losses` before each step, `finalLoss` after the last, and delta."""
    delta = torch.zeros(hidden_size, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([delta], lr=LR, betas=(0.9, 0.999), eps=1e-5, weight_decay=1e-8)
    labels = torch.tensor(ids[1:])

    def prompt_loss() -> Tensor:
        return F.cross_entropy(forward(ids, delta)[:-1].double(), labels)

    losses, norms, gradients = [], [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = prompt_loss()
        loss.backward()
        gradients.append(delta.grad.norm().item())
        optimizer.step()
        losses.append(loss.item())
        norms.append(delta.detach().norm().item())
    with torch.no_grad():
        final = prompt_loss().item()
    return {"losses": losses, "finalLoss": final, "gradNorms": gradients, "deltaNorms": norms}, delta.detach()


@torch.no_grad()
def greedy(forward: Forward, ids: list[int], delta: Tensor, margin: float, tokens: int = ANSWER) -> list[int]:
    answer: list[int] = []
    while len(answer) < tokens:
        answer.append(choose(forward(ids + answer, delta)[-1], margin))
    return answer


def choose(logits: Tensor, margin: float) -> int:
    best = logits.topk(2)
    if best.values[0] - best.values[1] < margin:
        raise TooClose
    return int(best.indices[0])


def trace(forward: Forward, ids: list[int], hidden_size: int, dtype: str, tokens: int = ANSWER) -> dict[str, Any]:
    """What a test compares with, for one prompt. `logits` are those after the prompt, without delta."""
    figures, delta = slot(forward, ids, hidden_size)
    nothing = torch.zeros_like(delta)
    with torch.no_grad():
        logits = forward(ids, nothing)[-1]
    return {
        "ids": ids,
        **figures,
        "logits": [round(value, 5) for value in logits.tolist()],
        "baseline": greedy(forward, ids, nothing, MARGIN[dtype], tokens),
        "slot": greedy(forward, ids, delta, MARGIN[dtype], tokens),
    }
