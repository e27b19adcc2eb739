"""What a real process prints stands in its run's log, and still where it went before."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from runicorn.hooks import open_store

Run = Callable[..., Any]


def test_everything_from_the_first_line_on_is_there_and_on_the_terminal_too(printed: Run) -> None:
    done = printed("""
        print("first")
        print("to stderr", file=sys.stderr)
        subprocess.run(["sh", "-c", "echo child; echo child error >&2"])
        os.write(1, b"descriptor\\n")
        sys.stdout.buffer.write(b"buffer\\n"); sys.stdout.flush()
        print("\\x1b[31mred\\x1b[0m")
        for percent in range(101):
            print(f"\\r{percent}%", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        print("no newline", end="")
    """)
    assert sorted(done.lines()) == sorted([
        ("stdout", "first"), ("stderr", "to stderr"), ("stdout", "child"), ("stderr", "child error"),
        ("stdout", "descriptor"), ("stdout", "buffer"), ("stdout", "\x1b[31mred\x1b[0m"), ("stderr", "100%"),
        ("stdout", "no newline"),
    ])  # fmt: skip
    assert done.out == "first\nchild\ndescriptor\nbuffer\n\x1b[31mred\x1b[0m\nno newline"
    assert done.err.startswith("to stderr\nchild error\n\r0%\r1%")
    assert done.err.endswith("\r100%\n")
    assert done.troubles() == []


def test_what_a_child_printed_stands_before_what_is_printed_afterwards(printed: Run) -> None:
    done = printed("""
        for n in range(20):
            subprocess.run(["sh", "-c", f"echo child {n}"])
            print("parent", n)
    """)
    expected = [text for n in range(20) for text in (f"child {n}", f"parent {n}")]
    assert [text for _, text in done.lines()] == expected
    assert done.out.splitlines() == expected


@pytest.mark.parametrize(
    ("end", "code"),
    [("raise RuntimeError('it broke')", 1), ("sys.exit(3)", 3), ("os.kill(os.getpid(), signal.SIGTERM)", -15)],
    ids=["exception", "exit", "sigterm"],
)
def test_it_survives_every_way_to_end(printed: Run, end: str, code: int) -> None:
    done = printed(f"print('half a line', end='')\n{end}")
    assert done.code == code
    assert ("stdout", "half a line") in done.lines()
    if code == 1:
        assert ("stderr", "RuntimeError: it broke") in done.lines()
        assert "RuntimeError: it broke" in done.err


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_lines_that_were_printed_survive_a_sudden_end(printed: Run, end: str) -> None:
    done = printed(f"for n in range(1000): print('line', n)\n{end}")
    assert [text for _, text in done.lines()] == [f"line {n}" for n in range(1000)]
    assert done.out.splitlines() == [f"line {n}" for n in range(1000)]


def test_a_forked_child_has_a_log_file_of_its_own(printed: Run) -> None:
    done = printed("""
        print("before")
        if not (pid := os.fork()):
            print("in the child")
            os.system("echo from the child of the child")
            os._exit(0)
        os.waitpid(pid, 0)
        print("after")
    """)
    parent, child = done.log_files()
    assert child == "stdout | in the child\n"
    assert sorted(parent.splitlines()) == [
        "stdout | after", "stdout | before", "stdout | from the child of the child",
    ]  # fmt: skip
    assert sorted(done.out.splitlines()) == ["after", "before", "from the child of the child", "in the child"]


def test_bars_that_are_done_stand_before_what_is_printed_afterwards(printed: Run) -> None:
    done = printed("""
        for outer in range(3):
            for inner in range(5):
                for text in (f"\\router {outer}", "\\n", f"\\rinner {inner}", "\\x1b[A"):
                    sys.stderr.write(text); sys.stderr.flush()
        sys.stderr.write("\\router done\\n"); sys.stderr.flush()
        print("after")
        print("the end", file=sys.stderr)
    """)
    lines = [text for _, text in done.lines()]
    assert lines[-4:] == ["outer done", "inner 4", "after", "the end"]
    assert len(lines) == 5  # the first state of the outer bar, before it was known that the cursor goes up


def test_a_pool_of_processes_prints(printed: Run) -> None:
    done = printed("""
        import multiprocessing
        def work(n):
            print("worker", n)
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                pool.map(work, range(20))
                pool.close(); pool.join()
    """)
    assert sorted(done.lines()) == sorted(("stdout", f"worker {n}") for n in range(20))


def test_a_child_that_outlives_the_run_goes_on_printing(printed: Run) -> None:
    done = printed("""
        printing = ["sh", "-c", "echo early; echo there >&2; read x; echo late"]
        child = subprocess.Popen(printing, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stderr.readline()
        run.finish()
        print("after the run", flush=True)
        child.communicate(b"go\\n")
        while "runicorn-console" in {thread.name for thread in threading.enumerate()}: time.sleep(0.01)
    """)
    assert done.lines() == [("stdout", "early")]
    assert done.out.splitlines() == ["early", "after the run", "late"]


def test_finish_gives_everything_back(printed: Run) -> None:
    done = printed("""
        def state():
            return [(os.fstat(n).st_dev, os.fstat(n).st_ino) for n in (1, 2)], sorted(vars(sys.stdout)), sys.stdout
        def settle():
            while any(thread.name.startswith("runicorn") for thread in threading.enumerate()): time.sleep(0.01)
        run.finish()
        settle()
        before, descriptors = state(), len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            with rn.init("console", capture_env=False, capture_console=True) as again:
                print("captured")
                assert state()[0] != before[0]
        settle()
        assert state() == before, (state(), before)
        assert len(os.listdir("/proc/self/fd")) == descriptors
    """)
    assert done.code == 0, done.err


def test_of_two_runs_each_has_what_was_printed_in_its_time(printed: Run) -> None:
    done = printed("""
        print("outer")
        with rn.init("console", "inner", capture_env=False, capture_console=True) as inner:
            print("both")
            os.system("echo both, a child")
        print("outer again")
        print([[line.split("| ")[1] for line in (r.dir / "logs.txt").read_text().splitlines()] for r in (run, inner)])
    """)
    outer, inner = eval(done.out.splitlines()[-1])
    assert outer == ["outer", "both", "both, a child", "outer again"]
    assert inner == ["both", "both, a child"]


def test_threads_that_print_and_log_never_wait_for_each_other(printed: Run) -> None:
    done = printed("""
        def work(name):
            for n in range(500):
                print(name, n)
                run.log({name: n})
        threads = [threading.Thread(target=work, args=(f"t{k}",)) for k in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """)
    lines = [text for _, text in done.lines()]
    for k in range(6):
        assert [text for text in lines if text.startswith(f"t{k} ")] == [f"t{k} {n}" for n in range(500)]
    assert sorted(done.out.splitlines()) == sorted(lines)


def test_a_signal_handler_may_print(printed: Run) -> None:
    done = printed("""
        signal.signal(signal.SIGALRM, lambda *_: print("\\ntick"))
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for n in range(5000): sys.stdout.write(f"line {n}\\n")
        signal.setitimer(signal.ITIMER_REAL, 0)
    """)
    lines = [text for _, text in done.lines()]
    assert {f"line {n}" for n in range(5000)} <= set(lines)
    assert "tick" in lines


def test_more_than_a_pipe_holds_is_passed_on(printed: Run) -> None:
    done = printed(
        """
        subprocess.run([sys.executable, "-c", "for n in range(200_000): print('line', n)"])
    """,
        RUNICORN_CONSOLE__LINES_PER_SECOND="0",
    )
    assert done.out.splitlines() == [f"line {n}" for n in range(200_000)]
    assert len(done.lines()) == 100_000  # a page of them


def test_a_flood_is_cut_off_and_says_so(printed: Run) -> None:
    done = printed(
        """
        sys.stdout.write("".join(f"line {n}\\n" for n in range(500)))
        time.sleep(0.3)
        print("calm again")
    """,
        RUNICORN_CONSOLE__LINES_PER_SECOND="10",
    )
    lines = done.lines()
    assert lines[:100] == [("stdout", f"line {n}") for n in range(100)]
    assert ("stdout", "calm again") in lines
    (notice,) = [text for stream, text in lines if stream == "log/warning"]
    left_out = int(re.search(r"(\d+) lines are left out", notice)[1])  # type: ignore[index]
    assert left_out + sum(text.startswith("line") for _, text in lines) == 500
    assert any("more than 10 a second" in what for what in done.troubles())
    assert len(done.out.splitlines()) == 501


def test_a_closed_stdout_is_no_reason_to_fail(environment: Mapping[str, str], tmp_path: Path) -> None:
    program = (
        "import runicorn as rn, sys\nrun = rn.init('c', capture_env=False, capture_console=True)\n"
        "print('nowhere')\nprint('somewhere', file=sys.stderr)\n"
    )
    done = subprocess.run(
        ["sh", "-c", f"exec '{sys.executable}' -c \"$1\" >&-", "sh", program],
        env=dict(environment), stderr=subprocess.PIPE, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "somewhere\n")
    (record,) = open_store().list_runs()
    assert [line.text for line in open_store().open_run(record.ref).logs().lines] == ["somewhere"]


def test_a_reader_that_has_gone_is_met_as_it_would_be_without_us(environment: Mapping[str, str]) -> None:
    program = (
        "import runicorn as rn\nrun = rn.init('c', capture_env=False, capture_console=True)\n"
        "for n in range(100000): print(n)\n"
    )
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' -c \"$1\" | head -n 1", "bash", program],
        env=dict(environment), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout == "0\n"
    assert "BrokenPipeError" in done.stderr


def test_a_child_whose_reader_has_gone_ends_as_it_would_without_us(environment: Mapping[str, str]) -> None:
    program = (
        "import runicorn as rn, subprocess, sys\nrun = rn.init('c', capture_env=False, capture_console=True)\n"
        "code = subprocess.run(['yes']).returncode\nsys.stderr.write(f'ended by {-code}')\n"
    )
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -c \"$1\" | head -n 1", "bash", program],
        env=dict(environment), capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.stdout == "y\n"
    assert f"ended by {signal.SIGPIPE.value}" in done.stderr


def test_a_stream_that_leads_to_a_file_may_be_given_another_encoding(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    program = (
        "import runicorn as rn, sys\nrun = rn.init('c', capture_env=False, capture_console=True)\n"
        "print('ü', end=' ')\nsys.stdout.reconfigure(encoding='latin-1', errors='replace')\nprint('ü中')\n"
        "run.finish()\nprint('ö')\n"
    )
    variables = {**environment, "PYTHONIOENCODING": "utf-8"}
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", program], env=variables, stdout=out, check=True, timeout=200)
    assert (tmp_path / "out").read_bytes() == "ü ".encode() + "ü?\nö\n".encode("latin-1")
    (log,) = open_store().root.rglob("logs.txt")
    assert log.read_text(encoding="utf-8").rstrip().endswith("stdout | ü ü中")


def test_a_program_may_lead_its_output_elsewhere(printed: Run, tmp_path: Path) -> None:
    done = printed(f"""
        print("first")
        own = open({str(tmp_path / "own")!r}, "w")
        os.dup2(own.fileno(), 1)
        from runicorn_console.console import CONSOLE
        while any(channel.number == 1 for channel in CONSOLE._pump._channels):
            time.sleep(0.01)  # nobody can write to the pipe any more
        others = [open({str(tmp_path)!r} + f"/other{{n}}", "w") for n in range(20)]
        print("second", flush=True)
        os.system("echo third")
        run.finish()
        print("fourth", flush=True)
        os.system("echo fifth")
    """)
    assert (done.out, done.err) == ("first\n", "")
    assert (tmp_path / "own").read_text().split() == ["second", "third", "fourth", "fifth"]
    assert [(tmp_path / f"other{n}").read_text() for n in range(20)] == [""] * 20
    assert done.lines() == [("stdout", "first"), ("stdout", "second")]


def test_on_a_terminal_programs_still_see_a_terminal_of_its_size(environment: Mapping[str, str]) -> None:
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
    ask = "import os, sys; print(sys.stdout.isatty(), *os.get_terminal_size())"
    program = (
        "import runicorn as rn, subprocess, sys\nfrom runicorn_console import descriptors\n"
        "descriptors.DRAIN_S, descriptors._SETTLE_MS = 60.0, 300  # a loaded machine\n"
        "run = rn.init('c', capture_env=False, capture_console=True)\n"
        f"{ask}\nsubprocess.run([sys.executable, '-c', '{ask}'])\nrun.finish()\n{ask}\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], env=dict(environment), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # the end of a pseudo-terminal
        pass
    finally:
        os.close(ours)
    assert process.wait(60) == 0
    assert shown.decode().split("\r\n") == ["True 77 33"] * 3 + [""]
    (record,) = open_store().list_runs()
    assert [line.text for line in open_store().open_run(record.ref).logs().lines] == ["True 77 33"] * 2


def test_what_is_said_when_the_process_dies_reaches_the_terminal(printed: Run) -> None:
    done = printed("""
        import faulthandler
        faulthandler.enable()
        run.finish()
        run = rn.init("console", "again", capture_env=False, capture_console=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    """)
    assert done.code == -signal.SIGSEGV
    assert "Segmentation fault" in done.err


def test_descriptors_can_be_left_alone(printed: Run) -> None:
    done = printed("print('python')\nos.system('echo child')", RUNICORN_CONSOLE__DESCRIPTORS="false")
    assert done.lines() == [("stdout", "python")]
    assert sorted(done.out.splitlines()) == ["child", "python"]


def test_logging_goes_into_the_log_with_its_levels(printed: Run) -> None:
    done = printed("""
        import logging
        logger = logging.getLogger("training")
        logger.addHandler(run.get_logging_handler("WARNING"))
        logger.propagate = False
        logger.warning("slow: %d s", 3)
        logger.error("two\\nlines")
        logger.info("too low")
    """)
    assert done.lines() == [
        ("log/warning", "training: slow: 3 s"), ("log/error", "training: two"), ("log/error", "lines"),
    ]  # fmt: skip


SECRETS = """
    import logging
    token = "ghp_" + "a1B2" * 9
    print("cloning https://me:hunter2@example.org/x with", token)
    subprocess.run(["echo", "Authorization: Bearer abc" + "def123"])
    print("commit", "a1" * 20)
    logging.getLogger("x").addHandler(run.get_logging_handler())
    logging.getLogger("x").warning("%s", token)
"""


def test_secrets_are_on_the_terminal_and_not_in_the_log(printed: Run) -> None:
    token = "ghp_" + "a1B2" * 9
    done = printed(SECRETS)
    assert [text for _, text in done.lines()] == [
        "cloning https://example.org/x with ***",
        "Authorization: Bearer ***",
        "commit " + "a1" * 20,
        "x: ***",
    ]
    assert done.out.count(token) == 1
    kept = printed(SECRETS, RUNICORN_CONSOLE__REDACT="false", RUNICORN_DIR=str(done.root / "other"))
    assert token in kept.out
    assert "".join(path.read_text() for path in (done.root / "other").rglob("logs*.txt")).count(token) == 2


def test_whoever_waits_for_a_reader_that_fails_is_told_at_once(printed: Run) -> None:
    done = printed("""
        pump = descriptors.Pump([channel := descriptors.Channel(1, 0)], lambda source, text: None)
        def fail():
            os.write(2, b"failed\\n")
            raise OSError("no poll")
        pump._read_all = fail
        threading.excepthook = lambda what: None
        os.write(2, b"%r\\n" % pump.drain())
    """)
    assert done.err == "failed\nTrue\n"
