"""One row: a step of one program with random weights on the card, as JSON on the last line.

    python bench/gpu/row.py SETTING_JSON DEVICE

Started by `run.py`, one process for each row. Loading is not measured: weights are made here, and the peak is that of
the steps.
"""

import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2] / "worker"))

import torch
from peft import get_peft_model, prepare_model_for_kbit_training
from settings import Setting
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM

from tunewise_worker import model as worker_model
from tunewise_worker.job import Row
from tunewise_worker.model import DTYPES, Model, lora_config
from tunewise_worker.trainer import Trainer
from tunewise_worker.world import World

STEPS = 8
WARM_UP = 3
"""Steps that are not timed: the first makes the optimizer's states, and kernels are chosen."""
METHOD = {"rank": 16, "alpha": 32, "dropout": 0.0, "rslora": False, "targets": "all-linear"}
METHOD |= {"doubleQuantization": True, "freeze": []}
TRAINING = {"optimizer": "adamw", "batching": "pad", "maxGradNorm": 1.0, "weightDecay": 0.0}
TRAINING |= {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "seed": 0}


def random_model(setting: Setting, device: torch.device, kind: torch.dtype) -> Any:
    """The model with random weights, made where they are used; its linear layers in NF4 for QLoRA."""
    given = setting.config()
    config = AutoConfig.for_model(given.pop("model_type"), **given)
    with device:
        net = AutoModelForCausalLM.from_config(config, dtype=kind, attn_implementation="sdpa")
    if setting.method == "qlora":
        _quantize(net, DTYPES[setting.dtype], device)
    return net.eval()


def _quantize(net: Any, kind: torch.dtype, device: torch.device) -> None:
    import bitsandbytes as bnb

    head = net.get_output_embeddings()
    for module in list(net.modules()):
        for name, one in list(module.named_children()):
            if not isinstance(one, nn.Linear) or one is head:
                continue
            bias = one.bias is not None
            quantized = bnb.nn.Linear4bit(one.in_features, one.out_features, bias, kind, True, "nf4", device="meta")
            weight = bnb.nn.Params4bit(one.weight.data, quant_type="nf4", module=quantized)
            # data on the card already is quantized by asking for the card
            quantized.weight, quantized.bias = weight.to(device), one.bias
            setattr(module, name, quantized)
    net.is_loaded_in_4bit = net.is_quantized = True
    net.hf_quantizer = SimpleNamespace(is_trainable=True)


def ids_of(setting: Setting) -> torch.Tensor:
    size = setting.config()["vocab_size"]
    return torch.randint(1, size, (setting.rows, setting.length), generator=torch.Generator().manual_seed(0))


def worker(setting: Setting, device: torch.device) -> Callable[[], object]:
    """The worker's own step."""
    rows = [Row(one.int(), torch.ones(setting.length, dtype=torch.uint8)) for one in ids_of(setting)]
    job: Any = SimpleNamespace(
        model={"folder": "", "dtype": setting.dtype, "attention": "sdpa"},
        method=METHOD | {"kind": setting.method},
        training=TRAINING | {"recompute": setting.recompute},
        train=rows,
        steps=SimpleNamespace(batches=lambda _: [list(range(len(rows)))], learning_rates=[1e-4] * 1000),
        shard=lambda _: None,
    )

    def load(*_: Any, dtype: torch.dtype, **__: Any) -> Any:
        return random_model(setting, device, dtype)

    with patch.object(worker_model.AutoModelForCausalLM, "from_pretrained", load):
        model = Model(job, device)
    return Trainer(job, model, None, World(device.type)).next


def peft(setting: Setting, device: torch.device) -> Callable[[], object]:
    """A plain loop: the model's own loss, backward, step."""
    net = random_model(setting, device, DTYPES[setting.dtype])
    recomputes = setting.recompute == "layer"
    if setting.method == "qlora":
        net = prepare_model_for_kbit_training(net, use_gradient_checkpointing=recomputes)
    net = get_peft_model(net, lora_config(METHOD))
    net.config.use_cache = False
    if recomputes:
        net.gradient_checkpointing_enable({"use_reentrant": False})
        net.enable_input_require_grads()
    net.train()
    optimizer = torch.optim.AdamW([one for one in net.parameters() if one.requires_grad], lr=1e-4)
    ids = ids_of(setting).to(device)

    def step() -> None:
        optimizer.zero_grad()
        net(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()

    return step


def trl(setting: Setting, device: torch.device) -> dict[str, Any]:
    """TRL's trainer on the same rows, at its own settings for speed and memory."""
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    is_full = setting.method == "full"
    net = random_model(setting, device, torch.float32 if is_full else DTYPES[setting.dtype])
    rows = ids_of(setting).tolist() * (STEPS + WARM_UP)
    words = Tokenizer(models.WordLevel({"<end>": 0}, unk_token="<end>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>")
    seconds: list[float] = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            if len(seconds) == WARM_UP:
                forget(device)
            wait(device)
            seconds.append(-time.perf_counter())

        def on_step_end(self, *_: Any, **__: Any) -> None:
            wait(device)
            seconds[-1] += time.perf_counter()

    config = SFTConfig(
        output_dir="unused", max_steps=STEPS + WARM_UP, per_device_train_batch_size=setting.rows,
        max_length=setting.length, gradient_checkpointing=setting.recompute == "layer", optim="adamw_torch_fused",
        bf16=device.type == "cuda" and setting.dtype == "bfloat16", use_cpu=device.type == "cpu", save_strategy="no",
        report_to="none", disable_tqdm=True, logging_strategy="no", learning_rate=1e-4,
    )  # fmt: skip
    dataset = Dataset.from_dict({"input_ids": rows})
    adapter = {} if is_full else {"peft_config": lora_config(METHOD)}
    trainer = SFTTrainer(
        net, config, train_dataset=dataset, processing_class=tokenizer, callbacks=[Clock()], **adapter
    )
    trainer.train()
    return measured(setting, device, seconds[WARM_UP:])


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def forget(device: torch.device) -> None:
    """Begin to look for the peak."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()


def measured(setting: Setting, device: torch.device, seconds: list[float]) -> dict[str, Any]:
    median = statistics.median(seconds)
    found: dict[str, Any] = {
        "secondsPerStep": round(median, 5),
        "secondsOfSteps": [round(one, 5) for one in seconds],
        "tokensPerSecond": round(setting.rows * setting.length / median, 1),
    }
    if device.type == "cuda":
        found["allocatedBytes"] = torch.cuda.max_memory_allocated()
        found["reservedBytes"] = torch.cuda.max_memory_reserved()
    return found


def main(setting: Setting, device: torch.device) -> dict[str, Any]:
    warnings.filterwarnings("ignore")
    if device.type == "cpu":
        torch.set_num_threads(1)
    if setting.program == "trl":
        return trl(setting, device)
    step = (worker if setting.program == "worker" else peft)(setting, device)
    if device.type == "cuda":
        torch.cuda.empty_cache()  # what only making the weights took
    forget(device)
    seconds = []
    for _ in range(WARM_UP + STEPS):
        wait(device)
        start = time.perf_counter()
        step()
        wait(device)
        seconds.append(time.perf_counter() - start)
    return measured(setting, device, seconds[WARM_UP:])


if __name__ == "__main__":
    try:
        result = main(Setting(**json.loads(sys.argv[1])), torch.device(sys.argv[2]))
    except torch.OutOfMemoryError as error:
        result = {"outOfMemory": " ".join(str(error).split())[:300]}
    except ModuleNotFoundError as error:
        result = {"skipped": f"{error.name} is not installed"}
    print(json.dumps(result))
