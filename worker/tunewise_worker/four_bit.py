"""4-bit weights on a CPU whose row width is not a multiple of the block size.

NF4's blocks of 64 cover the flattened tensor and span row boundaries. bitsandbytes reads them this way on CUDA. Its
CPU kernel (0.50) starts a new block at each row, so it returns wrong weights if the row width is even and not a
multiple of the block size.

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
    """Make bitsandbytes read such tensors as a single row, for the lifetime of the process.

    :returns: the library that keeps the replacement registered
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
