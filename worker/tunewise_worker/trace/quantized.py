"""4-bit linear layers with the same sizes of storage, temporaries and gradients as in bitsandbytes."""

from collections.abc import Callable
from typing import Any, cast

import torch
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn

BLOCK = 64
"""Weights that share a scale."""
NESTED_BLOCK = 256
"""Scales that share a scale, with double quantization."""


class Linear4bit(nn.Linear):
    """A frozen linear layer with two weights per byte and a scale for each block.

    As `bitsandbytes.nn.Linear4bit`, it multiplies with a copy in the compute type, made for each use.
    """

    def __init__(self, base: nn.Linear, kind: torch.dtype, *, doubles: bool) -> None:
        super().__init__(base.in_features, base.out_features, bias=base.bias is not None, device="meta")
        if base.bias is not None:
            self.bias = base.bias
        self.computing_type = kind
        count, device = base.weight.numel(), base.weight.device
        blocks = -(-count // BLOCK)
        self.weight = nn.Parameter(torch.empty((count + 1) // 2, 1, dtype=torch.uint8, device=device), False)
        self.scales = torch.empty(blocks, dtype=torch.uint8 if doubles else torch.float32, device=device)
        self.state = [self.scales, torch.empty(16, device=device)]
        if doubles:
            nested = torch.empty(-(-blocks // NESTED_BLOCK), device=device)
            self.state += [nested, torch.empty(256, device=device), torch.empty((), device=device)]
        self.doubles = doubles

    def dequantize(self) -> Tensor:
        """A copy of the weights, shape [out, in]."""
        device = self.weight.device
        if self.doubles:
            scales = torch.empty(self.scales.shape, device=device)
            scales += self.state[-1]
        return torch.empty(self.out_features, self.in_features, dtype=self.computing_type, device=device)

    def forward(self, input: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(self.computing_type)
        return _Multiply.apply(input.to(self.computing_type), self, bias).to(input.dtype)


class _Multiply(torch.autograd.Function):
    """Saves no input for the backward pass: the weights are frozen."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, layer: Linear4bit, bias: Tensor | None) -> Tensor:
        ctx.layer = layer
        return nn.functional.linear(input, layer.dequantize().to(input.dtype), bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return torch.matmul(gradient, ctx.layer.dequantize().to(gradient.dtype)), None, None


class LoraLinear4bit(LoraLinear):
    """An adapter on such a layer, as in PEFT's `tuners/lora/bnb.py`: it first copies the layer's result."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        result = self.base_layer(x, *args, **kwargs)
        if self.disable_adapters:
            return result
        result = result.clone()
        for name in self.active_adapters:
            first, second, dropout = self.lora_A[name], self.lora_B[name], cast(nn.Module, self.lora_dropout[name])
            given = self._cast_input_dtype(x, cast(Tensor, first.weight).dtype)
            change = second(first(dropout(given))) * self.scaling[name]
            change = change.to(result.dtype)
            result = result + change
        return result


def quantize(
    net: Any, kind: torch.dtype, *, doubles: bool, on_layer: Callable[[nn.Linear, Linear4bit], None] | None = None
) -> None:
    """Replace linear layers as transformers does for bitsandbytes: all except the output layer.

    :param on_layer: called with each replaced layer and its replacement
    """
    kept = net.get_output_embeddings()
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear and child is not kept:
                layer = Linear4bit(child, kind, doubles=doubles)
                setattr(parent, name, layer)
                if on_layer is not None:
                    on_layer(child, layer)
    net.is_loaded_in_4bit = True


def quantized_state(net: nn.Module) -> list[Tensor]:
    """Scales and tables of all layers, which are not parameters."""
    return [one for module in net.modules() if isinstance(module, Linear4bit) for one in module.state]
