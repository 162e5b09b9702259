/** @file Commands that judge, train and answer: check, plan, run, resume, evaluate, try, search, generate,
 * export, demo. */
import type { Command } from "../command.ts";
import {
  budgetFlags,
  decodingFlags,
  forceFlag,
  outputFlag,
  pickFlag,
  recipeArgument,
  reportFlag,
  runArgument,
  searchBudgetFlags,
  yesFlag,
} from "../flags.ts";

const check: Command = {
  name: "check",
  summary: "look at recipe and data without training",
  category: "prepare",
  about:
    "Reads the recipe and every row, counts tokens with the model's own tokenizer, and lists what is wrong or odd: rows that cannot be used, rows that are cut, duplicates, leaks between train and test. Nothing is trained.",
  arguments: [recipeArgument],
  flags: [
    {
      name: "show",
      value: "CODE",
      summary: "list every row of one finding, such as DATA_LEAK, with what it says",
    },
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "html", "sarif"],
      summary:
        "html: a page to forward · sarif: for code hosts and editors; default: by the name of -o, or text",
    },
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "write there, such as check.html or check.sarif",
      completes: "file",
    },
    {
      name: "fix",
      summary:
        "write a copy without repeated, leaked and unusable rows, secrets redacted, and a log; data stay as they are",
    },
    { name: "into", value: "FOLDER", summary: "folder of that copy, missing or empty; default: cleaned" },
    {
      name: "fail-on",
      value: "SEVERITY",
      choices: ["error", "warning"],
      summary: "which findings end with exit code 2; default: error",
    },
  ],
  examples: [
    { line: "tunewise check", does: "checks ./tunewise.yaml and its data" },
    { line: "tunewise check --show DATA_LEAK", does: "lists every leaked row beside the one it repeats" },
    { line: "tunewise check -o check.html", does: "writes a page that a lead can act on" },
    {
      line: "tunewise check --fix",
      does: "writes cleaned/train.jsonl, cleaned/test.jsonl and cleaned/fixes.jsonl",
    },
    { line: "tunewise check --fail-on warning --json", does: "for a pipeline: strict, as data" },
  ],
  exitCodes: [2, 4],
};

const plan: Command = {
  name: "plan",
  summary: "say what a run will take: memory, time, money",
  category: "prepare",
  about:
    "Estimates memory, time and cost as ranges from recipe, data and model, ranks this machine, rented GPUs and hosted training by what all of it would cost, and says whether the budget covers it. Weights are not needed: a hub model's configuration is enough. -o saves the plan, which `run` then carries out as it stands; a changed recipe or changed data make it stale.",
  arguments: [recipeArgument],
  flags: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      summary: "save the plan, to be run as it stands",
      completes: "file",
    },
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "markdown"],
      summary: "markdown suits pull requests; default: text",
    },
    { name: "all", summary: "show every place, not only the best few" },
    { name: "probe", summary: "make a few real steps here instead of estimating this machine's speed" },
    { name: "accuracy", summary: "show how right the plans of earlier runs were" },
    { name: "compare", summary: "put full fine-tuning, LoRA and QLoRA side by side" },
    {
      name: "fail-over",
      value: "PRICE",
      summary: "exit with 2 where nine of ten outcomes would cost more, such as 50usd",
    },
    {
      name: "cost-of-delay",
      value: "PRICE",
      summary: "what an hour of waiting is worth, such as 10usd; weighs quick places against cheap ones",
    },
    ...budgetFlags,
  ],
  examples: [
    { line: "tunewise plan", does: "plans ./tunewise.yaml" },
    { line: "tunewise plan --probe", does: "measures a few steps first" },
    { line: "tunewise plan --compare", does: "says what LoRA and QLoRA save" },
    {
      line: "tunewise plan --format markdown --fail-over 50usd",
      does: "comments a pull request and can fail it",
    },
    { line: "tunewise plan -o plan.json && tunewise run plan.json", does: "plans, then does exactly that" },
  ],
  exitCodes: [2, 4],
};

