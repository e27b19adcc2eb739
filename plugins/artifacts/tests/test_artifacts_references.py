"""What an artifact refers to is compared with what was stated of it, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import fsspec
import pytest
import runicorn as rn

CONTENT = b"what lies elsewhere" * 1000


class Elsewhere(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        known = self.path == "/data"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(CONTENT)) if known else "0")
        if known:
            self.send_header("ETag", '"abc"')
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        if self.path == "/data":
            self.wfile.write(CONTENT)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(params=["file", "http", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a folder with one file, ``data``."""
    if request.param == "file":
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "data").write_bytes(CONTENT)
        yield (tmp_path / "there").as_uri()
    elif request.param == "memory":
        fsspec.filesystem("memory").pipe("/references/data", CONTENT)
        yield "memory://references"
    else:
        with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("name", "checksum", "size", "wrong"),
    [
        ("data", None, None, ""),
        ("data", None, len(CONTENT), ""),
        ("data", None, 7, "has 19000 bytes instead of 7"),
        ("data", f"sha256:{sha256(CONTENT).hexdigest()}", len(CONTENT), ""),
        ("data", f"md5:{md5(CONTENT, usedforsecurity=False).hexdigest().upper()}", None, ""),
        ("data", f"sha256:{sha256(b'other').hexdigest()}", None, "has other content than was stated"),
        ("data", "crc:12", None, "has a checksum of an unknown kind"),
        ("data", "0123", None, "has a checksum of an unknown kind"),
        ("gone", None, None, "is missing|cannot be reached"),
    ],
)
def test_a_reference_is_what_was_stated_or_it_is_said(
    place: str, name: str, checksum: str | None, size: int | None, wrong: str
) -> None:
    import re

    version = rn.log_artifact(rn.Artifact("data", "dataset").add_reference(f"{place}/{name}", checksum, size))
    assert version is not None
    assert version.verify() == []
    found = version.verify(references=True)
    assert [bool(re.match(wrong, each.problem)) for each in found] == ([True] if wrong else [])


@pytest.mark.parametrize("place", ["http"], indirect=True)
def test_an_etag_is_compared(place: str) -> None:
    for checksum, count in (("etag:abc", 0), ('etag:"abc"', 0), ("etag:x", 1)):
        version = rn.log_artifact(rn.Artifact("data").add_reference(f"{place}/data", checksum))
        assert version is not None
        assert len(version.verify(references=True)) == count
