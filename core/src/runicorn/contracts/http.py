"""HTTP endpoints as plugins declare them: one declaration for routing, validation and the OpenAPI document.

Types are the whole description. Parameters and bodies are attrs classes, answers any annotation (TypedDicts,
lists, literals); a field's ``Annotated[..., About(...)]`` adds words and bounds. A field named like a placeholder of
the path is a path parameter, a tuple is a repeatable parameter, one underscore at the end of a name is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import field, frozen

from ..errors import Problem

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Query = TypeVar("Query")
Body = TypeVar("Body")


@frozen
class About:
    """What a type cannot say: words for people, bounds for machines."""

    text: str = ""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str | None = None


@frozen
class NoQuery:
    """No parameters."""


@frozen
class NoBody:
    """No request body."""


@frozen
class Call(Generic[Query, Body]):
    """One request, parsed and validated."""

    query: Query
    body: Body
    headers: Mapping[str, str]  # names in lower case

    def prefers(self, *offers: str) -> str:
        """The media type to answer with: the best of the offers by the request's ``Accept``, the first on a tie.

        :raises Problem: 406, none is accepted.
        """
        ranges = [_accepted(part) for part in self.headers.get("accept", "*/*").split(",") if part.strip()]
        best = max(offers, key=lambda offer: _quality(offer, ranges))
        if _quality(best, ranges) <= 0:
            raise Problem(406, "not-acceptable", f"this is served as {', '.join(offers)}", offers=list(offers))
        return best

    def holds(self, etag: str) -> bool:
        """Whether the client has this version already: answer ``Reply(status=304)`` then."""
        known = [tag.strip().removeprefix("W/") for tag in self.headers.get("if-none-match", "").split(",")]
        return etag.removeprefix("W/") in known or known == ["*"]


def _accepted(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return kind, float(parameter[2:])
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The most specific range decides."""
    major = offer.partition("/")[0]
    for wanted in (offer, f"{major}/*", "*/*"):
        found = [q for kind, q in ranges if kind == wanted]
        if found:
            return found[0]
    return 0.0


@frozen
class Reply:
    """An answer that is more than a JSON value with status 200.

    ``body``: bytes, or an iterable of bytes that is drawn from a worker thread, piece by piece, while they are sent.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    media_type: str | None = "application/json"
    headers: Mapping[str, str] = field(factory=dict)


@frozen
class Endpoint(Generic[Query, Body]):
    """One method of one path.

    ``handler`` is called on a worker thread. It returns JSON (numpy arrays included) or a :class:`Reply`; errors of
    ``runicorn.errors`` become problem documents, anything else is a 500 that names the plugin's endpoint.
    """

    method: Method
    path: str  # starts with /api/; placeholders {id} or {path:path}
    handler: Callable[[Call[Query, Body]], object]
    answer: object = None  # annotation of the JSON answer
    query: type[Query] = NoQuery  # type: ignore[assignment]
    body: type[Body] = NoBody  # type: ignore[assignment]
    also: Mapping[str, str] = field(factory=dict)  # further media types of the answer: what they hold
    statuses: Mapping[int, str] = field(factory=dict)  # further statuses: when they are answered

    @property
    def methods(self) -> frozenset[str]:
        return frozenset([self.method])


@frozen
class AccessRequest:
    """A request before it is answered: who asks for what."""

    method: str  # WEBSOCKET for a socket
    path: str
    headers: Mapping[str, str]  # names in lower case
    client: str  # the address that it comes from; empty when unknown
