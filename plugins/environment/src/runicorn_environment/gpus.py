"""The GPUs that a run finds, and the frameworks that use them."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from runicorn.errors import Unavailable

if TYPE_CHECKING:
    from runicorn.types import JSON

    from .nvml import Gpu

LIMIT_S = 2.0  # a driver that hangs must not cost everything else


def gpus() -> dict[str, JSON]:
    """Driver, CUDA and GPUs, or the reason why there are none."""
    found: list[dict[str, JSON]] = []

    def ask() -> None:
        from .nvml import Nvml

        try:
            nvml = Nvml()
        except Unavailable as error:
            found.append({"available": False, "reason": error.reason})
            return
        about: list[JSON] = [_about(gpu) for gpu in nvml.gpus()]
        found.append({"available": True, "driver": nvml.driver, "cuda": nvml.cuda, "gpus": about})
        nvml.close()

    thread = threading.Thread(target=ask, name="runicorn-gpus", daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    return found[0] if found else {"available": False, "reason": f"the driver did not answer within {LIMIT_S:g} s"}


def _about(gpu: Gpu) -> dict[str, JSON]:
    found: dict[str, JSON] = {"index": gpu.index, "name": gpu.name, "uuid": gpu.uuid, "memory_bytes": gpu.mem_total}
    if gpu.slices:
        found["slices"] = [one.name for one in gpu.slices]
    if gpu.trouble:
        found["trouble"] = gpu.trouble
    return found


def frameworks() -> dict[str, JSON]:
    """What PyTorch, TensorFlow and JAX were built for, as far as they are imported already; nothing is imported."""
    found: dict[str, JSON] = {}
    torch = sys.modules.get("torch")
    if torch is not None:
        version = getattr(torch, "version", None)
        found["torch"] = {
            "version": _text(getattr(torch, "__version__", None)),
            "cuda": _text(getattr(version, "cuda", None)),
            "hip": _text(getattr(version, "hip", None)),
        }
    for name in ("tensorflow", "jax"):
        module: Any = sys.modules.get(name)
        if module is not None:
            found[name] = {"version": _text(getattr(module, "__version__", None))}
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)
