"""The training loop: steps, evaluations and checkpoints, reported as events and controlled by commands."""

import math
import time
from collections.abc import Callable
from typing import Any, Literal

import torch

from . import checkpoints
from .contract import RunResultState, RunResultStateForgettingItem
from .control import Control
from .job import Job, Row
from .memory import moment
from .model import Model
from .trainer import NotFinite, Trainer
from .world import World

Next = Literal["continue", "rolled-back", "stopped", "failed"]

EVALUATED_TOKENS = 8192
"""Maximum tokens of an evaluation batch of several rows, padding included."""


class Training:
    """The training of one run, resumed from the newest checkpoint in its folder."""

    def __init__(self, job: Job, model: Model, trainer: Trainer, control: Control, world: World) -> None:
        self._job = job
        self._model = model
        self._trainer = trainer
        self._control = control
        self._world = world
        self._folder = job.run_folder / "checkpoints"
        found = checkpoints.find(self._folder, job.owner)
        if found is not None:
            trainer.restore(found.path)
        self.state = at_start() if found is None else found.info
        self.state["sessions"] = 1 if found is None else self.state["sessions"] + 1
        self._saved_step = self.state["step"]
        self._is_checkpoint_asked = False
        self.regularization: dict[str, float] | None = None
        """Seconds and bytes that the importance of the weights took, if there is a penalty."""
        self.selected: int | None = None
        """Step whose checkpoint would be the result, if the controller has selected one."""

    def run(self) -> str:
        """Train up to the job's last step. Returns the status."""
        job, trainer = self._job, self._trainer
        reached = self._control.reached()
        if reached is None:
            self._start()
        else:  # a process was lost, and the controller already knows that training started
            self._control.report("rolled-back", step=reached, toStep=trainer.step, rateScale=trainer.rate_scale)
        if 0 < trainer.step < job.training["lastStep"]:
            outcome = self._catch_up()
            if outcome in ("stopped", "failed"):
                return self._end(outcome)
        while trainer.step < job.training["lastStep"]:
            outcome = self._advance()
            if outcome in ("stopped", "failed"):
                return self._end(outcome)
        return self._end("completed")

    def _start(self) -> None:
        job, trainer = self._job, self._trainer
        self._control.report(
            "training-start",
            steps=job.training["steps"],
            stepsPerEpoch=job.training["stepsPerEpoch"],
            state=self.state,
            rateScale=trainer.rate_scale,
            vocabularySize=self._model.vocabulary_size,
            trainedParameters=sum(one.numel() for one in self._model.trained().values()),
            modelParameters=self._model.parameter_count,
            regularization=self.regularization,
        )
        self._control.pause("training-start", self.known())

    def _advance(self) -> Next:
        """Compute one step and the work that is due after it."""
        self._control.report("step-start", step=self._trainer.step + 1)
        outcome = self._obey()
        if outcome == "continue":
            outcome = self._step()
        if outcome == "continue" and self._is_due("evaluation"):
            outcome = self._evaluate()
        if outcome != "continue":
            return outcome
        if self._is_due("forgetting"):
            self._control.pause("forgetting", self.known())
            outcome = self._obey()
            if outcome != "continue":
                return outcome
        if self._is_due("checkpoint") or self._is_selected() or self._is_checkpoint_asked:
            self._save()
        return "continue"

    def _catch_up(self) -> Next:
        """Make the measurements that were due when the training was stopped."""
        step = self._trainer.step
        if self._is_due("evaluation") and [at for at, _ in self.state["curves"]["validation"][-1:]] != [step]:
            outcome = self._evaluate()
            if outcome != "continue":
                return outcome
        if self._is_due("forgetting") and [point["step"] for point in self.state["forgetting"][-1:]] != [step]:
            self._control.pause("forgetting", self.known())
            return self._obey()
        return "continue"

    def _step(self) -> Next:
        start = time.monotonic()
        try:
            with moment(f"in step {self._trainer.step + 1}"):
                fields = self._trainer.next()
        except NotFinite:
            self._control.report("loss-not-finite", step=self._trainer.step + 1)
            return "rolled-back" if self._obey() == "rolled-back" else "failed"
        seconds = time.monotonic() - start
        state = self.state
        state["step"] = self._trainer.step
        state["tokens"] += fields["tokens"]
        state["trainSeconds"] += seconds
        state["curves"]["train"].append([fields["step"], fields["loss"]])
        self._control.report("step-end", **fields, steps=self._job.training["steps"], wallSeconds=seconds)
        return self._obey()

    def _evaluate(self) -> Next:
        rows = self._job.validation
        if rows is None:
            return "continue"
        start = time.monotonic()
        self._control.report("work-start", work="evaluate", isBooked=False)
        sums, counts = losses_of(
            self._model, [rows[at] for at in range(len(rows))], self._world, lambda done: self._control.poll()
        )
        loss = math.fsum(sums) / max(1, sum(counts))
        step, state = self._trainer.step, self.state
        state["curves"]["validation"].append([step, loss])
        if math.isfinite(loss) and (state["best"] is None or loss < state["best"]["loss"]):
            state["best"] = {"step": step, "loss": loss}
        self._control.report("evaluation-end", step=step, loss=loss, wallSeconds=time.monotonic() - start)
        self._control.report("work-start", work="train", isBooked=False)
        return self._obey()

    def _save(self) -> None:
        self._is_checkpoint_asked = False
        step = self._trainer.step
        if self._saved_step == step:
            return
        self._control.report("write-start")
        start = time.monotonic()
        path = self._write(self._kept_step())
        self._control.report("checkpoint-saved", step=step, path=str(path), wallSeconds=time.monotonic() - start)

    def _write(self, kept: int | None) -> Any:
        tensors, metadata = self._trainer.tensors()
        step = self._trainer.step
        path = None
        if self._world.is_first:
            path = checkpoints.save(self._folder, step, self._job.owner, self.state, tensors, metadata, kept)
        self._saved_step = step
        return self._world.broadcast(path)  # no process continues before it is complete

    def _obey(self) -> Next:
        """Carry out the controller's commands."""
        commands = self._control.commands()
        for at, command in enumerate(commands):
            if command["kind"] == "stop":
                return "stopped"
            if command["kind"] == "checkpoint":
                self._is_checkpoint_asked = True
            if command["kind"] == "roll-back":
                self._control.give_back(commands[at + 1 :])
                self._roll_back(command["before"], float(command["rateScale"]))
                return "rolled-back"
        return "continue"

    def _roll_back(self, before: int, scale: float) -> None:
        """Roll back to an earlier state. Tokens and seconds that were spent still count."""
        trainer = self._trainer
        start, spent = trainer.step, self.state
        if self._world.is_first:
            checkpoints.drop_after(self._folder, before - 1)
        self._world.broadcast(None)
        found = checkpoints.find(self._folder, self._job.owner)
        if found is None:
            trainer.restart()
        else:
            trainer.restore(found.path)
        trainer.rate_scale *= scale
        self.state = at_start() if found is None else found.info
        self.state["tokens"], self.state["trainSeconds"] = spent["tokens"], spent["trainSeconds"]
        self.state["sessions"] = spent["sessions"]
        self._write(None if self.state["best"] is None else self.state["best"]["step"])
        self._control.report("rolled-back", step=start, toStep=trainer.step, rateScale=trainer.rate_scale)

    def _end(self, status: str) -> str:
        """Make the last measurements, unless they exist, and save a checkpoint."""
        if self._job.spec["sweep"] is not None:
            return status
        step = self._trainer.step
        if status == "completed":
            # a guard's command comes too late here: no step remains that it could affect
            if [at for at, _ in self.state["curves"]["validation"][-1:]] != [step]:
                self._evaluate()
            if [point["step"] for point in self.state["forgetting"][-1:]] != [step]:
                self._control.pause("forgetting", self.known())
        if status != "failed" and step > 0:
            self._save()
        return status

    def _is_due(self, work: Literal["evaluation", "forgetting", "checkpoint"]) -> bool:
        every = self._job.training["every"][work]
        return every > 0 and self._trainer.step % every == 0

    def _kept_step(self) -> int | None:
        if self.selected is not None:
            return self.selected
        return None if self.state["best"] is None else self.state["best"]["step"]

    def _is_selected(self) -> bool:
        """Whether the current step would be the result, so that it needs a checkpoint."""
        return self._job.training["checkpointSelection"] != "last" and self._kept_step() == self._trainer.step

    def known(self) -> RunResultState:
        """The state that a controller needs for decisions: without the training losses, which are many."""
        return {**self.state, "curves": {**self.state["curves"], "train": []}}

    def add_forgetting(self, point: RunResultStateForgettingItem) -> None:
        """Add a forgetting measurement that the controller made."""
        self.state["forgetting"] = [*self.state["forgetting"], point]


