"""`python -m tunewise_worker.watch RUN_FOLDER`: starts a worker on a remote machine and monitors its lease.

It also kills a worker that exceeds its time limit, because one that hangs within a step processes no commands.

It has its own session, so it survives the end of the connection and of the worker. Once the lease has expired or the
controller has released it, it runs the configured command, for example to switch the machine off.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .lease import DETACHED, ENDED, RELEASED, SUPERSEDED, lease_file

SAVING_SECONDS = 900.0
"""How long a worker may take to save and exit after its lease or time limit has ended. Then it is killed."""


def main(run: Path, saving_seconds: float = SAVING_SECONDS) -> None:
    """Start the worker and wait until it ends; then wait for the end of the lease if a command must run."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    folder = run / "execution"
    held = open(folder / "watch", "w")  # held as long as this process lives
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # another watch is running
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    placement, limit = spec["placement"], spec["limits"]["seconds"]
    host, processes = placement["host"], placement["processes"]
    # the worker inherits the log, and a pipe that closes when this process ends
    worker = subprocess.Popen(
        [sys.executable, *program_of(host, processes), str(run)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = float("inf") if limit is None else time.monotonic() + limit + saving_seconds
    is_over = _watch(worker, folder, host, saving_seconds, deadline)
    if is_over and host["onLeaseEnd"] is not None:
        subprocess.run(["/bin/sh", "-c", host["onLeaseEnd"]], check=False, stdin=subprocess.DEVNULL)


def program_of(host: dict, processes: int) -> list[str]:
    """Arguments of the program that computes the run: a worker, several under `torchrun`, or the driver on Ray."""
    if host["address"].startswith("ray+"):
        return ["-m", "tunewise_worker.on_ray"]
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [*(launcher if processes > 1 else []), "-m", "tunewise_worker"]


def _watch(worker: subprocess.Popen, folder: Path, host: dict, saving_seconds: float, deadline: float) -> bool:
    """
    Return when the worker and the lease have ended, or only the worker if no command must run after the lease.

    :returns: whether the lease has ended; false if another execution replaces this one
    """
    path = lease_file(folder)
    renewed, seen, is_noted = time.monotonic(), None, False
    while True:
        code = worker.poll()
        if code is not None and not is_noted:
            is_noted = True
            _note_end(folder, code)
            if host["onLeaseEnd"] is None:
                return True
        text, stamp = _lease_of(path)
        if stamp != seen or (text == DETACHED and code is None):
            renewed, seen = time.monotonic(), stamp
        over = time.monotonic() - renewed - host["leaseSeconds"]
        if code is not None and text == SUPERSEDED:
            return False
        if code is not None and (text == RELEASED or over > 0):
            return True
        if code is None and (text == ENDED or over > saving_seconds or time.monotonic() > deadline):
            os.killpg(worker.pid, signal.SIGKILL)
        time.sleep(0.25)


def _lease_of(path: Path) -> tuple[str, int]:
    """Content and modification time of the lease file. The time is only compared with other times of this file."""
    try:
        return path.read_text(), os.stat(path).st_mtime_ns
    except OSError:
        return "", 0


def _note_end(folder: Path, code: int) -> None:
    draft = folder / "exit.json.draft"
    try:
        draft.write_text(json.dumps({"code": code}))
        os.replace(draft, folder / "exit.json")
    except OSError:
        pass  # a full disk; the released lock of the watch shows that the worker has ended


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
