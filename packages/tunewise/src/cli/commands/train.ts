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
    "Shows the plan and asks for approval, trains, evaluates the base and tuned model on the same rows, measures forgetting and writes the report. A run that reaches its budget saves a checkpoint and stops. Ctrl-C also saves, and prints how to resume. Without a terminal, it requires --yes and a budget, or a saved plan. A failed forgetting.gate exits with code 2.",
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
    { line: "tunewise run", does: "plan ./tunewise.yaml, ask for approval, and run it" },
    {
      line: "tunewise run --checkpoint best-tradeoff",
      does: "select the checkpoint with the best trade-off between gain and forgetting",
    },
    {
      line: "tunewise run --on here",
      does: "train on this machine's GPU if it has one, and explain the choice",
    },
    { line: "tunewise run --on ssh://user@box", does: "train with PyTorch on another machine" },
    {
      line: "tunewise run --on dstack://127.0.0.1:3000/main --gpu L40S --budget 5usd",
      does: "rent a machine for the run, and show the worst-case cost first",
    },
    {
      line: "tunewise run --on kubernetes://prod/ml --gpu H100:8 --image IMAGE",
      does: "train on a Ray cluster that exists only during the run",
    },
    {
      line: "tunewise run --yes --budget 20min --json",
      does: "run unattended and print events as JSON lines",
    },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const resume: Command = {
  name: "resume",
  summary: "resume an interrupted or stopped run",
  category: "do",
  about:
    "Continues from the last checkpoint, with the same result as an uninterrupted run. Earlier spending counts towards the budget, so a run stopped by its budget needs a higher cap.",
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
      summary: "resume a run stopped by this guard; the guard then only warns, and this is recorded",
    },
    {
      name: "force",
      value: "REASON",
      summary:
        "resume even if the same experiment has completed or is running elsewhere; the reason is recorded",
    },
    reportFlag,
    outputFlag,
    yesFlag,
  ],
  examples: [
    { line: "tunewise resume latest", does: "resume the newest run" },
    { line: "tunewise resume latest --budget 5usd", does: "resume with a higher cap" },
    { line: "tunewise resume latest --overrule futility", does: "resume a run stopped by a guard" },
    {
      line: "tunewise resume latest --on ssh://me@box",
      does: "resume a PyTorch run on another machine",
    },
    {
      line: "tunewise resume latest --on dstack://127.0.0.1:3000/main --budget 5usd",
      does: "resume on a rented machine",
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
    "Answers the same test rows with every candidate of the recipe: prompt only, few-shot examples, retrieved passages, API models, the tuned model. Selects the numbers of examples and passages on validation rows before opening the test rows; each access to them is logged. Prints a table with intervals and prices, the break-even point of training, and a verdict with its rules. Ctrl-C saves the answers so far, and the next try reuses them.",
  arguments: [recipeArgument],
  flags: [
    { name: "dry-run", summary: "print the candidates and the cost of API calls without calling any" },
    { name: "train", summary: "train first if this recipe has no completed run" },
    ...freshFlags("ignore earlier answers and results"),
    nameFlag,
    ...budgetFlags,
    yesFlag,
  ],
  examples: [
    { line: "tunewise try", does: "compare the default candidates for ./tunewise.yaml" },
    { line: "tunewise try --dry-run", does: "estimate the cost" },
    { line: "tunewise try --train --yes --budget 30min", does: "train, then compare, unattended" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const search: Command = {
  name: "search",
  summary: "search hyperparameters within a budget",
  category: "do",
  about:
    "Searches the recipe's `search.space`, starting with the recipe's own settings; a model of the results proposes the next ones. Each trial trains for a share of its steps, and the best continue from their checkpoints. The budget covers all trials and the final runs; it is planned, shown and never exceeded. Finally, it trains the best and the recipe's own settings in full and evaluates both on the test rows. Earlier runs with the same settings are reused at no cost. After Ctrl-C or a crash, the same command continues without losing a trial.",
  arguments: [recipeArgument],
  flags: [
    workerFlag,
    ...placeFlags,
    { name: "dry-run", summary: "print how many trials the budget allows" },
    ...freshFlags("start a new search, even if the same one has ended or can be continued"),
    { ...nameFlag, summary: "prefix of the trials' names; default: the recipe's name" },
    ...searchBudgetFlags,
    stallFlag,
    yesFlag,
  ],
  examples: [
    { line: "tunewise search --dry-run", does: "show how many trials the budget allows" },
    { line: "tunewise search --yes --budget 60min", does: "search for an hour, unattended" },
    { line: "tunewise search --worker torch", does: "train with PyTorch, parallel trials on one GPU each" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [2, 3, 4],
};

const compare: Command = {
  name: "compare",
  summary: "compare runs by quality, forgetting, memory, time and cost",
  category: "do",
  about:
    "Prints one line per run: method, primary metric with its interval, forgetting, peak memory, time and cost. Without RUN, lists all runs with the model, data and task of the newest one; other runs are marked. Also shows the candidates and verdict of the last `tunewise try` on the same rows. With --not-worse, decides whether one run may replace the model whose answers `tunewise freeze` has stored: exit code 2 unless it is shown to be not worse.",
  arguments: [{ ...runArgument, optional: true, many: true }],
  flags: [
    {
      name: "not-worse",
      summary: "decide whether one run may replace the model whose answers are frozen",
    },
    {
      name: "reference",
      value: "FILE",
      summary: "the frozen answers; default: frozen.jsonl in the recipe's folder",
      completes: "file",
    },
    {
      name: "margin",
      value: "POINTS",
      kind: "number",
      least: 0.1,
      most: 50,
      summary: "largest accepted loss in points; default: `decision.margin` of the recipe, which is 2 points",
    },
    textFormatFlag,
    outputFlag,
  ],
  examples: [
    { line: "tunewise compare", does: "compare all runs of this task" },
    { line: "tunewise compare 2026 latest --json", does: "compare two runs as JSON" },
    {
      line: "tunewise compare latest --not-worse",
      does: "may the newest run replace the model whose answers were frozen?",
    },
  ],
  exitCodes: [2],
};

const exec: Command = {
  name: "exec",
  summary: "run any command under a budget",
  category: "do",
  about:
    "Runs a command, meters its time at the machine's hourly price, and warns at 80 % of the budget. When the budget is spent, it asks the command to save: it sends Ctrl-C to the process group and sets a stop flag for trackers and callbacks. After a grace period, it terminates all processes of the command. It refuses a command that already ran with the same code, files and options, and shows the earlier result and cost. MLflow and W&B logs are stored here, or on the given server. The meter is a separate process that survives a crash of tunewise, suspension and a full disk, and counts until the last process has ended. Exit code 2 means that the budget stopped the command; otherwise it is the command's own.",
  arguments: [
    { name: "COMMAND", summary: "command with its own flags, after --", many: true, completes: "file" },
  ],
  flags: [
    { name: "budget", value: "CAP", summary: "cap in dollars, such as 20usd; default: no cap, only meter" },
    { name: "rate", value: "PRICE", summary: "hourly price of the machine, such as 2.49/h" },
    { ...nameFlag, summary: "name of the run; default: the command" },
    {
      name: "grace-seconds",
      value: "SECONDS",
      kind: "number",
      least: 0,
      most: 86_400,
      summary: "time to save after the budget is spent; default: 60",
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
        "tunewise server for MLflow and W&B calls; none: do not redirect them; default: start a server",
    },
    {
      name: "store",
      value: "STORE",
      summary: "store of the started server: a folder or postgres://...; default: the output folder",
    },
    {
      name: "force",
      value: "REASON",
      summary: "run even if the same command ran before; the reason is recorded",
    },
    {
      name: "api-key-env",
      value: "NAME",
      summary: "environment variable with the server's API key; default: TUNEWISE_API_KEY",
    },
    { name: "project", value: "NAME", summary: "MLflow experiment and W&B project to log to" },
    {
      name: "output",
      short: "o",
      value: "FOLDER",
      summary: "output folder; meters are in its subfolder exec; default: .tunewise",
      completes: "folder",
    },
  ],
  examples: [
    {
      line: "tunewise exec --budget 20usd --rate 2.49/h -- python train.py",
      does: "after 20 dollars, ask the command to save, then terminate it",
    },
    { line: "tunewise exec --rate 2.49/h -- python train.py", does: "print the cost of a command" },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const demo: Command = {
  name: "demo",
  summary: "run a complete example in a few minutes",
  category: "do",
  about:
    "Checks, plans, trains, evaluates and reports on bundled support tickets, with SmolLM2-135M-Instruct. If that model cannot be downloaded, trains a small bundled model instead.",
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
  examples: [
    { line: "tunewise demo", does: "run the demo: about four minutes on two cores, plus the download" },
  ],
  savesWhenStopped: "once begun",
  exitCodes: [],
};

/** The commands, in the order of help. */
export const trainCommands: readonly Command[] = [run, resume, tryCommand, search, compare, exec, demo];
