/** @file The command that keeps the answers of a model behind an API: freeze. */
import type { Command } from "../command.ts";
import { budgetFlagsWith, yesFlag } from "../flags.ts";

const freeze: Command = {
  name: "freeze",
  summary: "store the answers of a model behind an API in a file",
  category: "prepare",
  about:
    "Asks a live model the test rows of the recipe, new prompts and prompts of logs, and writes answers, calls of tools, tokens, log-probabilities, latency and price to a frozen reference. Later comparisons use the file after the model is gone. Nothing is paid for twice: each answer is stored when it arrives, and the same command continues after a kill, an outage or a spent cap. Shows the cost and asks before it pays.",
  arguments: [
    { name: "MODEL", summary: "model name, such as ft:gpt-4o-mini-2024-07-18:org::id", completes: "nothing" },
  ],
  flags: [
    {
      name: "recipe",
      value: "FILE",
      summary: "recipe whose test rows are asked; default: tunewise.yaml if it exists",
      completes: "recipe",
    },
    {
      name: "prompts",
      value: "FILE",
      summary: "new prompts: rows with messages or a prompt",
      completes: "file",
    },
    {
      name: "logs",
      value: "FILE",
      summary: "rows that a proxy recorded; their prompts are asked again",
      completes: "file",
    },
    {
      name: "url",
      value: "URL",
      summary: "address of the API; default: OPENAI_BASE_URL, otherwise https://api.openai.com/v1",
    },
    {
      name: "style",
      value: "STYLE",
      choices: ["openai", "azure", "anthropic"],
      summary: "form of requests; default: from the address",
    },
    {
      name: "api-key-env",
      value: "NAME",
      summary:
        "environment variable of the API key; default: OPENAI_API_KEY, AZURE_OPENAI_API_KEY or ANTHROPIC_API_KEY",
    },
    {
      name: "price",
      value: "IN,OUT",
      summary: "dollars per million tokens of prompt and answer; default: from the price book",
    },
    {
      name: "max-tokens",
      value: "TOKENS",
      kind: "whole",
      least: 1,
      most: 1_000_000,
      summary: "maximum length of an answer; default: that of the recipe, otherwise 1024",
    },
    { name: "no-logprobs", summary: "do not request log-probabilities" },
    {
      name: "concurrency",
      value: "N",
      kind: "whole",
      least: 1,
      most: 256,
      summary: "concurrent requests; default: 4",
    },
    {
      name: "wait-minutes",
      value: "MINUTES",
      kind: "number",
      least: 0,
      most: 10_000,
      summary: "how long to keep trying while the API gives no answer; default: 10",
    },
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "file to write or continue; default: frozen.jsonl beside the recipe",
      completes: "file",
    },
    { name: "dry-run", summary: "print the questions and the cost without asking any" },
    ...budgetFlagsWith("caps of all freezes of this model", "; default: the recipe's dollars"),
    yesFlag,
  ],
  examples: [
    {
      line: "tunewise freeze ft:gpt-4o-mini-2024-07-18:org::id --budget 5usd",
      does: "ask the test rows of ./tunewise.yaml",
    },
    {
      line: "tunewise freeze gpt-4o-mini --prompts new.jsonl --dry-run",
      does: "estimate the cost of more prompts",
    },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

/** The commands, in the order of help. */
export const freezeCommands: readonly Command[] = [freeze];
