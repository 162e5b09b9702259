"""The Fisher information of a model's weights: how important each one is for the reference rows.

F = mean over sequences of (sum over tokens of the gradient)^2 / tokens, at the base, for the weights that the method
changes. Source: Kirkpatrick et al. 2017 (arXiv 1612.00796), equation 3, as a mean per token.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from transformers.pytorch_utils import Conv1D

from .checkpoints import write_tensors
from .contract import WorkerSpecTrainingPenaltyEwc as EwcPenalty
from .control import Control
from .job import Job, Row
from .model import Model, is_sharded
from .wire import dumps
from .world import World, joined, local, whole

SAMPLES_PER_MATRIX = 32


class Sum:
    """Sums the squared gradients of one weight: per value, or as means per row and per column.

    For a sharded weight, each process sums its own rows.
    """

    def __init__(self, shape: torch.Size, storage: str, device: torch.device, weight: Tensor | None = None) -> None:
        """:param weight: the trained weight; if it is sharded, its local part determines the size"""
        self._weight = weight if isinstance(weight, DTensor) else None
        self._height = shape[0]
        self._is_factored = storage == "factored" and len(shape) == 2
        own = shape if self._weight is None else self._weight.to_local().shape
        sizes = [own[:1], own[1:]] if self._is_factored else [own]
        self._parts = [torch.zeros(size, dtype=torch.float32, device=device) for size in sizes]

    def add(self, gradient: Tensor, scale: float) -> None:
        """Add the squared gradient of a sequence, which has the weight's shape."""
        squares = local(gradient).float().square()
        if self._is_factored:
            self._parts[0].add_(squares.mean(1), alpha=scale)
            self._parts[1].add_(squares.sum(0), alpha=scale / self._height)
        else:
            self._parts[0].add_(squares, alpha=scale)

    def finish(self, name: str, scale: float, world: World) -> dict[str, Tensor]:
        """The tensors for the file, by name."""
        first, *others = (part * scale for part in self._parts)
        if self._weight is not None:
            first, others = joined(first, self._weight), [world.sum_of(one) for one in others]
        if self._is_factored:
            return {f"{name}.rows": first.cpu(), f"{name}.columns": others[0].cpu()}
        return {name: first.to("cpu", torch.bfloat16)}


def estimate_fisher(
    job: Job, model: Model, settings: EwcPenalty, path: Path, control: Control, world: World
) -> None:
    """Estimate the importance on reference rows and write it in the format of `regularization.earlier`.

    With sharded weights, all processes compute the same rows; otherwise only the first process calls this.
    """
    rows = job.reference
    probe = _Probe(job, model, settings["storage"])
    examples, tokens = 0, 0
    # FSDP sums gradients over the processes, which all compute the same rows
    repeats = world.size if is_sharded(job, world) and job.method["kind"] == "full" else 1
    torch.manual_seed(job.training["seed"])
    model.net.eval()
    with probe, model.variant(True) if job.method["kind"] == "full" else model.variant(False):
        for at in range(len(rows)):
            row = rows[at]
            count = int(row.labelled[1:].sum())
            if count > 0:
                if settings["estimator"] == "sampled":
                    row = _drawn(model, row)
                sums, _ = model.loss_sums([row])
                probe.take(sums.sum() / repeats, 1 / count)
                examples, tokens = examples + 1, tokens + count
            control.progress("importance of weights", at + 1, len(rows))
    found: dict[str, Tensor] = {}
    for name, one in probe.sums.items():
        found.update(one.finish(name, 1 / max(1, examples), world))
    found.update(probe.samples())
    facts: dict[str, Any] = {
        "estimator": settings["estimator"],
        "storage": settings["storage"],
        "modelKey": settings["modelKey"],
        "dataKey": settings["dataKey"],
        "examples": examples,
        "tokens": tokens,
    }
    if world.is_first:
        write_tensors(path, found, {"format": "pt", "tunewise_fisher": dumps(facts)})


class _Probe:
    """Captures the gradients of the weights that the method changes."""

    def __init__(self, job: Job, model: Model, storage: str) -> None:
        self.sums: dict[str, Sum] = {}
        self._matrices: dict[str, nn.Linear | Conv1D] = {}
        """Linear layers. A sample of their weights tells later runs whether their model is related."""
        self._scale = 1.0
        self._trained: dict[str, nn.Parameter] = {}
        self._modules: dict[str, nn.Module] = {}
        self._handles: list[Any] = []
        self._model = model
        head = model.net.get_output_embeddings()
        if job.method["kind"] == "full":
            self._trained = dict(model.trained())
            for name, value in self._trained.items():
                self.sums[name] = Sum(value.shape, storage, value.device, value)
        for name, module in model.net.named_modules():
            base: Any = getattr(module, "base_layer", None)
            is_target = base is not None and "default" in getattr(module, "lora_A", {})
            if is_target:
                self._modules[f"{name}.weight"] = base
                shape = torch.Size([module.out_features, module.in_features])  # of PEFT's layer, also for Conv1D
                self.sums[f"{name}.weight"] = Sum(shape, storage, model.device)
            if isinstance(module, (nn.Linear, Conv1D)) and module is not head:
                plain = f"{name.removesuffix('.base_layer')}.weight"
                if plain in self.sums:
                    self._matrices[plain] = module

    def __enter__(self) -> "_Probe":
        if self._modules:
            embedding = self._model.net.get_input_embeddings()
            self._handles.append(embedding.register_forward_hook(lambda *given: given[-1].requires_grad_(True)))
        for name, module in self._modules.items():
            self._handles.append(module.register_forward_hook(self._listener(name)))
        return self

    def _listener(self, name: str) -> Any:
        def on_forward(_: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
            if not torch.is_grad_enabled():
                return  # no gradients while labels are sampled
            inputs = given[0].detach()

            def on_gradient(gradient: Tensor) -> None:
                # gradient of the weight: output gradients times inputs, summed over all tokens
                flat = gradient.reshape(-1, gradient.shape[-1])
                weight = flat.T @ inputs.reshape(-1, inputs.shape[-1]).to(flat.dtype)
                self.sums[name].add(weight, self._scale)

            output.register_hook(on_gradient)

        return on_forward

    def take(self, nll: Tensor, scale: float) -> None:
        """Backpropagate a sequence's loss and add the squared gradients."""
        self._scale = scale
        nll.backward()
        for name, value in self._trained.items():
            if value.grad is not None:
                self.sums[name].add(value.grad, scale)
                value.grad = None

    def samples(self) -> dict[str, Tensor]:
        """A sample of the values of each matrix."""
        found = {}
        for name, module in self._matrices.items():
            flat = _dequantized(module).detach().flatten()
            count = min(SAMPLES_PER_MATRIX, flat.numel())
            places = torch.arange(count, device=flat.device) * flat.numel() // count
            found[f"tunewise.sample/{name}"] = flat[places].float().cpu()
        return found

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()


@torch.no_grad()
def _drawn(model: Model, row: Row) -> Row:
    """The row with labels sampled from the model's own predictions."""
    logits = model.logits(row.ids.tolist())
    drawn = torch.multinomial(torch.softmax(logits[:-1], -1), 1)[:, 0].cpu().to(row.ids.dtype)
    return Row(row.ids, row.labelled, torch.cat([row.ids[:1], drawn]))


def _dequantized(module: nn.Linear | Conv1D) -> Tensor:
    weight = whole(module.weight)
    state = getattr(module.weight, "quant_state", None) or getattr(module, "quant_state", None)
    if state is None:
        return weight
    from bitsandbytes.functional import dequantize_4bit

    return dequantize_4bit(weight.data, state)
