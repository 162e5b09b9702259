"""The programs that can be traced: the worker's own step, and a plain loop with PEFT and transformers."""

import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ContextManager, cast
from unittest.mock import patch

import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, PreTrainedModel

from .. import importance, penalty
from .. import model as worker_model
from ..job import Row
from ..model import DTYPES, Model, lora_config
from ..trainer import Trainer
from ..world import World
from .cuda import CudaSemantics
from .quantized import Linear4bit, LoraLinear4bit, quantize
from .recorder import Recorder
from .request import Request

META = torch.device("meta")
WEIGHT_COPIES = "weight copies"


def base_model(request: Request, kind: torch.dtype) -> PreTrainedModel:
    """The base model without storage, in a type; quantized if the method requires it."""
    with META:
        net = AutoModelForCausalLM.from_config(
            request.model_config(), dtype=kind, attn_implementation=request.attention
        )
    net.eval()
    if request.method["kind"] == "qlora":
        quantize(net, DTYPES[request.dtype], doubles=request.method["doubleQuantization"])
    return net


class Program:
    """A training whose steps can be recorded."""

    net: Any
    optimizer: torch.optim.Optimizer

    def __init__(self, request: Request, recorder: Recorder, semantics: CudaSemantics) -> None:
        self._request = request
        self._recorder = recorder
        self._semantics = semantics

    def prepare(self) -> None:
        """Work that is done once, between loading and the first step."""

    def step(self, lengths: list[int]) -> None:
        """Forward pass, backward pass and optimizer step over a batch of rows of these lengths."""
        raise NotImplementedError

    def evaluate(self, lengths: list[int]) -> None:
        """Compute the loss of rows of these lengths, without gradients."""

    def trained(self) -> list[nn.Parameter]:
        return [one for one in self.net.parameters() if one.requires_grad]

    def load(self) -> None:
        """Record what is on the GPU before the first step, in loading order."""
        recorder, kind = self._recorder, DTYPES[self._request.dtype]
        recorder.vocabulary = self.net.get_output_embeddings().weight.shape[0]
        for module in self.net.modules():
            own: list[Tensor] = list(module.parameters(recurse=False))
            if isinstance(module, Linear4bit):
                # quantized on the GPU, from weights in the model's type
                plain = recorder.hold(module.in_features * module.out_features * kind.itemsize, "temporaries")
                recorder.adopt([*own, *module.state], "frozen weights")
                recorder.release(plain)
            recorder.adopt((one for one in own if one.requires_grad), "trained weights")
            own += module.buffers(recurse=False)
            recorder.adopt((one for one in own if not one.requires_grad), "frozen weights")
        self._workspaces: set[str] = set()
        self.layer_ends: list[int] = []
        for layer in self.layers():
            layer.register_forward_hook(self._end_of_layer)

    def layers(self) -> list[nn.Module]:
        """The decoder's layers: the module list with the most bytes of parameters."""
        lists = [one for one in self.net.modules() if isinstance(one, nn.ModuleList)]
        if not lists:
            return []
        largest: nn.ModuleList = max(lists, key=_bytes)
        return list(largest)

    def _end_of_layer(self, *_: Any) -> None:
        if self._recorder.moment == "forward":
            self.layer_ends.append(self._recorder.live)

    def begin(self, moment: str) -> None:
        """Begin a moment of the step. A thread's first product allocates its workspace, the backward thread's too."""
        self._recorder.begin(moment)
        if moment in ("forward", "backward") and moment not in self._workspaces and self._recorder.log.moments:
            self._workspaces.add(moment)
            self._recorder.hold(self._semantics.card.blas_workspace, "workspace")

    def note_gradients(self) -> None:
        self._recorder.adopt((one.grad for one in self.trained() if one.grad is not None), "gradients")

    def note_states(self) -> None:
        states = [one for state in self.optimizer.state.values() for one in state.values()]
        self._recorder.adopt((one for one in states if isinstance(one, Tensor)), "optimizer states")


