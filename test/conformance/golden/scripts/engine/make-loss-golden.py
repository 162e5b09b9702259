"""Makes values of training losses by PyTorch: of random logits, and 50 AdamW steps.

    python make-loss-golden.py ../../engine > ../../losses.json        (after make-full-golden.py)

Writes logits `[N, V]`, labels, weights and rows of tokens; per loss the sums of its rows and the gradient of the logits,
`[N, V]`; and curves of `dft` as in adamw-curve.json, by method and model, whose models, batches and settings are those
of the curves of `nll`. `dft` is computed as in trl/trainer/sft_trainer.py `compute_loss` (TRL 1.16): the loss of each
token times its probability, which is detached, summed and divided by the labelled tokens of all accumulated batches.
"""

import argparse
import importlib
from pathlib import Path

import torch
import transformers
from shared import compact, generator, row_logits, versions

curve = importlib.import_module("make-adamw-curve")
full = importlib.import_module("make-full-golden")
qlora = importlib.import_module("make-qlora-curve")
CURVES = {"lora": ("llama", "gemma2"), "full": ("llama", "llama-tied", "gemma2", "gpt2"), "qlora": ("qlora",)}
RATE = 5e-3
"""Of adapters: where float32 and float64 stay together, and the loss moves enough to show a wrong optimizer."""
TOKENS, VOCABULARY, ROWS = 12, 7, 3


def token_losses(name, logits, labels):
    log_probabilities = torch.log_softmax(logits, -1).gather(-1, labels[:, None])[:, 0]
    losses = -log_probabilities
    return losses * log_probabilities.exp().detach() if name == "dft" else losses


def values():
    source = generator("losses")
    logits = 3 * torch.randn(TOKENS, VOCABULARY, generator=source)
    labels = torch.randint(0, VOCABULARY, (TOKENS,), generator=source)
    weights = torch.randint(0, 5, (TOKENS,), generator=source) / 2
    owners = torch.arange(TOKENS) % (ROWS - 1)  # the last row has no labels
    found = {"logits": logits.tolist(), "labels": labels.tolist(), "weights": weights.tolist()}
    found |= {"owners": owners.tolist(), "rows": ROWS, "losses": {}}
    for name in ("nll", "dft"):
        given = logits.double().requires_grad_()
        sums = torch.zeros(ROWS, dtype=torch.float64).index_add(0, owners, weights * token_losses(name, given, labels))
        sums.sum().backward()
        found["losses"][name] = {"sums": sums.tolist(), "gradient": given.grad.tolist()}
    return found


def dft_row_sum(model, row):
    """In place of `row_sum`."""
    chosen = torch.tensor(row["labelled"]).nonzero().flatten()
    return token_losses("dft", row_logits(model, row["ids"])[chosen - 1], torch.tensor(row["ids"])[chosen]).sum()


def train(method, folder, name):
    if method == "full":
        return full.RATE, full.train(folder, name)[0]
    steps = (qlora.train(folder, RATE, False) if method == "qlora" else curve.train(folder, name, RATE))[0]
    return RATE, steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    curve.row_sum = dft_row_sum
    curves = {}
    for method, names in CURVES.items():
        curves[method] = {}
        for name in names:
            rate, steps = train(method, folder / name, name)
            curves[method][name] = {"learningRate": rate, "steps": steps}
    made_by = "test/conformance/golden/scripts/engine/make-loss-golden.py"
    print(compact({"made_by": made_by, "versions": versions(), "tokens": values(), "curves": curves}))


if __name__ == "__main__":
    main()
