/** @file Commands that prepare a run: init, doctor, check, plan. */
import type { Command } from "../command.ts";
import {
  budgetFlags,
  budgetFlagsWith,
  recipeArgument,
  settingsFlag,
  textFormatFlag,
  workerFlag,
  yesFlag,
} from "../flags.ts";

const init: Command = {
  name: "init",
  summary: "inspect a data file and write a recipe for it",
  category: "prepare",
  about:
    "Detects the format, columns, kind of task, splits and lengths of the data, proposes a model, method, machine and budget with a reason for each, and writes tunewise.yaml. In a terminal, it asks only what it cannot detect; every question has a flag. Paths in the recipe are relative to its folder. Replaces an existing file only with --force.",
  arguments: [
    {
      name: "DATA",
      summary: "training rows: a file, a folder with train and test files, or hub:owner/name",
      optional: true,
      completes: "file",
    },
  ],
  flags: [
    {
      name: "model",
      value: "ID",
      summary: "hub id (owner/name), folder or .gguf file; to choose, see docs/recipes.md",
    },
    { name: "data", value: "FILE", summary: "same as DATA", completes: "file" },
    {
      name: "from",
      value: "VENDOR",
      summary:
        "openai or azure lists fine-tuning jobs; openai:JOB or openai:MODEL brings rows and results home",
    },
    {
      name: "job",
      value: "FILE",
      summary: "a vendor's job as a file, without the vendor",
      completes: "file",
    },
    { name: "file", value: "FILE", summary: "with --job: its training rows", completes: "file" },
    {
      name: "validation-file",
      value: "FILE",
      summary: "with --job: rows that the vendor did not train on",
      completes: "file",
    },
    { name: "url", value: "URL", summary: "with --from: address of an API of OpenAI's shape" },
    { name: "api-key-env", value: "NAME", summary: "with --url: variable that holds its key" },
    { name: "prompt", value: "COLUMN", summary: "column of the prompt; default: detected" },
    { name: "completion", value: "COLUMN", summary: "column of the answer; default: detected" },
    {
      name: "task",
      value: "KIND",
      choices: ["classify", "json", "tools", "text"],
      summary: "kind of answer: a label, a JSON value, calls of tools or free text; default: detected",
    },
    {
      name: "rate",
      value: "PRICE",
      kind: "rate",
      summary: "hourly price of this machine, such as 2.49/h; default: as recorded by tunewise doctor",
    },
    {
      name: "usd-per-hour",
      value: "USD",
      kind: "number",
      least: 0,
      most: 100_000,
      summary: "use --rate",
      isHidden: true,
      replacedBy: "rate",
    },
    ...budgetFlagsWith("caps of the recipe", "; default: 60min"),
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "file to write; default: tunewise.yaml",
      completes: "file",
    },
    { name: "force", summary: "replace the file if it exists" },
    yesFlag,
  ],
  examples: [
    { line: "tunewise init tickets.csv", does: "inspect the file and write tunewise.yaml" },
    {
      line: "tunewise init tickets.csv --prompt body --completion queue --budget 30min",
      does: "name the columns and cap the time",
    },
    { line: "tunewise init --from openai", does: "list the fine-tuning jobs of OPENAI_API_KEY" },
    {
      line: "tunewise init --from openai:ft:gpt-4o-mini-2024-07-18:org::id",
      does: "fetch the rows that this model was tuned on",
    },
  ],
  exitCodes: [],
};

const doctor: Command = {
  name: "doctor",
  summary: "check this machine and the recipe's environment",
  category: "prepare",
  about:
    "Checks Node, optional packages, memory, disk, the recipe, its data and credentials, and prints a fix for each problem. Sends nothing over the network and never shows credentials.",
  arguments: [recipeArgument],
  flags: [
    {
      name: "rate",
      value: "PRICE",
      kind: "rate",
      summary: "record the hourly price of this machine, for recipes without one; 0/h: free",
    },
  ],
  examples: [
    { line: "tunewise doctor", does: "check this machine, and ./tunewise.yaml if it exists" },
    { line: "tunewise doctor --rate 2.49/h", does: "record the hourly price of this machine" },
    { line: "tunewise doctor --json", does: "print the checks as JSON" },
  ],
  exitCodes: [2],
};

