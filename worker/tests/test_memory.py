"""Reports of running out of GPU memory."""

import pytest
import torch

from tunewise_worker.controller import failure_of
from tunewise_worker.memory import moment
from tunewise_worker.problems import Problem

MESSAGE = (
    "CUDA out of memory. Tried to allocate {asked}. GPU 0 has a total capacity of 15.77 GiB of which {free} is free. "
    "Including non-PyTorch memory, this process has 14.56 GiB memory in use. Of the allocated memory 13.90 GiB is "
    "allocated by PyTorch, and 300.00 MiB is reserved by PyTorch but unallocated. See documentation\n"
)


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        (MESSAGE.format(asked="2.00 GiB", free="1.20 GiB"), "at least 0.80 GiB missing"),
        (MESSAGE.format(asked="512.00 MiB", free="0 bytes"), "at least 0.50 GiB missing"),
        (MESSAGE.format(asked="20.00 MiB", free="90.00 MiB"), "the free memory is fragmented"),
        ("HIP error: out of memory", "missing amount unknown"),
    ],
)
def test_the_moment_and_what_was_missing_are_told(message: str, missing: str) -> None:
    with pytest.raises(Problem) as caught, moment("at step 3"):
        raise torch.OutOfMemoryError(message)
    failure = failure_of(caught.value)
    assert failure["code"] == "WORKER_OUT_OF_MEMORY"
    assert failure["params"]["moment"] == "at step 3"
    assert failure["params"]["missing"] == missing
    reason = str(failure["params"]["reason"])
    assert reason == message or ("Tried to allocate" in reason and reason.endswith("is free."))


def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="other"), moment("at step 3"):
        raise ValueError("other")
