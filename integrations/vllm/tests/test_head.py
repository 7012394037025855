from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from vllm_slot.head import Head, OneShard, UnsupportedHead, find_head, verify_head

D = 32


def model(weight: Tensor, *, rows: int = 100, first: int = 0, ranks: int = 1, largest: int | None = None) -> Any:
    """What of one of vLLM's models is looked at."""
    layer = SimpleNamespace(
        weight=weight,
        shard_indices=SimpleNamespace(num_org_elements=rows, org_vocab_start_index=first),
        num_embeddings_per_partition=largest or len(weight),
        org_vocab_size=rows if ranks == 1 else first + rows,
        tp_size=ranks,
        bias=None,
    )
    return SimpleNamespace(lm_head=layer, logits_processor=SimpleNamespace(scale=1.0, soft_cap=None))


def test_the_padding_of_a_shard_is_left_out() -> None:
    head = find_head(model(torch.randn(128, D), rows=44, first=128, ranks=2, largest=128), OneShard())
    assert (head.rows, head.first, head.largest) == (44, 128, 128)


def test_a_head_below_a_model_of_several_kinds_is_found() -> None:
    outer = SimpleNamespace(get_language_model=lambda: model(torch.randn(100, D)))
    assert find_head(outer, OneShard()).rows == 100


def test_an_embedding_is_the_head_of_a_model_that_has_no_other() -> None:
    tied = model(torch.randn(100, D))
    inner = SimpleNamespace(embed_tokens=tied.lm_head)
    found = find_head(SimpleNamespace(model=inner, logits_processor=tied.logits_processor), OneShard())
    assert torch.equal(found.weight, tied.lm_head.weight)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (SimpleNamespace(), "no head that SLOT knows"),
        (SimpleNamespace(lm_head=SimpleNamespace(), logits_processor=None), "no head that SLOT knows"),
        (model(torch.zeros(100, D, dtype=torch.int8)), "quantised or packed"),
        (model(torch.zeros(100, D).to(torch.float8_e4m3fn)), "quantised or packed"),
        (model(torch.empty(0)), "quantised or packed"),
        (model(torch.zeros(64, D), rows=64, ranks=2, largest=64), "too small for so many ranks"),
    ],
)
def test_heads_that_are_refused(made: Any, says: str) -> None:
    with pytest.raises(UnsupportedHead, match=says):
        find_head(made, OneShard())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_head_is_held_to_the_models_own_logits(dtype: torch.dtype) -> None:
    weight = torch.randn(100, D, generator=torch.Generator().manual_seed(1)).to(dtype)
    verify_head(Head(weight, 100), lambda hidden: hidden @ weight.T, dtype)
    # A rank that is not given the gathered logits has nothing to compare.
    verify_head(Head(weight, 100), lambda hidden: None, dtype)
    capped = Head(weight, 100, scale=0.5, soft_cap=30.0)
    verify_head(capped, lambda hidden: 15 * torch.tanh(hidden @ weight.T / 30), dtype)
    for own in (
        lambda hidden: hidden @ weight.T * 1.1,
        lambda hidden: 30 * torch.tanh(hidden @ weight.T / 30),
        lambda hidden: hidden @ weight.T + torch.arange(100),
        lambda hidden: hidden @ weight.T * float("nan"),
    ):
        with pytest.raises(UnsupportedHead, match="differ by up to"):
            verify_head(Head(weight, 100), own, dtype)
