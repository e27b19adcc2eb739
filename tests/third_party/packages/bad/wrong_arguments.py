"""Takes an argument that the hook does not give."""

from runicorn.hookspecs import hookimpl

RUNICORN_API = 1


@hookimpl
def run_started(run: object, nonsense: object) -> None:
    """Observe, or rather not."""
