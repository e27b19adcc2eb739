"""Questions of a host at a terminal: answered there, and ended by Ctrl-C at once."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from runicorn_remote_ssh.known_hosts import KnownHosts

from .conftest import Sshd


@pytest.fixture
def locked_out(sshd: Sshd, home: Path) -> list[str]:
    """A command for a host that asks for a password."""
    sshd.trust(KnownHosts(home / ".ssh" / "known_hosts"))
    return [sys.executable, "-m", "runicorn", "remote", "ls", f"ssh://{sshd.user}@127.0.0.1:{sshd.port}"]


def test_ctrl_c_at_a_question_ends_the_command_and_leaves_the_terminal_as_it_was(locked_out: list[str]) -> None:
    ours, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    with subprocess.Popen(locked_out, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stderr is not None
        said = b""
        while b"assword" not in said:
            said += (read := os.read(command.stderr.fileno(), 4096))
            assert read, said
        command.send_signal(signal.SIGINT)
        try:
            assert command.wait(60) != 0
        finally:
            command.kill()
        assert b"Traceback" not in command.stderr.read()
    assert termios.tcgetattr(terminal) == before
    os.close(ours)
    os.close(terminal)


def test_what_is_typed_where_a_host_asks_is_not_shown_and_reaches_it(locked_out: list[str], sshd: Sshd) -> None:
    ours, terminal = pty.openpty()
    with subprocess.Popen(locked_out, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stderr is not None
        said = b""
        for _ in range(3):
            while b"assword" not in said:
                said += (read := os.read(command.stderr.fileno(), 4096))
                assert read, said
            assert f"({sshd.user}@127.0.0.1)".encode() in said  # on the way there may be hosts with others
            said = b""
            os.write(ours, b"not this one\n")
        assert command.wait(60) != 0
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):  # nothing came back from the terminal: no echo
        os.read(ours, 4096)
    os.close(ours)
    os.close(terminal)
