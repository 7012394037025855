"""checks/malformed.py URL [COUNT [SEED]]: sends COUNT (1,000) malformed requests, 8 at a time.

Holds the server to refusing each with a status of 400 (404 for reports, 422 for bodies that are no request), and to
giving the same answers afterwards as before. Ends with 1 where it does not.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from client import Client

PROMPT = list(range(100, 120))
SLOT = {"slot_steps": 5, "slot_lr": 0.1}


def bad_value(draw: random.Random) -> Any:
    """A value that no key of SLOT takes."""
    return draw.choice(
        [
            -1,
            2**31,
            2**63,
            2**64,
            10**400,
            -(10**50),
            1001,
            1e39,
            -0.5,
            float("nan"),
            float("inf"),
            float("-inf"),
            1e-320,
            "5",
            "",
            "x" * draw.randrange(1, 5000),
            "\u0000",
            "🙂" * 100,
            [],
            [5],
            ["a"] * 1000,
            [float("nan")],
            None,
            {},
            {"a": 1},
            [[1]],
        ]
    )


def bad_key(draw: random.Random) -> str:
    return draw.choice(["slot_step", "slot_", "slot_delta", "slot_hidden", "slot_LR", "slot_\n", "slot_" + "y" * 3000])


def bad_xargs(draw: random.Random) -> Any:
    kind = draw.randrange(6)
    if kind == 5:
        # One that is well written is of the wrong size.
        return {draw.choice(["slot_delta", "slot_hidden"]): draw.choice([bad_value(draw), "AAAAAA==", "AACAfw=="])}
    if kind == 0:
        key = draw.choice(["slot_steps", "slot_preset", "slot_origin", "slot_top", "slot_seed", "slot_lr"])
        return {**SLOT, key: bad_value(draw)}
    if kind == 1:
        return {**SLOT, bad_key(draw): 1}
    if kind == 2:
        return {draw.choice(["slot_lr", "slot_top", "slot_origin"]): 1}
    if kind == 3:
        return draw.choice([[], "slot_steps", 5, [SLOT], {"slot_steps": {"slot_steps": 5}}])
    return {**SLOT, "slot_origin": draw.choice(["random", "plus"])}


def bad_request(draw: random.Random) -> tuple[str, bytes | None]:
    """A path and a body."""
    body: dict[str, Any] = {"model": "model", "prompt": PROMPT, "max_tokens": 2, "vllm_xargs": bad_xargs(draw)}
    path = "/v1/completions"
    kind = draw.randrange(10)
    if kind == 0:
        path = "/v1/chat/completions"
        body["messages"] = [{"role": "user", "content": "Hello"}]
        del body["prompt"]
    elif kind == 1:
        body.update(vllm_xargs=SLOT, prompt=draw.choice([[5], [], [2**40], [-1], "", [[]], [1] * 5000]))
    elif kind == 2:
        body.update(vllm_xargs=SLOT, use_beam_search=True, n=2)
    elif kind == 3:
        text = json.dumps(body).encode()
        return path, draw.choice([text[: draw.randrange(1, len(text))], b"\xff\xfe" + text, b"[" * 100_000])
    elif kind == 4:
        route = draw.choice(["reports", "hidden"])
        return f"/v1/slot/{route}/{draw.choice(['none', 'cmpl-.*', '%00', 'x' * 5000, '..%2f..', '(' * 50])}", None
    elif kind == 5:
        body["stream"] = True
    elif kind == 6:
        body["prompt"] = [PROMPT, PROMPT]
    return path, json.dumps(body).encode()


def fault(status: int, text: str) -> str | None:
    # A stream has begun when its prompt is looked at: its first event is the refusal.
    if status == 200 and text.startswith('data: {"error"'):
        return None
    if status not in (400, 404, 405, 422):
        return f"{status} {text[:300]}"
    return f"{len(text)} characters" if len(text) > 20_000 else None


def main(url: str, count: str = "1000", seed: str = "0") -> int:
    client, draw = Client(url), random.Random(int(seed))

    def ask() -> list[Any]:
        return [client.complete(PROMPT, xargs, logprobs=5)["choices"] for xargs in (None, SLOT)]

    before = ask()
    requests = [bad_request(draw) for _ in range(int(count))]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: client.send(*request), requests))
    faults = [
        f"{request[0]} {(request[1] or b'')[:200]!r}: {found}"
        for request, answer in zip(requests, answers, strict=True)
        if (found := fault(*answer)) is not None
    ]
    print(Counter(status for status, _ in answers))
    if ask() != before:
        faults.append("the answers afterwards differ from those before")
    print("\n".join(faults) or f"alive after {count} malformed requests, with the same answers")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
