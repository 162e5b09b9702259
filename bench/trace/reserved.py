"""Reserved bytes, by replay through the model of the caching allocator, against published ones of a plain PEFT loop.

    python bench/trace/reserved.py t4-qlora-2026-09-01.json

The file is that of `Anassbzdd/fitcheck: data/measurements` (MIT): ten QLoRA runs on a T4 with PyTorch 2.10. Nothing is
fitted, and nothing was changed after these rows were first compared.
"""

import json
import statistics
import sys
from pathlib import Path

from published import trace

from tunewise_worker.trace.request import read_request

LLAMA = {"model_type": "llama", "hidden_size": 2048, "num_attention_heads": 32, "max_position_embeddings": 8192}
MODELS = {
    "TinyLlama": LLAMA
    | {"num_hidden_layers": 22, "num_key_value_heads": 4, "intermediate_size": 5632, "vocab_size": 32000},
    "SmolLM2-1.7B": LLAMA
    | {"num_hidden_layers": 24, "num_key_value_heads": 32, "intermediate_size": 8192, "vocab_size": 49152}
    | {"tie_word_embeddings": True},
    "Qwen2.5-1.5B": {"model_type": "qwen2", "hidden_size": 1536, "num_hidden_layers": 28, "num_attention_heads": 12}
    | {"num_key_value_heads": 2, "intermediate_size": 8960, "vocab_size": 151936, "tie_word_embeddings": True},
}


def request_of(run: dict, model: str) -> dict:
    config = next(value for name, value in MODELS.items() if name in model)
    attention = run["attn_impl"]
    return {
        "program": "peft",
        "model": {"config": config, "dtype": "float16", "attention": attention}
        | ({"attentionKernel": "efficient"} if attention == "sdpa" else {}),
        "method": {"kind": "qlora", "doubleQuantization": False, "rank": 32, "targets": run["lora_targets"]},
        "training": {"recompute": "layer"},
        "batches": [[run["seq_len"]] * run["batch_size"]],
        "card": {"capability": "7.5"},
    }


def main(path: str) -> None:
    errors = {}
    for row in json.loads(Path(path).read_text())["runs"]:
        run = row["run"]
        name = f"{row['model_id'].split('/')[1]} {run['batch_size']}x{run['seq_len']} {run['attn_impl']}"
        found = trace(read_request(request_of(run, row["model_id"]))).replay
        errors[name] = round(100 * (found.reserved / 2**20 / row["measured"]["peak_reserved_mib"] - 1), 2)
        print(f"{name:40} {errors[name]:+6.2f} %", flush=True)
    sizes = [abs(one) for one in errors.values()]
    summary = {"rows": len(sizes), "median": round(statistics.median(sizes), 2), "worst": max(sizes)}
    result = {"command": "python bench/trace/reserved.py t4-qlora-2026-09-01.json", **summary, "errors": errors}
    Path(__file__).with_name("results").joinpath("reserved.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(summary))


if __name__ == "__main__":
    main(sys.argv[1])
