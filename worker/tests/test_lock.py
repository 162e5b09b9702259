"""One worker per run; a worker takes over the lock of a dead one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tunewise_worker.lock import Lock
from tunewise_worker.problems import Problem


def test_a_second_worker_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    script = f"from pathlib import Path; from tunewise_worker.lock import Lock; Lock(Path({str(tmp_path / 'lock')!r}))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode != 0 and "RUN_LOCKED" in ended.stderr
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_workers_lock_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = f"from pathlib import Path; from tunewise_worker.lock import Lock; Lock(Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert path.exists()
    lock = Lock(path)
    with pytest.raises(Problem):
        Lock(path)
    lock.release()
