"""Token ids and losses of documents by TRL and transformers.

    python documents-loss.py JOBS.json OUT.json

JOBS.json: [{"folder": path, "texts": [text, ...], "max_length": tokens}, ...]
OUT.json: [{"ids": [[id, ...], ...], "nll": [sum in nats, ...], "packing_off": loss, "packing_on": loss}, ...]

`ids` are those that TRL trains on; `nll` sums the losses of a text, in blocks of `max_length` tokens that begin with
the last token of the block before. The losses are those of a first training step over the texts that fit into a
block, as a mean per token.
"""

import json
import sys
import tempfile

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def trainer_of(job, texts, folder, packing):
    length = job["max_length"]
    settings = SFTConfig(
        output_dir=folder,
        max_length=length if packing else None,
        packing=packing,
        max_steps=1,
        per_device_train_batch_size=len(texts),
        learning_rate=0.0,
        logging_steps=1,
        report_to=[],
        use_cpu=True,
        bf16=False,
        fp16=False,
        save_strategy="no",
        gradient_checkpointing=False,
        disable_tqdm=True,
    )
    model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32, attn_implementation="sdpa")
    data = Dataset.from_dict({"text": texts})
    tokenizer = AutoTokenizer.from_pretrained(job["folder"])
    return SFTTrainer(model=model, args=settings, train_dataset=data, processing_class=tokenizer)


def first_loss(job, texts, packing):
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(job, texts, folder, packing)
        trainer.train()
        return next(line["loss"] for line in trainer.state.log_history if "loss" in line)


def nll_of(model, ids, length):
    total = 0.0
    for start in range(0, len(ids) - 1, length - 1):
        block = torch.tensor([ids[start : start + length]])
        logits = model(block).logits[0, :-1]
        total += torch.nn.functional.cross_entropy(logits, block[0, 1:], reduction="sum").item()
    return total


def judge(job):
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(job, job["texts"], folder, False)
        ids = [list(one) for one in trainer.train_dataset["input_ids"]]
    model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32).eval()
    with torch.no_grad():
        nll = [nll_of(model, one, job["max_length"]) for one in ids]
    short = [text for text, one in zip(job["texts"], ids) if len(one) <= job["max_length"]]
    return {
        "ids": ids,
        "nll": nll,
        "packing_off": first_loss(job, short, False),
        "packing_on": first_loss(job, short, True),
    }


def main():
    jobs_path, out_path = sys.argv[1:]
    torch.set_num_threads(1)
    with open(jobs_path, encoding="utf-8") as file:
        jobs = json.load(file)
    judged = [judge(job) for job in jobs]
    with open(out_path, "w", encoding="ascii") as file:
        json.dump(judged, file)


if __name__ == "__main__":
    main()
