"""Records a step: its allocations and frees in order, and the work of its operations."""

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map_only
from torch.utils.flop_counter import flop_registry

from .allocator import rounded

MOMENTS = ("load", "importance", "forward", "backward", "penalty", "step", "evaluation")
MATMULS = ("mm", "addmm", "bmm", "baddbmm", "_grouped_mm")
MAX_SHADOW = 1 << 20
"""Maximum size of an integer tensor whose values are also computed, so that the model's own code can branch on them."""

aten = torch.ops.aten
INDEXING = (aten.index, aten.index_put, aten.index_put_, aten._unsafe_index)


@dataclass
class Work:
    """The work of kernels of one kind."""

    calls: int = 0
    flops: int = 0
    bytes: int = 0


@dataclass
class Log:
    """Allocations and frees of storages in order: (number, bytes), or (number, 0) for a free."""

    events: list[tuple[int, int]] = field(default_factory=list)
    moments: list[tuple[int, str]] = field(default_factory=list)
    """Where each moment begins, as an index into `events`."""
    backwards: list[int] = field(default_factory=list)
    """Where each backward pass begins."""
    terms: dict[int, str] = field(default_factory=dict)
    """The term that a storage counts for, if known."""
    born: dict[int, str] = field(default_factory=dict)
    """The moment in which a storage was allocated; `recompute` for a forward pass within the backward pass."""
    work: dict[str, Work] = field(default_factory=lambda: defaultdict(Work))


class Recorder(TorchDispatchMode):
    """Tracks every tensor on the meta device from its first appearance until its storage is freed."""

    def __init__(self, *, device: str = "meta") -> None:
        super().__init__()
        self.log = Log()
        self.live = 0
        self.vocabulary = -1
        """Tensors with this last dimension are logits."""
        self._device = device
        self._numbers: dict[int, int] = {}
        self._sizes: dict[int, int] = {}
        self._next = 0
        self._moment = "load"
        self._known: dict[Any, Outcome] = {}

    # Storages

    @property
    def moment(self) -> str:
        return self._moment

    def begin(self, moment: str) -> None:
        self._moment = moment
        self.log.moments.append((len(self.log.events), moment))
        if moment == "backward":
            self.begin_backward()

    def begin_backward(self) -> None:
        """Note that a backward pass begins, within a moment or as a moment of its own."""
        self.log.backwards.append(len(self.log.events))

    def number(self, tensor: Tensor) -> int | None:
        """The number of a tensor's storage; `None` if it is not tracked."""
        return self._numbers.get(tensor.untyped_storage()._cdata)

    def adopt(self, tensors: Iterable[Tensor], term: str) -> None:
        """Track tensors that were created elsewhere, and set the term that they count for."""
        for one in tensors:
            self._follow(one)
            number = self.number(one)
            if number is not None:
                self.log.terms[number] = term

    def hold(self, size: int, term: str) -> int:
        """Record bytes that a library allocates. They stay until `release`. Returns their number."""
        self._next += 1
        size = rounded(size)
        self.log.events.append((self._next, size))
        self.log.terms[self._next] = term
        is_recomputing = self._moment == "backward" and torch.is_grad_enabled()
        self.log.born[self._next] = "recompute" if is_recomputing else self._moment
        self._sizes[self._next] = size
        self.live += size
        return self._next

    def release(self, number: int) -> None:
        self.log.events.append((number, 0))
        self.live -= self._sizes.pop(number)

    def _follow(self, tensor: Tensor) -> bool:
        """Track a tensor. Returns whether its storage is new."""
        if tensor.device.type != self._device:
            return False
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._numbers or storage.nbytes() == 0:
            return False
        number = self.hold(storage.nbytes(), self._term(tensor))
        self._numbers[key] = number
        weakref.finalize(storage, self._forget, key).atexit = False
        return True

    def _forget(self, key: int) -> None:
        self.release(self._numbers.pop(key))

    def _term(self, tensor: Tensor) -> str:
        if self._moment == "penalty":
            return "penalty"
        is_logits = tensor.dim() > 1 and tensor.shape[-1] == self.vocabulary and self._moment != "step"
        return "logits" if is_logits else ""

    # Operations

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self._device != "meta":
            result = func(*args, **kwargs)
            self._follow_all(result)
            return result
        packet = func._overloadpacket
        answer = ANSWERS.get(packet)
        result = NotImplemented if answer is None else answer(func, args, kwargs)
        if result is not NotImplemented:
            if isinstance(result, Tensor):
                self._follow(result)
            return result
        key = _signature(func, args, kwargs)
        known = None if key is None else self._known.get(key)
        if known is None:
            if packet in INDEXING:
                args = (args[0], [_as_integers(one) for one in args[1]], *args[2:])
            result = func(*args, **kwargs)
            _shadow(func, args, kwargs, result)
            is_new = self._follow_all(result)
            if not (is_new or func._schema.is_mutable):
                return result
            known = _outcome(func, args, kwargs, result)
            if key is not None and known.can_repeat:
                self._known[key] = known
        else:
            result = known.make()
            self._follow_all(result)
        work = self.log.work[self._kind(known)]
        work.calls += 1
        work.flops += known.flops
        work.bytes += known.bytes
        if known.workspace:
            self.release(self.hold(known.workspace, "temporaries"))
        return result

    def _kind(self, known: "Outcome") -> str:
        """The kind of work; work that is done once per step, whatever its batches, has its own kinds."""
        if self._moment == "penalty":
            return "transfer" if known.is_sent else "penalty"
        return "optimizer" if self._moment == "step" and known.kind == "elementwise" else known.kind

    def _follow_all(self, result: Any) -> bool:
        if isinstance(result, Tensor):
            return self._follow(result)
        is_new = False
        for one in result if isinstance(result, (tuple, list)) else ():
            if isinstance(one, Tensor):
                is_new |= self._follow(one)
        return is_new


