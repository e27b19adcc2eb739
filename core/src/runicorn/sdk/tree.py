"""Params, summary and tags: containers that say when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, overload

from .values import key_text, plain_json


class Tree(MutableMapping[str, Any]):
    """A nested mapping of JSON values. Nested mappings are trees too, so a change at any depth is noticed.

    Values that JSON cannot carry are kept as text; setting never raises for a value.
    """

    def __init__(self, changed: Callable[[], None], items: Mapping[Any, Any] | None = None) -> None:
        self._changed = changed
        self._items: dict[str, Any] = {}
        for key, value in (items or {}).items():
            self._items[key_text(key)] = self._adopt(value)

    def _adopt(self, value: Any) -> Any:
        if isinstance(value, Tree):
            value = value.plain()
        value = plain_json(value)
        return Tree(self._changed, value) if isinstance(value, dict) else value

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._items[key_text(key)] = self._adopt(value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        del self._items[key]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._items))

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self.plain())

    def __call__(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Set several keys at once: ``run.summary({"accuracy": 0.97})``."""
        self.update(values or {}, **more)

    def plain(self) -> dict[str, Any]:
        """A copy made of ordinary dicts."""
        return {key: value.plain() if isinstance(value, Tree) else value for key, value in list(self._items.items())}


class Tags(MutableSequence[str]):
    """The tags of a run: a list of different strings."""

    def __init__(self, changed: Callable[[], None], tags: Iterable[Any] = ()) -> None:
        self._changed = changed
        self._tags = list(dict.fromkeys(key_text(tag) for tag in tags))

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._tags[index]

    def __setitem__(self, index: int | slice, value: Any) -> None:
        changed: list[Any] = list(self._tags)
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

    def __iadd__(self, tags: Iterable[str]) -> Tags:
        self._replace([*self._tags, *tags])
        return self

    def insert(self, index: int, value: str) -> None:
        self._replace([*self._tags[:index], value, *self._tags[index:]])

    def _replace(self, tags: Iterable[Any]) -> None:
        self._tags = list(dict.fromkeys(key_text(tag) for tag in tags))
        self._changed()
