"""The processes that compute a run together, one per card, as `torchrun` starts them.

All of them execute the same program on different rows. Only the first talks to the controller; what it decides and asks
is broadcast, so that every process takes the same branches.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor

Item = TypeVar("Item")


class World:
    """This process among the others."""

    def __init__(self, device: str) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        local = int(os.environ.get("LOCAL_RANK", "0"))
        self.device = torch.device("cuda", local) if device == "cuda" else torch.device(device)
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        if self.size > 1:
            backend = "cpu:gloo,cuda:nccl" if device == "cuda" else "gloo"
            dist.init_process_group(backend)

    @property
    def is_first(self) -> bool:
        """Whether this process talks to the controller and writes files."""
        return self.rank == 0

    def share(self, items: Sequence[Item]) -> list[Item]:
        """This process's part of what is computed together."""
        return list(items[self.rank :: self.size])

    def broadcast(self, value: Any) -> Any:
        """The first process's value, in all of them."""
        if self.size == 1:
            return value
        held = [value]
        dist.broadcast_object_list(held, src=0, device=torch.device("cpu"))
        return held[0]

    def gather(self, value: Any) -> list[Any]:
        """Every process's value, in all of them."""
        if self.size == 1:
            return [value]
        held: list[Any] = [None] * self.size
        dist.all_gather_object(held, value)
        return held

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Sum gradients over all processes, in place. Those of sharded parameters are summed already."""
        whole = [one for one in tensors if not isinstance(one, DTensor)]
        if self.size == 1 or not whole:
            return
        flat = torch.cat([one.flatten() for one in whole])
        dist.all_reduce(flat)
        first = 0
        for one in whole:
            one.copy_(flat[first : first + one.numel()].view_as(one))
            first += one.numel()

    def close(self) -> None:
        """Leave the others."""
        if self.size > 1:
            dist.destroy_process_group()


def whole(value: Tensor) -> Tensor:
    """A tensor with the parts of all processes. All of them must ask for it."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def like(value: Tensor, target: Tensor) -> Tensor:
    """A whole tensor, sharded as another one is."""
    if isinstance(target, DTensor):
        return distribute_tensor(value.to(target.device), target.device_mesh, target.placements)
    return value.to(target.device)
