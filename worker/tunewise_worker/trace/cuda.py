"""PyTorch's behavior on CUDA, for tensors on the meta device.

Fake tensors on device "cuda" need a GPU for their backward pass (autograd looks for its context), autocast is off
without one, and attention falls back to plain products. The meta device needs no GPU. This module therefore makes the
choices that depend on the device: which kernel computes attention, how dropout stores its mask, and which operations
autocast runs in which type. Gradients use PyTorch's own formulas for those kernels, which determine what is saved.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, ContextManager, Literal
from unittest.mock import patch

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

Kernel = Literal["flash", "efficient", "math"]
HALVES = (torch.float16, torch.bfloat16)

LOWERED = frozenset(
    [
        "linear", "matmul", "__matmul__", "__rmatmul__", "mm", "mv", "bmm", "addmm", "addmv", "addbmm",
        "baddbmm", "einsum", "conv1d", "conv2d", "conv3d", "prelu", "chain_matmul",
        "scaled_dot_product_attention",
    ]
)
"""Operations that run in the shorter type: `AT_FORALL_LOWER_PRECISION_FP` of `aten/src/ATen/autocast_mode.h`."""
RAISED = frozenset(
    [
        "acos", "asin", "cosh", "erfinv", "exp", "expm1", "log", "log10", "log2", "log1p", "reciprocal",
        "rsqrt", "sinh", "tan", "pow", "__pow__", "__rpow__", "softplus", "layer_norm", "group_norm", "norm",
        "nll_loss", "cosine_similarity", "poisson_nll_loss", "kl_div", "l1_loss", "smooth_l1_loss",
        "huber_loss", "mse_loss", "dist", "renorm", "logsumexp",
    ]
)
"""Operations that run in float32: `AT_FORALL_FP32`."""
WIDENED = frozenset(
    [
        "prod", "softmax", "log_softmax", "cumprod", "cumsum", "sum", "cross_entropy",
    ]
)
"""Operations with a float32 result unless a type is given: `AT_FORALL_FP32_SET_OPT_DTYPE`, and what begins with one."""


@dataclass(frozen=True)
class Card:
    """The GPU to trace for. Capability 7.5 is a T4, 8.0 an A100, 9.0 an H100."""

    capability: tuple[int, int] = (8, 0)
    memory: int | None = None
    """Bytes that the process may reserve; `None` for no limit."""

    @property
    def has_flash(self) -> bool:
        return self.capability >= (8, 0)

    @property
    def blas_workspace(self) -> int:
        """Bytes of the cuBLAS workspace of each thread that computes products: `CublasHandlePool.cpp`."""
        return 32 << 20 if self.capability >= (9, 0) else (2 * 4096 + 8 * 16) << 10


class CudaSemantics(TorchFunctionMode):
    """Makes the choices of a GPU within this context."""

    def __init__(self, card: Card, attention_kernel: Kernel | None = None) -> None:
        """:param attention_kernel: the kernel that `sdpa_kernel` pins; `None` for PyTorch's own choice"""
        super().__init__()
        self.card = card
        self.kernels: dict[str, int] = {}
        """Number of calls of each attention kernel."""
        self._pinned = attention_kernel
        self._type: torch.dtype | None = None
        self._in_autocast = False
        self._casts: dict[int, tuple[Tensor, Tensor]] = {}
        self.on_copy: Callable[[Tensor], None] = lambda _: None
        """Called with each copy of a weight that autocast makes."""

    @contextmanager
    def autocast(self, kind: torch.dtype) -> Iterator[None]:
        """Like `torch.autocast("cuda", kind)`: casts of weights are cached until it ends."""
        self._type, self._in_autocast = kind, True
        try:
            yield
        finally:
            self._in_autocast = False
            self._casts.clear()

    def foreign_autocast(self, device_type: str, *args: Any, **kwargs: Any) -> ContextManager[Any]:
        """Replaces `torch.autocast`: libraries pass the device of their tensors, mostly to disable autocast."""
        if device_type != "meta":
            return torch.amp.autocast_mode.autocast(device_type, *args, **kwargs)
        return nullcontext() if kwargs.get("enabled", True) else self._paused()

    @contextmanager
    def _paused(self) -> Iterator[None]:
        kind, self._type = self._type, None
        try:
            yield
        finally:
            self._type = kind

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        # layers recomputed in the backward pass use the same types as in the forward pass
        if self._type is not None and (self._in_autocast or _is_recomputing()):
            args, kwargs = self._cast(name, args, kwargs)
        if name == "scaled_dot_product_attention":
            return self._attention(*args, **kwargs)
        if name == "backward":
            return self._backward(args[0])
        if name == "dropout" and isinstance(args[0], Tensor):
            return _dropout(*args, **kwargs)
        is_softmax = name in ("softmax", "log_softmax") and args[0].is_meta
        if is_softmax and args[0].dtype == torch.float16 and kwargs.get("dtype") == torch.float32:
            return _fused_softmax(name, *args, **kwargs)
        return func(*args, **kwargs)

    def _backward(self, loss: Tensor) -> None:
        """Like `loss.backward()`, with this mode active for layers that are recomputed within."""
        with self:
            first = (torch.ones_like(loss),)
            torch.autograd.Variable._execution_engine.run_backward(
                (loss,), first, False, False, (), allow_unreachable=True, accumulate_grad=True
            )

    def _cast(self, name: str, args: Any, kwargs: Any) -> tuple[Any, Any]:
        if name in LOWERED:
            return self._cast_all(args, self._lower), self._cast_all(kwargs, self._lower)
        if name in RAISED:
            return self._cast_all(args, _raise), self._cast_all(kwargs, _raise)
        if name in WIDENED and kwargs.get("dtype") is None and args and isinstance(args[0], Tensor):
            return (_raise(args[0]), *args[1:]), kwargs
        return args, kwargs

    def _cast_all(self, values: Any, cast: Callable[[Tensor], Tensor]) -> Any:
        if isinstance(values, dict):
            return {name: self._cast_all(one, cast) for name, one in values.items()}
        if isinstance(values, (tuple, list)):
            return type(values)(self._cast_all(one, cast) for one in values)
        is_cast = isinstance(values, Tensor) and values.is_meta and values.is_floating_point()
        return cast(values) if is_cast and values.dtype != torch.float64 else values

    def _lower(self, value: Tensor) -> Tensor:
        if value.dtype == self._type:
            return value
        is_weight = value.dtype == torch.float32 and value.requires_grad and value.is_leaf and value._base is None
        if not is_weight:
            return value.to(self._type)
        found = self._casts.get(id(value))
        if found is None:
            found = (value, value.to(self._type))
            self.on_copy(found[1])
            if self._in_autocast:
                self._casts[id(value)] = found
        return found[1]

    def _attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Tensor:
        is_grouped = query.shape[-3] != key.shape[-3]
        if is_grouped and self._pinned == "efficient":
            # this kernel has no grouped heads: a program that pins it must repeat keys and values
            groups = query.shape[-3] // key.shape[-3]
            key, value = key.repeat_interleave(groups, dim=-3), value.repeat_interleave(groups, dim=-3)
            is_grouped = False
        kernel = self._pinned or choose_kernel(self.card, query, key, attn_mask, is_grouped=is_grouped)
        self.kernels[kernel] = self.kernels.get(kernel, 0) + 1
        if kernel == "flash":
            return _flash(query, key, value, dropout_p, is_causal, scale)
        if kernel == "efficient":
            return _efficient(query, key, value, attn_mask, dropout_p, is_causal, scale)
        return torch.ops.aten._scaled_dot_product_attention_math(
            query, key, value, attn_mask, dropout_p, is_causal, None, scale=scale, enable_gqa=enable_gqa
        )[0]


