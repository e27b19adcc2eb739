"""Committing artifacts, beside what any store must do: read, hash and copy the files. ``python -m bench artifacts``.

What others write to the disk, and who else computes, changes such times by a factor of three. So every round measures
the floor and the commit in turn, the two changing places, each after everything that was written before is on the disk;
the medians of the rounds count, and CPU time stands beside the clock's.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from .artifact_peers import disk_bytes, measure_peers

MB = 1 << 20


class Took(NamedTuple):
    wall: float
    cpu: float


def make_files(folder: Path, files: int, size: int) -> None:
    folder.mkdir(parents=True)
    block = os.urandom(size)
    for number in range(files):
        (folder / f"{number:05d}.bin").write_bytes(number.to_bytes(8, "little") + block[8:])


def make_checkpoint(file: Path, size_mb: int) -> None:
    with file.open("wb") as writing:
        for _ in range(size_mb):
            writing.write(os.urandom(MB))


def change_a_hundredth(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as writing:
        writing.seek(size // 2 + 12345)
        writing.write(os.urandom(size // 100))


def floor(source: Path, target: Path) -> None:
    """Hash and copy every file, on as many threads as there are cores."""
    target.mkdir(parents=True)

    def one(file: Path) -> None:
        digest, copy = hashlib.sha256(), target / file.name
        with file.open("rb") as reading, copy.open("wb") as writing:
            while piece := reading.read(MB):
                digest.update(piece)
                writing.write(piece)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, sorted(source.iterdir())))


def commit(root: Path, source: Path, name: str) -> None:
    import runicorn as rn

    artifact = rn.Artifact(name).add_dir(source) if source.is_dir() else rn.Artifact(name).add_file(source)
    rn.log_artifact(artifact, storage=root)


def timed(what: Callable[[], None]) -> Took:
    """On a disk that has nothing left to write."""
    os.sync()
    began, cpu = time.perf_counter(), time.process_time()
    what()
    return Took(time.perf_counter() - began, time.process_time() - cpu)


def rounds_of(work: Path, source: Path, rounds: int) -> None:
    floors, firsts, seconds = [], [], []
    for number in range(rounds):
        root, copy = work / f"root{number}", work / f"floor{number}"
        shutil.rmtree(work / "home", ignore_errors=True)
        acts = [
            lambda copy=copy: floors.append(timed(lambda: floor(source, copy))),
            lambda root=root: firsts.append(timed(lambda: commit(root, source, "data"))),
        ]
        for act in acts if number % 2 == 0 else reversed(acts):
            act()
        seconds.append(timed(lambda root=root: commit(root, source, "data")))
        base, first, second = floors[-1], firsts[-1], seconds[-1]
        print(
            f"  floor {base.wall:.2f} s (CPU {base.cpu:.2f})   first {first.wall:.2f} s (CPU {first.cpu:.2f})   "
            f"unchanged {second.wall:.3f} s (CPU {second.cpu:.3f})   load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        shutil.rmtree(copy)
        shutil.rmtree(root)
    speed = statistics.median(base.wall / first.wall for base, first in zip(floors, firsts, strict=True))
    work_done = statistics.median(base.cpu / first.cpu for base, first in zip(floors, firsts, strict=True))
    again = statistics.median(second.wall / first.wall for first, second in zip(firsts, seconds, strict=True))
    print(f"  median of {rounds}: {speed:.0%} of the floor's speed, {work_done:.0%} by CPU time; unchanged {again:.1%}")


def checkpoints(work: Path, size_mb: int) -> None:
    checkpoint, root = work / "checkpoint.bin", work / "root"
    make_checkpoint(checkpoint, size_mb)
    first = timed(lambda: commit(root, checkpoint, "net"))
    before = disk_bytes(root / "artifacts" / "objects")
    change_a_hundredth(checkpoint)
    again = timed(lambda: commit(root, checkpoint, "net"))
    added = disk_bytes(root / "artifacts" / "objects") - before
    print(f"checkpoint of {size_mb} MB: {first.wall:.2f} s (CPU {first.cpu:.2f})")
    print(f"  1 % of it changed: {again.wall:.2f} s (CPU {again.cpu:.2f}), {added / before:.2%} more on disk")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--mb", type=int, default=1, help="size of a file")
    parser.add_argument("--checkpoint-mb", type=int, default=1024)
    parser.add_argument("--work", type=Path, help="a folder on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", action="store_true", help="dvc, MLflow and wandb too (bench/peers/setup.sh)")
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="artifacts-bench-", dir=chosen.work))
    os.environ["RUNICORN_HOME"] = str(work / "home")
    try:
        source = work / "source"
        make_files(source, chosen.files, chosen.mb * MB)
        time.sleep(2.5)  # else the files are too young for the hash cache
        print(f"{chosen.files} files of {chosen.mb} MB")
        if chosen.peers:
            checkpoint = work / "checkpoint.bin"
            make_checkpoint(checkpoint, chosen.checkpoint_mb)
            time.sleep(2.5)
            measure_peers(work, source, checkpoint, chosen.rounds, change_a_hundredth)
        else:
            rounds_of(work, source, chosen.rounds)
            checkpoints(work, chosen.checkpoint_mb)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
