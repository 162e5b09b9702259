"""Makes training curves of QLoRA: 50 AdamW steps of LoRA beside 4-bit weights, by PEFT and bitsandbytes on CPU.

    python make-qlora-curve.py ../../engine/qlora

Writes a small random Llama (`model.safetensors` in brain floats, `config.json`), `start.safetensors`, the adapter
before training (PEFT names), and `curves.json`: batches, settings, and per storage of the scales (`plain`, `nested`:
quantized too) and learning rate the steps. Batches, optimizer and schedule are those of make-adamw-curve.py. Weights
are NF4 in blocks of 64, computed with in float32. Rows of the matrices are whole blocks: bitsandbytes 0.50 on CPU
reads the scales of shorter rows wrongly.
"""

import argparse
import importlib
from pathlib import Path

import bitsandbytes
import torch
import transformers
from safetensors.torch import save_file
from shared import adapter_parameters, compact, generator, versions
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, get_cosine_schedule_with_warmup

curve = importlib.import_module("make-adamw-curve")
NAME = "qlora"


def make_model(folder):
    config = LlamaConfig(
        vocab_size=120,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        tie_word_embeddings=True,
    )
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    source = generator(NAME)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=source)
            weight.copy_(1 + 0.1 * noise if "norm" in key else noise * (1.5 / weight.shape[-1] ** 0.5))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def train(folder, rate, nested):
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=nested,
        bnb_4bit_compute_dtype=torch.float32,
        llm_int8_skip_modules=["lm_head"],
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", quantization_config=quantization
    )
    assert sum(isinstance(module, bitsandbytes.nn.Linear4bit) for module in model.modules()) == 14
    # in training mode bitsandbytes keeps away from its packed kernels, which compute in brain floats
    tuned = curve.fresh_adapter(model, NAME).train()
    weights = adapter_parameters(tuned)
    start = {key: weight.detach().clone() for key, weight in weights.items()}
    optimizer = torch.optim.AdamW(list(weights.values()), lr=rate, **curve.ADAMW)
    schedule = get_cosine_schedule_with_warmup(optimizer, curve.WARMUP, curve.STEPS)
    batches = curve.make_batches(NAME)
    steps = []
    for step in range(curve.STEPS):
        chosen = [batches[(step * curve.ACCUMULATION + i) % curve.BATCHES] for i in range(curve.ACCUMULATION)]
        loss, count = curve.accumulate(tuned, chosen)
        norm = float(torch.nn.utils.clip_grad_norm_(weights.values(), curve.CLIP))
        used = schedule.get_last_lr()[0]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        steps.append({"loss": loss, "gradientNorm": norm, "learningRate": used, "labelledTokens": count})
    return steps, start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    make_model(folder)
    curves = {"plain": {}, "nested": {}}
    for scales in curves:
        for kind, rate in curve.RATES.items():
            steps, start = train(folder, rate, scales == "nested")
            curves[scales][kind] = {"learningRate": rate, "steps": steps}
            print(f"{scales:8} {kind:6} loss {steps[0]['loss']:.4f} -> {steps[-1]['loss']:.4f}")
    save_file(start, folder / "start.safetensors")
    made_by = "test/conformance/golden/scripts/engine/make-qlora-curve.py"
    about = {**versions(), "bitsandbytes": bitsandbytes.__version__}
    golden = {"made_by": made_by, "versions": about, "settings": curve.settings()}
    (folder / "curves.json").write_text(compact(golden | {"batches": curve.make_batches(NAME), "curves": curves}) + "\n")


if __name__ == "__main__":
    main()
