/** @file Commands about what is tracked: spend. */
import type { Command } from "../command.ts";

const storeFlag = {
  name: "store",
  value: "PLACE",
  summary: "folder of runs, or postgres://USER@HOST/NAME; default: .tunewise",
} as const;

const spend: Command = {
  name: "spend",
  summary: "sum what runs cost, and what of it bought nothing",
  category: "look",
  about:
    "Sums the ledger: every line has a run, a price with its source and a time, and money is whole micro-dollars, so that groups add up to the cent. Says how much went into experiments and how much into production runs, and names what bought nothing: failed runs, repeated experiments, time after the best held-out loss, and time in which nothing was logged. Of each run at most one reason counts.",
  arguments: [],
  flags: [
    {
      name: "by",
      value: "GROUP",
      summary: "project, person, client, purpose, status, month, run or tag:KEY; default: project",
    },
    { name: "since", value: "DAY", summary: "from this day or month on, as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "up to before this day or month" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise spend --since 2026-11", does: "this month by project" },
    { line: "tunewise spend --by tag:team --json", does: "by the value of a tag, as data" },
  ],
  exitCodes: [],
};

/** In the order of help. */
export const trackCommands: readonly Command[] = [spend];
