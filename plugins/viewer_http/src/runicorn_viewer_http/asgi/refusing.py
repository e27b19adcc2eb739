"""Refusing a request or socket before anything else has seen it."""

from __future__ import annotations

from collections.abc import Mapping

from runicorn.contracts.http import Reply
from runicorn.errors import Problem
from starlette.types import Message, Receive, Scope, Send

from .problems import problem_reply
from .respond import respond


async def refuse(problem: Problem, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem; a socket gets it as the answer to its handshake."""
    if scope["type"] == "websocket":
        await receive()  # the handshake
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": problem.code})
            return

        async def answer(message: Message) -> None:
            await send({**message, "type": f"websocket.{message['type']}"})

        await respond(problem_reply(problem, headers), answer, nothing)
        return
    wants_page = any(n == b"accept" and b"text/html" in v for n, v in scope["headers"])
    if wants_page and not scope["path"].startswith("/api/"):
        text = f"{problem.detail}\n".encode("utf-8", "replace")
        reply = Reply(text, problem.status, "text/plain", {"Cache-Control": "no-store", **headers})
    else:
        reply = problem_reply(problem, headers)
    await respond(reply, send, nothing, head=scope["method"] == "HEAD")


async def nothing(_: object) -> bytes | None:
    """Stands for a thread where none is needed."""
    raise AssertionError("a whole reply needs no thread")
