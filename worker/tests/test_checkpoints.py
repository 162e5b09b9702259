"""Checkpoints are complete and belong to this run."""

from pathlib import Path

import pytest
import torch

from tunewise_worker import checkpoints
from tunewise_worker.problems import Problem
from tunewise_worker.training import at_start

OWNER = {"run": "r", "model": "m", "data": "d", "recipe": "c"}


def save(folder: Path, step: int, keep: int | None = None) -> Path:
    state = at_start()
    state["step"] = step
    state["curves"]["train"] = [[1, 0.5], [2, float("nan")]]
    tensors = {"adapter/a": torch.full((3,), float(step))}
    return checkpoints.save(folder, step, OWNER, state, tensors, {"step": str(step), "rate_scale": "1.0"}, keep)


def test_the_newest_is_found_with_its_state(tmp_path: Path) -> None:
    for step in (1, 2, 3, 4):
        save(tmp_path, step, keep=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-000001", "step-000003", "step-000004"]
    found = checkpoints.find(tmp_path, OWNER)
    assert found is not None and found.step == 4
    assert str(found.info["curves"]["train"]) == "[[1, 0.5], [2, nan]]"
    tensors, metadata = checkpoints.read_state(found.path)
    assert tensors["adapter/a"].tolist() == [4, 4, 4] and metadata["step"] == "4"


def test_a_damaged_one_is_passed_over_and_none_left_is_told(tmp_path: Path) -> None:
    save(tmp_path, 1)
    (save(tmp_path, 2) / "state.safetensors").write_bytes(b"cut")
    found = checkpoints.find(tmp_path, OWNER)
    assert found is not None and found.step == 1
    (tmp_path / "step-000001" / "manifest.json").unlink()
    with pytest.raises(Problem) as caught:
        checkpoints.find(tmp_path, OWNER)
    assert caught.value.code == "CHECKPOINT_BROKEN"


def test_one_of_another_run_is_not_taken(tmp_path: Path) -> None:
    save(tmp_path, 1)
    with pytest.raises(Problem):
        checkpoints.find(tmp_path, {**OWNER, "recipe": "other"})


def test_those_after_a_step_are_dropped(tmp_path: Path) -> None:
    save(tmp_path, 1)
    save(tmp_path, 2)
    checkpoints.drop_after(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000001"]
