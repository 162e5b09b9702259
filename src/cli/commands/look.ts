/** @file Commands that tell: runs, show, compare, prices, explain, completion, help. */
import type { Command } from "../command.ts";
import { outputFlag, runArgument, storeFlag } from "../flags.ts";

const runs: Command = {
  name: "runs",
  summary: "list runs with their scores and costs",
  category: "look",
  about:
    "Lists the runs on record, newest first: those of this engine, those that MLflow's and W&B's clients logged, and commands of `tunewise exec`, each with its status, what it gave, its time and its cost.",
  arguments: [],
  flags: [
    outputFlag,
    storeFlag,
    { name: "project", value: "NAME", summary: "only runs of this project" },
    {
      name: "client",
      value: "CLIENT",
      choices: ["tunewise", "mlflow", "wandb", "exec", "api"],
      summary: "only runs that this client logged",
    },
    {
      name: "status",
      value: "STATUS",
      choices: ["scheduled", "running", "completed", "stopped", "interrupted", "killed", "crashed", "failed"],
      summary: "only runs that stand so",
    },
    {
      name: "limit",
      value: "RUNS",
      kind: "whole",
      least: 1,
      most: 100_000,
      summary: "at most so many; default: 20",
    },
  ],
  examples: [
    { line: "tunewise runs", does: "the latest 20" },
    { line: "tunewise runs --status completed --json", does: "as data" },
  ],
  exitCodes: [],
};

const show: Command = {
  name: "show",
  summary: "tell about one run: planned and actual, base and tuned",
  category: "look",
  about:
    "Of a run of this engine it shows recipe, data, scores of base and tuned model, planned beside actual time, memory and cost, and where its files lie; of a run of another client what it logged, what it cost, and at which price.",
  arguments: [runArgument],
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "markdown"],
      summary: "markdown suits pull requests; default: text",
    },
    outputFlag,
    storeFlag,
  ],
  examples: [{ line: "tunewise show latest", does: "the newest run" }],
  exitCodes: [],
};

const compare: Command = {
  name: "compare",
  summary: "set runs side by side: quality, forgetting, memory, time, cost",
  category: "look",
  about:
    "Shows runs on one task as lines of a table: method, headline score with its interval, what was forgotten, peak memory, time and cost. Without a word, all runs on the newest run's model, data and task; runs on others are marked. Below stand the arms that `tunewise try` last compared on the same rows, with its verdict.",
  arguments: [{ ...runArgument, optional: true, many: true }],
  flags: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "markdown"],
      summary: "markdown suits pull requests; default: text",
    },
    outputFlag,
  ],
  examples: [
    { line: "tunewise compare", does: "every way that was tried on this task" },
    { line: "tunewise compare 2026 latest --json", does: "two runs, as data" },
  ],
  exitCodes: [],
};

const prices: Command = {
  name: "prices",
  summary: "list what machines, training and answers cost, or update it",
  category: "look",
  about:
    "Without a word, or with `list`, shows the price book: what ships with tunewise, replaced by the last update and by prices.yaml in this folder, each price with its source and age. `update` fetches public price lists and stores them in the cache folder; only then is the network used.",
  arguments: [
    { name: "ACTION", summary: "list or update; default: list", optional: true, choices: ["list", "update"] },
  ],
  flags: [
    {
      name: "gpu",
      value: "NAME",
      summary: "machines with this device alone, such as A100-80GB",
      completes: "device",
    },
    { name: "spot", summary: "spot prices alone" },
    { name: "provider", value: "NAME", summary: "prices of this provider or vendor alone" },
    {
      name: "limit",
      value: "ROWS",
      kind: "whole",
      least: 1,
      most: 100_000,
      summary: "at most so many rows of each kind; default: 40, and the cheapest machine of each device",
    },
    {
      name: "file",
      value: "FILE",
      summary: "price file of your own in place of prices.yaml",
      completes: "file",
    },
    { name: "from", value: "URL", summary: "for update: a mirror of the price lists" },
  ],
  examples: [
    { line: "tunewise prices --gpu A100-80GB --spot", does: "spot prices of one device, cheapest first" },
    { line: "tunewise prices list --provider aws --json", does: "as data, in the keys of a price file" },
    { line: "tunewise prices update", does: "fetches today's lists" },
  ],
  savesWhenStopped: true,
  exitCodes: [2],
};

const explain: Command = {
  name: "explain",
  summary: "explain a problem code",
  category: "look",
  about:
    "Every error and finding has a code in capitals. This says what it means and what to do. Without a code it lists all of them.",
  arguments: [{ name: "CODE", summary: "such as RECIPE_KEY_UNKNOWN", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise explain RECIPE_KEY_UNKNOWN", does: "what it means and what to do" },
    { line: "tunewise explain", does: "all codes" },
  ],
  exitCodes: [],
};

const completion: Command = {
  name: "completion",
  summary: "print a completion script for your shell",
  category: "look",
  about: "Prints a script that completes commands, flags and their values. Nothing is installed.",
  arguments: [
    {
      name: "SHELL",
      summary: "bash, zsh, fish or powershell",
      choices: ["bash", "zsh", "fish", "powershell"],
    },
  ],
  flags: [],
  examples: [
    { line: "tunewise completion bash >> ~/.bashrc", does: "completes in every new bash" },
    { line: "tunewise completion zsh > ~/.zfunc/_tunewise", does: "with ~/.zfunc in fpath" },
    { line: "tunewise completion fish > ~/.config/fish/completions/tunewise.fish", does: "for fish" },
    { line: "tunewise completion powershell >> $PROFILE", does: "for PowerShell" },
  ],
  exitCodes: [],
};

const help: Command = {
  name: "help",
  summary: "list commands, or tell about one",
  category: "look",
  about:
    "Lists all commands; with a command's name tells about that one; with `exit-codes` lists the exit codes.",
  arguments: [{ name: "TOPIC", summary: "a command, or exit-codes", optional: true }],
  flags: [],
  examples: [
    { line: "tunewise help doctor", does: "arguments, flags and examples of doctor" },
    { line: "tunewise help exit-codes", does: "what each exit code means" },
  ],
  exitCodes: [],
};

/** Commands that tell. */
export const lookCommands: readonly Command[] = [runs, show, compare, prices, explain, completion, help];
