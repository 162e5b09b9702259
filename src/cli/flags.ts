/**
 * @file Flags that several commands share.
 */
import type { Argument, Flag } from "./command.ts";

/** Flags of every command. */
export const globalFlags: readonly Flag[] = [
  { name: "help", short: "h", summary: "show the command's arguments, flags and examples" },
  { name: "json", summary: "print one JSON document with `format_version` instead of text" },
  { name: "quiet", short: "q", summary: "print the result and problems alone" },
  { name: "debug", summary: "print where in the code an error arose" },
];

/** `--yes` of commands that ask. */
export const yesFlag: Flag = { name: "yes", short: "y", summary: "do not ask; take the defaults" };

/** `RECIPE`, `tunewise.yaml` where left out. */
export const recipeArgument: Argument = {
  name: "RECIPE",
  summary: "the recipe; default: tunewise.yaml",
  optional: true,
  completes: "recipe",
};

/** `RUN`, by id or by the start of one. */
export const runArgument: Argument = {
  name: "RUN",
  summary: "id of a run, or the start of it; `latest` for the newest training",
  completes: "run",
};

/** Caps that take the place of the recipe's. */
export const budgetFlags: readonly Flag[] = [
  {
    name: "budget-usd",
    value: "USD",
    kind: "number",
    least: 0.000001,
    most: 10_000_000,
    summary: "cap of the whole run in dollars, in place of the recipe's",
  },
  {
    name: "budget-minutes",
    value: "MINUTES",
    kind: "number",
    least: 0.01,
    most: 10_000_000,
    summary: "cap of the whole run in minutes, in place of the recipe's",
  },
];

/** Caps of a whole search; a value is read as that of a run's cap. */
export const searchBudgetFlags: readonly Flag[] = budgetFlags.map((flag) => ({
  ...flag,
  summary: flag.summary.replace("the whole run", "all trials and final runs together"),
}));

/** Words of `--pick` and the recipe's own. */
export const pickRules = {
  "best-validation": "best",
  last: "last",
  "best-tradeoff": "best-tradeoff",
} as const;

/** Logs to a server that a team has. */
export const reportFlag: Flag = {
  name: "report-to",
  value: "TRACKER",
  choices: ["mlflow", "wandb", "all", "none"],
  summary:
    "log to the MLflow or W&B server of the recipe or the environment too, while the run works; or to none",
};

/** Pays again for what ran before. */
export const forceFlag: Flag = {
  name: "force",
  value: "REASON",
  summary: "run although the same experiment ran before; the reason goes on record",
};
/** Which checkpoint becomes the result. */
export const pickFlag: Flag = {
  name: "pick",
  value: "CHECKPOINT",
  choices: Object.keys(pickRules),
  summary: "which checkpoint becomes the result, in place of the recipe's training.keep",
};

/** How answers are decoded, in place of the recipe's `evaluation`. */
export const decodingFlags: readonly Flag[] = [
  {
    name: "max-new-tokens",
    value: "TOKENS",
    kind: "whole",
    least: 1,
    most: 32_768,
    summary: "longest answer, in tokens",
  },
  {
    name: "temperature",
    value: "T",
    kind: "number",
    least: 0,
    most: 10,
    summary: "0 always takes the likeliest token",
  },
  {
    name: "top-p",
    value: "P",
    kind: "number",
    least: 0.000001,
    most: 1,
    summary: "sample from the likeliest tokens up to this probability",
  },
  {
    name: "seed",
    value: "SEED",
    kind: "whole",
    least: 0,
    most: 4_294_967_295,
    summary: "decides what is drawn; same seed, same answer",
  },
];

/** A record of runs, wherever it is kept. */
export const storeFlag: Flag = {
  name: "store",
  value: "PLACE",
  summary: "folder of runs, or postgres://USER@HOST/NAME; default: .tunewise",
};

/** Folder with the record of runs. */
export const outputFlag: Flag = {
  name: "output",
  short: "o",
  value: "FOLDER",
  summary: "where runs lie; default: .tunewise",
  completes: "folder",
};
