"""Log ten short runs into the root given: one diverges to NaN, one raises, all have texts and images."""

import math
import struct
import sys
import zlib

import runicorn as rn

STEPS = 300
NAMES = ["amber-fox", "base-resnet50", "quiet-lake", "vit-b-cosine", "swift-42", "lion-3e-4", "adamw-wd.1", "warm-dune"]


def picture(shade: int) -> bytes:
    """A PNG of 8 x 6 pixels in one shade of grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 8, 6, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([shade]) * 8) * 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def train(root: str, number: int, name: str) -> None:
    params = {"lr": 3e-4 * (number + 1), "optimizer": {"name": "adamw", "wd": 0.1}, "model": "resnet"}
    with rn.init("vision", "sweep", storage=root, run_id=name, params=params, tags=["sweep"]) as run:
        run.set_primary_metric("val/acc", "max")
        for step in range(1, STEPS + 1):
            loss = 2 * math.exp(-step / (80 + 10 * number)) + 0.1 * math.sin(step)
            if name == "lion-3e-4" and step > 150:
                loss = math.nan
            run.log({"train/loss": loss, "train/lr": 1e-3 / step}, step=step)
            if step % 10 == 0:
                run.log({"val/acc": 1 - loss / 3}, step=step)
                run.log_text(f"\x1b[32mepoch {step // 10}\x1b[0m loss {loss:.3f}")
            if step % 100 == 0:
                run.log_image("samples", picture(step // 2), step=step, caption=f"after {step}")
            if name == "adamw-wd.1" and step == 120:
                raise RuntimeError("the card ran out of memory")


if __name__ == "__main__":
    for number, name in enumerate(NAMES):
        try:
            train(sys.argv[1], number, name)
        except RuntimeError:
            continue
    for name in ("words-1", "words-2"):
        with rn.init("language", "pretrain/small", storage=sys.argv[1], run_id=name) as run:
            run.log({"loss": 1.0}, step=1)
