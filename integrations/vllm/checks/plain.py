"""checks/plain.py URL FILE: plain requests' answers and their log-probabilities to a file, one after another.

Files of the same server with this package and without it (VLLM_PLUGINS=none) must be equal byte by byte.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from client import Client


def main(url: str, file: str) -> None:
    client, draw = Client(url), random.Random(0)
    lines = []
    for length in (1, 7, 40, 300, 700):
        ids = [draw.randrange(1000, 40_000) for _ in range(length)]
        for options in ({"logprobs": 5}, {"logprobs": 5, "temperature": 1.0, "seed": 3}, {"prompt_logprobs": 1}):
            (choice,) = client.complete(ids, {"session_id": "plain"}, **options)["choices"]
            lines.append(json.dumps(choice))
    Path(file).write_text("\n".join(lines))
    print(f"{len(lines)} answers")


if __name__ == "__main__":
    main(*sys.argv[1:3])
