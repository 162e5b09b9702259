"""The penalty on the distance from the base: EWC and L2-SP.

Added to the mean loss, it is lambda / 2 times the sum of F (w - w0)^2. The importance F is the Fisher information for
EWC, and 1 for L2-SP. For LoRA, the distance w - w0 is the product s B A that it adds to a weight.

Sources: Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3; Li et al. 2018 (arXiv 1802.01483), section 3.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch.distributed.tensor import DTensor

from .job import Job
from .model import Model
from .world import World, like, local, whole

Importance = torch.Tensor | tuple[torch.Tensor, torch.Tensor]
"""Importance of each value, or of rows and columns."""


class Penalty:
    """A penalty on the model's distance from its base."""

    def __init__(self, job: Job, model: Model, factor: float, fisher: Path | None, world: World) -> None:
        """
        :param factor: lambda
        :param fisher: file with the importance of the weights, for EWC
        """
        self._world = world
        self._factor = factor / 2
        self._importance: dict[str, Importance] | None = None
        if fisher is not None:
            self._importance = _read_fisher(fisher)
        self._changes: list[tuple[str, Any, torch.Tensor | None]] = []
        if job.method["kind"] == "full":
            anchors = model.base_values()
            for name, value in model.trained().items():
                self._changes.append((name, value, _part(anchors[name], value)))
                if self._importance is not None:
                    self._importance[name] = _parts(self._importance[name], value)
        else:
            for name, module in model.net.named_modules():
                if hasattr(module, "lora_A") and "default" in module.lora_A:
                    self._changes.append((f"{name}.weight", module, None))
        self._device = model.device

    @property
    def bytes(self) -> int:
        """Bytes of the importance held during training."""
        parts = (self._importance or {}).values()
        tensors = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return sum(one.numel() * one.element_size() for one in tensors)

    def add_gradients(self) -> float:
        """Add the penalty's gradient. Returns the penalty, on the scale of the mean loss per token."""
        total = 0.0
        is_cut = False
        for name, source, anchor in self._changes:
            if anchor is None:
                scale = source.scaling["default"]
                change = scale * (whole(source.lora_B["default"].weight) @ whole(source.lora_A["default"].weight))
            else:
                is_cut = isinstance(source, DTensor)
                change = local(source) - anchor.to(self._device, source.dtype)
            weighted = change.square()
            if self._importance is not None:
                weighted = _weigh(weighted, self._importance[name])
            part = self._factor * weighted.sum()
            part.backward()
            total += float(part.detach())
        return float(self._world.sum_of(torch.tensor(total, device=self._device))) if is_cut else total


def _part(value: torch.Tensor | None, target: torch.Tensor) -> torch.Tensor:
    """The part of a value that matches this process's part of a weight."""
    if isinstance(target, DTensor):
        return local(like(value, target)).cpu()
    assert value is not None
    return value


def _parts(importance: Importance, target: torch.Tensor) -> Importance:
    if isinstance(importance, tuple):
        # column means stay those of the whole weight
        return _part(importance[0], target), importance[1]
    return _part(importance, target)


def _weigh(squares: torch.Tensor, importance: Importance) -> torch.Tensor:
    if isinstance(importance, tuple):
        rows, columns = (one.to(squares.device) for one in importance)
        return squares * rows[:, None] * columns[None] / columns.mean().clamp_min(torch.finfo(torch.float32).tiny)
    return squares * importance.to(squares.device, squares.dtype)


def _read_fisher(path: Path) -> dict[str, Importance]:
    with safe_open(path, framework="pt") as file:
        return importance_from(file.keys(), file.get_tensor)


def importance_from(names: Iterable[str], tensor: Callable[[str], torch.Tensor]) -> dict[str, Importance]:
    """Importance by weight: of each value, or as row and column means, whose product over the mean approximates it.

    :param names: names of the file's tensors
    """
    found: dict[str, Importance] = {}
    for name in names:
        if name.startswith("tunewise.sample/") or name.endswith(".columns"):
            continue
        if name.endswith(".rows"):
            whole = name.removesuffix(".rows")
            found[whole] = (tensor(name), tensor(f"{whole}.columns"))
        else:
            found[name] = tensor(name)
    return found
