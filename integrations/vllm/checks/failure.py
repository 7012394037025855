"""checks/failure.py URL: a request that cannot be adapted ends with an error, beside one that is answered.

It asks for more steps on more tokens than a server on CPUs does in the time that it has for learning. Ends with 1 where
the server takes it otherwise.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from client import Client

PROMPT = list(range(100, 130))
LONG = list(range(100, 1900))
TOO_MUCH = {"slot_steps": 1000, "slot_top": 1}


def main(url: str) -> int:
    client = Client(url)
    before = client.complete(PROMPT)["choices"]
    body: dict[str, Any] = {"model": "model", "prompt": LONG, "max_tokens": 40, "temperature": 0, "request_id": "long"}
    with ThreadPoolExecutor(2) as pool:
        failed = pool.submit(client.send, "/v1/completions", json.dumps({**body, "vllm_xargs": TOO_MUCH}).encode())
        answered = pool.submit(client.complete, PROMPT)
    status, text = failed.result()
    reports = client.ask("/v1/slot/reports/cmpl-long")["reports"]
    print(status, text[:200])
    print(reports)
    is_right = status == 500 and "slot_steps" in reports[0]["error"] and len(reports) == 1
    is_unhurt = answered.result()["choices"] == before == client.complete(PROMPT)["choices"]
    print("the other is answered as before" if is_unhurt else "the other's answer differs")
    return 0 if is_right and is_unhurt else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
