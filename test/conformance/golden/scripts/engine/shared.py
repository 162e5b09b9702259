"""What the engine's golden scripts have in common: seeds, the loss, adapter names, compact JSON."""

import hashlib
import json
import re

import peft
import torch
import transformers


def generator(text):
    """Random numbers that depend on a name alone."""
    return torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big"))


def row_logits(model, ids):
    """[T, V] of one row, alone and without padding."""
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


def row_sum(model, row):
    """Sum of negative log likelihoods over the row's labelled tokens, in nats."""
    chosen = torch.tensor(row["labelled"]).nonzero().flatten()
    logits = row_logits(model, row["ids"])[chosen - 1]
    return torch.nn.functional.cross_entropy(logits, torch.tensor(row["ids"])[chosen], reduction="sum")


def adapter_parameters(model):
    """Trained tensors under the names `peft` writes into adapter_model.safetensors."""
    named = model.named_parameters()
    return {key.replace(".default.", "."): weight for key, weight in named if weight.requires_grad}


def versions():
    return {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}


def compact(value):
    """JSON with each list of numbers on one line."""
    text = json.dumps(value, indent=1)
    return re.sub(r"\[[\s\d.,eE+-]+\]", lambda found: re.sub(r"\s+", " ", found.group()), text)
