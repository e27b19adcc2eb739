"""Committing artifacts, beside what any store must do: read, hash and copy the files. ``python -m bench artifacts``."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MB = 1 << 20


def make_files(folder: Path, files: int, size: int) -> None:
    folder.mkdir(parents=True)
    block = os.urandom(size)
    for number in range(files):
        (folder / f"{number:05d}.bin").write_bytes(number.to_bytes(8, "little") + block[8:])


def floor(source: Path, target: Path) -> float:
    """Hash and copy every file, on as many threads as there are cores."""
    target.mkdir(parents=True)

    def one(file: Path) -> None:
        digest, copy = hashlib.sha256(), target / file.name
        with file.open("rb") as reading, copy.open("wb") as writing:
            while piece := reading.read(MB):
                digest.update(piece)
                writing.write(piece)

    began = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, sorted(source.iterdir())))
    return time.perf_counter() - began


def commit(root: Path, source: Path, name: str) -> float:
    import runicorn as rn

    artifact = rn.Artifact(name).add_dir(source) if source.is_dir() else rn.Artifact(name).add_file(source)
    began = time.perf_counter()
    rn.log_artifact(artifact, storage=root)
    return time.perf_counter() - began


def stored(root: Path) -> int:
    return sum(file.stat().st_size for file in (root / "artifacts" / "objects").rglob("*") if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--mb", type=int, default=1, help="size of a file")
    parser.add_argument("--checkpoint-mb", type=int, default=1024)
    parser.add_argument("--work", type=Path, help="a folder on the disk that is to be measured")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="artifacts-bench-", dir=chosen.work))
    os.environ["RUNICORN_HOME"] = str(work / "home")
    try:
        source = work / "source"
        make_files(source, chosen.files, chosen.mb * MB)
        time.sleep(2.5)  # else the files are too young for the hash cache
        print(f"{chosen.files} files of {chosen.mb} MB")
        for number in range(chosen.rounds):
            base = floor(source, work / f"floor{number}")
            root = work / f"root{number}"
            shutil.rmtree(work / "home", ignore_errors=True)
            first = commit(root, source, "data")
            second = commit(root, source, "data")
            print(
                f"  floor {base:.2f} s   first {first:.2f} s ({base / first:.0%} of its speed)   "
                f"unchanged {second:.3f} s ({second / first:.1%})"
            )
            shutil.rmtree(work / f"floor{number}")
            shutil.rmtree(root)
        checkpoint = work / "checkpoint.bin"
        root = work / "root"
        with checkpoint.open("wb") as file:
            for _ in range(chosen.checkpoint_mb):
                file.write(os.urandom(MB))
        took = commit(root, checkpoint, "net")
        before = stored(root)
        with checkpoint.open("r+b") as file:
            file.seek(chosen.checkpoint_mb // 2 * MB + 12345)
            file.write(os.urandom(chosen.checkpoint_mb * MB // 100))
        again = commit(root, checkpoint, "net")
        added = stored(root) - before
        print(f"checkpoint of {chosen.checkpoint_mb} MB: {took:.2f} s")
        print(f"  1 % of it changed: {again:.2f} s, {added / before:.2%} more on disk")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
