/** @file Commands before a run: init, doctor. */
import type { Command } from "../command.ts";
import { recipeArgument, yesFlag } from "../flags.ts";

const init: Command = {
  name: "init",
  summary: "write a commented recipe",
  category: "prepare",
  about:
    "Asks at most five questions (model, data, goal, price of the machine, budget), each with a default and a flag, and writes tunewise.yaml. Without a terminal the flags and their defaults decide. Never replaces a file without --force.",
  arguments: [],
  flags: [
    { name: "model", value: "ID", summary: "hub id (owner/name), folder or .gguf file" },
    {
      name: "data",
      value: "FILE",
      summary: "training rows: .jsonl, .json, .csv, .tsv, .parquet or hub:owner/name",
      completes: "file",
    },
    {
      name: "task",
      value: "KIND",
      choices: ["classify", "json", "text"],
      summary: "what an answer is: one of some labels, a JSON value, or free text",
    },
    {
      name: "usd-per-hour",
      value: "USD",
      kind: "number",
      least: 0,
      most: 100_000,
      summary: "what this machine costs per hour; default: 0",
    },
    {
      name: "budget-usd",
      value: "USD",
      kind: "number",
      least: 0.000001,
      most: 10_000_000,
      summary: "cap in dollars; default: none",
    },
    {
      name: "budget-minutes",
      value: "MINUTES",
      kind: "number",
      least: 0.01,
      most: 10_000_000,
      summary: "cap in minutes; default: none",
    },
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "where to write; default: tunewise.yaml",
      completes: "file",
    },
    { name: "force", summary: "replace the file if it exists" },
    yesFlag,
  ],
  examples: [
    { line: "tunewise init", does: "asks and writes tunewise.yaml" },
    {
      line: "tunewise init --data tickets.jsonl --task json --budget-minutes 30 -y",
      does: "writes it without a question",
    },
  ],
  exitCodes: [],
};

const doctor: Command = {
  name: "doctor",
  summary: "check this machine and the recipe's surroundings",
  category: "prepare",
  about:
    "Looks at Node, optional packages, memory, disk, recipe, data and credentials, and says for each what to do. Nothing is sent anywhere, and credentials are never shown.",
  arguments: [recipeArgument],
  flags: [],
  examples: [
    { line: "tunewise doctor", does: "checks with ./tunewise.yaml, if there is one" },
    { line: "tunewise doctor --json", does: "the same as data" },
  ],
  exitCodes: [2],
};

/** Commands before a run. */
export const prepareCommands: readonly Command[] = [init, doctor];
