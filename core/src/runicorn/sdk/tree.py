"""Params, summary and tags: containers that say when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableSequence
from typing import Any, overload

from .interrupting import from_signal_handler
from .values import key_text, plain_json

#: Told what could not be taken: (what was being done, reason).
Report = Callable[[str, str], None]


class Tree(dict[str, Any]):
    """A nested dict of JSON values. Nested dicts are trees too, so a change at any depth is noticed.

    Setting never raises: keys become strings, values that JSON cannot carry are kept as text, and what is no mapping is
    reported and left out. Copies are ordinary dicts, which nobody watches.
    """

    def __init__(self, name: str, changed: Callable[[], None], report: Report, items: Mapping[Any, Any]) -> None:
        """
        :param name: what users call it, for reports.
        """
        super().__init__()
        self._name, self._changed, self._report = name, changed, report
        for key, value in items.items():
            super().__setitem__(key_text(key), self._adopt(value))

    def _adopt(self, value: Any) -> Any:
        value = plain_json(value)
        return Tree(self._name, self._changed, self._report, value) if isinstance(value, dict) else value

    def __setitem__(self, key: object, value: Any) -> None:
        super().__setitem__(key_text(key), self._adopt(value))
        self._changed()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._changed()

    def update(self, values: Any = None, /, **more: Any) -> None:
        """Set several keys at once. Never raises."""
        try:
            given = dict(values.items() if isinstance(values, Mapping) else () if values is None else values)
        except Exception as error:  # any object may be passed
            if from_signal_handler(error):
                raise
            self._report(f"{self._name} update", f"takes a mapping, not {type(values).__name__}; left out")
            given = {}
        for key, value in {**{key_text(key): value for key, value in given.items()}, **more}.items():
            super().__setitem__(key_text(key), self._adopt(value))
        self._changed()

    def __call__(self, values: Any = None, /, **more: Any) -> None:
        """Set several keys at once: ``run.summary({"accuracy": 0.97})``. Never raises."""
        self.update(values, **more)

    def __ior__(self, values: Any) -> Tree:  # type: ignore[override, misc]  # takes whatever update() takes
        self.update(values)
        return self

    def setdefault(self, key: str, default: Any = None, /) -> Any:
        if key not in self:
            self[key] = default
        return self[key_text(key)]

    def pop(self, key: str, /, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._changed()
        return value

    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self._changed()
        return item

    def clear(self) -> None:
        super().clear()
        self._changed()

    def plain(self) -> dict[str, Any]:
        """A copy made of ordinary dicts."""
        return {key: value.plain() if isinstance(value, Tree) else value for key, value in list(self.items())}

    copy = plain

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self.plain(),)


class Tags(MutableSequence[str]):
    """The tags of a run: a list of different strings. Setting never raises for a value."""

    def __init__(self, changed: Callable[[], None], report: Report, tags: Iterable[Any]) -> None:
        self._changed, self._report = changed, report
        self._tags = list(dict.fromkeys(key_text(tag) for tag in tags))

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._tags[index]

    def __setitem__(self, index: int | slice, value: Any) -> None:
        changed: list[Any] = list(self._tags)
        if isinstance(index, slice):
            given = self._several(value)
            if given is None:
                return
            changed[index] = given
        else:
            changed[index] = value
        self._replace(changed)

    def __delitem__(self, index: int | slice) -> None:
        del self._tags[index]
        self._changed()

    def __len__(self) -> int:
        return len(self._tags)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (list, tuple, Tags)) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return repr(self._tags)

    def __iadd__(self, tags: Iterable[Any]) -> Tags:
        self.extend(tags)
        return self

    def extend(self, values: Iterable[str]) -> None:
        """Add several; one string is one tag."""
        self._replace([*self._tags, *(self._several(values) or ())])

    def insert(self, index: int, value: str) -> None:
        self._replace([*self._tags[:index], value, *self._tags[index:]])

    def _several(self, tags: Any) -> list[Any] | None:
        """The tags of a list, of one string, or of None, which holds none; None (reported) for anything else."""
        try:
            return [tags] if isinstance(tags, str) else [] if tags is None else list(tags)
        except Exception as error:  # any object may be passed
            if from_signal_handler(error):
                raise
            self._report("tags", f"a {type(tags).__name__} is no list of strings; left out")
            return None

    def _replace(self, tags: Iterable[Any]) -> None:
        self._tags = list(dict.fromkeys(key_text(tag) for tag in tags))
        self._changed()
