"""Reads a vendor of fine-tuned models with OpenAI's own client, and prints what it understood as one line of JSON."""

import json
import sys

from openai import NotFoundError, OpenAI

model, job_id = sys.argv[1:]
client = OpenAI(max_retries=0)
jobs = list(client.fine_tuning.jobs.list(limit=1))
job = client.fine_tuning.jobs.retrieve(job_id)
about = client.files.retrieve(job.training_file)
rows = client.files.content(job.training_file).text.splitlines()
messages = [{"role": "user", "content": "My parcel is lost."}]
tools = [{"type": "function", "function": {"name": "track", "parameters": {"type": "object"}}}]
answer = client.chat.completions.create(model=model, messages=messages, logprobs=True)
called = client.chat.completions.create(model=model, messages=messages, tools=tools)
chunks = list(
    client.chat.completions.create(
        model=model, messages=messages, stream=True, stream_options={"include_usage": True}
    )
)
pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
calls = called.choices[0].message.tool_calls or []
try:
    client.fine_tuning.jobs.retrieve("ftjob-of-another")
    foreign = "found"
except NotFoundError as error:
    foreign = str(error.status_code)
print(
    json.dumps(
        {
            "jobs": [one.id for one in jobs],
            "job": [job.status, job.fine_tuned_model, job.trained_tokens, job.hyperparameters.n_epochs],
            "method": job.method.type if job.method else None,
            "file": [about.bytes, about.filename],
            "rows": len(rows),
            "models": [one.id for one in client.models.list()],
            "answer": answer.choices[0].message.content,
            "logprobs": len((answer.choices[0].logprobs.content or []) if answer.choices[0].logprobs else []),
            "usage": [answer.usage.prompt_tokens > 0, answer.usage.completion_tokens > 0],
            "calls": [[one.function.name, json.loads(one.function.arguments)] for one in calls],
            "stream": "".join(pieces),
            "stream_usage": chunks[-1].usage.completion_tokens > 0,
            "foreign": foreign,
        }
    )
)
