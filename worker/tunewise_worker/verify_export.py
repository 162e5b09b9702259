"""Probes an exported folder with transformers, for `tunewise model verify --in transformers`.

    python verify_export.py JOB.json REPLY.json

The job and the reply are `ProbeJob` and `ProbeReply` of `packages/tunewise/src/app/verify/probe.ts`. Only files of this
machine are read, weights only as safetensors, and code in a model's folder is never run.
"""

import json
import os
import sys

sys.path.pop(0)  # this file's folder, whose modules must not shadow others
os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402

LOCAL = {"local_files_only": True, "trust_remote_code": False}


def load(job):
    """Returns model and tokenizer; of an adapter's folder, its base with the adapter."""
    path = job["path"]
    is_adapter = os.path.isfile(os.path.join(path, "adapter_config.json"))
    base = job["base"] if is_adapter else path
    if base is None:
        raise SystemExit("the adapter's base model has no folder on this machine")
    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype="auto", use_safetensors=True, **LOCAL)
    if is_adapter:
        import peft

        model = peft.PeftModel.from_pretrained(model, path, use_safetensors=True)
    own = os.path.isfile(os.path.join(path, "tokenizer.json"))
    return model.eval(), transformers.AutoTokenizer.from_pretrained(path if own else base, **LOCAL)


def prompt_of(tokenizer, conversation):
    """The prompt as transformers makes it: text and ids, or the template's error."""
    messages = conversation["messages"]
    options = {"tools": conversation.get("tools"), "add_generation_prompt": True}
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, **options)
        made = tokenizer.apply_chat_template(messages, return_dict=True, **options)
    except Exception as error:  # a template may raise anything
        return {"text": None, "ids": None, "error": str(error)[:500]}
    return {"text": text, "ids": list(made["input_ids"])}


def answer(model, ids, tokens, ends):
    """The ids of the greedy answer, without its end."""
    given = torch.tensor([ids])
    made = model.generate(
        input_ids=given, attention_mask=torch.ones_like(given), max_new_tokens=tokens, do_sample=False
    )
    return [one for one in made[0, len(ids) :].tolist() if one not in ends]


def scores_of(model, row):
    """Log probabilities of a row's ids from index `from` on."""
    logits = model(torch.tensor([row["ids"]])).logits[0].float()
    known = torch.log_softmax(logits, dim=-1)
    return [known[at - 1, row["ids"][at]].item() for at in range(row["from"], len(row["ids"]))]


def probe(job):
    """The reply to a job."""
    model, tokenizer = load(job)
    end = model.generation_config.eos_token_id
    ends = end if isinstance(end, list) else [] if end is None else [end]
    prompts = [prompt_of(tokenizer, one) for one in job["conversations"]]
    answers = [
        {"ids": answer(model, one["ids"], job["answerTokens"], ends)} if one["ids"] else None for one in prompts
    ]
    return {
        "runtime": f"transformers {transformers.__version__}",
        "prompts": prompts,
        "texts": [tokenizer.encode(text, add_special_tokens=False) for text in job["texts"]],
        "scores": [scores_of(model, row) for row in job["rows"]],
        "ends": [one in ends for one in job["endIds"]],
        "answers": answers,
    }


def main():
    """Reads the job, writes the reply."""
    job_path, reply_path = sys.argv[1:]
    with open(job_path, encoding="utf-8") as file:
        job = json.load(file)
    torch.set_num_threads(job["threads"])
    with torch.no_grad():
        reply = probe(job)
    with open(reply_path, "w", encoding="utf-8") as file:
        json.dump(reply, file)


if __name__ == "__main__":
    main()
