"""A request for a trace: a model, a method, a step and a GPU."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from transformers import AutoConfig, PretrainedConfig

from ..problems import Problem
from ..wire import loads
from .cuda import Card, Kernel


@dataclass(frozen=True)
class World:
    """How many GPUs share the work; batches are those of one GPU."""

    size: int = 1
    sharding: Literal["none", "fsdp"] = "none"
    shards_quantized: bool = True
    """Whether quantized weights are sharded too: only if they are stored in the model's type."""


@dataclass(frozen=True)
class Request:
    """A step to trace. Field names of `method` and `training` are those of a job."""

    config: dict[str, Any]
    method: dict[str, Any]
    training: dict[str, Any]
    batches: list[list[int]]
    """Tokens of each row of each batch, longest batch first."""
    evaluation: list[int] = field(default_factory=list)
    """Tokens of each row of the worker's largest evaluation batch; empty if there is none."""
    program: Literal["worker", "peft"] = "worker"
    dtype: str = "bfloat16"
    attention: str = "sdpa"
    attention_kernel: Kernel | None = None
    accumulates: bool = False
    """Whether a step has several batches, so that gradients of earlier ones are held during later ones."""
    labelled_share: float = 1.0
    """Share of tokens that are labeled."""
    card: Card = field(default_factory=Card)
    world: World = field(default_factory=World)
    is_expandable: bool = False
    """Whether the allocator runs with `expandable_segments:True`."""
    traced_shapes: int = 4
    """Maximum number of batch shapes to trace; others are replayed as the next larger one."""

    @property
    def batches_of_step(self) -> int:
        """Number of batches in a traced step: a third would behave like the second."""
        return 2 if self.accumulates else 1

    def model_config(self) -> PretrainedConfig:
        """:raises Problem: `TRACE_MODEL_UNKNOWN` if transformers does not know the kind of model"""
        given = dict(self.config)
        kind = given.pop("model_type", None)
        try:
            return AutoConfig.for_model(kind, **given)
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("TRACE_MODEL_UNKNOWN", modelType=str(kind), detail=str(error)[:300]) from error


METHOD = {"kind": "lora", "rank": 16, "alpha": 32, "dropout": 0.0, "rslora": False, "targets": "all-linear"}
METHOD |= {"dora": False, "rankPattern": {}, "alphaPattern": {}, "doubleQuantization": True, "freeze": []}
TRAINING = {"optimizer": "adamw", "recompute": "none", "batching": "pad", "maxGradNorm": 1.0, "weightDecay": 0.0}
TRAINING |= {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "seed": 0, "penalty": None}
TRAINING |= {"masterDtype": "auto", "loss": "nll"}
PENALTY = {"lambda": 1.0, "estimator": "empirical", "storage": "full", "tokens": 128, "modelKey": "", "dataKey": ""}
"""`tokens`: length of the longest row that importance is estimated on."""


def read_request(given: dict[str, Any]) -> Request:
    """Read a request from its JSON.

    :raises Problem: `TRACE_REQUEST_INVALID`, with the invalid field and what is expected
    """
    model = _part(given, "model")
    card, world = given.get("card", {}), given.get("world", {})
    capability = str(card.get("capability", "8.0"))
    if not all(one.isdigit() for one in capability.split(".")) or capability.count(".") != 1:
        raise _invalid("card.capability", capability, "a compute capability, e.g. 8.0")
    major, minor = capability.split(".")
    training = TRAINING | given.get("training", {})
    if training["penalty"] is not None:
        _one_of(_part(training, "penalty"), "kind", ("ewc", "l2-sp"), "")
        _one_of(given, "program", ("worker",), "worker")
        training["penalty"] = PENALTY | training["penalty"]
    return Request(
        config=_config(model),
        method=METHOD | _part(given, "method"),
        training=training,
        batches=sorted(_batches(given), key=lambda rows: (len(rows) * max(rows), sum(rows)), reverse=True),
        evaluation=[int(one) for one in given.get("evaluation", [])],
        program=_one_of(given, "program", ("worker", "peft"), "worker"),
        dtype=_one_of(model, "dtype", ("float32", "bfloat16", "float16"), "bfloat16"),
        attention=_one_of(model, "attention", ("sdpa", "eager"), "sdpa"),
        attention_kernel=model.get("attentionKernel"),
        accumulates=bool(given.get("accumulates", False)),
        labelled_share=float(given.get("labelledShare", 1.0)),
        card=Card((int(major), int(minor)), card.get("memoryBytes")),
        world=World(
            int(world.get("size", 1)),
            _one_of(world, "sharding", ("none", "fsdp"), "none"),
            bool(world.get("shardsQuantized", True)),
        ),
        is_expandable=bool(given.get("expandableSegments", False)),
        traced_shapes=int(given.get("tracedShapes", 4)),
    )


def _config(model: dict[str, Any]) -> dict[str, Any]:
    if "folder" in model:
        return loads((Path(model["folder"]) / "config.json").read_text(encoding="utf-8"))
    return _part(model, "config")


def _batches(given: dict[str, Any]) -> list[list[int]]:
    """Batches as given, or cut from a histogram of lengths, longest rows first."""
    batches = given.get("batches")
    if batches is None:
        lengths = _part(given, "lengths")
        rows = [int(one) for one, count in sorted(lengths["histogram"], reverse=True) for _ in range(int(count))]
        size = int(lengths.get("rowsPerBatch", 1))
        batches = [rows[at : at + size] for at in range(0, len(rows), size)]
    if not batches or not all(rows and all(isinstance(one, int) and one > 0 for one in rows) for rows in batches):
        raise _invalid("batches", str(batches)[:80], "lists of row lengths in tokens, e.g. [[512, 300]]")
    return batches


def _part(given: dict[str, Any], name: str) -> dict[str, Any]:
    found = given.get(name)
    if not isinstance(found, dict):
        raise _invalid(name, type(found).__name__, "an object")
    return found


def _one_of(given: dict[str, Any], name: str, allowed: tuple[str, ...], otherwise: str) -> Any:
    found = given.get(name, otherwise)
    if found not in allowed:
        raise _invalid(name, str(found), "one of " + ", ".join(allowed))
    return found


def _invalid(field: str, found: str, expected: str) -> Problem:
    return Problem("TRACE_REQUEST_INVALID", field=field, found=found, expected=expected)
