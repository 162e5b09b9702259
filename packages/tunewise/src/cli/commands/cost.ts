/** @file `tunewise prices` and `tunewise cost`: price lists, spending, budgets. */
import type { Command, CommandGroup, Flag } from "../command.ts";
import { limitFlag, storeFlag } from "../flags.ts";

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

/** Commands of both groups, in the order of help. */
export const costCommands: readonly Command[] = [list, update, report, budget];
