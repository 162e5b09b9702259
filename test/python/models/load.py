"""Loads results as documented: `load.py` reads requests as JSON lines from stdin and prints JSON lines.

Each line has the number of tensors in the result, the names of those that the loaded model lacks, and the maximum
change of the base's logits.
"""

import json
import sys

import torch
from peft import PeftModel, get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

IDS = torch.arange(5, 25)[None]


def answer(request: dict) -> dict:
    net = AutoModelForCausalLM.from_pretrained(request["model"]).eval()
    before = net(IDS).logits
    if request["kind"] == "full":
        values = load_file(request["result"])
        unknown = net.load_state_dict(values, strict=False).unexpected_keys
        own = net.state_dict()
        missing = [name for name, value in values.items() if name in unknown or not torch.equal(own[name], value)]
    else:
        values = load_file(f"{request['result']}/adapter_model.safetensors")
        net = PeftModel.from_pretrained(net, request["result"]).eval()
        own = get_peft_model_state_dict(net, save_embedding_layers=False)
        missing = [name for name, value in values.items() if name not in own or not torch.equal(own[name], value)]
    after = net(IDS).logits
    return {"values": len(values), "missing": missing, "moved": float((after - before).abs().max())}


with torch.no_grad():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
