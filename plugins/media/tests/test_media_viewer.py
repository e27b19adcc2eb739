"""Media in a real viewer: pages of tables over HTTP, and every panel in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import matplotlib.figure
import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import runicorn as rn
from playwright.sync_api import Dialog, Page, expect
from plotly.subplots import make_subplots
from runicorn.hooks import open_store
from runicorn.testing import ViewerClient
from runicorn_media.table_pages import PageQuery, Tables

# --- Tables over HTTP


def logged_table() -> tuple[str, str]:
    rows = [
        {
            "id": n,
            "name": f"Name {n % 7} 中",
            "score": float("nan") if n == 3 else n / 7,
            "big": 2**60 + n,
            "none": None,
        }
        for n in range(25_000)
    ]
    with rn.init(project="p", capture_env=False) as run:
        run.log_table("t", rows)
    (record,) = open_store().find_runs(run.id)
    (media,) = open_store().open_run(record.ref).media()
    return run.id, media.path


def test_hook_viewer_routes_gives_pages_of_a_table_sorted_and_searched(viewer: ViewerClient) -> None:
    run, file = logged_table()

    def page(**asked: Any) -> Any:
        return viewer.get(f"/api/runs/{run}/table?{urlencode({'file': file, **asked})}")

    first = page(limit=2).json()
    assert [column["name"] for column in first["columns"]] == ["id", "name", "score", "big", "none"]
    assert first["rows"] == [[0, "Name 0 中", 0.0, str(2**60), None], [1, "Name 1 中", 1 / 7, str(2**60 + 1), None]]
    assert (first["total"], first["matched"]) == (25_000, 25_000)
    assert page(offset=3, limit=1).json()["rows"][0][2] == "NaN"
    assert [row[0] for row in page(offset=9_999, limit=3).json()["rows"]] == [9_999, 10_000, 10_001]
    assert page(offset=25_000).json()["rows"] == []
    last = page(sort="id", order="descending", limit=2).json()
    assert [row[0] for row in last["rows"]] == [24_999, 24_998]
    found = page(q="name 6", sort="id", order="descending", limit=1).json()
    assert (found["matched"], found["rows"][0][0]) == (25_000 // 7, 24_996)
    assert page(q="nothing has this").json()["matched"] == 0
    assert (page(sort="absent").status, page(limit=5000).status) == (422, 400)


def test_a_table_is_never_read_from_beyond_the_media_of_its_run(viewer: ViewerClient) -> None:
    run, file = logged_table()
    for other in ("../meta.json", "media/../meta.json", "/etc/passwd", "media/absent.parquet"):
        assert viewer.get(f"/api/runs/{run}/table?{urlencode({'file': other})}").status == 404
    assert viewer.get(f"/api/runs/absent/table?{urlencode({'file': file})}").status == 404
    with rn.init(project="p", capture_env=False) as other_run:
        other_run.log({"text": rn.Text("no table")})
    (record,) = open_store().find_runs(other_run.id)
    (text,) = open_store().open_run(record.ref).media()
    answer = viewer.get(f"/api/runs/{other_run.id}/table?{urlencode({'file': text.path})}")
    assert (answer.status, answer.json()["code"]) == (422, "not-a-table")


def test_large_tables_are_not_all_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runicorn_media.table_pages._KEPT_BYTES", 12_000)
    pq.write_table(pa.table({"a": range(1000), "b": range(1000, 0, -1)}), tmp_path / "t.parquet")
    tables = Tables()
    for name in ("a", "b", "a"):
        query = PageQuery("run", "t.parquet", sort=name)
        assert len(tables.page(tmp_path / "t.parquet", query)["rows"]) == 50
        assert len(tables._kept) == 1


def test_media_in_cells_are_told_searched_sorted_and_named_in_csv(viewer: ViewerClient) -> None:
    with rn.init(project="p", capture_env=False) as run:
        cells = [rn.Image(np.full((2, 2), n, np.uint8), caption=name) for n, name in enumerate("bac")]
        run.log({"t": rn.Table([{"x": cell, "n": n} for n, cell in enumerate(cells)])})
    (record,) = open_store().find_runs(run.id)
    (media,) = open_store().open_run(record.ref).media()
    asked = f"/api/runs/{run.id}/table"

    def rows(**more: Any) -> Any:
        return viewer.get(f"{asked}?{urlencode({'file': media.path, **more})}").json()["rows"]

    first = rows()[0][0]
    assert (first["kind"], first["caption"], first["fields"]) == ("image", "b", {"width": 2, "height": 2})
    assert viewer.get(f"/api/runs/{run.id}/media/{first['path']}").body.startswith(b"\x89PNG")
    assert [row[1] for row in rows(sort="x")] == [1, 0, 2]
    assert [row[1] for row in rows(q="C")] == [2]
    assert rows(q=first["path"][-12:]) == []  # a search for "c" would find every hash
    answer = viewer.get(f"{asked}/csv?{urlencode({'file': media.path, 'sort': 'n', 'order': 'descending'})}")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.body.decode().splitlines()
    assert lines[0] == '"x","n"'
    assert lines[3] == f'"{first["path"]}",0'


def test_columns_of_every_type_are_sorted_searched_and_written_as_csv(viewer: ViewerClient) -> None:
    columns: dict[str, Any] = {
        "kind": pa.array(["b", "a", None]).dictionary_encode(),
        "list": [[2], [1, 3], None],
        "struct": [{"a": "ü"}, {"a": "o"}, None],
        "map": pa.array([[("k", 2)], [("k", 1)], None], pa.map_(pa.string(), pa.int64())),
        "bytes": [b"\xff\x02", b"\xff\x01", None],
        "view": pa.array(["b", "a", None], pa.string_view()),
        "half": pa.array([2.0, 1.0, None], pa.float16()),
        "small": pa.array([Decimal("2.5"), Decimal("1.5"), None], pa.decimal32(3, 1)),
        "uuid": pa.array([b"b" * 16, b"a" * 16, None], pa.uuid()),
        "time": [timedelta(2), timedelta(1), None],
    }
    with rn.init(project="p", capture_env=False) as run:
        run.log({"t": pa.table(columns)})
    (record,) = open_store().find_runs(run.id)
    (media,) = open_store().open_run(record.ref).media()

    def ask(what: str = "", **more: Any) -> Any:
        return viewer.get(f"/api/runs/{run.id}/table{what}?{urlencode({'file': media.path, **more})}")

    first, second, third = ask().json()["rows"]
    assert first[:6] == ["b", "[2]", '{"a": "ü"}', '[["k", 2]]', "2 bytes", "b"]
    for name in columns:
        assert ask(sort=name).json()["rows"] == [second, first, third]
    assert ask(q='"ü"').json()["rows"] == [first]
    lines = ask("/csv", sort="kind").body.decode().splitlines()
    assert lines[1].startswith('"a","[1, 3]","{""a"": ""o""}","[[""k"", 1]]","ff01","a",1,1.5,')
    assert lines[3] == "," * (len(columns) - 1)


# --- In the browser


def log_everything() -> str:
    mask = np.zeros((40, 60), int)
    mask[10:30, 20:40] = 1
    with rn.init(project="p", run_id="everything", capture_env=False) as run:
        for step in (1, 2, 3):
            boxes = [
                {"box": (5, 5, 20, 20), "label": "cat", "score": 0.9, "group": "prediction"},
                {"box": (0.5, 0.5, 0.9, 0.9), "relative": True, "label": "dog", "score": 0.2, "group": "prediction"},
            ]
            picture = np.full((40, 60, 3), step * 60, np.uint8)
            masks = {"segments": {"mask": mask, "labels": {1: "road"}}}
            run.log(
                {
                    "scene": rn.Image(picture, boxes=boxes, masks=masks),
                    "weights": rn.Histogram(np.random.default_rng(step).normal(step, 1, 500)),
                    "rates": rn.Histogram(counts=[9, 5, 1], edges=[1e-6, 1e-4, 1e-2, 1.0]),
                    "far": rn.Histogram([-1e308, 1e308], bins=2),
                    "batch": [rn.Image(np.full((8, 8), n, np.uint8)) for n in range(12)],
                    "answer": rn.Text(
                        f"# Step {step}\n\n- **bold** <img src=x onerror=alert(1)>\n\n[bad](javascript:alert(1))\n"
                        "| class | F1 |\n|:--|--:|\n| **cat** | 0.9 |\n| a\\|b | <b>1</b> |",
                        "markdown",
                    ),
                },
                step=step,
            )
        figure = matplotlib.figure.Figure(figsize=(2, 1))
        figure.subplots().plot([1, 2])
        run.log(
            {
                "tone": rn.Audio(np.sin(np.arange(8000) / 5), 8000, caption="a tone"),
                "episode": rn.Video(np.zeros((4, 8, 8, 3), np.uint8)),
                "film": rn.Video(np.zeros((4, 16, 16, 3), np.uint8), format="mp4"),
                "rows": rn.Table([{"n": n, "word": f"w{n}"} for n in range(50)]),
                "guesses": rn.Table(
                    [
                        {"seen": rn.Image(np.full((8, 8, 3), 90 * n, np.uint8), caption=f"digit {n}"), "guess": n}
                        for n in range(2)
                    ]
                    + [{"seen": rn.Audio(np.sin(np.arange(800) / 5), 8000), "guess": 2}]
                ),
                "figure": figure,
                "plotly": go.Figure(go.Scatter(x=[1], y=[2])),
                "report": rn.Html("<h1>Report</h1><script>document.body.textContent = 'script ran'</script>"),
            },
            step=3,
        )
    return run.id


@pytest.fixture
def show_run(viewer: ViewerClient, open_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Opens the media of a run; the test fails if something that was logged runs a script."""
    ran: list[str] = []

    def refuse(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    def show(run: str, height: int) -> Page:
        page = open_page(f"{viewer.url}/api/health", viewport={"width": 1300, "height": height})
        page.on("dialog", refuse)
        page.goto(f"/runs/{run}?tab=media")
        return page

    yield show
    assert ran == []


@pytest.fixture
def media_page(show_run: Callable[..., Page]) -> Page:
    return show_run(log_everything(), 2400)


def card(page: Page, panel: str, key: str) -> Any:
    return page.locator(f'[data-panel="media.{panel}"] [data-key="{key}"]')


@pytest.mark.browser
@pytest.mark.disturbed  # the browser says that it runs no script of the report
def test_hook_viewer_panels_draws_every_kind_and_follows_the_step(media_page: Page) -> None:
    page = media_page
    scene = card(page, "image", "scene")
    expect(scene.locator("rect")).to_have_count(2)
    batch = page.locator(".pictures.several")
    expect(batch.locator("img")).to_have_count(12)
    page.wait_for_function(  # and other pictures are not far away
        "place => place.clientHeight <= 540 && place.scrollHeight > 540", arg=batch.element_handle()
    )
    painted = "c => c.getContext('2d').getImageData(30, 20, 1, 1).data[3]"
    expect(scene.locator("canvas")).to_have_js_property("width", 60)
    assert scene.locator("canvas").evaluate(painted) > 0
    scene.get_by_role("button", name="dog").click()
    expect(scene.locator("rect")).to_have_count(1)
    scene.get_by_role("button", name="road").click()
    page.wait_for_function(
        "c => c.getContext('2d').getImageData(30, 20, 1, 1).data[3] === 0", arg=scene.locator("canvas").element_handle()
    )
    scene.get_by_role("slider").fill("0.95")
    expect(scene.locator("rect")).to_have_count(0)
    # the panel shows it instead of the viewer, which shows plain pictures
    expect(page.locator(".picture")).to_have_count(1)
    expect(page.locator(".picture")).to_contain_text("batch")

    expect(card(page, "audio", "tone").locator("path").first).to_be_visible()
    expect(card(page, "audio", "tone")).to_contain_text("1.00 s · 8000 Hz · mono")
    assert card(page, "video", "episode").locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 8
    page.wait_for_function(
        "v => v.videoWidth === 16", arg=card(page, "video", "film").locator("video").element_handle()
    )
    assert card(page, "figure", "figure").locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 200
    expect(card(page, "figure", "plotly").locator("svg circle")).to_have_count(1)
    expect(card(page, "figure", "plotly").locator("summary").first).to_be_visible()

    rows = card(page, "table", "rows")
    expect(rows).to_contain_text("1–20 of 50")
    rows.get_by_role("button", name="Next rows").click()
    expect(rows).to_contain_text("21–40 of 50")
    rows.get_by_role("columnheader", name="n").get_by_role("button").click()
    rows.get_by_role("columnheader", name="n").get_by_role("button").click()
    expect(rows.locator("tbody td").first).to_have_text("49")
    rows.get_by_role("searchbox").fill("W33")
    expect(rows).to_contain_text("1–1 of 1")

    guesses = card(page, "table", "guesses")
    assert guesses.get_by_role("img", name="digit 1").evaluate("i => i.decode().then(() => i.naturalWidth)") == 8
    guesses.get_by_role("button", name="digit 1").click()
    whole = guesses.get_by_role("group", name="digit 1")
    assert whole.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 8
    guesses.get_by_role("button", name="Audio").click()
    expect(guesses.get_by_role("group", name="seen").locator("audio")).to_be_visible()
    guesses.get_by_role("button", name="Close").click()
    expect(guesses.locator("audio")).to_have_count(0)

    expect(card(page, "histogram", "weights").locator("svg rect")).to_have_count(64)
    widths = "bars => bars.map((bar) => Math.round(Number(bar.getAttribute('width')) * 10) / 10)"
    for key, wide in {"rates": [0.1, 9.3, 989.4], "far": [499.4, 499.4]}.items():
        bars = card(page, "histogram", key).locator("svg rect")
        expect(bars).to_have_count(len(wide))
        assert bars.evaluate_all(widths) == wide
    expect(card(page, "histogram", "weights").locator("canvas")).to_have_attribute(
        "aria-label", "Distributions from step 1 to step 3"
    )
    answer = card(page, "text", "answer")
    expect(answer.get_by_role("heading", name="Step 3")).to_be_visible()
    expect(answer).to_contain_text("bold <img src=x onerror=alert(1)>")
    expect(answer.get_by_role("link", name="bad")).to_have_count(0)
    assert answer.locator("tr").all_inner_texts() == ["class\tF1", "cat\t0.9", "a|b\t<b>1</b>"]
    report = card(page, "html", "report").frame_locator("iframe")
    expect(report.get_by_role("heading", name="Report")).to_be_visible()

    page.locator(".media-bar input[type=range]").first.press("ArrowLeft")
    expect(answer.get_by_role("heading", name="Step 2")).to_be_visible()
    expect(card(page, "audio", "tone")).to_contain_text("not yet at this step")


@pytest.mark.browser
@pytest.mark.disturbed  # the browser says that it runs no script of the report
def test_panels_speak_the_readers_language_and_follow_the_theme(media_page: Page) -> None:
    page = media_page
    expect(card(page, "histogram", "weights")).to_be_visible()
    page.goto(page.url + "&lang=zh-CN")
    expect(page.locator('[data-panel="media.table"]')).to_contain_text("第 1–20 行，共 50 行")
    expect(page.locator('[data-panel="media.table"] h2')).to_have_text("表格")


def log_figures() -> str:
    numbers = np.random.default_rng(0).normal(size=300)
    lines = [go.Scatter(x=[0, 1, 2, 3], y=[4, None, 2, 1], name=name, mode="lines") for name in ("train", "val")]
    shared = make_subplots(rows=1, cols=2, shared_yaxes=True, subplot_titles=["left", "right"])
    shared.add_trace(go.Bar(x=["a", "b"], y=[1, 2]), row=1, col=1)
    shared.add_trace(go.Scatter(x=["2026-01-01", "2026-03-01"], y=[1, 5]), row=1, col=2)
    figures: dict[str, Any] = {
        "lines": go.Figure(lines, layout={"title": {"text": "<b>Loss</b>"}, "yaxis": {"type": "log"}}),
        "bars": go.Figure([go.Bar(x=["a", "b"], y=[3, -1], name="u"), go.Bar(x=["a", "b"], y=[1, 1], name="v")]),
        "errors": go.Figure(
            [
                go.Scatter(y=[1, 2], error_y={"array": [5, 1]}),
                go.Bar(y=[1, 2], error_y={"value": 10, "type": "percent"}),
            ]
        ),
        "counts": go.Figure(go.Histogram(x=numbers, xbins={"start": -5, "end": 5, "size": 1})),
        "cells": go.Figure(go.Heatmap(z=[[1, 2], [3, 4]], x=["p", "q"], y=["r", "s"], texttemplate="%{z}")),
        "spread": go.Figure(go.Box(y=numbers, x=["one"] * 150 + ["two"] * 150)),
        "shares": go.Figure(go.Pie(labels=["cat", "dog"], values=[3, 1])),
        "parts": shared,
        "shares of bars": go.Figure(go.Bar(y=[1, 2]), layout={"barnorm": "percent"}),
        "surface": go.Figure(go.Surface(z=[[1, 2], [3, 4]])),
    }
    nonsense: list[Any] = [
        [{"type": "bar", "x": 3, "y": {"dtype": "f8", "bdata": "!"}}],
        [{"type": "heatmap", "z": "text"}],
        [{"type": "scatter", "y": [[1], {"a": 1}, None, "x"], "marker": {"size": ["x"], "color": ["red;x:1", 3]}}],
        [{"type": "histogram", "x": []}, {"type": "box", "y": [None]}, {"type": "pie", "values": "x"}],
        [None, 3, "<script>alert(1)</script>"],
        [{"type": "scatter", "x": ["<img src=x onerror=alert(1)>"], "y": [1], "name": "<svg onload=alert(1)>"}],
    ]
    figures |= {f"odd {n}": {"data": data, "layout": {"xaxis": n, "title": [n]}} for n, data in enumerate(nonsense)}
    with rn.init(project="p", run_id="figures", capture_env=False) as run:
        for name, figure in figures.items():
            run.log({name: rn.Figure(figure)}, step=1)
    return run.id


@pytest.mark.browser
def test_figures_of_plotly_are_drawn_and_what_is_not_is_shown_as_data(show_run: Callable[..., Page]) -> None:
    page = show_run(log_figures(), 1000)

    def drawn(key: str) -> Any:
        return card(page, "figure", key).locator(".mp-plot > svg")

    lines = card(page, "figure", "lines")
    expect(drawn("lines")).to_have_attribute("aria-label", "Loss")
    expect(lines.locator(".mp-line")).to_have_count(2)
    assert str(lines.locator(".mp-line").first.get_attribute("d")).count("M") == 2  # broken where a value is missing
    lines.get_by_role("button", name="val").click()
    expect(lines.locator(".mp-line")).to_have_count(1)
    drawn("lines").scroll_into_view_if_needed()
    path = lines.locator(".mp-line").bounding_box()
    assert path is not None
    page.mouse.move(path["x"] + path["width"], path["y"] + path["height"])
    expect(lines.locator(".mp-tip")).to_have_text("train: 3, 1")

    expect(drawn("bars").locator("g > g rect")).to_have_count(4)
    expect(drawn("errors").locator(".mp-error")).to_have_count(2)
    expect(drawn("errors").get_by_text("5", exact=True)).to_be_visible()  # the axis holds what is uncertain, too
    assert drawn("errors").locator("g[clip-path] > g").last.locator("rect").count() == 0  # lines before bars
    expect(drawn("counts").locator("g > g rect").last).to_be_attached()
    expect(drawn("cells").locator(".mp-cell")).to_have_text(["1", "2", "3", "4"])
    expect(drawn("spread").locator(".mp-box")).to_have_count(2)
    expect(drawn("shares").locator(".mp-slice")).to_have_count(2)
    for text in ("left", "right", "2026-02", "b"):
        expect(drawn("parts").get_by_text(text, exact=True).first).to_be_visible()
    expect(card(page, "figure", "surface")).to_contain_text("Not drawn here: surface")
    expect(card(page, "figure", "shares of bars")).to_contain_text("Not drawn here: barnorm")
    for number in range(6):
        expect(card(page, "figure", f"odd {number}").locator("summary").first).to_be_visible()
