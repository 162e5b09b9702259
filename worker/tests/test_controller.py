"""A worker that replaces an earlier one of the same execution, and one that listens for other nodes."""

import json
import socket
import time
from pathlib import Path

import pytest

from tunewise_worker.controller import Controller
from tunewise_worker.watch import program_of

START = {"kind": "training-start", "state": {"step": 0}}


def write_log(folder: Path, events: list[dict], rest: str = "") -> None:
    lines = [json.dumps({"kind": "event", "event": {**one, "seq": at + 1}}) for at, one in enumerate(events)]
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines) + rest)


@pytest.mark.parametrize(
    ("events", "reached"),
    [
        ([], None),
        ([{"kind": "finding"}], None),
        ([START], 0),
        ([START, {"kind": "step-end", "step": 1}, {"kind": "step-end", "step": 2}], 2),
        ([START, {"kind": "step-end", "step": 3}, {"kind": "rolled-back", "toStep": 1}], 1),
    ],
)
def test_a_log_is_continued(tmp_path: Path, events: list[dict], reached: int | None) -> None:
    write_log(tmp_path, events, '{"kind":"event","event":{"kind":"step-')
    controller = Controller(tmp_path, outlives=False)
    assert controller.reached == reached
    assert controller._record({"kind": "finding"}) == len(events) + 1
    controller.close("{}")
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"]["seq"] for line in lines] == list(range(1, len(events) + 2))


def test_other_nodes_must_know_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEWISE_NODE_IP", "127.0.0.1")
    controller = Controller(tmp_path, outlives=False)
    address = json.loads((tmp_path / "worker.json").read_text())
    assert (tmp_path / "worker.json").stat().st_mode & 0o077 == 0

    def connect(secret: str) -> socket.socket:
        link = socket.create_connection((address["ip"], address["port"]), timeout=10)
        link.sendall(f"{secret}\n".encode() + b'{"kind":"attach","after":0}\n')
        return link

    with connect("guess") as stranger:
        assert stranger.recv(10) == b""
    with connect(address["secret"]) as known:
        limit = time.monotonic() + 10
        while controller._link is None and time.monotonic() < limit:
            controller.poll()
        controller.close('{"kind":"failure"}')
        assert known.recv(100) == b'{"kind":"failure"}\n'


def test_commands_are_not_obeyed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEWISE_NODE_IP", "127.0.0.1")
    first = Controller(tmp_path, outlives=False)
    first._token, first._last_command = "here", 2
    first._note_obeyed()
    first.close("{}")
    second = Controller(tmp_path, outlives=False)
    assert (second._obeyed("here"), second._obeyed("another"), second._obeyed(None)) == (2, 0, 0)
    second.close("{}")


def test_what_computes_a_run() -> None:
    there = {"address": "ssh://box"}
    assert program_of(there, 1) == ["-m", "tunewise_worker"]
    assert "--nproc-per-node=4" in program_of(there, 4)
    assert program_of({"address": "ray+http://head:8265"}, 4) == ["-m", "tunewise_worker.on_ray"]
