"""That something happened to artifacts, by whatever process: pages hear of it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from runicorn.contracts.viewer import Topic

from .opening import open_repository
from .records import VERSIONS
from .repository import EVENTS
from .uses import USES

if TYPE_CHECKING:
    from runicorn.contracts import Viewer

_LOCAL_S, _BUCKET_S = 1.0, 20.0  # between two looks: a bucket is asked over the network


def topic(viewer: Viewer) -> Topic:
    """What has happened is a set of blobs that are made once and never changed: their names tell all of it."""
    root = viewer.store.root

    def state() -> str:
        store = open_repository(root).store
        keys = (entry.key for prefix in (VERSIONS, EVENTS, USES) for entry in store.list(prefix))
        return sha256("\n".join(sorted(keys)).encode()).hexdigest()

    local = open_repository(root).store.uri.startswith("file:")
    return Topic("artifacts", state, _LOCAL_S if local else _BUCKET_S)
