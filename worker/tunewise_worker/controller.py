"""The controller of an execution, as the worker sees it: a connection that may be lost and replaced.

The worker reports events one at a time and waits until the controller asks for the next one, so that a command takes
effect at the step that it was decided for. If the controller dies, the execution saves a checkpoint and stops. If it
detaches, the execution continues within its time limit, and a later controller can attach to it.

Over a network, losing the connection does not mean that the controller is dead: the execution has a lease, continues
while the controller is away, and waits for it where a decision is needed. Step events may run ahead of the controller.
"""

import hmac
import json
import os
import queue
import secrets
import shutil
import socket
import tempfile
import threading
import time
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .contract import ExecutionFailure, RunCommand
from .lease import Lease
from .link import Link
from .problems import Cancelled, Problem
from .wire import dumps

Message = dict[str, Any]
Query = Callable[[Message, Callable[[int], None]], Any]

MAX_LINE_BYTES = 512 * 1024 * 1024

PROTOCOL = 1
"""Version of the messages between worker and controller."""

RUN_AHEAD = frozenset({"step-start", "step-end", "work-start"})
"""Events that a remote controller may process while the next steps are being computed."""

DECIDED = frozenset({"loss-not-finite", "training-end"})
"""Events after which the worker waits for the controller's decision."""

REPLIES_KEPT = 4


