/** @file `tunewise runs`: list, show, stop, delete, restore, evaluate, charge, sweep. */
import type { Command, CommandGroup } from "../command.ts";
import { limitFlag, outputFlag, runArgument, storeFlag, textFormatFlag, yesFlag } from "../flags.ts";

/** The group. */
export const runsGroup: CommandGroup = {
  name: "runs",
  summary: "list, show, stop, delete, evaluate, charge and sweep runs",
  category: "manage",
  about:
    "Manages runs of tunewise, runs logged by MLflow and W&B clients, and commands of `tunewise exec`. Without a command, `tunewise runs` is `tunewise runs list`.",
};

const list: Command = {
  name: "runs list",
  formerly: "runs",
  summary: "list runs with their scores and costs",
  category: "manage",
  about:
    "Lists recorded runs, newest first, with status, result, time and cost: runs of tunewise, runs logged by MLflow and W&B clients, and commands of `tunewise exec`.",
  arguments: [],
  flags: [
    outputFlag,
    storeFlag,
    { name: "project", value: "NAME", summary: "only runs of this project" },
    {
      name: "client",
      value: "CLIENT",
      choices: ["tunewise", "mlflow", "wandb", "exec", "api"],
      summary: "only runs of this client",
    },
    {
      name: "status",
      value: "STATUS",
      choices: ["scheduled", "running", "completed", "stopped", "interrupted", "killed", "crashed", "failed"],
      summary: "only runs with this status",
    },
    { name: "trials", summary: "list every trial; default: one line per search" },
    limitFlag("RUNS", "20"),
  ],
  examples: [
    { line: "tunewise runs list", does: "list the newest 20" },
    { line: "tunewise runs list --status completed --json", does: "list completed runs as JSON" },
  ],
  exitCodes: [],
};

const show: Command = {
  name: "runs show",
  formerly: "show",
  summary: "show one run: planned and actual values, base and tuned model",
  category: "manage",
  about:
    "For a run of tunewise, shows recipe, data, scores of base and tuned model, planned and actual time, memory and cost, and files. For a run of another client, shows what it logged, its cost, and the price applied.",
  arguments: [runArgument],
  flags: [textFormatFlag, outputFlag, storeFlag],
  examples: [
    { line: "tunewise runs show latest", does: "show the newest run" },
    { line: "tunewise runs show latest --format markdown", does: "print its report" },
  ],
  exitCodes: [],
};

const stop: Command = {
  name: "runs stop",
  formerly: "stop",
  summary: "ask a run of any client to save and stop",
  category: "manage",
  about:
    "Requests a stop. A W&B client stops at its next call. Calls of an MLflow client that logs while training are refused after one minute. A command of `tunewise exec` receives Ctrl-C within seconds; if it runs on this machine, `runs stop` waits for its process tree to end, and exits with 1 if it does not. The reason is stored with the run.",
  arguments: [runArgument],
  flags: [
    { name: "reason", value: "TEXT", summary: "reason to store with the run; default: asked for" },
    storeFlag,
  ],
  examples: [{ line: "tunewise runs stop 3b1f... --reason diverged", does: "request a stop" }],
  exitCodes: [],
};

const remove: Command = {
  name: "runs delete",
  summary: "delete runs; `runs restore` restores them",
  category: "manage",
  about:
    "Deletes runs as MLflow does: they are no longer listed, found or compared, and do not count as duplicates. Their files remain until `tunewise store purge`. Their cost still counts in budgets and `cost report`. Active runs cannot be deleted.",
  arguments: [{ ...runArgument, many: true }],
  flags: [outputFlag, storeFlag],
  examples: [{ line: "tunewise runs delete 3b1f...", does: "delete a run" }],
  exitCodes: [],
};

const restore: Command = {
  name: "runs restore",
  summary: "restore deleted runs",
  category: "manage",
  about:
    "Restores runs deleted by `tunewise runs delete`, the web page or a client, unless they have been purged.",
  arguments: [{ ...runArgument, many: true }],
  flags: [outputFlag, storeFlag],
  examples: [{ line: "tunewise runs restore 3b1f...", does: "restore a run" }],
  exitCodes: [],
};

