"""A client of the server under check, on Python's own library."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class Client:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def send(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Returns the status and the answer; a status of error is no exception."""
        request = urllib.request.Request(self._url + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ask(self, path: str, body: Any = None) -> Any:
        """Raises RuntimeError on any status but 200."""
        status, text = self.send(path, None if body is None else json.dumps(body).encode())
        if status != 200:
            raise RuntimeError(f"{path}: {status} {text[:500]}")
        return json.loads(text)

    def complete(self, ids: list[int], xargs: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """A greedy answer of 48 tokens; its `token_ids` lie in the choice."""
        body = {
            "model": "model",
            "prompt": ids,
            "max_tokens": 48,
            "temperature": 0,
            "ignore_eos": True,
            "return_token_ids": True,
            **options,
        }
        if xargs is not None:
            body["vllm_xargs"] = xargs
        answer: dict[str, Any] = self.ask("/v1/completions", body)
        return answer

    def report(self, answer: dict[str, Any]) -> dict[str, Any]:
        reports = self.ask(f"/v1/slot/reports/{answer['id']}")["reports"]
        if len(reports) != 1:
            raise RuntimeError(f"{len(reports)} reports of {answer['id']}")
        report: dict[str, Any] = reports[0]
        return report
