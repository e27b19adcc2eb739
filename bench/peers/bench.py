#!/usr/bin/env python3
"""One workload through all adapters, interleaved.  Standard library only.

  python bench.py                          all tests, all adapters, 5 repetitions
  python bench.py -t log5,crash -a trackio,runicorn07 -r 3
  python bench.py --report                 print the table of results/*.jsonl again

Tests: import life log5 log100 crash crashtree paced conc  (per repetition, in the order A B C ... A B C ...)
       read list serve                                     (one store is built per adapter, then read interleaved)
Each adapter runs in its own venv in a fresh process on a fresh folder of --work.  Two floors run in every session.
"""
import argparse
import http.client
import importlib
import json
import os
import shutil
import signal
import socket
import statistics as st
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from adapters.base import du, venv  # noqa: E402  (found only once the path above is set)

ALL = ["floor_orjson", "floor_json", "ours", "runicorn07", "trackio", "aim", "mlflow_sqlite", "mlflow_async", "mlflow_file", "swanlab_off",
       "wandb_off", "tbx", "neptune_off", "goodseed_local", "dvclive", "minfx_off"]   # pluto_off: needs its server even with the sync process off


def adapter(name):
    return importlib.import_module("adapters." + name).Adapter()


class Bench:
    def __init__(self, a):
        self.a = a
        self.res = os.path.join(a.results, "results.jsonl")
        os.makedirs(a.results, exist_ok=True)
        os.makedirs(a.work, exist_ok=True)
        self.ix = 0

    def env(self, A, root):
        e = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ")}
        e["HOME"] = root + "/home"
        e["BENCH_HOME"] = os.path.dirname(venv(""))  # a worker looks for its environment too, and has another home
        e["PYTHONDONTWRITEBYTECODE"] = ""
        for k, v in A.env.items():
            e[k] = v.replace("{root}", root)
        os.makedirs(e["HOME"], exist_ok=True)
        return e

    def root(self, name):
        self.ix += 1
        r = os.path.join(self.a.work, f"{name}-{os.getpid()}-{self.ix}")
        os.makedirs(r)
        return r

    def worker(self, name, test, root, timeout=600, wait=True, **kw):
        A = adapter(name)
        out = os.path.join(self.a.work, f"out-{os.getpid()}-{name}-{test}-{time.monotonic_ns()}.json")
        argv = [A.venv + "/bin/python", os.path.join(HERE, "worker.py"), name, test, "--root", root, "--out", out]
        for k, v in kw.items():
            argv += ["--" + k, str(v)]
        log = open(os.path.join(self.a.results, f"log-{name}.txt"), "ab")
        log.write(f"\n=== {test} {kw}\n".encode())
        log.flush()
        p = subprocess.Popen(argv, env=self.env(A, root), cwd=root, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                             start_new_session=True)
        p.outfile = out
        if not wait:
            return p
        try:
            rc = p.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)     # the session this call made
            p.wait()
            return {"error": "timeout", "rc": -9}
        d = {"rc": rc}
        if os.path.exists(out):
            d.update(json.load(open(out)))
            os.unlink(out)
        elif rc not in (0, -9):
            d["error"] = f"rc={rc}"
        return d

    def emit(self, **kw):
        kw["at"] = time.time()
        kw["load1"] = os.getloadavg()[0]
        with open(self.res, "a") as f:
            f.write(json.dumps(kw) + "\n")
        keys = ("import_s", "init_s", "finish_s", "mean_us", "p50_us", "p99_us", "max_ms", "total_s", "rows", "bytes", "s", "n", "wall_s",
                "first200_s", "rss_mb", "points", "error")
        print(f"{kw['test']:9s} {kw['adapter']:15s} " + " ".join(
            f"{k}={kw[k]:.4g}" if isinstance(kw.get(k), float) else f"{k}={kw[k]}" for k in keys if kw.get(k) is not None), flush=True)

    # ---- tests
    def t_import(self, name, A):
        r = self.root(name)
        d = self.worker(name, "import", r)
        self.emit(test="import", adapter=name, **d)
        shutil.rmtree(r, True)

    def t_life(self, name, A):
        r = self.root(name)
        d = self.worker(name, "life", r)
        self.emit(test="life", adapter=name, **d)
        shutil.rmtree(r, True)

    def _log(self, name, test, n, keys):
        r = self.root(name)
        d = self.worker(name, "log", r, n=n, keys=keys)
        b = du(r)
        c = self.worker(name, "count", r, keys=keys)
        d.update(rows=c.get("rows"), bytes=b, bytes_per_value=b / (n * keys))
        if c.get("error"):
            d["error"] = c["error"]
        self.emit(test=test, adapter=name, **d)
        shutil.rmtree(r, True)

    def t_log5(self, name, A):
        self._log(name, "log5", A.n_log5, 5)

    def t_log100(self, name, A):
        self._log(name, "log100", A.n_log100, 100)

    def _crash(self, name, test, kind, n, gap=0.0):
        r = self.root(name)
        d = self.worker(name, kind, r, n=n, keys=5, gap=gap)
        time.sleep(2.5)
        c = self.worker(name, "count", r, keys=5)
        self.emit(test=test, adapter=name, n=n, rows=c.get("rows"), count=c.get("count"), rc=d.get("rc"),
                  error=c.get("error") or d.get("error"))
        shutil.rmtree(r, True)

    def t_crash(self, name, A):
        self._crash(name, "crash", "crash", A.n_log5)

    def t_crashtree(self, name, A):
        self._crash(name, "crashtree", "crashtree", A.n_log5)

    def t_paced(self, name, A):
        self._crash(name, "paced", "crashtree", 300, 0.01)

    def t_concwarm(self, name, A):
        """as conc, but the store was made by one earlier run, so that no first-start race is measured"""
        self.t_conc(name, A, warm=True)

    def t_conc(self, name, A, warm=False):
        r = self.root(name)
        if warm:
            self.worker(name, "life", r, run="warm")
        t0 = time.perf_counter()
        ps = [self.worker(name, "log", r, wait=False, n=A.n_conc, keys=5, run=f"r{i}") for i in range(8)]
        bad = 0
        fails = []
        for p in ps:
            try:
                rc = p.wait(max(1, 300 - (time.perf_counter() - t0)))
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                rc = p.wait()
            bad += rc != 0
        wall = time.perf_counter() - t0
        lat = []
        for p in ps:
            if os.path.exists(p.outfile):
                lat.append(json.load(open(p.outfile)))
                os.unlink(p.outfile)
        c = self.worker(name, "count", r, keys=5)
        self.emit(test="concwarm" if warm else "conc", adapter=name, wall_s=wall, n=8 * A.n_conc, rows=c.get("rows"), failed=bad,
                  p50_us=st.median(x["p50_us"] for x in lat) if lat else None,
                  p99_us=st.median(x["p99_us"] for x in lat) if lat else None,
                  max_ms=max(x["max_ms"] for x in lat) if lat else None,
                  init_s=max(x["init_s"] for x in lat) if lat else None,
                  finish_s=max(x["finish_s"] for x in lat) if lat else None,
                  error=c.get("error"))
        shutil.rmtree(r, True)

    # ---- stores that are built once
    def store(self, name, kind):
        A = adapter(name)
        r = os.path.join(self.a.work, f"store-{kind}-{name}")
        mark = r + ".json"
        if os.path.exists(mark):
            return r, json.load(open(mark))
        shutil.rmtree(r, True)
        os.makedirs(r)
        if kind == "fill":
            d = self.worker(name, "fill", r, timeout=400, n=A.n_fill, limit=self.a.limit)
        else:
            d = self.worker(name, "mkruns", r, timeout=400, n=A.n_runs, limit=self.a.limit)
        if hasattr(A, "_index"):
            t0 = time.perf_counter()
            A._index(r)
            d["index_s"] = time.perf_counter() - t0
        d["bytes"] = du(r)
        json.dump(d, open(mark, "w"))
        self.emit(test="build-" + kind, adapter=name, **d)
        return r, d

    def build(self, names):
        for n in names:
            self.store(n, "fill")
            self.store(n, "runs")

    def read(self, names):
        for n in names:
            self.store(n, "fill")
        for rep in range(self.a.reps):
            for n in names:
                r, d = self.store(n, "fill")
                if d.get("error"):
                    continue
                x = self.worker(n, "read", r, timeout=240)
                self.emit(test="read", adapter=n, rep=rep, **x)

    def list(self, names):
        for n in names:
            self.store(n, "runs")
        for rep in range(self.a.reps):
            for n in names:
                r, d = self.store(n, "runs")
                x = self.worker(n, "listruns", r, timeout=240)
                self.emit(test="list", adapter=n, rep=rep, made=d.get("n"), **x)

    def http(self, method, url, body=None, timeout=120):
        u = urllib.parse.urlsplit(url)
        c = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout)
        h = {}
        if body is not None:
            body = json.dumps(body)
            h["Content-Type"] = "application/json"
        c.request(method, u.path + ("?" + u.query if u.query else ""), body, h)
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, data

    def serve(self, names):
        for rep in range(self.a.reps):
            for n in names:
                A = adapter(n)
                for kind in ("fill", "runs"):
                    r, d = self.store(n, kind)
                    s = socket.socket()
                    s.bind(("127.0.0.1", 0))
                    port = s.getsockname()[1]
                    s.close()
                    argv = A.server(r, port)
                    if not argv:
                        continue
                    log = open(os.path.join(self.a.results, f"log-{n}.txt"), "ab")
                    t0 = time.perf_counter()
                    p = subprocess.Popen(argv, env=self.env(A, r), cwd=r, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         start_new_session=True)
                    base = f"http://127.0.0.1:{port}"
                    out = dict(test="serve-" + kind, adapter=n, rep=rep)
                    try:
                        while time.perf_counter() - t0 < 90:
                            try:
                                code, _ = self.http("GET", base + A.server_path, timeout=30)
                                if code == 200:
                                    break
                            except OSError:
                                pass
                            if p.poll() is not None:
                                raise RuntimeError(f"server exited {p.returncode}")
                            time.sleep(0.02)
                        out["first200_s"] = time.perf_counter() - t0
                        out["rss0_mb"] = self.rss(p.pid)
                        plan = self.worker(n, "uiplan", r, n=port, keys=1 if kind == "fill" else 2)
                        reqs = plan.get("series") if kind == "fill" else plan.get("runs")
                        if n == "tbx":
                            time.sleep(20 if kind == "fill" else 8)   # it loads in the background
                        for which in ("cold", "warm"):
                            if reqs:
                                t1 = time.perf_counter()
                                size = 0
                                for m, url, body in reqs:
                                    code, data = self.http(m, url, body)
                                    size += len(data)
                                    out[which + "_code"] = code
                                out[which + "_s"] = time.perf_counter() - t1
                                out["payload"] = size
                                try:
                                    out["points"] = A.ui_points(data) if kind == "fill" else A.ui_list_n(data)
                                except Exception as e:
                                    out["error"] = repr(e)[:100] + data[:80].decode("utf8", "replace")
                        out["rss_mb"] = self.rss(p.pid)
                        out["peak_mb"] = self.rss(p.pid, peak=True)
                    except Exception as e:
                        out["error"] = repr(e)[:200]
                    finally:
                        try:
                            os.killpg(p.pid, signal.SIGTERM)   # the session made above
                            p.wait(10)
                        except Exception:
                            pass
                        try:
                            os.killpg(p.pid, signal.SIGKILL)
                        except OSError:
                            pass
                        p.wait()
                    self.emit(**out)

    @staticmethod
    def rss(pid, peak=False):
        """RSS (or its high-water mark) of every process of the session started with pid, in MB"""
        tot = 0
        for d in os.listdir("/proc"):
            if d.isdigit():
                try:
                    with open(f"/proc/{d}/stat") as f:
                        f4 = f.read().rsplit(")", 1)[1].split()
                    if int(f4[3]) == pid:
                        if peak:
                            with open(f"/proc/{d}/status") as f:
                                tot += next(int(x.split()[1]) for x in f if x.startswith("VmHWM")) * 1024
                        else:
                            tot += int(f4[21]) * 4096
                except OSError:
                    pass
        return tot / 1e6


