"""`python -m tunewise_worker.watch RUN_FOLDER`: starts a worker on a machine of its own, and watches over its lease.

A worker that goes on beyond its limit of time is ended too: one that hangs in the middle of a step hears no command.

It has a session of its own, so that neither the end of a connection nor that of the worker ends it. Once the lease is
over, because nobody renewed it or because the controller gave it back, it runs the command that was asked for, such as
switching the machine off.
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
"""How long a worker whose lease or limit of time is over may take to save and end. Then it is ended."""


def main(run: Path, saving_seconds: float = SAVING_SECONDS) -> None:
    """Start the worker and wait for its end, then for that of the lease if something is to be done then."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    folder = run / "execution"
    held = open(folder / "watch", "w")  # held as long as this process lives
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # another one watches
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    placement, limit = spec["placement"], spec["limits"]["seconds"]
    host, processes = placement["host"], placement["processes"]
    # the worker inherits the log, and a pipe whose end tells it that this process has ended
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
    """What computes the run: the worker, several of it by `torchrun`, or its driver on a Ray cluster."""
    if host["address"].startswith("ray+"):
        return ["-m", "tunewise_worker.on_ray"]
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [*(launcher if processes > 1 else []), "-m", "tunewise_worker"]


def _watch(worker: subprocess.Popen, folder: Path, host: dict, saving_seconds: float, deadline: float) -> bool:
    """
    Return when worker and lease have ended, or the worker alone where nothing is to be done after the lease.

    :returns: whether the lease is over, and not another execution at work
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
    """What the file says, and when it was written by the clock of its disk: compared with itself alone."""
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
        pass  # a full disk; that nobody holds the watch says that it has ended


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
