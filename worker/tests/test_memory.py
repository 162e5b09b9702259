"""Running out of memory is told; the rehearsal leaves nothing behind."""

import pytest
import torch

from tunewise_worker.controller import failure_of
from tunewise_worker.memory import moment
from tunewise_worker.problems import Problem

MESSAGE = """CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.77 GiB of which 1.20 GiB is free.
See documentation"""


def test_the_moment_and_the_numbers_are_told() -> None:
    with pytest.raises(Problem) as caught, moment("at step 3"):
        raise torch.OutOfMemoryError(MESSAGE)
    failure = failure_of(caught.value)
    assert failure["code"] == "WORKER_OUT_OF_MEMORY"
    assert failure["params"]["moment"] == "at step 3"
    assert "Tried to allocate 2.00 GiB" in str(failure["params"]["reason"])


def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="other"), moment("at step 3"):
        raise ValueError("other")
