/** @file Commands before a run: init, doctor. */
import type { Command } from "../command.ts";
import { recipeArgument, yesFlag } from "../flags.ts";

const init: Command = {
  name: "init",
  summary: "open a data file and write a recipe for it",
  category: "prepare",
  about:
    "Opens the data, tells format, columns, kind of task, parts and lengths, proposes model, method, machine and budget with a sentence each, and writes tunewise.yaml. Only what cannot be seen is asked, in a terminal; everything has a flag. Paths in the recipe start from its folder. Never replaces a file without --force.",
  arguments: [
    {
      name: "DATA",
      summary: "training rows: a file, a folder with train and test files, or hub:owner/name",
      optional: true,
      completes: "file",
    },
  ],
  flags: [
    { name: "model", value: "ID", summary: "hub id (owner/name), folder or .gguf file" },
    {
      name: "data",
      value: "FILE",
      summary: "the same as DATA",
      completes: "file",
    },
    { name: "prompt", value: "COLUMN", summary: "column of the prompt; default: found" },
    { name: "completion", value: "COLUMN", summary: "column of the answer; default: found" },
    {
      name: "task",
      value: "KIND",
      choices: ["classify", "json", "text"],
      summary:
        "what an answer is: one of some labels, a JSON value, or free text; default: as the answers look",
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
      summary: "cap in minutes; default: 60",
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
    { line: "tunewise init tickets.csv", does: "opens the file and writes tunewise.yaml" },
    {
      line: "tunewise init tickets.csv --prompt body --completion queue --budget-minutes 30",
      does: "names what would be asked",
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