class PlainLoop(Program):
    """`model(input_ids, labels=...)`, `loss.backward()`, `optimizer.step()`, with transformers' own loss."""

    def __init__(self, request: Request, recorder: Recorder, semantics: CudaSemantics) -> None:
        super().__init__(request, recorder, semantics)
        method = request.method
        recomputes = request.training["recompute"] == "layer"
        net: Any = base_model(request, DTYPES[request.dtype])
        net.config.use_cache = False
        if method["kind"] == "full":
            if request.training["masterDtype"] != "bfloat16":
                for one in net.parameters():
                    one.data = one.data.float()
        else:
            if method["kind"] == "qlora":
                net = prepare_model_for_kbit_training(net, use_gradient_checkpointing=recomputes)
            net = get_peft_model(net, adapter_config(method))
        if recomputes:
            net.gradient_checkpointing_enable({"use_reentrant": False})
            net.enable_input_require_grads()
        net.train()
        self.net = net
        self.optimizer = torch.optim.AdamW(self.trained(), lr=1e-4, foreach=True)

    def step(self, lengths: list[int]) -> None:
        self.optimizer.zero_grad(set_to_none=True)
        out: Any = None  # the loop holds a batch's output until the next one is computed
        for _ in range(self._request.batches_of_step):
            self.begin("forward")
            ids = _ids(len(lengths), max(lengths)).to(META)
            out = self.net(input_ids=ids, labels=ids)
            self.begin("backward")
            out.loss.backward()
            self.note_gradients()
        self.begin("step")
        self.optimizer.step()
        self.note_states()


def adapter_config(method: dict[str, Any]) -> LoraConfig:
    config = lora_config(method)
    config._register_custom_module({Linear4bit: LoraLinear4bit})
    return config


def _bytes(module: nn.Module) -> int:
    return sum(one.numel() * one.element_size() for one in module.parameters())


def _ids(rows: int, length: int) -> Tensor:
    return torch.zeros(rows, length, dtype=torch.long)


def _dequantized(module: nn.Module) -> Tensor:
    return module.dequantize() if isinstance(module, Linear4bit) else cast(Tensor, module.weight)


class TracedModel(Model):
    """The worker's model on a device without storage, computing as on a GPU."""

    semantics: CudaSemantics

    def base_values(self) -> dict[str, Tensor]:
        """Zeros in CPU memory that occupy no space, instead of the base's weights."""
        return {name: torch.zeros(()).expand(one.shape) for name, one in self.trained().items()}

    def autocast(self) -> Any:
        kind = DTYPES[self._job.model["dtype"]]
        if not worker_model.trains_float32(self._job) or kind == torch.float32:
            return nullcontext()
        return self.semantics.autocast(kind)


