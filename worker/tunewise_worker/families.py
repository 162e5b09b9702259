"""Differences between the model families of transformers: attention, experts, and modules that can have an adapter."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import LoraLayer
from peft.utils.other import get_pattern_key
from torch import nn
from torch.nn.modules.conv import _ConvNd
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.pytorch_utils import Conv1D

from .problems import Problem


def load_causal(folder: str, *, attention: str, **options: Any) -> PreTrainedModel:
    """Load the causal language model of a folder, without running code from the folder.

    :param attention: the implementation to use; `sdpa` falls back to `eager` for families without it
    :raises Problem: `WORKER_MODEL_UNSUPPORTED`
    """
    try:
        return AutoModelForCausalLM.from_pretrained(
            folder,
            attn_implementation=attention,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            **options,
        )
    except ValueError as error:
        if attention == "sdpa" and "scaled_dot_product_attention" in str(error):
            return load_causal(folder, attention="eager", **options)
        raise unsupported(error) from error


def unsupported(reason: object) -> Problem:
    """The problem of a model that cannot be trained here."""
    return Problem("WORKER_MODEL_UNSUPPORTED", reason=_first_line(reason))


def add_adapter(net: PreTrainedModel, config: LoraConfig) -> PeftModel:
    """Add an adapter to modules, never to experts' weights, which are plain parameters.

    :raises Problem: `TARGETS_UNSUPPORTED` for names that match no module or match experts' weights; `PATTERN_UNSUPPORTED`
    """
    given = {"rank_pattern": config.rank_pattern or {}, "alpha_pattern": config.alpha_pattern or {}}
    for key, patterns in given.items():
        _check_expressions(key, patterns)
    asked, names = config.target_modules, _linear_names(net)
    if asked == "all-linear" and _experts(net):
        config.target_modules = _names_beside_experts(net)
    try:
        found = get_peft_model(net, config, adapter_name="default")
    except ValueError as error:
        # leave out what PEFT rejects, such as a projection whose weight Mamba's kernels read directly
        named = [name for name in names if f"'{name}'" not in str(error)]
        raise _unfit(asked, error, f"[{', '.join(named)}]" if asked == "all-linear" else "all-linear") from error
    # PEFT takes some names for experts' weights, which were modules in older versions of transformers
    if config.target_parameters:
        raise _unfit(asked, "they are weights of experts, which are not separate modules")
    adapted = [name for name, module in net.named_modules() if isinstance(module, LoraLayer)]
    for key, patterns in given.items():
        _check_patterns(key, patterns, adapted)
    return found


def _check_expressions(key: str, patterns: Mapping[str, Any]) -> None:
    """:raises Problem: `PATTERN_UNSUPPORTED`"""
    for pattern, value in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise _unfit_pattern(key, pattern, f"not a regular expression: {error}", "down_proj", value) from error


def _check_patterns(key: str, patterns: Mapping[str, Any], adapted: Sequence[str]) -> None:
    """Require each pattern to be the first that matches some module: PEFT silently ignores the others.

    :raises Problem: `PATTERN_UNSUPPORTED`
    """
    held = {get_pattern_key(list(patterns), name) for name in adapted}
    for pattern, value in patterns.items():
        if pattern not in held:
            example = adapted[0].rpartition(".")[2]
            reason = "no module of method.targets ends with it, or an earlier pattern matches all that do"
            raise _unfit_pattern(key, pattern, reason, example, value)


def _unfit_pattern(key: str, pattern: str, reason: str, example: str, value: Any) -> Problem:
    return Problem("PATTERN_UNSUPPORTED", key=key, pattern=pattern, reason=reason, example=example, value=value)


def count_left_out(net: PreTrainedModel) -> int:
    """Count the parameters of experts and linear layers without an adapter; 0 for a model without experts."""
    names = _experts(net)
    if not names:
        return 0
    beside = {name for name, module in net.named_modules() if isinstance(module, (nn.Linear, Conv1D))}
    head = net.get_output_embeddings()
    return sum(
        value.numel()
        for name, value in net.named_parameters()
        if name in names or (_owner(name) in beside and not _is_adapted(net, name, head))
    )


def _experts(net: nn.Module) -> set[str]:
    """Names of weights that stack one matrix per expert."""
    return {
        name
        for name, value in net.named_parameters()
        if value.ndim == 3 and not isinstance(net.get_submodule(_owner(name)), _ConvNd)
    }


def _names_beside_experts(net: PreTrainedModel) -> list[str]:
    """Names of linear layers that are not also names of experts' matrices.

    PEFT would resolve such names to the experts' matrices, also when it loads an adapter.
    """
    experts = {"gate", "gate_proj", "up_proj", "down_proj", "w1", "w2", "w3"}
    return [name for name in _linear_names(net) if name not in experts]


def _linear_names(net: PreTrainedModel) -> list[str]:
    head = net.get_output_embeddings()
    found = (name for name, one in net.named_modules() if isinstance(one, (nn.Linear, Conv1D)) and one is not head)
    return sorted({name.rpartition(".")[2] for name in found})


def _is_adapted(net: nn.Module, name: str, head: nn.Module) -> bool:
    owner = net.get_submodule(_owner(name))
    return owner is head or ".lora_" in name or _owner(name).endswith(".base_layer")


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _unfit(targets: Any, reason: object, instead: str = "all-linear") -> Problem:
    words = targets if isinstance(targets, str) else ", ".join(sorted(targets))
    return Problem("TARGETS_UNSUPPORTED", targets=words, reason=_first_line(reason), instead=instead)


def _first_line(text: object) -> str:
    return str(text).strip().splitlines()[0].rstrip(".")
