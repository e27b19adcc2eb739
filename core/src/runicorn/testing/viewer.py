"""A client for a viewer that listens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from attrs import field, frozen


@frozen
class Answer:
    """What the viewer answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(factory=dict)

    def json(self) -> Any:
        return json.loads(self.body)


@frozen
class ViewerClient:
    """Asks a viewer over HTTP."""

    url: str  # e.g. http://127.0.0.1:43211

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """:param path: e.g. ``/api/health``."""
        return self._ask(Request(self.url + path, headers=dict(headers or {})))

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """:param body: becomes JSON; None sends nothing."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        return self._ask(Request(self.url + path, data, headers, method=method))

    def _ask(self, request: Request) -> Answer:
        try:
            with urlopen(request, timeout=100) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read(), dict(error.headers))
