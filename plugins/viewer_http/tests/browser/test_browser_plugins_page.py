"""The plugins page: what is there, what became of it, switches and settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_every_plugin_stands_there_with_its_state_and_what_it_adds(site: Any, open_page: Any) -> None:
    page = open_page(site.url)
    page.get_by_label("Plugins").click()
    expect(page).to_have_url(re.compile(re.escape("/plugins") + "$"))
    row = page.locator('[data-plugin="storage-jsonl"]')
    expect(row).to_contain_text("active")
    expect(row).to_contain_text("storage jsonl")
    page.get_by_label("Details of storage-jsonl").click()
    expect(page.locator(".plugin-more")).to_contain_text("register_storage_backends")
    expect(page.locator(".plugin-more")).to_contain_text("runicorn-storage-jsonl")


@pytest.mark.disturbed
def test_a_switch_takes_effect_at_the_next_start(start_viewer: Any, tmp_path: Path, open_page: Any) -> None:
    site = start_viewer(tmp_path / "root")
    page = open_page(f"{site.url}/plugins")
    row = page.locator('[data-plugin="monitors"]')
    page.get_by_label("Disable monitors").click()
    expect(row).to_contain_text("Takes effect at the next start")
    expect(row).to_contain_text("active")
    page.reload()
    expect(row).to_contain_text("Takes effect at the next start")
    expect(page.get_by_label("Enable monitors")).to_be_visible()
    site.stop()
    site.start()
    page.goto(f"{site.url}/plugins")
    expect(row).to_contain_text("disabled: by the user")
    page.get_by_label("Enable monitors").click()
    site.stop()
    site.start()
    page.goto(f"{site.url}/plugins")
    expect(row).to_contain_text("active")


def test_settings_are_a_form_made_from_the_schema(start_viewer: Any, tmp_path: Path, open_page: Any) -> None:
    site = start_viewer(tmp_path / "root")
    page = open_page(f"{site.url}/plugins")
    page.get_by_label("Details of viewer-http").click()
    port = page.locator('[data-setting="port"] input')
    expect(port).to_have_value("23300")
    expect(page.locator('[data-setting="token"] input')).to_have_attribute("type", "password")
    port.fill("24500")
    page.locator('[data-setting="open_browser"] input').check()
    page.locator('[data-setting="allowed_hosts"] textarea').fill("lab.example\nother.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("Saved")
    written = (site.home / "config" / "config.toml").read_text()
    assert "port = 24500" in written
    assert "open_browser = true" in written
    assert re.search(r'allowed_hosts = \[\s*"lab.example",\s*"other.example"\s*,?\s*\]', written)
    page.locator('[data-setting="port"]').get_by_role("button", name="Default").click()
    expect(port).to_have_value("23300")


TYPE_AND_SAVE = """() => {
  const box = (key, tag) => document.querySelector(`[data-setting="${key}"] ${tag}`);
  const say = (el, kind) => el.dispatchEvent(new Event(kind, { bubbles: true }));
  box('port', 'input').value = '24500'; say(box('port', 'input'), 'input');
  box('open_browser', 'input').checked = true; say(box('open_browser', 'input'), 'change');
  const hosts = box('allowed_hosts', 'textarea');
  hosts.value = 'lab.example \\n\\nother.example'; say(hosts, 'input');
  document.querySelector('.settings').requestSubmit();
}"""


def test_settings_that_are_saved_before_the_form_is_drawn_again_are_all_saved(
    start_viewer: Any, tmp_path: Path, open_page: Any
) -> None:
    site = start_viewer(tmp_path / "root")
    page = open_page(f"{site.url}/plugins")
    page.get_by_label("Details of viewer-http").click()
    expect(page.locator('[data-setting="port"] input')).to_have_value("23300")
    page.evaluate(TYPE_AND_SAVE)  # in one task: nothing is drawn between
    expect(page.locator(".toast")).to_contain_text("Saved")
    written = (site.home / "config" / "config.toml").read_text()
    assert "port = 24500" in written
    assert "open_browser = true" in written
    assert re.search(r'allowed_hosts = \[\s*"lab.example",\s*"other.example"\s*,?\s*\]', written)


@pytest.mark.disturbed
def test_a_value_that_does_not_fit_is_refused_in_words(start_viewer: Any, tmp_path: Path, open_page: Any) -> None:
    page = open_page(f"{start_viewer(tmp_path / 'root').url}/plugins")
    page.get_by_label("Details of viewer-http").click()
    page.locator('[data-setting="port"] input').fill("1.5")
    page.locator(".settings").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_contain_text("viewer-http.port")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_speaks_chinese_and_fits_both_themes(site: Any, open_page: Any, scheme: str) -> None:
    page = open_page(f"{site.url}/plugins?lang=zh-CN", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text("插件")
    page.get_by_label("viewer-http 的详情").click()
    expect(page.locator(".plugin-more h2").first).to_have_text("关于")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
