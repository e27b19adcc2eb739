"""What logging media costs the thread that trains: the copy and its place in the queue. Encoding happens elsewhere.

    .venv/bin/python bench/media.py        CPU time of the calling thread, beside copying the same bytes

Medians of 32 values that follow each other (the queue takes 64), and of values that come alone: then the encoder has
just run on the same cores, and caches are cold. Copying the bytes is measured under the same circumstances: fresh
copies in a row, and one into memory that is there already, after the encoder.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

CALLS = 200
LIMIT_US = 100.0  # for an image of 224 x 224


def cost(call: Callable[[], object], settle: Callable[[], object], together: int) -> float:
    """Microseconds of CPU, median.

    :param together: so many calls follow each other, then ``settle`` waits for the encoder.
    """
    took = []
    for _ in range(CALLS // together):
        for _ in range(together):
            before = time.thread_time_ns()
            call()
            took.append(time.thread_time_ns() - before)
        settle()
    return statistics.median(took) / 1000


def main() -> int:
    import numpy as np
    import PIL.Image
    import runicorn as rn

    pixels = np.random.default_rng(0).integers(0, 255, (224, 224, 3), dtype=np.uint8)
    floats = np.random.default_rng(0).random((224, 224, 3), dtype=np.float32)
    rows = [{"id": n, "text": f"sample {n}", "score": n / 7} for n in range(1000)]
    values: dict[str, tuple[Any, Any]] = {
        "image 224 x 224 x 3, bytes": (rn.Image(pixels), pixels),
        "image 224 x 224 x 3, float32": (rn.Image(floats), floats),
        "image 224 x 224, Pillow": (PIL.Image.fromarray(pixels), pixels),
        "image with a mask and 20 boxes": (
            rn.Image(
                pixels, boxes=[{"box": (1, 2, 30, 40), "label": "x"}] * 20, masks={"m": np.zeros((224, 224), np.uint8)}
            ),
            pixels,
        ),
        "audio, 1 s at 16 kHz": (rn.Audio(np.zeros(16_000, np.float32), 16_000), np.zeros(16_000, np.float32)),
        "histogram of 100 000 values": (rn.Histogram(np.zeros(100_000, np.float32)), np.zeros(100_000, np.float32)),
        "table of 1000 dicts": (rn.Table(rows), np.zeros(0)),
        "text of 1000 characters": (rn.Text("a" * 1000), np.zeros(0)),
    }
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        run = rn.init("bench", storage=folder, capture_env=False)
        for name, (value, raw) in values.items():
            wait = lambda: run._media.drain(time.monotonic() + 60)  # noqa: E731
            run.log({name: value})
            wait()
            log = lambda: run.log({name: value})  # noqa: B023, E731 (called at once)
            alone, together = cost(log, wait, 1), cost(log, wait, 32)
            kept: list[Any] = []
            floor = cost(lambda: kept.append(raw.copy()), kept.clear, 32)  # noqa: B023 (called at once)
            place = raw.copy()
            encode = lambda: (log(), wait())  # noqa: B023, E731 (called at once)
            cold = cost(lambda: np.copyto(place, raw), encode, 1)  # noqa: B023 (called at once)
            said = f"{together:8.1f} us ({alone:6.1f} us alone); copying its bytes {floor:6.1f} us ({cold:6.1f} us)"
            print(f"{name:32} {said}")
            if name.startswith("image"):
                worst = max(worst, together)
        run.finish()
    print(f"the most expensive image of 224 x 224 costs {worst:.1f} us (limit {LIMIT_US:g})")
    return int(worst > LIMIT_US)


if __name__ == "__main__":
    sys.exit(main())
