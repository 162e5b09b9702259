/** @file Commands about what is tracked: serve, spend. */
import type { Command } from "../command.ts";

const storeFlag = {
  name: "store",
  value: "PLACE",
  summary: "folder of runs, or postgres://USER@HOST/NAME; default: .tunewise",
} as const;

const serve: Command = {
  name: "serve",
  summary: "track runs of MLflow and W&B clients in this store",
  category: "do",
  about:
    "One process and one port for the clients that teams already have: MLFLOW_TRACKING_URI for MLflow, WANDB_BASE_URL for Weights & Biases. Runs lie in the same store as those of `tunewise run`, so that runs, spend and compare see all of them. A folder is all it needs; --store names a PostgreSQL database. Only programs of this machine are let in. Ctrl-C ends what is at work and closes.",
  arguments: [],
  flags: [
    { name: "host", value: "ADDRESS", summary: "loopback address to listen at; default: 127.0.0.1" },
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
  exitCodes: [],
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

/** In the order of help. */
export const trackCommands: readonly Command[] = [serve, spend];
