"""Adapters on the modules of several model families, and targets that are refused."""

from pathlib import Path

import pytest
import torch
from peft import LoraConfig
from transformers import LlamaConfig, LlamaForCausalLM, MambaConfig, MambaForCausalLM
from transformers import MixtralConfig, MixtralForCausalLM, Qwen2MoeConfig, Qwen2MoeForCausalLM

from tunewise_worker.families import add_adapter, count_left_out, load_causal
from tunewise_worker.model import _freeze
from tunewise_worker.problems import Problem

SIZES = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def mixture() -> Qwen2MoeForCausalLM:
    """A model with four experts of width 16, and one that all tokens share."""
    special = {"moe_intermediate_size": 16, "shared_expert_intermediate_size": 24, "num_experts": 4}
    return Qwen2MoeForCausalLM(Qwen2MoeConfig(**SIZES, **special, num_experts_per_tok=2))


def config(targets: str | list[str]) -> LoraConfig:
    return LoraConfig(r=2, target_modules=targets, task_type="CAUSAL_LM")


def test_experts_have_no_adapter_and_are_counted() -> None:
    net = mixture()
    adapted = add_adapter(net, config("all-linear"))
    named = {name.split(".")[-4] for name, value in adapted.named_parameters() if value.requires_grad}
    assert named == {"q_proj", "k_proj", "v_proj", "o_proj", "shared_expert_gate"}
    experts, shared = 4 * 3 * 32 * 16, 3 * 32 * 24
    assert count_left_out(net) == 2 * (experts + shared)
    assert not adapted.peft_config["default"].target_parameters


def test_a_model_without_experts_leaves_nothing_out() -> None:
    net = LlamaForCausalLM(LlamaConfig(**SIZES))
    add_adapter(net, config("all-linear"))
    assert count_left_out(net) == 0


@pytest.mark.parametrize("targets", [["q_proj", "w1", "w2", "w3"], ["w1"], ["no_such"]])
def test_names_of_no_module_are_refused(targets: list[str]) -> None:
    net = MixtralForCausalLM(MixtralConfig(**SIZES, num_local_experts=2))
    with pytest.raises(Problem, match="TARGETS_UNSUPPORTED"):
        add_adapter(net, config(targets))


def test_a_refusal_of_all_names_those_that_are_left() -> None:
    sizes = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 1}
    with pytest.raises(Problem) as refused:
        add_adapter(MambaForCausalLM(MambaConfig(**sizes)), config("all-linear"))
    assert refused.value.code == "TARGETS_UNSUPPORTED"
    assert refused.value.params["instead"] == "[dt_proj, in_proj, x_proj]"


def test_a_model_that_is_not_causal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "no_such_family"}')
    with pytest.raises(Problem, match="WORKER_MODEL_UNSUPPORTED"):
        load_causal(str(tmp_path), attention="sdpa", dtype=torch.float32)
    (tmp_path / "config.json").write_text('{"model_type": "clip", "projection_dim": 8}')
    with pytest.raises(Problem, match="WORKER_MODEL_UNSUPPORTED"):
        load_causal(str(tmp_path), attention="sdpa", dtype=torch.float32)


def test_patterns_of_frozen_weights_must_name_some_and_not_all() -> None:
    net = LlamaForCausalLM(LlamaConfig(**SIZES))
    _freeze(net, ["model.layers.0.*"])
    trained = {name for name, value in net.named_parameters() if value.requires_grad}
    assert "model.layers.0.mlp.up_proj.weight" not in trained and "model.layers.1.mlp.up_proj.weight" in trained
    with pytest.raises(Problem, match="ENGINE_FREEZE_UNKNOWN"):
        _freeze(net, ["transformer.h.0.*"])
    with pytest.raises(Problem, match="ENGINE_ALL_FROZEN"):
        _freeze(net, ["*"])
