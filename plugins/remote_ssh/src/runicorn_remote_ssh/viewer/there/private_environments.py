# Runs on the other machine: the environments that installations from elsewhere have made, and removing some of them.
# Standard library only; any Python from 3.5 on can read it. Prints one line of JSON between two marks.
# Arguments: the mark, then names to remove (nothing: only list). One that a process runs from is never removed.

import json
import os
import shutil
import subprocess
import sys

SIZED = 100000  # files that are looked at for one size


def folder():
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(data, "runicorn", "remote")


def programs():
    """The executables that processes of this user run, as they were called."""
    found = []
    if os.path.isdir("/proc/self"):
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open("/proc/%s/cmdline" % name, "rb") as file:
                        found.append(os.fsdecode(file.read().split(b"\0")[0]))
                except OSError:
                    pass
        return found
    try:
        said = subprocess.check_output(["ps", "-ww", "-A", "-o", "command="], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return found
    return said.decode("utf-8", "replace").splitlines()


def size(path):
    total, left = 0, SIZED
    for above, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(above, name)).st_size
            except OSError:
                pass
            left -= 1
        if left < 0:
            break
    return total


def described(above, name, running):
    path = os.path.join(above, name)
    made = None
    try:
        with open(os.path.join(path, "complete.json")) as file:
            made = json.load(file).get("made")
    except (OSError, ValueError):
        pass
    inside = os.path.join(path, "")
    return {
        "name": name,
        "path": path,
        "complete": made is not None,
        "made": made or os.path.getmtime(path),
        "bytes": size(path),
        "in_use": any(program.startswith(inside) for program in running),
    }


def main():
    above, removing = folder(), sys.argv[2:]
    running = programs()
    found, removed = [], []
    for name in sorted(os.listdir(above)) if os.path.isdir(above) else []:
        path = os.path.join(above, name)
        if os.path.islink(path) or not os.path.isdir(path):
            continue
        one = described(above, name, running)
        if name in removing and not one["in_use"]:
            shutil.rmtree(path, ignore_errors=True)
            if not os.path.exists(path):
                removed.append(name)
                continue
        found.append(one)
    sys.stdout.write("\n" + sys.argv[1] + json.dumps({"environments": found, "removed": removed}) + sys.argv[1] + "\n")
    sys.stdout.flush()


main()
