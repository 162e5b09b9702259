"""Answers prompts with transformers, once for each line on standard input; see ../answers.mjs.

The first line is {"prompts": [[id, ...], ...], "endIds": [id, ...]}; each further line asks for a round, whose answers
are written as one line of JSON: the ids of each answer, in the order of the prompts.
"""

import argparse
import json
import sys

import torch
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--max-new-tokens", type=int, default=32)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--dtype", default="float32")
options = parser.parse_args()

torch.set_num_threads(options.threads)
given = json.loads(sys.stdin.readline())
prompts, ends = given["prompts"], given["endIds"]
model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=getattr(torch, options.dtype)).eval()
print("open", flush=True)


def cut(ids):
    """An answer without what follows its end."""
    at = next((at for at, one in enumerate(ids) if one in ends), len(ids))
    return ids[:at]


def answer_all():
    """Greedy answers: batches of prompts of like length, padded on the left."""
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    answers = [[] for _ in prompts]
    for start in range(0, len(order), options.batch):
        chosen = order[start : start + options.batch]
        longest = max(len(prompts[index]) for index in chosen)
        pads = [longest - len(prompts[index]) for index in chosen]
        ids = torch.tensor([[0] * pad + prompts[index] for pad, index in zip(pads, chosen)])
        mask = torch.tensor([[0] * pad + [1] * (longest - pad) for pad in pads])
        with torch.no_grad():
            found = model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=options.max_new_tokens,
                do_sample=False,
                eos_token_id=ends or None,
                pad_token_id=(ends or [0])[0],
            )
        for index, row in zip(chosen, found[:, longest:].tolist()):
            answers[index] = cut(row)
    return answers


for _ in sys.stdin:
    print(json.dumps(answer_all()), flush=True)
