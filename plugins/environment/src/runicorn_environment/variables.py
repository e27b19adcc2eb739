"""Environment variables that say how a job was started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from runicorn.security import HIDDEN, is_secret_name, redact_arguments

if TYPE_CHECKING:
    from runicorn.types import JSON

_LIMIT = 1000  # characters of a value: lists of hosts may be longer

_FAMILIES = (
    # Schedulers
    "SLURM_",
    "PBS_",
    "LSB_",
    # Several processes of one job
    "OMPI_COMM_WORLD_",
    "MV2_COMM_WORLD_",
    "RAY_",
    # Devices and libraries
    "CUDA_",
    "NCCL_",
    "OMP_",
    "MKL_",
    "PYTORCH_",
    "TORCH_",
    "XLA_",
    "JAX_",
    "TF_",
)
_NAMES = {
    # Schedulers
    "JOB_ID",
    "JOB_NAME",
    "SGE_TASK_ID",
    # Several processes of one job
    "RANK",
    "LOCAL_RANK",
    "GROUP_RANK",
    "NODE_RANK",
    "WORLD_SIZE",
    "LOCAL_WORLD_SIZE",
    "MASTER_ADDR",
    "MASTER_PORT",
    "TORCHELASTIC_RUN_ID",
    "PMI_RANK",
    "PMI_SIZE",
    "PMI_LOCAL_RANK",
    "PMIX_RANK",
    "MPI_LOCALRANKID",
    "MPI_LOCALNRANKS",
    "KUBERNETES_SERVICE_HOST",
    # Devices and libraries
    "NVIDIA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
}


def selected(environ: Mapping[str, str], more: Sequence[str] = ()) -> dict[str, JSON]:
    """The usual variables and those that match a pattern of ``more``, by name, secrets hidden."""
    return {
        name: HIDDEN if is_secret_name(name) else redact_arguments([value])[0][:_LIMIT]
        for name, value in sorted(environ.items())
        if name in _NAMES or name.startswith(_FAMILIES) or any(fnmatchcase(name, pattern) for pattern in more)
    }
