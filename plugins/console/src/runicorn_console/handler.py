"""``run.get_logging_handler()``: records of ``logging`` in the run's log, with their levels."""

from __future__ import annotations

import logging
from typing import Protocol

from runicorn import security
from runicorn.security import may_show_secrets


class LogsText(Protocol):
    """The part of a run that the handler needs."""

    def log_text(self, text: str, *, stream: str = "text") -> None: ...


class RunHandler(logging.Handler):
    """Writes each record as lines of the stream ``log/<level>``."""

    def __init__(self, run: LogsText, level: int | str = logging.NOTSET, *, redacting: bool = True) -> None:
        super().__init__(level)
        self._run, self._redacting = run, redacting

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            if self._redacting and may_show_secrets(text):
                text = security.redact_output(text)
            self._run.log_text(text, stream=f"log/{record.levelname.lower()}")
        except Exception:  # noqa: BLE001 (a message that cannot be formatted is logging's to report)
            self.handleError(record)


def get_logging_handler(run: LogsText, level: int | str = logging.NOTSET) -> logging.Handler:
    """A handler for ``logging`` that keeps records in the run's log, as stream ``log/<level>``::

        logging.getLogger().addHandler(run.get_logging_handler())

    A record is on disk when the call that logged it returns. In a forked child it stands in a file of the child's own.

    :param level: records below it are left out.
    """
    from runicorn.config import load_config
    from runicorn.errors import ConfigError

    from .settings import ConsoleSection

    try:
        redacting = load_config().section("console", ConsoleSection).redact
    except ConfigError:  # broken since init(): nothing raises into training
        redacting = True
    handler = RunHandler(run, level, redacting=redacting)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    return handler
