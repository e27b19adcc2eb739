"""The web interface: static files under addresses that change with their content, and the page everywhere else."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.contracts.http import Reply
from runicorn.errors import Problem, UnsafePath
from runicorn.security import join
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .asgi.problems import problem_reply
from .asgi.respond import respond
from .index import STYLES, Index, look, rendered
from .modules.sources import sources_of
from .plugin_files import PluginFiles
from .warmup import WarmUp

if TYPE_CHECKING:
    from .app import RunningViewer

STATIC = Path(str(files(__package__))) / "static"
#: Addresses of the interface's own pages, and first parts of other addresses: no plugin's page stands there.
RESERVED = frozenset(
    [
        "/api",
        "/compare",
        "/media",
        "/plugins",
        "/recycle-bin",
        "/runs",
        "/settings",
        "/static",
        "/system",
        "/table",
        "/workspace",
    ]
)
_IMMUTABLE = "public, max-age=31536000, immutable"
#: Types that the system's table lacks or gets wrong on some machines.
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
          ".json": "application/json", ".map": "application/json", ".woff2": "font/woff2",
          ".html": "text/html"}  # fmt: skip


class Pages:
    """Serves our folder of static files, and those of plugins; edits are seen at the next load of the page."""

    def __init__(self, viewer: RunningViewer, folder: Path = STATIC, plugins: PluginFiles | None = None) -> None:
        self._viewer, self._folder = viewer, folder.resolve()  # as `join` names what is in it
        self._plugins = plugins or PluginFiles([])
        self._index: Index | None = None
        self._warm_up = WarmUp(viewer)

    def routes(self) -> list[Route]:
        return [
            Route("/static/{version}/{path:path}", _App(self._viewer, self.static)),
            Route("/plugins/{distribution}/{version}/{path:path}", _App(self._viewer, self.plugin_file)),
        ]

    async def index(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every path that nothing else answers: the interface finds its page by itself."""
        await _App(self._viewer, self.page)(scope, receive, send)
        self._warm_up.begin()

    def page(self, _: Scope) -> Reply:
        index = self.render()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": index.policy}
        return Reply(index.page, 200, "text/html", headers)

    def static(self, scope: Scope) -> Reply:
        version, name = scope["path_params"]["version"], scope["path_params"]["path"]
        index = self._index
        if index is None or version != index.version:  # of a page that was loaded before an update
            index = self.render()
        try:
            content = self._made(index, name)
            if content is not None:
                return _file_reply(name, content, version == index.version)
            path = join(self._folder, name)
            current = version == index.version and index.files.get(path) == look(path)
            return _file_reply(name, as_served(path), current)
        except (UnsafePath, OSError, KeyError) as error:
            raise Problem(404, "no-such-file", f"the web interface has no file {name!r}") from error

    def _made(self, index: Index, name: str) -> bytes | None:
        """What stands at the address of all style sheets, of a module, or of its source map; None where a file does.

        :raises KeyError: nothing does.
        """
        if name == STYLES:
            return index.styles
        if not name.endswith((".js", ".map")):
            return None
        packed = index.packed
        if name in packed.packs:
            return packed.packs[name].text.encode()
        if name in packed.stubs:
            return packed.stubs[name].encode()
        if name.endswith(".map"):
            return packed.packs[name.removesuffix(".map")].source_map(sources_of(self._folder)).encode()
        return None

    def plugin_file(self, scope: Scope) -> Reply:
        wanted = scope["path_params"]
        found = self._plugins.find(wanted["distribution"], wanted["version"], wanted["path"])
        if found is None:
            raise Problem(404, "no-such-file", f"no plugin has a file {wanted['path']!r} at this address")
        path, current = found
        try:
            return _file_reply(path.name, as_served(path), current)
        except OSError as error:
            raise Problem(404, "no-such-file", f"the file {wanted['path']!r} cannot be read") from error

    def render(self) -> Index:
        """``index.html`` with addresses that hold as long as no file changes."""
        files = {path: look(path) for path in sorted(self._folder.rglob("*")) if path.is_file()}
        scopes = self._plugins.scopes()
        index = self._index
        if index is None or (index.files, index.scopes) != (files, scopes):
            index = self._index = rendered(self._folder, files, scopes)
        return index


def as_served(path: Path) -> bytes:
    """A file that stands by itself as browsers get it: modules of ours and of plugins without comments and indentation.

    :raises OSError: it cannot be read.
    """
    from .modules.slim import slim

    content = path.read_bytes()
    if path.suffix != ".js" or "vendor" in path.parts:
        return content
    try:
        return slim(content.decode()).text.encode()
    except ValueError:  # unclear, or no UTF-8
        return content


def _file_reply(name: str, content: bytes, current: bool) -> Reply:
    kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    # A page that was loaded before an update goes on working, but must not cache what is newer than itself.
    return Reply(content, 200, kind, {"Cache-Control": _IMMUTABLE if current else "no-store"})


class _App:
    """A function from scope to reply, for GET and HEAD."""

    def __init__(self, viewer: RunningViewer, answer: Callable[[Scope], Reply]) -> None:
        self._viewer, self._answer = viewer, answer

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        reply = await self._viewer.in_thread(lambda: self._reply(scope))
        await respond(reply, send, self._viewer.in_thread, head=scope["method"] == "HEAD")

    def _reply(self, scope: Scope) -> Reply:
        if scope["method"] not in ("GET", "HEAD"):
            problem = Problem(405, "method-not-allowed", f"{scope['path']} takes GET, HEAD", allowed="GET, HEAD")
            return problem_reply(problem, {"Allow": "GET, HEAD"})
        try:
            return self._answer(scope)
        except Problem as problem:
            return problem_reply(problem)
