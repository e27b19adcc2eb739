"""What the interface remembers for its users: one JSON document for each view, beside the runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypedDict

from attrs import frozen
from runicorn.contracts import Store
from runicorn.contracts.http import About, Call, Endpoint, NoBody
from runicorn.errors import Problem, StorageError
from runicorn.serialize import dumps, read_object, write_json
from runicorn.types import JSON

LIMIT = 256 * 1024  # bytes of one document

Preferences = dict[str, JSON]


@frozen
class ViewQuery:
    view: Annotated[str, About("The name of a view, e.g. `runs:vision`.", min_length=1, max_length=300)]


class Removed(TypedDict):
    removed: bool


def endpoints(store: Store) -> Iterable[Endpoint[Any, Any]]:
    def read(call: Call[ViewQuery, NoBody]) -> Preferences:
        """The document of a view; an empty object where there is none."""
        kept = read_object(place(store.root, call.query.view)).get("document")
        return kept if isinstance(kept, dict) else {}

    def write(call: Call[ViewQuery, Preferences]) -> Preferences:
        """Replace the document of a view."""
        if len(dumps(call.body)) > LIMIT:
            raise Problem(413, "preferences-too-large", f"a view may keep at most {LIMIT} bytes", limit=LIMIT)
        path = place(store.root, call.query.view)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, {"view": call.query.view, "document": call.body})
        except OSError as error:
            raise StorageError("keeping preferences", ".runicorn/ui", error.strerror or str(error)) from error
        return call.body

    def remove(call: Call[ViewQuery, NoBody]) -> Removed:
        """Forget the document of a view."""
        try:
            place(store.root, call.query.view).unlink()
        except FileNotFoundError:
            return {"removed": False}
        except OSError as error:
            raise StorageError("forgetting preferences", ".runicorn/ui", error.strerror or str(error)) from error
        return {"removed": True}

    path = "/api/ui-preferences"
    yield Endpoint("GET", path, read, answer=Preferences, query=ViewQuery)
    yield Endpoint("PUT", path, write, answer=Preferences, query=ViewQuery, body=Preferences)
    yield Endpoint("DELETE", path, remove, answer=Removed, query=ViewQuery)


def place(root: Path, view: str) -> Path:
    """The file of a view. Views are named after projects in any script: no name of theirs becomes a file name."""
    return root / ".runicorn" / "ui" / f"{hashlib.sha256(view.encode()).hexdigest()[:32]}.json"
