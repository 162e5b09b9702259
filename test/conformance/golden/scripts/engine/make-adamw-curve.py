"""Makes the training curves: 50 AdamW steps of LoRA on fixed batches, by PyTorch and PEFT.

    python make-adamw-curve.py ../../engine        (after make-engine-golden.py)

Writes, beside the models `llama` and `gemma2`, `adamw-curve.json` and `adamw-curve.safetensors`:
  start/N, C/final/N adapter tensors N (PEFT names) before and after curve C; A random, B zero, as when fresh
  batches            eight small batches (rows of ids and labelled), used in this order again and again
  curves/C/steps     per optimizer step: mean loss per labelled token before the step, gradient norm before
                     clipping, learning rate of the step, labelled tokens

Each optimizer step takes two batches. The gradients of both are those of the summed loss divided by the
labelled tokens of the two together, so that the step equals one with both in one batch. Then: clip to norm 1,
AdamW (one parameter group), learning rate by transformers' cosine schedule with warm-up, whose first step has
rate 0.

Two curves a model: `usual` (rate 1e-3) and `steep` (rate 2e-2, which leaves clipping behind near the end),
because on models this small a rate of 1e-3 moves the loss little and would forgive a wrong optimizer.
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from shared import adapter_parameters, compact, generator, row_sum, versions
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup

MODELS = ("llama", "gemma2")
STEPS = 50
WARMUP = 5
ACCUMULATION = 2
BATCHES = 8
ROWS = 2
ADAMW = {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}
CLIP = 1.0
RATES = {"usual": 1e-3, "steep": 2e-2}
LORA = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"}


def make_batches(name):
    """Rows that can be learned: each is an arithmetic walk through the vocabulary with its own stride."""
    source = generator(f"{name}/curve")

    def number(low, high):
        return int(torch.randint(low, high, (1,), generator=source))

    batches = []
    for _ in range(BATCHES):
        rows = []
        for _ in range(ROWS):
            length, start, stride = number(6, 15), number(0, 117), number(1, 5)
            ids = [3 + (start + stride * t) % 117 for t in range(length)]
            answer = number(1, length - 2)
            rows.append({"ids": ids, "labelled": [int(t >= answer) for t in range(length)]})
        batches.append(rows)
    return batches


def fresh_adapter(model, name):
    source = generator(f"{name}/curve/adapter")
    tuned = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **LORA), autocast_adapter_dtype=False)
    with torch.no_grad():
        for key, weight in adapter_parameters(tuned).items():
            if ".lora_A." in key:
                weight.copy_(torch.randn(weight.shape, generator=source) / weight.shape[1] ** 0.5)
            else:
                weight.zero_()
    return tuned.eval()


def labelled_tokens(batch):
    return sum(sum(row["labelled"]) for row in batch)


def accumulate(model, batches):
    """Backward over some batches with the loss of all of them together; gives that loss."""
    count = sum(labelled_tokens(batch) for batch in batches)
    total = 0.0
    for batch in batches:
        loss = sum(row_sum(model, row) for row in batch) / count
        loss.backward()
        total += loss.item()
    return total, count


def train(folder, name, rate, dtype=torch.float32):
    """The steps, and the adapter before and after."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager")
    tuned = fresh_adapter(model, name).to(dtype)
    weights = adapter_parameters(tuned)
    start = {key: weight.detach().clone() for key, weight in weights.items()}
    optimizer = torch.optim.AdamW(list(weights.values()), lr=rate, **ADAMW)
    schedule = get_cosine_schedule_with_warmup(optimizer, WARMUP, STEPS)
    batches = make_batches(name)
    steps = []
    for step in range(STEPS):
        chosen = [batches[(step * ACCUMULATION + i) % BATCHES] for i in range(ACCUMULATION)]
        loss, count = accumulate(tuned, chosen)
        norm = float(torch.nn.utils.clip_grad_norm_(weights.values(), CLIP))
        used = schedule.get_last_lr()[0]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        steps.append({"loss": loss, "gradientNorm": norm, "learningRate": used, "labelledTokens": count})
    return steps, start, {key: weight.detach().clone() for key, weight in weights.items()}


def furthest(steps, others, key):
    return max(abs(one[key] - other[key]) for one, other in zip(steps, others))


def settings():
    """What the steps were made with."""
    return {
        "lora": {**LORA, "use_rslora": False},
        "warmup": WARMUP,
        "schedule": "cosine",
        "accumulation": ACCUMULATION,
        "clipNorm": CLIP,
        "weightDecay": ADAMW["weight_decay"],
        "beta1": ADAMW["betas"][0],
        "beta2": ADAMW["betas"][1],
        "epsilon": ADAMW["eps"],
    }


def make_curves(name, folder):
    tensors, curves = {}, {}
    for curve, rate in RATES.items():
        steps, start, final = train(folder, name, rate)
        exact, _, exact_final = train(folder, name, rate, torch.float64)
        drift = furthest(steps, exact, "loss")
        moved = max(float((final[key] - exact_final[key]).abs().max()) for key in final)
        assert drift < 2e-4, f"{name} {curve}: float32 and float64 drift apart by {drift}"
        curves[curve] = {"learningRate": rate, "lossDriftToFloat64": drift, "adapterDriftToFloat64": moved}
        curves[curve]["steps"] = steps
        tensors.update({f"start/{key}": weight for key, weight in start.items()})
        tensors.update({f"{curve}/final/{key}": weight for key, weight in final.items()})
        losses = [step["loss"] for step in steps]
        clipped = sum(step["gradientNorm"] > CLIP for step in steps)
        fall = f"{losses[0]:.4f} -> {losses[-1]:.4f}"
        print(f"{name:8} {curve:6} loss {fall}  clipped {clipped}  drift {drift:.1e}")
    save_file(tensors, folder / "adamw-curve.safetensors")
    made_by = "test/conformance/golden/scripts/engine/make-adamw-curve.py"
    golden = {"made_by": made_by, "versions": versions(), "settings": settings()}
    golden |= {"batches": make_batches(name), "curves": curves}
    (folder / "adamw-curve.json").write_text(compact(golden) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in MODELS:
        make_curves(name, options.folder / name)


if __name__ == "__main__":
    main()
