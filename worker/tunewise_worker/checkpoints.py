"""Checkpoints in the controller's format: files in a hidden folder, the manifest last, then one rename."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from .contract import RunResultState
from .problems import Problem
from .wire import as_float, dumps, loads

KEEP_LAST = 2
MANIFEST = "manifest.json"
CURVES = "curves.jsonl"
STATE = "state.safetensors"
WRITING, REMOVING, REPLACED = ".writing-", ".removing-", ".replaced-"


@dataclass(frozen=True)
class Found:
    """A complete, verified checkpoint."""

    step: int
    path: Path
    info: RunResultState


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Write tensors in their own types, after copying them to CPU memory."""
    save_file({name: one.detach().contiguous().cpu() for name, one in tensors.items()}, path, metadata)


def save(
    folder: Path,
    step: int,
    owner: Mapping[str, str],
    state: RunResultState,
    tensors: Mapping[str, torch.Tensor],
    metadata: dict[str, str],
    keep_step: int | None,
) -> Path:
    """Save a checkpoint and delete those that are no longer needed.

    :param state: the training state; its curves grow with the steps and go to a separate file
    :param keep_step: the step whose checkpoint is kept besides the latest ones
    :raises Problem: `CHECKPOINT_WRITE_FAILED`; earlier checkpoints stay intact
    """
    name = f"step-{step:06d}"
    draft, path, aside = folder / (WRITING + name), folder / name, folder / (REPLACED + name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        write_tensors(draft / STATE, tensors, metadata)
        curves: Any = state["curves"]
        info = {key: one for key, one in state.items() if key != "curves"}
        lines = [dumps([kind, at, loss]) for kind in ("train", "validation") for at, loss in curves[kind]]
        (draft / CURVES).write_text("".join(f"{line}\n" for line in lines))
        files = [_described(draft / one) for one in (CURVES, STATE)]
        manifest = {
            "format_version": 2,
            "step": step,
            "owner": dict(owner),
            "info_sha256": hashlib.sha256(dumps(info).encode()).hexdigest(),
            "info": info,
            "files": files,
        }
        with open(draft / MANIFEST, "w", encoding="utf-8") as file:
            file.write(dumps(manifest) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(draft)
        if path.exists():
            shutil.rmtree(aside, ignore_errors=True)
            os.rename(path, aside)
        os.rename(draft, path)
        _sync(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        run = folder.parent.name
        raise Problem(
            "CHECKPOINT_WRITE_FAILED", step=step, path=str(folder), run=run, reason=error.strerror or str(error)
        ) from error
    _drop_others(folder, {step, keep_step})
    return path


def find(folder: Path, owner: Mapping[str, str], *, step: int | None = None) -> Found | None:
    """The newest complete checkpoint of this run, or the one at `step`; `None` if there is no checkpoint.

    :raises Problem: `CHECKPOINT_BROKEN` if there are checkpoints and none is usable
    """
    listed = [entry for entry in _listed(folder) if step is None or entry[0] == step]
    reasons = []
    for at, path in listed:
        found, reason = _read(path, at, owner)
        if found is not None:
            return found
        reasons.append(f"{path.name}: {reason}")
    if not reasons:
        return None
    raise Problem("CHECKPOINT_BROKEN", path=str(folder), run=folder.parent.name, reason="; ".join(reasons[:3]))


def drop_after(folder: Path, step: int) -> None:
    """Delete all checkpoints after a step, newest first."""
    for at, path in _listed(folder):
        if at > step:
            _remove(folder, path)


def _read(path: Path, step: int, owner: Mapping[str, str]) -> tuple[Found | None, str]:
    try:
        manifest = loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format_version"] != 2 or manifest["step"] != step:
            return None, "its manifest is of another format or step"
        other = [key for key, value in owner.items() if manifest["owner"].get(key) != value]
        if other:
            return None, f"its {other[0]} is another one"
        for file in manifest["files"]:
            if _described(path / Path(file["name"]).name) != file:
                return None, f"the content of {file['name']} has changed"
        curves: dict[str, list] = {"train": [], "validation": []}
        with open(path / CURVES, encoding="utf-8") as lines:
            for line in lines:
                kind, at, loss = loads(line)
                curves[kind].append([at, as_float(loss)])
        info: Any = {**manifest["info"], "curves": curves}
        return Found(step, path, info), ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        return None, str(error)


def _listed(folder: Path) -> list[tuple[int, Path]]:
    """Steps and folders of checkpoints, newest first."""
    if not folder.is_dir():
        return []
    found = []
    for entry in folder.iterdir():
        name = entry.name.removeprefix(REPLACED)
        if name.startswith("step-") and name[5:].isdigit() and (name == entry.name or not (folder / name).exists()):
            found.append((int(name[5:]), entry))
    return sorted(found, reverse=True)


def _drop_others(folder: Path, kept: Iterable[int | None]) -> None:
    """Delete checkpoints that are not kept. A failure here loses nothing: the next save tries again."""
    try:
        listed = _listed(folder)
        keep = {step for step, _ in listed[:KEEP_LAST]} | set(kept)
        for step, path in listed:
            if step not in keep:
                _remove(folder, path)
        for entry in folder.iterdir():
            if entry.name.startswith((WRITING, REMOVING)) or (
                entry.name.startswith(REPLACED) and (folder / entry.name.removeprefix(REPLACED)).exists()
            ):
                shutil.rmtree(entry, ignore_errors=True)
    except OSError:
        pass


def _remove(folder: Path, path: Path) -> None:
    gone = folder / (REMOVING + path.name)
    shutil.rmtree(gone, ignore_errors=True)
    os.rename(path, gone)
    shutil.rmtree(gone, ignore_errors=True)


def _described(path: Path) -> dict[str, Any]:
    """Name, size and SHA-256 of a file, after syncing it to disk."""
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return {"name": path.name, "bytes": size, "sha256": digest.hexdigest()}


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_state(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors of a checkpoint and their metadata."""
    with safe_open(path / STATE, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})
