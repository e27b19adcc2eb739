"""What asyncssh asks while it connects, and a host's answers to it. Imported with asyncssh, when something connects."""

from __future__ import annotations

from collections.abc import Sequence

import asyncssh

from .signing_in import TRIES, SigningIn


class Client(asyncssh.SSHClient):
    """Answers with what one host was told, or asks whoever is there."""

    def __init__(self, signing_in: SigningIn) -> None:
        self._signing_in = signing_in
        self.shown: asyncssh.SSHKey | None = None
        self._passwords = self._rounds = self._offered = 0

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        """A key that is not on file: never taken here, whether the host is unknown or shows another one than before."""
        self.shown = key
        return False

    async def password_auth_requested(self) -> str | None:
        tries, self._passwords = self._passwords, self._passwords + 1
        return await self._signing_in.password(tries)

    def kbdint_auth_requested(self) -> str | None:
        """Asked for again after each failure; a host that asked nothing the last time will not ask now."""
        gave_up = self._signing_in.gave_up and not self._signing_in.knows_password
        if gave_up or self._rounds >= TRIES or self._rounds < self._offered:
            return None
        self._offered = self._rounds + 1
        return ""

    async def kbdint_challenge_received(
        self,
        name: str,
        instructions: str,
        lang: str,  # noqa: ARG002
        prompts: Sequence[tuple[str, bool]],
    ) -> Sequence[str] | None:
        tries = self._rounds
        self._rounds += 1 if prompts else 0
        return await self._signing_in.interactive(" ".join(filter(None, (name, instructions))), prompts, tries)