def med(v):
    v = [x for x in v if isinstance(x, (int, float))]
    return st.median(v) if v else None


def report(path):
    rows = [json.loads(x) for x in open(path)]
    by = {}
    for r in rows:
        by.setdefault((r["test"], r["adapter"]), []).append(r)
    tests = []
    for t, _ in by:
        if t not in tests:
            tests.append(t)
    cols = {
        "import": ["import_s"], "life": ["init_s", "finish_s"],
        "log5": ["init_s", "mean_us", "p50_us", "p99_us", "max_ms", "finish_s", "total_s", "cpu_s", "rss_mb", "bytes_per_value", "rows", "n"],
        "log100": ["mean_us", "p50_us", "p99_us", "max_ms", "finish_s", "total_s", "cpu_s", "bytes_per_value", "rows", "n"],
        "crash": ["rows", "n"], "crashtree": ["rows", "n"], "paced": ["rows", "n"],
        "conc": ["wall_s", "rows", "n", "failed", "init_s", "p50_us", "p99_us", "max_ms", "finish_s"],
        "concwarm": ["wall_s", "rows", "n", "failed", "init_s", "p50_us", "p99_us", "max_ms", "finish_s"],
        "build-fill": ["n", "log_s", "finish_s", "bytes"], "build-runs": ["n", "s", "bytes"],
        "read": ["n", "s", "rss_mb"], "list": ["made", "s"],
        "serve-fill": ["first200_s", "rss0_mb", "cold_s", "warm_s", "points", "payload", "rss_mb", "peak_mb"],
        "serve-runs": ["first200_s", "rss0_mb", "cold_s", "warm_s", "points", "payload", "rss_mb", "peak_mb"],
    }
    for t in tests:
        c = cols.get(t, [])
        print(f"\n### {t}   (median [min..max of the first column], k repetitions)")
        print(f"{'adapter':16s} k  " + " ".join(f"{x:>11s}" for x in c) + "   range")
        for a in ALL + ["swanlab_local"]:
            rs = by.get((t, a))
            if not rs:
                continue
            vals = [med([r.get(x) for r in rs]) for x in c]
            first = c[1] if t.startswith("log") else c[0]
            f = [r[first] for r in rs if isinstance(r.get(first), (int, float))]
            err = next((r["error"] for r in rs if r.get("error")), "")
            print(f"{a:16s} {len(rs):2d} " + " ".join(f"{'-' if v is None else format(v, '.4g') if isinstance(v, float) else v:>11}" for v in vals)
                  + (f"   {min(f):.4g}..{max(f):.4g}" if f else "") + ("   ! " + err[:90] if err else ""))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("-a", "--adapters", default=",".join(ALL))
    ap.add_argument("-t", "--tests", default="import,life,log5,log100,crash,crashtree,paced,conc,read,list,serve")
    ap.add_argument("-r", "--reps", type=int, default=5)
    ap.add_argument("--limit", type=float, default=170, help="seconds allowed to build a store")
    ap.add_argument("--work", default=os.path.join(os.environ.get("BENCH_HOME", os.path.expanduser("~/.cache/runicorn-bench")), "work"))
    ap.add_argument("--results", default=os.path.join(HERE, "results"))
    ap.add_argument("--report", action="store_true")
    a = ap.parse_args()
    b = Bench(a)
    if a.report:
        return report(b.res)
    names = [n for n in a.adapters.split(",") if n]
    for t in a.tests.split(","):
        if t in ("build", "read", "list", "serve"):
            getattr(b, t)(names)
            continue
        for rep in range(a.reps):
            for n in names:
                getattr(b, "t_" + t)(n, adapter(n))
    report(b.res)


if __name__ == "__main__":
    main()
