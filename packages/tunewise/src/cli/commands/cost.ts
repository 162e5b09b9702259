/** @file `tunewise prices` and `tunewise cost`: price lists, spending, budgets. */
import type { Command, CommandGroup, Flag } from "../command.ts";
import { limitFlag, outputFlag, storeFlag } from "../flags.ts";

/** The group of commands for price lists. */
export const pricesGroup: CommandGroup = {
  name: "prices",
  summary: "list and update prices of machines and models",
  category: "manage",
  about:
    "Prices of rented machines, hosted training and inference. Without a command, `tunewise prices` is `tunewise prices list`.",
};

/** The group of commands for spending. */
export const costGroup: CommandGroup = {
  name: "cost",
  summary: "report spending and set budgets of projects",
  category: "manage",
  about: "The cost of every run is recorded in the store's ledger. Reports and budgets are computed from it.",
};

const listFlags: readonly Flag[] = [
  {
    name: "gpu",
    value: "NAME",
    summary: "only machines with this GPU, such as A100-80GB",
    completes: "device",
  },
  { name: "spot", summary: "only spot prices" },
  { name: "provider", value: "NAME", summary: "only prices of this provider or vendor" },
  limitFlag("ROWS", "40 of each kind, plus the cheapest machine of each device"),
  { name: "file", value: "FILE", summary: "custom price file instead of prices.yaml", completes: "file" },
];
const updateFlags: readonly Flag[] = [{ name: "from", value: "URL", summary: "mirror of the price lists" }];
const hidden = (flag: Flag): Flag => ({ ...flag, isHidden: true });

