"""Secrets that the user asked to be remembered: in the operating system's keyring, or where there is none, in a file.

The file is encrypted with a passphrase that the user types (scrypt, AES-256-GCM); the key made of it is kept in memory
only. Nothing is ever stored beside the file that would open it.
"""

from __future__ import annotations

import json
import secrets
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from runicorn.config import config_dir
from runicorn.errors import Problem
from runicorn.serialize import write_bytes

SERVICE = "runicorn"
_MAGIC = b"RNVAULT1"
_SALT, _NONCE = 16, 12
#: Of scrypt (RFC 7914): 64 MiB and about 0.2 s for each try.
_N, _R, _P = 1 << 16, 8, 1


class Vault:
    """Thread-safe. Names say whose secret it is; they are no secret."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or config_dir() / "remote" / "secrets"
        self._lock = threading.RLock()
        self._key: bytes | None = None
        self._salt = b""

    @cached_property
    def _keyring(self) -> Any:
        """Looked for when somebody wants it: that imports what every desktop has."""
        return _keyring()

    @property
    def kind(self) -> str:
        """``keyring``, ``file`` (open now), ``locked`` (a file that needs its passphrase), ``none`` (no file yet)."""
        if self._keyring is not None:
            return "keyring"
        if self._key is not None:
            return "file"
        return "locked" if self._path.exists() else "none"

    def get(self, name: str) -> str | None:
        """The secret; None where there is none, or the file is locked."""
        with self._lock:
            if self._keyring is not None:
                try:
                    found: str | None = self._keyring.get_password(SERVICE, name)
                except self._keyring.errors.KeyringError:  # it is locked, say: whoever needs the secret is asked
                    return None
                return found
            return self._read().get(name) if self._key is not None else None

    def check_open(self) -> None:
        """
        :raises Problem: 409, nothing could be kept now.
        """
        if self.kind in ("locked", "none"):
            detail = "this machine has no keyring: unlock the encrypted file with a passphrase first"
            raise Problem(409, "vault-locked", detail, vault=self.kind)

    def put(self, name: str, secret: str) -> None:
        """
        :raises Problem: 409, the keyring refuses; or there is none and the file is not open.
        """
        with self._lock:
            if self._keyring is not None:
                try:
                    self._keyring.set_password(SERVICE, name, secret)
                except self._keyring.errors.KeyringError as error:
                    detail = f"the keyring of this machine does not keep it ({type(error).__name__}); unlock it first"
                    raise Problem(409, "keyring-refused", detail, vault=self.kind) from None
                return
            self.check_open()
            self._write({**self._read(), name: secret})

    def forget(self, name: str) -> None:
        """Where there is none, nothing happens.

        :raises Problem: 409, the file is locked, and nobody knows what it holds.
        """
        with self._lock:
            if self._keyring is not None:
                if self.get(name) is not None:
                    self._keyring.delete_password(SERVICE, name)
            elif self.kind == "locked":
                self.check_open()
            elif self._key is not None:
                self._write({key: value for key, value in self._read().items() if key != name})

    def unlock(self, passphrase: str) -> None:
        """Open the encrypted file, or begin one with this passphrase.

        :raises Problem: 403, it is the wrong one; 400, it is empty.
        """
        if not passphrase:
            raise Problem(400, "invalid-passphrase", "the passphrase must not be empty")
        with self._lock:
            if not self._path.exists():
                self._salt = secrets.token_bytes(_SALT)
                self._key = _derive(passphrase, self._salt)
                self._write({})
                return
            salt = self._path.read_bytes()[len(_MAGIC) : len(_MAGIC) + _SALT]
            key = _derive(passphrase, salt)
            before = self._key, self._salt
            self._key, self._salt = key, salt
            try:
                self._read()
            except Problem:
                self._key, self._salt = before
                raise

    def lock(self) -> None:
        with self._lock:
            self._key = None

    def _read(self) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        data = self._path.read_bytes()
        head, rest = data[: len(_MAGIC) + _SALT], data[len(_MAGIC) + _SALT :]
        if not head.startswith(_MAGIC) or self._key is None:
            raise Problem(409, "vault-damaged", f"{self._path} is no file of secrets; move it away to begin a new one")
        try:
            plain = AESGCM(self._key).decrypt(rest[:_NONCE], rest[_NONCE:], head)
        except ValueError:  # it was cut off
            raise Problem(409, "vault-damaged", f"{self._path} is cut off; move it away to begin a new one") from None
        except InvalidTag:
            raise Problem(403, "wrong-passphrase", "this is not the passphrase of the file of secrets") from None
        found: dict[str, str] = json.loads(plain)
        return found

    def _write(self, values: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        assert self._key is not None
        nonce, head = secrets.token_bytes(_NONCE), _MAGIC + self._salt
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(values).encode(), head)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(self._path, head + nonce + sealed)
        self._path.chmod(0o600)


def _derive(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _keyring() -> Any:
    """The operating system's keyring; None where there is none that keeps secrets."""
    try:
        import keyring
        from keyring.backends import fail, null

        backend = keyring.get_keyring()
        # A chain of nothing, or a backend that writes plain text, is no keyring.
        usable = backend.priority > 0 and not isinstance(backend, (fail.Keyring, null.Keyring))
        plain = type(backend).__module__.startswith("keyrings.alt")
    except Exception:  # noqa: BLE001 (backends of other people raise what they like)
        return None
    return keyring if usable and not plain else None
