"""Floor 1: orjson.dumps + one os.write per call, to one file per run."""
import glob
import os
from .base import Base, own_venv


class Adapter(Base):
    venv = own_venv()

    def load(self):
        global orjson
        import orjson

    def start(self, root, project, name, config=None):
        d = os.path.join(root, project)
        os.makedirs(d, exist_ok=True)
        return os.open(os.path.join(d, name + ".jsonl"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def logger(self, run):
        import time
        dumps, write, now = orjson.dumps, os.write, time.time
        NL = orjson.OPT_APPEND_NEWLINE

        def log(m, step):
            write(run, dumps({"t": now(), "s": step, "m": m}, option=NL))
        return log

    def stop(self, run):
        os.close(run)

    def count(self, root, project, keys):
        out = dict.fromkeys(keys, 0)
        for f in glob.glob(os.path.join(root, project, "*.jsonl")):
            with open(f, "rb") as fh:
                for line in fh:
                    if line.endswith(b"\n"):
                        m = orjson.loads(line)["m"]
                        for k in keys:
                            if k in m:
                                out[k] += 1
        return out

    def read(self, root, project, key):
        xs, ys = [], []
        for f in glob.glob(os.path.join(root, project, "*.jsonl")):
            with open(f, "rb") as fh:
                for line in fh:
                    r = orjson.loads(line)
                    if key in r["m"]:
                        xs.append(r["s"])
                        ys.append(r["m"][key])
        return len(xs)

    def list_runs(self, root, project):
        n = v = 0
        for f in glob.glob(os.path.join(root, project, "*.jsonl")):
            with open(f, "rb") as fh:
                last = {}
                for line in fh:
                    last.update(orjson.loads(line)["m"])
            n += 1
            v += len(last)
        return n, v
