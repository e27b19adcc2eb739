"""SIGKILL directly after the last ``log()`` returned: is every call read back?

.venv/bin/python bench/kill.py           ten times each: one process, 4 threads, 4 forks, 4 processes on one run
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading

CALLS = 20_000


def write(shape: str, root: str) -> None:
    """Log CALLS calls in the given shape, then die by SIGKILL with everything that was started."""
    import runicorn as rn

    run = rn.init("kill", "one", storage=root, run_id="kill", resume="allow", capture_env=False)

    def burst(calls: int) -> None:
        for _ in range(calls):
            run.log({"loss": 0.5, "accuracy": 0.25})

    if shape in ("one", "processes"):
        burst(CALLS if shape == "one" else CALLS // 4)
    elif shape == "threads":
        threads = [threading.Thread(target=burst, args=(CALLS // 4,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif shape == "forks":
        children = []
        for _ in range(4):
            child = os.fork()
            if child == 0:
                burst(CALLS // 4)
                os.kill(os.getpid(), signal.SIGKILL)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
    os.kill(os.getpid(), signal.SIGKILL)


def read_back(root: str) -> int:
    from runicorn.hooks import open_store

    store = open_store(root)
    return sum(
        one.n for record in store.list_runs() for one in store.open_run(record.ref).series() if one.key == "loss"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write(*arguments.write)
    for shape in ("one", "threads", "forks", "processes"):
        complete = 0
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as root:
                os.environ["RUNICORN_HOME"] = root + "/home"
                command = [sys.executable, __file__, "--write", shape, root]
                started = [subprocess.Popen(command) for _ in range(4 if shape == "processes" else 1)]
                ended = [process.wait() for process in started]
                complete += read_back(root) == CALLS and all(code == -signal.SIGKILL for code in ended)
        print(f"{shape:9s} {complete} of {arguments.rounds} rounds complete ({CALLS} calls each)", flush=True)


if __name__ == "__main__":
    main()
