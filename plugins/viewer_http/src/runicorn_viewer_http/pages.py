"""The web interface: static files under addresses that change with their content, and ``index.html``."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from runicorn.contracts.http import Reply
from runicorn.errors import Problem, UnsafePath
from runicorn.security import join
from runicorn.serialize import read_object
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .asgi.json import encode
from .asgi.problems import problem_reply
from .asgi.respond import respond
from .modules.linking import Unlinkable
from .modules.pack import Pack, Packed, pack, sources_of
from .modules.slim import Unclear, slim
from .plugin_files import PluginFiles

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
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_MODULE_SCRIPT = re.compile(r"""<script[^>]*type="module"[^>]*src="{{base}}/([^"]+)\"""")
#: Types that the system's table lacks or gets wrong on some machines.
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
          ".json": "application/json", ".map": "application/json", ".woff2": "font/woff2",
          ".html": "text/html"}  # fmt: skip


@frozen
class Index:
    """A rendered ``index.html``."""

    page: bytes
    policy: str
    version: str
    packed: Packed


class Pages:
    """Serves our folder of static files, and those of plugins; edits are seen at the next load of the page."""

    def __init__(self, viewer: RunningViewer, folder: Path = STATIC, plugins: PluginFiles | None = None) -> None:
        self._viewer, self._folder = viewer, folder
        self._plugins = plugins or PluginFiles([])
        self._seen: object = None
        self._index: Index | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/static/{version}/{path:path}", _App(self._viewer, self.static)),
            Route("/plugins/{distribution}/{version}/{path:path}", _App(self._viewer, self.plugin_file)),
        ]

    async def index(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Every path that nothing else answers: the interface finds its page by itself."""
        await _App(self._viewer, self.page)(scope, receive, send)

    def page(self, _: Scope) -> Reply:
        index = self.render()
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": index.policy}
        return Reply(index.page, 200, "text/html", headers)

    def static(self, scope: Scope) -> Reply:
        name = scope["path_params"]["path"]
        index = self.render()
        try:
            path = join(self._folder, name)
            content = self._content(path, name, index.packed)
        except (UnsafePath, OSError, KeyError) as error:
            raise Problem(404, "no-such-file", f"the web interface has no file {name!r}") from error
        return _file_reply(path, content, scope["path_params"]["version"] == index.version)

    def _content(self, path: Path, name: str, packed: Packed) -> bytes:
        """A file, or what of modules stands at its address.

        :raises OSError, KeyError: there is nothing.
        """
        if name in packed.packs:
            return packed.packs[name].text.encode()
        if name in packed.stubs:
            return packed.stubs[name].encode()
        if path.suffix == ".map":
            return packed.packs[name.removesuffix(".map")].source_map(sources_of(self._folder)).encode()
        return as_served(path)

    def plugin_file(self, scope: Scope) -> Reply:
        wanted = scope["path_params"]
        found = self._plugins.find(wanted["distribution"], wanted["version"], wanted["path"])
        if found is None:
            raise Problem(404, "no-such-file", f"no plugin has a file {wanted['path']!r} at this address")
        path, current = found
        try:
            return _file_reply(path, as_served(path), current)
        except OSError as error:
            raise Problem(404, "no-such-file", f"the file {wanted['path']!r} cannot be read") from error

    def render(self) -> Index:
        """``index.html`` with addresses that hold as long as no file changes."""
        found = sorted(path for path in self._folder.rglob("*") if path.is_file())
        scopes = self._plugins.scopes()
        seen = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in found], scopes
        if self._index is None or seen != self._seen:
            self._index, self._seen = self._render(found, scopes), seen
        return self._index

    def _render(self, found: list[Path], scopes: Mapping[str, Mapping[str, str]]) -> Index:
        template = (self._folder / "index.html").read_text("utf-8")
        names = read_object(self._folder / "importmap.json").get("imports", {})
        packed = self._pack(template, list(names.values()))
        digest = hashlib.sha256()
        for path in found:
            digest.update(path.relative_to(self._folder).as_posix().encode() + b"\0" + path.read_bytes())
        for name, one in packed.packs.items():
            digest.update(name.encode() + b"\0" + one.text.encode())
        version = digest.hexdigest()[:12]
        base = f"/static/{version}"
        imports = {name: f"{base}/{path}" for name, path in names.items()}
        # A "</script>" in a file's name must not end the map.
        importmap = encode({"imports": imports, "scopes": scopes}).decode().replace("<", "\\u003c")
        modules = {*_MODULE_SCRIPT.findall(template), *names.values()}
        preload = "\n".join(f'<link rel="modulepreload" href="{base}/{path}">' for path in sorted(modules))
        page = template.replace("{{importmap}}", importmap).replace("{{base}}", base).replace("{{preload}}", preload)
        hashes = "".join(f" '{_sha256(script)}'" for script in _INLINE_SCRIPT.findall(page))
        policy = (
            f"default-src 'self'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data: blob:; "
            "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return Index(page.encode(), policy, version, packed)

    def _pack(self, template: str, public: list[str]) -> Packed:
        (entry,) = _MODULE_SCRIPT.findall(template)
        try:
            return pack(sources_of(self._folder), entry, public)
        except (Unclear, Unlinkable) as error:  # whoever writes modules reads it in the page
            message = encode(f"The web interface cannot be served: {error}").decode()
            text = f"document.body.textContent = {message};"
            return Packed({entry: Pack(text, (), ())}, {})


def as_served(path: Path) -> bytes:
    """A file that stands by itself as browsers get it: modules of ours and of plugins without comments and indentation.

    :raises OSError: it cannot be read.
    """
    content = path.read_bytes()
    if path.suffix != ".js" or "vendor" in path.parts:
        return content
    try:
        return slim(content.decode()).text.encode()
    except ValueError:  # unclear, or no UTF-8
        return content


def _file_reply(path: Path, content: bytes, current: bool) -> Reply:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # A page that was loaded before an update goes on working, but must not cache what is newer than itself.
    return Reply(content, 200, kind, {"Cache-Control": _IMMUTABLE if current else "no-store"})


def _sha256(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


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