const run: Command = {
  name: "run",
  summary: "train inside the budget, judge and report",
  category: "do",
  about:
    "Plans, shows the plan, asks, trains, judges base and tuned model on the same rows, measures what the tuned model forgot and writes the report. The budget acts inside the run: it saves, then stops. Ctrl-C saves and says how to resume. Without a terminal it needs --yes and a budget, or a saved plan. A closed forgetting.gate ends with exit code 2.",
  arguments: [
    {
      name: "RECIPE",
      summary: "a recipe or a saved plan; default: tunewise.yaml",
      optional: true,
      completes: "recipe",
    },
  ],
  flags: [pickFlag, ...budgetFlags, reportFlag, forceFlag, yesFlag],
  examples: [
    { line: "tunewise run", does: "plans, asks and runs ./tunewise.yaml" },
    {
      line: "tunewise run --pick best-tradeoff",
      does: "keeps the checkpoint that gains most for what it forgets",
    },
    {
      line: "tunewise run --yes --budget-minutes 20 --json",
      does: "without questions; events as JSON lines",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 3, 4],
};

const resume: Command = {
  name: "resume",
  summary: "go on with an interrupted or stopped run",
  category: "do",
  about:
    "Goes on from the last checkpoint, to the same result as if nothing had happened. What was spent before counts; a run stopped by its budget needs a higher cap.",
  arguments: [runArgument],
  flags: [
    ...budgetFlags,
    {
      name: "overrule",
      value: "GUARD",
      choices: ["divergence", "learning", "overfitting", "doomed", "plateau", "too-good", "gradients"],
      summary:
        "go on although this guard stopped the run; it only warns from here on, and that goes on record",
    },
    {
      name: "force",
      value: "REASON",
      summary:
        "go on although the same experiment is completed or at work elsewhere; the reason goes on record",
    },
    reportFlag,
    outputFlag,
  ],
  examples: [
    { line: "tunewise resume latest", does: "goes on with the newest run" },
    { line: "tunewise resume latest --overrule doomed", does: "goes on against the word of a guard" },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 3],
};

const evaluate: Command = {
  name: "evaluate",
  summary: "judge a run's model on test rows",
  category: "do",
  about:
    "Judges the tuned model with the recipe's metrics on its test rows, or on a file of other rows, beside the base model on the same rows.",
  arguments: [runArgument],
  flags: [
    { name: "data", value: "FILE", summary: "judge these rows in place of the run's own", completes: "file" },
    {
      name: "rows",
      value: "ROWS",
      kind: "whole",
      least: 1,
      most: 1_000_000_000,
      summary: "judge at most so many rows",
    },
    { name: "no-base", summary: "leave the base model out" },
    outputFlag,
  ],
  examples: [
    { line: "tunewise evaluate latest", does: "judges the newest run again" },
    { line: "tunewise evaluate latest --data other.jsonl --rows 200", does: "on 200 rows of another file" },
  ],
  savesWhenStopped: true,
  exitCodes: [],
};

const tryCommand: Command = {
  name: "try",
  summary: "try cheaper ways beside the tuned model, and decide",
  category: "do",
  about:
    "Lets every arm of the recipe answer the same test rows: the bare prompt, solved examples before it, passages of your documents, models behind APIs, the tuned model. Numbers of examples and passages are chosen on validation rows; test rows stay sealed until then, and each look at them is noted. Then it says what is worth it: a table with intervals and prices, when training pays, and a verdict with its rules. Ctrl-C keeps what was answered; the same try again is answered from its record.",
  arguments: [recipeArgument],
  flags: [
    { name: "dry-run", summary: "say what would be tried and what APIs would take, and stop" },
    { name: "train", summary: "train first, where no completed run of this recipe is there" },
    { name: "anew", summary: "answer everything again although the same was tried before" },
    ...budgetFlags,
    yesFlag,
  ],
  examples: [
    { line: "tunewise try", does: "tries the usual arms on ./tunewise.yaml" },
    { line: "tunewise try --dry-run", does: "says what that would cost" },
    { line: "tunewise try --train --yes --budget-minutes 30", does: "trains, then tries, without questions" },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 3, 4],
};

const search: Command = {
  name: "search",
  summary: "search for settings under a budget",
  category: "do",
  about:
    "Tries settings of the recipe's `search.space`: its own first, then what a model of the results proposes. Each trial trains a share of its steps, the best go on from their checkpoints. Dollars or minutes are the budget, the final runs included: it is planned, shown, asked for and never passed. Then the best settings are trained to the end and judged on test rows beside the recipe's own. Earlier runs with the same settings count and cost nothing. Ctrl-C, and even a kill, loses no trial: the same command goes on.",
  arguments: [recipeArgument],
  flags: [
    { name: "dry-run", summary: "say what the budget buys, and stop" },
    { name: "anew", summary: "begin a new search although the same one ended or waits" },
    ...searchBudgetFlags,
    yesFlag,
  ],
  examples: [
    { line: "tunewise search --dry-run", does: "says how many trials the recipe's budget buys" },
    { line: "tunewise search --yes --budget-minutes 60", does: "searches for an hour, without questions" },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 3, 4],
};

const generate: Command = {
  name: "generate",
  summary: "let a run's model, or a base model, answer",
  category: "do",
  about:
    "Puts the prompt through the model's chat template and prints the answer. Without PROMPT it is read from standard input.",
  arguments: [
    { ...runArgument, summary: "a run, `latest`, or a model: hub id, folder or .gguf file" },
    { name: "PROMPT", summary: "the question; default: standard input", optional: true },
  ],
  flags: [
    ...decodingFlags,
    { name: "system", value: "TEXT", summary: "system message before the prompt" },
    outputFlag,
  ],
  examples: [
    {
      line: 'tunewise generate latest "My card was swallowed."',
      does: "answers with the newest run's model",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [4],
};

const exportCommand: Command = {
  name: "export",
  summary: "turn a run's model, or what runs logged, into files of other programs",
  category: "do",
  about:
    "Writes the adapter, or the model with the adapter merged in, in the format of another program: peft (PEFT, vLLM), merged (a Hugging Face folder), mlx (mlx-lm), gguf and gguf-adapter (llama.cpp), onnx (transformers.js). Sizes are computed first; an export that does not fit on the disk or in the format is refused before anything is written. Where the first word is csv, parquet, mlflow or wandb, what runs logged is taken out instead, of all runs or of those whose ids follow: tables, an mlruns folder or a tracking server of MLflow's, offline runs for `wandb sync`. A server is called with MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. What is there is never replaced without --force.",
  arguments: [
    {
      name: "RUN",
      summary:
        "id of a run, or the start of it; `latest` for the newest; or csv, parquet, mlflow, wandb and ids",
      many: true,
      completes: "run",
    },
  ],
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["peft", "merged", "mlx", "gguf", "gguf-adapter", "onnx"],
      summary: "what to write; needed",
    },
    {
      name: "dtype",
      value: "TYPE",
      choices: ["f32", "f16", "bf16", "q8_0"],
      summary:
        "how large tensors are written; default: as the base has them, bf16 for a quantized base, f32 for onnx",
    },
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "where the files go; default: export/FORMAT in the run's folder",
      completes: "folder",
    },
    { name: "force", summary: "replace files of the same names in a folder that is not empty" },
    { name: "runs", value: "FOLDER", summary: "where runs lie; default: .tunewise", completes: "folder" },
    {
      name: "to",
      value: "PLACE",
      summary: "with csv, parquet, mlflow, wandb: a new folder, or a server; needed",
    },
    { name: "project", value: "NAME", summary: "with them: the runs of one project" },
    {
      name: "experiment",
      value: "NAME",
      summary: "with mlflow and a server: the experiment there; default: the project's name",
    },
    {
      name: "store",
      value: "PLACE",
      summary: "with them: folder of runs, or postgres://USER@HOST/NAME; default: .tunewise",
    },
  ],
  examples: [
    { line: "tunewise export latest --format gguf --dtype q8_0", does: "one file for llama.cpp" },
    { line: "tunewise export latest --format merged -o tickets", does: "a Hugging Face folder" },
    { line: "tunewise export latest --format onnx", does: "a folder for transformers.js" },
    { line: "tunewise export parquet --to tables", does: "all runs as tables for DuckDB, pandas, Polars" },
    {
      line: "tunewise export mlflow --project tickets --to https://mlflow.example",
      does: "a project to a server",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [2, 4],
};

const demo: Command = {
  name: "demo",
  summary: "see a whole run on an example, in minutes",
  category: "do",
  about:
    "Checks, plans, trains, judges and reports on support tickets that come with tunewise, with SmolLM2-135M-Instruct. Where that model cannot be fetched it says so and trains a small one that comes along.",
  arguments: [],
  flags: [
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "where the run goes; default: .tunewise",
      completes: "folder",
    },
  ],
  examples: [{ line: "tunewise demo", does: "about six minutes on two cores, download aside" }],
  savesWhenStopped: true,
  exitCodes: [],
};

/** Commands that judge before a run. */
export const judgeCommands: readonly Command[] = [check, plan];

/** Commands that train and answer. */
export const workCommands: readonly Command[] = [
  run,
  resume,
  evaluate,
  tryCommand,
  search,
  generate,
  exportCommand,
  demo,
];
