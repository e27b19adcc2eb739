"""Key files of this machine that a host may be offered, as OpenSSH chooses them: those that the user named, those of
``~/.ssh/config``, else the usual ones. Imported with asyncssh, when something connects."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
from attrs import frozen

USUAL = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa")
#: On threads of its own: asyncssh keeps one of the usual ones waiting while it asks for a passphrase.
_OPENING = ThreadPoolExecutor(2, thread_name_prefix="runicorn-key")


@frozen
class KeyFile:
    """A private key."""

    path: str
    sealed: bool  # neither it nor a file beside it tells its public part: only its passphrase helps


def named_key(path: str) -> KeyFile:
    """
    :raises asyncssh.KeyImportError: there is none that can be read.
    """
    try:
        return _key_file(path)
    except OSError as error:
        raise asyncssh.KeyImportError(error.strerror or str(error)) from None


def key_files(paths: Sequence[str]) -> list[KeyFile]:
    """Those that are keys. Files that are missing, or may not be read, hide no other."""
    found = []
    for path in paths:
        try:
            found.append(_key_file(path))
        except (OSError, ValueError):
            continue
    return found


def usual_key_files() -> list[KeyFile]:
    """Keys that merely lie in ``~/.ssh``: a sealed one is not worth a question."""
    return [file for file in key_files([f"~/.ssh/{name}" for name in USUAL]) if not file.sealed]


def public_parts(paths: Sequence[str]) -> list[asyncssh.SSHKey]:
    """What an agent may know some keys by; ``paths`` may be of public keys, too."""
    return [key for path in paths if (key := _public_part(path)) is not None]


def open_key(path: str, passphrase: str) -> asyncssh.SSHKey:
    """
    :raises ValueError: it is another one's passphrase.
    """
    return asyncssh.import_private_key(Path(path).expanduser().read_bytes(), passphrase)


async def opens(path: str, passphrase: str) -> bool:
    """Whether it is its passphrase. Takes a moment, by design."""
    try:
        await asyncio.get_running_loop().run_in_executor(_OPENING, open_key, path, passphrase)
    except (OSError, ValueError):
        return False
    return True


def _key_file(path: str) -> KeyFile:
    data = Path(path).expanduser().read_bytes()
    try:
        asyncssh.import_private_key(data)
    except asyncssh.KeyImportError as error:
        if not str(error).startswith("Passphrase"):
            raise
        return KeyFile(path, sealed=_public_part(path) is None)
    return KeyFile(path, sealed=False)


def _public_part(path: str) -> asyncssh.SSHKey | None:
    for name in (f"{path}.pub", path):
        try:
            return asyncssh.read_public_key(Path(name).expanduser())
        except (OSError, ValueError):
            continue
    return None
