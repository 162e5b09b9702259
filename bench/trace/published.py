"""Traced peaks against published peaks of a plain PEFT loop on one card.

    python bench/trace/published.py /path/to/measurements/memory.csv m08 m10 m12

The rows are those of `stack` hf-peft: a T4, fp16, rank 32, AdamW without autocast, no dropout, `sdpa` pinned to the
memory-efficient kernel with keys and values repeated, as the program that was measured does
(`Anassbzdd/fitcheck: scripts/measure.py`). Nothing is fitted. The result holds row names and errors only.
"""

import csv
import json
import statistics
import sys
import time
from pathlib import Path

from transformers.models.gemma2.modeling_gemma2 import Gemma2PreTrainedModel

sys.path.insert(0, str(Path(__file__).parents[2] / "worker"))

from tunewise_worker.trace.request import read_request
from tunewise_worker.trace.step import trace

# The library that was measured let Gemma 2 use `sdpa`, without its soft cap; later ones refuse.
Gemma2PreTrainedModel._supports_sdpa = True

FAMILIES = {
    "Qwen2.5": {"model_type": "qwen2", "rope_theta": 1e6},
    "gemma-2": {"model_type": "gemma2", "query_pre_attn_scalar": 256},
    "": {"model_type": "llama"},
}
TARGETS = {"q": "q_proj", "k": "k_proj", "v": "v_proj", "o": "o_proj"}


def request_of(row: dict[str, str]) -> dict:
    """The request of a row: model by its public configuration, program as measured."""
    family = next(value for name, value in FAMILIES.items() if row["model"].startswith(name))
    config = family | {
        "hidden_size": int(row["hidden"]),
        "num_hidden_layers": int(row["layers"]),
        "num_attention_heads": int(row["heads"]),
        "num_key_value_heads": int(row["kv_heads"]),
        "head_dim": int(row["head_dim"]),
        "intermediate_size": int(row["intermediate"]),
        "vocab_size": int(row["vocab"]),
        "tie_word_embeddings": row["tied_embeddings"] == "true",
        "max_position_embeddings": 8192,
    }
    model = {"config": config, "dtype": "float16", "attention": row["attention"]}
    if row["attention"] == "sdpa":
        model["attentionKernel"] = "efficient"
        if config["model_type"] == "gemma2":
            config["attn_logit_softcapping"] = None
    method = {"kind": row["method"], "doubleQuantization": False}
    if row["method"] != "full":
        rank = int(row["rank"])
        method |= {"rank": rank, "alpha": 2 * rank, "targets": [TARGETS[one] for one in row["targets"].split("+")]}
    return {
        "program": "peft",
        "model": model,
        "method": method,
        "training": {"recompute": "layer" if row["grad_checkpointing"] == "true" else "none"},
        "batches": [[int(row["seq_len"])] * int(row["micro_batch"])],
        "card": {"capability": "7.5"},
    }


def main(path: str, groups: list[str]) -> None:
    rows = [row for row in csv.DictReader(open(path, encoding="utf-8")) if row["stack"] == "hf-peft"]
    errors = {}
    for row in rows:
        if groups and row["id"][:3] not in groups:
            continue
        start = time.time()
        found = trace(read_request(request_of(row)))
        peak = max(found.moments[name].peak for name in ("forward", "backward", "step"))
        error = 100 * (peak / 2**20 / float(row["peak_value"]) - 1)
        errors[row["id"]] = round(error, 2)
        where = max(found.moments, key=lambda name: found.moments[name].peak)
        print(f"{row['id']} {error:+6.2f} %  peak in {where}  {time.time() - start:.1f} s", flush=True)
    sizes = [abs(one) for one in errors.values()]
    summary = {"rows": len(sizes), "median": round(statistics.median(sizes), 2), "worst": max(sizes)}
    print(json.dumps({"command": " ".join(["bench/trace/published.py", *groups]), **summary, "errors": errors}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