def choose_kernel(card: Card, query: Tensor, key: Tensor, mask: Tensor | None, *, is_grouped: bool) -> Kernel:
    """PyTorch's choice: `sdp_utils.cpp` in `aten/src/ATen/native/transformers/cuda`, in its default order.

    cuDNN's kernel, which some builds prefer on 9.0, saves the same tensors as flash attention.
    """
    is_half, width = query.dtype in HALVES, query.shape[-1]
    if query.dim() != 4 or query.dtype not in (*HALVES, torch.float32):
        return "math"
    if card.has_flash and is_half and mask is None and width <= 256:
        return "flash"
    if is_grouped or (mask is not None and mask.requires_grad):
        return "math"
    if query.dtype == torch.bfloat16 and card.capability < (8, 0):
        return "math"
    aligned = 8 if is_half and card.capability >= (7, 0) else 4 if card.capability >= (8, 0) else 1
    return "efficient" if width % aligned == 0 and key.shape[-2] > 0 else "math"


def experts_of(card: Card) -> ContextManager[Any]:
    """Disable grouped products of experts before 8.0, which lacks the kernel; transformers would ask the actual GPU."""
    try:
        from transformers.integrations import moe
    except ImportError:
        return nullcontext()
    if card.capability >= (8, 0) or not hasattr(moe, "_can_use_grouped_mm"):
        return nullcontext()
    return patch.object(moe, "_can_use_grouped_mm", lambda *_: False)


def _flash(q: Tensor, k: Tensor, v: Tensor, dropout: float, is_causal: bool, scale: float | None) -> Tensor:
    width = q.shape[-1]
    scale = width**-0.5 if scale is None else scale
    if width % 8:
        q, k, v = (torch.nn.functional.pad(one, (0, 8 - width % 8)) for one in (q, k, v))
    out = torch.ops.aten._scaled_dot_product_flash_attention(q, k, v, dropout, is_causal, False, scale=scale)[0]
    return out[..., :width] if width % 8 else out


def _efficient(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout: float, is_causal: bool, scale: float | None
) -> Tensor:
    if mask is not None:
        if mask.dtype == torch.bool:
            mask = torch.zeros_like(mask, dtype=q.dtype).masked_fill_(mask.logical_not(), float("-inf"))
        spare = -mask.shape[-1] % 16
        if spare:
            mask = torch.nn.functional.pad(mask, (0, spare))[..., : mask.shape[-1]]
        mask = mask.expand(q.shape[0], q.shape[1], q.shape[2], k.shape[2])
    is_trained = torch.is_grad_enabled() and any(one.requires_grad for one in (q, k, v))
    return torch.ops.aten._scaled_dot_product_efficient_attention(
        q, k, v, mask, is_trained, dropout, is_causal, scale=scale
    )[0]


def _dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """The fused kernel, which saves a mask of one byte per value."""
    if not training or p == 0.0:
        return input
    return torch.native_dropout(input, p, True)[0]


def _fused_softmax(name: str, input: Tensor, dim: int, *_: Any, **__: Any) -> Tensor:
    """Softmax from float16 to float32 in one kernel: `aten/src/ATen/native/SoftMax.cpp`."""
    return getattr(torch.ops.aten, f"_{name}")(input, dim, True)


def _raise(value: Tensor) -> Tensor:
    return value.float()


def _is_recomputing() -> bool:
    """Whether a forward pass is being recomputed within a backward pass."""
    return torch._C._current_graph_task_id() != -1 and torch.is_grad_enabled()
