"""Sharded weights (FSDP2): two processes match one, and resume from a checkpoint bit-exactly."""

import json
import math
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
import torch.multiprocessing as mp
from transformers import AutoModelForCausalLM, LlamaConfig

from tunewise_worker.checkpoints import STATE, read_state, write_tensors
from tunewise_worker.importance import estimate_fisher
from tunewise_worker.job import Row
from tunewise_worker.model import Model
from tunewise_worker.penalty import Penalty
from tunewise_worker.queries import Queries
from tunewise_worker.trainer import Trainer
from tunewise_worker.training import losses_of
from tunewise_worker.world import World

STEPS = 6
LORA = {"rank": 3, "alpha": 6, "rslora": False, "dropout": 0.0, "targets": "all-linear", "doubleQuantization": True}
EWC = {"kind": "ewc", "lambda": 40.0, "estimator": "empirical", "modelKey": "m", "dataKey": "d"}
RUNS: dict[str, dict[str, Any]] = {
    "lora ewc": {"method": {**LORA, "kind": "lora"}, "penalty": {**EWC, "storage": "full"}},
    "lora dora": {"method": {**LORA, "kind": "lora", "dora": True}},
    "lora bfloat16": {"method": {**LORA, "kind": "lora"}, "dtype": "bfloat16"},
    "full": {"method": {"kind": "full", "freeze": ["*.layers.0.*"]}, "optimizer": "sgd"},
    "full ewc": {"method": {"kind": "full", "freeze": []}, "penalty": {**EWC, "storage": "factored"}},
    "full bfloat16": {"method": {"kind": "full", "freeze": []}, "dtype": "bfloat16", "recompute": "layer"},
    "full dft": {"method": {"kind": "full", "freeze": []}, "loss": "dft"},
    "full float16": {"method": {"kind": "full", "freeze": []}, "dtype": "float16"},
    "qlora": {"method": {**LORA, "kind": "qlora"}},
}


class Rows(list):
    """Rows of different lengths, partly labeled."""

    def __init__(self, count: int) -> None:
        draw = torch.Generator().manual_seed(1)
        for at in range(count):
            ids = torch.randint(1, 97, (5 + 3 * (at % 4),), generator=draw, dtype=torch.int32)
            labelled = torch.ones(ids.numel(), dtype=torch.uint8)
            labelled[: 1 + at % 3] = 0
            self.append(Row(ids, labelled))


class Steps:
    """Two batches per step, the second with fewer rows than there are processes."""

    def __init__(self, rate: float) -> None:
        self.learning_rates = [rate] * STEPS

    def __len__(self) -> int:
        return STEPS

    def batches(self, step: int) -> list[list[int]]:
        return [[step % 9, (step + 1) % 9, (step + 2) % 9], [(step + 3) % 9]]