class WorkerLoop(Program):
    """The worker's own step: its model, loss and trainer."""

    def __init__(self, request: Request, recorder: Recorder, semantics: CudaSemantics) -> None:
        super().__init__(request, recorder, semantics)
        self._job = cast(Any, _Job(request))
        with ExitStack() as stack:
            # the worker's code loads a file, quantizes it with bitsandbytes and requires PEFT's layers for it
            stack.enter_context(patch.object(AutoModelForCausalLM, "from_pretrained", self._from_pretrained))
            stack.enter_context(patch("transformers.BitsAndBytesConfig", dict))
            stack.enter_context(patch.object(worker_model, "lora_config", adapter_config))
            # it compares values to check its logits and its packed rows
            stack.enter_context(patch.object(worker_model.Head, "_check", lambda *_: None))
            stack.enter_context(patch.object(worker_model, "_packs_exactly", lambda _: True))
            self._model = TracedModel(self._job, META)
        self._model.semantics = semantics
        semantics.on_copy = lambda one: recorder.adopt([one], WEIGHT_COPIES)
        self.net = self._model.net if self._model._peft is None else self._model._peft
        self._trainer = cast(Any, Trainer(self._job, self._model, None, World("cpu")))
        self.optimizer = self._trainer._optimizer
        # the trainer chooses `fused` by device, which is not a GPU here
        if request.training["optimizer"] == "adamw":
            for group in self.optimizer.param_groups:
                group["fused"], group["foreach"] = True, False
        add = self._trainer._add_gradients
        self._trainer._add_gradients = lambda batch, labelled: self._add_gradients(add, batch, labelled)
        norms = self._trainer._norms_before
        self._trainer._norms_before = lambda: self._before_step(norms)

    def prepare(self) -> None:
        settings = self._request.training["penalty"]
        if settings is None:
            return
        found = self._importance(settings) if settings["kind"] == "ewc" else None
        read = patch.object(penalty, "_read_fisher", lambda given: penalty.importance_from(given, given.__getitem__))
        with read:
            held = penalty.Penalty(self._job, self._model, settings["lambda"], cast(Any, found), World("cpu"))
        add = held.add_gradients
        setattr(held, "add_gradients", lambda: self._add_penalty(add))
        self._trainer._penalty = held

    def _importance(self, settings: Any) -> dict[str, Tensor]:
        """The content of the importance file, estimated on one row: further rows take the same memory."""
        found: dict[str, Tensor] = {}
        make = importance.Sum

        def sum_of(*given: Any) -> importance.Sum:
            one = make(*given)
            self._recorder.adopt(one._parts, "importance")
            return one

        with ExitStack() as stack:
            stack.enter_context(patch.object(importance, "Sum", sum_of))
            stack.enter_context(patch.object(importance, "_dequantized", _dequantized))
            stack.enter_context(patch.object(importance, "write_tensors", lambda _, given, __: found.update(given)))
            stack.enter_context(self._on_backward(self._recorder.begin_backward))
            self.begin("importance")
            control: Any = SimpleNamespace(progress=lambda *_: None)
            importance.estimate_fisher(self._job, self._model, settings, Path(), control, World("cpu"))
        return found

    def _from_pretrained(self, *_: Any, dtype: torch.dtype, **__: Any) -> PreTrainedModel:
        return base_model(self._request, dtype)

    def step(self, lengths: list[int]) -> None:
        share = self._request.labelled_share
        self._job.train = [_row(length, share) for length in lengths]
        adam = sys.modules["torch.optim.adam"]
        is_allowed = patch.object(adam, "_device_dtype_check_for_fused", lambda *_, **__: None)
        with self._on_backward(self._begin_backward), is_allowed:
            self._trainer.next()
        self.note_states()

    def _on_backward(self, begin: Callable[[], None]) -> ContextManager[Any]:
        original = Tensor.backward

        def backward(loss: Tensor, *args: Any, **kwargs: Any) -> None:
            begin()
            original(loss, *args, **kwargs)
            if self._recorder.moment == "importance":
                self.note_gradients()

        return patch.object(Tensor, "backward", backward)

    def _begin_backward(self) -> None:
        if self._recorder.moment != "penalty":
            self.begin("backward")

    @torch.no_grad()
    def evaluate(self, lengths: list[int]) -> None:
        if not lengths:
            return
        self.begin("evaluation")
        share = self._request.labelled_share
        self._model.net.eval()
        with self._model.autocast():
            self._model.loss_sums([_row(length, share) for length in lengths])

    def _add_gradients(self, add: Any, batch: list[Row], labelled: int) -> float:
        self.begin("forward")
        return add(batch, labelled)

    def _add_penalty(self, add: Callable[[], float]) -> float:
        self.note_gradients()
        self.begin("penalty")
        return add()

    def _before_step(self, norms: Any) -> Any:
        self.note_gradients()
        self.begin("step")
        return norms()


def _row(length: int, share: float) -> Row:
    labelled = torch.zeros(length, dtype=torch.uint8)
    labelled[length - max(1, round(length * share)) :] = 1
    return Row(torch.zeros(length, dtype=torch.int32), labelled)


class _Job:
    """A job whose rows are set before each step; all batches of a step are the same."""

    def __init__(self, request: Request) -> None:
        self.model = {"folder": "", "dtype": request.dtype, "attention": request.attention}
        self.model["recompute"] = request.training["recompute"]
        self.method, self.training = request.method, request.training
        self.spec: dict[str, Any] = {}
        self.train: list[Row] = []
        self.reference = [_row(self.training["penalty"]["tokens"], 1.0)] if self.training["penalty"] else []
        self._batches_of_step = request.batches_of_step
        self.steps = SimpleNamespace(batches=self._batches, learning_rates=_Constant(1e-4))

    def input(self, name: str) -> None:
        """The run has no input files."""

    def _batches(self, step: int) -> list[list[int]]:
        return [list(range(len(self.train)))] * self._batches_of_step


class _Constant:
    def __init__(self, value: float) -> None:
        self._value = value

    def __getitem__(self, at: int) -> float:
        return self._value


PROGRAMS: dict[str, type[Program]] = {"worker": WorkerLoop, "peft": PlainLoop}
