"""Traced peaks against peaks measured on this machine's CPU: twelve settings of small models with random weights.

    python bench/trace/measured.py [SETTING...]

Measured are the allocations and frees of PyTorch's CPU allocator (`torch.profiler` with `profile_memory`, which sees
what kernels allocate inside too) in the second step, on top of what is held before it. Traced is the same program on
the meta device, with the CPU's kernel of attention. Nothing is fitted. The result is in `results/measured.json`.
"""

import json
import statistics
import sys
import time
import warnings
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
}


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
            "training": {"recompute": recompute},
            "batches": [rows],
        }
    )


def traced(request: Request) -> tuple[int, int]:
    """Bytes before the second step, and its peak."""
    recorder, semantics = Recorder(), CpuSemantics(request.card)
    program = programs.PROGRAMS[request.program](request, recorder, semantics)
    program.load()
    program.begin = recorder.begin
    torch.autograd.set_multithreading_enabled(False)
    with recorder, semantics:
        program.step(request.batches[0])
        program.optimizer.zero_grad()  # the profiler would not see that the step does it
        before, start = recorder.live, len(recorder.log.events)
        program.step(request.batches[0])
    live = peak = before
    sizes = {}
    for index, (number, size) in enumerate(recorder.log.events):
        if size:
            sizes[number] = size
        if index >= start:
            live += size or -sizes[number]
            peak = max(peak, live)
    return before, peak


def measured(request: Request) -> tuple[int, int]:
    """The same with real weights: bytes that tensors hold before the second step, and the peak of the allocator."""
    device = torch.device("cpu")
    with patch.object(programs, "META", device):
        program = programs.PROGRAMS[request.program](request, Recorder(device="cpu"), CpuSemantics(request.card))
        program._workspaces = {"forward", "backward"}
        with CpuSemantics(request.card):
            program.step(request.batches[0])
            program.optimizer.zero_grad()
            held = {}
            states = [one for state in program.optimizer.state.values() for one in state.values()]
            weights = [*program.net.parameters(), *program.net.buffers()]
            state = quantized_state(program.net)
            for one in (*weights, *states, *state):
                if isinstance(one, torch.Tensor) and one.device == device:
                    held[one.untyped_storage()._cdata] = one.untyped_storage().nbytes()
            before = sum(held.values())
            with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
                program.step(request.batches[0])
    live = peak = before
    events = [one for one in profiled.profiler.kineto_results.events() if one.name() == "[memory]"]
    for one in sorted(events, key=lambda one: one.start_ns()):
        live += one.nbytes()
        peak = max(peak, live)
    return before, peak


def main(names: list[str]) -> None:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    errors, held = {}, {}
    for name in names or SETTINGS:
        start = time.time()
        request = request_of(name)
        ours, real = traced(request), measured(request)
        errors[name] = round(100 * (ours[1] / real[1] - 1), 2)
        held[name] = round(100 * (ours[0] / real[0] - 1), 2)
        print(f"{name:36} {errors[name]:+6.2f} %  held {held[name]:+.2f} %  {real[1] / 2**20:.0f} MiB "
              f"{time.time() - start:.0f} s", flush=True)
    sizes = [abs(one) for one in errors.values()]
    result = {
        "command": "python bench/trace/measured.py",
        "unit": "percent: traced peak / measured peak - 1",
        "versions": {"torch": torch.__version__},
        "settings": len(sizes),
        "median": round(statistics.median(sizes), 2),
        "worst": max(sizes),
        "errors": errors,
    }
    if not names:
        Path(__file__).with_name("results").joinpath("measured.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
