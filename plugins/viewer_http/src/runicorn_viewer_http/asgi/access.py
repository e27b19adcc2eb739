"""Who may use the viewer: names in ``Host``, other sites' ``Origin``, the token; and headers on every answer."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen
from runicorn.contracts.http import AccessRequest, Reply
from runicorn.errors import Problem
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .authorize import Authorizer
from .refusing import nothing, refuse
from .respond import respond

LOOPBACK = frozenset(["localhost", "127.0.0.1", "[::1]"])
_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}


@frozen
class Rules:
    """What is allowed. ``hosts``: names without a port, beside the loopback names; ``token``: None = not asked for."""

    hosts: frozenset[str] = frozenset()
    token: str | None = None
    any_address: bool = False  # IP addresses as Host too: an attacker's name that is rebound is never one

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are shared by all ports of a host, and another viewer may run there."""
        return f"runicorn_{_digest(self.token or '')[:8]}"

    @property
    def cookie_value(self) -> str:
        return _digest(f"cookie {self.token}")

    def admit(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the token, if one is asked for: as Bearer, or as the cookie that its link set."""
        if self.token is None:
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(bearer.strip(), self.token):
            return True
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie and _same(value, self.cookie_value):
                return True
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Access:
    """Applies the rules to every request and socket before anything else sees it."""

    def __init__(self, app: ASGIApp, rules: Rules, authorizer: Authorizer | None = None) -> None:
        """
        :param authorizer: asked for every request that the names and origins allow; None = no plugin wants to be.
        """
        self._app, self._rules, self._authorizer = app, rules, authorizer
        self._hosts = LOOPBACK | {host.lower() for host in rules.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        sender = _with_headers(send) if scope["type"] == "http" else send
        try:
            self._check_host(headers.get("host", ""))
            self._check_origin(scope, headers)
            link = self._link(scope)
            if link is None and not await self._allowed(scope, headers):
                self._check_token(headers)
        except Problem as problem:
            headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
            await refuse(problem, headers, scope, receive, sender)
            return
        if link is not None:
            await respond(link, sender, nothing)
            return
        await self._app(scope, receive, sender)

    async def _allowed(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Whether a plugin lets this through, so that no token is needed."""
        if self._authorizer is None:
            return False
        client = (scope.get("client") or ("",))[0]
        method = scope["method"] if scope["type"] == "http" else "WEBSOCKET"
        return await self._authorizer.allows(AccessRequest(method, scope["path"], headers, client))

    def _check_host(self, host: str) -> None:
        name = _without_port(host)
        if name not in self._hosts and not (self._rules.any_address and _is_address(name)):
            raise Problem(
                403, "host-not-allowed", f"the host name {name!r} is not allowed; add it to viewer-http.allowed_hosts",
                host=name,
            )  # fmt: skip

    def _check_origin(self, scope: Scope, headers: dict[str, str]) -> None:
        """A browser says which site a request comes from; a script says nothing, and is allowed."""
        if scope["type"] == "http" and scope["method"] in _SAFE:
            return
        origin = headers.get("origin")
        foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if origin is not None:
            foreign = foreign or _authority(origin) != _authority(f"http://{headers.get('host', '')}")
        if foreign:
            raise Problem(403, "origin-not-allowed", f"requests from {origin} are not allowed", origin=origin or "")

    def _link(self, scope: Scope) -> Reply | None:
        """The printed link: exchange the token for a cookie and go on without it in the address."""
        if self._rules.token is None or scope["type"] != "http" or scope["method"] not in _SAFE:
            return None
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        offered = dict(pairs).get("token")
        if scope["path"].startswith("/api/") or offered is None or not _same(offered, self._rules.token):
            return None
        rest = urlencode([(name, value) for name, value in pairs if name != "token"])
        raw = scope.get("raw_path") or b"/"
        place = "/" + raw.decode("latin-1").lstrip("/") + (f"?{rest}" if rest else "")
        cookie = f"{self._rules.cookie}={self._rules.cookie_value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"
        return Reply(b"", 303, None, {"Location": place, "Set-Cookie": cookie, "Cache-Control": "no-store"})

    def _check_token(self, headers: dict[str, str]) -> None:
        if not self._rules.admit(headers):
            raise Problem(401, "token-required", "open the link that the viewer printed, or send the token as Bearer")


def _same(offered: str, wanted: str) -> bool:
    return hmac.compare_digest(_digest(offered), _digest(wanted))


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _authority(origin: str) -> str | None:
    """Host and port of an origin, the default ports left out; None for ``null`` and what is no origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return parts.hostname if port in (None, 80, 443) else f"{parts.hostname}:{port}"


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", []))
            present = {name.lower() for name, _ in own}
            more = [(name, value) for name, value in _HEADERS.items() if name not in present]
            message = {**message, "headers": own + more}
        await send(message)

    return sender


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
