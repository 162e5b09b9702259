"""`python -m tunewise_worker.trace REQUEST.json`: prints what the request's step takes, as one JSON object."""

import resource
import sys
import time
from pathlib import Path
from typing import Any

from ..problems import Problem
from ..wire import dumps, loads
from .request import Request, read_request
from .step import Trace, trace


def answer(request: Request, found: Trace) -> dict[str, Any]:
    """The answer: bytes by moment and term, what the allocator reserves, and work by kind of kernel."""
    import torch
    import transformers

    return {
        "peakAllocatedBytes": found.replay.allocated,
        "peakReservedBytes": found.replay.reserved,
        "missingBytes": found.replay.missing,
        "replayedSteps": found.replay.steps,
        "moments": {name: {"peakBytes": one.peak, "terms": one.terms} for name, one in found.moments.items()},
        "activationBytesByLayer": found.layers,
        "work": {name: vars(one) for name, one in found.work.items()},
        "attentionKernels": found.kernels,
        "tracedShapes": found.shapes,
        "program": request.program,
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }


def main(path: Path) -> int:
    start = time.monotonic()
    try:
        request = read_request(loads(path.read_text(encoding="utf-8")))
        result = answer(request, trace(request))
    except Problem as problem:
        print(dumps({"problem": {"code": problem.code, "params": problem.params}}))
        return 1
    used = resource.getrusage(resource.RUSAGE_SELF)
    result["cost"] = {
        "seconds": round(time.monotonic() - start, 2),
        "processorSeconds": round(used.ru_utime + used.ru_stime, 2),
        "memoryBytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    print(dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
