"""The processes that compute a run together, one per GPU, as `torchrun` starts them.

All execute the same program on different rows. Only the first talks to the controller and broadcasts its decisions and
queries, so that every process takes the same branches.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor

Item = TypeVar("Item")

BUCKET_VALUES = 16 << 20
"""Gradient values that are summed in one message: 64 MiB in float32."""


class World:
    """This process and its communication with the others."""

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
        """This process's part of items that are divided among all."""
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
        """Sum gradients over all processes, in place. FSDP has already summed those of sharded parameters."""
        if self.size == 1:
            return
        bucket: list[Tensor] = []
        for one in tensors:
            if isinstance(one, DTensor):
                continue
            # bounds both the number of messages and the size of the copy
            if bucket and sum(map(Tensor.numel, bucket)) + one.numel() > BUCKET_VALUES:
                _add_up(bucket)
                bucket = []
            bucket.append(one)
        if bucket:
            _add_up(bucket)

    def sum_of(self, value: Tensor) -> Tensor:
        """The sum of a value over all processes, in all of them."""
        if self.size > 1:
            dist.all_reduce(value)
        return value

    def agree(self, value: Tensor) -> Tensor:
        """The first process's tensor, in all of them."""
        if self.size > 1:
            value = value.contiguous()
            dist.broadcast(value, src=0)
        return value

    def collect(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Whole tensors in the first process's CPU memory; the others take part in gathering and keep nothing."""
        found = {}
        for name, one in tensors.items():
            value = whole(one.detach())
            if self.is_first:
                found[name] = value.cpu()
        return found

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Run the block in one process after another, so that only one needs the memory at a time."""
        # each sum of zeros is a barrier at which the others wait
        for _ in range(self.rank):
            self.sum_of(torch.zeros(()))
        yield
        for _ in range(self.size - self.rank):
            self.sum_of(torch.zeros(()))

    def close(self) -> None:
        """Leave the process group."""
        if self.size > 1:
            dist.destroy_process_group()


def _add_up(bucket: list[Tensor]) -> None:
    flat = torch.cat([one.flatten() for one in bucket])
    dist.all_reduce(flat)
    for one, part in zip(bucket, flat.split([one.numel() for one in bucket])):
        one.copy_(part.view_as(one))


def whole(value: Tensor) -> Tensor:
    """The whole tensor, from the parts of all processes. All of them must call this."""
    return value.full_tensor() if isinstance(value, DTensor) else value


def local(value: Tensor) -> Tensor:
    """The part of a tensor that this process holds."""
    return value.to_local() if isinstance(value, DTensor) else value


def like(value: Tensor | None, target: Tensor) -> Tensor:
    """A whole tensor, placed and sharded like another one.

    :param value: the first process's value is used; the others may pass `None` if the target is sharded
    """
    if not isinstance(target, DTensor):
        assert value is not None
        return value.to(target.device)
    if value is None:
        value = torch.empty(target.shape, dtype=target.dtype)
    return distribute_tensor(value.to(target.device), target.device_mesh, target.placements)


def joined(part: Tensor, target: Tensor) -> Tensor:
    """The whole of per-row values of a sharded tensor, from the parts of all processes. All of them must call this."""
    if not isinstance(target, DTensor):
        return part
    shape = torch.Size([target.shape[0], *part.shape[1:]])
    stride = torch.empty(shape, device="meta").stride()
    placed = DTensor.from_local(part, target.device_mesh, target.placements, shape=shape, stride=stride)
    return placed.full_tensor()
