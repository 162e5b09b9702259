"""Queries that the controller may send between two steps and after the training."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import GenerationConfig, LogitsProcessor

from . import checkpoints
from .control import Control
from .job import Job, Row
from .model import Model
from .trainer import Trainer
from .training import Training, losses_of
from .world import World

OnProgress = Callable[[int], None]

NOT_MEASURED = {"answers": None, "forgetting": None, "safety": None, "memorization": None}


class Queries:
    """Answers queries with the tuned or the base model. A query contains rows or prompts as token ids."""

    def __init__(self, job: Job, model: Model, trainer: Trainer, training: Training, world: World) -> None:
        self._job = job
        self._model = model
        self._trainer = trainer
        self._training = training
        self._world = world
        self.measured: dict[str, Any] = {"selectedStep": None, "measured": NOT_MEASURED}
        """Fields of `RunResult` that the controller supplies."""

    def offer(self, control: Control) -> None:
        """Register the queries that the controller may send."""
        control.offer(
            {
                "losses": self._losses,
                "generate": self._generate,
                "choose": self._choose,
                "divergence": self._divergence,
                "select": self._select,
                "write-result": self._write_result,
                "measured": self._measured,
            }
        )

    def _losses(self, given: dict[str, Any], on_progress: OnProgress) -> list[dict[str, Any]]:
        """Loss of each row, in the given order."""
        rows = [
            Row(torch.tensor(row["ids"], dtype=torch.int32), torch.tensor(row["labelled"], dtype=torch.uint8))
            for row in given["rows"]
        ]
        with self._model.variant(given["tuned"]):
            sums, counts = losses_of(self._model, rows, self._world, on_progress)
        return [{"nll": nll, "labelledTokens": count} for nll, count in zip(sums, counts)]

    @torch.no_grad()
    def _generate(self, given: dict[str, Any], on_progress: OnProgress) -> list[list[int]]:
        """Continuations of prompts, without the prompt and without the end token."""
        prompts: list[list[int]] = given["prompts"]
        size = given["batchSize"]
        model = self._model
        model.net.eval()
        answers: list[list[int]] = [[] for _ in prompts]
        order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
        torch.manual_seed(given["seed"])
        with model.variant(given["tuned"]), model.autocast():
            for first in range(0, len(order), size):
                batch = order[first : first + size]
                for at, answer in zip(batch, self._continue([prompts[at] for at in batch], given, on_progress, first)):
                    answers[at] = answer
                on_progress(min(first + size, len(order)))
        return answers

    def _continue(
        self, prompts: Sequence[list[int]], given: dict[str, Any], on_progress: OnProgress, done: int
    ) -> list[list[int]]:
        width = max(len(prompt) for prompt in prompts)
        ends = set(given["endIds"])
        filler = next(iter(ends), 0)
        ids = torch.full((len(prompts), width), filler, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for at, prompt in enumerate(prompts):
            ids[at, width - len(prompt) :] = torch.tensor(prompt)
            mask[at, width - len(prompt) :] = 1
        room = max(0, self._model.context_length - width)
        length = min(given["maxNewTokens"], room)
        if length == 0:
            return [[] for _ in prompts]
        # a configuration of its own, so that defaults in the model's files have no effect
        config = GenerationConfig(
            max_new_tokens=length,
            do_sample=given["temperature"] > 0,
            eos_token_id=sorted(ends) or None,
            pad_token_id=filler,
            **(
                {"temperature": given["temperature"], "top_p": given["topP"], "top_k": 0}
                if given["temperature"] > 0
                else {}
            ),
        )
        device = self._model.device
        found = self._model.net.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            generation_config=config,
            logits_processor=[_Beat(lambda: on_progress(done), self._world)],
        )
        answers = []
        for row in found[:, width:].tolist():
            end = next((at for at, token in enumerate(row) if token in ends), len(row))
            answers.append(row[:end])
        return answers

    @torch.no_grad()
    def _choose(self, given: dict[str, Any], on_progress: OnProgress) -> list[dict[str, Any]]:
        """The most likely choice for each prompt: the maximum of P(choice and an end token | prompt).

        The prompt is computed once, and all choices continue from its KV cache.
        """
        choices: list[list[int]] = given["choices"]
        ends: list[int] = given["endIds"]
        model, device = self._model, self._model.device
        model.net.eval()
        width = max(len(choice) for choice in choices)
        ids = torch.zeros(len(choices), width, dtype=torch.long, device=device)
        for at, choice in enumerate(choices):
            ids[at, : len(choice)] = torch.tensor(choice)
        lengths = torch.tensor([len(choice) for choice in choices], device=device)
        answers = []
        with model.variant(given["tuned"]), model.autocast():
            for done, prompt in enumerate(given["prompts"]):
                first, after = self._continued(prompt, ids)
                score = first[ids[:, 0]]
                for place in range(1, width):
                    step = after[:, place - 1].gather(1, ids[:, place : place + 1])[:, 0]
                    score = score + torch.where(place < lengths, step, 0.0)
                if ends:
                    last = after[torch.arange(len(choices), device=device), lengths - 1]
                    score = score + last[:, ends].logsumexp(-1)
                best = int(score.argmax())
                answers.append({"choice": best, "logProbability": float(score[best])})
                on_progress(done + 1)
        return answers

    def _continued(self, prompt: list[int], choices: Tensor) -> tuple[Tensor, Tensor]:
        """Log probabilities after a prompt, [V], and after each token of its continuations, [choices, T, V]."""
        net = self._model.net
        given = torch.tensor([prompt], device=choices.device)
        stem = net(input_ids=given, use_cache=True, logits_to_keep=1)
        cache: Any = getattr(stem, "past_key_values", None)
        layers = getattr(cache, "layers", [])
        # a layer with a recurrent state instead of keys and values cannot be repeated for several choices
        if not layers or not all(hasattr(one, "batch_repeat_interleave") for one in layers):
            whole = net(input_ids=torch.cat([given.expand(len(choices), -1), choices], 1)).logits.float()
            logits = F.log_softmax(whole[:, len(prompt) - 1 :], -1)
            return logits[0, 0], logits[:, 1:]
        first = F.log_softmax(stem.logits[0, -1].float(), -1)
        cache.batch_repeat_interleave(len(choices))
        return first, F.log_softmax(
            net(input_ids=choices, past_key_values=cache, use_cache=True).logits.float(), -1
        )

    def _divergence(self, given: dict[str, Any], on_progress: OnProgress) -> list[dict[str, Any]]:
        """KL(base || tuned) of the next-token distributions, summed over the positions of each prompt."""
        model = self._model
        model.net.eval()
        found = []
        with model.autocast():
            base = []
            with model.variant(False):
                for done, prompt in enumerate(given["prompts"]):
                    base.append(F.log_softmax(model.logits(prompt), -1).cpu())
                    on_progress(done)
            for before, prompt in zip(base, given["prompts"]):
                after = F.log_softmax(model.logits(prompt), -1).cpu()
                places = (before.exp() * (before - after)).sum(-1).double()
                found.append({"sum": float(places.sum()), "positions": places.numel()})
        return found

    def _select(self, given: dict[str, Any], _: OnProgress) -> None:
        """Record the step that the controller would select as the result and, if given, a forgetting measurement."""
        if given.get("point") is not None:
            self._training.add_forgetting(given["point"])
        self._training.selected = given["step"]

    def _write_result(self, given: dict[str, Any], _: OnProgress) -> int:
        """Write the result with the weights of a step or the current ones; after a failure, with those of a checkpoint.

        Returns the step."""
        self._trainer.release()
        wanted, step = given["step"], self._trainer.step
        if given["isFailed"] or (wanted is not None and wanted != step):
            found = checkpoints.find(self._job.run_folder / "checkpoints", self._job.owner, step=wanted)
            if found is not None:
                self._trainer.load_values(found.path)
                step = found.step
        self._model.save_result(self._job.run_folder / given["folder"], self._world)
        return step

    def _measured(self, given: dict[str, Any], _: OnProgress) -> None:
        """Store the controller's measurements of the result."""
        self.measured = given


class _Beat(LogitsProcessor):
    """Called at each token, so that a cancelled query stops early.

    All processes use the scores of the first, so that they choose the same tokens and end together.
    """

    def __init__(self, call: Callable[[], None], world: World) -> None:
        self._call = call
        self._world = world

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self._call()
        return self._world.agree(scores)
