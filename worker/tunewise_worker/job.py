"""The worker's input: the run's specification, and the rows that the controller prepared."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import safe_open

from .contract import WorkerSpec
from .wire import loads

InputName = Literal["train", "validation", "reference", "steps", "adapter"]


@dataclass(frozen=True)
class Row:
    """Token ids and loss mask of a row, both of shape [T]."""

    ids: torch.Tensor
    labelled: torch.Tensor
    targets: torch.Tensor | None = None
    """The token to predict at each position, if it differs from `ids`."""


class Rows:
    """Rows of an input file. The file is memory-mapped, so rows are loaded as they are used."""

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


def read_spec(folder: Path) -> WorkerSpec:
    """The specification in an execution's folder."""
    spec: WorkerSpec = loads((folder / "spec.json").read_text(encoding="utf-8"))
    return spec


class Job:
    """The run that a worker computes, with its input files."""

    def __init__(self, folder: Path) -> None:
        """:param folder: the execution's folder"""
        self.spec = read_spec(folder)
        self.method = self.spec["method"]
        self.training = self.spec["training"]
        placement = self.spec["placement"]
        self.model: Mapping[str, Any] = {
            "folder": self.spec["model"]["folder"],
            "dtype": placement["dtype"],
            "device": placement["device"],
            "recompute": placement["recompute"],
            "sharding": placement.get("sharding", "none"),
            "attention": "sdpa",
        }
        self._folder = folder

    @property
    def owner(self) -> dict[str, str]:
        """What checkpoints must belong to."""
        spec = self.spec
        return {
            "run": spec["run"],
            "model": spec["model"]["revision"],
            "data": spec["data"]["fingerprint"],
            "recipe": spec["recipe"]["sha256"],
        }

    def input(self, name: InputName) -> Path | None:
        """The path of an input file; `None` if the run does not need it."""
        file = self.spec["inputs"][name]
        return None if file is None else self._folder / file

    @property
    def run_folder(self) -> Path:
        return self._folder.parent

    @cached_property
    def train(self) -> Rows:
        return Rows(self._required("train"))

    @cached_property
    def validation(self) -> Rows | None:
        path = self.input("validation")
        return None if path is None else Rows(path)

    @cached_property
    def reference(self) -> Rows:
        return Rows(self._required("reference"))

    @cached_property
    def steps(self) -> "Steps":
        return Steps(self._required("steps"))

    def _required(self, name: InputName) -> Path:
        path = self.input(name)
        if path is None:
            raise ValueError(f"the run has no input {name}")
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
