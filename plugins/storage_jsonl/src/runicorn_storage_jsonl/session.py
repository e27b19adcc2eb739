"""The writing end of one run for one process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.errors import InvalidArgument
from runicorn.serialize import write_bytes, write_json

from .documents import PEOPLE, Documents, load
from .failures import mapped
from .replace import replace_compared
from .sealed import SealedFiles
from .writer import FileWriter

if TYPE_CHECKING:
    from runicorn.contracts.storage import Document, Stream
    from runicorn.model.run import RunRef
    from runicorn.model.writer import WriterRecord
    from runicorn.types import JSON, JSONObject

_FILES: dict[Stream, tuple[str, str]] = {
    "events": ("events", ".jsonl"),
    "logs": ("logs", ".txt"),
    "system": ("system", ".jsonl"),
}


class JsonlSession:
    """One process in one run folder. Its 8 hex digits name its heartbeat and, where needed, its files."""

    def __init__(self, ref: RunRef, folder: Path) -> None:
        self.ref = ref
        self.folder = folder
        self._mark = os.urandom(4).hex()
        self._updating = threading.Lock()

    def open_writer(self, stream: Stream) -> FileWriter:
        stem, suffix = _FILES[stream]
        name, mark = stem + suffix, self._mark
        with mapped(f"opening {stream}", self.folder):
            while True:
                try:
                    writer = FileWriter(self.folder / name)
                except FileExistsError:  # another process has the name, or this one had it before
                    pass
                else:
                    if name not in SealedFiles(self.folder).look().sources:
                        return writer
                    writer.close()  # the lines of a sealed file had this name: what stands in it does not count
                    writer.path.unlink(missing_ok=True)
                name = f"{stem}-{mark}{suffix}"
                mark = os.urandom(4).hex()

    def reopen(self) -> JsonlSession:
        return JsonlSession(self.ref, self.folder)

    def read(self, document: Document) -> dict[str, JSON]:
        people = {}
        if document == "user":  # older versions kept that for all runs in one file of the root
            people = load(str(self.folder.parents[self.ref.folder.count("/")] / PEOPLE))
        try:
            return Documents(str(self.folder), people, exact=True).read(document)
        except OSError:  # the folder is gone: it holds no document
            return {}

    def write(self, document: Document, value: JSONObject) -> None:
        with mapped(f"writing {document}.json", self.folder):
            write_json(self.folder / f"{document}.json", value)

    def update(self, document: Document, change: Callable[[dict[str, JSON]], JSONObject]) -> None:
        with self._updating, mapped(f"writing {document}.json", self.folder):
            replace_compared(self.folder / f"{document}.json", lambda: self.read(document), change)

    def put_media(self, data: bytes, suffix: str) -> str:
        from hashlib import sha256

        if not suffix.startswith(".") or not suffix[1:].replace(".", "").isalnum():
            raise InvalidArgument("suffix", suffix, "must be a dot and letters or digits, such as '.png'")
        digest = sha256(data).hexdigest()
        relative = f"media/{digest[:2]}/{digest}{suffix}"
        target = self.folder / relative
        with mapped("storing media", self.folder):
            if not target.exists():
                if not self.folder.is_dir():  # making parents must not bring a removed run back
                    raise FileNotFoundError(2, os.strerror(2), str(self.folder))
                target.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(target, data)
        return relative

    def share_media(self, path: str) -> None:
        from .sharing import share

        if self.ref.folder.startswith(f"{self.ref.project}/"):  # not so in folders of older versions
            share(self.folder.parents[self.ref.folder.count("/") - 1], self.folder / path)

    def last_step(self) -> int:
        from .events import last_step

        return last_step(self.folder)

    def beat(self, writer: WriterRecord) -> None:
        """:raises StorageGone: the run folder was removed."""
        from attrs import asdict

        writers = self.folder / "writers"
        with mapped("writing the heartbeat", self.folder):
            if not writers.is_dir():
                writers.mkdir(exist_ok=True)
            write_json(writers / f"{self._mark}.json", asdict(writer))
