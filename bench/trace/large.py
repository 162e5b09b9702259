"""Time and memory of tracing a 70B model, LoRA and QLoRA, sharded over 8 cards.

    python bench/trace/large.py

The configuration is that of Llama 3 70B; every one of its 80 layers is traced. Seconds depend on what else the machine
does: processor seconds are given beside them. The result is written to `results/large.json`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CONFIG = {"model_type": "llama", "hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64}
CONFIG |= {"num_key_value_heads": 8, "intermediate_size": 28672, "vocab_size": 128256, "max_position_embeddings": 8192}
CONFIG |= {"tie_word_embeddings": False}


def request_of(method: str) -> dict:
    return {
        "model": {"config": CONFIG, "dtype": "bfloat16"},
        "method": {"kind": method, "rank": 16, "targets": "all-linear"},
        "training": {"recompute": "layer"},
        "batches": [[4096]],
        "world": {"size": 8, "sharding": "fsdp"},
        "card": {"capability": "8.0", "memoryBytes": 80 * 10**9},
    }


def main() -> None:
    found = {}
    for method in ("lora", "qlora"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "request.json")
            path.write_text(json.dumps(request_of(method)))
            command = [sys.executable, "-m", "tunewise_worker.trace", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parents[1] / "worker", check=True)
        answer = json.loads(done.stdout)
        found[method] = answer["cost"] | {
            "loadAverage": os.getloadavg()[0],
            "peakAllocatedBytes": answer["peakAllocatedBytes"],
            "peakReservedBytes": answer["peakReservedBytes"],
        }
        print(method, json.dumps(found[method]), flush=True)
    result = {"command": "python bench/trace/large.py", "cores": os.cpu_count(), "methods": found}
    HERE.joinpath("results", "large.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
