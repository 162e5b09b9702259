"""Prints what transformers builds for families, as JSON lines: `describe.py FAMILY...`, sizes as JSON on standard input."""

import json
import sys

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

sizes = json.load(sys.stdin)
for family in sys.argv[1:]:
    with torch.device("meta"):
        net = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **sizes[family], pad_token_id=0))
    layers = next(module for module in net.modules() if isinstance(module, nn.ModuleList))
    projections = {}
    for name, module in layers[0].named_modules():
        if isinstance(module, (nn.Linear, Conv1D)):
            widths = list(module.weight.shape)
            inputs, outputs = widths if isinstance(module, Conv1D) else widths[::-1]
            projections[name] = [inputs, outputs, module.bias is not None]
    facts = {
        "className": type(net).__name__,
        "parameters": sum(value.numel() for value in net.parameters()),
        "projections": projections,
    }
    print(json.dumps(facts))
