"""The memory of a rank of FSDP2, derived from the trace of a step on one GPU."""

from dataclasses import dataclass

from torch import nn

from .allocator import rounded
from .programs import WEIGHT_COPIES, Program
from .quantized import Linear4bit
from .recorder import Log, Work
from .request import World

SHARDED = ("frozen weights", "trained weights", "gradients", "optimizer states")
OF_WHOLE_WEIGHTS = ("importance", "penalty")
"""Also sharded if they apply to the weights themselves; for LoRA they apply to its whole products."""


@dataclass(frozen=True)
class Gathered:
    """Whole weights that a rank holds in addition to its shards while it computes, in bytes."""

    root: int
    """Weights outside the layers: gathered before the first layer, held until the end of the backward pass."""
    layer: int
    """The largest layer; one is computed while the next is gathered."""
    gradients: int
    """Whole gradients of a layer before they are summed over the ranks and sharded."""

    @property
    def total(self) -> int:
        return self.root + 2 * self.layer + 2 * self.gradients


def gathered(program: Program, world: World, widest: int = 4) -> Gathered:
    """Sizes of what a rank gathers, with one unit for each layer and one for the rest.

    :param widest: maximum bytes per value: trained weights are gathered in the compute type
    """
    layers = program.layers()

    def size(one: nn.Parameter) -> int:
        return one.numel() * min(one.element_size(), widest)

    inside = {id(one) for layer in layers for one in layer.parameters()}
    whole = _sharded_parameters(program.net, world)
    return Gathered(
        root=sum(size(one) for one in whole if id(one) not in inside),
        layer=max((sum(map(size, _sharded_parameters(layer, world))) for layer in layers), default=0),
        gradients=max((sum(map(_size, _trained(layer))) for layer in layers), default=0),
    )


def shard(log: Log, world: World, more: Gathered, whole: set[int], sharded: tuple[str, ...]) -> None:
    """Turn the log of one GPU into that of a rank, in place.

    Temporaries of the optimizer's step have the size of its shards. A rank makes no copies of weights: it gathers them
    in the compute type.

    :param more: what the rank gathers
    :param whole: numbers of storages that are not sharded
    :param sharded: terms that are sharded
    """
    if world.sharding == "none" or world.size == 1:
        return
    marks = iter([*log.moments, (len(log.events) + 1, "end")])
    moment, (following, name) = "load", next(marks)
    found: list[tuple[int, int]] = []
    moments: list[tuple[int, str]] = []
    number, is_gathered = -1, False
    for index, (key, size) in enumerate(log.events):
        while index >= following:
            if name in ("forward", "penalty", "step") and is_gathered:
                found.append((number, 0))
                is_gathered = False
            moments.append((len(found), name))
            if name in ("importance", "forward"):
                number, is_gathered = number - 1, True
                found.append((number, rounded(more.total)))
                log.terms[number] = "gathered weights"
            moment = name
            following, name = next(marks)
        if log.terms.get(key) == WEIGHT_COPIES:
            continue
        is_cut = key not in whole and (log.terms.get(key) in sharded or moment == "step")
        found.append((key, rounded(-(-size // world.size)) if size and is_cut else size))
    moments += [(len(found), name) for _, name in log.moments[len(moments) :]]
    log.events[:], log.moments[:] = found, moments


def shard_work(work: dict[str, Work], world: World) -> None:
    """Reduce the work of a penalty on the weights themselves to a rank's share, in place."""
    size = world.size if world.sharding == "fsdp" else 1
    for kind in ("penalty", "transfer"):
        if kind in work:
            work[kind].flops //= size
            work[kind].bytes //= size


def _sharded_parameters(module: nn.Module, world: World) -> list[nn.Parameter]:
    return [
        one
        for part in module.modules()
        if world.shards_quantized or not isinstance(part, Linear4bit)
        for one in part.parameters(recurse=False)
    ]


def _trained(module: nn.Module) -> list[nn.Parameter]:
    return [one for one in module.parameters() if one.requires_grad]


def _size(value: nn.Parameter) -> int:
    return value.numel() * value.element_size()
