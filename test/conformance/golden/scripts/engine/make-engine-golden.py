"""Makes the engine's golden values: tiny random models of every family, judged by PyTorch.

    python make-engine-golden.py ../../engine [NAME ...]

For each model of `families.py`, a folder with
  config.json, model.safetensors   the model as transformers saves it (float32)
  config.v4.json                   the same configuration in the older keys; must load to equal logits
  golden.safetensors
    row/I/logits [T, V]            base model, row by row, no padding
    case/C/weight/N                adapter tensors N (PEFT names); `rslora` has the weights of `all-linear`
    case/C/gradient/N              their gradients of the loss over the whole batch
    case/C/row/0/logits [T, V]     with the adapter
  golden.json                      rows (ids, labelled), loss, cases, greedy continuations, agreement
  adapter/                         (llama only) case `all-linear` as `peft` itself saves it

`labelled[t]` is 1 where token t is to be predicted from the tokens before it. A loss is the sum of negative
log likelihoods over all labelled tokens of the batch, divided by their number. float32, eager attention,
one thread. The same values with sdpa attention and in float64 are computed beside it; `agreement` holds the
largest differences relative to the largest value, so that a reader knows how much of a deviation is
rounding.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
import transformers
from families import FAMILIES, VOCABULARY, older_config
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from shared import adapter_parameters, compact, generator, row_logits, row_sum, versions
from transformers import AutoModelForCausalLM

LENGTHS = (21, 13, 9)
# Tokens to predict: an answer at the end, nearly everything, two answers with a question between.
LABELLED = (range(12, 21), range(1, 13), [3, 4, 7, 8])
PROMPT_LENGTHS = (5, 11)
NEW_TOKENS = 20

CASES = {
    "all-linear": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
    "rslora": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "use_rslora": True},
    "attention": {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]},
    "query-value": {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]},
}
ALL_CASES = ("llama", "gemma2")
MIXTURES = ("qwen3-moe", "olmoe")  # of experts, which the engine adapts in attention alone
EMBEDDINGS = ("embed_tokens", "embed_in", "wte", "wpe")
LIMIT = 2e-5  # of `agreement`
LEAD = 0.003  # of a greedy choice over the second best, thousands of times the rounding


def random_model(name):
    """Random weights large enough that a missing norm, bias, cap or window moves the logits."""
    model = AutoModelForCausalLM.from_config(FAMILIES[name](), dtype=torch.float32)
    source = generator(f"{name}/weights")
    gemma = model.config.model_type.startswith("gemma")
    centre = 0.0 if gemma else 1.0  # Gemma multiplies by 1 + w
    embedding = 0.15 if gemma else 0.4  # and embeddings by the root of the hidden size
    with torch.no_grad():
        for key, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=source)
            if "norm" in key and key.endswith("weight") or ".ln_" in key and key.endswith("weight"):
                weight.copy_(centre + 0.3 * noise)
            elif weight.ndim == 1:
                weight.copy_(0.3 * noise)
            elif any(part in key for part in EMBEDDINGS):
                weight.copy_(embedding * noise)
            else:
                # the Conv1D of GPT-2 has its inputs first
                inputs = weight.shape[0 if model.config.model_type == "gpt2" else -1]
                weight.copy_(1.2 * noise / inputs**0.5)
    return model.eval()


def make_rows(name):
    source = generator(f"{name}/rows")
    rows = []
    for length, labelled in zip(LENGTHS, LABELLED):
        ids = torch.randint(3, VOCABULARY, (length,), generator=source)
        rows.append({"ids": ids.tolist(), "labelled": [int(t in labelled) for t in range(length)]})
    return rows


def batch_loss(model, rows):
    """Mean over all labelled tokens of all rows, and each row's sum."""
    sums, count = [], 0
    for row in rows:
        sums.append(row_sum(model, row))
        count += sum(row["labelled"])
    return sum(sums) / count, [part.item() for part in sums]


def fill_adapter(model, name):
    """Random values on A and, unlike a fresh adapter, on B, so that A has a gradient as well."""
    source = generator(f"{name}/adapter")
    with torch.no_grad():
        for key, weight in adapter_parameters(model).items():
            spread = 0.3 if ".lora_A." in key else 0.15
            weight.copy_(spread * torch.randn(weight.shape, generator=source))


