"""4-bit weights on a CPU: blocks cover the flattened tensor, as on a GPU and in the engine."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tunewise_worker.four_bit import read_blocks_across_rows

functional = pytest.importorskip("bitsandbytes.functional")
WIDTHS = [33, 64, 96, 100, 144, 192, 576]


@pytest.fixture(autouse=True)
def _corrected() -> None:
    read_blocks_across_rows()
    read_blocks_across_rows()  # as if a second model were loaded


def quantized(width: int, *, doubles: bool) -> tuple[Tensor, Any, Tensor]:
    """Codes, their quantization state and the values that they encode, block by block of the flattened tensor."""
    torch.manual_seed(width)
    weight = torch.randn(40, width) * 0.05
    codes, state = functional.quantize_4bit(weight, quant_type="nf4", compress_statistics=doubles)
    absmax = state.absmax
    if doubles:
        absmax = functional.dequantize_blockwise(absmax, state.state2) + state.offset
    each = torch.stack([codes.flatten() >> 4, codes.flatten() & 15], 1).flatten()[: weight.numel()]
    values = state.code[each.long()] * absmax.repeat_interleave(state.blocksize)[: weight.numel()]
    assert (values.reshape(weight.shape) - weight).abs().max() < 0.05
    return codes, state, values.reshape(weight.shape)


@pytest.mark.parametrize("doubles", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_blocks_span_rows(width: int, *, doubles: bool) -> None:
    codes, state, values = quantized(width, doubles=doubles)
    torch.testing.assert_close(functional.dequantize_4bit(codes, state), values, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("width", WIDTHS)
def test_products_and_gradients(width: int) -> None:
    import bitsandbytes

    codes, state, values = quantized(width, doubles=True)
    x = torch.randn(3, width, requires_grad=True)
    y = bitsandbytes.matmul_4bit(x, codes.t(), quant_state=state)
    torch.testing.assert_close(y, nn.functional.linear(x, values), rtol=1e-5, atol=1e-5)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(gradient, values.sum(0).expand(3, -1), rtol=1e-5, atol=1e-5)
