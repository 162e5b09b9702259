"""Traces the steps of a program, and replays them through the allocator."""

import random
import warnings
from collections import defaultdict
from dataclasses import dataclass
from unittest.mock import patch

import torch

from ..model import DTYPES
from .allocator import Allocator, OutOfMemory
from .cuda import CudaSemantics, experts_of
from .programs import PROGRAMS, Program
from .quantized import Linear4bit
from .recorder import MOMENTS, Log, Recorder, Work
from .request import Request
from .sharding import OF_WHOLE_WEIGHTS, SHARDED, gathered, shard, shard_work

REPLAYED_STEPS = 24
"""Steps that are replayed after the first: the allocator's segments stabilize within a few."""


@dataclass
class Moment:
    """The peak of a moment, in bytes in total and by term."""

    peak: int
    terms: dict[str, int]


@dataclass
class Replay:
    """What the allocator took for steps over batches of the data, beginning with the longest batch."""

    steps: int
    allocated: int
    reserved: int
    missing: int = 0
    """Bytes that the GPU lacked; 0 if the steps fit."""


@dataclass
class Shape:
    """Lengths of the rows of a batch, and the work of its step by kind of kernel."""

    lengths: list[int]
    work: dict[str, Work]


@dataclass
class Trace:
    """A step over the longest batch, and the allocator's replay of steps over the others."""

    moments: dict[str, Moment]
    replay: Replay
    shapes: list["Shape"]
    """The shapes of batches that were traced, largest first."""
    kernels: dict[str, int]
    layers: list[int]
    """Bytes that each layer's forward pass leaves for the backward pass."""

    @property
    def peak(self) -> int:
        return max(one.peak for one in self.moments.values())


def trace(request: Request) -> Trace:
    """Run the program's steps without storage.

    The first step creates the optimizer states; the next is the one that is described. One step for each further batch
    shape follows.
    """
    warnings.filterwarnings("ignore")
    recorder, semantics = Recorder(), CudaSemantics(request.card, request.attention_kernel)
    program = PROGRAMS[request.program](request, recorder, semantics)
    program.load()
    shapes = _shapes(request)
    log = recorder.log
    ends, works = [], []
    torch.autograd.set_multithreading_enabled(False)  # autograd's threads would not see the recorder
    with recorder, semantics, experts_of(request.card), patch.object(torch, "autocast", semantics.foreign_autocast):
        program.prepare()
        for at, batch in enumerate([shapes[0], *shapes]):
            log.work = defaultdict(Work)
            if at == 1:
                semantics.kernels.clear()
                program.layer_ends.clear()
            program.step(batch)
            works.append(log.work)
            log.moments.append((len(log.events), "end"))
            ends.append(len(log.moments))
            if at == 1:
                kernels, layers = dict(semantics.kernels), list(program.layer_ends)
                program.evaluate(request.evaluation)
                log.moments.append((len(log.events), "end"))
                ends.append(len(log.moments))
    _name_activations(log)
    whole = _whole(program, recorder, request)
    sharded: tuple[str, ...] = SHARDED
    if request.method["kind"] == "full":
        sharded += OF_WHOLE_WEIGHTS
        for one in works:
            shard_work(one, request.world)
    is_half = request.training["masterDtype"] == "bfloat16"
    is_copied = request.method["kind"] == "full" and (request.program == "worker" or is_half)
    more = gathered(program, request.world, DTYPES[request.dtype].itemsize if is_copied else 4)
    shard(log, request.world, more, whole, sharded)
    bounds = [log.moments[end - 1][0] for end in ends]
    return Trace(
        _moments(log, bounds[2]),
        _replay(request, log, bounds, shapes),
        [Shape(lengths, work) for lengths, work in zip(shapes, works[1:])],
        kernels,
        [after - before for before, after in zip(layers, layers[1:])],
    )