# The golden values, and what they are compared with.
VARIANTS = {"eager": torch.float32, "sdpa": torch.float32, "float64": torch.float64}


def load(folder, variant):
    """The saved model as one of VARIANTS; None where the family has no such attention (Gemma 2 and sdpa)."""
    attention = "sdpa" if variant == "sdpa" else "eager"
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=VARIANTS[variant], attn_implementation=attention
        )
    except ValueError as reason:
        if variant == "sdpa" and "scaled_dot_product_attention" in str(reason):
            return None
        raise
    if hasattr(model.config, "num_experts"):
        model.set_experts_implementation("eager")  # the others know no float64
    model.name_or_path = folder.name  # `peft` notes it as the base model
    return model.eval()


def judge(model, name, rows, case):
    """Logits, loss and gradients with one adapter; `case` None judges the base model."""
    if case is None:
        with torch.no_grad():
            loss, sums = batch_loss(model, rows)
            logits = [row_logits(model, row["ids"]) for row in rows]
            return {"logits": logits, "loss": loss.item(), "rowSums": sums}
    settings = LoraConfig(task_type="CAUSAL_LM", **CASES[case])
    tuned = get_peft_model(model, settings, autocast_adapter_dtype=False)
    tuned = tuned.to(model.dtype).eval()
    fill_adapter(tuned, name)
    loss, sums = batch_loss(tuned, rows)
    loss.backward()
    weights = adapter_parameters(tuned)
    gradients = {key: weight.grad.clone() for key, weight in weights.items()}
    with torch.no_grad():
        logits = [row_logits(tuned, row["ids"]) for row in rows]
    result = {"logits": logits, "loss": loss.item(), "rowSums": sums, "gradients": gradients}
    result["weights"] = {key: weight.detach().clone() for key, weight in weights.items()}
    result["norm"] = float(torch.sqrt(sum((part.double() ** 2).sum() for part in gradients.values())))
    result["tuned"] = tuned
    return result


def difference(one, other):
    """Largest absolute difference over the largest absolute value."""
    return float((one.double() - other.double()).abs().max() / other.double().abs().max())


def furthest(one, other):
    """The largest difference of logits, loss and gradients between two judgements."""
    logits = max(difference(a, b) for a, b in zip(one["logits"], other["logits"]))
    found = {"logits": logits, "loss": abs(one["loss"] - other["loss"]) / abs(other["loss"])}
    if "gradients" in one:
        pairs = [(one["gradients"][key], other["gradients"][key]) for key in one["gradients"]]
        found["gradients"] = max(difference(a, b) for a, b in pairs)
    return found


def greedy(model, prompt):
    """The next tokens, and the smallest lead of a choice over the second best; recomputes everything."""
    ids, lead = list(prompt), float("inf")
    with torch.no_grad():
        for _ in range(NEW_TOKENS):
            best = row_logits(model, ids)[-1].topk(2)
            lead = min(lead, float(best.values[0] - best.values[1]))
            ids.append(int(best.indices[0]))
    return ids[len(prompt) :], lead


