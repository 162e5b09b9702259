"""Fine-tunes with TRL's `SFTTrainer` + LoRA on prompt/completion rows, and judges the result on test rows.

    python trl-sft.py MODEL_FOLDER --train rows.jsonl --steps 50 --out adapter/ --test test.jsonl

A row is {"prompt": text, "completion": text}; by default it becomes a user and an assistant message under the
model's chat template, with `--format text` it stays plain text. Loss on the completion only.

What is not given on the command line is TRL's own default. In TRL 1.16 on a CPU these are:
  bfloat16 autocast over float32 weights; gradient checkpointing on; 8 rows a batch, padded to the longest
  of the batch, in random order; no accumulation; learning rate 2e-5 falling linearly to 0 without warm-up;
  AdamW (fused, betas 0.9 / 0.999, epsilon 1e-8, no weight decay); gradient norm cut to 1; 3 epochs; rows
  cut at 1,024 tokens; a fused head and loss (`fused_lm_head`).
`--fp32` and `--no-checkpointing` make the second, quicker row of a fair table.

stdout gets one JSON object: seconds of training, of each pass and of judging; rows, tokens, labelled tokens
and tokens with padding; the loss log; peak memory; the settings that were in force. `--dump FILE` writes the
rows as token ids with their labelled marks, so that another program can prove that it trains on the same.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time

from answers import as_prompt, judge, read_rows
from measure import forget_peak, peak_bytes, set_threads, versions

# Ours -> TRL's.
TRAINING = {
    "steps": "max_steps",
    "epochs": "num_train_epochs",
    "batch_size": "per_device_train_batch_size",
    "accumulation": "gradient_accumulation_steps",
    "learning_rate": "learning_rate",
    "schedule": "lr_scheduler_type",
    "warmup": "warmup_steps",
    "weight_decay": "weight_decay",
    "clip_norm": "max_grad_norm",
    "max_length": "max_length",
    "seed": "seed",
}


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--train", help="JSONL rows; without it the model is only judged")
    parser.add_argument("--test", help="JSONL rows for greedy exact-match accuracy")
    parser.add_argument("--train-rows", type=int, help="take only the first so many")
    parser.add_argument("--test-rows", type=int)
    parser.add_argument("--format", choices=["chat", "text"], default="chat")
    parser.add_argument("--system", help="system message put before every row")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--accumulation", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--schedule", choices=["constant", "linear", "cosine", "constant_with_warmup"])
    parser.add_argument("--warmup", type=float, help="steps; below 1 a share of all steps")
    parser.add_argument("--weight-decay", type=float)
    parser.add_argument("--clip-norm", type=float)
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--length-grouping", action="store_true", help="rows of like length in one batch")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--alpha", type=float, default=16)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--rslora", action="store_true")
    parser.add_argument("--targets", nargs="+", default=["all-linear"])
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("--no-checkpointing", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", help="folder for the adapter")
    parser.add_argument("--dump", help="JSON file for the rows as tokens")
    parser.add_argument("--max-new-tokens", type=int, default=24)
    parser.add_argument("--test-batch", type=int, default=16)
    parser.add_argument("--predictions", help="JSONL file for the answers")
    return parser.parse_args()


def as_example(row, options):
    answer = row["completion"]
    if options.format == "chat":
        answer = [{"role": "assistant", "content": answer}]
    return {"prompt": as_prompt(row, options), "completion": answer}


def settings(options, folder):
    """TRL's configuration with nothing set that was not asked for."""
    from trl import SFTConfig

    given = {theirs: getattr(options, ours) for ours, theirs in TRAINING.items()}
    given = {key: value for key, value in given.items() if value is not None}
    if options.fp32:
        given["bf16"] = False
    if options.no_checkpointing:
        given["gradient_checkpointing"] = False
    if options.length_grouping:
        given["train_sampling_strategy"] = "group_by_length"
    return SFTConfig(
        output_dir=folder,
        use_cpu=True,
        completion_only_loss=True,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        **given,
    )


