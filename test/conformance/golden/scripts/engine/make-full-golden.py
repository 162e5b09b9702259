"""Makes values of full fine-tuning by PyTorch: gradients of every weight, and 50 AdamW steps.

    python make-full-golden.py ../../engine [NAME ...]        (after make-engine-golden.py)

Writes beside each model of FAMILIES `full.safetensors`: `gradient/NAME`, of the mean loss over the labelled tokens of
the first two batches, and `final/NAME` of norms and biases after the steps of the curve `usual`; and `full.json`: the
steps as in adamw-curve.json. Batches, schedule and AdamW are those of make-adamw-curve.py; as in transformers'
Trainer, norms and biases are not pulled towards zero.
"""

import argparse
import importlib
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from shared import compact, versions
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup

curve = importlib.import_module("make-adamw-curve")
FAMILIES = (
    *("llama", "llama-bias", "llama-tied", "mistral", "qwen2", "qwen3", "gemma2"),
    *("gemma3", "phi3", "smollm3", "olmo2", "granite", "gpt-neox", "gpt2", "qwen3-moe", "olmoe"),
)
RATE = 3e-3
DECAY = 0.1


def is_plain(weight):
    """Norms and biases."""
    return weight.ndim < 2


def open_model(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def file_name(model, key):
    """The name of a parameter in files, which for the head of GPT-NeoX is not that of its module."""
    is_renamed = model.config.model_type == "gpt_neox" and key == "lm_head.weight"
    return "embed_out.weight" if is_renamed else key


def gradients(folder, name):
    model = open_model(folder)
    curve.accumulate(model, curve.make_batches(name)[:2])
    found = {}
    for key, weight in model.named_parameters():
        for name, part in in_files(file_name(model, key), weight.grad):
            found[f"gradient/{name}"] = part.clone()
    return found


def in_files(key, values):
    """The experts of a mixture, which are one parameter, lie one by one in files."""
    stem, _, kind = key.rpartition(".")
    if not stem.endswith(".experts"):
        return [(key, values)]
    parts = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}[kind]
    return [
        (f"{stem}.{expert}.{part}.weight", piece)
        for expert, own in enumerate(values)
        for part, piece in zip(parts, own.chunk(len(parts)))
    ]


def train(folder, name):
    model = open_model(folder)
    named = list(model.named_parameters())
    groups = [
        {"params": [weight for key, weight in named if is_plain(weight)], "weight_decay": 0.0},
        {"params": [weight for key, weight in named if not is_plain(weight)], "weight_decay": DECAY},
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.999), eps=1e-8)
    schedule = get_cosine_schedule_with_warmup(optimizer, curve.WARMUP, curve.STEPS)
    batches = curve.make_batches(name)
    steps = []
    for step in range(curve.STEPS):
        chosen = [batches[(step * curve.ACCUMULATION + i) % curve.BATCHES] for i in range(curve.ACCUMULATION)]
        loss, count = curve.accumulate(model, chosen)
        norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), curve.CLIP))
        used = schedule.get_last_lr()[0]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        steps.append({"loss": loss, "gradientNorm": norm, "learningRate": used, "labelledTokens": count})
    return steps, {f"final/{key}": weight.detach().clone() for key, weight in named if is_plain(weight)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[[], *FAMILIES], help="default: all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in options.names or FAMILIES:
        folder = options.folder / name
        steps, final = train(folder, name)
        save_file({**gradients(folder, name), **final}, folder / "full.safetensors")
        made_by = "test/conformance/golden/scripts/engine/make-full-golden.py"
        settings = {**curve.settings(), "weightDecay": DECAY}
        golden = {"made_by": made_by, "versions": versions(), "settings": settings, "batches": curve.make_batches(name)}
        (folder / "full.json").write_text(
            compact(golden | {"curves": {"usual": {"learningRate": RATE, "steps": steps}}}) + "\n"
        )
        print(f"{name:12} loss {steps[0]['loss']:.4f} -> {steps[-1]['loss']:.4f}")


if __name__ == "__main__":
    main()
