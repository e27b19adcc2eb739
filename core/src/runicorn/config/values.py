"""From what a file or a variable holds to a typed section, and back to what can be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

from ..errors import ConfigError

Section = TypeVar("Section")


def structure(section: str, schema: type[Section], values: Mapping[str, Any], origins: Mapping[str, str]) -> Section:
    """Make a section from raw values.

    :param values: field name -> TOML value, or the text of an environment variable.
    :raises ConfigError: an unknown key (named, with a suggestion) or a value of the wrong type, or one that
        the field's validator refuses.
    """
    if not values:
        return schema()
    import attrs

    fields = {attribute.name: attribute for attribute in attrs.fields(attrs.resolve_types(schema))}  # type: ignore[arg-type, type-var]
    for name in values:
        if name not in fields:
            import difflib

            close = difflib.get_close_matches(name, fields, n=1)
            hint = f"; did you mean {section}.{close[0]!s}?" if close else f" (known: {', '.join(fields)})"
            raise ConfigError(f"{section}.{name}", f"is unknown{hint}", origins.get(name, ""))
    made = {}
    for name, value in values.items():
        try:
            made[name] = _convert(value, fields[name].type)
            if fields[name].validator is not None:
                fields[name].validator(None, fields[name], made[name])
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{section}.{name}", f"cannot be {value!r}: {error}", origins.get(name, "")) from error
    return schema(**made)


def _convert(value: Any, wanted: Any) -> Any:
    if wanted is Path:
        if not isinstance(value, (str, Path)) or not str(value):
            raise TypeError("a folder is expected")
        return Path(value).expanduser().absolute()
    if isinstance(value, str):
        value = _from_text(value, wanted)
    if wanted is bool and not isinstance(value, bool):
        raise TypeError("true or false is expected")
    if wanted in (int, float) and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise TypeError("a number is expected")
    if wanted is str and not isinstance(value, str):
        raise TypeError("text is expected")
    if get_origin(wanted) is tuple and not isinstance(value, (list, tuple)):
        raise TypeError("a list is expected")
    if get_origin(wanted) is Mapping and not isinstance(value, Mapping):
        raise TypeError("a table is expected")
    if get_origin(wanted) is Literal and value not in get_args(wanted):
        raise ValueError(f"expected is one of {', '.join(map(str, get_args(wanted)))}")
    return _structured(value, wanted)


def _from_text(text: str, wanted: Any) -> Any:
    """Variables and ``config set`` carry text: read it as the type that the schema wants."""
    lowered = text.strip().lower()
    if wanted is bool:
        if lowered in ("1", "true", "yes", "on"):
            return True
        if lowered in ("0", "false", "no", "off"):
            return False
        raise ValueError("true or false is expected")
    if wanted is int:
        return int(lowered)
    if wanted is float:
        return float(lowered)
    if get_origin(wanted) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if get_origin(wanted) is Mapping:
        return dict(_pair(part) for part in text.split(",") if part.strip())
    return text


def _pair(text: str) -> tuple[str, str]:
    name, parted, value = text.partition("=")
    if not parted:
        raise ValueError("name=value is expected, several with commas")
    return name.strip(), value.strip()


def _structured(value: Any, wanted: Any) -> Any:
    from cattrs import BaseValidationError, Converter, transform_error  # 7 ms: only when something is configured

    try:
        return Converter().structure(value, wanted)
    except BaseValidationError as error:
        raise ValueError("; ".join(transform_error(error))) from error


def plain(value: Any) -> Any:
    """The same value in types that JSON and TOML know."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
