"""Runicorn, this checkout, default settings (the files of storage-jsonl)."""
import json
import os
from .base import Base, own_venv


class Adapter(Base):
    venv = own_venv()
    env = {"RUNICORN_HOME": "{root}/home", "RUNICORN_DIR": "{root}/runs", "RUNICORN_RUN__CAPTURE_ENV": "off"}

    def load(self):
        global rn
        import runicorn as rn

    def start(self, root, project, name, config=None):
        return rn.init(project, name, params=config)

    def logger(self, run):
        f = run.log

        def log(m, step):
            f(m, step=step)
        return log

    def stop(self, run):
        run.finish()

    def _store(self):
        from runicorn.hooks import open_store
        return open_store()

    def count(self, root, project, keys):
        store = self._store()
        out = dict.fromkeys(keys, 0)
        for record in store.list_runs():
            for one in store.open_run(record.ref).series():
                if one.key in out:
                    out[one.key] += one.n
        return out

    def read(self, root, project, key):
        store = self._store()
        (record,) = store.list_runs()
        (table,) = store.read_metrics([record.ref], [key])
        return len(table.columns[key].values)

    def list_runs(self, root, project):
        store = self._store()
        n = v = 0
        for record in store.list_runs():
            v += len(store.open_run(record.ref).series())
            n += 1
        return n, v

    def server(self, root, port):
        return [self.venv + "/bin/runicorn", "viewer", "--port", str(port), "--no-open"]

    def ui_series(self, base, root, project, key):
        (record,) = self._store().list_runs()
        return [("GET", f"{base}/api/metrics/{record.ref.id}?keys={key}&buckets=1000", None)]

    def ui_points(self, payload):
        return len(json.loads(payload)["rows"])

    def ui_list(self, base, project):
        return [("GET", f"{base}/api/experiments", None)]

    def ui_list_n(self, payload):
        return len(json.loads(payload))
