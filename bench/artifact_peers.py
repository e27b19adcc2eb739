"""One commit of files by one tool, each in a fresh process of that tool's own environment: ``bench.artifacts --peers``.

Run as a program it commits: ``python artifact_peers.py TOOL STORE SOURCE NAME``.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

TOOLS = ("runicorn", "dvc", "mlflow", "wandb")
ACTS = ("first", "unchanged", "checkpoint", "1 % changed")


# --- In the tool's own process


def runicorn(store: Path, source: Path, name: str) -> Callable[[], object]:
    import runicorn as rn

    artifact = rn.Artifact(name)
    artifact.add_dir(source) if source.is_dir() else artifact.add_file(source)
    return lambda: rn.log_artifact(artifact, storage=store)


def dvc(store: Path, source: Path, _: str) -> Callable[[], object]:
    """``dvc add`` of a folder in a git repository, as its users have it: its cache holds copies (or reflinks)."""
    from dvc.repo import Repo

    base = source.parent
    if not (base / ".git").exists():
        subprocess.run(["git", "init", "-q", str(base)], check=True)
    if not (base / ".dvc").exists():
        Repo.init(str(base))
        with (base / ".dvc" / "config").open("a", encoding="utf-8") as file:
            file.write(f"[core]\nanalytics = false\n[cache]\ndir = {store}\n")
    repo = Repo(str(base))
    return lambda: repo.add(str(source))


def mlflow(store: Path, source: Path, name: str) -> Callable[[], object]:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{store}/mlflow.db")
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=(store / "artifacts").as_uri())
    mlflow.set_experiment(name)

    def act() -> None:
        with mlflow.start_run():
            mlflow.log_artifacts(str(source)) if source.is_dir() else mlflow.log_artifact(str(source))

    return act


def wandb(store: Path, source: Path, name: str) -> Callable[[], object]:
    import wandb

    run = wandb.init(project="bench", mode="offline", dir=str(store), settings=wandb.Settings(console="off"))

    def act() -> None:
        artifact = wandb.Artifact(name, type="data")
        artifact.add_dir(str(source)) if source.is_dir() else artifact.add_file(str(source))
        run.log_artifact(artifact)
        run.finish()
        wandb.teardown()  # its service ends, and its CPU time is counted

    return act


def main() -> None:
    tool, store, source, name = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    act = {"runicorn": runicorn, "dvc": dvc, "mlflow": mlflow, "wandb": wandb}[tool](store, source, name)
    before, began = _cpu(), time.perf_counter()
    act()
    print("took " + json.dumps([time.perf_counter() - began, _cpu() - before]))


def _cpu() -> float:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


# --- In the harness


def measure_peers(work: Path, source: Path, checkpoint: Path, rounds: int, change: Callable[[Path], None]) -> None:
    """Every tool in turn, as often as there are rounds, each time in an empty store; the medians."""
    found: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    pristine = work / "pristine.bin"
    shutil.copyfile(checkpoint, pristine)
    for _ in range(rounds):
        for tool in TOOLS:
            store = work / f"store-{tool}"
            store.mkdir()
            shutil.copyfile(pristine, checkpoint)
            time.sleep(2.5)
            for what in ACTS:
                if what == "1 % changed":
                    change(checkpoint)
                before = disk_bytes(store)
                path, name = (source, "data") if what in ("first", "unchanged") else (checkpoint, "net")
                took = _one(work, tool, store, path, name)
                found.setdefault((tool, what), []).append((*took, disk_bytes(store) - before))
                print(f"  {tool:9} {what:12} {took[0]:8.2f} s   CPU {took[1]:7.2f} s", flush=True)
            shutil.rmtree(store)
            for left in (".dvc", ".git", ".dvcignore", ".gitignore", "source.dvc", "checkpoint.bin.dvc"):
                shutil.rmtree(work / left, ignore_errors=True)
                (work / left).unlink(missing_ok=True)
    print("\n| | " + " | ".join(ACTS) + " |\n|---|" + "---|" * len(ACTS))
    for tool in TOOLS:
        cells = []
        for what in ACTS:
            wall, cpu, disk = (statistics.median(column) for column in zip(*found[tool, what], strict=True))
            cells.append(f"{wall:.1f} s, CPU {cpu:.1f} s, {disk / 1e6:.0f} MB")
        print(f"| {tool} | " + " | ".join(cells) + " |")


def _one(work: Path, tool: str, store: Path, source: Path, name: str) -> tuple[float, float]:
    os.sync()
    home = Path(os.environ.get("BENCH_HOME", Path.home() / ".cache" / "runicorn-bench"))
    python = sys.executable if tool == "runicorn" else str(home / f"venv-{tool}" / "bin" / "python")
    environ = {
        **os.environ,
        "RUNICORN_HOME": str(store / "home"),
        "WANDB_DATA_DIR": str(store / "data"),
        "WANDB_CACHE_DIR": str(store / "cache"),
        "WANDB_CONFIG_DIR": str(store / "config"),
        "WANDB_SILENT": "true",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(store / "site"),
        "HOME": str(store),
    }
    command = [python, str(Path(__file__).absolute()), tool, str(store), str(source), name]
    done = subprocess.run(command, env=environ, cwd=work, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("took ")]
    if done.returncode or not lines:
        raise SystemExit(f"{tool}: {done.stderr.strip()[-2000:]}")
    wall, cpu = json.loads(lines[-1].removeprefix("took "))
    return wall, cpu


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take; one that has several names counts once."""
    seen = {}
    for place, _, names in os.walk(folder):
        for name in names:
            stat = os.lstat(os.path.join(place, name))
            seen[stat.st_dev, stat.st_ino] = stat.st_blocks * 512
    return sum(seen.values())


if __name__ == "__main__":
    main()
