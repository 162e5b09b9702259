"""`python -m tunewise_worker RUN_FOLDER`: computes the run whose specification and job are in its folder."""

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
"""`PR_SET_PDEATHSIG` of prctl(2): what this process gets when its parent ends. The nodes of a cluster run Linux."""


def main(run: Path) -> None:
    """Compute a run to its end, which is written to its folder."""
    start = time.monotonic()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)  # signals from the terminal are for the controller
    folder = run / "execution"
    on_cluster = "TUNEWISE_NODE_IP" in os.environ
    if on_cluster:
        # one that hangs does not see the end of its standard input either
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        threading.Thread(target=end_with_parent, daemon=True).start()
    if os.environ.get("RANK", "0") != "0":  # the first process talks to the controller
        import_execute(folder)(folder, None, float("inf"))
        return
    lock = Lock(folder / "lock")
    spec = loads((folder / "spec.json").read_text(encoding="utf-8"))
    limit, host = spec["limits"]["seconds"], spec["placement"].get("host")
    lease = host and Lease(folder, host["leaseSeconds"])
    # it listens before the slow imports, so that the controller knows that it lives
    controller = Controller(
        folder, outlives=limit is not None, lease=lease, ahead=host["eventsAhead"] if host else 0
    )
    try:
        execute = import_execute(folder)
        spent = float(os.environ.get("TUNEWISE_SPENT_SECONDS", "0"))  # by processes of this execution that were lost
        deadline = float("inf") if limit is None else start + limit - spent
        end = {"kind": "result", "result": {**execute(folder, controller, deadline), "peakMemoryBytes": _peak_memory()}}
    except Exception as error:
        if on_cluster and not isinstance(error, Problem):
            # another process may be lost: the driver starts all of them again, and gives up in the end
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
    """Import PyTorch, transformers and PEFT, which is most of a start, and return `execute`.

    PEFT imports bitsandbytes where it finds it, which only quantized weights and moments need; and garbage is not
    collected meanwhile. Together that takes a quarter off the processor time (7.8 and 5.7 s, an Intel Xeon).
    """
    job = loads((folder / "job.json").read_text(encoding="utf-8"))
    if job["method"]["kind"] != "qlora" and job["training"]["optimizer"] not in get_args(EightBitOptimizer):
        sys.modules["bitsandbytes"] = None  # type: ignore[assignment]
    gc.disable()
    from .execute import execute

    gc.enable()
    return execute


def end_with_parent() -> None:
    """On a cluster a process whose place is given up ends: another one begins where it was."""
    while os.read(0, 4096):
        pass
    os._exit(1)


def _peak_memory() -> int:
    """Bytes that PyTorch reserved on the card; of a run on the processor, the process's largest resident memory."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return int(torch.cuda.max_memory_reserved())
    # the kernel counts in KiB, on macOS in bytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
