/** @file `tunewise runs`: list, show, stop, delete, restore, evaluate, charge, sweep. */
import type { Command, CommandGroup } from "../command.ts";
import { limitFlag, outputFlag, runArgument, storeFlag, textFormatFlag, yesFlag } from "../flags.ts";

/** The group. */
export const runsGroup: CommandGroup = {
  name: "runs",
  summary: "list, show, stop, delete, evaluate and charge runs; sweep machines",
  category: "manage",
  about:
    "Runs of tunewise, runs that MLflow and W&B clients logged, and commands of `tunewise exec`. Without a command, `tunewise runs` is `tunewise runs list`.",
};

const list: Command = {
  name: "runs list",
  formerly: "runs",
  summary: "list runs with their scores and costs",
  category: "manage",
  about:
    "Lists recorded runs, newest first, with status, result, time and cost: runs of tunewise, runs that MLflow and W&B clients logged, and commands of `tunewise exec`.",
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
    { name: "trials", summary: "list every trial; default: one line for each search" },
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
  summary: "show one run: planned and actual, base and tuned",
  category: "manage",
  about:
    "For a run of tunewise: recipe, data, scores of base and tuned model, planned and actual time, memory and cost, and its files. For a run of another client: what it logged, its cost, and the price that was applied.",
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
    "Requests a stop. A W&B client stops at its next call. An MLflow client that logs while it trains is refused a minute later. A command of `tunewise exec` receives Ctrl-C within seconds; if it runs on this machine, `runs stop` waits until its process tree has ended, and exits with 1 if it has not. The reason is stored with the run.",
  arguments: [runArgument],
  flags: [{ name: "reason", value: "TEXT", summary: "stored with the run; default: asked for" }, storeFlag],
  examples: [{ line: "tunewise runs stop 3b1f... --reason diverged", does: "request a stop" }],
  exitCodes: [],
};

const remove: Command = {
  name: "runs delete",
  summary: "hide runs that are not needed; `runs restore` brings them back",
  category: "manage",
  about:
    "Deletes runs as MLflow does: they are no longer listed, found or compared, and do not count as duplicates. Their files stay until `tunewise store purge`. What they cost still counts in budgets and `cost report`. A run that is running is refused.",
  arguments: [{ ...runArgument, many: true }],
  flags: [outputFlag, storeFlag],
  examples: [{ line: "tunewise runs delete 3b1f...", does: "delete a run" }],
  exitCodes: [],
};

const restore: Command = {
  name: "runs restore",
  summary: "bring deleted runs back",
  category: "manage",
  about:
    "Restores runs that `tunewise runs delete`, the page or a client deleted, until a purge removed them.",
  arguments: [{ ...runArgument, many: true }],
  flags: [outputFlag, storeFlag],
  examples: [{ line: "tunewise runs restore 3b1f...", does: "bring a run back" }],
  exitCodes: [],
};

const evaluate: Command = {
  name: "runs evaluate",
  formerly: "evaluate",
  summary: "evaluate a run's model on test rows",
  category: "manage",
  about:
    "Evaluates the tuned model with the recipe's metrics on its test rows, or on a file of other rows, beside the base model on the same rows.",
  arguments: [runArgument],
  flags: [
    { name: "data", value: "FILE", summary: "rows to evaluate, instead of the run's own", completes: "file" },
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
  summary: "add costs that no meter sees: API tokens, storage",
  category: "manage",
  about:
    "Adds an entry to the ledger of a run: tokens of a paid API, storage, labeling. Budgets count it at once, including the cap of a command under `tunewise exec`. Programs do the same by POST to the address in TUNEWISE_CHARGE_URL.",
  arguments: [runArgument, { name: "MONEY", summary: "dollars, such as 1.25usd" }],
  flags: [
    {
      name: "kind",
      value: "KIND",
      choices: ["tokens", "storage", "other"],
      summary: "kind of cost; default: other",
    },
    { name: "quantity", value: "NUMBER", kind: "number", least: 0, summary: "number of units" },
    { name: "unit", value: "UNIT", summary: "name of the unit; default for tokens: tokens" },
    { name: "source", value: "TEXT", summary: "bill or price list, with its date" },
    storeFlag,
  ],
  examples: [
    {
      line: "tunewise runs charge 3b1f... 1.25usd --kind tokens --quantity 2500000",
      does: "add the cost of its synthetic data",
    },
  ],
  exitCodes: [],
};

const sweep: Command = {
  name: "runs sweep",
  summary: "find rented machines that nobody looks after, in dollars an hour",
  category: "manage",
  about:
    "Lists every machine of a provider whose name begins with tunewise-, and compares it with the records of the output folder: machines at work, machines whose controller is gone, machines that no record here knows, and machines that are gone without a receipt. With --delete those that nobody looks after are ended, after a question, and each gets a receipt once its provider has said twice that it is gone. Of a Ray cluster it says what the cluster costs an hour, whether it is idle, and which jobs of ours are on it; --delete stops those of runs here whose controller is gone.",
  arguments: [],
  flags: [
    {
      name: "on",
      value: "PROVIDER",
      summary: "dstack://host:3000/main, kubernetes://CONTEXT/NAMESPACE, or a cluster: ray+http://host:8265",
    },
    {
      ...{ name: "rate", value: "USD", kind: "number", least: 0, most: 100_000 },
      summary: "what an hour of the cluster costs; default: what the runs on it were planned with",
    },
    { name: "delete", summary: "end machines that nobody looks after, and write receipts" },
    yesFlag,
    outputFlag,
  ],
  examples: [
    { line: "tunewise runs sweep --on dstack://127.0.0.1:3000/main", does: "name them" },
    { line: "tunewise runs sweep --on dstack://127.0.0.1:3000/main --delete", does: "end them" },
    {
      line: "tunewise runs sweep --on ray+http://head:8265 --rate 12",
      does: "what a cluster costs, and for what",
    },
  ],
  exitCodes: [4],
};

/** The commands, in the order of help. */
export const runsCommands: readonly Command[] = [list, show, stop, remove, restore, evaluate, charge, sweep];
