"""Any history of writers and readers of one run, against a plain list of what was logged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ..contracts import RunReader, RunSession, RunTail, RunWriter, StorageBackend, Store
from ..model.metric import MetricRecord
from ..model.sample import Sample
from ..serialize import finite, number
from ..types import JSON
from .storage_kit import column, metrics_line, new_meta, writer_record

_KEYS = st.sampled_from(["loss", "val/acc", "学习率", "a b", "time", "step", "é\u202e🙂", ""])
_VALUES: st.SearchStrategy[JSON] = st.one_of(
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.lists(st.integers(0, 3), max_size=2),
)
_Logged: TypeAlias = tuple[float, int, str | None, dict[str, JSON]]


class _Process:
    """One process of the run: its writer, and what of its lines is whole."""

    def __init__(self, session: RunSession) -> None:
        self.session = session
        self.writer: RunWriter = session.open_writer("events")
        self.logged: list[_Logged] = []
        self.half: tuple[bytes, _Logged] | None = None  # the rest of a line, and what it will say

    def finish_line(self) -> None:
        if self.half is not None:
            rest, logged = self.half
            self.writer.append(rest)
            self.logged.append(logged)
            self.half = None


class StorageMachine(RuleBasedStateMachine):
    """Processes join a run, log, tear lines and die; two long-lived readers must agree with the model all along."""

    def __init__(self, backend: StorageBackend, root: Path) -> None:
        super().__init__()
        self.store: Store = backend.open_store(root, {})
        self.other: Store = backend.open_store(root, {})
        session = self.store.create_run(new_meta("run"))
        session.beat(writer_record(2.0**40, host="elsewhere"))  # alive all the time: half lines may become whole
        self.ref = session.ref
        self.processes = [_Process(session)]
        self.dead: list[_Process] = []
        self.readers: list[RunReader] = [self.store.open_run(self.ref), self.other.open_run(self.ref)]
        self.tails: list[RunTail] = [reader.tail() for reader in self.readers]
        self.told: list[list[Sample]] = [[], []]
        self.clock = 1000.0
        self.serial = 0

    def _next(self, step: int, stage: str | None, data: dict[str, JSON], tick: float) -> _Logged:
        self.serial += 1
        self.clock += tick
        return self.clock, step, stage, {**data, "id": self.serial}

    @precondition(lambda self: len(self.processes) < 4)
    @rule(by_fork=st.booleans())
    def join(self, by_fork: bool) -> None:
        if by_fork and self.processes:
            self.processes.append(_Process(self.processes[0].session.reopen()))
        else:
            self.processes.append(_Process(self.other.attach_run(self.ref)))

    @precondition(lambda self: self.processes)
    @rule(
        which=st.integers(0, 3),
        step=st.integers(-5, 50) | st.just(2**62),
        stage=st.sampled_from([None, "train", "val"]),
        data=st.dictionaries(_KEYS, _VALUES, max_size=4),
        tick=st.sampled_from([1.0, 0.0, -3.0]),
        cut=st.none() | st.floats(0, 1),
    )
    def log(
        self, which: int, step: int, stage: str | None, data: dict[str, JSON], tick: float, cut: float | None
    ) -> None:
        process = self.processes[which % len(self.processes)]
        process.finish_line()
        logged = self._next(step, stage, data, tick)
        line = metrics_line(*logged[:2], _spelled(logged[3]), stage)
        if cut is None:
            process.writer.append(line)
            process.logged.append(logged)
            return
        at = 1 + int(cut * (len(line) - 3))  # what lacks its newline only may count already
        process.writer.append(line[:at])
        process.half = line[at:], logged

    @precondition(lambda self: any(process.half for process in self.processes))
    @rule(which=st.integers(0, 3))
    def finish_line(self, which: int) -> None:
        halves = [process for process in self.processes if process.half is not None]
        halves[which % len(halves)].finish_line()

    @precondition(lambda self: self.processes)
    @rule(which=st.integers(0, 3))
    def die(self, which: int) -> None:
        process = self.processes.pop(which % len(self.processes))
        process.writer.close()
        self.dead.append(process)

    @rule(which=st.integers(0, 1))
    def look(self, which: int) -> None:
        self._compare(which)

    @rule(which=st.integers(0, 1))
    def follow(self, which: int) -> None:
        self.told[which] += self.tails[which].read()

    @invariant()
    def the_last_step_is_known(self) -> None:
        if self.processes and not any(process.half for process in self._all()):
            steps = [logged[1] for process in self._all() for logged in process.logged]
            assert self.processes[0].session.last_step() == max(steps, default=0)

    def teardown(self) -> None:
        for which in (0, 1):
            self._compare(which)
            self.told[which] += self.tails[which].read()
            self._compare_tail(self.told[which])
        self.store.close()
        self.other.close()

    def _all(self) -> list[_Process]:
        return self.processes + self.dead

    def _compare(self, which: int) -> None:
        (table,) = (self.store, self.other)[which].read_metrics([self.ref])
        ids = [int(value) for value in column(table, "id") if value is not None] if len(table.step) else []
        by_id = {logged[3]["id"]: logged for process in self._all() for logged in process.logged}
        assert sorted(ids) == sorted(int(str(key)) for key in by_id)
        assert list(table.ts) == sorted(table.ts)
        for process in self._all():
            own = [int(str(logged[3]["id"])) for logged in sorted(process.logged, key=lambda logged: logged[0])]
            assert [i for i in ids if i in set(own)] == own, "lines of one file and one time keep their order"
        for row, logged in enumerate(by_id[i] for i in ids):
            assert (table.ts[row], table.step[row]) == logged[:2]
            assert (table.stage[row] if table.stage else None) == logged[2]
        for key in {key for logged in by_id.values() for key in logged[3]}:
            expected = [number(finite(by_id[i][3].get(key))) for i in ids]
            assert [*map(str, column(table, key))] == [*map(str, expected)]
        self._compare_series(which, list(by_id.values()))
        records = list(self.readers[which].records())
        assert sorted(map(_told_record, records)) == sorted(map(_told, by_id.values()))

    def _compare_series(self, which: int, everything: list[_Logged]) -> None:
        numbers: dict[str, list[float]] = {}
        for logged in everything:
            for key, value in logged[3].items():
                if (figure := number(finite(value))) is not None:
                    numbers.setdefault(key, []).append(figure)
        found = {series.key: series for series in self.readers[which].series()}
        assert list(found) == sorted(numbers)
        for key, values in numbers.items():
            whole = [value for value in values if math.isfinite(value)]
            series = found[key]
            assert series.n == len(values)
            assert series.n_nan == sum(value != value for value in values)
            assert series.min == (min(whole) if whole else None)
            assert series.max == (max(whole) if whole else None)

    def _compare_tail(self, told: list[Sample]) -> None:
        expected = [
            (key, str(figure), logged[1], logged[0], logged[2])
            for process in self._all()
            for logged in process.logged
            for key, value in logged[3].items()
            if (figure := number(finite(value))) is not None
        ]
        found = [(sample.key, str(sample.value), sample.step, sample.ts, sample.stage) for sample in told]
        assert sorted(found, key=str) == sorted(expected, key=str)


def _spelled(data: dict[str, JSON]) -> dict[str, JSON]:
    return {key: finite(value) for key, value in data.items()}


def _told(logged: _Logged) -> str:
    ts, step, stage, data = logged
    return f"{ts} {step} {stage} {_plain(data)}"


def _told_record(record: MetricRecord) -> str:
    return f"{record.ts} {record.step} {record.stage} {_plain(dict(record.data))}"


def _plain(data: dict[str, JSON]) -> str:
    # What stands for a number is that number, and integers beyond 64 bits are floats in JSON's own reading.
    numbers = {key: number(finite(value)) for key, value in data.items()}
    return str(sorted((key, str(value if numbers[key] is None else numbers[key])) for key, value in data.items()))
