"""Requests executed on a remote machine, reached by `ssh` or through a Ray job. Uses only the standard library.

The client sends the text of this file before each request, so both sides always run the same version. A request is one
line of JSON on standard input; a reply is one line of JSON on standard output. Files are named by the SHA-256 of their
content. They are written under a temporary name, verified and renamed. Bytes received before a connection was lost are
kept, and only the rest is sent again.

    ~/.cache/tunewise/blobs/HASH           files of models and of the worker
    ~/.cache/tunewise/runs/RUN/blobs/HASH  files of a run
    ~/.cache/tunewise/runs/RUN/run/        the run's folder, hard-linked from both
    ~/.cache/tunewise/runs/RUN/package/    the worker, likewise
"""

import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

Request = dict[str, Any]

PACKAGES = ("torch", "transformers", "peft", "accelerate", "safetensors")
BLOCK = 1 << 20
LISTENING_SECONDS = 120.0
PLACE_SECONDS = 900.0
"""How long a worker may take to start listening: a cluster may have to add a machine first."""


def cache_folder() -> Path:
    named = os.environ.get("TUNEWISE_CACHE")
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(named or os.path.join(root, "tunewise"))


class Run:
    """The folders of a run."""

    def __init__(self, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}", name):
            raise ValueError("not the name of a run")
        self.root = cache_folder() / "runs" / name
        self.folder = self.root / "run"
        self.package = self.root / "package"
        self.blobs = self.root / "blobs"
        self.execution = self.folder / "execution"

    def renew(self) -> None:
        """Renew the lease: each request shows that the client is alive."""
        try:
            os.utime(self.execution / "lease")
        except OSError:
            pass

    def is_watched(self) -> bool:
        """Whether a watch is running: it holds the lock on its file until it exits."""
        return _is_held(self.execution / "watch")

    def is_working(self) -> bool:
        """Whether a worker is running or about to start."""
        return self.is_watched() and not (self.execution / "exit.json").exists()


def _is_held(path: Path) -> bool:
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def hello(request: Request, source: BinaryIO) -> Request:
    """Describe this machine: Python, missing packages, cache, free disk space, cores, device and GPUs."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "missing": missing,
        "cache": str(cache),
        "freeBytes": shutil.disk_usage(cache).free,
        "cores": cores,
        "device": "cuda" if os.path.exists("/dev/nvidiactl") else "mps" if sys.platform == "darwin" else "cpu",
        "cards": _cards() if os.path.exists("/dev/nvidiactl") else "",
    }


def _cards() -> str:
    """Name, total and used memory in MiB, driver version and compute capability of each GPU, as CSV."""
    fields = "name,memory.total,memory.used,driver_version,compute_cap"
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout[:20_000]


def status(request: Request, source: BinaryIO) -> Request:
    """Whether a run's worker is running, how it ended, and its newest checkpoint."""
    run = Run(request["run"])
    run.renew()
    is_working = run.is_working()
    return {
        "exists": run.execution.exists(),
        "isWorking": is_working,
        "checkpoint": _newest_checkpoint(run.folder / "checkpoints"),
        "how": "" if is_working else _how(run),
    }


def _newest_checkpoint(folder: Path) -> Request | None:
    names = sorted((one.name for one in folder.glob("step-*")), reverse=True) if folder.is_dir() else []
    for name in names:
        try:
            manifest = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
            return {"step": int(manifest["step"]), "sessions": int(manifest["info"]["sessions"])}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _how(run: Run) -> str:
    """How the worker ended, as text; empty if unknown."""
    try:
        code = json.loads((run.execution / "exit.json").read_text())["code"]
    except (OSError, ValueError, KeyError):
        return ""
    if code < 0:
        return f"was terminated by signal {-code}" + (", as happens when memory runs out" if code == -9 else "")
    lines = _tail(run.execution / "worker.log").strip().split("\n")
    why = next((line for line in lines if "error" in line.lower()), lines[-1])
    return f"ended with exit code {code}" + (f": {why[:500]}" if why else "")


def _tail(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 65536))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


# Files


def _blob(run: Run, entry: Request) -> Path:
    if not re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]):
        raise ValueError("not a hash")
    return (cache_folder() / "blobs" if entry["isShared"] else run.blobs) / entry["sha256"]


