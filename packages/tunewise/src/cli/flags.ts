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
export const yesFlag: Flag = { name: "yes", short: "y", summary: "skip questions and accept the defaults" };

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
  summary: "id of a run or its first characters, or its name; `latest` for the newest training run",
  completes: "run",
};

/** Name of a run. */
export const nameFlag: Flag = {
  name: "name",
  value: "NAME",
  summary: "name of the run, in lists, page and report; default: the recipe's",
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
      summary: `${summary}, as 20usd, 30min or 20usd,30min${usual}`,
    },
    { name: "budget-usd", value: "USD", ...budgetBounds.usd, ...former },
    { name: "budget-minutes", value: "MINUTES", ...budgetBounds.minutes, ...former },
  ];
}

/** `--set` of commands that read a recipe. */
export const settingsFlag: Flag = {
  name: "set",
  value: "SETTINGS",
  summary: "replace settings of the recipe, as training.batch_size=4,method.kind=qlora",
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
  summary: "also log to the MLflow or W&B server of the recipe or the environment",
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
  summary: "select the checkpoint that becomes the result, overriding training.checkpoint_selection",
};

/** Selects the executor of a run. */
export const workerFlag: Flag = {
  name: "worker",
  value: "WORKER",
  choices: ["engine", "torch"],
  summary: "train with the built-in engine, or on PyTorch in a Python process",
};

/** Distribution of weights over several cards. */
export const shardingFlag: Flag = {
  name: "sharding",
  value: "SHARDING",
  choices: ["none", "fsdp"],
  summary: "with --worker torch on several cards: all weights on each, or shared out (FSDP2); default: none",
};

/** Placement of a run. */
export const placeFlags: readonly Flag[] = [
  {
    name: "on",
    value: "MACHINE",
    summary:
      "machine that trains: ssh://user@host, a Ray cluster's ray+http://host:8265, a machine rented through dstack://host:3000/project, or a cluster made on kubernetes://CONTEXT/NAMESPACE, with the worker on PyTorch, or here with what suits this machine and the model; default: here with the engine",
  },
  {
    name: "lease-seconds",
    value: "SECONDS",
    kind: "number",
    least: 10,
    most: 86_400,
    summary: "how long another machine goes on without hearing from here, then saves and stops; default: 600",
  },
  {
    name: "on-lease-end",
    value: "COMMAND",
    summary: "command for the other machine's shell once the run or its lease has ended, such as a power-off",
  },
  {
    name: "processes",
    value: "N",
    summary:
      "processes that compute there, one per card; 2-8: a cluster may go on with fewer; default: all cards",
  },
  {
    name: "storage",
    value: "PATH",
    summary: "folder that all nodes of a cluster share; default: the cache of its head",
  },
];

/** Maximum time without a report of a run. */
export const stallFlag: Flag = {
  ...{ name: "stall-minutes", value: "MINUTES", kind: "number", least: 5, most: 10_000 },
  summary: "save and stop a run that reports nothing for so long while it trains; default: 30",
};

/** Machine to rent if `--on` names a provider. */
export const rentalFlags: readonly Flag[] = [
  { name: "gpu", value: "NAME", summary: "card of a rented machine, as L40S or H100:2; default: any one" },
  {
    name: "max-usd-per-hour",
    value: "USD",
    kind: "number",
    least: 0.001,
    most: 100_000,
    summary: "most that an hour of a rented machine may cost",
  },
  {
    name: "machines",
    value: "N",
    kind: "whole",
    least: 1,
    most: 1000,
    summary: "machines (pods) of a cluster that is made for the run; default: 1",
  },
  {
    name: "volume",
    value: "CLAIM:PATH",
    summary: "storage that they share: a PersistentVolumeClaim, and where containers see it",
  },
  { name: "spot", summary: "rent spot machines too, which may be taken away" },
  { name: "image", value: "IMAGE", summary: "container image of a rented machine; default: the provider's" },
  {
    name: "disk-usd-per-gb-month",
    value: "USD",
    kind: "number",
    least: 0,
    most: 100,
    summary:
      "what a gigabyte of a rented machine's disk costs a month, where the price leaves it out; default: 0.20",
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
    summary: "seed of sampling; the same seed gives the same answer",
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
  summary: "output format; markdown suits pull requests; default: text",
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
