"""A worker that hears nothing is ended, whatever its lease says."""

import json
import os
import time
from pathlib import Path

import pytest

from tunewise_worker import watch


def test_a_worker_beyond_its_limit_of_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "execution"
    folder.mkdir()
    host = {"address": "ssh://box", "leaseSeconds": 3600, "onLeaseEnd": None}
    spec = {"placement": {"host": host, "processes": 1}, "limits": {"seconds": 0.5}}
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "lease").write_text("")
    monkeypatch.setattr(watch, "program_of", lambda host, processes: ["-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(watch.signal, "signal", lambda *_: None)  # those of this test stay as they are
    start = time.monotonic()
    watch.main(tmp_path, saving_seconds=0.5)
    assert 1 <= time.monotonic() - start < 30
    assert json.loads((folder / "exit.json").read_text()) == {"code": -9}
    assert os.path.exists(folder / "watch")
