"""The penalty on the distance from the base: EWC and L2-SP.

Relative to the mean loss it is lambda / 2 times the sum of F (w - w0)^2, with the Fisher information F as importance,
or with 1 for L2-SP. For LoRA the distance is the product s B A that it adds to a weight.

Sources: Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3; Li et al. 2018 (arXiv 1802.01483), section 3.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from .job import Job
from .model import Model, load_base


class Penalty:
    """A penalty on what a model changes."""

    def __init__(self, job: Job, model: Model, fisher: Path | None) -> None:
        """:param fisher: importance of the weights, for EWC"""
        settings = job.training["penalty"]
        self._factor: float = settings["lambda"] / 2
        self._importance: dict[str, torch.Tensor | tuple[torch.Tensor, torch.Tensor]] | None = None
        if fisher is not None:
            self._importance = _read_fisher(fisher)
        self._changes: list[tuple[str, Any, torch.Tensor | None]] = []
        if job.method["kind"] == "full":
            anchors = load_base(job, torch.device("cpu")).state_dict()
            for name, value in model.trained().items():
                self._changes.append((name, value, anchors[name]))
        else:
            for name, module in model.net.named_modules():
                if hasattr(module, "lora_A") and "default" in module.lora_A:
                    self._changes.append((f"{name}.weight", module, None))
        self._device = model.device

    @property
    def bytes(self) -> int:
        """Bytes of importance held while training."""
        parts = (self._importance or {}).values()
        tensors = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return sum(one.numel() * one.element_size() for one in tensors)

    def add_gradients(self) -> float:
        """Add the penalty's gradient; returns the penalty, on the scale of the mean loss per token."""
        total = 0.0
        for name, source, anchor in self._changes:
            if anchor is None:
                scale = source.scaling["default"]
                change = scale * (source.lora_B["default"].weight @ source.lora_A["default"].weight)
            else:
                change = source - anchor.to(self._device, source.dtype)
            weighted = change.square()
            if self._importance is not None:
                weighted = _weigh(weighted, self._importance[name])
            part = self._factor * weighted.sum()
            part.backward()
            total += float(part.detach())
        return total


def _weigh(squares: torch.Tensor, importance: "torch.Tensor | tuple[torch.Tensor, torch.Tensor]") -> torch.Tensor:
    if isinstance(importance, tuple):
        rows, columns = (one.to(squares.device) for one in importance)
        return squares * rows[:, None] * columns[None] / columns.mean().clamp_min(torch.finfo(torch.float32).tiny)
    return squares * importance.to(squares.device, squares.dtype)


def _read_fisher(path: Path) -> dict:
    """Importance per weight, or as row and column means whose product over the overall mean approximates it."""
    found: dict = {}
    with safe_open(path, framework="pt") as file:
        for name in file.keys():
            if name.startswith("tunewise.sample/") or name.endswith(".columns"):
                continue
            if name.endswith(".rows"):
                whole = name.removesuffix(".rows")
                found[whole] = (file.get_tensor(name), file.get_tensor(f"{whole}.columns"))
            else:
                found[name] = file.get_tensor(name)
    return found
