"""Weights in 4 bits on a processor, whose rows are not whole blocks.

NF4's blocks of 64 are counted over the flat tensor and span the ends of rows. On CUDA bitsandbytes reads them so. Its
kernel for processors (0.50) begins each row with a new block, and returns other weights than were stored where a row's
width is even and not a multiple of the block.

Source: bitsandbytes/functional.py `quantize_4bit`; bitsandbytes/backends/cpu/ops.py `dequantize_4bit`
"""

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import Any

import torch
from torch import Tensor

NAME = "bitsandbytes::dequantize_4bit"


@cache
def read_blocks_across_rows() -> torch.library.Library:
    """Make bitsandbytes read such tensors as one row, which holds whole blocks, for as long as the process lives.

    :returns: what holds the replacement in place
    """
    import bitsandbytes as _  # registers its kernels

    original = torch.library.get_kernel(NAME, "CPU")

    def corrected(
        keys: Any, codes: Tensor, absmax: Tensor, block: int, kind: str, shape: Sequence[int], dtype: torch.dtype
    ) -> Tensor:
        flat = shape if shape[-1] % block == 0 else [prod(shape)]
        return original.call_boxed(keys, codes, absmax, block, kind, flat, dtype).reshape(shape)

    library = torch.library.Library(NAME.split("::")[0], "IMPL")  # noqa: TOR901 - lives as long as the process
    library.impl(NAME.split("::")[1], corrected, "CPU", with_keyset=True, allow_override=True)
    return library
