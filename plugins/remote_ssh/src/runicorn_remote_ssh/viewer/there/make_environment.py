# Runs on the other machine, with the Python that the environment is made from: makes it, and fills it from wheels.
# Arguments: a mark, the folder, "index" or "wheels", a module that can be imported afterwards, then the names of
# wheels in FOLDER/wheels to install.
# Prints one line of JSON between marks: {"python": ...} or {"error": kind, "detail": ...}. What fails is removed,
# unless only the packages of others were out of reach ("no-index"): they may come another way.

import errno
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OLD_S = 3600.0


class Failed(Exception):
    def __init__(self, kind, detail):
        Exception.__init__(self, detail)
        self.kind, self.detail = kind, detail


def clean(above, keep):
    """Remove what an earlier installation that was cut off has left."""
    for name in os.listdir(above):
        path = os.path.join(above, name)
        try:
            old = time.time() - os.path.getmtime(path) > OLD_S
        except OSError:
            continue
        if path != keep and old and not os.path.exists(os.path.join(path, "complete.json")):
            shutil.rmtree(path, ignore_errors=True)


def nobody_waits():
    """Whether the other end of standard output has gone: the line is down, or whoever asked was killed."""
    poll = select.poll()
    poll.register(1, 0)
    return bool(poll.poll(0))


def given_up(*_):
    raise Failed("gone", "whoever asked has gone")


def call(argv, kind, **more):
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PYTHONNOUSERSITE="1")
    environment.update(more)
    environment.pop("PYTHONHOME", None)
    environment.pop("PYTHONPATH", None)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                if nobody_waits():
                    given_up()
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if process.returncode == 0:
        return
    if "No space left on device" in said or "Disk quota exceeded" in said:
        raise Failed("full", said[-300:])
    raise Failed(kind, said.strip()[-600:])


def main():
    signal.signal(signal.SIGTERM, given_up)
    folder, source, proof, names = sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
    wheels = os.path.join(folder, "wheels")
    python = os.path.join(folder, "bin", "python")
    clean(os.path.dirname(folder), folder)
    if not os.path.exists(python):
        call([sys.executable, "-m", "venv", "--without-pip", folder], "venv")
    pips = [name for name in os.listdir(wheels) if name.startswith("pip-")]
    if pips:
        pip = [python, os.path.join(wheels, pips[0], "pip")]
    else:
        if not os.path.exists(os.path.join(folder, "bin", "pip")):
            call([python, "-m", "ensurepip", "--default-pip"], "no-pip")
        pip = [python, "-m", "pip"]
    packages = [os.path.join(wheels, name) for name in names]
    if source == "wheels":
        address = pathlib.Path(wheels).as_uri()  # pip takes several of them, with spaces in between
        call(pip + ["install"] + packages, "no-wheels", PIP_NO_INDEX="1", PIP_FIND_LINKS=address)
    else:
        call(pip + ["install", "--only-binary", ":all:", "--retries", "1", "--timeout", "10"] + packages, "no-index")
    call([python, "-c", "import " + proof], "broken")
    shutil.rmtree(wheels, ignore_errors=True)
    with open(os.path.join(folder, "complete.json.new"), "w") as file:
        json.dump({"made": time.time(), "packages": names}, file)
    os.rename(file.name, os.path.join(folder, "complete.json"))
    return {"python": python}


def run():
    folder = sys.argv[2]
    try:
        said = main()
    except Failed as failed:
        said = {"error": failed.kind, "detail": failed.detail}
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = {"error": "full" if full else "system", "detail": str(error)}
    if said.get("error") not in (None, "no-index"):
        shutil.rmtree(folder, ignore_errors=True)
    print("\n" + sys.argv[1] + json.dumps(said) + sys.argv[1])


run()
