/** @file Commands that train and compare: run, resume, try, search, compare, exec, demo. */
import type { Command } from "../command.ts";
import {
  budgetFlags,
  checkpointFlag,
  forceFlag,
  freshFlags,
  nameFlag,
  outputFlag,
  placeFlags,
  recipeArgument,
  rentalFlags,
  reportFlag,
  runArgument,
  searchBudgetFlags,
  settingsFlag,
  shardingFlag,
  stallFlag,
  textFormatFlag,
  workerFlag,
  yesFlag,
} from "../flags.ts";

const run: Command = {
  name: "run",
  summary: "train within the budget, evaluate and report",
  category: "do",
  about:
    "Plans the run, shows the plan and asks, trains, evaluates base and tuned model on the same rows, measures forgetting and writes the report. A run that reaches its budget saves a checkpoint and stops. Ctrl-C saves too and prints how to resume. Without a terminal it needs --yes and a budget, or a saved plan. A failed forgetting.gate exits with code 2.",
  arguments: [
    {
      name: "RECIPE",
      summary: "path to a recipe or a saved plan; default: tunewise.yaml",
      optional: true,
      completes: "recipe",
    },
  ],
  flags: [
    checkpointFlag,
    workerFlag,
    shardingFlag,
    ...placeFlags,
    ...rentalFlags,
    stallFlag,
    settingsFlag,
    ...budgetFlags,
    reportFlag,
    nameFlag,
    forceFlag,
    yesFlag,
  ],
  examples: [
    { line: "tunewise run", does: "plan ./tunewise.yaml, ask, and run it" },
    {
      line: "tunewise run --checkpoint best-tradeoff",
      does: "select the checkpoint that gains most for what it forgets",
    },
    {
      line: "tunewise run --on here",
      does: "train on a card where there is one, and say what was chosen and why",
    },
    { line: "tunewise run --on ssh://user@box", does: "train on PyTorch on another machine" },
    {
      line: "tunewise run --on dstack://127.0.0.1:3000/main --gpu L40S --budget 5usd",
      does: "rent a machine for the run, and say before what it costs at worst",
    },
    {
      line: "tunewise run --on kubernetes://prod/ml --gpu H100:8 --image IMAGE",
      does: "train on a Ray cluster that is made for the run, and gone after it",
    },
    { line: "tunewise run --yes --budget 20min --json", does: "run unattended; print events as JSON lines" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const resume: Command = {
  name: "resume",
  summary: "resume an interrupted or stopped run",
  category: "do",
  about:
    "Continues from the last checkpoint, with the same result as an uninterrupted run. Earlier spending counts towards the budget; a run that its budget stopped needs a higher cap.",
  arguments: [runArgument],
  flags: [
    ...budgetFlags,
    ...placeFlags,
    shardingFlag,
    ...rentalFlags,
    stallFlag,
    {
      name: "overrule",
      value: "GUARD",
      choices: [
        "divergence",
        "no-progress",
        "overfitting",
        "futility",
        "plateau",
        "leakage-suspected",
        "gradients",
      ],
      summary: "resume although this guard stopped the run; from now on it only warns, which is recorded",
    },
    {
      name: "force",
      value: "REASON",
      summary: "resume although the same experiment completed or runs elsewhere; the reason is recorded",
    },
    reportFlag,
    outputFlag,
    yesFlag,
  ],
  examples: [
    { line: "tunewise resume latest", does: "resume the newest run" },
    { line: "tunewise resume latest --budget 5usd", does: "resume with a higher cap" },
    { line: "tunewise resume latest --overrule futility", does: "resume a run that a guard stopped" },
    {
      line: "tunewise resume latest --on ssh://me@box",
      does: "resume a run of the worker on another machine",
    },
    {
      line: "tunewise resume latest --on dstack://127.0.0.1:3000/main --budget 5usd",
      does: "rent a machine to resume it on",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 3],
};

const tryCommand: Command = {
  name: "try",
  summary: "compare cheaper alternatives with the tuned model",
  category: "do",
  about:
    "Answers the same test rows with every arm of the recipe: the bare prompt, few-shot examples, passages of your documents, models behind APIs, the tuned model. The numbers of examples and passages are selected on validation rows; the test rows stay sealed until then, and each access is logged. Prints a table with intervals and prices, the point at which training pays off, and a verdict with its rules. Ctrl-C keeps the answers so far; a repeated try reuses them.",
  arguments: [recipeArgument],
  flags: [
    { name: "dry-run", summary: "print what would be tried and what the APIs would cost" },
    { name: "train", summary: "train first if this recipe has no completed run" },
    ...freshFlags("answer everything again, even if the same was tried before"),
    nameFlag,
    ...budgetFlags,
    yesFlag,
  ],
  examples: [
    { line: "tunewise try", does: "try the default arms on ./tunewise.yaml" },
    { line: "tunewise try --dry-run", does: "estimate the cost" },
    { line: "tunewise try --train --yes --budget 30min", does: "train, then try, unattended" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const search: Command = {
  name: "search",
  summary: "search hyperparameters within a budget",
  category: "do",
  about:
    "Searches the recipe's `search.space`, starting with the recipe's own settings; a model of the results proposes the next ones. Each trial trains for a share of its steps, and the best continue from their checkpoints. The budget covers all trials and the final runs; it is planned, shown and never exceeded. At the end the best settings are trained in full and evaluated on test rows beside the recipe's own. Earlier runs with the same settings count and cost nothing. After Ctrl-C or a crash the same command continues without losing a trial.",
  arguments: [recipeArgument],
  flags: [
    workerFlag,
    ...placeFlags,
    { name: "dry-run", summary: "print what the budget buys" },
    ...freshFlags("start a new search, even if the same one ended or can continue"),
    { ...nameFlag, summary: "name of the trials, before their numbers; default: the recipe's" },
    ...searchBudgetFlags,
    stallFlag,
    yesFlag,
  ],
  examples: [
    { line: "tunewise search --dry-run", does: "show how many trials the budget buys" },
    { line: "tunewise search --yes --budget 60min", does: "search for an hour, unattended" },
    { line: "tunewise search --worker torch", does: "train on PyTorch, parallel trials on a card each" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const compare: Command = {
  name: "compare",
  summary: "compare runs by quality, forgetting, memory, time and cost",
  category: "do",
  about:
    "Prints one line per run: method, headline score with its interval, forgetting, peak memory, time and cost. Without RUN it lists all runs on the model, data and task of the newest one; runs on others are marked. Below are the arms that `tunewise try` last compared on the same rows, with its verdict.",
  arguments: [{ ...runArgument, optional: true, many: true }],
  flags: [textFormatFlag, outputFlag],
  examples: [
    { line: "tunewise compare", does: "compare every run on this task" },
    { line: "tunewise compare 2026 latest --json", does: "compare two runs as JSON" },
  ],
  exitCodes: [],
};

const exec: Command = {
  name: "exec",
  summary: "run any command inside a budget",
  category: "do",
  about:
    "Runs a command, meters its time at the machine's rate, and warns at 80 % of the budget. At the budget it asks the command to save: Ctrl-C to its process group, and a stop flag for trackers and callbacks. After a grace period it ends everything the command started. A command that already ran with the same code, files and options is refused, with its result and price. What it logs with MLflow or W&B is stored here, or on the server given. The meter is a separate process that survives a crash of tunewise, suspension and a full disk, and counts until the last process has ended. Exit code 2 means that the budget stopped the command; otherwise it is the command's own.",
  arguments: [
    { name: "COMMAND", summary: "command and its own flags, after --", many: true, completes: "file" },
  ],
  flags: [
    { name: "budget", value: "CAP", summary: "cap in dollars, such as 20usd; default: only meter" },
    { name: "rate", value: "PRICE", summary: "hourly price of the machine, such as 2.49/h" },
    { ...nameFlag, summary: "name of its run; default: the command" },
    {
      name: "grace-seconds",
      value: "SECONDS",
      kind: "number",
      least: 0,
      most: 86_400,
      summary: "time to save once the budget is spent; default: 60",
    },
    {
      name: "tick-seconds",
      value: "SECONDS",
      kind: "number",
      least: 0.02,
      most: 60,
      summary: "interval of the meter; default: 1",
    },
    {
      name: "server",
      value: "URL",
      summary:
        "tunewise server that receives MLflow and W&B calls; none leaves them alone; default: one of its own",
    },
    {
      name: "store",
      value: "STORE",
      summary: "store of its own server: a folder or postgres://...; default: the output folder",
    },
    {
      name: "force",
      value: "REASON",
      summary: "run even if the same command ran before; the reason is recorded",
    },
    {
      name: "api-key-env",
      value: "NAME",
      summary: "environment variable with the server's key; default: TUNEWISE_API_KEY",
    },
    { name: "project", value: "NAME", summary: "MLflow experiment and W&B project of what is logged" },
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "output folder; meters are in its folder exec; default: .tunewise",
      completes: "folder",
    },
  ],
  examples: [
    {
      line: "tunewise exec --budget 20usd --rate 2.49/h -- python train.py",
      does: "ask it to save, then end it, once 20 dollars are spent",
    },
    { line: "tunewise exec --rate 2.49/h -- python train.py", does: "print what it cost" },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const demo: Command = {
  name: "demo",
  summary: "run a complete example in a few minutes",
  category: "do",
  about:
    "Checks, plans, trains, evaluates and reports on support tickets that come with tunewise, with SmolLM2-135M-Instruct. If that model cannot be downloaded, a small model that comes with tunewise is trained instead.",
  arguments: [],
  flags: [
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "output folder of the run; default: .tunewise",
      completes: "folder",
    },
  ],
  examples: [{ line: "tunewise demo", does: "about four minutes on two cores, plus the download" }],
  savesWhenStopped: "once begun",
  exitCodes: [],
};

/** The commands, in the order of help. */
export const trainCommands: readonly Command[] = [run, resume, tryCommand, search, compare, exec, demo];