def counting_trainer():
    """An SFTTrainer that notes what each forward pass holds and when each step ended."""
    from trl import SFTTrainer

    class CountingTrainer(SFTTrainer):
        passes = None
        moments = None

        def training_step(self, model, inputs, *rest, **named):
            self.passes.append(
                {
                    "rows": inputs["input_ids"].shape[0],
                    "padded": inputs["input_ids"].numel(),
                    "tokens": int(inputs["attention_mask"].sum()),
                    "labelled": int((inputs["labels"][:, 1:] != -100).sum()),
                }
            )
            result = super().training_step(model, inputs, *rest, **named)
            self.moments.append(time.perf_counter())
            return result

    return CountingTrainer


def make_trainer(options, folder):
    from datasets import Dataset
    from peft import LoraConfig

    rows = read_rows(options.train, options.train_rows)
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        use_rslora=options.rslora,
        target_modules="all-linear" if options.targets == ["all-linear"] else options.targets,
    )
    trainer = counting_trainer()(
        model=options.model,
        args=settings(options, folder),
        train_dataset=Dataset.from_list([as_example(row, options) for row in rows]),
        peft_config=lora,
    )
    trainer.passes, trainer.moments = [], []
    return trainer


def dump_rows(trainer, path):
    """Each row as the collator hands it to the model."""
    rows = []
    for row in trainer.train_dataset:
        one = trainer.data_collator([row])
        labelled = [int(label != -100) for label in one["labels"][0].tolist()]
        rows.append({"ids": one["input_ids"][0].tolist(), "labelled": labelled})
    with open(path, "w", encoding="ascii") as file:
        json.dump(rows, file)


def in_force(trainer):
    """The settings that the training ran with, given or default."""
    args = trainer.args
    found = {ours: getattr(args, theirs) for ours, theirs in TRAINING.items()}
    found |= {"bf16": args.bf16, "gradient_checkpointing": args.gradient_checkpointing}
    found |= {"optimizer": args.optim, "packing": args.packing, "loss_type": args.loss_type}
    found["weights"] = str(next(trainer.model.parameters()).dtype)
    plain = (bool, int, float)
    return {key: value if isinstance(value, plain) else str(value) for key, value in found.items()}


def train(options, folder):
    """The trained model, its tokenizer, and what the training took."""
    trainer = make_trainer(options, folder)
    if options.dump:
        dump_rows(trainer, options.dump)
    load_peak = peak_bytes()
    forget_peak()
    begin = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - begin
    train_peak = peak_bytes()
    if options.out:
        trainer.save_model(options.out)
    totals = {key: sum(part[key] for part in trainer.passes) for key in trainer.passes[0]}
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    moments = [begin, *trainer.moments]
    report = {
        "seconds": seconds,
        "secondsPerPass": [after - before for before, after in zip(moments, moments[1:])],
        "rows": totals["rows"],
        "tokens": totals["tokens"],
        "labelledTokens": totals["labelled"],
        "paddedTokens": totals["padded"],
        "rowsPerSecond": totals["rows"] / seconds,
        "tokensPerSecond": totals["tokens"] / seconds,
        "steps": trainer.state.global_step,
        "loss": [entry["loss"] for entry in log],
        "gradientNorm": [entry.get("grad_norm") for entry in log],
        "learningRate": [entry["learning_rate"] for entry in log],
        "loadPeakBytes": load_peak,
        "trainPeakBytes": train_peak,
        "inForce": in_force(trainer),
    }
    return trainer.model, trainer.processing_class, report


def load_base(options):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return AutoModelForCausalLM.from_pretrained(options.model), AutoTokenizer.from_pretrained(options.model)


def main():
    options = read_options()
    set_threads(options.threads)
    from trl import SFTTrainer  # noqa: F401  (`import trl` alone loads next to nothing)

    import_peak = peak_bytes()
    answer = {"peer": "trl", "threads": options.threads, "versions": versions(), "options": vars(options)}
    # The trainer prints its log to stdout, which belongs to the answer.
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(sys.stderr):
        if options.train:
            model, tokenizer, answer["training"] = train(options, scratch)
        else:
            model, tokenizer = load_base(options)
        if options.test:
            answer["test"] = judge(model, tokenizer, options)
    training = answer.get("training", {})
    peaks = [peak_bytes(), training.get("loadPeakBytes", 0), training.get("trainPeakBytes", 0)]
    answer |= {"peakBytes": max(peaks), "importBytes": import_peak}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
