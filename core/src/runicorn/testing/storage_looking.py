"""Looking at a run while it happens, and at all that it carries beside scalars."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from pathlib import Path

import pytest

from ..contracts import RunReader, RunSession, StorageBackend, Store
from ..errors import RunNotFound
from ..hooks import system_metrics
from ..model.run import RunRef
from ..serialize import dumps
from ..types import JSON
from .storage_kit import StorageFixtures, column, event_line, log, log_line, metrics_line, new_meta, writer_record


def system_line(ts: float, data: dict[str, JSON], host: str = "gpu3") -> bytes:
    return dumps({"ts": ts, "type": "system", "host": host, "data": data}) + b"\n"


class LookingContract(StorageFixtures):
    def test_system_metrics_come_back_by_key_and_host_in_the_order_of_time(
        self, backend: StorageBackend, store: Store, other: Store
    ) -> None:
        session = store.create_run(new_meta())
        reader = other.open_run(session.ref)
        assert list(system_metrics(reader)) == []
        if "system" not in backend.capabilities:
            return
        one, two = session.open_writer("system"), session.reopen().open_writer("system")
        one.append(system_line(1.0, {"cpu_percent": 10, "gpu/0/temp_c": 40.5}))
        two.append(system_line(2.0, {"cpu_percent": 20}))
        one.append(system_line(3.0, {"cpu_percent": "Infinity", "odd": "text"}))
        two.append(system_line(1.5, {"cpu_percent": 99}, host="gpu4"))
        half = system_line(4.0, {"cpu_percent": 40})
        one.append(half[:-5])
        found = {(s.key, s.host): (list(s.ts), list(s.values)) for s in system_metrics(reader)}
        assert found == {
            ("cpu_percent", "gpu3"): ([1.0, 2.0, 3.0], [10.0, 20.0, math.inf]),
            ("cpu_percent", "gpu4"): ([1.5], [99.0]),
            ("gpu/0/temp_c", "gpu3"): ([1.0], [40.5]),
        }
        one.append(half[-5:])
        (again,) = [s for s in system_metrics(reader, ["cpu_percent"]) if s.host == "gpu3"]
        assert list(again.values) == [10.0, 20.0, math.inf, 40.0]
        assert [s.key for s in reader.series()] == []

    def test_a_run_that_is_gone_is_not_found(self, store: Store) -> None:
        with pytest.raises(RunNotFound):
            store.open_run(RunRef("x", "p", "n", "p/n/runs/x"))
        assert list(store.find_runs("x")) == []

    # --- Tails

    def test_a_tail_tells_each_sample_once_and_in_order(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        tail = other.open_run(session.ref).tail()
        assert list(tail.read()) == []
        writer = session.open_writer("events")
        for step in range(1, 4):
            writer.append(metrics_line(float(step), step, {"a": step, "word": "no number", "nan": "NaN"}, "train"))
            a, nan = tail.read()
            assert (a.key, a.value, a.step, a.ts, a.stage) == ("a", float(step), step, float(step), "train")
            assert math.isnan(nan.value)
        assert list(tail.read()) == []

    def test_a_tail_from_the_end_tells_only_what_comes(self, store: Store) -> None:
        session = store.create_run(new_meta())
        log(session, *((float(n), n, {"a": n}) for n in range(1, 100)))
        tail = store.open_run(session.ref).tail(from_start=False)
        log(session, (200.0, 200, {"a": 200}))
        assert [sample.step for sample in tail.read()] == [200]

    def test_a_half_written_line_is_read_once_it_is_whole(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        _beating(session)
        reader = other.open_run(session.ref)
        tail = reader.tail()
        writer = session.open_writer("events")
        line = metrics_line(1.0, 1, {"a": 1, "名": 2})
        for half in (line[:10], line[10:-3], line[-3:-1]):
            writer.append(half)
            assert list(tail.read()) == []
            assert list(reader.series()) == []
        writer.append(line[-1:])
        assert [sample.value for sample in tail.read()] == [1.0, 2.0]
        assert [series.key for series in reader.series()] == ["a", "名"]

    def test_a_torn_line_is_left_out_when_nobody_writes_any_more(self, store: Store) -> None:
        session = store.create_run(new_meta())
        session.write("status", {"status": "failed", "started_at": 1.0, "ended_at": 2.0})
        writer = session.open_writer("events")
        writer.append(metrics_line(1.0, 1, {"a": 1}))
        writer.append(metrics_line(2.0, 2, {"a": 2})[:-9])
        log(session, (3.0, 3, {"a": 3}))
        (table,) = store.read_metrics([session.ref])
        assert column(table, "a") == [1.0, 3.0]

    def test_readers_in_many_threads_see_the_same(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        counts: list[list[int]] = [[] for _ in range(6)]
        stop = threading.Event()
        reader = store.open_run(session.ref)

        def look(mine: list[int]) -> None:
            while not stop.is_set():
                (table,) = store.read_metrics([session.ref])
                assert len(table.columns["a"].values if table.columns else ()) == len(table.step)
                mine.append(len(table.step))
                reader.series()
            mine.append(len(store.read_metrics([session.ref])[0].step))

        threads = [threading.Thread(target=look, args=(mine,)) for mine in counts]
        for thread in threads:
            thread.start()
        for step in range(2000):
            writer.append(metrics_line(float(step), step, {"a": step}))
        stop.set()
        for thread in threads:
            thread.join()
        for mine in counts:
            assert mine == sorted(mine)
            assert mine[-1] == 2000

    # --- Logs

    def test_a_log_is_followed_from_before_its_first_line(self, store: Store, other: Store) -> None:
        session = store.create_run(new_meta())
        _beating(session)
        follow = other.open_run(session.ref).follow_logs(0)
        assert list(follow()) == []
        writer = session.open_writer("logs")
        writer.append(log_line(1, "stdout", "hello 世界"))
        (line,) = follow()
        assert (line.n, line.stream, line.level, line.text) == (0, "stdout", None, "hello 世界")
        assert line.time == 1795446061.0
        whole = log_line(2, "log/warning", "half")
        writer.append(whole[:-3])
        assert list(follow()) == []
        writer.append(whole[-3:])
        (line,) = follow()
        assert (line.n, line.stream, line.level, line.text) == (1, "log", "warning", "half")
        assert [line.n for line in other.open_run(session.ref).follow_logs(1)()] == [1]

    def test_pages_of_a_log_meet_without_a_gap(self, store: Store) -> None:
        reader = _logged(store)
        seen: list[int] = []
        offset = 0
        while True:
            page = reader.logs(offset, 7)
            if not page.lines:
                break
            seen += [line.n for line in page.lines]
            offset = page.next_offset
        assert seen == list(range(40))
        assert page.size == 40
        assert [line.n for line in reader.logs(tail=3).lines] == [37, 38, 39]
        assert list(reader.logs(1000).lines) == []

    def test_a_log_is_filtered_by_stream_level_and_text(self, store: Store) -> None:
        reader = _logged(store)
        assert [line.n for line in reader.logs(stream="stderr").lines] == list(range(1, 40, 4))
        assert [line.n for line in reader.logs(stream="log").lines] == [n for n in range(40) if n % 4 > 1]
        assert [line.n for line in reader.logs(stream="log/info", tail=2).lines] == [34, 38]
        assert [line.n for line in reader.logs(q="LINE 1").lines] == [1, *range(10, 20)]
        assert [line.n for line in reader.logs(q="line 1", stream="stdout", tail=2).lines] == [12, 16]
        page = reader.logs(q="line 1", limit=3)
        assert [line.n for line in page.lines] == [1, 10, 11]
        assert [line.n for line in reader.logs(page.next_offset, 2, q="line 1").lines] == [12, 13]
        assert list(reader.logs(q="stdout").lines) == []

    def test_logs_of_several_processes_are_one_log_in_order_of_time(self, store: Store) -> None:
        session = store.create_run(new_meta())
        for rank in range(3):
            writer = session.reopen().open_writer("logs")
            for n in range(10):
                writer.append(log_line(3 * n + rank, "stdout", f"{3 * n + rank}"))
        lines = store.open_run(session.ref).logs().lines
        assert [line.text for line in lines] == [str(n) for n in range(30)]
        assert [line.n for line in lines] == list(range(30))

    def test_a_line_keeps_its_number(self, store: Store) -> None:
        session = store.create_run(new_meta())
        first = session.open_writer("logs")
        first.append(log_line(30, "stdout", "late"))
        reader = store.open_run(session.ref)
        assert [line.text for line in reader.logs().lines] == ["late"]
        session.reopen().open_writer("logs").append(log_line(10, "stdout", "earlier, from another host"))
        assert [line.text for line in reader.logs().lines] == ["late", "earlier, from another host"]

    def test_the_last_words_of_a_killed_process_are_shown(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("logs")
        writer.append(log_line(1, "stdout", "first"))
        writer.append(log_line(2, "stderr", "Killed")[:-1])
        session.write("status", {"status": "failed", "started_at": 1.0, "ended_at": 2.0})
        assert [line.text for line in store.open_run(session.ref).logs().lines] == ["first", "Killed"]

    # --- Media and alerts

    def test_media_are_ordered_by_key_and_step(self, store: Store) -> None:
        session = store.create_run(new_meta())
        path = session.put_media(b"x", ".png")
        writer = session.open_writer("events")
        for ts, (key, step) in enumerate([("b", 1), ("a", 5), ("a", 2), ("a", None), ("a", 9)]):
            data: dict[str, JSON] = {"key": key, "kind": "image", "path": path, "caption": "c", "width": 4}
            writer.append(event_line("media", float(ts), step, data))
        reader = store.open_run(session.ref)
        found = [(record.key, record.step) for record in reader.media()]
        assert found == [("a", None), ("a", 2), ("a", 5), ("a", 9), ("b", 1)]
        assert [record.step for record in reader.media("a", 2, 5)] == [2, 5]
        (record,) = reader.media("b")
        assert (record.kind, record.path, record.ts, record.fields) == (
            "image",
            path,
            0.0,
            {"caption": "c", "width": 4},
        )
        assert list(reader.series()) == []

    def test_alerts_come_oldest_first(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        for ts in (2.0, 1.0):
            writer.append(event_line("alert", ts, 7, {"title": f"at {ts}", "text": "", "level": "warning", "rule": ""}))
        alerts = store.open_run(session.ref).alerts()
        assert [(alert["ts"], alert["step"], alert["title"]) for alert in alerts] == [
            (1.0, 7, "at 1.0"),
            (2.0, 7, "at 2.0"),
        ]

    def test_records_of_unknown_types_disturb_nobody(self, store: Store) -> None:
        session = store.create_run(new_meta())
        writer = session.open_writer("events")
        writer.append(event_line("hologram", 1.0, 1, {"key": "h"}))
        writer.append(metrics_line(2.0, 2, {"a": 1}))
        writer.append(b'[1, 2]\n"text"\n7\n{}\n\n')
        writer.append(metrics_line(3.0, 3, {"a": 2}))
        assert [series.n for series in store.open_run(session.ref).series()] == [2]
        assert list(store.open_run(session.ref).media()) == []

    def test_reading_changes_no_byte(self, store: Store, root: Path) -> None:
        session = store.create_run(new_meta())
        log(session, (1.0, 1, {"a": 1}))
        session.open_writer("logs").append(log_line(1, "stdout", "x"))
        before = _fingerprint(root)
        reader = store.open_run(session.ref)
        store.list_runs(deleted=None)
        store.find_runs(session.ref.id)
        store.read_metrics([session.ref])
        store.read_buckets([session.ref])
        for look in (reader.series, reader.texts, reader.logs, reader.media, reader.alerts, reader.tail().read):
            look()
        assert list(reader.records())
        assert reader.read("meta")
        assert reader.record.status in ("running", "crashed")
        assert _fingerprint(root) == before


def _fingerprint(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes() if path.is_file() else b"").hexdigest())
        for path in root.rglob("*")
    }


def _beating(session: RunSession) -> None:
    """Let the run look alive: half a line may still become whole."""
    session.write("status", {"status": "running", "started_at": time.time()})
    session.beat(writer_record(time.time(), host="elsewhere"))


def _logged(store: Store) -> RunReader:
    session = store.create_run(new_meta())
    writer = session.open_writer("logs")
    for n in range(40):
        writer.append(log_line(n, ("stdout", "stderr", "log/info", "log/error")[n % 4], f"line {n}"))
    return store.open_run(session.ref)
