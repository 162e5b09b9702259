"""Creates tiny random models of transformers families: `make.py FOLDER TOKENIZER_FOLDER FAMILY...`."""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

root, tokenizer = Path(sys.argv[1]), Path(sys.argv[2])
common = {
    "vocab_size": json.loads((tokenizer / "config.json").read_text())["vocab_size"],
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
special = {
    "gpt_neox": {"num_key_value_heads": 4},  # always as many as heads, whatever its configuration
    "gemma2": {"head_dim": 8},
    "gemma3_text": {"head_dim": 8},
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
    "qwen3_moe": {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "head_dim": 8},
    "granitemoe": {"num_local_experts": 4, "num_experts_per_tok": 2},
}
for family in sys.argv[3:]:
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **common | special.get(family, {}))
    net = AutoModelForCausalLM.from_config(config)
    # in several files, like large models
    net.save_pretrained(root / family, max_shard_size="100KB")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer / name, root / family / name)
