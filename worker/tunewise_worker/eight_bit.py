"""AdamW with 8-bit moments, computed by bitsandbytes: creating, measuring, saving and restoring it.

Moments are indices into a lookup table, with a scale for each block of 256. Tensors of fewer than 4,096 values keep
float32 moments.

Source: Dettmers et al. 2021 (arXiv 2110.02861); bitsandbytes/optim/optimizer.py `Optimizer2State`
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import torch
from torch import Tensor

from .contract import EightBitOptimizer
from .problems import Problem

NAMES = get_args(EightBitOptimizer)
SAVED = {"moment1": "state1", "moment2": "state2", "scale1": "absmax1", "scale2": "absmax2"}
"""Parts of a checkpoint and their names in bitsandbytes. Lookup tables are the same for all tensors and not saved."""


def adamw_8bit(parameters: list[dict[str, Any]], settings: Mapping[str, Any], device: torch.device) -> Any:
    """Create the optimizer. Its `squares` is the squared norm of its last update.

    :raises Problem: `OPTIMIZER_UNSUPPORTED` if bitsandbytes cannot be imported or does not support the device
    """
    name = settings["optimizer"]
    try:
        from bitsandbytes import optim
    except ImportError as error:
        raise unfit(name, "bitsandbytes cannot be loaded in the worker's environment") from error
    if device.type not in ("cuda", "cpu"):
        raise unfit(name, f"bitsandbytes does not support it on {device.type}")
    kind: Any = optim.AdamW8bit if name == "adamw-8bit" else optim.PagedAdamW8bit

    class Measured(kind):
        """Measures each tensor's update directly, because it cannot be derived from moments rounded to 8 bits."""

        def step(self, closure: Any = None) -> Any:
            self.squares = torch.zeros((), device=device)
            return super().step(closure)

        def update_step(self, group: Any, p: Tensor, gindex: int, pindex: int) -> None:
            before = p.detach().clone()
            super().update_step(group, p, gindex, pindex)
            self.squares += before.sub_(p.detach()).square().sum()

    betas = (settings["beta1"], settings["beta2"])
    return Measured(parameters, betas=betas, eps=settings["epsilon"])


def unfit(optimizer: str, reason: str) -> Problem:
    """The problem of an optimizer that cannot be used."""
    return Problem("OPTIMIZER_UNSUPPORTED", optimizer=optimizer, reason=reason)


def saved_state(optimizer: Any, value: Tensor) -> dict[str, Tensor]:
    """The parts of a parameter's state that a checkpoint stores."""
    state = _state(optimizer, value)
    return {part: state[key] for part, key in SAVED.items() if key in state}


def restore_state(optimizer: Any, value: Tensor, parts: Mapping[str, Tensor], step: int) -> None:
    """Restore a parameter's state from a checkpoint, into bitsandbytes' own buffers, which may be paged."""
    state = _state(optimizer, value)
    for part, key in SAVED.items():
        if key in state:
            state[key].copy_(parts[part])
    state["step"] = step


def _state(optimizer: Any, value: Tensor) -> dict[str, Any]:
    """A parameter's state, initialized to zero before its first step."""
    if not optimizer.state.get(value):
        group, at, index = next(place for place in _places(optimizer) if place[0]["params"][place[2]] is value)
        optimizer.init_state(group, value, at, index)
    return optimizer.state[value]


def _places(optimizer: Any) -> Iterator[tuple[dict[str, Any], int, int]]:
    for at, group in enumerate(optimizer.param_groups):
        for index in range(len(group["params"])):
            yield group, at, index
