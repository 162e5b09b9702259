"""The model of a run: the base, the trained weights, and the layout of tokens in batches."""

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

from .checkpoints import write_tensors
from .families import add_adapter, count_left_out, load_causal, unsupported
from .four_bit import read_blocks_across_rows
from .job import Job, Row
from .losses import LabelledTokens, negative_log_likelihood
from .problems import Problem
from .sharding import gathering, shard
from .wire import dumps
from .world import World, like, local

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
MAX_LOGIT_BYTES = 256 * 1024 * 1024
"""Maximum size of the logits that are in memory at once while a loss is computed."""


class Model:
    """A causal language model with trained weights: an adapter on the base, or weights that replace the base's."""

    def __init__(self, job: Job, device: torch.device, world: World | None = None) -> None:
        """:param world: the processes that shard the weights, if the job asks for it; `None` for this one alone"""
        self.device = device
        self._job = job
        self._kind = job.method["kind"]
        self._world = world if world is not None and is_sharded(job, world) else None
        # weights to be sharded are loaded into CPU memory; 4-bit weights are quantized on the GPU first
        loads_in_turn = self._world is not None and self._kind != "qlora"
        with self._world.in_turn() if self._world and loads_in_turn else nullcontext():
            self._load(torch.device("cpu") if loads_in_turn else device)
        self._within = gathering(self.net)
        self._head = Head(self.net, self._body, self._within)
        self._is_packing = _packs_exactly(self)

    def _load(self, device: torch.device) -> None:
        """Load the base, add what is trained, and shard the weights if the job asks for it."""
        job = self._job
        self.net: Any = load_base(job, device, is_sharded=self._world is not None)
        self.context_length: int = getattr(self.net.config.get_text_config(), "max_position_embeddings", 1 << 30)
        self.vocabulary_size: int = self.net.get_output_embeddings().weight.shape[0]
        self.parameter_count = sum(_size(one) for one in self.net.parameters())
        self._peft: Any = None
        self.left_out = 0
        """Parameters without an adapter in a model with experts, if the recipe targets all linear layers."""
        if self._kind == "full":
            _freeze(self.net, job.method["freeze"])
        else:
            if job.method.get("dora") and self._kind == "qlora" and self._world is not None:
                raise Problem("DORA_UNSUPPORTED")
            self._peft = add_adapter(self.net, lora_config(job.method))
            if job.method["targets"] == "all-linear":
                self.left_out = count_left_out(self.net)
            initial = job.input("adapter")
            if initial is not None:
                self._load_adapter(load_file(initial, device=str(device)))
        if job.model["recompute"] == "layer":
            self.net.gradient_checkpointing_enable({"use_reentrant": False})
        if self._world is not None:
            kind = DTYPES[job.model["dtype"]]
            shard(self.net, self._world, kind if self._kind == "full" and kind != torch.float32 else None)
        # the values that `restart` restores; a traced model has none
        self._start = {} if self._kind == "full" or device.type == "meta" else self._kept()

    # Trained values

    def trained(self) -> dict[str, nn.Parameter]:
        """Trained parameters, named as in PEFT's files or in the model's file."""
        if self._peft is None:
            return {name: one for name, one in self.net.named_parameters() if one.requires_grad}
        return {_file_name(name): one for name, one in self._peft.named_parameters() if one.requires_grad}

    def decays(self, name: str) -> bool:
        """Whether weight decay applies: not to norms, biases and DoRA magnitudes."""
        return self.trained()[name].ndim > 1

    @contextmanager
    def variant(self, is_tuned: bool) -> Iterator[None]:
        """Compute as the tuned model, or as the base."""
        if is_tuned:
            yield
        elif self._peft is not None:
            with self._peft.disable_adapter():
                yield
        else:
            kept = self._kept()
            try:
                self._copy(self.base_values())
                yield
            finally:
                self._put_back(kept)

    def base_values(self) -> Mapping[str, Tensor | None]:
        """The base's weights. If they are sharded, only the first process reads them; the others get `None`."""
        if self._world is not None and not self._world.is_first:
            return dict.fromkeys(self.trained())
        return load_base(self._job, torch.device("cpu")).state_dict()

    @torch.no_grad()
    def _copy(self, values: Mapping[str, Tensor | None]) -> None:
        for name, one in self.trained().items():
            one.copy_(like(values[name], one))

    @torch.no_grad()
    def _kept(self) -> dict[str, Tensor]:
        """A copy of this process's part of the trained values, in CPU memory."""
        return {name: local(one).to("cpu", copy=True) for name, one in self.trained().items()}

    @torch.no_grad()
    def _put_back(self, kept: Mapping[str, Tensor]) -> None:
        for name, one in self.trained().items():
            local(one).copy_(kept[name])

    def _load_adapter(self, values: dict[str, Tensor]) -> None:
        own = get_peft_model_state_dict(self._peft)
        if set(own) != set(values):
            odd = sorted(set(own) ^ set(values))[:3]
            raise ValueError(f"the initial adapter is of another model: {odd}")
        set_peft_model_state_dict(self._peft, values)

    def restart(self) -> None:
        """Restore the weights from before the training."""
        if self._kind == "full":
            self._copy(self.base_values())
        else:
            self._put_back(self._start)

    # Computing

    def autocast(self) -> Any:
        """Autocast to a shorter compute type, if full fine-tuning trains float32 weights, which is the default.

        Sharded weights are cast when they are gathered instead.
        """
        kind = DTYPES[self._job.model["dtype"]]
        if self._world is not None or not trains_float32(self._job) or kind == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, kind)

    def loss_sums(self, rows: Sequence[Row]) -> tuple[Tensor, list[int]]:
        """Negative log-likelihood of each row, summed over its labeled tokens, shape [rows]; and their numbers."""
        counts = [int(row.labelled[1:].count_nonzero()) for row in rows]
        return negative_log_likelihood(self.labelled_tokens(rows)), counts

    def labelled_tokens(self, rows: Sequence[Row], *, packed: bool = False) -> LabelledTokens:
        """Log-probabilities of the rows' labeled tokens, from which a loss is computed.

        :param packed: concatenate the rows instead of padding them, if the model can; they do not see each other
        """
        return self._within(self._labelled_tokens, rows, packed and self._is_packing)

    def _labelled_tokens(self, rows: Sequence[Row], packed: bool) -> LabelledTokens:
        hidden, owners, labels = self._hidden(rows, packed=packed)
        size = max(1, MAX_LOGIT_BYTES // (4 * self.vocabulary_size))
        isolated = labels.numel() > size and torch.is_grad_enabled()
        # without labels it is empty, but part of the graph: all processes must take part in the backward pass
        parts = [] if labels.numel() > 0 else [hidden.sum(-1).float()]
        for first in range(0, labels.numel(), size):
            given = (hidden[first : first + size], labels[first : first + size])
            # recomputed in the backward pass, so that only one part's logits are in memory
            parts.append(
                checkpoint(self._log_probabilities, *given, use_reentrant=False)
                if isolated
                else self._log_probabilities(*given)
            )
        log_probabilities = torch.cat(parts)
        # a row's mask has no other weights
        return LabelledTokens(log_probabilities, torch.ones_like(log_probabilities), owners, len(rows))

    def _log_probabilities(self, hidden: Tensor, labels: Tensor) -> Tensor:
        return -F.cross_entropy(self._head(hidden).float(), labels, reduction="none")

    def _hidden(self, rows: Sequence[Row], *, packed: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden states before labeled tokens, and the row and the label of each."""
        lengths = [row.ids.numel() for row in rows]
        places, owners, labels = [], [], []
        width = 0 if packed else max(lengths)
        start = 0
        for at, row in enumerate(rows):
            found = torch.nonzero(row.labelled[1:]).flatten()
            places.append(found + start)
            owners.append(torch.full_like(found, at))
            targets = row.ids if row.targets is None else row.targets
            labels.append(targets[1:][found].long())
            start += lengths[at] if packed else width
        if packed:
            ids = torch.cat([row.ids for row in rows]).long()[None]
            positions = torch.cat([torch.arange(length) for length in lengths])[None]
            given = {"input_ids": ids, "position_ids": positions}
        else:
            ids = torch.zeros(len(rows), width, dtype=torch.long)
            for at, row in enumerate(rows):
                ids[at, : lengths[at]] = row.ids
            # padding comes last, where causal attention hides it from the row
            given = {"input_ids": ids}
        hidden = self._body(**{name: one.to(self.device) for name, one in given.items()})
        flat = hidden.reshape(-1, hidden.shape[-1])
        place = torch.cat(places).to(self.device)
        return flat[place], torch.cat(owners).to(self.device), torch.cat(labels).to(self.device)

    def _body(self, **given: Tensor) -> Tensor:
        """Last hidden states, shape [batch, T, D]."""
        return self.net.base_model(**given, use_cache=False).last_hidden_state

    @torch.no_grad()
    def logits(self, ids: Sequence[int]) -> Tensor:
        """Logits of every position, shape [T, V], float32."""
        given = torch.tensor([list(ids)], device=self.device)
        return self._within(lambda: self._head(self._body(input_ids=given)[0]).float())

    # Files

    def save_result(self, folder: Path, world: World) -> None:
        """Write the adapter in PEFT's format, or the trained weights."""
        values = world.collect(self.trained())
        if not world.is_first:
            return
        folder.mkdir(parents=True, exist_ok=True)
        source, revision = self._job.spec["model"]["source"], self._job.spec["model"]["revision"]
        if self._peft is None:
            settings = {"frozen": self._job.method["freeze"], "baseModel": source, "revision": revision}
            metadata = {"format": "pt", "tunewise": dumps(settings)}
            write_tensors(folder / "tuned.safetensors", values, metadata)
            return
        config = self._peft.peft_config["default"]
        config.base_model_name_or_path, config.revision = source, revision or None
        setattr(config, "fan_in_fan_out", False)  # PEFT sets it for Conv1D, which loaders detect themselves
        config.save_pretrained(str(folder))
        write_tensors(folder / "adapter_model.safetensors", values, {"format": "pt"})


class Head:
    """Computes logits from hidden states, for labeled positions only."""

    def __init__(self, net: PreTrainedModel, body: Any, within: Callable[..., Any]) -> None:
        self._net = net
        config = net.config.get_text_config()
        self._cap = getattr(config, "final_logit_softcapping", None)
        scale = getattr(config, "logit_scale", getattr(config, "lm_head_multiplier", None))
        divisor = getattr(config, "logits_scaling", None)
        self._scale = (scale if isinstance(scale, (int, float)) else 1.0) / (divisor or 1.0)
        self._check(body, within)

    def __call__(self, hidden: Tensor) -> Tensor:
        logits = self._net.get_output_embeddings()(hidden)
        if self._scale != 1.0:
            logits = logits * self._scale
        return self._cap * torch.tanh(logits / self._cap) if self._cap else logits

    @torch.no_grad()
    def _check(self, body: Any, within: Callable[..., Any]) -> None:
        """Require that the result matches the model's own logits.

        :raises Problem: `WORKER_MODEL_UNSUPPORTED`"""
        ids = torch.arange(1, 5, device=self._net.device)[None]
        own = self._net(input_ids=ids, use_cache=False).logits.float()
        ours = within(lambda: self(body(input_ids=ids))).float()
        if not torch.allclose(own, ours, rtol=2e-2, atol=2e-2 * float(own.abs().max())):
            raise unsupported(f"{type(self._net).__name__} computes its logits in a way that is not known here")


def is_sharded(job: Job, world: World) -> bool:
    """Whether each process holds only a part of the weights."""
    return world.size > 1 and job.model.get("sharding") == "fsdp"


def trains_float32(job: Job) -> bool:
    """Whether the weights are trained in float32, whatever the compute type."""
    return job.method["kind"] == "full" and job.training.get("masterDtype") != "bfloat16"


def load_base(job: Job, device: torch.device, *, is_sharded: bool = False) -> PreTrainedModel:
    """Load the base model with its own dropout disabled."""
    kind = DTYPES[job.model["dtype"]]
    quantization = None
    if job.method["kind"] == "qlora":
        from transformers import BitsAndBytesConfig

        if device.type == "cpu":
            read_blocks_across_rows()
        quantization = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=job.method["doubleQuantization"],
            bnb_4bit_compute_dtype=kind,
            # FSDP gathers 4-bit codes with the layer's other weights, so they need the same type
            bnb_4bit_quant_storage=kind if is_sharded else torch.uint8,
        )
    net = load_causal(
        job.model["folder"],
        attention=job.model["attention"],
        dtype=torch.float32 if trains_float32(job) else kind,
        quantization_config=quantization,
        device_map={"": device},
    )
    for key, value in vars(net.config.get_text_config()).items():
        if re.search(r"dropout|pdrop", key) and isinstance(value, float):
            setattr(net.config.get_text_config(), key, 0.0)
    for module in net.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            # bitsandbytes repacks 4-bit codes for inference on CPUs; training would read them wrongly
            setattr(module, "support_avx512bf16_for_cpu", False)
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        for key, value in vars(module).items():
            if re.search(r"dropout$", key) and isinstance(value, float):
                setattr(module, key, 0.0)
    if job.method["kind"] != "full":
        for value in net.parameters():
            value.requires_grad_(False)
    return net


def lora_config(method: Mapping[str, Any]) -> LoraConfig:
    """The recipe's adapter as a PEFT configuration."""
    targets = method["targets"]
    return LoraConfig(
        r=method["rank"],
        lora_alpha=method["alpha"],
        lora_dropout=method["dropout"],
        use_rslora=method["rslora"],
        use_dora=method.get("dora", False),
        rank_pattern=dict(method.get("rankPattern", {})),
        alpha_pattern=dict(method.get("alphaPattern", {})),
        target_modules=targets if targets == "all-linear" else list(targets),
        task_type="CAUSAL_LM",
    )


def _file_name(name: str) -> str:
    """A parameter's name in PEFT's files: without the adapter's name, and magnitudes without `weight`."""
    return name.replace(".lora_magnitude_vector.default.weight", ".lora_magnitude_vector").replace(".default.", ".")


@torch.no_grad()
def _packs_exactly(model: Model) -> bool:
    """Whether the model computes concatenated rows as if each were alone, tested on the model itself."""
    rows = [_probe_row(5), _probe_row(7)]
    try:
        hidden, *_ = model._within(lambda: model._hidden(rows, packed=True))
    except (TypeError, ValueError, RuntimeError):
        return False
    alone = torch.cat([model._within(lambda: model._hidden([row], packed=False))[0] for row in rows])
    return torch.allclose(hidden.float(), alone.float(), rtol=2e-2, atol=2e-2 * float(alone.abs().max()))


def _probe_row(length: int) -> Row:
    return Row(torch.arange(length, dtype=torch.int32) + length, torch.ones(length, dtype=torch.uint8))


def _freeze(net: nn.Module, patterns: Sequence[str]) -> None:
    """Freeze weights by the patterns of the recipe.

    :raises Problem: `ENGINE_FREEZE_UNKNOWN`, `ENGINE_ALL_FROZEN`
    """
    weights = dict(net.named_parameters())
    frozen: set[str] = set()
    for pattern in patterns:
        named = fnmatch.filter(weights, pattern)
        if not named:
            raise Problem("ENGINE_FREEZE_UNKNOWN", pattern=pattern, example=next(iter(weights)))
        frozen.update(named)
    if len(frozen) == len(weights):
        raise Problem("ENGINE_ALL_FROZEN", patterns=", ".join(patterns))
    for name, value in weights.items():
        value.requires_grad_(name not in frozen)


def _size(value: nn.Parameter) -> int:
    """Number of values of a weight, also if two share a byte."""
    state = getattr(value, "quant_state", None)
    return value.numel() if state is None else state.shape.numel()
