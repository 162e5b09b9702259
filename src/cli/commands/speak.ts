/** @file Commands that talk: chat, serve-model. */
import type { Argument, Command, Flag } from "../command.ts";
import { decodingFlags, outputFlag } from "../flags.ts";

const sourceArgument: Argument = {
  name: "RUN",
  summary: "a run, `latest`, a recipe, or a model: hub id, folder or .gguf file; default: tunewise.yaml",
  optional: true,
  completes: "run",
};

const baseFlag: Flag = { name: "base", summary: "the base model alone, also of a run" };

const maxTokensFlag: Flag = {
  name: "max-tokens",
  value: "TOKENS",
  kind: "whole",
  least: 1,
  most: 1_000_000,
  summary: "longest answer, in tokens; default: 1024",
};

const [, ...samplingFlags] = decodingFlags;

const chat: Command = {
  name: "chat",
  summary: "talk with a run's model, or a base model",
  category: "do",
  about:
    "A conversation in the terminal, in the model's chat template: with the result of a run, or with the base model of a recipe. Ctrl-C stops an answer, and leaves where there is none. /exit leaves, /reset forgets the conversation, /system TEXT sets the system text. Piped in, each line is one turn.",
  arguments: [sourceArgument],
  flags: [
    baseFlag,
    { name: "compare", summary: "let base and tuned model answer each turn, one after the other" },
    { name: "system", value: "TEXT", summary: "system text before the conversation" },
    maxTokensFlag,
    ...samplingFlags,
    outputFlag,
  ],
  examples: [
    { line: "tunewise chat latest", does: "talks with the newest run's model" },
    { line: "tunewise chat latest --compare", does: "shows what training changed, turn by turn" },
    { line: "tunewise chat HuggingFaceTB/SmolLM2-135M-Instruct", does: "talks with a model of the hub" },
  ],
  savesWhenStopped: true,
  exitCodes: [4],
};

const serveModel: Command = {
  name: "serve-model",
  summary: "serve a run's model to clients of OpenAI's API",
  category: "do",
  about:
    "Answers GET /v1/models, POST /v1/chat/completions and POST /v1/completions as OpenAI does, streamed or whole. The result of a run and its base are two models of one server. One answer is made at a time; others wait in line. Only programs of this machine are let in; any other --host needs --api-key-env. Ctrl-C ends the answer at work and closes.",
  arguments: [sourceArgument],
  flags: [
    baseFlag,
    {
      name: "port",
      value: "PORT",
      kind: "whole",
      least: 0,
      most: 65_535,
      summary: "default: 8080; 0 takes any free one",
    },
    { name: "host", value: "ADDRESS", summary: "address to listen on; default: 127.0.0.1" },
    {
      name: "api-key-env",
      value: "NAME",
      summary: "environment variable with the key that clients must send",
    },
    outputFlag,
  ],
  examples: [
    { line: "tunewise serve-model latest", does: "serves the newest run and its base to this machine" },
    {
      line: "tunewise serve-model latest --host 0.0.0.0 --api-key-env TUNEWISE_API_KEY",
      does: "serves the network, to those who have the key",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [4],
};

/** Commands that talk. */
export const speakCommands: readonly Command[] = [chat, serveModel];
