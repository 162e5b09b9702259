"""`python -m tunewise_worker RUN_FOLDER`: computes the run that its folder's `execution/` describes."""

import ctypes
import gc
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from .contract import EightBitOptimizer
from .controller import Controller, failure_of
from .lease import Lease
from .lock import Lock
from .problems import Problem
from .wire import dumps, loads


DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of prctl(2): the signal that this process gets when its parent exits. Cluster nodes run Linux."""


def main(run: Path) -> None:
    """Compute a run and write its result or failure to `execution/end.json`."""
    start = time.monotonic()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)  # the controller handles signals from the terminal
    folder = run / "execution"
    on_cluster = "TUNEWISE_NODE_IP" in os.environ
    if on_cluster:
        # a hung process does not notice that its standard input was closed
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        threading.Thread(target=end_with_parent, daemon=True).start()
    if os.environ.get("RANK", "0") != "0":  # only the first process talks to the controller
        import_execute(folder)(folder, None, float("inf"))
        return
    lock = Lock(folder / "lock")
    spec = loads((folder / "spec.json").read_text(encoding="utf-8"))
    limit, host = spec["limits"]["seconds"], spec["placement"].get("host")
    lease = host and Lease(folder, host["leaseSeconds"])
    # listen before the slow imports, so that the controller knows that the worker is alive
    controller = Controller(
        folder, outlives=limit is not None, lease=lease, ahead=host["eventsAhead"] if host else 0
    )
    try:
        execute = import_execute(folder)
        spent = float(os.environ.get("TUNEWISE_SPENT_SECONDS", "0"))  # by lost processes of this execution
        deadline = float("inf") if limit is None else start + limit - spent
        end = {"kind": "result", "result": {**execute(folder, controller, deadline), "peakMemoryBytes": _peak_memory()}}
    except Exception as error:
        if on_cluster and not isinstance(error, Problem):
            # another process may have been lost: the driver restarts all of them, a limited number of times
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        end = {"kind": "failure", "failure": failure_of(error)}
    line = dumps(end)
    draft = folder / "end.json.draft"
    draft.write_text(line + "\n", encoding="utf-8")
    os.replace(draft, folder / "end.json")
    controller.close(line)
    lock.release()


def import_execute(folder: Path) -> Callable[[Path, Controller | None, float], dict[str, Any]]:
    """Import PyTorch, transformers and PEFT, which takes most of the startup time, and return `execute`.

    PEFT imports bitsandbytes if it is installed, but only quantized weights and 8-bit moments need it. Skipping that
    import and disabling garbage collection meanwhile cuts the CPU time from 7.8 to 5.7 s (Intel Xeon).
    """
    spec = loads((folder / "spec.json").read_text(encoding="utf-8"))
    if spec["method"]["kind"] != "qlora" and spec["training"]["optimizer"] not in get_args(EightBitOptimizer):
        sys.modules["bitsandbytes"] = None  # type: ignore[assignment]
    gc.disable()
    from .execute import execute

    gc.enable()
    return execute


def end_with_parent() -> None:
    """Exit when standard input closes: the Ray actor that started this process has ended, and another replaces it."""
    while os.read(0, 4096):
        pass
    os._exit(1)


def _peak_memory() -> int:
    """Peak bytes that PyTorch reserved on the GPU; without CUDA, the peak resident memory of the process."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return int(torch.cuda.max_memory_reserved())
    # `ru_maxrss` is in KiB on Linux and in bytes on macOS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
