"""OpenAPI 3.1, made of the same declarations that route and validate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from runicorn import __version__
from runicorn.contracts.http import Call, Endpoint, NoBody, NoQuery, Reply

from ..asgi.json import encode
from ..asgi.problems import MEDIA_TYPE
from .annotations import shape_of
from .parameters import Parameters, document_path
from .shapes import Components

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A refused request (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "What a user interface translates; further members are its values."},
    },
    "required": ["type", "title", "status", "detail", "code"],
}
_ALWAYS = {400: "A parameter is unknown, missing or unusable.", 403: "Another site's request, or an unknown host name."}
_WITH_TOKEN = {401: "The token is missing or wrong."}
_WITH_BODY = {413: "The body is too large.", 415: "The body is not application/json."}
_IN_PATH = {404: "There is nothing of this name."}
_NEGOTIATED = {406: "None of the media types of this answer is accepted."}
_WRITES = {503: "The storage cannot be written at the moment.", 507: "The storage is full."}
_STORAGE = {503: "The storage cannot be read at the moment."}


def document_endpoint(endpoints: Sequence[Endpoint[Any, Any]], *, with_token: bool) -> Endpoint[NoQuery, NoBody]:
    """The endpoint that answers the document, itself included."""

    @cache
    def content() -> bytes:
        return encode(document([*endpoints, own], with_token=with_token))

    def handler(_: Call[NoQuery, NoBody]) -> Reply:
        """This document."""
        return Reply(content(), headers={"Cache-Control": "no-cache"})

    own: Endpoint[NoQuery, NoBody] = Endpoint("GET", "/api/openapi.json", handler, answer=dict[str, Any])
    return own


def document(endpoints: Sequence[Endpoint[Any, Any]], *, with_token: bool = False) -> dict[str, Any]:
    """The OpenAPI document of some endpoints."""
    components: Components = {"Problem": _PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, components, with_token)
        paths.setdefault(document_path(endpoint.path), {})[endpoint.method.lower()] = operation
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Runicorn", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items()))},
    }
    if with_token:
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
    return described


def _operation(endpoint: Endpoint[Any, Any], components: Components, with_token: bool) -> dict[str, Any]:
    words = " ".join((endpoint.handler.__doc__ or "").split())
    summary, _, rest = words.partition(". ")
    name = endpoint.path.removeprefix("/api/").replace(":path", "").replace("{", "by-").replace("}", "")
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}-{name.replace('/', '-')}",
        "tags": [endpoint.path.split("/")[2]],
        "summary": summary.rstrip("."),
    }
    if rest:
        operation["description"] = rest
    parameters = Parameters(endpoint.path, endpoint.query).describe(components)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not NoBody:
        schema = shape_of(endpoint.body).schema(components)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation["responses"] = _responses(endpoint, components, with_token)
    return operation


def _responses(endpoint: Endpoint[Any, Any], components: Components, with_token: bool) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if endpoint.answer is not None:
        content["application/json"] = {"schema": shape_of(endpoint.answer).schema(components)}
    for kind, words in endpoint.also.items():
        content[kind] = {"schema": {"type": "string", "description": words}}
    responses: dict[str, Any] = {"200": {"description": "The answer.", "content": content}}
    problems = dict(_ALWAYS | _STORAGE)
    if endpoint.query is not NoQuery:
        responses["431"] = {"description": "Address and headers are larger than 128 KiB. The answer has no body."}
    if with_token:
        problems |= _WITH_TOKEN
    if endpoint.body is not NoBody:
        problems |= _WITH_BODY
    if endpoint.method != "GET":
        problems |= _WRITES
    if "{" in endpoint.path:
        problems |= _IN_PATH
    if endpoint.also and endpoint.answer is not None:
        problems |= _NEGOTIATED
    schema = {"$ref": "#/components/schemas/Problem"}
    for status, words in problems.items():
        responses[str(status)] = {"description": words, "content": {MEDIA_TYPE: {"schema": schema}}}
    for status, words in endpoint.statuses.items():
        described: dict[str, Any] = {"description": words or HTTPStatus(status).phrase}
        if status >= 400:
            described["content"] = {MEDIA_TYPE: {"schema": schema}}
        elif status == 206:
            described["content"] = {"*/*": {}}
        responses[str(status)] = described
    return dict(sorted(responses.items()))
