"""``POST /api/import/upload?name=runs.zip``: a file as the body, imported once it is whole."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from runicorn.contracts.http import Reply
from runicorn.errors import ImportProblem, InvalidArgument, Problem, RunicornError, UnsafePath
from runicorn.hooks import importer_for
from runicorn.managing import Conflict, ImportRequest
from runicorn.security import check_project, check_segment
from runicorn.serialize import dumps

from .job import import_reply
from .unpacked import is_packed

if TYPE_CHECKING:
    from runicorn.contracts import Viewer
    from starlette.requests import Request
    from starlette.responses import Response

    from ..jobs.jobs import Jobs

_KNOWN = frozenset(["name", "from", "on_conflict", "project", "preview", "wait_s", "option"])


def upload_route(viewer: Viewer, jobs: Jobs) -> Any:
    """As the configuration of the viewer limits bodies; the file never lies in the storage root."""
    from starlette.responses import Response
    from starlette.routing import Route

    async def upload(request: Request) -> Response:
        folder = jobs.scratch()
        kept = False
        try:
            wanted, wait_s = _request(request, folder)
            await viewer.in_thread(lambda: folder.mkdir(parents=True, mode=0o700))
            with wanted.path.open("xb") as file:
                async for piece in request.stream():
                    await viewer.in_thread(lambda piece=piece: file.write(piece))  # type: ignore[misc]

            def work() -> Reply:
                if not is_packed(wanted.path):  # what is wrong with the file is the answer, not a job's
                    importer_for(wanted.path, wanted.importer)
                return import_reply(jobs, viewer, wanted, wait_s, folder)

            reply = await viewer.in_thread(work)
            kept = True
        except RunicornError as error:
            if isinstance(error, Problem) and error.status == 413:
                raise  # the limit of bodies answers by itself
            reply = _problem(error, folder)
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)
        assert isinstance(reply.body, bytes)
        return Response(reply.body, reply.status, dict(reply.headers), reply.media_type)

    return Route("/api/import/upload", upload, methods=["POST"])


def _request(request: Request, folder: Path) -> tuple[ImportRequest, float]:
    """:raises RunicornError: a parameter is unknown, missing or unusable."""
    given = request.query_params
    for name in given:
        if name not in _KNOWN:
            raise Problem(400, "parameter-unknown", f"there is no parameter {name!r}", name=name)
    name = check_segment("name", given.get("name", ""))
    asked = given.get("on_conflict", "skip")
    conflict: Conflict | None = next((one for one in get_args(Conflict) if one == asked), None)
    if conflict is None:
        raise InvalidArgument("on_conflict", asked, "must be skip, update, rename or overwrite")
    project = given.get("project")
    if project is not None:
        check_project(project)
    options = dict(_option(text) for text in given.getlist("option"))
    preview = given.get("preview", "false") in ("", "1", "true")
    try:
        wait_s = min(30.0, max(0.0, float(given.get("wait_s", "2"))))
    except ValueError:
        raise InvalidArgument("wait_s", given["wait_s"], "must be a number of seconds") from None
    return ImportRequest(folder / name, given.get("from"), options, conflict, project, preview), wait_s


def _option(text: str) -> tuple[str, str]:
    name, parted, value = text.partition("=")
    if not parted:
        raise InvalidArgument("option", text, "must look like name=value")
    return name, value


def _problem(error: RunicornError, folder: Path) -> Reply:
    status, code, more = 400, "import-refused", {}
    if isinstance(error, Problem):
        status, code, more = error.status, error.code, error.parameters
    elif isinstance(error, ImportProblem):
        status, code = 422, "import-problem"
    elif isinstance(error, (InvalidArgument, UnsafePath)):
        code = "unsafe-path" if isinstance(error, UnsafePath) else "invalid-argument"
    detail = str(error).replace(f"{folder}/", "")  # where the file is kept meanwhile is nothing to whoever sent it
    document = {"type": "about:blank", "title": "The import was refused", "status": status, "detail": detail}
    return Reply(dumps({**document, "code": code, **more}), status, "application/problem+json")
