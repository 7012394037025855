"""SLOT's step as the reference runs it: autograd through the head over all positions, torch.optim.AdamW on delta."""

import json
import sys
import time

import torch


def main() -> None:
    options = json.loads(sys.argv[1])
    torch.set_num_threads(options["threads"])
    torch.manual_seed(0)
    d, vocab = options["hiddenSize"], options["vocab"]
    head = torch.nn.Linear(d, vocab, bias=False)
    head.requires_grad_(False)
    steps = [measure(head, n, options["rounds"]) for n in options["promptLengths"]]
    print(json.dumps({"version": torch.__version__, "steps": steps}))


def measure(head: torch.nn.Linear, n: int, rounds: int) -> list[float]:
    """Milliseconds of each step, after one that does not count."""
    hidden = torch.randn(1, n, head.in_features)
    labels = torch.randint(head.out_features, (1, n))
    delta = torch.nn.Parameter(torch.zeros(1, 1, head.in_features))
    optimizer = torch.optim.AdamW([delta], lr=0.1, eps=1e-5, weight_decay=1e-8)
    samples = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        optimizer.zero_grad()
        logits = head(hidden + delta)[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, head.out_features), labels[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
        samples.append(1000 * (time.perf_counter() - started))
    return samples[1:]


if __name__ == "__main__":
    main()
