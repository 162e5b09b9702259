/** @file Flags and arguments shared by several commands. */
import type { Argument, Flag } from "./command.ts";

/** Flags of every command. */
export const globalFlags: readonly Flag[] = [
  { name: "help", short: "h", summary: "show help for the command" },
  { name: "json", summary: "print JSON instead of text" },
  { name: "quiet", short: "q", summary: "print only the result and problems" },
  { name: "debug", summary: "print the stack trace of an error" },
];

/** `--yes` of commands that ask questions. */
export const yesFlag: Flag = { name: "yes", short: "y", summary: "skip all prompts and accept the defaults" };

/** `RECIPE`, by default `tunewise.yaml`. */
export const recipeArgument: Argument = {
  name: "RECIPE",
  summary: "path to the recipe; default: tunewise.yaml",
  optional: true,
  completes: "recipe",
};

/** `RUN`, by id or the start of an id. */
export const runArgument: Argument = {
  name: "RUN",
  summary: "run id, its first characters, or run name; `latest`: the newest training run",
  completes: "run",
};

/** Name of a run. */
export const nameFlag: Flag = {
  name: "name",
  value: "NAME",
  summary: "name of the run in lists, reports and the web page; default: the recipe's name",
};

/** Inclusive bounds of caps. */
export const budgetBounds = {
  usd: { least: 0.000001, most: 10_000_000 },
  minutes: { least: 0.01, most: 10_000_000 },
} as const;

/** `--budget`, with the two flags that it replaces. */
export function budgetFlagsWith(summary: string, usual = ""): readonly Flag[] {
  const former = { kind: "number", summary: "use --budget", isHidden: true, replacedBy: "budget" } as const;
  return [
    {
      name: "budget",
      value: "CAPS",
      kind: "budget",
      summary: `${summary}, such as 20usd, 30min or 20usd,30min${usual}`,
    },
    { name: "budget-usd", value: "USD", ...budgetBounds.usd, ...former },
    { name: "budget-minutes", value: "MINUTES", ...budgetBounds.minutes, ...former },
  ];
}

/** `--set` of commands that read a recipe. */
export const settingsFlag: Flag = {
  name: "set",
  value: "SETTINGS",
  summary: "override settings of the recipe, such as training.batch_size=4,method.kind=qlora",
};

/** Caps that replace the recipe's. */
export const budgetFlags: readonly Flag[] = budgetFlagsWith("override the caps of the whole run");

/** Caps of a search, with the same syntax as those of a run. */
export const searchBudgetFlags: readonly Flag[] = budgetFlagsWith(
  "override the caps of all trials and final runs together",
);

/** `--fresh`, with the flag that it replaces. */
export function freshFlags(summary: string): readonly Flag[] {
  return [
    { name: "fresh", summary },
    { name: "anew", summary: "use --fresh", isHidden: true, replacedBy: "fresh" },
  ];
}

/** Values of `--checkpoint` and of the recipe's key. */
export const checkpointSelections = {
  "best-validation": "best",
  last: "last",
  "best-tradeoff": "best-tradeoff",
} as const;

/** Logs to an existing tracking server of a team. */
export const reportFlag: Flag = {
  name: "report-to",
  value: "TRACKER",
  choices: ["mlflow", "wandb", "all", "none"],
  summary: "also log to the MLflow or W&B server set in the recipe or the environment",
};

/** Allows a run that duplicates an earlier one. */
export const forceFlag: Flag = {
  name: "force",
  value: "REASON",
  summary: "run even if the same experiment ran before; the reason is recorded",
};
/** Selects the checkpoint that becomes the result. */
export const checkpointFlag: Flag = {
  name: "checkpoint",
  value: "CHECKPOINT",
  choices: Object.keys(checkpointSelections),
  summary: "checkpoint to use as the result; overrides training.checkpoint_selection",
};

/** Selects the executor of a run. */
export const workerFlag: Flag = {
  name: "worker",
  value: "WORKER",
  choices: ["engine", "torch"],
  summary: "train with the built-in engine, or with PyTorch in a Python process",
};

/** Distribution of weights over several cards. */
export const shardingFlag: Flag = {
  name: "sharding",
  value: "SHARDING",
  choices: ["none", "fsdp"],
  summary: "with --worker torch on several GPUs: replicate all weights, or shard them (FSDP2); default: none",
};

