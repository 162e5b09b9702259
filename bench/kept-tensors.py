"""Bytes that autograd keeps in one decoder layer, and the peak of a training step, without a GPU and without weights.

The planner's rules of training programs (packages/tunewise/src/plan/stack) say what a layer keeps for its backward pass. This program
counts it: a model is built of tensors that have shapes and no storage (PyTorch's fake tensors), a step is run, and every
storage that comes and goes is added up. Run it in an environment with torch, transformers and peft:

    python bench/kept-tensors.py --hidden 2048 --layers 24 --heads 32 --kv-heads 32 --feed-forward 8192 \
        --vocabulary 49152 --tied --method lora --rows 1 --length 512

It prints bytes per token that one layer keeps, and resident bytes, bytes after the forward pass and peak bytes of the
second step. On the CPU the kernels of attention differ from a GPU's; what is kept does not, but for masks of dropout.
"""

import argparse
import warnings
import weakref

import peft
import torch
import transformers
from peft.tuners.tuners_utils import BaseTunerLayer
from torch._subclasses import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

warnings.filterwarnings("ignore")
# Adapters are made where their layer is; fake tensors cannot be moved.
BaseTunerLayer._move_adapter_to_device_of_base_layer = lambda *_, **__: None
torch.nn.Module.to = lambda self, *_, **__: self


class Meter(TorchDispatchMode):
    """Adds up storages while they live."""

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.seen = weakref.WeakKeyDictionary()

    def add(self, tensor):
        storage = tensor.untyped_storage()
        if storage in self.seen:
            return
        size = -(-storage.nbytes() // 512) * 512  # the allocator's unit
        self.seen[storage] = size
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self.drop, size)

    def drop(self, size):
        self.now -= size

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        for leaf in tree_flatten(result)[0]:
            if isinstance(leaf, torch.Tensor):
                self.add(leaf)
        return result


class Product4(torch.autograd.Function):
    """A product with a 4-bit matrix: the matrix exists in 16 bits while it multiplies, the input is not kept."""

    @staticmethod
    def forward(context, values, shape, form):
        context.shape, context.form = shape, form
        return torch.nn.functional.linear(values, torch.empty(shape, dtype=form))

    @staticmethod
    def backward(context, gradient):
        weight = torch.empty(context.shape, dtype=context.form)
        return gradient @ weight.to(gradient.dtype), None, None


class Linear4(torch.nn.Linear):
    def forward(self, values):
        shape = (self.out_features, self.in_features)
        return Product4.apply(values.to(torch.float16), shape, torch.float16).to(values.dtype)


def quantize(model):
    """4-bit matrices in all layers; the rest becomes float32, as `prepare_model_for_kbit_training` does."""
    for name, module in model.named_modules():
        if type(module) is torch.nn.Linear and not name.endswith("lm_head"):
            count = module.in_features * module.out_features
            module.__class__ = Linear4
            module.weight = torch.nn.Parameter(torch.empty(count // 2, dtype=torch.uint8), requires_grad=False)
            module.register_buffer("scales", torch.empty(count // 64, dtype=torch.float32))
    for parameter in model.parameters():
        if parameter.dtype != torch.uint8:
            parameter.data = parameter.data.float()


def build(options):
    config = {"llama": transformers.LlamaConfig, "qwen2": transformers.Qwen2Config, "gemma2": transformers.Gemma2Config}
    shape = config[options.family](
        hidden_size=options.hidden,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.kv_heads,
        head_dim=options.head_width or options.hidden // options.heads,
        intermediate_size=options.feed_forward,
        vocab_size=options.vocabulary,
        tie_word_embeddings=options.tied,
        max_position_embeddings=65536,
    )
    shape._attn_implementation = options.attention
    torch.set_default_dtype(torch.float32 if options.method == "full" else torch.float16)
    model = transformers.AutoModelForCausalLM.from_config(shape)
    torch.set_default_dtype(torch.float32)
    model.config.use_cache = False
    if options.method == "qlora":
        quantize(model)
    if options.method != "full":
        if options.checkpointing:
            model.enable_input_require_grads()
        lora = peft.LoraConfig(r=options.rank, target_modules=options.targets.split("+"), task_type="CAUSAL_LM")
        model = peft.get_peft_model(model, lora)
    if options.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model.train()


def main():
    parser = argparse.ArgumentParser()
    for name in ("hidden", "layers", "heads", "kv-heads", "feed-forward", "vocabulary"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--head-width", type=int)
    parser.add_argument("--family", default="llama")
    parser.add_argument("--tied", action="store_true")
    parser.add_argument("--method", choices=["full", "lora", "qlora"], default="lora")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--targets", default="q_proj+k_proj+v_proj+o_proj")
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--autocast", action="store_true")
    parser.add_argument("--drop-outputs", action="store_true", help="the caller does not hold the logits")
    options = parser.parse_args()
    with FakeTensorMode(allow_non_fake_inputs=True):
        model = build(options)
        meter = Meter()
        for tensor in [*model.parameters(), *model.buffers()]:
            meter.add(tensor)
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(trained, foreach=False)
        tokens = options.rows * options.length
        with meter:
            ids = torch.zeros(options.rows, options.length, dtype=torch.long)
            for _ in range(2):
                resident, meter.peak = meter.now, meter.now
                with torch.autocast("cpu", dtype=torch.float16, enabled=options.autocast):
                    outputs = model(input_ids=ids, labels=ids, attention_mask=torch.ones_like(ids))
                loss = outputs.loss
                if options.drop_outputs:
                    del outputs
                kept = meter.now - resident
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                outputs = loss = None
    print(f"resident {resident}, after the forward pass {kept} more, peak {meter.peak}")
    print(f"kept in all: {kept / tokens / options.layers:.0f} bytes per token and layer, logits included")


main()
