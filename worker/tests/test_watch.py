"""An unresponsive worker is killed although its lease has not expired."""

import json
import os
import time
from pathlib import Path

import pytest

from tunewise_worker import watch


def deaf_worker(run: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None, lease: str = "") -> Path:
    """The folder of an execution whose worker sleeps for ten minutes."""
    folder = run / "execution"
    folder.mkdir()
    host = {"address": "ssh://box", "leaseSeconds": 3600, "onLeaseEnd": None}
    spec = {"placement": {"host": host, "processes": 1}, "limits": {"seconds": seconds}}
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "lease").write_text(lease)
    monkeypatch.setattr(watch, "program_of", lambda host, processes: ["-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(watch.signal, "signal", lambda *_: None)  # keep the test's own signal handlers
    return folder


def test_a_worker_that_its_controller_gives_up_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = deaf_worker(tmp_path, monkeypatch, None, "ended")
    start = time.monotonic()
    watch.main(tmp_path)
    assert time.monotonic() - start < 30
    assert json.loads((folder / "exit.json").read_text()) == {"code": -9}


def test_a_worker_beyond_its_limit_of_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = deaf_worker(tmp_path, monkeypatch, 0.5)
    start = time.monotonic()
    watch.main(tmp_path, saving_seconds=0.5)
    assert 1 <= time.monotonic() - start < 30
    assert json.loads((folder / "exit.json").read_text()) == {"code": -9}
    assert os.path.exists(folder / "watch")
