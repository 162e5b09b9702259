"""The worker's input: the run's specification, and the rows and settings that the controller prepared."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from .contract import RunSpec
from .wire import loads


@dataclass(frozen=True)
class Row:
    """Token ids and loss mask of a row, both of shape [T]."""

    ids: torch.Tensor
    labelled: torch.Tensor
    targets: torch.Tensor | None = None
    """The token to predict at each position, if it differs from `ids`."""


class Rows:
    """Rows of a shard. The file is memory-mapped, so rows are loaded as they are used."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="pt") as shard:
            self._ids = shard.get_tensor("ids")
            self._labelled = shard.get_tensor("labelled")
            self._ends = shard.get_tensor("ends")

    def __len__(self) -> int:
        return self._ends.numel() - 1

    def __getitem__(self, at: int) -> Row:
        part = slice(int(self._ends[at]), int(self._ends[at + 1]))
        return Row(self._ids[part], self._labelled[part])


class Job:
    """The content of `job.json`, with its shards."""

    def __init__(self, folder: Path) -> None:
        """:param folder: the execution's folder"""
        given = loads((folder / "job.json").read_text(encoding="utf-8"))
        self.spec: RunSpec = loads((folder / "spec.json").read_text(encoding="utf-8"))
        self.owner: dict[str, str] = given["owner"]
        """What checkpoints must belong to: the run, model, data and recipe."""
        self.model: dict[str, Any] = given["model"]
        self.method: dict[str, Any] = given["method"]
        self.training: dict[str, Any] = given["training"]
        self._shards: dict[str, str | None] = given["shards"]
        self._folder = folder

    def shard(self, name: str) -> Path | None:
        """The path of a shard; `None` if the run has no shard of this name."""
        path = self._shards.get(name)
        return None if path is None else self._folder / path

    @property
    def run_folder(self) -> Path:
        return self._folder.parent

    @cached_property
    def train(self) -> Rows:
        return Rows(self._required("train"))

    @cached_property
    def validation(self) -> Rows | None:
        path = self.shard("validation")
        return None if path is None else Rows(path)

    @cached_property
    def reference(self) -> Rows:
        return Rows(self._required("reference"))

    @cached_property
    def steps(self) -> "Steps":
        return Steps(self._required("steps"))

    def _required(self, name: str) -> Path:
        path = self.shard(name)
        if path is None:
            raise ValueError(f"the job has no shard {name}")
        return path


class Steps:
    """The optimizer steps of a training: their learning rates and the rows of their batches."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="pt") as shard:
            self.learning_rates = shard.get_tensor("learning_rates")
            self._rows = shard.get_tensor("rows")
            self._batches = shard.get_tensor("batches")
            self._steps = shard.get_tensor("steps")

    def __len__(self) -> int:
        return self._steps.numel() - 1

    def batches(self, step: int) -> list[list[int]]:
        """Row indices of each batch of a step. Steps count from 1."""
        first, last = int(self._steps[step - 1]), int(self._steps[step])
        ends = self._batches[first : last + 1].tolist()
        return [self._rows[start:end].tolist() for start, end in zip(ends, ends[1:])]
