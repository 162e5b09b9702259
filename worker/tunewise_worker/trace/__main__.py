"""`python -m tunewise_worker.trace REQUEST.json...`: prints the trace of each request, one JSON object per line.

For a request that cannot be traced it prints `{"problem": ...}`, and continues with the others.
"""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..wire import dumps, loads
from .request import Request, read_request
from .step import Trace, trace

MAX_BYTES = 8 << 30
"""Memory limit for all requests: a model with 70 billion weights takes 1.4 GB."""
MAX_PROCESSOR_SECONDS = 600
"""CPU time limit for all requests: each for a model with 70 billion weights takes 20 s."""


def answer(request: Request, found: Trace) -> dict[str, Any]:
    """The answer: bytes by moment and term, what the allocator reserves, and work by kind of kernel."""
    import torch
    import transformers

    return {
        "peakAllocatedBytes": found.replay.allocated,
        "peakReservedBytes": found.replay.reserved,
        "missingBytes": found.replay.missing,
        "replayedSteps": found.replay.steps,
        "batchesOfStep": request.batches_of_step,
        "moments": {name: {"peakBytes": one.peak, "terms": one.terms} for name, one in found.moments.items()},
        "activationBytesByLayer": found.layers,
        "shapes": [
            {"lengths": one.lengths, "work": {name: vars(work) for name, work in one.work.items()}}
            for one in found.shapes
        ],
        "attentionKernels": found.kernels,
        "program": request.program,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }


def answer_to(path: Path) -> dict[str, Any]:
    start, used = time.monotonic(), _processor_seconds()
    try:
        request = read_request(loads(path.read_text(encoding="utf-8")))
        result = answer(request, trace(request))
    except Problem as problem:
        return {"problem": {"code": problem.code, "params": problem.params}}
    except Exception as error:  # a model's own code failed on a device without storage
        params = {"detail": f"{type(error).__name__}: {error}"[:500]}
        return {"problem": {"code": "TRACE_FAILED", "params": params}}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result["cost"] = {
        "seconds": round(time.monotonic() - start, 2),
        "processorSeconds": round(_processor_seconds() - used, 2),
        "memoryBytes": most * (1 if sys.platform == "darwin" else 1024),
    }
    return result


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(paths: list[Path]) -> None:
    if sys.platform == "linux":
        # an untrusted configuration may describe anything, and the client may be gone
        resource.setrlimit(resource.RLIMIT_DATA, (MAX_BYTES, MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_PROCESSOR_SECONDS, MAX_PROCESSOR_SECONDS))
    for path in paths:
        print(dumps(answer_to(path)), flush=True)


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