class Controller:
    """The connection to one controller at a time. Only the main thread calls its methods."""

    def __init__(self, folder: Path, *, outlives: bool, lease: Lease | None = None, ahead: int = 0) -> None:
        """
        :param folder: the execution's folder
        :param outlives: whether the execution may continue without a controller, because its time is limited
        :param lease: how long a controller may be away; `None` if a lost connection means a lost controller
        :param ahead: how many step events may wait for the controller
        """
        self._folder = folder
        self.queries: dict[str, Query] = {}
        self._commands: list[RunCommand] = []
        self._outlives = outlives
        self._lease = lease
        self._ahead = ahead
        self._token: str | None = None
        """Identifies the controller, to distinguish one that reconnects from another one."""
        self._last_command = 0
        self._replies: dict[int, str] = {}
        """The last replies to this controller, which asks again for one that was lost."""
        self._ends = array("Q", [0])
        """Offsets in the log at which the lines of events end."""
        self.reached: int | None = None
        """The last step that an earlier process of this execution reported; `None` if training had not started."""
        self._log = self._open_log(folder / "events.jsonl")
        self._pauses = self._seq  # above the numbers of earlier processes, which made fewer pauses than events
        self._inbox: queue.Queue[tuple[str, Any, Any]] = queue.Queue()
        self._link: Link | None = None
        self._had_link = False
        self._is_detached = False
        self._is_lost = False
        self._next_progress = 0.0
        self._sockets = tempfile.mkdtemp(prefix="tunewise-")
        self._secret: str | None = None
        """The secret that a network connection must send first."""
        address = self._listen(os.environ.get("TUNEWISE_NODE_IP"))
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._watch_parent, daemon=True).start()
        draft = folder / "worker.json.draft"
        draft.touch(mode=0o600)
        draft.write_text(dumps({"pid": os.getpid(), "protocol": PROTOCOL, **address}) + "\n")
        os.replace(draft, folder / "worker.json")

    def _listen(self, ip: str | None) -> Message:
        """Listen on a local socket, or at an IP address for other nodes of a cluster. Returns the address."""
        if ip is None:
            path = os.path.join(self._sockets, "worker.sock")
            self._server = socket.socket(socket.AF_UNIX)
            self._server.bind(path)
            self._server.listen(4)
            return {"socket": path}
        self._secret = secrets.token_urlsafe(32)
        self._server = socket.create_server((ip, 0))
        return {"ip": ip, "port": self._server.getsockname()[1], "secret": self._secret}

    def _open_log(self, path: Path) -> BinaryIO:
        """Open the event log, or continue the one that an earlier process of this execution began."""
        log = open(path, "rb+" if path.exists() else "wb+", buffering=0)
        for line in log.read().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            self._ends.append(self._ends[-1] + len(line))
            event = json.loads(line)["event"]
            if event["kind"] in ("training-start", "rolled-back"):
                self.reached = event["state"]["step"] if event["kind"] == "training-start" else event["toStep"]
            elif event["kind"] == "step-end":
                self.reached = event["step"]
        log.truncate(self._ends[-1])
        log.seek(self._ends[-1])
        return log

    # Reporting

    def report(self, kind: str, **fields: Any) -> None:
        """Report an event. Waits until a controller, if there is one, has processed it, unless it may run ahead."""
        ahead = self._ahead if kind in RUN_AHEAD else 0
        self._deliver(self._record({"kind": kind, **fields}), ahead=ahead, waits=kind in DECIDED)

    def pause(self, reason: str, state: Mapping[str, Any]) -> bool:
        """Pause for the controller and send it the state. Returns whether a controller processed the pause."""
        self._process_waiting()
        self._pauses += 1
        pause = dumps({"kind": "pause", "number": self._pauses, "reason": reason, "state": state})
        while (link := self._attached(waits=True)) is not None:
            self._deliver(self._seq, waits=True)
            if self._link is not link:
                continue
            link.ask(pause.encode() + b"\n")
            self._wait_until_processed(link, 0)
            if self._link is link:
                return True
        return False

    def progress(self, name: str, done: int, total: int) -> None:
        """Report progress if a controller is attached. Progress is not logged."""
        self._process_waiting()
        if self._link is None or self._link.delivered is None or time.monotonic() < self._next_progress:
            return
        self._next_progress = time.monotonic() + 0.2
        event = {"kind": "phase", "name": name, "done": done, "total": total, "seq": max(1, self._seq)}
        link = self._link
        link.ask(dumps({"kind": "event", "event": event}).encode() + b"\n")
        self._wait_until_processed(link, self._ahead)

    def poll(self) -> None:
        """Process messages that have arrived, without waiting."""
        self._process_waiting()

    def take_commands(self) -> list[RunCommand]:
        """Commands received since the last call."""
        self._process_waiting()
        taken, self._commands = self._commands, []
        return taken

    def _record(self, event: Message) -> int:
        """Number an event and log it. Returns the number."""
        seq = self._seq + 1
        line = dumps({"kind": "event", "event": {**event, "seq": seq}}).encode() + b"\n"
        self._log.write(line)
        self._ends.append(self._ends[-1] + len(line))
        return seq

    @property
    def _seq(self) -> int:
        return len(self._ends) - 1

    def _deliver(self, seq: int, *, ahead: int = 0, waits: bool = False) -> None:
        """
        Deliver events up to this one, if there is a controller.

        :param ahead: how many may remain unprocessed on return
        :param waits: whether to wait for an absent controller as long as its lease lasts
        """
        while (link := self._attached(waits)) is not None and link.delivered is not None:
            if link.delivered >= seq:
                if link.waiting <= ahead:
                    return
            else:
                start, end = self._ends[link.delivered : link.delivered + 2]
                link.ask(os.pread(self._log.fileno(), end - start, start))
                link.delivered += 1
            # commands in response to missed events come too late in any case
            self._wait_until_processed(link, ahead if link.delivered >= seq else self._ahead)

    def _attached(self, waits: bool = False) -> Link | None:
        """The connection of the attached controller. Waits until the first controller has connected."""
        while True:
            if self._link is not None and self._link.delivered is not None:
                return self._link
            is_away = self._had_link and not (waits and self._is_leased())
            if self._link is None and (is_away or self._is_lost):
                return None
            self._process(self._take())

    def _wait_until_processed(self, link: Link, most: int) -> None:
        """Wait until at most `most` messages of a connection are unprocessed, or the connection is gone."""
        while self._link is link and link.waiting > most:
            self._process(self._take())

    def _take(self) -> tuple[str, Any, Any]:
        """Wait for the next message, or for the end of the lease."""
        if self._lease is None:
            return self._inbox.get()
        while True:
            try:
                return self._inbox.get(timeout=0.5)
            except queue.Empty:
                if self._is_overdue():
                    return ("lease-ended", None, None)

    def _process_waiting(self) -> None:
        while True:
            try:
                self._process(self._inbox.get_nowait())
            except queue.Empty:
                break
        if self._is_overdue():
            self._process(("lease-ended", None, None))

    def _is_leased(self) -> bool:
        return self._lease is not None and not self._is_detached

    def _is_overdue(self) -> bool:
        return self._lease is not None and self._is_leased() and not self._is_lost and self._lease.is_over()

    # Messages

    def _process(self, item: tuple[str, Any, Any]) -> None:
        kind, link, message = item
        if kind == "parent-ended":
            if not self._had_link:
                self._lose()
        elif kind == "lease-ended":
            self._drop_link()
            self._lose()
        elif kind == "connected":
            self._connect(link, message)
        elif link is not self._link or link is None:
            return  # from an earlier connection
        elif kind == "closed":
            self._link = None
            if not (self._is_detached and self._outlives) and not self._is_leased():
                self._lose()
        else:
            self._obey(link, message)

    def _connect(self, link: Link, first: Message | None) -> None:
        """Accept a controller unless another one is connected."""
        token = None if first is None else first.get("controller")
        if self._link is not None and (token is None or token != self._token) and not self._is_silent():
            holder = Problem(
                "RUN_LOCKED",
                path=str(self._folder.parent),
                pid=os.getpid(),
                host=socket.gethostname(),
                since="its last message",
            )
            failure = failure_of(holder)
            link.send(dumps({"kind": "failure", "failure": failure}).encode() + b"\n")
            link.close()
            return
        self._drop_link()
        if token is None or token != self._token:
            self._token, self._last_command, self._replies = token, self._obeyed(token), {}
        if self._lease is not None:
            self._lease.note("")
        self._link, self._had_link, self._is_detached, self._is_lost = link, True, False, False

    def _obeyed(self, token: str | None) -> int:
        """Number of the last command of a controller that this process or an earlier one received."""
        try:
            noted = json.loads((self._folder / "obeyed.json").read_text())
            return int(noted["number"]) if token is not None and noted["controller"] == token else 0
        except (OSError, ValueError, KeyError):
            return 0

    def _note_obeyed(self) -> None:
        """Record the last command: a process that replaces this one receives all commands again and skips old ones."""
        if self._secret is None:
            return
        draft = self._folder / "obeyed.json.draft"
        draft.write_text(dumps({"controller": self._token or "", "number": self._last_command}) + "\n")
        os.replace(draft, self._folder / "obeyed.json")

    def _is_silent(self) -> bool:
        """Whether the controller has been silent for so long that its connection must be dead."""
        return self._lease is not None and self._link is not None and self._lease.is_silent(self._link.heard)

    def _drop_link(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def _lose(self) -> None:
        """Stop the execution: a dead controller neither pays nor decides."""
        self._is_lost = True
        self._commands.append({"kind": "stop"})

    def _obey(self, link: Link, message: Message) -> None:
        kind = message.get("kind")
        if kind == "attach":
            link.delivered = min(int(message["after"]), self._seq)
        elif kind == "next":
            link.waiting -= 1
        elif kind == "command":
            number = message.get("number", self._last_command + 1)
            if number > self._last_command:  # otherwise it already arrived over an earlier connection
                self._last_command = number
                self._commands.append(message["command"])
                self._note_obeyed()
        elif kind == "detach":
            self._is_detached = True
            if self._lease is not None and self._outlives:
                self._lease.note("detached")
            link.close()
        elif kind == "leave":
            self._drop_link()
            self._lose()
        elif kind == "query":
            self._answer(link, message)

    def _answer(self, link: Link, message: Message) -> None:
        """Answer a query. Only one is computed at a time."""
        number = message["id"]
        last = 0

        def on_progress(done: int) -> None:
            nonlocal last
            if number in link.cancelled or link.is_closed:
                raise Cancelled
            if done == last:
                return
            last = done
            self._send(dumps({"kind": "progress", "id": number, "done": done}))

        if number in self._replies:
            self._send(self._replies[number])
            return
        result, failure = None, None
        try:
            result = self.queries[message["name"]](message["params"], on_progress)
        except Cancelled:
            if number not in link.cancelled:
                return  # the connection is gone; a controller that reconnects asks again
        except Exception as error:  # the controller decides what it means
            failure = failure_of(error)
        reply = dumps({"kind": "reply", "id": number, "result": result, "failure": failure})
        if self._lease is not None:
            self._replies[number] = reply
            for old in sorted(self._replies)[:-REPLIES_KEPT]:
                del self._replies[old]
        self._send(reply)

    def _send(self, line: str) -> None:
        if self._link is not None:
            self._link.send(line.encode() + b"\n")

    # Connections

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            link = Link(connection)
            threading.Thread(target=self._read, args=(link,), daemon=True).start()

    def _read(self, link: Link) -> None:
        is_first = True
        try:
            if self._secret is not None and not self._is_known(link.reader.readline(200)):
                link.close()
                return
            for line in iter(lambda: link.reader.readline(MAX_LINE_BYTES), b""):
                if not line.endswith(b"\n"):
                    break
                message = json.loads(line)
                link.heard = time.monotonic()
                if self._lease is not None:
                    self._lease.renew()
                if is_first:
                    is_first = False
                    self._inbox.put(("connected", link, message))
                if message.get("kind") == "cancel":
                    link.cancelled.add(message["id"])
                else:
                    self._inbox.put(("message", link, message))
        except (OSError, ValueError):
            pass
        if is_first:
            self._inbox.put(("connected", link, None))
        link.close()
        self._inbox.put(("closed", link, None))

    def _is_known(self, line: bytes) -> bool:
        return hmac.compare_digest(line.strip(), (self._secret or "").encode())

    def _watch_parent(self) -> None:
        # standard input is a pipe from the process that started this one; the system closes it when that process dies
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        self._inbox.put(("parent-ended", None, None))

    def close(self, end: str) -> None:
        """Deliver the remaining events and the end to the controller, if there is one, and stop listening."""
        if self._link is not None:
            self._deliver(self._seq)
        self._send(end)
        if self._link is not None:
            self._link.close()
        self._server.close()
        shutil.rmtree(self._sockets, ignore_errors=True)


def failure_of(error: BaseException) -> ExecutionFailure:
    """An error as the contract's `ExecutionFailure`."""
    if isinstance(error, Problem):
        return {"code": error.code, "params": error.params, "message": str(error)}
    import traceback

    text = "".join(traceback.format_exception(error))
    return {"code": None, "params": {}, "message": text[-20_000:]}
