"""Write the folders of ten thousand finished runs into the root given, as so many runs would have left them."""

import json
import sys
from pathlib import Path

RUNS = 10_000
BEGIN = 1_760_000_000

folder = Path(sys.argv[1]) / "many" / "sweep" / "runs"
folder.mkdir(parents=True)
for number in range(RUNS):
    run = folder / f"run-{number:05d}"
    run.mkdir()
    created = BEGIN + number * 60
    meta = {
        "runicorn_format": 1,
        "id": run.name,
        "project": "many",
        "name": "sweep",
        "created_at": created,
        "hostname": "h",
    }
    (run / "meta.json").write_text(json.dumps(meta), "utf-8")
    status = {
        "status": "failed" if number % 10 == 0 else "finished",
        "started_at": created,
        "ended_at": created + 30 + number,
    }
    (run / "status.json").write_text(json.dumps(status), "utf-8")
