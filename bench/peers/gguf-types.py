"""Compares GGUF files with what the `gguf` package makes of the same float32 values, byte by byte.

    python gguf-types.py F32.gguf OTHER.gguf ...

Prints, as JSON, for each other file: {"tensors": N, "matrices": {type: N}, "different": [names], "keys": N}
"""

import json
import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import quantize


def values(reader):
    return {tensor.name: np.array(tensor.data) for tensor in reader.tensors}


def compare(expected, reader):
    types, different = {}, []
    for tensor in reader.tensors:
        wanted = quantize(expected[tensor.name].astype(np.float32), tensor.tensor_type)
        name = tensor.tensor_type.name
        if len(tensor.shape) > 1:
            types[name] = types.get(name, 0) + 1
        if np.ascontiguousarray(wanted).tobytes() != np.ascontiguousarray(tensor.data).tobytes():
            different.append(tensor.name)
    keys = len(reader.fields)
    return {"tensors": len(reader.tensors), "matrices": types, "different": different, "keys": keys}


def main():
    first, *others = sys.argv[1:]
    expected = values(GGUFReader(first))
    print(json.dumps([compare(expected, GGUFReader(path)) for path in others]))


if __name__ == "__main__":
    main()
