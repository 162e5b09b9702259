"""The lock of an execution, in the controller's format: one worker per run."""

import json
import os
import socket
from datetime import datetime, timezone
from pathlib import Path

from .problems import Problem
from .wire import dumps


class Lock:
    """Held from creation to `release`. Takes over a lock left by a process that has ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        pid = os.getpid()
        self.token = f"worker-{pid}"
        since = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        holder = {"pid": pid, "host": socket.gethostname(), "start": start_of(pid), "since": since, "token": self.token}
        draft = path.with_name(f"{path.name}.{self.token}")
        draft.write_text(dumps(holder) + "\n")
        try:
            self._take(draft)
        finally:
            draft.unlink(missing_ok=True)

    def _take(self, draft: Path) -> None:
        for _ in range(10):
            try:
                os.link(draft, self.path)  # the lock appears with its content, so no reader sees a partial one
                return
            except FileExistsError:
                found = _read(self.path)
                if found is not None and _is_alive(found):
                    raise Problem(
                        "RUN_LOCKED",
                        path=str(self.path.parent),
                        **{key: found.get(key, "unknown") for key in ("pid", "host", "since")},
                    ) from None
                aside = self.path.with_name(f"{self.path.name}.stale-{self.token}")
                try:
                    os.rename(self.path, aside)
                except FileNotFoundError:
                    continue
                if _read(aside) != found:  # another process had just taken the lock: put it back
                    try:
                        os.link(aside, self.path)
                    except FileExistsError:
                        pass
                aside.unlink(missing_ok=True)
        raise Problem("RUN_LOCKED", path=str(self.path.parent), pid=0, host="unknown", since="unknown")

    def release(self) -> None:
        """Release the lock, unless another process has taken it over."""
        found = _read(self.path)
        if found is not None and found.get("token") == self.token:
            self.path.unlink(missing_ok=True)


def start_of(pid: int) -> str | None:
    """The start time of a process in the controller's format; `None` if there is no such process.

    Fields 3 and 22 of /proc/pid/stat, see proc(5). The name in field 2 may contain brackets: count after the last one.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "unknown"
    fields = stat[stat.rindex(")") + 2 :].split(" ")
    return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _read(path: Path) -> dict | None:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("pid"), int) else None


def _is_alive(holder: dict) -> bool:
    if holder.get("host") != socket.gethostname():
        return True
    start = start_of(holder["pid"])
    if start is None:
        return False
    return "unknown" in (start, holder.get("start")) or start == holder.get("start")
