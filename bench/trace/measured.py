"""Traced peaks against peaks measured on this machine's CPU: small models with random weights.

    python bench/trace/measured.py [SETTING...]

Measured are the allocations and frees of PyTorch's CPU allocator (`torch.profiler` with `profile_memory`, which sees
what kernels allocate inside too) in the second step, on top of what is held before it. Traced is the same program on
the meta device, with the CPU's kernel of attention. Nothing is fitted. The result is in `results/measured.json`.

With EWC the estimate of importance is measured too, which comes before the first step. A card copies anchors and
importance from the processor's memory; the processor, which has them, is made to copy them as well.
"""

import json
import statistics
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2] / "worker"))

import torch
from torch.profiler import ProfilerActivity, profile

from tunewise_worker.trace import programs
from tunewise_worker.trace.cuda import CudaSemantics
from tunewise_worker.trace.quantized import quantized_state
from tunewise_worker.trace.recorder import Recorder
from tunewise_worker.trace.request import Request, read_request

LLAMA = {"model_type": "llama", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 6}
LLAMA |= {"num_key_value_heads": 2, "intermediate_size": 1024, "vocab_size": 32000, "tie_word_embeddings": True}
QWEN = LLAMA | {"model_type": "qwen2", "hidden_size": 512, "num_attention_heads": 8, "intermediate_size": 1536}
GEMMA = LLAMA | {"model_type": "gemma2", "head_dim": 64, "vocab_size": 64000, "query_pre_attn_scalar": 64}
MIXED = LLAMA | {"model_type": "qwen3_moe", "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 512}
MIXED |= {"head_dim": 64, "mlp_only_layers": []}
GPT2 = {"model_type": "gpt2", "n_embd": 384, "n_layer": 6, "n_head": 6, "vocab_size": 50257, "n_positions": 1024}

SETTINGS: dict[str, tuple[str, dict[str, Any], str, str, str, list[int]]] = {
    "llama worker lora": ("worker", LLAMA, "lora", "none", "sdpa", [512, 300]),
    "llama worker lora recomputed": ("worker", LLAMA, "lora", "layer", "sdpa", [512, 512]),
    "llama worker full": ("worker", LLAMA, "full", "none", "sdpa", [256, 256]),
    "llama worker full eager recomputed": ("worker", LLAMA, "full", "layer", "eager", [512]),
    "llama plain lora": ("peft", LLAMA, "lora", "none", "sdpa", [512, 512]),
    "llama plain lora eager": ("peft", LLAMA, "lora", "none", "eager", [512]),
    "llama plain qlora recomputed": ("peft", LLAMA, "qlora", "layer", "sdpa", [512, 512]),
    "qwen worker lora": ("worker", QWEN, "lora", "none", "sdpa", [700]),
    "qwen plain full": ("peft", QWEN, "full", "none", "sdpa", [256, 256]),
    "gemma plain lora": ("peft", GEMMA, "lora", "none", "eager", [400]),
    "experts worker full": ("worker", MIXED, "full", "none", "sdpa", [256, 256]),
    "gpt2 worker full": ("worker", GPT2, "full", "none", "sdpa", [256, 256]),
    "llama worker full, ewc": ("worker", LLAMA, "full", "none", "sdpa", [64, 64]),
    "llama worker full, ewc factored": ("worker", LLAMA, "full", "layer", "sdpa", [64]),
    "llama worker full, l2-sp": ("worker", LLAMA, "full", "none", "sdpa", [64, 64]),
    "llama worker lora, ewc": ("worker", LLAMA, "lora", "none", "sdpa", [8]),
    "llama worker lora, ewc factored": ("worker", LLAMA, "lora", "none", "sdpa", [8]),
    "gpt2 worker lora, ewc sampled": ("worker", GPT2, "lora", "none", "sdpa", [8]),
}
"""Rows of those with a penalty are short, so that its moment has the peak."""


def penalty_of(name: str) -> dict[str, Any] | None:
    kind = name.partition(", ")[2]
    if not kind:
        return None
    storage = "factored" if "factored" in kind else "full"
    estimator = "sampled" if "sampled" in kind else "empirical"
    return {"kind": kind.split()[0], "storage": storage, "estimator": estimator, "tokens": 96}


class Elsewhere(torch.Tensor):
    """A tensor as if it were in another memory."""

    def to(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        return self.as_subclass(torch.Tensor).to(*args, **kwargs, copy=True)


def anchors(model: Any) -> dict[str, torch.Tensor]:
    return {name: torch.zeros(one.shape).as_subclass(Elsewhere) for name, one in model.trained().items()}


class CpuSemantics(CudaSemantics):
    """The CPU's kernel of attention, and no workspace of cuBLAS."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name == "scaled_dot_product_attention":
            return _cpu_attention(*args, **(kwargs or {}))
        if name == "backward":
            return self._backward(args[0])
        return func(*args, **(kwargs or {}))


def _cpu_attention(
    q: Any, k: Any, v: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:
    return torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
        q, k, v, dropout_p, is_causal, attn_mask=attn_mask, scale=scale
    )[0]


def request_of(name: str) -> Request:
    program, config, method, recompute, attention, rows = SETTINGS[name]
    return read_request(
        {
            "program": program,
            "model": {"config": config, "dtype": "float32", "attention": attention},
            "method": {"kind": method, "rank": 16, "targets": "all-linear"},
            "training": {"recompute": recompute, "penalty": penalty_of(name)},
            "batches": [rows],
        }
    )


@dataclass
class Peaks:
    """Bytes before the second step, its peak, and that of what comes before the first."""

    before: int
    step: int
    prepared: int


def traced(request: Request) -> Peaks:
    recorder, semantics = Recorder(), CpuSemantics(request.card)
    program = programs.PROGRAMS[request.program](request, recorder, semantics)
    program.load()
    program.begin = recorder.begin
    log = recorder.log.events
    torch.autograd.set_multithreading_enabled(False)
    with recorder, semantics:
        program.prepare()
        first = len(log)
        program.step(request.batches[0])
        program.optimizer.zero_grad()  # the profiler would not see that the step does it
        before, start = recorder.live, len(log)
        program.step(request.batches[0])
    live, peaks, sizes = 0, [0, 0, before], {}
    for index, (number, size) in enumerate(log):
        live += size or -sizes[number]
        if size:
            sizes[number] = size
        part = 0 if index < first else 1 if index < start else 2
        peaks[part] = max(peaks[part], live)
    return Peaks(before, peaks[2], peaks[0])


def measured(request: Request) -> Peaks:
    """The same with real weights: bytes that tensors hold before the second step, and the peak of the allocator."""
    device = torch.device("cpu")
    with patch.object(programs, "META", device), patch.object(programs.TracedModel, "base_values", anchors):
        program = programs.PROGRAMS[request.program](request, Recorder(device="cpu"), CpuSemantics(request.card))
        program._workspaces = {"forward", "backward"}
        with CpuSemantics(request.card):
            with _profile() as preparing:
                program.prepare()
            loaded = _held(program)
            program.step(request.batches[0])
            program.optimizer.zero_grad()
            before = _held(program)
            with _profile() as stepping:
                program.step(request.batches[0])
    return Peaks(before, _peak(stepping, before), _peak(preparing, loaded))


def _profile() -> profile:
    return profile(activities=[ProfilerActivity.CPU], profile_memory=True)


def _held(program: programs.Program) -> int:
    held = {}
    states = [one for state in program.optimizer.state.values() for one in state.values()]
    weights = [*program.net.parameters(), *program.net.buffers()]
    for one in (*weights, *states, *quantized_state(program.net)):
        if isinstance(one, torch.Tensor) and one.device.type == "cpu":
            held[one.untyped_storage()._cdata] = one.untyped_storage().nbytes()
    return sum(held.values())


def _peak(profiled: profile, before: int) -> int:
    live = peak = before
    events = [one for one in profiled.profiler.kineto_results.events() if one.name() == "[memory]"]
    for one in sorted(events, key=lambda one: one.start_ns()):
        live += one.nbytes()
        peak = max(peak, live)
    return peak


def main(names: list[str]) -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    errors = {}
    for name in names or SETTINGS:
        start = time.time()
        request = request_of(name)
        ours, real = traced(request), measured(request)
        errors[name] = round(100 * (ours.step / real.step - 1), 2)
        held = round(100 * (ours.before / real.before - 1), 2)
        print(f"{name:36} {errors[name]:+6.2f} %  held {held:+.2f} %  {real.step / 2**20:.0f} MiB "
              f"{time.time() - start:.0f} s", flush=True)
        if "ewc" in name:
            errors[f"{name}: importance"] = round(100 * (ours.prepared / real.prepared - 1), 2)
            print(f"{'importance':36} {errors[f'{name}: importance']:+6.2f} %  {real.prepared / 2**20:.0f} MiB", flush=True)
    sizes = [abs(one) for one in errors.values()]
    result = {
        "command": "python bench/trace/measured.py",
        "unit": "percent: traced peak / measured peak - 1",
        "versions": {"torch": torch.__version__},
        "settings": len(names or SETTINGS),
        "peaks": len(sizes),
        "median": round(statistics.median(sizes), 2),
        "worst": max(sizes),
        "errors": errors,
    }
    if not names:
        Path(__file__).with_name("results").joinpath("measured.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
