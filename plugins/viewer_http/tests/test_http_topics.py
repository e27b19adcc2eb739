"""Topics: what plugins let pages follow beside runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest
import runicorn as rn
from runicorn.contracts.viewer import Topic
from runicorn.hookspecs import hookimpl
from runicorn_viewer_http.asgi.access import Rules
from websockets.sync.client import connect


def errors_of(plugin: str) -> str:
    return " ".join(error for info in rn.plugins() if info.name == plugin for error in info.errors)


class Telling:
    def __init__(self, *topics: Topic) -> None:
        self.topics = topics

    @hookimpl
    def viewer_topics(self) -> Iterable[Topic]:
        return self.topics


def changes(viewer: Any, topic: str, before: dict[str, Any] | None = None) -> dict[str, Any]:
    place = "" if before is None else f"&seq={before['seq']}&epoch={before['epoch']}"
    return dict(viewer.get(f"/api/v2/changes?sub=topic:{topic}{place}").json())


def test_hook_viewer_topics_tell_followers_that_there_is_news(plugins: Any, serve_with: Any) -> None:
    state = ["one"]
    plugins.add("acme", Telling(Topic("acme", lambda: tuple(state), every_s=0)))
    viewer = serve_with(Rules())
    first = changes(viewer, "acme")
    assert (first["notices"], first["unknown"]) == ([], [])
    assert changes(viewer, "acme", first)["notices"] == []
    state.append("two")
    deadline = time.monotonic() + 60
    while not (told := changes(viewer, "acme", first)["notices"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(notice["t"], notice["topic"]) for notice in told] == [("topic", "acme")]
    assert changes(viewer, "nobody")["unknown"] == ["nobody"]


def test_a_topic_that_fails_is_no_news_and_is_named(lenient: Any, serve_with: Any) -> None:
    def broken() -> object:
        raise RuntimeError("no labels")

    lenient.add("acme", Telling(Topic("labels", broken, every_s=0)))
    lenient.add("beta", Telling(Topic("labels", lambda: 1)))
    viewer = serve_with(Rules())
    first = changes(viewer, "labels")
    assert changes(viewer, "labels", first)["notices"] == []
    assert "no labels" in errors_of("acme")
    assert "acme has a topic 'labels' already" in errors_of("beta")


def test_of_two_topics_of_one_name_the_second_is_named_whoever_gives_it(lenient: Any, serve_with: Any) -> None:
    lenient.add("acme", Telling(Topic("labels", lambda: 1), Topic("labels", lambda: 2)))
    assert changes(serve_with(Rules()), "labels")["unknown"] == []
    assert "acme has a topic 'labels' already" in errors_of("acme")


def test_a_slow_topic_keeps_nobody_waiting_who_does_not_follow_it(
    plugins: Any, serve_with: Any, make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNICORN_PLUGINS__HOOK_TIMEOUT", "300")
    over, asked, again = threading.Event(), threading.Event(), threading.Event()
    state = ["one"]

    def bucket() -> object:
        asked.set()
        over.wait(250)
        return None

    def later() -> object:
        if "hang" in state:
            again.set()
            over.wait(250)
        return 1

    plugins.add("acme", Telling(Topic("bucket", bucket), Topic("later", later, every_s=0)))
    plugins.add("beta", Telling(Topic("labels", lambda: tuple(state), every_s=0)))
    run = make_run("a")
    viewer = serve_with(Rules())
    try:
        with connect(f"{viewer.socket_base}/api/live") as waits, connect(f"{viewer.socket_base}/api/live") as socket:
            waits.send(json.dumps({"sub": ["topic:bucket", "runs:"]}))
            assert asked.wait(60)
            socket.send(json.dumps({"sub": ["runs:p", "topic:later", "topic:labels"]}))
            assert json.loads(socket.recv(timeout=60))["notices"] == []
            first = changes(viewer, "labels")
            state.append("hang")
            assert again.wait(60)  # the one who follows it hears of everything else
            assert "labels" in heard(socket, "topic")
            assert [notice["t"] for notice in changes(viewer, "labels", first)["notices"]] == ["topic"]
            run.finish()
            assert "p" in heard(socket, "runs")
            over.set()
            assert json.loads(waits.recv(timeout=60))["unknown"] == []
    finally:
        over.set()


def heard(socket: Any, kind: str) -> set[str]:
    """Topics or projects of the next notices of a kind."""
    while True:
        notices = json.loads(socket.recv(timeout=60))["notices"]
        if told := {notice["topic" if kind == "topic" else "project"] for notice in notices if notice["t"] == kind}:
            return told