def job_of(folder: Path, run: dict[str, Any], sharding: str) -> Any:
    """A job as the worker uses it."""
    rows = Rows(9)
    training = {"seed": 3, "optimizer": "adamw", "weightDecay": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
    training |= {"maxGradNorm": 0.5, "batching": "pad", "penalty": None, "loss": "nll"} | run
    model = {"folder": str(folder), "dtype": run.get("dtype", "float32"), "device": "cpu", "attention": "sdpa"}
    model |= {"sharding": sharding, "recompute": run.get("recompute", "none")}
    steps = Steps(1e-3 if run["method"]["kind"] == "full" else 1e-2)
    return SimpleNamespace(
        model=model, method=run["method"], training=training, train=rows, reference=rows[:3], steps=steps,
        input=lambda name: None, spec={"model": {"source": "s", "revision": "r"}}, run_folder=folder,
    )


def compute(folder: Path, out: Path, sharding: str) -> None:
    """Train every run with the processes of the environment; the first one writes the results."""
    torch.set_num_threads(1)
    world = World("cpu")
    found = {name: _train(folder, out / name.replace(" ", "-"), run, world, sharding) for name, run in RUNS.items()}
    if world.is_first:
        (out / "found.json").write_text(json.dumps(found))
    world.close()


def _train(folder: Path, out: Path, run: dict[str, Any], world: World, sharding: str) -> dict[str, Any]:
    job = job_of(folder, run, sharding)
    control = cast(Any, SimpleNamespace(progress=lambda *_: None))

    def begin() -> tuple[Model, Trainer]:
        torch.manual_seed(3)
        model = Model(job, world.device, world)
        fisher = out / "fisher.safetensors" if job.training["penalty"] else None
        if fisher is not None and not fisher.exists():
            if world.is_first or sharding == "fsdp":
                estimate_fisher(job, model, job.training["penalty"], fisher, control, world)
            world.broadcast(None)
        penalty = Penalty(job, model, job.training["penalty"]["lambda"], fisher, world) if fisher else None
        return model, Trainer(job, model, penalty, world)

    out.mkdir(parents=True, exist_ok=True)
    world.broadcast(None)
    model, trainer = begin()
    base = losses_of(model, job.train, world, lambda _: None)[0]
    trainer.rehearse()
    steps = []
    for step in range(1, STEPS + 1):
        steps.append(trainer.next())
        if step == 3:
            _save(trainer, out / "step-3", world)
    _save(trainer, out / "end", world)
    with model.variant(False):
        again = losses_of(model, job.train, world, lambda _: None)[0]
    tuned = losses_of(model, job.train, world, lambda _: None)[0]
    answers = _answers(job, model, trainer, world)
    model.save_result(out / "result", world)
    trainer.restart()
    restarted = losses_of(model, job.train, world, lambda _: None)[0]
    model, trainer = begin()
    trainer.restore(out / "step-3")
    resumed = [trainer.next() for _ in range(3, STEPS)]
    _save(trainer, out / "resumed", world)
    return {
        "steps": steps, "base": base, "again": again, "tuned": tuned, "answers": answers, "restarted": restarted,
        "is_resumed": resumed == steps[3:], "held": sum(one.numel() for one in _local(model)),
    }


def _answers(job: Any, model: Model, trainer: Trainer, world: World) -> Any:
    queries = Queries(job, model, trainer, cast(Any, None), world)
    asked = {"prompts": [[5, 6, 7], [8, 9]], "batchSize": 2, "seed": 1, "tuned": True, "endIds": [2]}
    asked |= {"maxNewTokens": 5, "temperature": 0.0, "topP": 1.0}
    chosen = {"prompts": [[5, 6, 7]], "choices": [[8], [9, 10]], "endIds": [2], "tuned": False}
    return [
        queries._generate(asked, lambda _: None),
        queries._generate({**asked, "temperature": 1.0, "tuned": False}, lambda _: None),
        [one["choice"] for one in queries._choose(chosen, lambda _: None)],
        [round(one["sum"], 4) for one in queries._divergence({"prompts": [[5, 6, 7]]}, lambda _: None)],
    ]


def _local(model: Model) -> list[torch.Tensor]:
    return [one.to_local() if hasattr(one, "to_local") else one for one in model.net.parameters()]


def _save(trainer: Trainer, path: Path, world: World) -> None:
    tensors, metadata = trainer.tensors()
    if world.is_first:
        path.mkdir(exist_ok=True)
        write_tensors(path / STATE, tensors, metadata)
    world.broadcast(None)


def _process(rank: int, port: int, folder: Path, out: Path) -> None:
    import os

    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    compute(folder, out, "fsdp")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict, dict, Path]]:
    """The results of one process and of two, and the folder of the latter."""
    root = tmp_path_factory.mktemp("sharding")
    folder, one, two = root / "model", root / "one", root / "two"
    torch.manual_seed(0)
    sizes = {"hidden_size": 20, "intermediate_size": 36, "num_attention_heads": 2, "num_key_value_heads": 1}
    config = LlamaConfig(
        **sizes, vocab_size=97, num_hidden_layers=3, tie_word_embeddings=True, initializer_range=0.3
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(_process, (port, folder, two), nprocs=2)
    compute(folder, one, "none")
    yield json.loads((one / "found.json").read_text()), json.loads((two / "found.json").read_text()), two


@pytest.mark.parametrize("name", RUNS)
def test_two_processes_come_to_what_one_comes_to(found: tuple[dict, dict, Path], name: str) -> None:
    one, two = found[0][name], found[1][name]
    is_short = "dtype" in RUNS[name]
    relative = 5e-2 if is_short else 2e-3
    for before, after in zip(one["steps"], two["steps"]):
        for key in ("loss", "penalty", "gradientNorm", "updateRatio"):
            assert math.isclose(before[key], after[key], rel_tol=relative, abs_tol=1e-6), (key, before, after)
    for key in ("base", "tuned", "again", "restarted"):
        assert two[key] == pytest.approx(one[key], rel=relative)
    assert two["again"] == two["base"] and two["restarted"] == two["base"] and two["tuned"] != two["base"]
    assert is_short or two["answers"] == one["answers"]
    assert two["held"] < 0.6 * one["held"]


@pytest.mark.parametrize("name", RUNS)
def test_a_checkpoint_goes_on_to_the_bit(found: tuple[dict, dict, Path], name: str) -> None:
    assert found[1][name]["is_resumed"]
    folder = found[2] / name.replace(" ", "-")
    (before, told), (after, told_after) = (read_state(folder / one) for one in ("end", "resumed"))
    assert ("loss_scale" in told) == (RUNS[name].get("dtype") == "float16")
    assert told == told_after and before.keys() == after.keys()
    assert all(torch.equal(one, after[name]) for name, one in before.items())


@pytest.mark.parametrize("name", RUNS)
def test_one_process_goes_on_from_a_checkpoint_of_two(found: tuple[dict, dict, Path], name: str) -> None:
    folder = found[2].parent / "model"
    world = World("cpu")
    job = job_of(folder, RUNS[name] | {"penalty": None}, "none")
    trainer = Trainer(job, Model(job, world.device, world), None, world)
    trainer.restore(found[2] / name.replace(" ", "-") / "step-3")
    if "penalty" not in RUNS[name]:
        assert trainer.next()["loss"] == pytest.approx(found[1][name]["steps"][3]["loss"], rel=5e-2)


def test_a_gradient_that_overflows_is_computed_again(found: tuple[dict, dict, Path]) -> None:
    world = World("cpu")
    job = job_of(found[2].parent / "model", RUNS["full float16"], "none")
    norms = []
    for factor in (2.0**10, 2.0**40):
        trainer = Trainer(job, Model(job, world.device, world), None, world)
        assert trainer._scale is not None
        trainer._scale.factor = factor
        norms.append(trainer.next()["gradientNorm"])
    assert norms[1] == pytest.approx(norms[0], rel=1e-2)
    assert trainer.step == 1 and 1 < trainer._scale.factor < 2.0**40
