"""The lid is closed for a minute: real waiting times, a real server in a network of its own, a cable that is pulled.

Nearly all of it is waiting; its file stands early among the others, so that they compute meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import httpx
import pytest
from runicorn_remote_ssh.pool import SSHConnectionPool
from runicorn_remote_ssh.prompts import NoPrompts
from runicorn_remote_ssh.viewer.line import SSHLine
from runicorn_remote_ssh.viewer.manager import RemoteViewerManager

from .conftest import Sshd

CUT_S = 60.0


@pytest.mark.timeout(300)
def test_after_a_minute_without_network_the_same_viewer_is_at_the_same_address_for_whoever_waits_there(
    sshd: Sshd, pool: SSHConnectionPool, cable: Callable[[bool], None], tmp_path: Path
) -> None:
    answers: list[int] = []
    states: list[str] = []

    async def check() -> None:
        sshd.trust(pool.known_hosts)
        manager = RemoteViewerManager()
        try:
            connection = await pool.connect(sshd.config(), prompts=NoPrompts())
            connection.watch(lambda one: states.append(str(one.state)))
            session = await manager.start(SSHLine(connection), str(tmp_path), python=sys.executable)
            assert session.viewer is not None
            url, pid = session.tunnel.url, session.viewer.pid
            async with httpx.AsyncClient(base_url=url, timeout=60) as page:
                cable(False)
                mended_at = monotonic() + CUT_S
                while monotonic() < mended_at:
                    answers.append((await page.get("/api/health")).status_code)
                    await asyncio.sleep(2)  # as an open page does
                assert (session.state, Path(f"/proc/{pid}").exists()) == ("reconnecting", True)
                cable(True)
                while (await page.get("/api/health")).status_code != 200:
                    await asyncio.sleep(2)
            assert (session.tunnel.url, session.viewer.pid) == (url, pid)
            assert any(entry.event == "viewer-returned" for entry in session.progress.log)
            await manager.stop(session.id)
        finally:
            await manager.close()
            await pool.close_all()

    asyncio.run(asyncio.wait_for(check(), 280))
    assert set(answers) == {503}
    assert "up" in states[states.index("reconnecting") :]