const evaluate: Command = {
  name: "runs evaluate",
  formerly: "evaluate",
  summary: "evaluate a run's model on test rows",
  category: "manage",
  about:
    "Evaluates the tuned model and the base model on the same rows with the recipe's metrics: on the run's test rows, or on a file of other rows.",
  arguments: [runArgument],
  flags: [
    {
      name: "data",
      value: "FILE",
      summary: "rows to evaluate instead of the run's test rows",
      completes: "file",
    },
    {
      name: "rows",
      value: "ROWS",
      kind: "whole",
      least: 1,
      most: 1_000_000_000,
      summary: "maximum number of rows",
    },
    { name: "no-base", summary: "skip the base model" },
    outputFlag,
  ],
  examples: [
    { line: "tunewise runs evaluate latest", does: "evaluate the newest run again" },
    {
      line: "tunewise runs evaluate latest --data other.jsonl --rows 200",
      does: "evaluate 200 rows of another file",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [],
};

const charge: Command = {
  name: "runs charge",
  formerly: "charge",
  summary: "charge a run for unmetered costs such as API tokens and storage",
  category: "manage",
  about:
    "Adds an entry to the ledger of a run, for example for API tokens, storage or labeling. It counts immediately towards budgets, including the cap of a command under `tunewise exec`. Programs can POST to the URL in TUNEWISE_CHARGE_URL instead.",
  arguments: [runArgument, { name: "MONEY", summary: "amount in dollars, such as 1.25usd" }],
  flags: [
    {
      name: "kind",
      value: "KIND",
      choices: ["tokens", "storage", "other"],
      summary: "kind of cost; default: other",
    },
    { name: "quantity", value: "NUMBER", kind: "number", least: 0, summary: "number of units" },
    { name: "unit", value: "UNIT", summary: "name of the unit; default for tokens: tokens" },
    { name: "source", value: "TEXT", summary: "bill or price list with its date" },
    storeFlag,
  ],
  examples: [
    {
      line: "tunewise runs charge 3b1f... 1.25usd --kind tokens --quantity 2500000",
      does: "charge a run for its synthetic data",
    },
  ],
  exitCodes: [],
};

const sweep: Command = {
  name: "runs sweep",
  summary: "find unattended rented machines and their hourly cost",
  category: "manage",
  about:
    "Lists a provider's machines whose names begin with tunewise-, and compares them with the records in the output folder: machines in use, machines whose controller has exited, machines without a record, and terminated machines without a receipt. --delete terminates unattended machines after confirmation. Each gets a receipt once the provider has confirmed the termination twice. For a Ray cluster, shows its hourly cost, whether it is idle, and its tunewise jobs; --delete stops jobs of this folder's runs whose controller has exited.",
  arguments: [],
  flags: [
    {
      name: "on",
      value: "PROVIDER",
      summary:
        "dstack://host:3000/main, kubernetes://CONTEXT/NAMESPACE, or a Ray cluster at ray+http://host:8265",
    },
    {
      name: "rate",
      value: "USD",
      kind: "number",
      least: 0,
      most: 100_000,
      summary: "hourly cost of the cluster; default: as in the plans of its runs",
    },
    { name: "delete", summary: "terminate unattended machines and write receipts" },
    yesFlag,
    outputFlag,
  ],
  examples: [
    { line: "tunewise runs sweep --on dstack://127.0.0.1:3000/main", does: "list unattended machines" },
    { line: "tunewise runs sweep --on dstack://127.0.0.1:3000/main --delete", does: "terminate them" },
    {
      line: "tunewise runs sweep --on ray+http://head:8265 --rate 12",
      does: "show the cost and jobs of a cluster",
    },
  ],
  exitCodes: [4],
};

/** The commands, in the order of help. */
export const runsCommands: readonly Command[] = [list, show, stop, remove, restore, evaluate, charge, sweep];