const list: Command = {
  name: "prices list",
  formerly: "prices",
  summary: "list prices with their sources and ages",
  category: "manage",
  about:
    "Lists the bundled prices, each with its source and age. The last update and prices.yaml in this folder override them.",
  arguments: [],
  flags: [...listFlags, ...updateFlags.map(hidden)],
  examples: [
    {
      line: "tunewise prices list --gpu A100-80GB --spot",
      does: "list spot prices of one GPU, cheapest first",
    },
    {
      line: "tunewise prices list --provider aws --json",
      does: "print one provider's prices as JSON, with the keys of a price file",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [2],
};

const update: Command = {
  name: "prices update",
  formerly: "prices",
  summary: "download current price lists",
  category: "manage",
  about: "Downloads public price lists into the cache folder. No other command uses the network for prices.",
  arguments: [],
  flags: [...updateFlags, ...listFlags.map(hidden)],
  examples: [{ line: "tunewise prices update", does: "download the current lists" }],
  savesWhenStopped: "always",
  exitCodes: [2],
};

const report: Command = {
  name: "cost report",
  formerly: "spend",
  summary: "report the cost of runs, and waste",
  category: "manage",
  about:
    "Sums the ledger. Every entry has a run, a time, and a price with its source. Amounts are whole micro-dollars, so that groups add up exactly. Separates experiments from production runs, and reports waste: failed runs, repeated experiments, time after the best held-out loss, and idle time without logs. Each run counts as at most one kind of waste. Ends with a forecast of this month and of each budget, as an 80 % interval, and with the savings from refused duplicates.",
  arguments: [],
  flags: [
    {
      name: "by",
      value: "GROUP",
      summary:
        "group by project, person, client, purpose, method, status, month, run or tag:KEY; default: project",
    },
    { name: "since", value: "DAY", summary: "from this day or month, such as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "before this day or month" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise cost report --since 2026-11", does: "report from November 2026 on, by project" },
    { line: "tunewise cost report --by method", does: "compare full fine-tuning, LoRA and QLoRA" },
    { line: "tunewise cost report --by tag:team --json", does: "group by the value of a tag, as JSON" },
  ],
  exitCodes: [],
};

const budget: Command = {
  name: "cost budget",
  formerly: "budget",
  summary: "list, set and remove budgets of projects",
  category: "manage",
  about:
    "A budget caps the spending of one project, or of all projects together, per calendar month (UTC) or in total. Once it is spent, new runs of any client that count towards it are refused, and active runs are asked to save and stop. Without ACTION, lists the budgets with the amount spent.",
  arguments: [
    {
      name: "ACTION",
      summary: "list, set or remove; default: list",
      optional: true,
      choices: ["list", "set", "remove"],
      formerChoices: { drop: "remove" },
    },
    { name: "MONEY", summary: "for set: amount in dollars, such as 500usd", optional: true },
  ],
  flags: [
    { name: "project", value: "NAME", summary: "project of the budget; default: all projects together" },
    {
      name: "period",
      value: "PERIOD",
      choices: ["month", "total"],
      summary: "period of the budget; default: month",
    },
    storeFlag,
  ],
  examples: [
    {
      line: "tunewise cost budget set 500usd --project tickets",
      does: "set a project's budget to 500 dollars a month",
    },
    { line: "tunewise cost budget list", does: "show what is left of each budget" },
  ],
  exitCodes: [],
};

/** A number or a range such as `20000..40000`. */
const rangeOf = (name: string, value: string, summary: string): Flag => ({ name, value, summary });
/** An amount of dollars. */
const amountOf = (name: string, summary: string): Flag => ({
  name,
  value: "USD",
  kind: "number",
  least: 0,
  most: 1_000_000_000,
  summary,
});

const moveFlags: readonly Flag[] = [
  { name: "from", value: "MODEL", summary: "API model in use, such as ft:gpt-4o-mini-2024-07-18:org::id" },
  { name: "to-api", value: "MODEL", summary: "newer API model; replaces the model in use once that ends" },
  {
    name: "to-hosted",
    value: "MODEL",
    summary: "hosted open model; default: the cheapest of about the size",
  },
  {
    name: "ends",
    value: "DAY",
    summary: "day on which the model in use ends, such as 2027-01-14; default: as announced, if known",
  },
  rangeOf("calls", "N", "calls a month, such as 20000 or 20000..40000; default: from the logs or the recipe"),
  {
    name: "logs",
    value: "FILE",
    summary: "calls with usage as JSON Lines: of tunewise record or freeze, or responses of the API",
    completes: "file",
  },
  {
    name: "sampled",
    value: "SHARE",
    kind: "number",
    least: 0.000001,
    most: 1,
    summary: "share of the calls that the logs have; default: 1",
  },
  rangeOf("tokens-in", "N", "tokens of a prompt, cached ones included; default: from the logs"),
  rangeOf("tokens-out", "N", "tokens of an answer; default: from the logs"),
  rangeOf(
    "cached",
    "SHARE",
    "share of the prompt tokens that are cached, such as 0.4; default: from the logs or 0",
  ),
  amountOf("training", "cost of one training; default: of the run, or as planned"),
  amountOf("evaluation", "cost of one evaluation, such as that of tunewise freeze; default: 0"),
  amountOf("work", "other costs that arise once, such as work; default: 0"),
  amountOf("hosting", "monthly cost besides answers and machines; default: 0"),
  {
    name: "retrain-every",
    value: "MONTHS",
    kind: "whole",
    least: 1,
    most: 120,
    summary: "months between trainings; default: as the recipe states, otherwise never",
  },
  {
    name: "months",
    value: "MONTHS",
    kind: "whole",
    least: 1,
    most: 120,
    summary: "horizon; default: decision.months of the recipe, or 12",
  },
  {
    name: "gpu",
    value: "NAME",
    summary: "GPU to rent; default: the cheapest that fits",
    completes: "device",
  },
  rangeOf("gpu-tokens-per-second", "N", "measured output of the rented GPU; default: estimated"),
  rangeOf("here-tokens-per-second", "N", "measured output of this machine; default: from tunewise try"),
  rangeOf("utilization", "SHARE", "mean load over peak load, such as 0.3..0.6; default: 0.2..0.7"),
  {
    name: "hours",
    value: "N",
    kind: "number",
    least: 1,
    most: 744,
    summary: "hours a month that machines are on; default: 730",
  },
  { name: "prices", value: "FILE", summary: "custom price file instead of prices.yaml", completes: "file" },
  outputFlag,
];

const move: Command = {
  name: "cost move",
  summary: "compute when a move off an API model has paid off",
  category: "manage",
  about:
    "Compares the bill of an API model with a newer API model, batches, a hosted open model, a rented GPU and this machine, against the cost of training, evaluation, hosting and retraining. States the month in which the move has cost less than staying, as a range, and what would change the answer. Every price has a source and a date. Asks no model and uses no network.",
  arguments: [
    {
      name: "RUN|RECIPE",
      summary: "run whose cost is measured, or recipe that is planned; default: tunewise.yaml, if it exists",
      optional: true,
      completes: "run",
    },
  ],
  flags: moveFlags,
  examples: [
    {
      line: "tunewise cost move latest --from gpt-4o --logs calls.jsonl --work 2000",
      does: "compare the logged bill with the tuned model of the newest run",
    },
    {
      line: "tunewise cost move --from gpt-4o --calls 9000 --logs frozen.jsonl --json",
      does: "compare the recipe in this folder at a stated volume, as JSON",
    },
  ],
  exitCodes: [],
};

/** Commands of both groups, in the order of help. */
export const costCommands: readonly Command[] = [list, update, report, move, budget];
