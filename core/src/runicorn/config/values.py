"""From what a file or a variable holds to a typed section, and back to what can be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from ..errors import ConfigError
from .address import Address, scheme_of

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
            shown = "what is set" if fields[name].metadata.get("secret") else repr(value)
            raise ConfigError(f"{section}.{name}", f"cannot be {shown}: {error}", origins.get(name, "")) from error
    return schema(**made)


def _convert(value: Any, wanted: Any) -> Any:
    """What the schema's type makes of a value; the types that settings have, without a library."""
    if get_origin(wanted) in (Union, UnionType) and type(None) in get_args(wanted):
        present = [kind for kind in get_args(wanted) if kind is not type(None)]
        if len(present) == 1:
            return None if value is None else _convert(value, present[0])
    if wanted == Path | Address:
        if isinstance(value, str) and scheme_of(value) is not None:
            return Address(value)
        wanted = Path
    if wanted is Path:
        if not isinstance(value, (str, Path)) or not str(value):
            raise TypeError("a folder is expected")
        return Path(value).expanduser().absolute()
    if isinstance(value, str):
        value = _from_text(value, wanted)
    if wanted is bool:
        return _instance(value, bool, "true or false is expected")
    if wanted in (int, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError("a number is expected")
        if wanted is int and isinstance(value, float) and not value.is_integer():
            raise ValueError("a whole number is expected")
        return wanted(value)
    if wanted is str:
        return _instance(value, str, "text is expected")
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"expected is one of {', '.join(map(str, inner))}")
        return value
    if origin is tuple and inner[1:] == (...,):
        return tuple(_convert(item, inner[0]) for item in _instance(value, (list, tuple), "a list is expected"))
    if origin is Mapping and inner[0] is str:
        table = _instance(value, Mapping, "a table is expected")
        return {str(name): _convert(item, inner[1]) for name, item in table.items()}
    return _structured(value, wanted)


def _instance(value: Any, kinds: type[Any] | tuple[type[Any], ...], expected: str) -> Any:
    if not isinstance(value, kinds):
        raise TypeError(expected)
    return value


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
        if text.lstrip().startswith("["):  # as in TOML
            import tomllib

            return tomllib.loads(f"value = {text}")["value"]
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
    # Imported for types that nothing of ours has: it takes 40 ms, two thirds of what a first init() may take.
    from cattrs import BaseValidationError, Converter, transform_error

    try:
        return Converter().structure(value, wanted)
    except BaseValidationError as error:
        raise ValueError("; ".join(transform_error(error))) from error


def plain(value: Any) -> Any:
    """The same value in types that JSON and TOML know."""
    if isinstance(value, (Path, Address)):
        return str(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
