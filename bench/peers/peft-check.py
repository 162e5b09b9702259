"""Judges an adapter folder with `peft`: the logits of base model plus adapter for given rows of token ids.

    python peft-check.py MODEL_FOLDER ADAPTER_FOLDER IDS.json OUT.json

IDS.json is a list of rows, each a list of token ids. OUT.json gets, per row, `shape` [T, V] and `base64`,
the float32 logits in little-endian order, row-major. With `-` as the adapter folder the base model alone is
judged. Also written: `largestEffect`, the adapter's largest effect on a logit, not 0 where an adapter was
trained. With `--float64` the model computes in double precision: what float32 should have given.
"""

import argparse
import base64
import json

from measure import set_threads, versions


def all_logits(model, rows):
    import torch

    with torch.no_grad():
        return [model(input_ids=torch.tensor([row]), use_cache=False).logits[0].float() for row in rows]


def packed(logits):
    return {
        "shape": list(logits.shape),
        "base64": base64.b64encode(logits.contiguous().numpy().astype("<f4").tobytes()).decode("ascii"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("adapter")
    parser.add_argument("ids")
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--float64", action="store_true")
    options = parser.parse_args()
    set_threads(options.threads)
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    with open(options.ids, encoding="utf-8") as file:
        rows = json.load(file)
    dtype = torch.float64 if options.float64 else torch.float32
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype).eval()
    base = all_logits(model, rows)
    logits = base
    if options.adapter != "-":
        tuned = PeftModel.from_pretrained(model, options.adapter, autocast_adapter_dtype=False)
        logits = all_logits(tuned.to(dtype).eval(), rows)
    effect = max(float((one - other).abs().max()) for one, other in zip(logits, base))
    answer = {"rows": [packed(part) for part in logits], "largestEffect": effect, "versions": versions()}
    with open(options.out, "w", encoding="ascii") as file:
        json.dump(answer, file)
    print(json.dumps({"rows": len(rows), "largestEffect": effect}))


if __name__ == "__main__":
    main()