/** Placement of a run. */
export const placeFlags: readonly Flag[] = [
  {
    name: "on",
    value: "MACHINE",
    summary:
      "where to train: here (this machine, with the engine or worker that suits it and the model), or, with the PyTorch worker, ssh://user@host, a Ray cluster at ray+http://host:8265, a machine rented through dstack://host:3000/project, or a new cluster on kubernetes://CONTEXT/NAMESPACE; default: this machine, with the engine",
  },
  {
    name: "lease-seconds",
    value: "SECONDS",
    kind: "number",
    least: 10,
    most: 86_400,
    summary: "time without contact after which another machine saves and stops; default: 600",
  },
  {
    name: "on-lease-end",
    value: "COMMAND",
    summary: "shell command on the other machine after the run or its lease ends, such as a shutdown",
  },
  {
    name: "processes",
    value: "N",
    summary:
      "worker processes, one per GPU; with a range such as 2-8, a cluster may continue with fewer; default: all GPUs",
  },
  {
    name: "storage",
    value: "PATH",
    summary: "folder shared by all nodes of a cluster; default: the head node's cache",
  },
];

/** Maximum time without a report of a run. */
export const stallFlag: Flag = {
  name: "stall-minutes",
  value: "MINUTES",
  kind: "number",
  least: 5,
  most: 10_000,
  summary: "save and stop a training run that reports nothing for this long; default: 30",
};

/** Machine to rent if `--on` names a provider. */
export const rentalFlags: readonly Flag[] = [
  {
    name: "gpu",
    value: "NAME",
    summary: "GPU of a rented machine, such as L40S or H100:2; default: any single GPU",
  },
  {
    name: "max-usd-per-hour",
    value: "USD",
    kind: "number",
    least: 0.001,
    most: 100_000,
    summary: "maximum hourly price of a rented machine",
  },
  {
    name: "machines",
    value: "N",
    kind: "whole",
    least: 1,
    most: 1000,
    summary: "machines (pods) of a cluster created for the run; default: 1",
  },
  {
    name: "volume",
    value: "CLAIM:PATH",
    summary: "shared storage of the machines: a PersistentVolumeClaim and its mount path",
  },
  { name: "spot", summary: "allow spot machines, which the provider may reclaim" },
  { name: "image", value: "IMAGE", summary: "container image of a rented machine; default: the provider's" },
  {
    name: "disk-usd-per-gb-month",
    value: "USD",
    kind: "number",
    least: 0,
    most: 100,
    summary: "monthly disk price of a rented machine per GB, if its price excludes disk; default: 0.20",
  },
];

/** Maximum length of an answer. */
export function maxTokensFlag(summary: string, most: number): Flag {
  return { name: "max-tokens", value: "TOKENS", kind: "whole", least: 1, most, summary };
}

/** Sampling settings, which override the recipe's `evaluation`. */
export const samplingFlags: readonly Flag[] = [
  {
    name: "temperature",
    value: "T",
    kind: "number",
    least: 0,
    most: 10,
    summary: "sampling temperature; 0 always takes the most likely token",
  },
  {
    name: "top-p",
    value: "P",
    kind: "number",
    least: 0.000001,
    most: 1,
    summary: "sample from the most likely tokens up to this total probability",
  },
  {
    name: "seed",
    value: "SEED",
    kind: "whole",
    least: 0,
    most: 4_294_967_295,
    summary: "sampling seed; the same seed gives the same answer",
  },
];

/** The store of runs. */
export const storeFlag: Flag = {
  name: "store",
  value: "STORE",
  summary: "store of runs: a folder or postgres://USER@HOST/NAME; default: .tunewise",
};

/** The folder that holds runs. */
export const outputFlag: Flag = {
  name: "output",
  short: "o",
  value: "FOLDER",
  summary: "output folder that holds the runs; default: .tunewise",
  completes: "folder",
};

/** A port to listen on. */
export function portFlag(usual: string): Flag {
  return {
    name: "port",
    value: "PORT",
    kind: "whole",
    least: 0,
    most: 65_535,
    summary: `port to listen on; 0 picks a free one; default: ${usual}`,
  };
}

/** An address to listen on. */
export const hostFlag: Flag = {
  name: "host",
  value: "ADDRESS",
  summary: "address to listen on; default: 127.0.0.1",
};

/** Format of a result on stdout. */
export const textFormatFlag: Flag = {
  name: "format",
  value: "FORMAT",
  choices: ["text", "markdown"],
  summary: "output format; use markdown for pull requests; default: text",
};

/** Maximum rows of a list. */
export function limitFlag(value: string, usual: string): Flag {
  return {
    name: "limit",
    value,
    kind: "whole",
    least: 1,
    most: 100_000,
    summary: `maximum number to show; default: ${usual}`,
  };
}
