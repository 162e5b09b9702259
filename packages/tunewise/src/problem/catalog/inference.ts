/** @file Problems of text generation and serving. Data only. */

export const inferenceProblems = {
  PROMPT_EMPTY: {
    title: "The prompt is empty",
    message: "The prompt has no tokens, so there is nothing to continue.",
    fix: "write a prompt, for example a space",
    exitCode: 64,
    docs: "A model continues its prompt. A chat always has the tokens of its template; plain text may have none.",
  },
  PROMPT_MEDIA: {
    title: "The prompt contains a file",
    message: "The prompt contains {what}, but the model reads text only.",
    fix: "send only parts of type text",
    exitCode: 64,
    since: "0.1.0",
    docs: "Images, sounds and documents in a prompt of the AI SDK are refused rather than left out, since an answer without them would be about something else.",
  },
  PROMPT_TOO_LONG: {
    title: "The prompt fills the context",
    message: "The prompt has {found} tokens, but the model's context of {limit} must hold prompt and answer.",
    fix: "shorten the prompt; in a chat, /reset starts again",
    docs: "Prompt and answer share the context. The model was never trained on positions beyond it, and tunewise never truncates silently. In a long conversation the earlier turns fill the context.",
  },
  TOOLS_UNSUPPORTED: {
    title: "The model cannot be offered tools",
    message: "The model's chat template does not {what}.",
    fix: "serve a model whose template supports tools, such as Qwen/Qwen2.5-0.5B-Instruct, or train one with model.chat_template: tools; or ask without tools",
    docs: "Tools reach a model through its chat template, and calls are read in the syntax in which the template writes them. tunewise learns that syntax by rendering calls with recognizable names and arguments. Without definitions in the prompt the model would not know the tools.",
  },
  SCHEMA_ENGINE_ONLY: {
    title: "Structured output needs the engine",
    message:
      "`evaluation.decoding: constrained` needs structured output, which the PyTorch worker does not support.",
    fix: "evaluation: { decoding: free }",
    exitCode: 64,
    since: "0.1.0",
    docs: "With `task.kind: json` and `evaluation.decoding: constrained`, the engine answers test rows with JSON that fits `task.schema`; with `task.kind: tools`, calls fit the offered tools. The PyTorch worker can only choose among labels, or answer freely. Write `decoding: free`; the metrics `json_valid` and `json_schema` then count the answers that fit, and `tool_calls` the malformed calls.",
  },
  QUEUE_FULL: {
    title: "The request queue is full",
    message: "{waiting} answers are already queued.",
    fix: "try again in a moment",
    docs: "The engine answers a limited number of requests at a time (`model serve --slots`, 32 by default) and queues the others. The queue is bounded, so a client learns at once that it would wait too long. Over HTTP this is status 429.",
  },
  SERVE_BASE_DIFFERS: {
    title: "Served models have different base models",
    message: "{first} and {other} cannot share a server: {reason}.",
    fix: "tunewise model serve {other} --port 8081",
    exitCode: 64,
    since: "0.1.0",
    docs: "One server loads one base model and the adapters of all its runs, and computes their requests together. That is only right if every adapter was trained on exactly this base: weights are compared by SHA-256, configuration and tokenizer by content, and NF4 weights must have the same calibration. Serve runs of another base with a second server on another port.",
  },
  SERVE_ALIAS_INVALID: {
    title: "An alias cannot be used",
    message: "The alias {alias} cannot be used: {reason}.",
    fix: "tunewise model serve latest --alias ft:gpt-4o-mini-2024-07-18:org::id",
    exitCode: 64,
    since: "0.1.0",
    docs: "`--alias NAME` gives the first model of the command line a further name, `--alias NAME=RUN` another one. A name identifies one model, so it must differ from all other names and aliases of the server.",
  },
  SERVER_KEY_MISSING: {
    title: "The server has no key",
    message: "Serving on {host} needs a key: {detail}.",
    fix: "export TUNEWISE_API_KEY=$(openssl rand -hex 24) && tunewise model serve --host {host} --api-key-env TUNEWISE_API_KEY",
    exitCode: 4,
    docs: "Only this machine can reach loopback addresses. On any other address everyone in the network could use the model, so clients must send a key: the value of the environment variable that --api-key-env names, as `Authorization: Bearer KEY`. The key itself is never written to a command line, a log or a message.",
  },
} as const;
