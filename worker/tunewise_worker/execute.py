"""One execution: load the model, train it, and let the controller measure the result."""

import os
import time
from pathlib import Path
from typing import Any

import torch

from .control import Control
from .controller import Controller
from .importance import estimate_fisher
from .job import Job
from .memory import moment
from .model import Model, is_sharded
from .penalty import Penalty
from .preemption import Preemption
from .problems import Problem, finding_of
from .queries import Queries
from .trainer import Trainer
from .training import Training, at_start
from .world import World


def execute(folder: Path, controller: Controller | None, deadline: float) -> dict[str, Any]:
    """Compute the run in an execution's folder. Returns the fields of `RunResult` except the peak memory.

    :param controller: the connection; `None` in all processes except the first
    """
    job = Job(folder)
    world = World(job.model["device"])
    control = Control(controller, world, deadline)
    control.watch_preemption(Preemption(folder), is_shared="TUNEWISE_NODE_IP" in os.environ)
    if world.device.type == "cpu":
        torch.set_num_threads(max(1, job.spec["threads"] // world.size))
    torch.manual_seed(job.training["seed"])
    with moment("while loading the model"):
        model = Model(job, world.device, world)
    if (count := model.left_out) > 0:
        control.report("finding", finding=finding_of(Problem("EXPERTS_NOT_ADAPTED", count=count), count))
    start = time.monotonic()
    settings = job.training["penalty"]
    fisher = importance_of(job, model, control, world)
    penalty = Penalty(job, model, settings["lambda"], fisher, world) if settings else None
    seconds = time.monotonic() - start
    trainer = Trainer(job, model, penalty, world)
    training = Training(job, model, trainer, control, world)
    if penalty:
        training.regularization = {"seconds": seconds if fisher else 0, "bytes": penalty.bytes}
    if world.device.type == "cuda":
        with moment("in the test of the longest batch before the first step"):
            trainer.rehearse()
    control.report("work-start", work="train", isBooked=False)
    queries = Queries(job, model, trainer, training, world)
    queries.offer(control)
    status = training.run()
    control.report("training-end", status=status, state=training.state)
    control.pause("result", training.known())
    world.close()
    return {"status": status, "state": training.state, **queries.measured}


def importance_of(job: Job, model: Model, control: Control, world: World) -> Path | None:
    """The file with the importance of the weights for EWC: the run's own, a cached one, or a new estimate."""
    settings = job.training["penalty"]
    if settings is None or settings["kind"] != "ewc":
        return None
    path = job.run_folder / "fisher.safetensors"
    if path.exists():
        return path
    if not settings["isKnown"]:
        control.report("work-start", work="importance", isBooked=False)
        if world.is_first or is_sharded(job, world):
            estimated = job.run_folder / "execution" / "fisher.safetensors"
            estimate_fisher(job, model, settings, estimated, control, world)
    # the controller combines it with the importance for earlier tasks
    control.pause("importance", at_start())
    return path
