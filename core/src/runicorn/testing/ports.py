"""Ports for servers that a test stops and starts again at the same address."""

from __future__ import annotations

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """A port of this machine that nobody listens at, and that stays free while its server is down.

    Those that the system picks for whoever asks for any port, 32768 and above, may be somebody else's by then.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
