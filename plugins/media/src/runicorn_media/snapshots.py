"""What every media type needs on the training thread: a copy that shares nothing."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from .libraries import load_here
from .memory import memory

#: Bytes that one value may have, in memory and as a file.
MOST_BYTES = 256 << 20


@frozen
class Unusable:
    """What stands for a snapshot that could not be taken: its error is raised where it may be."""

    error: Exception


def safely(take: Callable[[], object]) -> object:
    """The snapshot, or what stands for it. Never raises."""
    try:
        return take()
    except Exception as error:  # noqa: BLE001 (foreign objects raise what they like; reported by encode)
        return Unusable(error)


def usable(snapshot: Any) -> Any:
    """The snapshot.

    :raises Exception: what kept it from being taken.
    """
    if isinstance(snapshot, Unusable):
        raise snapshot.error
    return snapshot


def copied(data: Any) -> Any:
    """The same content, sharing nothing that the caller may change.

    A path is read now: the file may be written over before the background thread looks at it.

    :raises ValueError: it is larger than :data:`MOST_BYTES`.
    :raises OSError: the file cannot be read.
    """
    kind = type(data)
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        _check_size(data.nbytes, "the array")
        return memory.copy(data)
    if isinstance(data, (str, Path)):
        path = Path(data)
        if not path.is_file() and path.exists():  # a pipe or a device may never end
            raise ValueError(f"{path} is no file")
        _check_size(path.stat().st_size, f"the file {path.name}")
        return path.read_bytes()
    if isinstance(data, (bytes, bytearray, memoryview)):
        _check_size(len(data), "the file")
        return bytes(data)
    if hasattr(data, "getvalue"):  # io.BytesIO, wherever it was read to
        return copied(data.getvalue())
    nbytes = getattr(data, "nbytes", 0)
    if isinstance(nbytes, int):
        _check_size(nbytes, f"the {type(data).__name__}")
    if hasattr(data, "detach") and hasattr(data, "clone"):
        return _copied_tensor(data.detach())
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        return data.copy() if hasattr(data, "copy") else data  # tensors without copy() cannot be changed
    if is_a(data, "PIL.Image.Image"):
        return data.copy()
    if isinstance(data, (list, tuple)):
        sizes = [getattr(item, "nbytes", 0) for item in data]
        _check_size(sum(size for size in sizes if isinstance(size, int)), "the list")
    elif hasattr(data, "readable") and isinstance(content := data.read(), bytes):  # an open file
        return copied(content)
    load_here("numpy")  # lists and the like become arrays
    return copy.deepcopy(data)


def _copied_tensor(tensor: Any) -> Any:
    """A copy of a tensor of torch: of one in the computer's own memory as quickly as an array's."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(tensor, torch.Tensor) and tensor.device.type == "cpu":
        try:
            return torch.from_numpy(memory.copy(tensor.numpy()))
        except (TypeError, RuntimeError):  # of a kind that numpy does not know, such as bfloat16
            pass
    return tensor.clone()


def _check_size(size: int, what: str) -> None:
    if size > MOST_BYTES:
        raise ValueError(f"{what} has {size >> 20} MiB; at most {MOST_BYTES >> 20} MiB are kept")


def is_a(value: object, *names: str) -> bool:
    """Whether a value's class, or one that it is made from, has one of these names (``module.Class``)."""
    return any(f"{base.__module__}.{base.__qualname__}" in names for base in type(value).__mro__)


def as_array(data: Any) -> Any:
    """Numbers of any library as an array of numpy.

    :raises ValueError: they are no numbers.
    """
    import numpy as np

    if hasattr(data, "detach") and hasattr(data, "cpu"):
        data = data.cpu()
        if str(data.dtype).endswith("bfloat16"):  # numpy does not know it
            data = data.float()
        return data.numpy()
    array = np.asarray(data)
    if array.dtype.kind == "V" and array.dtype.name.startswith(("bfloat", "float", "int", "uint")):
        return array.astype(np.float32)  # bfloat16 of jax and the like, which numpy knows by name only
    if array.dtype.kind not in "buif":
        raise ValueError(f"{type(data).__name__} holds no numbers")
    return array


def bytes_of(data: Any) -> int:
    """About how many bytes a copy holds, as quickly as it can be said: of many parts, by the first."""
    if isinstance(data, (bytes, str)):
        return len(data)
    size = getattr(data, "nbytes", None)
    if isinstance(size, int):
        return size
    if isinstance(data, (list, tuple)):
        return sys.getsizeof(data) + (len(data) * bytes_of(data[0]) if data else 0)
    if isinstance(data, Mapping):
        return sys.getsizeof(data) + sum(map(bytes_of, data.values()))
    if is_a(data, "PIL.Image.Image"):
        return int(data.width * data.height * len(data.getbands()) * (4 if data.mode in "IF" else 1))
    for ask in ("memory_usage", "estimated_size"):  # frames of pandas and polars
        if hasattr(data, "columns") and callable(getattr(data, ask, None)):
            told = getattr(data, ask)()
            return int(told.sum() if hasattr(told, "sum") else told)
    return sys.getsizeof(data)


def caption_of(value: Any) -> dict[str, Any]:
    return {} if value.caption is None else {"caption": str(value.caption)}
