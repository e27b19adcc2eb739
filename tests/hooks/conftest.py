"""Each test has a plugin manager of its own, with the installed plugins and what the test adds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runicorn.loader import Manager, use_manager


@pytest.fixture
def plugins() -> Iterator[Manager]:
    with use_manager(Manager()) as manager:
        yield manager
