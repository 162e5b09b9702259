"""A typical fine-tune with Hugging Face's Trainer: `report_to`, checkpoints, and the callback from examples/exec.

    trainer_script.py mlflow|wandb STEPS [--seed N]

A tiny Llama with random weights learns to count; nothing is fetched.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/exec"))

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments, set_seed
from tunewise_callback import TunewiseCallback

parser = argparse.ArgumentParser()
parser.add_argument("client")
parser.add_argument("steps", type=int)
parser.add_argument("--seed", type=int, default=17)
asked = parser.parse_args()

torch.set_num_threads(1)
set_seed(asked.seed)
shape = dict(vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
model = LlamaForCausalLM(LlamaConfig(**shape, max_position_embeddings=32))
rows = [{"input_ids": ids, "labels": ids} for ids in ([(start + i) % 64 for i in range(16)] for start in range(64))]

trainer = Trainer(
    model=model,
    args=TrainingArguments(
        output_dir="out",
        max_steps=asked.steps,
        per_device_train_batch_size=4,
        learning_rate=1e-3,
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=4,
        save_strategy="no",
        seed=asked.seed,
        use_cpu=True,
        disable_tqdm=True,
        report_to=asked.client,
        run_name="counting",
    ),
    train_dataset=rows[:48],
    eval_dataset=rows[48:],
    callbacks=[TunewiseCallback()],
)
trainer.train()
print(f"ended at step {trainer.state.global_step} of {asked.steps}", flush=True)
