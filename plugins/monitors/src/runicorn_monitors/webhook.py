"""Alerts as JSON to an address, with retries."""

from __future__ import annotations

import random
import time
from base64 import b64encode
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from runicorn.errors import RunicornError
from runicorn.host import hostname
from runicorn.security import redact
from runicorn.serialize import dumps

if TYPE_CHECKING:
    from runicorn.contracts import RunView
    from runicorn.model.alert import Alert, Level

TRIES = 4
PAUSE_S = 0.5  # before the second try; twice as long each time
TIMEOUT_S = 5.0
_AGAIN = frozenset([408, 425, 429, 500, 502, 503, 504])
_LONGEST_S = 30.0  # that Retry-After may ask for


class NotDelivered(RunicornError):
    """A webhook did not take an alert. The address is named without its secrets."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"the webhook at {host} did not take an alert: {reason}")
        self.host, self.reason = host, reason


class WebhookSink:
    """POSTs each alert. Network failures and answers that say "later" are tried again, three times.

    Nothing that looks like a secret is sent, and the address, which often is one, is never shown: only its host. A user
    and password in it are sent as Basic authentication.
    """

    name = "webhook"

    def __init__(self, run: RunView, address: str, min_level: Level) -> None:
        self._run, self.min_level = run, min_level
        self._host = urlsplit(address).hostname or "?"
        self._address, self._headers = _request_for(address)
        self._opener = build_opener(_NoRedirects)

    def send(self, alert: Alert) -> None:
        """:raises NotDelivered: it did not take the alert."""
        body = dumps(self._document(alert))
        pause = PAUSE_S
        for attempt in range(1, TRIES + 1):
            reason, wait = self._post(body)
            if reason is None:
                return
            if wait is None or attempt == TRIES:
                raise NotDelivered(self._host, reason)
            time.sleep(max(wait, pause * (1 + random.random() / 4)))
            pause *= 2

    def _document(self, alert: Alert) -> dict[str, object]:
        run, at = self._run, "" if alert.step is None else f" at step {alert.step}"
        text = redact(f"{alert.title}{at} in {run.project}/{run.name} ({run.id})")
        return {
            "text": text + (f"\n{redact(alert.text)}" if alert.text else ""),  # what Slack, Mattermost and Teams show
            "alert": {
                "title": redact(alert.title),
                "text": redact(alert.text),
                "level": alert.level,
                "rule": redact(alert.rule),
                "step": alert.step,
                "time": time.time(),
            },
            "run": {"id": run.id, "project": run.project, "name": run.name, "host": hostname()},
        }

    def _post(self, body: bytes) -> tuple[str | None, float | None]:
        """Why it failed, None = it did not; and the seconds until another try makes sense, None = never."""
        request = Request(  # noqa: S310 (the configuration takes http and https only)
            self._address, body, self._headers, method="POST"
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return None, None
        except HTTPError as error:
            with error:
                later = error.headers.get("Retry-After", "") if error.headers else ""
            wait = min(float(later), _LONGEST_S) if later.isdecimal() else 0.0
            return f"it answered {error.code}", wait if error.code in _AGAIN else None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            return f"{type(reason).__name__}: {reason}" if isinstance(reason, Exception) else str(reason), 0.0


def _request_for(address: str) -> tuple[str, dict[str, str]]:
    """An address as it is asked for, and the headers; its user and password become Basic authentication."""
    headers = {"Content-Type": "application/json", "User-Agent": "runicorn"}
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    if user:
        name, _, password = user.partition(":")
        pair = f"{unquote(name)}:{unquote(password)}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    return urlunsplit(parts._replace(netloc=host)), headers


class _NoRedirects(HTTPRedirectHandler):
    """An alert goes where it was told to, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None
