"""Running out of a card's memory, told with the moment at which it happened and how much was missing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .problems import Problem

UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@contextmanager
def moment(name: str) -> Iterator[None]:
    """Tell what was being done if memory runs out.

    :raises Problem: `WORKER_OUT_OF_MEMORY`
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        text = " ".join(str(error).split())
        # how much was asked for, and how much was free, stand at the beginning; advice for programmers follows
        reason = re.sub(r"( (Including|Of the allocated|If reserved|See documentation)\b.*)", "", text)
        raise Problem(
            "WORKER_OUT_OF_MEMORY", moment=name, missing=_missing(text), reason=reason or "no more is told"
        ) from error


def _missing(text: str) -> str:
    """What the allocator's message leaves to subtract."""
    asked = re.search(r"Tried to allocate ([\d.]+) (bytes|[KMG]iB)", text)
    free = re.search(r"of which ([\d.]+) (bytes|[KMG]iB) is free", text)
    if asked is None or free is None:
        return "how much was missing is not known"
    bytes_missing = float(asked[1]) * UNITS[asked[2]] - float(free[1]) * UNITS[free[2]]
    if bytes_missing <= 0:
        return "where what is free does not lie together"
    return f"at least {bytes_missing / 2**30:.2f} GiB were missing"
