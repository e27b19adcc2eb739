"""What a setting means, said where it is made: forms and ``plugins info`` show it."""

from __future__ import annotations

from typing import Any


def about(text: str, *, zh: str | None = None, secret: bool = False) -> dict[str, Any]:
    """The ``metadata`` of a field of a section.

    :param text: one phrase in English, as under the name of the value.
    :param zh: the same in Chinese.
    :param secret: its value is shown and returned nowhere.
    """
    words = {"en": text} if zh is None else {"en": text, "zh-CN": zh}
    return {"help": words, **({"secret": True} if secret else {})}
