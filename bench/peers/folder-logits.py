"""Logits of rows by transformers over Hugging Face folders, and greedy answers to prompts.

    python folder-logits.py JOBS.json OUT.json

JOBS.json: [{"folder": path, "rows": [[id, ...], ...], "prompt": text or null, "tokens": N}, ...]
OUT.json: [{"rows": [base64 of float32 [T, V], ...], "prompt": [id, ...], "answer": [id, ...], "dtype": text}, ...]
"""

import base64
import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def judge(job):
    model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype="auto", attn_implementation="eager")
    dtype = str(model.dtype)
    model = model.float().eval()
    rows = []
    for row in job["rows"]:
        logits = model(torch.tensor([row])).logits[0].contiguous().numpy().astype("<f4")
        rows.append(base64.b64encode(logits.tobytes()).decode("ascii"))
    judged = {"rows": rows, "prompt": [], "answer": [], "dtype": dtype}
    if job.get("prompt") is not None:
        tokenizer = AutoTokenizer.from_pretrained(job["folder"])
        messages = [{"role": "user", "content": job["prompt"]}]
        given = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        made = model.generate(**given, max_new_tokens=job["tokens"], do_sample=False)
        judged["prompt"] = given["input_ids"][0].tolist()
        judged["answer"] = made[0, given["input_ids"].shape[1] :].tolist()
    return judged


def main():
    jobs_path, out_path = sys.argv[1:]
    torch.set_num_threads(1)
    with open(jobs_path, encoding="utf-8") as file:
        jobs = json.load(file)
    with torch.no_grad():
        judged = [judge(job) for job in jobs]
    with open(out_path, "w", encoding="ascii") as file:
        json.dump(judged, file)


if __name__ == "__main__":
    main()