def missing(request: Request, source: BinaryIO) -> Request:
    """For each file, whether it is complete here, or how many bytes arrived before a connection was lost."""
    run = Run(request["run"])
    run.renew()
    return {"have": [_have(_blob(run, entry), entry["bytes"]) for entry in request["files"]]}


def _have(path: Path, size: int) -> Request:
    try:
        if path.stat().st_size == size:
            return {"isWhole": True, "bytes": size}
        path.unlink()
    except FileNotFoundError:
        pass
    try:
        return {"isWhole": False, "bytes": min(size, _part(path).stat().st_size)}
    except FileNotFoundError:
        return {"isWhole": False, "bytes": 0}


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def receive(request: Request, source: BinaryIO) -> Request:
    """Receive files, or the missing parts of them. Stops at the first file whose hash does not match."""
    run = Run(request["run"])
    for entry in request["files"]:
        path = _blob(run, entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(_part(path), "r+b" if _part(path).exists() else "w+b") as file:
            # two senders of one file would otherwise interleave their parts
            fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(entry["from"])
            file.seek(entry["from"])
            left = entry["bytes"] - entry["from"]
            while left:
                block = source.read(min(BLOCK, left))
                if not block:
                    raise EOFError("the connection ended in the middle of a file")
                file.write(block)
                left -= len(block)
                run.renew()
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            if _sha256(file) != entry["sha256"]:
                os.unlink(_part(path))
                return {"spoiled": entry["sha256"]}
        os.replace(_part(path), path)
    return {"spoiled": None}


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for block in iter(lambda: file.read(BLOCK), b""):
        digest.update(block)
    return digest.hexdigest()


def build(request: Request, source: BinaryIO) -> Request:
    """Link files into the run's folder, after emptying the named folders."""
    run = Run(request["run"])
    if request["emptied"] and not _dismiss(run):
        return {"failure": "busy", "path": str(run.folder), "reason": "its worker is at work"}
    for name in request["emptied"]:
        shutil.rmtree(_inside(run.root, name), ignore_errors=True)
    for entry in request["files"]:
        path = _inside(run.root, entry["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".draft")
        draft.unlink(missing_ok=True)
        os.link(_blob(run, entry), draft)
        os.replace(draft, path)
        draft.unlink(missing_ok=True)  # rename does nothing if both names are links to the same file
    (run.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    return {}


def _dismiss(run: Run) -> bool:
    """End the watch of an earlier execution, whose lease does not cover the next one. Returns whether none is left."""
    if run.is_working():
        return False
    if run.is_watched():
        (run.execution / "lease").write_text("superseded")
    limit = time.monotonic() + 10
    while run.is_watched() and time.monotonic() < limit:
        time.sleep(0.05)
    return not run.is_watched()


def _inside(root: Path, name: str) -> Path:
    path = (root / name).resolve()
    if root.resolve() not in path.parents:
        raise ValueError("a path that leads out of the run")
    return path


def listing(request: Request, source: BinaryIO) -> Request:
    """List files under the named paths of the run's folder, with size and SHA-256."""
    run = Run(request["run"])
    run.renew()
    found = []
    for name in request["paths"]:
        top = _inside(run.folder, name)
        paths = [top] if top.is_file() else sorted(one for one in top.rglob("*") if one.is_file())
        for path in paths:
            names = path.relative_to(run.folder).parts
            # skip drafts and folders being removed, whose names start with a dot, and symbolic links
            if any(part.startswith(".") for part in names) or path.is_symlink():
                continue
            with open(path, "rb") as file:
                found.append({"path": "/".join(names), "bytes": path.stat().st_size, "sha256": _sha256(file)})
            run.renew()
    return {"files": found}


def send(request: Request, source: BinaryIO) -> Request | None:
    """Send a file of the run's folder, starting at an offset. Its bytes follow the reply."""
    run = Run(request["run"])
    with open(_inside(run.folder, request["path"]), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(request["from"])
        _reply({"bytes": size})
        for block in iter(lambda: file.read(BLOCK), b""):
            sys.stdout.buffer.write(block)
            run.renew()
        sys.stdout.buffer.flush()
    return None


# The worker


def start(request: Request, source: BinaryIO) -> Request:
    """Start the watch, which starts the worker. Both outlive the connection."""
    run = Run(request["run"])
    if run.is_watched():
        return {"started": False}
    (run.execution / "lease").write_text("")
    environment = {**os.environ, **request["environment"], "PYTHONPATH": str(run.package)}
    with open(run.execution / "worker.log", "ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "tunewise_worker.watch", str(run.folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=str(run.folder),
            start_new_session=True,
        )
    limit = time.monotonic() + LISTENING_SECONDS
    while not run.is_watched() and time.monotonic() < limit:
        if (run.execution / "exit.json").exists():
            break
        time.sleep(0.02)
    return {"started": True}


def end(request: Request, source: BinaryIO) -> Request:
    """Have the watch kill an unresponsive worker."""
    execution = Run(request["run"]).execution
    if execution.exists():
        (execution / "lease").write_text("ended")
    return {}


def release(request: Request, source: BinaryIO) -> Request:
    """Release the lease. Deletes the run's files if `isDropped` is set and no worker is running."""
    run = Run(request["run"])
    if run.execution.exists():
        (run.execution / "lease").write_text("released")
    if request["isDropped"] and not run.is_working():
        limit = time.monotonic() + 5
        while run.is_watched() and time.monotonic() < limit:
            time.sleep(0.05)  # the watch reads the lease once more
        shutil.rmtree(run.root, ignore_errors=True)
    return {}


def bridge(request: Request, source: BinaryIO) -> Request | None:
    """Connect standard input and output to the worker's socket."""
    run = Run(request["run"])
    beat = float(request.get("beatSeconds", 5.0))
    limit = time.monotonic() + float(request.get("waitSeconds", PLACE_SECONDS))
    told = time.monotonic()
    while run.is_working() and time.monotonic() < limit:
        if select.select([sys.stdin.fileno()], [], [], 0)[0]:
            if not os.read(sys.stdin.fileno(), BLOCK):
                return None  # the client is gone
            run.renew()  # before the reply the client sends only keep-alive bytes
        if time.monotonic() - told >= beat:
            told = time.monotonic()
            _reply({"connected": False, "waiting": True})
        try:
            address = json.loads((run.execution / "worker.json").read_text())
            link = _connect(address)
        except (OSError, ValueError, KeyError):
            time.sleep(0.05)
            continue
        _reply({"connected": True, "protocol": address.get("protocol", 0)})
        _pump(link, beat)
        return None
    return {"connected": False}


def _connect(address: Request) -> socket.socket:
    """Connect to a worker on this machine or on another node of a cluster."""
    if "socket" in address:
        link = socket.socket(socket.AF_UNIX)
        link.connect(address["socket"])
        return link
    link = socket.create_connection((address["ip"], address["port"]), timeout=5)
    link.settimeout(None)
    # a lost node does not close its connections
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    link.sendall(address["secret"].encode() + b"\n")
    return link


def _pump(link: socket.socket, beat: float) -> None:
    """Forward bytes in both directions. While the worker is silent between two lines, send keep-alive messages."""
    incoming, outgoing = sys.stdin.fileno(), sys.stdout.fileno()
    written, is_between = time.monotonic(), True
    while True:
        ready, _, _ = select.select([incoming, link], [], [], beat)
        if incoming in ready:
            block = os.read(incoming, BLOCK)
            if not block:
                return
            link.sendall(block)
        if link in ready:
            block = link.recv(BLOCK)
            if not block:
                return
            written, is_between = time.monotonic(), block.endswith(b"\n")
            _write_all(outgoing, block)
        elif is_between and time.monotonic() - written >= beat:
            written = time.monotonic()
            _write_all(outgoing, b'{"kind": "alive"}\n')


def _write_all(file: int, block: bytes) -> None:
    while block:
        block = block[os.write(file, block) :]


def _reply(reply: Request) -> None:
    sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
    sys.stdout.buffer.flush()


ACTS = {
    one.__name__: one
    for one in (hello, status, missing, receive, build, listing, send, start, end, release, bridge)
}


def serve() -> None:
    """Read a request, execute it and reply."""
    source = sys.stdin.buffer
    request = json.loads(source.readline())
    try:
        reply = ACTS[request["act"]](request, source)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        reply = {"failure": "disk-full" if full else "system", "path": str(error.filename or cache_folder())}
        reply["reason"] = error.strerror or str(error)
    except (ValueError, KeyError, EOFError) as error:
        reply = {"failure": "request", "path": "", "reason": repr(error)}
    if reply is not None:
        _reply(reply)


if __name__ == "__main__":
    serve()