@dataclass(frozen=True)
class Outcome:
    """The results and work of an operation on tensors of given shapes, cached because equal layers repeat it."""

    made: tuple[tuple[Any, ...] | None, ...]
    """Shape, strides and type of each result; `None` for one that is not a tensor."""
    is_single: bool
    can_repeat: bool
    kind: str
    is_sent: bool
    """Whether it copies from CPU memory to GPU memory."""
    flops: int
    bytes: int
    workspace: int

    def make(self) -> Any:
        values = [one and torch.empty_strided(one[0], one[1], dtype=one[2], device="meta") for one in self.made]
        return values[0] if self.is_single else tuple(values)


def _signature(func: Any, args: Any, kwargs: Any) -> Any:
    """What the outcome of an operation depends on; `None` if the operation must be run."""
    found: list[Any] = [func]
    for one in (*args, *kwargs.values()):
        if isinstance(one, Tensor):
            if not one.is_meta or not one.is_floating_point():
                return None
            found.append((one.shape, one.stride(), one.dtype))
        elif isinstance(one, (list, tuple)):
            if any(isinstance(part, Tensor) for part in one):
                return None
            found.append(tuple(one))
        else:
            found.append((type(one), one))
    return (*found, *kwargs)


def _outcome(func: Any, args: Any, kwargs: Any, result: Any) -> Outcome:
    outputs = [result] if isinstance(result, Tensor) else list(result) if isinstance(result, (tuple, list)) else []
    given = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, Tensor)]
    tensors = [one for one in outputs if isinstance(one, Tensor)]
    storages = [one.untyped_storage()._cdata for one in (*tensors, *given)]
    is_fresh = len(set(storages[: len(tensors)])) == len(tensors) and not set(storages[: len(tensors)]) & set(
        storages[len(tensors) :]
    )
    packet = func._overloadpacket
    name = packet.__name__
    kind = "matmul" if name in MATMULS else "attention" if "_attention" in name else "elementwise"
    is_sent = packet is aten._to_copy and not args[0].is_meta
    return Outcome(
        made=tuple((one.shape, one.stride(), one.dtype) if isinstance(one, Tensor) else None for one in outputs),
        is_single=isinstance(result, Tensor),
        can_repeat=is_fresh
        and not func._schema.is_mutable
        and all(one is None or isinstance(one, Tensor) and one.is_meta for one in outputs)
        and all(one.storage_offset() == 0 for one in tensors),
        kind=kind,
        is_sent=is_sent,
        flops=_flops(packet, args, kwargs, result) // (2 if _is_causal(func, args, kwargs) else 1),
        # the source device converts, so the transfer is as large as the result: `Copy.cu`
        bytes=sum(one.numel() * one.element_size() for one in (tensors if is_sent else (*given, *tensors))),
        workspace=WORKSPACES[packet](args) if packet in WORKSPACES else 0,
    )


def _flops(packet: Any, args: Any, kwargs: Any, result: Any) -> int:
    if packet is aten._grouped_mm:
        # rows or the summed dimension in groups: either way each row is multiplied with one expert
        return 2 * args[0].shape[-1] * result.shape[-1] * result.shape[-2]
    return flop_registry[packet](*args, **kwargs, out_val=result) if packet in flop_registry else 0


def _is_causal(func: Any, args: Any, kwargs: Any) -> bool:
    """Whether an attention kernel skips the products above the diagonal, which are half of all."""
    for at, argument in enumerate(func._schema.arguments):
        if argument.name == "is_causal":
            return bool(kwargs.get("is_causal", args[at] if at < len(args) else False))
    return False


