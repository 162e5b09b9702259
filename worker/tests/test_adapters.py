"""Kinds of adapters and optimizers: they train, resume bit-exactly, and load in PEFT."""

import builtins
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from test_sharding import EWC, LORA, STEPS, job_of
from transformers import AutoModelForCausalLM, LlamaConfig

from tunewise_worker.checkpoints import STATE, read_state, write_tensors
from tunewise_worker.importance import estimate_fisher
from tunewise_worker.model import Model, load_base
from tunewise_worker.problems import Problem
from tunewise_worker.trainer import Trainer
from tunewise_worker.world import World

PATTERNS = {"rankPattern": {"down_proj": 5, r"layers\.0\.self_attn\.q_proj": 1}, "alphaPattern": {"down_proj": 20}}
RUNS: dict[str, dict[str, Any]] = {
    "dora": {"method": {**LORA, "kind": "lora", "dora": True}},
    "dora bfloat16": {"method": {**LORA, "kind": "lora", "dora": True, "dropout": 0.1}, "dtype": "bfloat16"},
    "dora recomputed": {"method": {**LORA, "kind": "lora", "dora": True}, "recompute": "layer"},
    "dora qlora": {"method": {**LORA, "kind": "qlora", "dora": True}},
    "patterns": {"method": {**LORA, "kind": "lora", **PATTERNS}},
    "dora patterns": {"method": {**LORA, "kind": "lora", "dora": True, **PATTERNS}},
    "8-bit": {"method": {**LORA, "kind": "lora"}, "optimizer": "adamw-8bit"},
    "bfloat16 full": {
        "method": {"kind": "full", "freeze": []}, "dtype": "bfloat16", "masterDtype": "bfloat16", "weightDecay": 0.0
    },
    "8-bit paged full": {"method": {"kind": "full", "freeze": []}, "optimizer": "paged-adamw-8bit"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with some matrices and adapters large enough for 8-bit moments."""
    torch.set_num_threads(1)
    torch.manual_seed(5)
    sizes = {"vocab_size": 97, "hidden_size": 64, "intermediate_size": 1400, "num_hidden_layers": 2}
    path = tmp_path_factory.mktemp("model")
    AutoModelForCausalLM.from_config(
        LlamaConfig(**sizes, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64)
    ).save_pretrained(path)
    return path


def begin(job: Any) -> tuple[Model, Trainer]:
    torch.manual_seed(3)
    world = World("cpu")
    model = Model(job, world.device, world)
    return model, Trainer(job, model, None, world)


def save(trainer: Trainer, path: Path) -> dict[str, torch.Tensor]:
    path.mkdir(parents=True)
    write_tensors(path / STATE, *trainer.tensors())
    return read_state(path)[0]


@pytest.mark.filterwarnings("ignore:Paged optimizers are not supported on CPU")
@pytest.mark.parametrize("name", RUNS)
def test_it_learns_and_goes_on_to_the_bit(name: str, folder: Path, tmp_path: Path) -> None:
    job = job_of(folder, RUNS[name], "none")
    model, trainer = begin(job)
    save(trainer, tmp_path / "start")
    trainer.rehearse()
    steps = []
    for step in range(1, STEPS + 1):
        steps.append(trainer.next())
        if step == 3:
            save(trainer, tmp_path / "middle")
    end = save(trainer, tmp_path / "end")
    assert all(0 < one["updateRatio"] < 1 for one in steps)
    assert steps[-1]["loss"] < steps[0]["loss"]
    begun = read_state(tmp_path / "start")[0]
    assert not any(torch.equal(end[key], one) for key, one in begun.items() if key.endswith("magnitude_vector"))
    for start, done in (("middle", 3), ("start", 0)):
        _, again = begin(job)
        again.restore(tmp_path / start)
        assert [again.next() for _ in range(done, STEPS)] == steps[done:]
        found = save(again, tmp_path / f"from-{start}")
        assert set(found) == set(end) and all(torch.equal(found[key], end[key]) for key in end)
    trainer.restart()
    assert [trainer.next() for _ in range(STEPS)] == steps


def test_weights_gradients_and_moments_are_bfloat16_where_that_is_asked_for(folder: Path) -> None:
    kinds = {}
    for master in ("auto", "bfloat16"):
        job = job_of(folder, RUNS["bfloat16 full"] | {"masterDtype": master}, "none")
        model, trainer = begin(job)
        trainer.next()
        values = list(model.trained().values())
        states = [trainer._optimizer.state[one][name] for one in values for name in ("exp_avg", "exp_avg_sq")]
        kinds[master] = {one.dtype for one in [*values, *states]}
    assert kinds == {"auto": {torch.float32}, "bfloat16": {torch.bfloat16}}


@pytest.mark.parametrize("name", ["dora", "dora qlora", "patterns", "dora patterns"])
def test_peft_loads_the_result_to_the_same_logits(name: str, folder: Path, tmp_path: Path) -> None:
    job = job_of(folder, RUNS[name], "none")
    model, trainer = begin(job)
    base = model.logits([5, 6, 7])
    for _ in range(STEPS):
        trainer.next()
    model.net.eval()
    tuned = model.logits([5, 6, 7])
    with model.variant(False):
        assert torch.equal(model.logits([5, 6, 7]), base)
    model.save_result(tmp_path, World("cpu"))
    loaded = PeftModel.from_pretrained(load_base(job, torch.device("cpu")), str(tmp_path)).eval()
    with torch.no_grad():
        again = loaded(input_ids=torch.tensor([[5, 6, 7]])).logits[0].float()
    assert not torch.allclose(tuned, base, atol=1e-3)
    assert torch.allclose(again, tuned, atol=1e-6)
    settings = loaded.peft_config["default"]
    assert (settings.use_dora, settings.rank_pattern, settings.alpha_pattern) == (
        job.method.get("dora", False),
        job.method.get("rankPattern", {}),
        job.method.get("alphaPattern", {}),
    )


def test_an_unknown_optimizer_is_refused_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(Problem, match="OPTIMIZER_UNSUPPORTED") as caught:
        begin(job_of(folder, {"method": {**LORA, "kind": "lora"}, "optimizer": "lion"}, "none"))
    reason = "the worker knows adamw, sgd, adamw-8bit, paged-adamw-8bit"
    assert caught.value.params == {"optimizer": "lion", "reason": reason}


def test_ranks_and_scales_are_those_of_the_patterns(folder: Path) -> None:
    model, _ = begin(job_of(folder, RUNS["patterns"], "none"))
    layers = model.net.model.layers
    found = {
        "down": layers[1].mlp.down_proj, "first q": layers[0].self_attn.q_proj, "q": layers[1].self_attn.q_proj
    }
    assert {name: one.r["default"] for name, one in found.items()} == {"down": 5, "first q": 1, "q": 3}
    assert {name: one.scaling["default"] for name, one in found.items()} == {"down": 4, "first q": 6, "q": 2}


def test_weight_decay_leaves_magnitudes_alone(folder: Path) -> None:
    model, _ = begin(job_of(folder, RUNS["dora"], "none"))
    decays = {name.rpartition(".lora_")[2]: model.decays(name) for name in model.trained()}
    assert decays == {"A.weight": True, "B.weight": True, "magnitude_vector": False}


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        ({"no_such": 4}, "no module of method.targets ends with it"),
        ({".*_proj": 4, "q_proj": 8}, "an earlier pattern"),
        ({"(": 4}, "not a regular expression"),
    ],
)
def test_a_pattern_without_effect_is_refused(patterns: dict[str, int], reason: str, folder: Path) -> None:
    with pytest.raises(Problem, match="PATTERN_UNSUPPORTED") as refused:
        begin(job_of(folder, {"method": {**LORA, "kind": "lora", "rankPattern": patterns}}, "none"))
    assert refused.value.params["pattern"] == list(patterns)[-1]
    assert reason in str(refused.value.params["reason"])


def test_moments_are_stored_in_8_bits(folder: Path, tmp_path: Path) -> None:
    _, trainer = begin(job_of(folder, RUNS["8-bit"], "none"))
    trainer.next()
    found = save(trainer, tmp_path / "one")
    kinds = {str(one.dtype) for key, one in found.items() if key.startswith("moment")}
    assert kinds == {"torch.uint8", "torch.float32"}  # small tensors keep float32 moments
    large = {key for key, one in found.items() if one.dtype == torch.uint8}
    assert {key.replace("moment", "scale") for key in large} == {key for key in found if key.startswith("scale")}


def test_moments_in_8_bits_follow_those_in_32(folder: Path) -> None:
    losses = []
    for optimizer in ("adamw", "adamw-8bit"):
        _, trainer = begin(job_of(folder, {**RUNS["8-bit"], "optimizer": optimizer}, "none"))
        losses.append([trainer.next()["loss"] for _ in range(STEPS)])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_8_bits_without_bitsandbytes_or_on_shared_weights_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunewise_worker import eight_bit

    settings = {"optimizer": "adamw-8bit", "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
    with pytest.raises(Problem, match="mps"):
        eight_bit.adamw_8bit([], settings, torch.device("mps"))
    real = builtins.__import__

    def without(name: str, *given: Any, **named: Any) -> Any:
        if name == "bitsandbytes":
            raise ImportError(name)
        return real(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Problem, match="cannot be loaded") as refused:
        eight_bit.adamw_8bit([], settings, torch.device("cpu"))
    assert refused.value.code == "OPTIMIZER_UNSUPPORTED"


def test_what_cannot_be_shared_out_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world: Any = SimpleNamespace(size=2, is_first=True, device=torch.device("cpu"))
    job = job_of(folder, RUNS["dora qlora"], "fsdp")
    with pytest.raises(Problem, match="DORA_UNSUPPORTED"):
        Model(job, world.device, world)


def test_importance_of_an_adapters_weights_is_estimated_on_drawn_labels_too(folder: Path, tmp_path: Path) -> None:
    settings = {**EWC, "storage": "full"}
    found = {}
    for estimator in ("empirical", "sampled"):
        run = {"method": {**LORA, "kind": "lora"}, "penalty": {**settings, "estimator": estimator}}
        job, path = job_of(folder, run, "none"), tmp_path / f"{estimator}.safetensors"
        control: Any = SimpleNamespace(progress=lambda *_: None)
        estimate_fisher(job, begin(job)[0], job.training["penalty"], path, control, World("cpu"))
        found[estimator] = load_file(path)
    assert found["empirical"].keys() == found["sampled"].keys()
    name = next(one for one in found["sampled"] if one.endswith("q_proj.weight") and not one.startswith("tunewise"))
    assert float(found["sampled"][name].sum()) > 0
    assert not torch.equal(found["sampled"][name], found["empirical"][name])