def continuations(model, name):
    """Two prompts whose choices are clear (no near tie that rounding could turn) and whose answers vary.

    transformers' cached decoding must give the same tokens. Dynamic rotation is left out: there the cached
    keys keep the frequencies of their time, so that cached and recomputed answers differ by design.
    """
    if (getattr(model.config, "rope_parameters", None) or {}).get("rope_type") == "dynamic":
        return []
    source = generator(f"{name}/prompts")
    found = []
    for length in PROMPT_LENGTHS:
        for _ in range(500):
            prompt = torch.randint(3, VOCABULARY, (length,), generator=source).tolist()
            answer, lead = greedy(model, prompt)
            if lead > LEAD and len(set(answer)) >= 5:
                break
        else:
            raise SystemExit(f"{name}: no prompt of {length} tokens with clear choices")
        decoding = {"max_new_tokens": NEW_TOKENS, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
        cached = model.generate(torch.tensor([prompt]), **decoding)[0, length:].tolist()
        assert cached == answer, f"{name}: cached decoding differs"
        found.append({"prompt": prompt, "answer": answer, "smallestLead": round(lead, 4)})
    return found


def write_model(model, name, folder):
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    saved = json.loads((folder / "config.json").read_text())
    (folder / "config.v4.json").write_text(json.dumps(older_config(name, saved), indent=2) + "\n")


def check_older_config(folder, expected, rows):
    """config.v4.json must describe the same model."""
    config = type(expected["model"].config).from_dict(json.loads((folder / "config.v4.json").read_text()))
    model = type(expected["model"]).from_pretrained(folder, config=config, attn_implementation="eager").eval()
    with torch.no_grad():
        for row, logits in zip(rows, expected["logits"]):
            same = torch.equal(row_logits(model, row["ids"]), logits)
            assert same, f"{folder.name}: config.v4.json differs"


def save_adapter(tuned, folder):
    """The adapter as `peft` writes it, without its model card; target modules, a set, are put in order."""
    tuned.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    path = folder / "adapter" / "adapter_config.json"
    saved = json.loads(path.read_text())
    saved["target_modules"] = sorted(saved["target_modules"])
    path.write_text(json.dumps(saved, indent=2) + "\n")


def judge_all(name, folder, rows, cases):
    """{(variant, case): judgement}, each on a freshly loaded model."""
    judged = {}
    for variant in VARIANTS:
        for case in cases:
            model = load(folder, variant)
            if model is not None:
                judged[variant, case] = {"model": model, **judge(model, name, rows, case)}
    return judged


def agreement_of(judged, cases):
    """Largest differences of `eager` to each other variant; refuses values that rounding could spoil."""
    found = {}
    for variant in VARIANTS:
        if variant == "eager" or (variant, None) not in judged:
            continue
        parts = [furthest(judged["eager", case], judged[variant, case]) for case in cases]
        kinds = ("logits", "loss", "gradients")
        found[variant] = {kind: max(part.get(kind, 0.0) for part in parts) for kind in kinds}
    worst = max(value for part in found.values() for value in part.values())
    assert worst < LIMIT, f"eager and the others differ by {worst}: {found}"
    return found


def make_family(name, folder):
    write_model(random_model(name), name, folder)
    rows = make_rows(name)
    usual = [case for case in CASES if case != "attention"]
    names = [None, *(usual if name in ALL_CASES else ["attention" if name in MIXTURES else "all-linear"])]
    judged = judge_all(name, folder, rows, names)
    base = judged["eager", None]
    check_older_config(folder, base, rows)
    tensors = {f"row/{i}/logits": logits for i, logits in enumerate(base["logits"])}
    cases = {}
    for case in names[1:]:
        result = judged["eager", case]
        tensors[f"case/{case}/row/0/logits"] = result["logits"][0]
        for key, weight in result["weights"].items():
            tensors[f"case/{case}/gradient/{key}"] = result["gradients"][key]
            if case != "rslora":
                tensors[f"case/{case}/weight/{key}"] = weight
        settings = {**CASES[case], "use_rslora": CASES[case].get("use_rslora", False)}
        cases[case] = {**settings, "loss": result["loss"], "gradientNorm": result["norm"]}
        cases[case]["rowSums"] = result["rowSums"]
    if name == "llama":
        save_adapter(judged["eager", "all-linear"]["tuned"], folder)
    tensors = {key: value.detach().contiguous() for key, value in tensors.items()}
    save_file(tensors, folder / "golden.safetensors")
    golden = {
        "made_by": "test/conformance/golden/scripts/engine/make-engine-golden.py",
        "versions": versions(),
        "rows": rows,
        "labelledTokens": sum(sum(row["labelled"]) for row in rows),
        "loss": base["loss"],
        "rowSums": base["rowSums"],
        "cases": cases,
        "greedy": continuations(base["model"], name),
        "agreement": agreement_of(judged, names),
    }
    (folder / "golden.json").write_text(compact(golden) + "\n")
    spread = float(torch.cat(base["logits"]).std())
    print(f"{name:20} loss {base['loss']:.4f}  logits std {spread:.2f}  agreement {golden['agreement']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[[], *FAMILIES], help="default: all")
    options = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in options.names or FAMILIES:
        make_family(name, options.folder / name)


if __name__ == "__main__":
    main()
