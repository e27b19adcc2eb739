# Runs on the other machine: ends a viewer by its process id, if it is the one that was started for this session.
# Arguments: a mark, the process id, the session's id. Prints "gone", or "foreign" where the id is another's by now.

import os
import signal
import subprocess
import sys
import time


def command_of(pid):
    """The arguments of a process of this user; empty where there is none."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read().decode("utf-8", "replace").split("\0")
    except OSError:
        pass
    if os.path.isdir("/proc/self"):
        return []
    try:
        said = subprocess.check_output(["ps", "-ww", "-o", "command=", "-p", str(pid)], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return []
    return said.decode("utf-8", "replace").split()


def ours(pid, session):
    command = command_of(pid)
    return "--session" in command and session in command and "viewer" in command


def main():
    pid, session = int(sys.argv[2]), sys.argv[3]
    if command_of(pid) and not ours(pid, session):
        print("foreign")
        return
    for number, seconds in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)):
        if ours(pid, session):
            try:
                os.kill(pid, number)
            except OSError:
                pass
        deadline = time.time() + seconds
        while time.time() < deadline:
            if not ours(pid, session):
                print("gone")
                return
            time.sleep(0.05)


main()
