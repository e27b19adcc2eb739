"""A real notebook kernel: cells, progress bars, child processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from textwrap import dedent

from runicorn.hooks import open_store

#: Runs cells in a kernel and prints what a notebook shows below them.
CLIENT = """
import json, sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
shown = []
try:
    for cell in json.load(sys.stdin):
        client.execute(cell)
        while True:
            message = client.get_iopub_msg(timeout=60)
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append([content["name"], content["text"]])
            elif message["msg_type"] == "error":
                shown.append(["error", "\\n".join(content["traceback"])])
            elif content.get("execution_state") == "idle":
                break
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps(shown))
"""

CELLS = [
    """
    import subprocess, sys, time
    import runicorn as rn
    from runicorn_console import descriptors
    descriptors.DRAIN_S = descriptors.CATCH_UP_S = 60.0  # a loaded machine
    run = rn.init("notebook", capture_env=False, capture_console=True)
    def settle(text):  # until it is in the log; below the cell it comes at the same time
        while text not in "".join(file.read_text() for file in run.dir.glob("logs*.txt")): time.sleep(0.01)
        time.sleep(0.5)
    print("first cell")
    subprocess.run(["sh", "-c", "echo child of the first cell"]); settle("child of the first cell")
    """,
    """
    subprocess.run(["sh", "-c", "echo child; echo child error >&2"]); settle("stderr | child error")
    for n in range(3):
        print(f"\\r{n}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print("half a ", end="")
    """,
    """
    print("line")
    run.finish()
    print("not in the log")
    assert type(sys.stdout).__name__ == "OutStream"
    """,
]


def test_a_notebook_is_captured_and_shows_what_it_showed(environment: Mapping[str, str]) -> None:
    cells = json.dumps([dedent(cell) for cell in CELLS])
    # with it, a kernel leaves what children write alone
    own = {key: value for key, value in environment.items() if key != "PYTEST_CURRENT_TEST"}
    done = subprocess.run(
        [sys.executable, "-c", CLIENT], input=cells, env=own, capture_output=True, text=True,
        check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout.splitlines()[-1])
    assert [text for kind, text in shown if kind == "error"] == []
    out = "".join(text for kind, text in shown if kind == "stdout")
    assert out == "first cell\nchild of the first cell\nchild\nhalf a line\nnot in the log\n"
    (record,) = open_store().list_runs()
    lines = [(line.stream, line.text) for line in open_store().open_run(record.ref).logs().lines]
    assert sorted(lines) == sorted([
        ("stdout", "first cell"), ("stdout", "child of the first cell"), ("stdout", "child"),
        ("stderr", "child error"), ("stderr", "2"), ("stdout", "half a line"),
    ])  # fmt: skip
