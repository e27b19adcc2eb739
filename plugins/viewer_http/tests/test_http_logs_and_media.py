"""Log pages, raw logs, media lists and files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

PNG = b"\x89PNG\r\n" + bytes(range(256)) * 8


def test_pages_of_a_log_join_without_a_gap(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for n in range(25):
        run.line(f"line {n}")
    seen: list[str] = []
    offset = 0
    while True:
        page = viewer.get("/api/runs/a/logs", params={"offset": offset, "limit": 10}).json()
        seen += [line["text"] for line in page["lines"]]
        if page["next_offset"] >= page["size"]:
            break
        offset = page["next_offset"]
    assert seen == [f"line {n}" for n in range(25)]
    tail = viewer.get("/api/runs/a/logs", params={"tail": 2}).json()
    assert [line["n"] for line in tail["lines"]] == [23, 24]


def test_lines_are_chosen_by_stream_and_by_text(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    run.line("Hello")
    run.line("oh no", "stderr")
    run.line("careful", "log/warning")
    found = viewer.get("/api/runs/a/logs", params={"stream": "log"}).json()["lines"]
    assert [(line["stream"], line["level"], line["text"]) for line in found] == [("log", "warning", "careful")]
    assert [line["text"] for line in viewer.get("/api/runs/a/logs?q=hELLO").json()["lines"]] == ["Hello"]


def test_the_raw_log_is_text_as_it_was_written(viewer: Any, make_run: Any) -> None:
    run = make_run("a")
    for n in range(12_000):
        run.line(f"{n} <script>alert(1)</script>")
    answer = viewer.get("/api/runs/a/logs", headers={"Accept": "text/plain"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert len(lines) == 12_000
    assert lines[-1] == "2026-11-23T15:01:02.123Z stdout | 11999 <script>alert(1)</script>"


def test_media_are_listed_with_what_panels_need(viewer: Any, make_run: Any) -> None:
    run = make_run("a", created_at=1000.0)
    for step in (1, 2, 3):
        run.image("eyes", step, PNG + bytes([step]))
    run.image("other", 1, PNG)
    rows = viewer.get("/api/runs/a/media", params={"key": "eyes", "first_step": 2}).json()
    assert [row["step"] for row in rows] == [2, 3]
    first = rows[0]
    assert (first["type"], first["caption"], first["width"], first["height"]) == ("image", "at 2", 4, 3)
    file = viewer.get(f"/api/runs/a/media/{first['path']}")
    assert (file.content, file.headers["content-type"]) == (PNG + b"\x02", "image/png")
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=2000-", 206, slice(2000, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-99999999", 206, slice(0, None)),
        ("bytes=9-2", 200, slice(0, None)),
        ("bytes=0-1,4-5", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
    ],
)
def test_ranges_of_a_file(viewer: Any, make_run: Any, asked: str, status: int, expected: slice) -> None:
    path = make_run("a").image("k", 1, PNG)
    answer = viewer.get(f"/api/runs/a/media/{path}", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (status, PNG[expected])
    if status == 206:
        begin, end, _ = expected.indices(len(PNG))
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(PNG)}"


def test_a_range_beyond_the_end_is_refused_and_a_known_file_is_not_sent_again(viewer: Any, make_run: Any) -> None:
    url = f"/api/runs/a/media/{make_run('a').image('k', 1, PNG)}"
    beyond = viewer.get(url, headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"].startswith("bytes */")
    etag = viewer.get(url).headers["etag"]
    assert viewer.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert viewer.get(url, headers={"Range": "bytes=0-1", "If-Range": '"older"'}).content == PNG
    head = viewer.head(url)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(PNG)))


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_files_that_could_run_scripts_are_sandboxed(viewer: Any, make_run: Any, suffix: str) -> None:
    path = make_run("a").image("k", 1, b"<svg onload='alert(1)'/>", suffix)
    policy = viewer.get(f"/api/runs/a/media/{path}").headers["content-security-policy"]
    assert policy.startswith("sandbox;")
    assert "script" not in policy


def test_files_of_unknown_kinds_are_only_downloaded(viewer: Any, make_run: Any) -> None:
    path = make_run("a").image("k", 1, b"MZ", ".exe")
    headers = viewer.get(f"/api/runs/a/media/{path}").headers
    assert (headers["content-type"], headers["content-disposition"]) == ("application/octet-stream", "attachment")


@pytest.mark.parametrize(
    "name",
    ["..%2Fmeta.json", "%2e%2e/meta.json", "media/%2e%2e/%2e%2e/meta.json", "/etc/passwd", "C:%5Cx", "%00", "link"],
)
def test_no_path_leaves_the_media_folder(viewer: Any, make_run: Any, tmp_path: Path, name: str) -> None:
    run = make_run("a")
    run.image("k", 1, PNG)
    (tmp_path / "secret").write_text("secret")
    os.symlink(tmp_path / "secret", run.folder / "media" / "link")
    answer = viewer.get(viewer.base_url.copy_with(raw_path=f"/api/runs/a/media/{name}".encode()))
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"] in ("file-not-found", "no-such-endpoint")
