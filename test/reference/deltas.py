"""What PyTorch makes of given deltas on the heads of slot-golden.json: transplanted, stopped early, scaled, averaged,
subtracted and centred.

    python test/reference/deltas.py > test/fixtures/slot-deltas.json

Float64 throughout. Delta `a` is learned from the case's own positions, `b` from the same head's positions in reverse
order with other labels, as another prompt would be. A centred delta is its projection off the mean of the matrix's rows,
here by least squares.
"""

from __future__ import annotations

import json

import torch
import torch.nn.functional as F

from learning import GOLDEN, logits_of

CASES = ["head-bias", "scaled-head", "soft-capped-head", "ignored-positions"]
STEPS = 3
TERMS = {
    "transplanted": [("b", STEPS, 1.0)],
    "stopped": [("b", 1, 1.0)],
    "scaled": [("a", STEPS, -0.5)],
    "doubled": [("a", STEPS, 2.0)],
    "averaged": [("a", STEPS, 0.5), ("b", STEPS, 0.5)],
    "difference": [("a", STEPS, 1.5), ("b", 2, -0.75)],
    "centred": [("a", STEPS, 1.0)],
    "centred difference": [("b", STEPS, 1.0), ("a", STEPS, -1.0)],
}


def positions_of(case: dict) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.tensor(case["labels"])
    return torch.tensor(case["hidden"], dtype=torch.float64).view(-1, case["d"])[: len(labels)], labels


def loss_of(case: dict, hidden: torch.Tensor, labels: torch.Tensor, delta: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(logits_of(case, hidden, delta), labels, ignore_index=-100)


def learned(case: dict, hidden: torch.Tensor, labels: torch.Tensor) -> list[torch.Tensor]:
    delta = torch.zeros(case["d"], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.AdamW([delta], lr=0.1, betas=(0.9, 0.999), eps=1e-5, weight_decay=1e-8)
    steps = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss_of(case, hidden, labels, delta).backward()
        optimiser.step()
        steps.append(delta.detach().clone())
    return steps


def centred(case: dict, delta: torch.Tensor) -> torch.Tensor:
    rows = torch.tensor(case["weight"], dtype=torch.float64).view(case["V"], case["d"])
    mean = rows.mean(0, keepdim=True)
    along = torch.linalg.lstsq(mean.T, delta[:, None]).solution
    return delta - (mean.T @ along)[:, 0]


def main() -> None:
    cases = []
    for of in CASES:
        case = GOLDEN[of]
        hidden, labels = positions_of(case)
        other = torch.where(labels == -100, labels, (labels + 1) % case["V"])
        deltas = {"a": learned(case, hidden, labels), "b": learned(case, hidden.flip(0), other.flip(0))}
        rows = torch.tensor(case["weight"], dtype=torch.float64).view(case["V"], case["d"])
        made = []
        for name, terms in TERMS.items():
            delta = sum(factor * deltas[which][step - 1] for which, step, factor in terms)
            if name.startswith("centred"):
                delta = centred(case, delta)
            made.append(
                {
                    "name": name,
                    "terms": [{"delta": which, "step": step, "factor": factor} for which, step, factor in terms],
                    "centred": name.startswith("centred"),
                    "loss": float(loss_of(case, hidden, labels, delta)),
                    "deltaNorm": float(delta.norm()),
                    "shift": (case["scale"] * (rows @ delta))[:5].tolist(),
                    "meanShift": float(case["scale"] * (rows @ delta).mean()),
                    "meanP": torch.softmax(logits_of(case, hidden[labels != -100], delta), -1).mean(0)[:5].tolist(),
                }
            )
        cosine = float(F.cosine_similarity(deltas["a"][-1], deltas["b"][-1], dim=0))
        vectors = {which: [step.tolist() for step in steps] for which, steps in deltas.items()}
        cases.append({"of": of, "deltas": vectors, "cosine": cosine, "made": made})
    print(json.dumps({"torch": torch.__version__, "cases": cases}))


if __name__ == "__main__":
    main()
