"""Optimizer steps over batches, with a state that resumes bit-exactly."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from torch.distributed.tensor import DTensor

from . import eight_bit
from .checkpoints import read_state
from .contract import OptimizerName
from .job import Job, Row
from .loss_scale import LossScale
from .losses import LOSSES
from .model import Model
from .penalty import Penalty
from .world import World, like, local


def _adamw(groups: list[dict[str, Any]], settings: Mapping[str, Any], device: torch.device) -> Any:
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.AdamW(groups, betas=betas, eps=settings["epsilon"], fused=device.type == "cuda")


def _sgd(groups: list[dict[str, Any]], settings: Mapping[str, Any], device: torch.device) -> Any:
    return torch.optim.SGD(groups, momentum=settings["beta1"])


@dataclass(frozen=True)
class OptimizerRow:
    create: Callable[[list[dict[str, Any]], Mapping[str, Any], torch.device], Any]
    moments: tuple[str, ...]
    """Names in the optimizer's state of what a checkpoint calls `moment1` and `moment2`; 8-bit states save themselves."""
    counts_steps: bool
    """Whether its state has the number of steps, for bias correction."""


OPTIMIZERS: dict[OptimizerName, OptimizerRow] = {
    "adamw": OptimizerRow(_adamw, ("exp_avg", "exp_avg_sq"), True),
    "sgd": OptimizerRow(_sgd, ("momentum_buffer",), False),
    "adamw-8bit": OptimizerRow(eight_bit.adamw_8bit, (), True),
    "paged-adamw-8bit": OptimizerRow(eight_bit.adamw_8bit, (), True),
}
"""Every optimizer by its name in the recipe."""
if OPTIMIZERS.keys() != set(get_args(OptimizerName)):
    raise RuntimeError(f"optimizers of the contract without a row: {set(get_args(OptimizerName)) ^ OPTIMIZERS.keys()}")


class NotFinite(Exception):
    """The loss or the gradient is NaN or infinite; nothing was changed."""


