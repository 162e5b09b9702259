/** @file Problems of text generation and serving. Data only. */

export const inferenceProblems = {
  PROMPT_EMPTY: {
    title: "The prompt is empty",
    message: "The prompt has no tokens, so there is nothing to continue.",
    fix: "write a prompt, for example a space",
    exitCode: 64,
    docs: "A model continues its prompt. A chat always has the tokens of its template; plain text may have none.",
  },
  PROMPT_TOO_LONG: {
    title: "The prompt fills the context",
    message: "The prompt has {found} tokens; the model's context ends at {limit}, the answer included.",
    fix: "shorten the prompt; in a chat, /reset starts again",
    docs: "Prompt and answer share the context. Positions beyond it were never trained, so nothing is truncated silently. In a long conversation the earlier turns fill the context.",
  },
  SCHEMA_ENGINE_ONLY: {
    title: "Structured output needs the engine",
    message:
      "The worker on PyTorch has no structured output; `evaluation.decoding: constrained` asks for it.",
    fix: "evaluation: { decoding: free }",
    exitCode: 64,
    since: "0.1.0",
    docs: "With `task.kind: json` and `evaluation.decoding: constrained`, the engine answers test rows with JSON that fits `task.schema`. The worker on PyTorch chooses among labels, and answers freely otherwise: write `decoding: free`, and the metrics `json_valid` and `json_schema` count the answers that fit.",
  },
  QUEUE_FULL: {
    title: "The request queue is full",
    message: "{waiting} answers are already queued.",
    fix: "try again in a moment",
    docs: "The engine answers one request at a time, and further ones are queued. The queue is bounded, so that a client learns at once that it would wait too long; over HTTP that is status 429.",
  },
  SERVER_KEY_MISSING: {
    title: "The server has no key",
    message: "There is no key to serve {host} with: {detail}.",
    fix: "export TUNEWISE_API_KEY=$(openssl rand -hex 24) && tunewise model serve --host {host} --api-key-env TUNEWISE_API_KEY",
    exitCode: 4,
    docs: "Loopback addresses are reached from this machine alone. On any other address everybody in the network could use the model, so that clients must send a key: the value of the environment variable that --api-key-env names, as `Authorization: Bearer KEY`. The key itself is never written to a command line, a log or a message.",
  },
} as const;
