"""Errors as problem documents (RFC 9457): ``type, title, status, detail``, and ``code`` with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from runicorn import errors
from runicorn.contracts.http import Reply
from runicorn.errors import Problem

from ..declare.shapes import Unfit
from .json import encode

MEDIA_TYPE = "application/problem+json"

#: The first class that fits decides: status and code.
_KNOWN: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.RunNotFound, 404, "run-not-found"),
    (errors.PluginNotFound, 404, "plugin-not-found"),
    (errors.UnsafePath, 400, "unsafe-path"),
    (errors.ImportProblem, 422, "import-problem"),
    (errors.ConfigError, 400, "config-invalid"),
    (errors.FilterError, 400, "filter-invalid"),
    (errors.InvalidArgument, 400, "invalid-argument"),
    (errors.StorageFull, 507, "storage-full"),
    (errors.StorageReadOnly, 503, "storage-read-only"),
    (errors.StorageGone, 503, "storage-gone"),
    (errors.StorageError, 503, "storage-error"),
    (errors.MissingDependency, 503, "missing-dependency"),
    (errors.PluginError, 503, "plugin-error"),
    (OSError, 503, "system-error"),
)


def problem_of(error: Exception) -> Problem | None:
    """The problem that a known error stands for; None for one that is a bug."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Unfit):
        return Problem(400, error.code, str(error), where=error.where, reason=error.reason, **error.parameters)
    for kind, status, code in _KNOWN:
        if isinstance(error, kind):
            return Problem(status, code, str(error), **_public(vars(error)))
    return None


def problem_reply(problem: Problem, headers: Mapping[str, str] | None = None) -> Reply:
    """The answer for a problem."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    more = {name: value for name, value in problem.parameters.items() if name not in document}
    answer = {"Cache-Control": "no-store", **(headers or {})}
    if problem.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "size" in problem.parameters:
        answer["Content-Range"] = f"bytes */{problem.parameters['size']}"
    return Reply(encode({**document, **more}), problem.status, MEDIA_TYPE, answer)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Problem"


def _public(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v if isinstance(v, (bool, int, float, str)) else str(v) for n, v in attributes.items() if v is not None}
