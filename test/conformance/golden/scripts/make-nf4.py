"""Makes NF4 codes, scales and dequantized values with bitsandbytes on CPU.

    python make-nf4.py ../quantize

Writes `nf4.safetensors`. Per case C: `C.x`, the numbers, and for S = plain, nested (scales quantized too)
`C.S.codes`, `C.S.absmax`, `C.S.back` (dequantized), and of nested ones `C.S.outer` and `C.S.offset`. `map` is the
table of the 8-bit dynamic type. Cases: whole and short blocks, odd lengths, zeros, tiny numbers, heavy tails, brain
floats, and numbers that lie on the bounds between codes.
"""

import argparse
from pathlib import Path

import bitsandbytes.functional as bnb
import torch
from safetensors.torch import save_file


def cases():
    source = torch.Generator().manual_seed(0)

    def normal(count):
        return torch.randn(count, generator=source)

    code = bnb.get_4bit_type("nf4", "cpu")
    bounds = (code[:-1] + code[1:]) / 2
    return {
        "normal": normal(64 * 40),
        "short": normal(64 * 5 + 18),
        "odd": normal(64 + 9),
        "zero": torch.cat([torch.zeros(64), normal(64)]),
        "tiny": normal(640) * 1e-6,
        "wide": normal(64 * 300) * torch.rand(64 * 300, generator=source) ** 4,
        "steps": torch.tensor([i / 512 - 1 for i in range(1025)]),
        "brain": normal(4096).bfloat16().float(),
        "bounds": torch.cat([bounds, -bounds, torch.ones(64 - 30)]),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {"map": bnb.create_dynamic_map()}
    for name, x in cases().items():
        tensors[f"{name}.x"] = x
        for nested in (False, True):
            codes, state = bnb.quantize_4bit(x, blocksize=64, compress_statistics=nested, quant_type="nf4")
            key = f"{name}.{'nested' if nested else 'plain'}"
            tensors[f"{key}.codes"] = codes.flatten()
            tensors[f"{key}.absmax"] = state.absmax
            tensors[f"{key}.back"] = bnb.dequantize_4bit(codes, state).flatten()[: x.numel()]
            if nested:
                tensors[f"{key}.outer"] = state.state2.absmax
                tensors[f"{key}.offset"] = state.offset.reshape(1)
    save_file({name: tensor.clone().contiguous() for name, tensor in tensors.items()}, folder / "nf4.safetensors")


main()
