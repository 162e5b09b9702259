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
  about: "Every run has its entries in the ledger of the store; reports and budgets read them.",
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
  limitFlag("ROWS", "40 of each kind, and the cheapest machine of each device"),
  { name: "file", value: "FILE", summary: "your own price file instead of prices.yaml", completes: "file" },
];
const updateFlags: readonly Flag[] = [{ name: "from", value: "URL", summary: "mirror of the price lists" }];
const hidden = (flag: Flag): Flag => ({ ...flag, isHidden: true });

const list: Command = {
  name: "prices list",
  formerly: "prices",
  summary: "list prices with their sources and ages",
  category: "manage",
  about:
    "Lists the prices that come with tunewise, replaced by the last update and by prices.yaml in this folder, each with its source and age.",
  arguments: [],
  flags: [...listFlags, ...updateFlags.map(hidden)],
  examples: [
    { line: "tunewise prices list --gpu A100-80GB --spot", does: "spot prices of one GPU, cheapest first" },
    { line: "tunewise prices list --provider aws --json", does: "the keys of a price file, as JSON" },
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
  examples: [{ line: "tunewise prices update", does: "download today's lists" }],
  savesWhenStopped: "always",
  exitCodes: [2],
};

const report: Command = {
  name: "cost report",
  formerly: "spend",
  summary: "sum what runs cost, and what was wasted",
  category: "manage",
  about:
    "Sums the ledger: every entry has a run, a price with its source and a time, in whole micro-dollars, so that groups add up to the cent. Separates experiments from production runs, and reports waste: failed runs, repeated experiments, time after the best held-out loss, and time in which nothing was logged. Each run counts for at most one reason. Ends with a forecast of this month and of each budget, an interval that holds four of five outcomes, and with what refused duplicates saved.",
  arguments: [],
  flags: [
    {
      name: "by",
      value: "GROUP",
      summary:
        "group by project, person, client, purpose, method, status, month, run or tag:KEY; default: project",
    },
    { name: "since", value: "DAY", summary: "from this day or month, as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "before this day or month" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise cost report --since 2026-11", does: "this month, by project" },
    { line: "tunewise cost report --by method", does: "full fine-tuning, LoRA and QLoRA side by side" },
    { line: "tunewise cost report --by tag:team --json", does: "by the value of a tag, as JSON" },
  ],
  exitCodes: [],
};

const budget: Command = {
  name: "cost budget",
  formerly: "budget",
  summary: "list, set and remove budgets of projects",
  category: "manage",
  about:
    "A budget caps what one project, or all projects together, may spend in a calendar month (UTC) or in total. Once the ledger reaches it, new runs of any client that it would pay for are refused, and active runs of clients are asked to save and stop. Without ACTION it lists the budgets and what is spent of each.",
  arguments: [
    {
      name: "ACTION",
      summary: "list, set or remove; default: list",
      optional: true,
      choices: ["list", "set", "remove"],
      formerChoices: { drop: "remove" },
    },
    { name: "MONEY", summary: "dollars, such as 500usd; for set", optional: true },
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
    { line: "tunewise cost budget set 500usd --project tickets", does: "500 dollars a month for a project" },
    { line: "tunewise cost budget list", does: "what is left of each budget" },
  ],
  exitCodes: [],
};

/** Commands of both groups, in the order of help. */
export const costCommands: readonly Command[] = [list, update, report, budget];
