"""Sharded weights (FSDP2): each process holds a part of every weight, and gathers a layer while it computes.

Source: `torch.distributed.fsdp.fully_shard`; one unit for each layer of the decoder, one for the rest.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method

from .world import World


def shard(net: nn.Module, world: World, compute_type: torch.dtype | None) -> None:
    """Shard the weights of a network in place; parameters keep their names.

    :param compute_type: the compute type, if it differs from the type of the weights
    """
    mesh = init_device_mesh(world.device.type, (world.size,))
    policy = MixedPrecisionPolicy()
    if compute_type is not None:
        policy = MixedPrecisionPolicy(param_dtype=compute_type, reduce_dtype=torch.float32)
    for module in net.modules():
        _share_quantized(module, world.device)
    for unit in (*decoder_layers(net), net):
        # including the root: outside a pass, all parameters are the shards that the optimizer holds
        sharded: Any = fully_shard(unit, mesh=mesh, reshard_after_forward=True, mp_policy=policy)
        # gradients are sums: the loss is divided by the labeled tokens of all processes
        sharded.set_gradient_divide_factor(1.0)
        sharded.set_force_sum_reduction_for_comms(True)


def gathering(net: nn.Module) -> Callable[..., Any]:
    """A caller of functions that gathers the weights outside the layers, as the network's own forward pass does.

    It is needed because the head computes logits in parts and only at labeled positions, unlike `net(...)`.
    """

    def within(compute: Callable[..., Any], *given: Any, **named: Any) -> Any:
        return compute(*given, **named)

    setattr(net, "within", within)
    register_fsdp_forward_method(net, "within")
    return getattr(net, "within")


def decoder_layers(net: nn.Module) -> list[nn.Module]:
    """The decoder's layers: the module list with the most parameters."""
    lists = [one for one in net.modules() if isinstance(one, nn.ModuleList)]
    if not lists:
        return []
    largest: nn.ModuleList = max(lists, key=_size)
    return list(largest)


def _share_quantized(module: nn.Module, device: torch.device) -> None:
    """Turn the codes of a 4-bit layer into a plain parameter that can be sharded; scales stay whole in every process.

    bitsandbytes reads the quantization state from the weight, which FSDP replaces for each pass. The state is therefore
    kept on the layer and attached to the weight before each pass.
    """
    if not isinstance(module, nn.Linear):
        return
    state: Any = getattr(module.weight, "quant_state", None)
    if state is None:
        return
    state.to(device)
    setattr(module, "quant_state", state)
    module.weight = nn.Parameter(module.weight.detach().as_subclass(torch.Tensor), requires_grad=False)
    module.register_forward_pre_hook(_describe)


def _describe(module: nn.Module, _: Any) -> None:
    setattr(module.weight, "quant_state", module.quant_state)


def _size(module: nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())
