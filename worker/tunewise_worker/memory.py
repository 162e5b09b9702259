"""Running out of a card's memory, told with the moment at which it happened."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .problems import Problem


@contextmanager
def moment(name: str) -> Iterator[None]:
    """Tell what was being done if memory runs out.

    :raises Problem: `WORKER_OUT_OF_MEMORY`
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        lines = str(error).strip().splitlines()
        # how much was asked for, and how much was free, stand in the first line
        raise Problem("WORKER_OUT_OF_MEMORY", moment=name, reason=lines[0] if lines else "out of memory") from error
