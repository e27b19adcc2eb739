"""Topics: what plugins let pages follow beside runs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import runicorn as rn
from runicorn.contracts.viewer import Topic
from runicorn.hookspecs import hookimpl
from runicorn_viewer_http.asgi.access import Rules


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
