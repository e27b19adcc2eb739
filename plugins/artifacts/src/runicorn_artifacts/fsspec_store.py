"""A store in a bucket, or wherever else fsspec can write a blob exactly once."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

from runicorn.contracts.artifacts import BlobEntry, BlobStore
from runicorn.errors import (
    InvalidArgument,
    MissingDependency,
    RunicornError,
    StorageError,
    StorageGone,
    StorageReadOnly,
)
from runicorn.security import redact

#: Scheme -> the package that fsspec needs for it. Each has a write that fails where there is something already.
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "memory": ""}
#: What may stand behind ``?`` of an address; none of it is a secret.
_SETTINGS = frozenset(["endpoint_url", "region", "profile", "anon", "project", "account_name"])
_TOUCHED_S = 60.0  # a blob that is younger needs no new time
_TRIES = 8
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")
_SPACE = re.compile(r"\s+")


class FsspecStores:
    """Buckets and containers. Credentials come from where their own tools have them, never from the address."""

    name = "fsspec"
    schemes = frozenset(_PACKAGES)

    def open(self, uri: str) -> BlobStore:
        """
        :raises InvalidArgument: the address holds a secret, or an unknown setting.
        """
        parts = urlsplit(uri)
        settings = dict(parse_qsl(parts.query))
        if "@" in parts.netloc or "@" in settings.get("endpoint_url", ""):
            why = "may hold no credentials; put them where the tools of that service look for them"
            raise InvalidArgument("store", f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", why)
        unknown = sorted(settings.keys() - _SETTINGS)
        if unknown:
            why = f"may set {', '.join(sorted(_SETTINGS))}, not {unknown[0]}"
            raise InvalidArgument("store", f"{parts.scheme}://{parts.netloc}{parts.path}", why)
        if not parts.netloc and parts.scheme != "memory":
            raise InvalidArgument("store", uri, "names no bucket")
        return FsspecStore(parts.scheme.lower(), f"{parts.netloc}{parts.path}".strip("/"), settings)


class FsspecStore:
    """A prefix of a bucket. Nothing is made before the first blob."""

    def __init__(self, scheme: str, base: str, settings: Mapping[str, str]) -> None:
        self._scheme, self._base = scheme, base
        self._system = _opened(scheme, settings)
        self._exclusive = False  # proven: what is there is not overwritten
        self._lock = threading.Lock()
        shown = "&".join(f"{name}={value}" for name, value in sorted(settings.items()))
        self.uri = f"{scheme}://{base}" + (f"?{shown}" if shown else "")

    def read(self, key: str) -> bytes:
        with self._mapped("reading from the artifact store", key):
            data: bytes = self._system.cat_file(self._path(key))
            return data

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.read(key))  # blobs are small: large files are kept as chunks

    def put(self, key: str, data: bytes) -> None:
        with self._mapped("storing an artifact", key):
            self._system.pipe_file(self._path(key), data)

    def create(self, key: str, data: bytes) -> bool:
        """
        :raises StorageError: the service overwrites what is there, so that two commits could become one version.
        """
        self._prove()
        return self._create(key, data)

    def stat(self, key: str) -> BlobEntry | None:
        try:
            with self._mapped("looking into the artifact store", key):
                found = self._system.info(self._path(key))
        except KeyError:
            return None
        return _entry(key, found) if found.get("type", "file") == "file" else None

    def touch(self, key: str) -> bool:
        found = self.stat(key)
        if found is None:
            return False
        if time.time() - found.modified_at < _TOUCHED_S:
            return True
        path = self._path(key)
        try:
            with self._mapped("storing an artifact", key):
                if self._scheme in ("s3", "s3a"):  # over there, without its content
                    self._system.copy(path, path, MetadataDirective="REPLACE")
                else:
                    self._system.pipe_file(path, self._system.cat_file(path))
        except KeyError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[BlobEntry]:
        try:
            with self._mapped("listing the artifact store", prefix):
                found: dict[str, Any] = self._system.find(self._path(prefix), detail=True)
        except KeyError:
            return
        root = self._path("")
        for path, entry in found.items():
            key = path.lstrip("/").removeprefix(root.lstrip("/")).lstrip("/")
            if key.startswith(prefix) and entry.get("type", "file") == "file":  # some keep a mark for a folder
                yield _entry(key, entry)

    def delete(self, key: str) -> None:
        try:
            with self._mapped("deleting from the artifact store", key):
                self._system.rm_file(self._path(key))
        except KeyError:
            return

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002 (there is no file here)
        return None

    # --- Inside

    def _path(self, key: str) -> str:
        return "/".join(part for part in (self._base, key) if part)

    def _create(self, key: str, data: bytes) -> bool:
        path = self._path(key)
        for attempt in range(_TRIES):
            try:
                with self._mapped("storing an artifact", key):
                    if self._scheme == "memory":
                        with _MEMORY:  # it looks first and writes then
                            self._system.pipe_file(path, data, mode="create")
                    else:
                        self._system.pipe_file(path, data, mode="create")
            except _Exists:
                return False
            except _Busy:  # another one is creating it at this moment: ask again who was first
                time.sleep(0.05 * 2**attempt)
                continue
            return True
        raise StorageError("storing an artifact", self.uri, f"{key} was being written by others all the time")

    def _prove(self) -> None:
        """Some services take a write that must not overwrite for one that may. Asked once."""
        with self._lock:
            if self._exclusive:
                return
            probe = f"probes/{time.time_ns():x}-{threading.get_ident():x}"
            try:
                first, second = self._create(probe, b"first"), self._create(probe, b"second")
            finally:
                self.delete(probe)
            if not first or second:
                why = "the service overwrites what must not be overwritten (If-None-Match), so versions could be lost"
                raise StorageError("storing an artifact", self.uri, why)
            self._exclusive = True

    @contextmanager
    def _mapped(self, what: str, key: str) -> Iterator[None]:
        """
        :raises KeyError: there is no such blob.
        """
        try:
            yield
        except RunicornError:
            raise
        except FileExistsError as error:
            raise _Exists(what, self.uri, "it exists") from error
        except FileNotFoundError as error:
            # Others name the blob, whose path may have that word in it, too: "my-bucket/objects/...".
            if "bucket" in str(error).lower() and f"{self._base.partition('/')[0]}/" not in str(error):
                raise StorageGone(what, self.uri, "there is no such bucket") from error
            raise KeyError(key) from error
        except PermissionError as error:
            raise StorageReadOnly(what, self.uri, _said(error)) from error
        except Exception as error:
            kind = _refusal(error) or StorageError
            raise kind(what, self.uri, _said(error)) from error


_MEMORY = threading.Lock()


class _Exists(StorageError):
    """There is such a blob."""


class _Busy(StorageError):
    """Somebody else creates that blob right now."""


def _refusal(error: BaseException) -> type[StorageError] | None:
    """What the service meant, where its error does not say it by its class."""
    seen: BaseException | None = error
    while seen is not None:
        response: Any = getattr(seen, "response", None)
        if isinstance(response, dict):
            code = str(response.get("Error", {}).get("Code"))
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if code == "PreconditionFailed" or status == 412:
                return _Exists
            if code in ("ConditionalRequestConflict", "OperationAborted") or status == 409:
                return _Busy
        seen = seen.__cause__ or seen.__context__
    return None


def _said(error: Exception) -> str:
    text = _SPACE.sub(" ", str(error)).strip()
    return redact(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _entry(key: str, found: Mapping[str, Any]) -> BlobEntry:
    return BlobEntry(key, int(found.get("size") or 0), _time(found))


def _time(found: Mapping[str, Any]) -> float:
    for name in _TIMES:
        value = found.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value).timestamp()
            except ValueError:
                continue
        if isinstance(value, (int, float)):
            return float(value)
    return time.time()  # unknown: never taken for a leftover


def _opened(scheme: str, settings: Mapping[str, str]) -> Any:
    extra = f"'runicorn-artifacts[{scheme.removesuffix('a') if scheme != 'memory' else 'remote'}]'"
    try:
        import fsspec

        kind = fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        package = _PACKAGES[scheme]
        install = extra if package in ("s3fs", "") else package
        raise MissingDependency(f"an artifact store at {scheme}://", install) from error
    return kind(**_options(scheme, settings))


def _options(scheme: str, settings: Mapping[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    if scheme in ("s3", "s3a"):
        client = {"region_name": settings.get("region"), "endpoint_url": settings.get("endpoint_url")}
        options["client_kwargs"] = {name: value for name, value in client.items() if value is not None}
        options["profile"] = settings.get("profile")
    for name in ("project", "account_name", "endpoint_url"):
        if name in settings and scheme not in ("s3", "s3a"):
            options[name] = settings[name]
    if settings.get("anon", "").lower() in ("1", "true", "yes"):
        options["anon"] = True
    return options
