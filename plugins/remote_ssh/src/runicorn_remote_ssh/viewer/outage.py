"""What the local address answers by itself: while the line is down, and to whom it may not serve."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from http import HTTPStatus

from attrs import field, frozen

_PAGE = """<!doctype html>
<html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="2"><title>{title}</title>
<body><main><h1>{title}</h1><p>{detail}</p><p>{hint}</p></main></body></html>
"""
_WORDS = {
    "en": ("No connection to {host}", "This page looks again every two seconds and comes back by itself."),
    "zh-CN": ("与 {host} 的连接已断开", "本页面每两秒重试一次，恢复后会自动显示。"),
}
_FIXED = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@frozen
class Answer:
    """A whole answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(factory=dict)


def problem(status: int, code: str, detail: str, **more: str) -> Answer:
    """An answer as problem details (RFC 9457)."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body = json.dumps({**document, "code": code, **more}, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/problem+json", **_FIXED})


def document(content: Mapping[str, object]) -> Answer:
    """200 with JSON."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return Answer(200, body, {"Content-Type": "application/json", **_FIXED})


def unavailable(host: str, reason: str, accept: str, language: str) -> Answer:
    """503: a page that comes back by itself for people, a problem for everything else."""
    if "text/html" not in accept:
        answer = problem(503, "remote-unavailable", f"no connection to {host}: {reason}", host=host)
        return Answer(answer.status, answer.body, {**answer.headers, "Retry-After": "1"})
    lang = "zh-CN" if language.lower().startswith("zh") else "en"
    title, hint = _WORDS[lang]
    words = {"title": title.format(host=host), "detail": reason, "hint": hint}
    page = _PAGE.format(lang=lang, **{name: html.escape(text) for name, text in words.items()})
    return Answer(503, page.encode(), {"Content-Type": "text/html; charset=utf-8", "Retry-After": "1", **_FIXED})
