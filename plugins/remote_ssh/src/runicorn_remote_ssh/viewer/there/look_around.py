# Runs on the other machine: which Pythons are there, and which of them have Runicorn?
# Standard library only; any Python from 3.5 on can read it. Prints one line of JSON between two marks.
# Arguments: the mark, the storage root that will be looked at (or nothing).

import json
import os
import select
import subprocess
import sys
import threading
import time

LIMIT_S = 12.0  # for everything
ASK_S = 8.0  # for one Python
FOLDERS = 2000  # looked at, at most
PACKAGES = ("runicorn-core", "runicorn-viewer-http", "runicorn")
ASK = """
import json, sys
said = {"version": list(sys.version_info[:3]), "prefix": sys.prefix, "base": getattr(sys, "base_prefix", sys.prefix)}
try:
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec
    found = {}
    for name in %r:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    said["packages"] = found
    said["venv"] = find_spec("venv") is not None
    import sysconfig
    said["platform"] = sysconfig.get_platform()
    said["implementation"] = sys.implementation.name
except Exception:
    said["packages"] = {}
print(json.dumps(said))
""" % (PACKAGES,)


def listed(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def python_in(prefix):
    for name in ("python3", "python"):
        path = os.path.join(prefix, "bin", name)
        if os.access(path, os.X_OK):
            return path
    return None


class Search:
    def __init__(self, root):
        self.home = os.path.expanduser("~")
        self.root = root
        self.found = []  # (kind, name, python)
        self.seen = set()
        self.left = FOLDERS
        self.deadline = time.time() + LIMIT_S / 3

    def prefix(self, kind, prefix, name=None):
        python = python_in(prefix)
        if python is None:
            return
        key = os.path.join(os.path.realpath(os.path.dirname(python)), "")
        if key not in self.seen:
            self.seen.add(key)
            self.found.append((kind, name or os.path.basename(prefix.rstrip("/")), python))

    def children(self, kind, folder):
        for name in listed(folder):
            self.prefix(kind, os.path.join(folder, name))

    def everything(self):
        env, home = os.environ, self.home
        data = env.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
        for name in listed(os.path.join(data, "runicorn", "remote")):
            if os.path.exists(os.path.join(data, "runicorn", "remote", name, "complete.json")):
                self.prefix("private", os.path.join(data, "runicorn", "remote", name))
        for variable, kind in (("VIRTUAL_ENV", "venv"), ("CONDA_PREFIX", "conda")):
            if env.get(variable):
                self.prefix(kind, env[variable])
        self.beside_root()
        self.conda()
        for folder in (
            env.get("WORKON_HOME"),
            "~/.virtualenvs",
            "~/.venvs",
            "~/venvs",
            "~/envs",
            "~/.local/share/virtualenvs",
        ):
            if folder:
                self.children("venv", os.path.expanduser(folder))
        self.projects(home, 0)
        for folder in (os.path.join(data, "uv", "tools"), env.get("UV_TOOL_DIR") or ""):
            self.children("uv", folder)
        for folder in ("~/.local/share/pipx/venvs", "~/.local/pipx/venvs"):
            self.children("pipx", os.path.expanduser(folder))
        self.children("uv", env.get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python"))
        self.children("pyenv", os.path.join(env.get("PYENV_ROOT") or os.path.join(home, ".pyenv"), "versions"))
        self.system()

    def beside_root(self):
        folder = os.path.abspath(os.path.expanduser(self.root)) if self.root else self.home
        for _ in range(6):
            for name in (".venv", "venv", "env"):
                if os.path.exists(os.path.join(folder, name, "pyvenv.cfg")):
                    self.prefix("venv", os.path.join(folder, name), os.path.join(os.path.basename(folder), name))
            if folder in (self.home, os.path.dirname(folder)):
                return
            folder = os.path.dirname(folder)

    def conda(self):
        try:
            with open(os.path.join(self.home, ".conda", "environments.txt"), errors="replace") as lines:
                listed_there = [line.strip() for line in lines if line.strip()]
        except OSError:
            listed_there = []
        bases = []
        for above in (self.home, "/opt", "/usr/local"):
            for name in (
                "miniconda3",
                "anaconda3",
                "miniforge3",
                "mambaforge",
                "micromamba",
                "conda",
                "miniconda",
                "anaconda",
            ):
                bases.append(os.path.join(above, name))
        for variable in ("CONDA_EXE", "MAMBA_EXE"):
            if os.environ.get(variable):
                bases.insert(0, os.path.dirname(os.path.dirname(os.environ[variable])))
        if os.environ.get("MAMBA_ROOT_PREFIX"):
            bases.insert(0, os.environ["MAMBA_ROOT_PREFIX"])
        for base in bases:
            if os.path.isdir(os.path.join(base, "conda-meta")):
                self.prefix("conda", base, "base")
            self.children("conda", os.path.join(base, "envs"))
        self.children("conda", os.path.join(self.home, ".conda", "envs"))
        for prefix in listed_there:
            self.prefix("conda", prefix)

    def projects(self, folder, depth):
        """Environments in folders of projects, two levels below home."""
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        below = []
        for entry in sorted(entries, key=lambda entry: entry.name):
            self.left -= 1
            if self.left < 0 or time.time() > self.deadline:
                return
            try:
                if not entry.is_dir(follow_symlinks=False):
                    continue
            except OSError:
                continue
            if os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                self.prefix("venv", entry.path, os.path.relpath(entry.path, self.home))
            elif not entry.name.startswith("."):
                below.append(entry.path)
        if depth < 2:
            for path in below:
                self.projects(path, depth + 1)

    def system(self):
        names = ["python3"] + ["python3.%d" % minor for minor in range(30, 5, -1)] + ["python"]
        places = os.environ.get("PATH", "").split(os.pathsep) + ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        for place in places:
            if not place or place.rstrip("/").endswith("shims"):
                continue
            for name in names:
                path = os.path.join(place, name)
                if not os.access(path, os.X_OK):
                    continue
                where = os.path.join(os.path.realpath(place), "")
                real = os.path.realpath(path)
                if real in self.seen or where in self.seen:
                    continue
                self.seen.add(real)
                self.found.append(("system", name, path))


def asked(python):
    try:
        process = subprocess.Popen(
            [python, "-c", ASK], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/"
        )
    except OSError as error:
        return {"error": str(error)}
    try:
        out = process.communicate(timeout=ASK_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"error": "did not answer within %d s" % ASK_S}
    try:
        return json.loads(out.decode("utf-8", "replace").strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": "said nothing that can be understood"}


def ask_all(found):
    answers = [None] * len(found)
    waiting = list(range(len(found)))[::-1]
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                number = waiting.pop()
            answers[number] = asked(found[number][2])

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    deadline = time.time() + LIMIT_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.time()))
    return answers


def free_bytes(folder):
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    try:
        there = os.statvfs(folder)
    except (OSError, AttributeError):
        return None
    return there.f_bavail * there.f_frsize


def looked_at(root):
    """The storage root as a full path, and whether there is such a folder; None where none was named."""
    if not root:
        return None
    path = os.path.abspath(os.path.expanduser(root))
    return {"path": path, "folder": os.path.isdir(path)}


def leave_with_the_client():
    """End when the other end of standard output has gone: nobody would read what is found."""
    try:
        poll = select.poll()
        poll.register(1, 0)
        while not poll.poll(1000):
            pass
        os._exit(1)
    except (AttributeError, OSError):
        pass  # a system without it


def main():
    threading.Thread(target=leave_with_the_client, daemon=True).start()
    mark = sys.argv[1] if len(sys.argv) > 1 else ""
    root = sys.argv[2] if len(sys.argv) > 2 else ""
    search = Search(root)
    search.everything()
    environments, seen = [], set()
    for (kind, name, python), answer in zip(search.found, ask_all(search.found)):  # noqa: B905 (is new)
        answer = answer or {"error": "did not answer in time"}
        # one Python under several names: a system's python3 and python3.11
        key = (answer.get("prefix"), kind == "system" and tuple(answer.get("version", ())))
        if kind == "system" and answer.get("prefix") and key in seen:
            continue
        seen.add(key)
        environments.append(dict(answer, kind=kind, name=name, python=python))
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(search.home, ".local", "share")
    runtime = os.environ.get("XDG_RUNTIME_DIR") or ""
    import platform

    said = {
        "environments": environments,
        "root": looked_at(root),
        "python": list(sys.version_info[:3]),
        "home": search.home,
        "data": data,
        "runtime": runtime if runtime and os.access(runtime, os.W_OK) else None,
        "uid": os.getuid() if hasattr(os, "getuid") else None,
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": list(platform.libc_ver()),
        "free": free_bytes(data),
    }
    text = json.dumps(said)  # ASCII: what locale is set over there does not matter
    sys.stdout.write("\n" + mark + text + mark + "\n")
    sys.stdout.flush()


main()
