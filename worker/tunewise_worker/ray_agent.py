"""The agent of a run on a Ray cluster: the entrypoint of a Ray job, which starts `box.py` for each request.

Only Ray's dashboard is reachable from outside the cluster. A controller sends packages of the Jobs API, which are
values in the cluster's key-value store. Replies are lines of this job's log. A package consists of frames: the length
of a JSON header, the header, and as many bytes as the header states.

    python ray_agent.py RUN [STORAGE]
"""

import base64
import ctypes
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
from box import Run
from ray._private.ray_constants import KV_NAMESPACE_PACKAGE
from ray.experimental import internal_kv

Frame = tuple[dict[str, Any], bytes]

BLOCK = 48 << 10
"""Maximum bytes of a line, before base64 encoding."""

STDERR_BYTES = 1 << 16

IDLE_SECONDS = 45.0
"""How long the agent stays without a request and without a worker."""

POLL_SECONDS, SLOW_POLL_SECONDS = 0.025, 0.25
SUBREAPER = 36
"""`PR_SET_CHILD_SUBREAPER` of prctl(2): orphaned descendants become children of this process."""


class Agent:
    """Processes that controllers started, by session and number."""

    def __init__(self, run: str) -> None:
        self._prefix = f"gcs://_ray_pkg_tunewise-{run}."
        self._run = Run(run)
        self._processes: dict[tuple[str, int], subprocess.Popen] = {}
        self._taken: dict[str, int] = defaultdict(int)
        """Number of each session's last package; one that is sent twice counts once."""
        self._written: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Serve requests until none arrive and no worker is running."""
        heard = time.monotonic()
        while True:
            if self._take():
                heard = time.monotonic()
            quiet = time.monotonic() - heard
            if quiet > IDLE_SECONDS and not self._processes and not self._run.is_watched():
                return
            time.sleep(POLL_SECONDS if quiet < 10 else SLOW_POLL_SECONDS)

    def _take(self) -> bool:
        """Process packages in order. Returns whether there were any."""
        names = internal_kv._internal_kv_list(self._prefix.encode(), namespace=KV_NAMESPACE_PACKAGE)
        pattern = re.compile(re.escape(self._prefix) + r"([a-z0-9-]{1,64})\.(\d{1,12})\.zip")
        found = []
        for name in names:
            match = pattern.fullmatch(name.decode())
            if match:
                found.append((match[1], int(match[2]), name))
        for session, number, name in sorted(found):
            if number > self._taken[session] + 1:
                continue  # an earlier package is still on its way
            content = internal_kv._internal_kv_get(name, namespace=KV_NAMESPACE_PACKAGE)
            internal_kv._internal_kv_del(name, namespace=KV_NAMESPACE_PACKAGE)
            if content is None or number <= self._taken[session]:
                continue
            self._taken[session] = number
            for header, data in frames_of(content):
                self._obey(session, header, data)
        return bool(found)

    def _obey(self, session: str, header: dict[str, Any], data: bytes) -> None:
        key = (session, int(header["process"]))
        kind = header["kind"]
        if kind == "begin":
            self._begin(key, header["program"])
            return
        process = self._processes.get(key)
        if process is None:
            return  # the process has ended
        assert process.stdin is not None
        try:
            if kind == "data":
                process.stdin.write(data)
                process.stdin.flush()
            elif kind == "end":
                process.stdin.close()
            elif kind == "kill":
                process.kill()
        except (OSError, ValueError):
            pass  # its exit code and stderr, which are reported, say why

    def _begin(self, key: tuple[str, int], program: str) -> None:
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe)
        self._processes[key] = process
        threading.Thread(target=self._carry, args=(key, process), daemon=True).start()

    def _carry(self, key: tuple[str, int], process: subprocess.Popen) -> None:
        """Forward what a process writes, and how it ended."""
        output, messages = process.stdout, process.stderr
        assert isinstance(output, io.BufferedReader) and messages is not None
        errors: list[bytes] = []
        reading = threading.Thread(target=lambda: errors.append(messages.read()), daemon=True)
        reading.start()
        for block in iter(lambda: output.read1(BLOCK), b""):
            self._write(key, "data", block)
        code = process.wait()
        reading.join(timeout=1)  # child processes may hold stderr open
        text = b"".join(errors)[-STDERR_BYTES:].decode("utf-8", "replace")
        self._processes.pop(key, None)
        self._write(key, "ended", json.dumps({"code": code, "stderr": text}).encode())

    def _write(self, key: tuple[str, int], kind: str, data: bytes) -> None:
        session, process = key
        with self._lock:
            self._written[session] += 1
            encoded = base64.b64encode(data).decode()
            sys.stdout.write(f"\n#tunewise {session} {self._written[session]} {process} {kind} {encoded} .\n")
            sys.stdout.flush()


def frames_of(content: bytes) -> Iterator[Frame]:
    """The frames of a package."""
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        header = json.loads(content[at + 4 : at + 4 + size])
        at += 4 + size
        yield header, content[at : at + header["bytes"]]
        at += header["bytes"]


def descendants(pid: int) -> list[int]:
    """All descendants of a process, including orphans that it adopted."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def end_all(*_: object) -> None:
    """Kill all processes of the run: `stop` in the Jobs API is a hard stop."""
    for pid in descendants(os.getpid()):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(143)


def main(run: str, storage: str) -> None:
    if storage:
        os.environ["TUNEWISE_CACHE"] = storage
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, end_all)
    ray.init(address="auto", log_to_driver=False, logging_level="ERROR")
    Agent(run).serve()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
