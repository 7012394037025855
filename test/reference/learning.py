"""What PyTorch makes of a weighted loss, a held-out half, other optimisers and limits, on the heads of slot-golden.json.

    python test/reference/learning.py > test/fixtures/slot-learning.json

Float64 throughout: autograd, torch.optim.AdamW and SGD, torch.nn.functional.cross_entropy. A step that a limit forbids
is computed, told as `stopped`, and not taken.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = {c["name"]: c for c in json.loads((ROOT / "fixtures/slot-golden.json").read_text())["cases"]}
PRESETS = {
    "transformers": {"betas": (0.9, 0.999), "eps": 1e-5, "weight_decay": 1e-8},
    "vllm": {"betas": (0.9, 0.95), "eps": 1e-6, "weight_decay": 1e-5},
}
PULLS = 3
CASES = ["head-bias", "scaled-head", "soft-capped-head", "ignored-positions"]


def halves(weights: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    counting = np.flatnonzero(weights)
    order = counting[np.argsort(np.random.RandomState(seed).random_sample(len(counting)), kind="stable")]
    fitted = np.zeros(len(weights), bool)
    fitted[order[: -(-len(order) // 2)]] = True
    return np.where(fitted, weights, 0), np.where(fitted, 0, weights)


def logits_of(case: dict, hidden: torch.Tensor, delta: torch.Tensor, b: torch.Tensor | float = 0) -> torch.Tensor:
    """b is added to the projection's output, as W·delta is."""
    matrix = torch.tensor(case["weight"], dtype=torch.float64).view(case["V"], case["d"])
    z = (hidden + delta) @ matrix.T + b
    if case["bias"] is not None:
        z = z + torch.tensor(case["bias"], dtype=torch.float64)
    z = z * case["scale"]
    return case["softcap"] * torch.tanh(z / case["softcap"]) if case["softcap"] else z


def optimiser_of(settings: dict, delta: torch.Tensor) -> torch.optim.Optimizer:
    preset = PRESETS[settings["preset"]]
    decay = settings.get("weightDecay", preset["weight_decay"])
    if settings.get("optimiser") == "sgd":
        return torch.optim.SGD([delta], lr=settings["lr"], weight_decay=decay)
    betas = tuple(settings.get("betas", preset["betas"]))
    return torch.optim.AdamW(
        [delta], lr=settings["lr"], betas=betas, eps=settings.get("eps", preset["eps"]), weight_decay=decay
    )


def trace(case: dict, settings: dict, weights: list[float]) -> dict:
    labels = torch.tensor(case["labels"])
    n = len(labels)
    # The rows that predict the labels: the rest comes after them.
    hidden = torch.tensor(case["hidden"], dtype=torch.float64).view(-1, case["d"])[:n]
    given = np.where(np.array(case["labels"]) == -100, 0, np.array(weights, dtype=float))
    fit, held = halves(given, settings["half"]["seed"]) if "half" in settings else (given, None)
    w = torch.tensor(fit / fit.sum())
    h = None if held is None else torch.tensor(held / held.sum())
    delta = torch.zeros(case["d"], dtype=torch.float64, requires_grad=True)
    optimiser = optimiser_of(settings, delta)

    def evaluated() -> dict:
        z = logits_of(case, hidden, delta)
        nll = F.cross_entropy(z, labels, reduction="none", ignore_index=-100)
        base = torch.log_softmax(logits_of(case, hidden, torch.zeros_like(delta)), -1)
        own = torch.log_softmax(z, -1)
        kl = (w * (own.exp() * (own - base)).sum(-1)).sum()
        return {"loss": (w * nll).sum(), "heldOutLoss": None if h is None else (h * nll).sum(), "kl": kl}

    def residual() -> torch.Tensor:
        b = torch.zeros(case["V"], dtype=torch.float64, requires_grad=True)
        z = logits_of(case, hidden, delta.detach(), b)
        nll = F.cross_entropy(z, labels, reduction="none", ignore_index=-100)
        return torch.autograd.grad((w * nll).sum(), b)[0]

    steps, stopped = [], None
    before = evaluated()
    for _ in range(settings["steps"]):
        r = residual()
        optimiser.zero_grad()
        before["loss"].backward()
        if settings["preset"] == "vllm":
            delta.grad /= int((fit > 0).sum())
        norm = float(delta.grad.norm())
        optimiser.step()
        after = evaluated()
        if after["kl"] > settings.get("klBudget", np.inf):
            stopped = {"by": "kl", "value": float(after["kl"])}
        elif settings.get("half", {}).get("stopsEarly") and after["heldOutLoss"] > before["heldOutLoss"]:
            stopped = {"by": "held-out", "value": float(after["heldOutLoss"])}
        if stopped:
            break
        order = torch.argsort(r)
        steps.append(
            {
                "loss": float(before["loss"]),
                "heldOutLoss": None if h is None else float(before["heldOutLoss"]),
                "gradNorm": norm,
                "deltaNorm": float(delta.detach().norm()),
                "kl": float(after["kl"]),
                "finalLoss": float(after["loss"]),
                "up": [[int(i), float(r[i])] for i in order[:PULLS]],
                "down": [[int(i), float(r[i])] for i in order.flip(0)[:PULLS]],
            }
        )
        before = after
    return {"steps": steps, "stopped": stopped, "fit": w.tolist(), "heldOut": None if h is None else h.tolist()}


def alternating(n: int) -> list[float]:
    return [float(i % 3) for i in range(n)]


def uneven(n: int) -> list[float]:
    return [round(0.25 + (i * 7 % 5) * 0.5, 2) if i % 4 else 0.0 for i in range(n)]


def last_part(n: int) -> list[float]:
    return [0.0 if i < n // 2 else 1.0 for i in range(n)]


def main() -> None:
    base = {"preset": "transformers", "lr": 0.1, "steps": 4}
    wanted = [
        ("weights", base, alternating),
        ("part", {**base, "preset": "vllm"}, last_part),
        ("far", {**base, "lr": 8.0}, uneven),
        ("half", {**base, "half": {"seed": 7, "stopsEarly": False}}, uneven),
        ("early", {**base, "lr": 0.5, "steps": 12, "half": {"seed": 3, "stopsEarly": True}}, lambda n: [1.0] * n),
        ("budget", {**base, "steps": 12, "klBudget": 0.2}, last_part),
        ("adamw", {**base, "betas": [0.5, 0.9], "eps": 1e-3, "weightDecay": 0.3}, lambda n: [1.0] * n),
        ("sgd", {**base, "optimiser": "sgd", "lr": 2.0, "weightDecay": 0.05}, alternating),
    ]
    cases = []
    for name in CASES:
        case = GOLDEN[name]
        for what, settings, weighting in wanted:
            weights = weighting(len(case["labels"]))
            cases.append(
                {
                    "name": f"{name}, {what}",
                    "of": name,
                    "settings": settings,
                    "weights": weights,
                    **trace(case, settings, weights),
                }
            )
    print(json.dumps({"torch": torch.__version__, "cases": cases}))


if __name__ == "__main__":
    main()
