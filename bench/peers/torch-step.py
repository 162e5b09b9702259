"""Times a LoRA training step of PyTorch + PEFT on a folder's model: one row of T tokens, loss on all.

    python torch-step.py MODEL_FOLDER --length 512 --steps 5

As quick as somebody who knows PyTorch makes it on a CPU: float32, sdpa attention, no gradient checkpointing,
no cache, AdamW fused over all adapter tensors, gradients set to None. Other choices by flag:
  --bf16            autocast to bfloat16 (slower where the CPU has no bfloat16 units)
  --checkpointing   recompute each layer in the backward pass (less memory)
  --compile         torch.compile, whose compilation falls into the warm-up
  --eager           eager attention
  --ids FILE        JSON list of token ids instead of seeded random ones
  --adapter FOLDER  start from this PEFT adapter instead of a fresh one

A step is forward, backward, optimizer. stdout gets one JSON object: seconds, loss of every step (warm-up
too), tokens per second by the median, `peakBytes` of the whole process, `stepPeakBytes` from the end of
loading, `importBytes` taken by the libraries alone (the PyPI build of PyTorch carries its CUDA half along
on a CPU).
"""

import argparse
import contextlib
import json
import statistics
import time

from measure import forget_peak, peak_bytes, set_threads, versions


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=float, default=16)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--eager", action="store_true")
    parser.add_argument("--ids")
    parser.add_argument("--adapter")
    return parser.parse_args()


def load(options):
    """The base model with a trainable adapter."""
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(options.seed)
    attention = "eager" if options.eager else "sdpa"
    base = AutoModelForCausalLM.from_pretrained(
        options.model, dtype=torch.float32, attn_implementation=attention
    )
    base.config.use_cache = False
    if options.checkpointing:
        base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        base.enable_input_require_grads()
    if options.adapter:
        return PeftModel.from_pretrained(base, options.adapter, is_trainable=True).train()
    lora = LoraConfig(
        task_type="CAUSAL_LM", r=options.rank, lora_alpha=options.alpha, target_modules="all-linear"
    )
    return get_peft_model(base, lora).train()


def read_ids(options, vocabulary):
    """[1, T]"""
    import torch

    if options.ids:
        with open(options.ids, encoding="utf-8") as file:
            return torch.tensor([json.load(file)])
    source = torch.Generator().manual_seed(options.seed)
    return torch.randint(0, vocabulary, (1, options.length), generator=source)


def time_steps(model, ids, options):
    """Seconds and loss of every step, warm-up included."""
    import torch

    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        trained, lr=options.learning_rate, weight_decay=options.weight_decay, fused=True
    )
    callable_model = torch.compile(model) if options.compile else model
    seconds, losses = [], []
    for _ in range(options.warm_up + options.steps):
        begin = time.perf_counter()
        mixed = torch.autocast("cpu", dtype=torch.bfloat16) if options.bf16 else contextlib.nullcontext()
        with mixed:
            loss = callable_model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begin)
    return seconds, losses


def main():
    options = read_options()
    set_threads(options.threads)
    import peft  # noqa: F401

    import_peak = peak_bytes()
    model = load(options)
    ids = read_ids(options, model.config.vocab_size)
    load_peak = peak_bytes()
    forget_peak()
    seconds, losses = time_steps(model, ids, options)
    timed = seconds[options.warm_up :]
    step_peak = peak_bytes()
    answer = {
        "peer": "torch + peft",
        "tokens": ids.numel(),
        "secondsPerStep": timed,
        "warmUpSeconds": seconds[: options.warm_up],
        "medianSeconds": statistics.median(timed),
        "tokensPerSecond": ids.numel() / statistics.median(timed),
        "loss": losses,
        "trainedParameters": sum(w.numel() for w in model.parameters() if w.requires_grad),
        "peakBytes": max(load_peak, step_peak),
        "stepPeakBytes": step_peak,
        "importBytes": import_peak,
        "threads": options.threads,
        "options": vars(options),
        "versions": versions(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