class Trainer:
    """A training at a step. `rate_scale` multiplies the scheduled learning rates."""

    def __init__(self, job: Job, model: Model, penalty: Penalty | None, world: World) -> None:
        self.step = 0
        self.rate_scale = 1.0
        self._job = job
        self._model = model
        self._penalty = penalty
        self._world = world
        self._trained = model.trained()
        self._is_sharded = any(isinstance(one, DTensor) for one in self._trained.values())
        self._scale = LossScale() if job.model["dtype"] == "float16" else None
        settings = job.training
        if settings["loss"] not in LOSSES:
            raise ValueError(f"the job's loss is {settings['loss']}, and the worker has {', '.join(LOSSES)}")
        self._loss = LOSSES[settings["loss"]]
        if settings["optimizer"] not in OPTIMIZERS:
            raise eight_bit.unfit(settings["optimizer"], f"the worker knows {', '.join(OPTIMIZERS)}")
        groups: dict[float, list[torch.nn.Parameter]] = {}
        for name, value in self._trained.items():
            groups.setdefault(settings["weightDecay"] if model.decays(name) else 0.0, []).append(value)
        parameters = [{"params": values, "weight_decay": decay} for decay, values in groups.items()]
        self._row = OPTIMIZERS[settings["optimizer"]]
        self._is_8bit = settings["optimizer"] in eight_bit.NAMES
        if self._is_8bit and self._is_sharded:
            raise eight_bit.unfit(settings["optimizer"], "bitsandbytes does not take weights that are shared out")
        self._optimizer: Any = self._row.create(parameters, settings, model.device)

    def next(self) -> dict[str, Any]:
        """Compute one step. Returns the fields of `step-end`.

        The loss of each batch is divided by the number of labeled tokens of the whole step, so that accumulation and
        the number of processes do not change the result.
        """
        step = self.step + 1
        settings = self._job.training
        batches = [[self._job.train[at] for at in batch] for batch in self._job.steps.batches(step)]
        labelled = sum(int(row.labelled[1:].sum()) for batch in batches for row in batch)
        tokens = sum(row.ids.numel() for batch in batches for row in batch)
        loss, penalty, norm = self._gradients(batches, labelled)
        values = list(self._trained.values())
        if settings["maxGradNorm"] > 0:
            torch.nn.utils.clip_grads_with_norm_(values, settings["maxGradNorm"], torch.tensor(norm))
        rate = self.rate_scale * float(self._job.steps.learning_rates[step - 1])
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        before = self._norms_before()
        self._optimizer.step()
        ratio = self._update_ratio(rate, before)
        self._optimizer.zero_grad()
        if self._scale is not None:
            self._scale.grow()
        self.step = step
        return {
            "step": step,
            "loss": loss,
            "penalty": penalty,
            "learningRate": rate,
            "gradientNorm": norm,
            "updateRatio": ratio,
            "tokens": tokens,
            "labelledTokens": labelled,
        }

    def _gradients(self, batches: list[list[Row]], labelled: int) -> tuple[float, float, float]:
        """Compute the gradients of the next step. Returns the loss, the penalty and the norm of the gradients.

        :raises NotFinite: if the loss or a gradient is not finite; the gradients are discarded
        """
        while True:
            # dropout depends only on the step and the process: a resumed step repeats it
            seed = self._job.training["seed"] * 1_000_003 + self.step + 1
            torch.manual_seed(seed * self._world.size + self._world.rank)
            self._model.net.train()
            total = 0.0
            for batch in batches:
                total += self._add_gradients(batch, labelled)
            loss = math.fsum(self._world.gather(total)) / max(1, labelled)
            gradients = [one.grad for one in self._trained.values() if one.grad is not None]
            if self._scale is not None:
                self._scale.divide(gradients)
            self._world.add_up(gradients)
            penalty = self._penalty.add_gradients() if self._penalty else 0.0
            # after the penalty, which may give a weight its first gradient
            norm = self._norm([one.grad for one in self._trained.values() if one.grad is not None])
            if math.isfinite(loss) and math.isfinite(norm):
                return loss, penalty, norm
            self._optimizer.zero_grad()
            if self._scale is None or not math.isfinite(loss) or not self._scale.shrink():
                raise NotFinite

    def rehearse(self) -> None:
        """Compute the gradients of the largest batch with optimizer states allocated, and discard them.

        A run that does not fit in memory fails here, before its first step.
        """
        largest: list[int] = []
        tokens = 0
        for step in range(1, len(self._job.steps) + 1):
            for batch in self._job.steps.batches(step):
                lengths = [self._job.train[at].ids.numel() for at in self._world.share(batch)]
                if lengths and max(lengths) * len(lengths) > tokens:
                    largest, tokens = batch, max(lengths) * len(lengths)
        kind, count = (torch.uint8, 2) if self._is_8bit else (None, len(self._row.moments))
        states = [torch.zeros_like(one, dtype=kind) for one in self._trained.values() for _ in range(count)]
        self._model.net.train()
        self._add_gradients([self._job.train[at] for at in largest], 1)
        self._optimizer.zero_grad()
        del states

    def _add_gradients(self, batch: list[Row], labelled: int) -> float:
        own = self._world.share(batch)
        if not own:
            # every process must take part in gathering sharded weights: compute a row without labels
            own = [Row(batch[0].ids, torch.zeros_like(batch[0].labelled))]
        with self._model.autocast():
            tokens = self._model.labelled_tokens(own, packed=self._job.training["batching"] == "pack")
            loss = self._loss(tokens).sum()
        factor = 1.0 if self._scale is None else self._scale.factor
        (loss * (factor / max(1, labelled))).backward()
        return float(loss.detach())

    def _norm(self, tensors: list[torch.Tensor]) -> float:
        """The norm over all tensors together."""
        norm = torch.nn.utils.get_total_norm([local(one) for one in tensors])
        return float(self._world.sum_of(norm.square()).sqrt() if self._is_sharded else norm)

    def _norms_before(self) -> list[torch.Tensor]:
        return [torch.linalg.vector_norm(local(one.detach())) for one in self._trained.values()]

    @torch.no_grad()
    def _update_ratio(self, rate: float, before: list[torch.Tensor]) -> float:
        """Norm of the update, from the optimizer's state, divided by the norm of the values before the update."""
        squares = self._optimizer.squares if self._is_8bit else torch.zeros((), device=self._model.device)
        for group in () if self._is_8bit else self._optimizer.param_groups:
            for given in group["params"]:
                states = self._optimizer.state.get(given, {})
                state = {name: local(one) for name, one in states.items() if one is not None}
                value = local(given)
                if "exp_avg" in state:
                    step, (beta1, beta2) = float(state["step"]), group["betas"]
                    root = state["exp_avg_sq"].sqrt().div_(math.sqrt(1 - beta2**step)).add_(group["eps"])
                    change = state["exp_avg"].div(root).mul_(rate / (1 - beta1**step))
                    if group["weight_decay"] > 0:
                        shrink = rate * group["weight_decay"]
                        change.add_((value + change) / (1 - shrink), alpha=shrink)
                    squares += change.square().sum()
                elif "momentum_buffer" in state:
                    # SGD has no bias correction: its update is the learning rate times its momentum
                    squares += (rate * state["momentum_buffer"]).square().sum()
                elif state:
                    raise NotImplementedError(f"the update of an optimizer with {', '.join(state)} is not known")
        values = torch.stack(before).square().sum()
        if self._is_sharded:
            squares, values = self._world.sum_of(torch.stack([squares, values]))
        return float((squares / values.clamp_min(torch.finfo(torch.float32).tiny)).sqrt())

    # State

    def tensors(self) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
        """Trained values and moments, in the first process only, and the training's step and learning rate scale."""
        found: dict[str, torch.Tensor] = {}
        for name, value in self._trained.items():
            state = self._optimizer.state.get(value, {})
            found[f"adapter/{name}"] = value.detach()
            if self._is_8bit:
                parts = eight_bit.saved_state(self._optimizer, value)
                found |= {f"{part}/{name}": one for part, one in parts.items()}
                continue
            for at, moment in enumerate(self._row.moments, 1):
                saved = state.get(moment)
                found[f"moment{at}/{name}"] = torch.zeros_like(value) if saved is None else saved
        metadata = {"step": str(self.step), "rate_scale": repr(self.rate_scale)}
        return self._world.collect(found), metadata | (self._scale.state() if self._scale else {})

    @torch.no_grad()
    def restore(self, path: Path) -> None:
        """Restore the state of a checkpoint."""
        tensors, metadata = read_state(path)
        step = int(metadata["step"])
        for name, value in self._trained.items():
            value.copy_(like(tensors[f"adapter/{name}"], value))
            if self._is_8bit:
                parts = {part: tensors.get(f"{part}/{name}") for part in eight_bit.SAVED}
                held = {part: one for part, one in parts.items() if one is not None}
                eight_bit.restore_state(self._optimizer, value, held, step)
                continue
            if step == 0:
                self._optimizer.state.pop(value, None)
                continue
            state: dict[str, Any] = {
                moment: like(tensors[f"moment{at}/{name}"].clone(), value)
                for at, moment in enumerate(self._row.moments, 1)
            }
            if self._row.counts_steps:
                state["step"] = torch.tensor(float(step), device=value.device if value.is_cuda else "cpu")
            self._optimizer.state[value] = state
        self.step, self.rate_scale = step, float(metadata["rate_scale"])
        if self._scale is not None:
            self._scale.restore(metadata)

    def restart(self) -> None:
        """Return to step 0."""
        self._model.restart()
        self._optimizer.state.clear()
        self.step, self.rate_scale = 0, 1.0
        if self._scale is not None:
            self._scale.restore({})

    @torch.no_grad()
    def load_values(self, path: Path) -> None:
        """Load only the trained values of a checkpoint."""
        tensors, _ = read_state(path)
        for name, value in self._trained.items():
            value.copy_(like(tensors[f"adapter/{name}"], value))

    def release(self) -> None:
        """Free what only training needs."""
        self._optimizer.state.clear()
        self._penalty = None
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()
