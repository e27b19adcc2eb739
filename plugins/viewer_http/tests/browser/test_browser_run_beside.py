"""One run held against others: parameters that differ, pictures side by side."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ODD = {
    "lr": 1e-7, "big": 1e21, "name": "adam w", "flag": True, "word": "yes", "empty": {}, "none": None,
    "list": [1, "a: b"], "layers": [{"size": 3}, {"size": 4, "on": "off"}], "quoted key: x": "line\nbreak",
    "path": "a/b-c.d",
}  # fmt: skip
YAML = """\
lr: 1.0e-7
big: 1.0e+21
name: adam w
flag: true
word: "yes"
empty: {}
none: null
list: [1, "a: b"]
layers:
  -
    size: 3
  -
    size: 4
    "on": "off"
"quoted key: x": "line\\nbreak"
path: a/b-c.d
"""


def test_parameters_show_what_differs_from_another_run(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=params")
    page.get_by_label("against:").select_option("quiet-lake")
    differing = page.locator(".leaf.differs")
    expect(differing).to_have_count(1)
    expect(differing).to_contain_text("0.0003")
    expect(differing).to_contain_text("there 0.0009")
    page.get_by_role("button", name="1 of 4 differ").click()
    expect(page.locator(".leaf")).to_have_count(1)
    page.reload()
    expect(page.locator(".leaf")).to_have_count(1)


def test_parameters_are_copied_as_yaml_that_keeps_texts_texts(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=params")
    expect(page.get_by_role("button", name="Copy as YAML")).to_be_visible()
    written = page.evaluate("async (v) => (await import('/static/x/state/yaml.js')).toYaml(v)", ODD)
    assert written == YAML


def test_pictures_of_two_runs_stand_side_by_side_at_one_step(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=media")
    page.get_by_label("beside:").select_option("quiet-lake")
    expect(page.locator(".picture")).to_have_count(2)
    page.get_by_role("button", name="Previous step").click()
    for picture in page.locator(".picture").all():
        expect(picture).to_contain_text("after 200")
    expect(page).to_have_url(re.compile(re.escape("with=quiet-lake")))
    page.get_by_role("button", name="Without quiet-lake").click()
    expect(page.locator(".picture")).to_have_count(1)


def test_pictures_play_and_enlarge_together(site: Any, open_page: Any) -> None:
    page = open_page(f"{site.url}/runs/amber-fox?tab=media&step=100&with=quiet-lake")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".picture").first).to_contain_text("after 300")
    page.locator(".picture-open").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img")).to_have_count(2)
    dialog.get_by_role("button", name="Larger").click()
    for image in dialog.locator("img").all():
        expect(image).to_have_css("transform", re.compile(r"^matrix\(1\.25, 0, 0, 1\.25, "))
    dialog.get_by_role("button", name="Smaller").focus()
    page.keyboard.press("ArrowLeft")
    expect(dialog).to_contain_text("after 200")


def test_changes_that_were_not_committed_are_read_as_a_patch(
    start_viewer: Any, trained_root: Path, open_page: Any, tmp_path: Path
) -> None:
    root = shutil.copytree(trained_root, tmp_path / "copy")
    patch = "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-lr = 1\n+lr = 2\n"
    environment = {"environment": {"git": {"commit": "3f2a1c", "patch": patch}}}
    path = root / "vision" / "sweep" / "runs" / "swift-42" / "environment.json"
    path.write_text(json.dumps(environment), "utf-8")
    page = open_page(f"{start_viewer(root).url}/runs/swift-42?tab=environment")
    shown = page.locator('[data-patch="environment/git/patch"]')
    expect(shown.locator(".ok")).to_have_text("+lr = 2\n")
    expect(page.locator(".columns")).to_contain_text("3f2a1c")
    expect(page.locator(".columns")).not_to_contain_text("lr = 2")
