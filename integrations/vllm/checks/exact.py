"""checks/exact.py URL GOLDEN: holds a server to PyTorch's SLOT. Ends with 1 where anything differs.

Prompts are asked alone, with a warm prefix cache, and 8 at once among 8 plain ones. GOLDEN is a list of {input_ids, T,
lr, losses, delta_norms, boosted (20 ids), greedy_base, greedy_slot (48 ids, without and with delta)}, as transformers,
autograd and torch.optim.AdamW compute them on the model that is served, in float32 (--dtype float32).
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from client import Client

LOSS = 1e-4
NORM = 1e-3


def xargs(golden: dict[str, Any]) -> dict[str, Any]:
    return {"slot_steps": golden["T"], "slot_lr": golden["lr"]}


def token_ids(answer: dict[str, Any]) -> list[int]:
    ids: list[int] = answer["choices"][0]["token_ids"]
    return ids


def check_base(golden: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    return [] if token_ids(answer) == golden["greedy_base"] else ["the plain answer differs"]


def check_slot(client: Client, golden: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    report = client.report(answer)
    losses = [*(step["loss"] for step in report["steps"]), report["final_loss"]]
    norms = [step["delta_norm"] for step in report["steps"]]
    boosted = [token["id"] for token in report["steps"][-1]["boosted"]]
    apart = max(abs(a - b) for a, b in zip(losses, golden["losses"], strict=True))
    far = max(abs(a - b) for a, b in zip(norms, golden["delta_norms"], strict=True))
    wrong = []
    if apart > LOSS:
        wrong.append(f"losses differ by {apart:.2e}")
    if far > NORM:
        wrong.append(f"norms differ by {far:.2e}")
    if set(boosted) != set(golden["boosted"]):
        wrong.append(f"{len(set(boosted) & set(golden['boosted']))} of 20 boosted tokens")
    if token_ids(answer) != golden["greedy_slot"]:
        wrong.append("the adapted answer differs")
    given = client.complete(golden["input_ids"], {"slot_delta": report["delta"]})
    if token_ids(given) != golden["greedy_slot"]:
        wrong.append("the answer under the same delta, given, differs")
    spent = sum(step["ms"] for step in report["steps"])
    print(f"  n {report['prompt_tokens']}: losses {apart:.1e}, norms {far:.1e} off, {spent:.0f} ms")
    return wrong


def cached_tokens(client: Client) -> int:
    """Prompt tokens that the server took from its prefix cache so far."""
    _, metrics = client.send("/metrics")
    lines = [line for line in metrics.splitlines() if line.startswith("vllm:prefix_cache_hits_total")]
    return sum(int(float(line.split()[-1])) for line in lines)


def main(url: str, file: str) -> int:
    client, goldens = Client(url), json.loads(Path(file).read_text())
    print(client.ask("/v1/slot"))
    wrong: list[str] = []
    for name in ("alone", "with a warm prefix cache"):
        print(name)
        for golden in goldens:
            ids = golden["input_ids"]
            wrong += [f"{name}: {line}" for line in check_base(golden, client.complete(ids))]
            wrong += [f"{name}: {line}" for line in check_slot(client, golden, client.complete(ids, xargs(golden)))]
    print(f"{cached_tokens(client)} tokens of plain prompts came from the prefix cache")
    print("8 at once, among 8 plain ones")
    began = time.time()
    with ThreadPoolExecutor(16) as pool:
        asked = [
            (golden, is_slot, pool.submit(client.complete, golden["input_ids"], xargs(golden) if is_slot else None))
            for golden in (goldens * 8)[:8]
            for is_slot in (True, False)
        ]
    for golden, is_slot, answer in asked:
        found = check_slot(client, golden, answer.result()) if is_slot else check_base(golden, answer.result())
        wrong += [f"at once: {line}" for line in found]
    print(f"  {time.time() - began:.1f} s")
    print("\n".join(wrong) or "exact")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
