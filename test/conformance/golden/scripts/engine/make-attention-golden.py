"""Causal attention of one long row and its gradients, by PyTorch in double precision.

    python make-attention-golden.py > ../../long-attention.json

Inputs are not stored: they are hashes of their places, brought to -1 to 1 and rounded to float32. Of the results, the
rows of every 131st token are.
"""

import json

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

TOKENS, HEADS, KV_HEADS, WIDTH, STEP = 2100, 4, 2, 16, 131


def numbers(seed, heads):
    mixed = np.arange(1, TOKENS * heads * WIDTH + 1, dtype=np.uint32) * np.uint32(8) + np.uint32(seed)
    for factor, shift in ((2654435761, 15), (2246822519, 13)):
        mixed = mixed * np.uint32(factor)
        mixed = mixed ^ (mixed >> np.uint32(shift))
    values = (mixed.astype(np.float64) / 2**31 - 1).astype(np.float32)
    tensor = torch.tensor(values.astype(np.float64)).reshape(TOKENS, heads, WIDTH)
    return tensor.transpose(0, 1).unsqueeze(0).requires_grad_()


def rows(tensor):
    flat = tensor[0].transpose(0, 1).reshape(TOKENS, -1)
    return [[float(f"{x:.9g}") for x in flat[at].tolist()] for at in range(0, TOKENS, STEP)]


def case(window):
    query, key, value = numbers(1, HEADS), numbers(2, KV_HEADS), numbers(3, KV_HEADS)
    gradient = numbers(4, HEADS).detach()
    place = torch.arange(TOKENS)
    distance = place[:, None] - place[None, :]
    mask = (distance >= 0) & (distance < (window or TOKENS))
    mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=2.0, enable_gqa=True)
    mixed.backward(gradient)
    results = {"mixed": mixed, "g.query": query.grad, "g.key": key.grad, "g.value": value.grad}
    return {"window": window, "rows": {name: rows(found.detach()) for name, found in results.items()}}


sizes = {"tokens": TOKENS, "heads": HEADS, "kvHeads": KV_HEADS, "width": WIDTH, "scale": 2, "step": STEP}
cases = [case(None), case(300)]
print(json.dumps({"torch": torch.__version__, **sizes, "cases": cases}, separators=(",", ":")))