def _shapes(request: Request) -> list[list[int]]:
    """One batch per traced shape: the largest, and others evenly spaced by size."""
    found: dict[tuple[int, int], list[int]] = {}
    for rows in request.batches:
        found.setdefault((len(rows), max(rows)), rows)
    batches = list(found.values())
    count = min(len(batches), max(1, request.traced_shapes))
    return [batches[at * len(batches) // count] for at in range(count)]


def _name_activations(log: Log) -> None:
    """Label as activations what the forward pass leaves for the backward pass, and what is recomputed for it."""
    held: set[int] = set()
    starts = set(log.backwards)
    for index, (number, size) in enumerate(log.events):
        if index in starts:
            for one in held:
                if not log.terms.get(one) and log.born.get(one) in ("forward", "importance"):
                    log.terms[one] = "activations"
        if size:
            held.add(number)
            if not log.terms.get(number) and log.born.get(number) == "recompute":
                log.terms[number] = "activations"
        else:
            held.discard(number)


def _whole(program: Program, recorder: Recorder, request: Request) -> set[int]:
    """Storages that sharding leaves whole: buffers, scales, and quantized weights if they are stored as bytes."""
    found = [one for one in program.net.buffers()]
    for module in program.net.modules():
        if isinstance(module, Linear4bit):
            found += module.state if request.world.shards_quantized else [*module.state, module.weight]
    return {number for one in found if (number := recorder.number(one)) is not None}


def _moments(log: Log, end: int) -> dict[str, Moment]:
    """The peak of loading, and of the last occurrence of each moment before an event."""
    best: dict[str, tuple[int, int]] = {}
    marks = iter([*log.moments, (len(log.events) + 1, "end")])
    following, name = next(marks)
    moment, live = "load", 0
    sizes: dict[int, int] = {}
    for index, (number, size) in enumerate(log.events[:end]):
        while index >= following:
            moment = name
            best[moment] = (live, index - 1)
            following, name = next(marks)
        if size:
            sizes[number] = size
            live += size
        else:
            live -= sizes.pop(number)
        if live > best.get(moment, (-1, 0))[0]:
            best[moment] = (live, index)
    return {name: Moment(best[name][0], _terms(log, best[name][1])) for name in MOMENTS if name in best}


def _terms(log: Log, last: int) -> dict[str, int]:
    """Live bytes by term after an event."""
    held: dict[int, int] = {}
    for number, size in log.events[: last + 1]:
        if size:
            held[number] = size
        else:
            held.pop(number)
    found: dict[str, int] = {}
    for number, size in held.items():
        term = log.terms.get(number) or "temporaries"
        found[term] = found.get(term, 0) + size
    return found


def _replay(request: Request, log: Log, bounds: list[int], shapes: list[list[int]]) -> Replay:
    """Replay loading, the first step, and steps over batches of the data through the allocator.

    A batch that was not traced is replayed as the next larger one that was.
    """
    allocator = Allocator(request.card.memory, is_expandable=request.is_expandable)
    slices = [log.events[start:end] for start, end in zip(bounds, bounds[1:])]
    evaluation = slices.pop(1)
    sizes = [(len(one) * max(one), index) for index, one in enumerate(shapes)]
    batches = list(request.batches)
    random.Random(0).shuffle(batches)
    order = [0, *(min(one for one in sizes if one[0] >= len(rows) * max(rows))[1] for rows in batches[:REPLAYED_STEPS])]
    replay = Replay(0, 0, 0)
    try:
        for number, size in log.events[: bounds[0]]:
            allocator.allocate(number, size) if size else allocator.free(number)
        before = _taken(slices[0])
        for shape in order:
            before = _run(allocator, slices[shape], before)
            replay.steps += 1
            if replay.steps == 1:
                _run(allocator, evaluation, before)
    except OutOfMemory as error:
        replay.missing = error.missing
    replay.allocated, replay.reserved = allocator.peak_allocated, allocator.peak_reserved
    return replay


def _run(allocator: Allocator, events: list[tuple[int, int]], before: list[int]) -> list[int]:
    """Replay one step under new keys.

    :param before: keys of what the previous step left, such as gradients, in order of allocation
    :returns: keys of what this step leaves
    """
    own = dict(zip(_taken(events), before))
    for number, size in events:
        if size:
            own[number] = allocator.fresh()
            allocator.allocate(own[number], size)
        else:
            allocator.free(own.pop(number))
    return list(own.values())


def _taken(events: list[tuple[int, int]]) -> list[int]:
    """Storages that a step frees but did not allocate."""
    made = {number for number, size in events if size}
    return sorted(number for number, size in events if not size and number not in made)
