"""``index.html``, rendered: the import map, the policy, and the style sheets and modules of that moment."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runicorn.serialize import read_object

from .asgi.json import encode
from .modules.sources import is_packed

if TYPE_CHECKING:
    from .modules.pack import Packed

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_MODULE_SCRIPT = re.compile(r"""<script[^>]*type="module"[^>]*src="{{base}}/([^"]+)\"""")
_STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="{{base}}/([^"]+)">')
#: Where all of the page's style sheets are, as one: over a slow line each file is a journey.
STYLES = "styles/all.css"
#: What packs modules: their addresses change with it.
_PACKER = Path(__file__).parent / "modules"

Seen = tuple[int, int]  # when a file was changed last (ns), and its size


class Index:
    """A rendered ``index.html``. Thread-safe.

    :ivar files: what it was made of, as it was.
    :ivar styles: the style sheets that ``index.html`` names, in its order.
    :ivar scopes: the import map's, of plugins.
    """

    def __init__(
        self,
        page: bytes,
        policy: str,
        version: str,
        styles: bytes,
        files: Mapping[Path, Seen],
        scopes: Mapping[str, Mapping[str, str]],
        modules: tuple[Mapping[str, str], str, list[str]],
    ) -> None:
        self.page, self.policy, self.version, self.styles = page, policy, version, styles
        self.files, self.scopes = files, scopes
        self._modules: tuple[Mapping[str, str], str, list[str]] | None = modules
        self._packed: Packed | None = None
        self._packing = threading.Lock()

    @property
    def packed(self) -> Packed:
        """The modules as they were then; packed when the first one is asked for, while the browser reads the page."""
        with self._packing:
            if self._modules is not None:
                self._packed, self._modules = _packed(*self._modules), None
        assert self._packed is not None
        return self._packed


def look(path: Path) -> Seen:
    """:raises OSError: there is no such file."""
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def rendered(folder: Path, files: Mapping[Path, Seen], scopes: Mapping[str, Mapping[str, str]]) -> Index:
    """The page of a folder of files.

    :raises OSError: one of them cannot be read.
    """
    template = (folder / "index.html").read_text("utf-8")
    names: dict[str, str] = read_object(folder / "importmap.json").get("imports", {})
    (entry,) = _MODULE_SCRIPT.findall(template)
    sheets = _STYLE_SHEET.findall(template)
    styles = b"\n".join((folder / name).read_bytes() for name in sheets)
    if sheets:
        first, *others = (f'<link rel="stylesheet" href="{{{{base}}}}/{name}">' for name in sheets)
        template = template.replace(first, first.replace(sheets[0], STYLES))
        for link in others:
            template = template.replace(link + "\n", "")
    digest = hashlib.sha256()
    for path in sorted(_PACKER.glob("*.py")):
        digest.update(path.read_bytes())
    sources: dict[str, str] = {}
    for path in files:
        name, content = path.relative_to(folder).as_posix(), path.read_bytes()
        digest.update(name.encode() + b"\0" + content)
        if is_packed(name):
            sources[name] = content.decode()
    version = digest.hexdigest()[:12]
    base = f"/static/{version}"
    imports = {name: f"{base}/{path}" for name, path in names.items()}
    # A "</script>" in a file's name must not end the map.
    importmap = encode({"imports": imports, "scopes": scopes}).decode().replace("<", "\\u003c")
    preload = "\n".join(f'<link rel="modulepreload" href="{base}/{path}">' for path in sorted({entry, *names.values()}))
    page = template.replace("{{importmap}}", importmap).replace("{{base}}", base).replace("{{preload}}", preload)
    hashes = "".join(f" '{_sha256(script)}'" for script in _INLINE_SCRIPT.findall(page))
    policy = (
        f"default-src 'self'; script-src 'self'{hashes}; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return Index(page.encode(), policy, version, styles, files, scopes, (sources, entry, list(names.values())))


def _packed(sources: Mapping[str, str], entry: str, public: list[str]) -> Packed:
    from .modules.linking import Unlinkable
    from .modules.pack import Pack, Packed, pack
    from .modules.slim import Unclear

    try:
        return pack(sources, entry, public)
    except (Unclear, Unlinkable) as error:  # whoever writes modules reads it in the page
        message = encode(f"The web interface cannot be served: {error}").decode()
        text = f"document.body.textContent = {message};"
        return Packed({entry: Pack(text, (), ())}, {})


def _sha256(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
