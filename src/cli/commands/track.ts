/** @file Commands about what is tracked: serve, spend, backup, restore. */
import type { Command, Flag } from "../command.ts";
import { runArgument, storeFlag } from "../flags.ts";

const artifactsFlag: Flag = {
  name: "artifacts",
  value: "PLACE",
  summary:
    "where clients' files lie: a folder, or s3://BUCKET/PREFIX; default: artifacts in the folder of runs",
};

const serve: Command = {
  name: "serve",
  summary: "track runs of MLflow and W&B clients in this store",
  category: "do",
  about:
    "One process and one port for the clients that teams already have: MLFLOW_TRACKING_URI for MLflow, WANDB_BASE_URL for Weights & Biases. Runs lie in the same store as those of `tunewise run`, so that runs, spend and compare see all of them. A folder is all it needs; --store names a PostgreSQL database. As long as the store has no users, only programs of this machine are let in, and other addresses are refused; from the first user on (tunewise users add), everybody is asked for a name with a password or a token. Ctrl-C ends what is at work and closes.",
  arguments: [],
  flags: [
    { name: "host", value: "ADDRESS", summary: "address to listen at; default: 127.0.0.1" },
    {
      name: "port",
      value: "PORT",
      kind: "whole",
      least: 0,
      most: 65_535,
      summary: "0 takes a free one; default: 5000, as MLflow's",
    },
    storeFlag,
    {
      name: "rate",
      value: "PRICE",
      summary: "what an hour of the clients' machines costs, such as 2.49/h; runs may say their own",
    },
    {
      name: "until-ended",
      value: "FOLDER",
      summary: "closes once the command has ended whose meter lies there",
      completes: "folder",
    },
    {
      name: "artifacts",
      value: "PLACE",
      summary:
        "where clients' files lie: a folder, or s3://BUCKET/PREFIX; default: artifacts in the folder of runs",
    },
  ],
  examples: [
    { line: "tunewise serve", does: "tracks into .tunewise of this folder" },
    {
      line: "tunewise serve --store postgres://tunewise@db.example/tunewise --artifacts /srv/artifacts",
      does: "tracks into a database of a team's",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [4],
};

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

const budget: Command = {
  name: "budget",
  summary: "cap what projects spend in a month or in all",
  category: "look",
  about:
    "Without words, lists the budgets of a store and what is spent of each. A budget belongs to one project, or to all of them together, and runs over a calendar month (UTC) or for ever. Once the ledger has reached it, no new run of any client begins that would be paid from it, and runs of clients at work are asked to save and stop.",
  arguments: [
    {
      name: "ACTION",
      summary: "what to do; default: list",
      optional: true,
      choices: ["list", "set", "drop"],
    },
    { name: "MONEY", summary: "dollars, such as 500usd; for set", optional: true },
  ],
  flags: [
    { name: "project", value: "NAME", summary: "whose budget; default: all projects together" },
    {
      name: "period",
      value: "PERIOD",
      choices: ["month", "total"],
      summary: "over which time; default: month",
    },
    storeFlag,
  ],
  examples: [
    { line: "tunewise budget set 500usd --project tickets", does: "500 dollars a month for one project" },
    { line: "tunewise budget", does: "what is left of all of them" },
  ],
  exitCodes: [],
};

const stop: Command = {
  name: "stop",
  summary: "ask a run of any client to save and stop",
  category: "do",
  about:
    "Marks a run. A client of W&B stops with its next call. A client of MLflow that logs as it trains is refused a minute later. A command under tunewise exec gets Ctrl-C within seconds. The reason stands with the run.",
  arguments: [runArgument],
  flags: [{ name: "reason", value: "TEXT", summary: "kept with the run; default: asked for" }, storeFlag],
  examples: [{ line: "tunewise stop 3b1f... --reason diverged", does: "asks it to stop" }],
  exitCodes: [],
};

const charge: Command = {
  name: "charge",
  summary: "charge a run for what no meter sees: API tokens, storage",
  category: "do",
  about:
    "Adds a line to the ledger of a run: tokens of a paid API, storage, labelling. Budgets, the cap of a command under tunewise exec among them, count it at once. Programs do the same by POST to the address in TUNEWISE_CHARGE_URL.",
  arguments: [runArgument, { name: "MONEY", summary: "dollars, such as 1.25usd" }],
  flags: [
    {
      name: "kind",
      value: "KIND",
      choices: ["tokens", "storage", "other"],
      summary: "what for; default: other",
    },
    { name: "quantity", value: "NUMBER", kind: "number", least: 0, summary: "how many units" },
    { name: "unit", value: "UNIT", summary: "of what; default for tokens: tokens" },
    { name: "source", value: "TEXT", summary: "the bill or price list that says so, with its date" },
    storeFlag,
  ],
  examples: [
    {
      line: 'tunewise charge 3b1f... 1.25usd --kind tokens --quantity 2500000 --source "bill of 2026-11-20"',
      does: "adds what its synthetic data cost",
    },
  ],
  exitCodes: [],
};

const backup: Command = {
  name: "backup",
  summary: "write the store and its files into one archive",
  category: "do",
  about:
    "Writes what the store holds at one moment, and the files that clients logged, into one tar file that only you may read; a server may go on writing meanwhile. The archive fits either database, and so moves a store from SQLite to PostgreSQL or back. It holds everything that the store holds, the secret of its signed addresses too: keep it as you keep the store. Folders of runs of this machine's own engine are not in it.",
  arguments: [{ name: "FILE", summary: "the archive; must not be there", completes: "file" }],
  flags: [
    storeFlag,
    artifactsFlag,
    { name: "without-artifacts", summary: "leave the files that clients logged out" },
  ],
  examples: [
    { line: "tunewise backup monday.tar", does: "writes .tunewise of this folder into an archive" },
    {
      line: "tunewise backup team.tar --store postgres://tunewise@db.example/tunewise --without-artifacts",
      does: "writes a team's database, without files",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [],
};

const restore: Command = {
  name: "restore",
  summary: "bring an archive back into an empty store",
  category: "do",
  about:
    "Checks every byte of an archive, puts its files into an empty place, and all rows into an empty store in one transaction; an archive of an earlier version is brought to today's schema. Whatever stops it, the store is as it was. A store that holds something is refused. Stop servers of the store before.",
  arguments: [{ name: "FILE", summary: "an archive of tunewise backup", completes: "file" }],
  flags: [storeFlag, artifactsFlag],
  examples: [
    { line: "tunewise restore monday.tar --store restored", does: "into a new folder" },
    {
      line: "tunewise restore monday.tar --store postgres://tunewise@db.example/tunewise --artifacts s3://team-runs",
      does: "moves a store to PostgreSQL and a bucket",
    },
  ],
  savesWhenStopped: true,
  exitCodes: [4],
};

/** In the order of help. */
export const trackCommands: readonly Command[] = [serve, spend, budget, charge, stop, backup, restore];
