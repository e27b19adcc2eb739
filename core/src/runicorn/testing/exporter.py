"""The contract of :class:`runicorn.contracts.Exporter`, as tests."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ..contracts import Exporter
from ..errors import PluginError
from ..hooks import Selection, export_runs, export_to_file, open_store
from ..hookspecs import hookimpl
from ..loader import Manager, Rules, use_manager
from ..sdk.start import init


class _WriteOnly(io.RawIOBase):
    """A pipe: cannot be sought, nor read."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer
        self.written += data
        return len(data)


class _Full(_WriteOnly):
    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer
        raise OSError(28, "No space left on device")


class ExporterContract:
    """Subclass it and give it an exporter; needs a storage plugin to be installed. ``options`` may be overridden."""

    @pytest.fixture
    def exporter(self) -> Exporter:
        raise NotImplementedError("give the contract a fixture named 'exporter' that returns yours")

    @pytest.fixture
    def offered(self, exporter: Exporter) -> Iterator[str]:
        """The exporter, as its plugin offers it under its name; here under another one, beside the installed."""

        class Offer:
            @hookimpl
            def register_exporters(self) -> list[Exporter]:
                return [exporter]

        with use_manager(Manager(rules=Rules(prefer={exporter.name: "under-test"}))) as manager:
            manager.add("under-test", Offer())
            yield exporter.name

    @pytest.fixture
    def selection(self, offered: str) -> Selection:
        """Two runs with what is hard: NaN, infinities, Unicode, strings, gaps, a step twice; the second is empty."""
        with init(project="test", params={"lr": 0.1}, capture_env=False) as first:
            first.log({"loss": 0.5, "损失/a b": 1}, stage="train")
            first.log({"loss": math.nan, "acc": True})
            first.log({"loss": -math.inf, "word": 'with "quotes", commas,\nlines'}, step=1)
            first.log_text("a line")
        with init(project="test", capture_env=False) as second:
            pass
        store = open_store()
        refs = [record.ref for run in (first, second) for record in store.find_runs(run.id)]
        return Selection(store, refs)

    def test_it_says_what_it_writes(self, exporter: Exporter) -> None:
        assert exporter.name
        assert exporter.suffix.startswith(".")
        assert "/" in exporter.media_type
        assert attrs.has(exporter.options)
        exporter.options()  # every option has a default

    def test_it_writes_to_what_cannot_be_sought(self, offered: str, selection: Selection) -> None:
        out = _WriteOnly()
        export_runs(offered, selection, out)  # type: ignore[arg-type]  # as a pipe is
        assert out.written
        assert not out.closed

    def test_the_same_runs_give_the_same_bytes(self, offered: str, selection: Selection) -> None:
        files = [io.BytesIO(), io.BytesIO()]
        for file in files:
            export_runs(offered, selection, file)
        assert files[0].getvalue() == files[1].getvalue()

    def test_an_empty_run_alone_can_be_exported(self, offered: str, selection: Selection) -> None:
        out = io.BytesIO()
        export_runs(offered, Selection(selection.store, selection.refs[1:]), out)
        assert out.getvalue()

    def test_what_cannot_be_written_is_raised(self, offered: str, selection: Selection) -> None:
        with pytest.raises((PluginError, OSError)):
            export_runs(offered, selection, _Full())  # type: ignore[arg-type]  # as a full disk is

    def test_exporting_changes_no_byte_of_the_runs(self, offered: str, selection: Selection, tmp_path: Path) -> None:
        def content() -> dict[Path, bytes]:
            return {path: path.read_bytes() for path in selection.store.root.rglob("*") if path.is_file()}

        before = content()
        path = tmp_path / f"out{selection.refs[0].id}"
        export_to_file(offered, selection, path)
        assert path.stat().st_size
        assert content() == before