def _flash_workspace(args: Any) -> int:
    """Gradients of queries in float32, a sum for each, and ungrouped gradients: `flash_api.cpp`, `mha_bwd`."""
    query, key = args[1], args[2]
    batch, heads, length, width = query.shape
    length = -(-length // 128) * 128
    size = batch * heads * length * (-(-width // 32) * 32 + 1) * 4
    is_grouped = key.shape[1] != heads
    return size + (2 * batch * heads * key.shape[2] * width * query.element_size() if is_grouped else 0)


def _efficient_workspace(args: Any) -> int:
    """Gradients of queries in float32, and of keys and values if a head is wider than 128: `kernel_backward.h`."""
    query, key = args[1], args[2]
    batch, heads, length, width = query.shape
    sums = batch * heads * length * 4
    if query.element_size() == 4:
        return sums
    return sums + 4 * batch * heads * width * (length + (2 * key.shape[2] if width > 128 else 0))


def _softmax_workspace(args: Any) -> int:
    """The gradient times the result: `softmax_backward_cuda_out` of `SoftMax.cu`."""
    return args[0].numel() * args[0].element_size()


WORKSPACES: dict[Any, Callable[[Any], int]] = {
    aten._softmax_backward_data: _softmax_workspace,
    aten._scaled_dot_product_flash_attention_backward: _flash_workspace,
    aten._scaled_dot_product_efficient_attention_backward: _efficient_workspace,
}


# Operations that need the values of tensors


def _shadow_of(value: Tensor) -> Tensor | None:
    return getattr(value, "_shadow", None)


def _shadow(func: Any, args: Any, kwargs: Any, result: Any) -> None:
    """Compute integers on the CPU as well, if all values that they depend on are known."""
    outputs = [result] if isinstance(result, Tensor) else tree_flatten(result)[0]
    metas = [one for one in outputs if isinstance(one, Tensor) and one.is_meta]
    if not metas:
        return
    if func._overloadpacket is aten.topk:
        vars(metas[1])["_shadow"] = _spread(metas[1], args[0].shape[-1])
        return
    if any(one.is_floating_point() or one.numel() > MAX_SHADOW for one in metas):
        return
    given = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, Tensor) and one.is_meta]
    if any(_shadow_of(one) is None for one in given):
        if func._schema.is_mutable:
            for one in metas:
                vars(one)["_shadow"] = None
        return
    with torch.no_grad():
        args, kwargs = tree_map_only(Tensor, lambda one: _shadow_of(one) if one.is_meta else one, (args, kwargs))
        device = kwargs.get("device")
        if device is not None and torch.device(device).type == "meta":
            kwargs = {**kwargs, "device": torch.device("cpu")}
        if func._overloadpacket is aten._to_copy or func._overloadpacket is aten.copy_:
            kwargs.pop("non_blocking", None)
        if func._overloadpacket is aten.histc:  # supports integers only on a GPU
            args = (args[0].float(), *args[1:])
        found = tree_flatten(func(*args, **kwargs))[0]
    for one, value in zip(outputs, found):
        if isinstance(one, Tensor) and one.is_meta:
            vars(one)["_shadow"] = value


def _spread(indices: Tensor, choices: int) -> Tensor:
    """Choices of a router that spreads tokens evenly over all experts."""
    rows = indices.numel() // indices.shape[-1]
    return (torch.arange(rows * indices.shape[-1]) % choices).reshape(indices.shape)


def _as_integers(index: Any) -> Any:
    if not (isinstance(index, Tensor) and index.is_meta and index.dtype == torch.bool):
        return index
    known = _shadow_of(index)
    if known is None or index.dim() != 1:
        raise NotImplementedError("values are chosen by a mask that depends on weights")
    return _with_shadow(known.nonzero().flatten())


def _with_shadow(value: Tensor) -> Tensor:
    result = value.to("meta")
    vars(result)["_shadow"] = value
    return result


def _scalar(func: Any, args: Any, kwargs: Any) -> Any:
    value = args[0]
    if not value.is_meta:
        return func(*args, **kwargs)
    known = _shadow_of(value)
    if known is not None:
        return known.item()
    # a loss or a norm: the step only checks that it is finite
    return 1.0 if value.is_floating_point() else True if value.dtype == torch.bool else 1


def _nonzero(func: Any, args: Any, kwargs: Any) -> Any:
    value = args[0]
    if not value.is_meta:
        return func(*args, **kwargs)
    known = _shadow_of(value)
    if known is None:
        raise NotImplementedError("values are chosen by a mask that depends on weights")
    return _with_shadow(func(known))


def _to_copy(func: Any, args: Any, kwargs: Any) -> Any:
    """Copies to the CPU have no values: return zeros that take no memory."""
    device = kwargs.get("device")
    if not args[0].is_meta or device is None or torch.device(device).type == "meta":
        return NotImplemented
    return torch.zeros((), dtype=kwargs.get("dtype") or args[0].dtype).expand(args[0].shape)


def _allclose(func: Any, args: Any, kwargs: Any) -> Any:
    return True if args[0].is_meta else func(*args, **kwargs)


def _fused(func: Any, args: Any, kwargs: Any) -> None:
    """The fused optimizer works in place and allocates nothing."""


ANSWERS: dict[Any, Callable[[Any, Any, Any], Any]] = {
    aten._local_scalar_dense: _scalar,
    aten.nonzero: _nonzero,
    aten.allclose: _allclose,
    aten._to_copy: _to_copy,
    aten._fused_adamw_: _fused,
}
