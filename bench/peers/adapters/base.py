"""Base class of a tracker adapter.

One file per peer.  A class named `Adapter` in adapters/<name>.py.  The driver runs it only
inside that peer's own venv, through worker.py, so an adapter may import its SDK freely
(but only inside load() or later: import time is measured).
"""
import os


def venv(name):
    """Folder of a tracker's virtual environment; setup.sh makes it."""
    return os.path.join(os.environ.get("BENCH_HOME", os.path.expanduser("~/.cache/runicorn-bench")), "venv-" + name)


def own_venv():
    """The checkout's own environment: ours and the floors need no other."""
    return os.environ.get("RUNICORN_VENV", os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, ".venv"))


class Base:
    venv = None            # folder of the virtual environment
    env = {}               # extra environment; "{root}" is replaced
    n_log5 = 20000         # calls in test b (lowered for peers that need minutes)
    n_log100 = 2000
    n_conc = 5000
    n_fill = 1_000_000
    n_runs = 1000
    can_read = True        # has some reader of what was logged
    server_path = "/"
    note = ""

    def load(self):
        """import the SDK"""

    def start(self, root, project, name, config=None):
        raise NotImplementedError

    def logger(self, run):
        """-> callable(dict, step) that is the tool's own log call, as thin as possible"""
        raise NotImplementedError

    def stop(self, run):
        raise NotImplementedError

    def fill(self, run, n, deadline):
        """store n points of the single metric m0; returns the number stored"""
        import time
        log = self.logger(run)
        for i in range(n):
            log({"m0": (i * 7919 % 10007) / 10007.0 + i * 1e-7}, i)
            if i % 2000 == 0 and time.monotonic() > deadline:
                return i + 1
        return n

    def count(self, root, project, keys):
        """{key: number of points readable over all runs of the project}"""
        raise NotImplementedError

    def read(self, root, project, key):
        """load every point of one metric of the one run; -> number of points"""
        return self.count(root, project, [key])[key]

    def list_runs(self, root, project):
        """list the runs with their last values; -> (n runs, n summary values)"""
        return None

    def server(self, root, port):
        """-> argv of the local viewer, or None"""
        return None

    def ui_series(self, base, root, project, key):
        """the request(s) the viewer's page makes to draw one metric: list of (method, url, body)"""
        return None

    def ui_points(self, payload):
        """number of points in the answer of ui_series"""
        return None


def du(root):
    total = 0
    for d, _, fs in os.walk(root):
        for f in fs:
            try:
                total += os.lstat(os.path.join(d, f)).st_size
            except OSError:
                pass
    return total
