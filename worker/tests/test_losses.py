"""Training losses against PyTorch's derivatives of their definitions, in parts, packed, and with a missing row."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig

from test_sharding import LORA, Rows, job_of
from tunewise_worker import contract, losses, model as model_module
from tunewise_worker.contract import LossName
from tunewise_worker.losses import LOSSES, LabelledTokens
from tunewise_worker.model import Model
from tunewise_worker.trainer import Trainer
from tunewise_worker.world import World

GOLDEN = Path(__file__).parents[2] / "test/conformance/golden/losses.json"
RUN = {"method": {**LORA, "kind": "lora"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    torch.manual_seed(5)
    sizes = {"vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    path = tmp_path_factory.mktemp("model")
    AutoModelForCausalLM.from_config(
        LlamaConfig(**sizes, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64)
    ).save_pretrained(path)
    return path


def model_of(folder: Path) -> Model:
    torch.manual_seed(3)
    world = World("cpu")
    model = Model(job_of(folder, RUN, "none"), world.device, world)
    for name, value in model.trained().items():
        if ".lora_B." in name:
            torch.nn.init.normal_(value)  # otherwise A has no gradient
    return model


@pytest.mark.parametrize("name", get_args(LossName))
def test_sums_and_gradients_are_those_of_the_golden_file(name: LossName) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["tokens"]
    logits = torch.tensor(golden["logits"], dtype=torch.float64, requires_grad=True)
    labels, expected = torch.tensor(golden["labels"]), golden["losses"][name]
    log_probabilities = torch.log_softmax(logits, -1).gather(-1, labels[:, None])[:, 0]
    weights, owners = torch.tensor(golden["weights"]), torch.tensor(golden["owners"])
    sums = LOSSES[name](LabelledTokens(log_probabilities, weights, owners, golden["rows"]))
    sums.sum().backward()
    torch.testing.assert_close(sums.detach(), torch.tensor(expected["sums"], dtype=torch.float64))
    torch.testing.assert_close(logits.grad, torch.tensor(expected["gradient"], dtype=torch.float64))


def results(model: Model, name: LossName, *, packed: bool = False) -> tuple[Tensor, dict[str, Tensor]]:
    sums = LOSSES[name](model.labelled_tokens(Rows(5), packed=packed))
    sums.sum().backward()
    gradients = {}
    for key, value in model.trained().items():
        assert value.grad is not None
        gradients[key], value.grad = value.grad.clone(), None
    return sums.detach(), gradients


@pytest.mark.parametrize("name", get_args(LossName))
@pytest.mark.parametrize("way", ["parts", "packed"])
def test_parts_and_packs_are_the_whole(
    name: LossName, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(folder)
    sums, gradients = results(model, name)
    assert all(one.abs().max() > 0 for one in gradients.values())
    if way == "parts":
        monkeypatch.setattr(model_module, "MAX_LOGIT_BYTES", 3 * 4 * 97)  # logits of three labels
    others, other_gradients = results(model, name, packed=way == "packed")
    torch.testing.assert_close(others, sums)
    torch.testing.assert_close(other_gradients, gradients, rtol=1e-4, atol=1e-5)


def test_validation_losses_are_negative_log_likelihoods(folder: Path) -> None:
    model = model_of(folder)
    rows = Rows(5)
    sums, counts = model.loss_sums(rows)
    assert counts == [int(row.labelled[1:].sum()) for row in rows]
    for row, found in zip(rows, sums.tolist()):
        log_p = torch.log_softmax(model.logits(row.ids.tolist()), -1)[:-1].gather(-1, row.ids[1:, None].long())[:, 0]
        assert found == pytest.approx(-float(log_p[row.labelled[1:] > 0].sum()), rel=1e-4)


def test_a_step_of_dft_reports_the_mean_per_label(folder: Path) -> None:
    job = job_of(folder, {**RUN, "loss": "dft"}, "none")
    world = World("cpu")
    torch.manual_seed(3)
    model = Model(job, world.device, world)
    batches = [[job.train[at] for at in batch] for batch in job.steps.batches(1)]
    log_p = torch.cat([model.labelled_tokens(rows).log_probabilities.detach() for rows in batches])
    fields = Trainer(job, model, None, world).next()
    assert fields["loss"] == pytest.approx(float((-log_p * log_p.exp()).mean()), rel=1e-5)


def test_a_loss_of_another_version_is_refused_at_the_start(folder: Path) -> None:
    job = job_of(folder, {**RUN, "loss": "newer"}, "none")
    world = World("cpu")
    with pytest.raises(ValueError, match="newer, and the worker has nll, dft"):
        Trainer(job, Model(job, world.device, world), None, world)


@pytest.fixture
def reloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as changed:
        changed.setattr(contract, "LossName", Literal["nll", "dft", "newer"])
        yield
    importlib.reload(losses)


def test_a_missing_row_fails_at_the_start(reloaded: None) -> None:
    with pytest.raises(RuntimeError, match="without a row: {'newer'}"):
        importlib.reload(losses)