const check: Command = {
  name: "check",
  summary: "validate recipe and data without training",
  category: "prepare",
  about:
    "Reads the recipe and every row, counts tokens with the model's own tokenizer, and reports problems: unusable rows, truncated rows, duplicates, leakage between training and test rows. Trains nothing. A data file in place of the recipe is checked with the recipe that `tunewise init` would write.",
  arguments: [recipeArgument],
  flags: [
    {
      name: "model",
      value: "ID",
      summary: "hub id, folder or .gguf file; default: as in the recipe or as by `init`",
    },
    {
      name: "show",
      value: "CODE",
      summary: "list every row of one finding, such as DATA_LEAK",
    },
    {
      name: "rows",
      summary: "with --json: include the masked text of every row of each finding, with word diffs of pairs",
    },
    {
      name: "max-rows",
      value: "ROWS",
      kind: "whole",
      least: 1,
      most: 1_000_000,
      summary: "with --rows: maximum rows per finding; 25 times as many in total",
    },
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "html", "sarif"],
      summary:
        "output format; use sarif for code hosts and editors; default: from the extension of -o, otherwise text",
    },
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "write the result to a file, such as check.html or check.sarif",
      completes: "file",
    },
    {
      name: "fix",
      summary:
        "write a cleaned copy of the data and a log: duplicates, leaked and unusable rows removed, secrets redacted",
    },
    { name: "into", value: "FOLDER", summary: "folder of the cleaned copy, new or empty; default: cleaned" },
    {
      name: "fail-on",
      value: "SEVERITY",
      choices: ["error", "warning"],
      summary: "lowest severity that exits with code 2; default: error",
    },
    { ...workerFlag, summary: "validate for the built-in engine, or for the PyTorch worker" },
    {
      name: "on",
      value: "CLUSTER",
      summary:
        "Ray cluster at ray+http://host:8265 that searches JSONL files on its shared storage for unusable, duplicate and leaked rows",
    },
    { name: "storage", value: "PATH", summary: "folder shared by all nodes of the cluster" },
  ],
  examples: [
    { line: "tunewise check", does: "check ./tunewise.yaml and its data" },
    { line: "tunewise check train.jsonl", does: "check a data file that has no recipe yet" },
    { line: "tunewise check --show DATA_LEAK", does: "list every leaked row with its counterpart" },
    { line: "tunewise check -o check.html", does: "write an HTML page to share" },
    {
      line: "tunewise check --fix",
      does: "write cleaned/train.jsonl, cleaned/test.jsonl and cleaned/fixes.jsonl",
    },
    { line: "tunewise check --fail-on warning --json", does: "fail a pipeline on warnings too" },
    {
      line: "tunewise check --on ray+http://head:8265 --storage /mnt/shared/tunewise",
      does: "check more rows than fit on this machine",
    },
  ],
  exitCodes: [2, 4],
};

const plan: Command = {
  name: "plan",
  summary: "estimate memory, time and cost",
  category: "prepare",
  about:
    "Estimates memory, time and cost as ranges from recipe, data and model, ranks this machine, rented GPUs and hosted training by total cost, and checks the budget. It does not download weights: the configuration of a hub model is enough. -o saves the plan, and `tunewise run` executes exactly that plan, unless the recipe or the data have changed.",
  arguments: [recipeArgument],
  flags: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "save the plan for `tunewise run`",
      completes: "file",
    },
    textFormatFlag,
    { name: "all", summary: "show every placement, not only the best few" },
    { name: "probe", summary: "measure a few training steps here instead of estimating the speed" },
    { name: "no-trace", summary: "plan with formulas only, even if the worker could trace a step" },
    {
      name: "on",
      value: "PROVIDER",
      summary: "compare current offers of dstack://host:3000/project instead of the price list",
    },
    { name: "accuracy", summary: "compare plans of earlier runs with their actual values" },
    { name: "compare", summary: "compare full fine-tuning, LoRA and QLoRA" },
    {
      name: "fail-over",
      value: "PRICE",
      summary: "exit with code 2 if the 90th percentile of the cost exceeds this amount, such as 50usd",
    },
    {
      name: "cost-of-delay",
      value: "PRICE",
      summary: "cost of an hour of waiting, such as 10usd, to weigh fast placements against cheap ones",
    },
    settingsFlag,
    ...budgetFlags,
  ],
  examples: [
    { line: "tunewise plan", does: "plan ./tunewise.yaml" },
    { line: "tunewise plan --probe", does: "measure a few steps first" },
    { line: "tunewise plan --compare", does: "show the savings of LoRA and QLoRA" },
    {
      line: "tunewise plan --set method.kind=qlora,data.max_length=512",
      does: "plan with other settings",
    },
    {
      line: "tunewise plan --format markdown --fail-over 50usd",
      does: "write a pull request comment, and fail if the run is too expensive",
    },
    {
      line: "tunewise plan -o plan.json && tunewise run plan.json",
      does: "plan, then run exactly that plan",
    },
  ],
  exitCodes: [2, 4],
};

/** The commands, in the order of help. */
export const prepareCommands: readonly Command[] = [init, doctor, check, plan];
