"""Records of wandb's internal protocol (0.12 to 0.31), as what was logged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from runicorn.security import redact_address, redact_arguments
from runicorn.serialize import loads, number

from .. import wire
from ..console_lines import ConsoleLines
from .artifacts import Artifacts
from .media import Media
from .saved import Saved

if TYPE_CHECKING:
    from runicorn.contracts import RunHead, RunSink
    from runicorn.types import JSON

#: Numbers of fields of ``Record``.
HISTORY, SUMMARY, OUTPUT, CONFIG, STATS, ARTIFACT, ALERT, METRIC, OUTPUT_RAW = 2, 3, 4, 5, 7, 8, 10, 12, 13
RUN, EXIT, USED_ARTIFACT, ENVIRONMENT = 17, 18, 25, 26
_NOT_SHOWN = {9: "TensorBoard folders that were followed", METRIC: "definitions of metrics"}
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LEVELS = {"INFO": "info", "WARN": "warning", "ERROR": "error"}


class Records:
    """Takes one record after the other, of one file or of several of a run that was resumed."""

    def __init__(self, sink: RunSink, below: Path | None = None) -> None:
        """:param below: what was named for the import; None = bring no content of artifacts."""
        self._sink = sink
        self._artifacts = Artifacts(sink, below, self._note)
        self._media = Media(sink, self._labels, self._artifacts.table)
        self._saved = Saved(sink, below, self._note)
        self._files = Path()
        self._config: dict[str, JSON] = {}
        self._summary: dict[str, JSON] = {}
        self._last: dict[str, JSON] = {}
        self._user: dict[str, JSON] = {}
        self._host: dict[str, JSON] = {}
        self._status: dict[str, JSON] = {}
        self._console = ConsoleLines(sink.text)
        self._ended_at = 0.0
        self._step = 0
        self._omitted: Counter[str] = Counter()

    def begin_file(self, files: Path) -> None:
        """:param files: the folder that media lie in."""
        self._files = files
        self._status = {}  # of a resumed run the last part tells how it ended

    def take(self, record: bytes) -> None:
        """:raises ValueError: it is no record."""
        for field, values in wire.fields(record).items():
            for value in values:
                if isinstance(value, bytes):
                    self._one(field, wire.fields(value))

    def _one(self, field: int, message: wire.Fields) -> None:
        match field:
            case 2:
                self._history(message)
            case 3:
                _change(self._summary, message)
            case 4 | 13:
                self._output(message)
            case 5:
                _change(self._config, message)
            case 6:
                self._saved.named(message, self._files)
            case 7:
                self._stats(message)
            case 8:
                self._artifacts.logged(message, self._files.parent)
            case 25:
                self._artifacts.used(message, self._files.parent)
            case 10:
                self._alert(message)
            case 17:
                self._run(message)
            case 18:
                self._exit(message)
            case 26:
                self._environment(message)
            case _ if field in _NOT_SHOWN:
                self._omitted[_NOT_SHOWN[field]] += 1

    def finish(self, head: RunHead) -> None:
        """Give the documents, once everything was taken."""
        self._console.finish()
        self._saved.finish(head)
        for what, count in (self._omitted + self._media.omitted).items():
            self._sink.left_out(what, count)
        own = self._config.pop("_wandb", None)
        charts = own.get("visualize") if _is(own) else None
        self._sink.left_out("charts of one's own (what they draw is here as tables)", len(charts) if _is(charts) else 0)
        self._sink.document("params", self._config)
        self._sink.document("summary", self._own_summary(self._summary))
        self._sink.document("user", self._user)
        if self._host:
            self._sink.document("environment", {"wandb": self._host})
        ended = max(self._ended_at, head.created_at)
        status: dict[str, JSON] = {"status": "interrupted", "started_at": head.created_at, "ended_at": ended}
        self._sink.document("status", status | self._status)

    def _own_summary(self, summary: Mapping[str, JSON], prefix: str = "") -> dict[str, JSON]:
        """wandb repeats the last value of every metric in the summary; what else stands there was put there."""
        own: dict[str, JSON] = {}
        for name, value in summary.items():
            key = prefix + name
            last = self._last.get(key, ...)
            if key.startswith("_") or (isinstance(value, Mapping) and "_type" in value):
                continue
            if isinstance(value, Mapping) and last is ...:
                inner = self._own_summary(value, f"{key}.")
                if inner or not value:
                    own[name] = inner
            elif last is ... or (last != value and not (_nan(last) and _nan(value))):
                own[name] = value
        return own

    def _run(self, message: wire.Fields) -> None:
        config = wire.raw(message, 4)
        if config:
            _change(self._config, wire.fields(config))
        given: dict[str, JSON] = {
            "display_name": wire.text(message, 8),
            "note": wire.text(message, 9),
            "tags": [tag.decode("utf-8", "replace") for tag in wire.each(message, 10)],
        }
        self._user.update({key: value for key, value in given.items() if value})
        kept = {"group": wire.text(message, 6), "job_type": wire.text(message, 7), "hostname": wire.text(message, 13)}
        self._sink.document("meta", {key: value for key, value in kept.items() if value})
        for name, value in (("sweep", wire.text(message, 12)), ("entity", wire.text(message, 2))):
            if value:
                self._host[name] = value
        if 21 in message:
            self._git(wire.fields(wire.raw(message, 21)))

    def _git(self, message: wire.Fields) -> None:
        found = {
            "remote": redact_address(wire.text(message, 1)),
            "commit": wire.raw(message, 2).decode("ascii", "replace"),
        }
        self._host["git"] = {key: value for key, value in found.items() if value}

    def _environment(self, message: wire.Fields) -> None:
        arguments = [argument.decode("utf-8", "replace") for argument in wire.each(message, 5)]
        program = Path(wire.text(message, 6)).name
        told = {"os": 1, "python": 2, "program": 6, "gpu": 18, "cuda": 25}
        for name, field in told.items():
            if field in message:
                self._host[name] = wire.text(message, field)
        if 16 in message:
            self._host["cpus"] = wire.whole(message, 16)
        if 9 in message:
            self._git(wire.fields(wire.raw(message, 9)))
        meta: dict[str, JSON] = {"python": wire.text(message, 2), "platform": wire.text(message, 1)}
        meta["command"] = [part for part in (program, *redact_arguments(arguments)) if part]
        self._sink.document("meta", {key: value for key, value in meta.items() if value})

    def _history(self, message: wire.Fields) -> None:
        tree: dict[str, JSON] = {}
        for item in wire.each(message, 1):
            _put(tree, wire.fields(item))
        data = dict(_flat(tree))
        ts = number(data.pop("_timestamp", None)) or self._ended_at
        step = wire.whole(wire.fields(wire.raw(message, 2)), 1) if 2 in message else data.get("_step", self._step)
        self._step = int(number(step) or 0)
        self._ended_at = max(self._ended_at, ts)
        scalars: dict[str, JSON] = {}
        for key, value in data.items():
            if key.startswith("_"):
                continue
            if isinstance(value, Mapping) and "_type" in value:
                self._media.bring(self._files, key, value, step=self._step, ts=ts)
                continue
            scalars[key] = self._last[key] = value
        if scalars:
            self._sink.metrics(scalars, step=self._step, ts=ts)

    def _output(self, message: wire.Fields) -> None:
        ts = wire.seconds(wire.raw(message, 2)) if 2 in message else self._ended_at
        stream = "stdout" if wire.whole(message, 1) == 1 else "stderr"
        self._console.take(stream, wire.text(message, 3), ts)

    def _stats(self, message: wire.Fields) -> None:
        ts = wire.seconds(wire.raw(message, 2))
        measured = {}
        for item in wire.each(message, 3):
            pair = wire.fields(item)
            value = number(_json(wire.raw(pair, 16)))
            if value is not None:
                measured[wire.text(pair, 1)] = value
        if measured:
            self._sink.system(measured, ts=ts)
            self._ended_at = max(self._ended_at, ts)

    def _note(self, role: str, name: str) -> None:
        """An artifact of which only the name came."""
        noted = self._host.setdefault(role, [])
        if isinstance(noted, list) and name not in noted:
            noted.append(name)

    def _labels(self, key: str, over: str, layer: str) -> Mapping[str, str]:
        """The classes of boxes or a mask: wandb keeps them in the configuration of the run."""
        own = self._config.get("_wandb")
        known = own.get("bounding_box/class_labels" if over == "box" else "mask/class_labels") if _is(own) else None
        found = known.get(f"{key}_wandb_delimeter_{layer}") if _is(known) else None
        classes = found.get("value") if _is(found) else None
        return {str(number): str(name) for number, name in classes.items()} if _is(classes) else {}

    def _alert(self, message: wire.Fields) -> None:
        level = _LEVELS.get(wire.text(message, 3).upper(), "info")
        title, said = wire.text(message, 1), wire.text(message, 2)
        self._sink.alert(title, said, level=level, step=self._step, ts=self._ended_at)

    def _exit(self, message: wire.Fields) -> None:
        code = wire.whole(message, 1)
        self._status = {"status": "finished" if code == 0 else "failed"}
        if code:
            self._status["exit"] = {"kind": "exit", "message": f"exit code {code}"}


def _put(document: dict[str, JSON], item: wire.Fields) -> None:
    """An item of a history, configuration or summary: a value at a path of keys."""
    path = [part.decode("utf-8", "replace") for part in wire.each(item, 2)] or [wire.text(item, 1)]
    inner = document
    for part in path[:-1]:
        deeper = inner.get(part)
        if not isinstance(deeper, dict):
            deeper = inner[part] = {}
        inner = deeper
    inner[path[-1]] = _json(wire.raw(item, 16))


def _flat(tree: Mapping[str, JSON], prefix: str = "") -> Iterator[tuple[str, JSON]]:
    """Nested keys are told with dots, as wandb's page shows them; media stay whole."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value and "_type" not in value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _change(document: dict[str, JSON], message: wire.Fields) -> None:
    """A ``ConfigRecord`` or ``SummaryRecord``: what changes, and what goes."""
    for update in wire.each(message, 1):
        _put(document, wire.fields(update))
    for removal in wire.each(message, 2):
        document.pop(wire.text(wire.fields(removal), 1), None)


def _json(data: bytes) -> Any:
    """Numbers that JSON lacks are numbers."""
    try:
        value = loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
    return _NON_FINITE.get(value, value) if isinstance(value, str) else value


def _is(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
