"""Judges a model on prompt/completion rows: greedy answers, and how many equal the completion."""

import json
import time


def read_rows(path, limit):
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    return rows if limit is None else rows[:limit]


def as_prompt(row, options):
    if options.format == "text":
        return row["prompt"]
    system = [{"role": "system", "content": options.system}] if options.system else []
    return [*system, {"role": "user", "content": row["prompt"]}]


def answers_of(model, tokenizer, rows, options):
    """Greedy answers, batches of rows with padding on the left, prompts of like length together."""
    import torch

    texts = []
    for row in rows:
        prompt = as_prompt(row, options)
        if options.format == "chat":
            prompt = tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
        texts.append(prompt)
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    tokenizer.padding_side = "left"
    answers = [""] * len(texts)
    for start in range(0, len(order), options.test_batch):
        chosen = order[start : start + options.test_batch]
        batch = tokenizer(
            [texts[index] for index in chosen], return_tensors="pt", padding=True, add_special_tokens=False
        )
        with torch.no_grad():
            found = model.generate(**batch, max_new_tokens=options.max_new_tokens, do_sample=False)
        for index, ids in zip(chosen, found[:, batch["input_ids"].shape[1] :]):
            answers[index] = tokenizer.decode(ids, skip_special_tokens=True)
    return answers


def judge(model, tokenizer, options):
    """Share of test rows whose greedy answer, trimmed, equals the completion, trimmed."""
    rows = read_rows(options.test, options.test_rows)
    model.eval()
    if hasattr(model, "gradient_checkpointing_disable"):
        model.gradient_checkpointing_disable()
    model.config.use_cache = True
    begin = time.perf_counter()
    answers = answers_of(model, tokenizer, rows, options)
    seconds = time.perf_counter() - begin
    right = [answer.strip() == row["completion"].strip() for answer, row in zip(answers, rows)]
    if options.predictions:
        with open(options.predictions, "w", encoding="utf-8") as file:
            for row, answer in zip(rows, answers):
                file.write(json.dumps({**row, "answer": answer}) + "\n")
    return {"rows": len(rows), "right": sum(right), "accuracy": sum(right) / len(rows), "seconds": seconds}