def losses_of(
    model: Model,
    rows: list[Row],
    world: World,
    on_rows: Callable[[int], None],
) -> tuple[list[float], list[int]]:
    """Loss of each row, in the given order, and its number of labeled tokens.

    :param on_rows: called after each batch of every process, with the number of finished rows
    """
    batches = _batches(rows)
    found: dict[int, tuple[float, int]] = {}
    done = 0
    model.net.eval()
    for first in range(0, len(batches), world.size):
        together = batches[first : first + world.size]
        # all processes gather sharded parameters: one without a batch of its own repeats another's
        batch = together[min(world.rank, len(together) - 1)]
        with torch.no_grad(), model.autocast():
            sums, labelled = model.loss_sums([rows[at] for at in batch])
        found.update(zip(batch, zip(sums.double().tolist(), labelled)))
        done += sum(map(len, together))
        on_rows(done)
    for part in world.gather(found):
        found.update(part)
    return [found[at][0] for at in range(len(rows))], [found[at][1] for at in range(len(rows))]


def _batches(rows: list[Row]) -> list[list[int]]:
    """Group rows of similar length into batches of at most `EVALUATED_TOKENS`."""
    batches: list[list[int]] = []
    for at in sorted(range(len(rows)), key=lambda at: rows[at].ids.numel()):
        if batches and (len(batches[-1]) + 1) * rows[at].ids.numel() <= EVALUATED_TOKENS:
            batches[-1].append(at)
        else:
            batches.append([at])
    return batches


def at_start() -> RunResultState:
    """The state of a run without a checkpoint."""
    return {
        "step": 0,
        "best": None,
        "curves": {"train": [], "validation": []},
        "forgetting": [],
        "tokens": 0,
        "trainSeconds": 0.0,
        "sessions": 1,
    }
