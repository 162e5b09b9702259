"""Reports running out of GPU memory, with when it happened and how much was missing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .problems import Problem

UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@contextmanager
def moment(name: str) -> Iterator[None]:
    """Name what was being done if memory runs out within this context.

    :raises Problem: `WORKER_OUT_OF_MEMORY`
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        text = " ".join(str(error).split())
        # the message begins with requested and free memory; advice for developers follows
        reason = re.sub(r"( (Including|Of the allocated|If reserved|See documentation)\b.*)", "", text)
        raise Problem(
            "WORKER_OUT_OF_MEMORY", moment=name, missing=_missing(text), reason=reason or "no details available"
        ) from error


def _missing(text: str) -> str:
    """The missing memory as text: requested minus free, as in the allocator's message."""
    asked = re.search(r"Tried to allocate ([\d.]+) (bytes|[KMG]iB)", text)
    free = re.search(r"of which ([\d.]+) (bytes|[KMG]iB) is free", text)
    if asked is None or free is None:
        return "missing amount unknown"
    bytes_missing = float(asked[1]) * UNITS[asked[2]] - float(free[1]) * UNITS[free[2]]
    if bytes_missing <= 0:
        return "the free memory is fragmented"
    return f"at least {bytes_missing / 2**30:.2f} GiB missing"
