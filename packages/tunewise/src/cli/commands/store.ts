/** @file `tunewise store`: import, export, backup, restore, purge. */
import type { Command, CommandGroup, Flag } from "../command.ts";
import { storeFlag, yesFlag } from "../flags.ts";

/** The group. */
export const storeGroup: CommandGroup = {
  name: "store",
  summary: "import, export, back up, restore and purge run histories",
  category: "manage",
  about:
    "The store contains what runs logged. It is a SQLite file in the output folder, or a PostgreSQL database.",
};

const artifactsFlag: Flag = {
  name: "artifacts",
  value: "PLACE",
  summary:
    "location of clients' artifacts: a folder or s3://BUCKET/PREFIX; default: artifacts in the store's folder",
};

const importCommand: Command = {
  name: "store import",
  formerly: "import",
  summary: "import run histories from MLflow or W&B, or rebuild lost records",
  category: "manage",
  about:
    "Imports the history of another tracker: experiments, runs with their original ids, all points with steps and times, parameters, tags, datasets, models and the registry; with --artifacts also files. For mlflow, SOURCE is the URL of a tracking server, an mlruns folder or an mlflow.db file. For wandb, it is a folder with .wandb files, or one such file. The source is not modified. The import adds missing data and leaves existing data unchanged, so that a repeated import continues where it stopped and creates no duplicates. It skips damaged data, lists them by kind with the first names and reasons, and exits with code 2. Kinds that it does not support, such as traces, are listed with counts. For runs, SOURCE is a folder of tunewise runs, or the folder of one run: missing records are rebuilt from their files. Server credentials come from MLFLOW_TRACKING_TOKEN, or from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
  arguments: [
    { name: "TRACKER", summary: "mlflow, wandb or runs", choices: ["mlflow", "wandb", "runs"] },
    { name: "SOURCE", summary: "URL, folder or file", completes: "file" },
  ],
  flags: [
    {
      name: "project",
      value: "NAME",
      summary: "import all runs into this project; default: their original projects",
    },
    { name: "artifacts", summary: "also import files of runs and models, as far as disk space allows" },
    { name: "dry-run", summary: "print what would be imported without writing anything" },
    storeFlag,
    {
      name: "artifact-folder",
      value: "FOLDER",
      summary: "folder of artifacts; default: artifacts in the store's folder",
      completes: "folder",
    },
  ],
  examples: [
    {
      line: "tunewise store import mlflow mlruns --artifacts",
      does: "import an MLflow folder with its files",
    },
    {
      line: "tunewise store import mlflow https://mlflow.example --dry-run",
      does: "list what would be imported from a server",
    },
    { line: "tunewise store import wandb wandb", does: "import every run in the folder wandb" },
    { line: "tunewise store import runs .tunewise", does: "rebuild missing records of tunewise runs" },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const exportCommand: Command = {
  name: "store export",
  formerly: "export",
  summary: "export logged data to tables, MLflow or W&B",
  category: "manage",
  about:
    "Exports the logged data of all runs, or of the given ones: tables (csv, parquet), an mlruns folder or an MLflow tracking server, or offline runs for `wandb sync`. Server credentials come from MLFLOW_TRACKING_TOKEN, or from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. Replaces existing files and runs only with --force. Data that the format cannot represent are listed by kind and count, before and after the export; --dry-run lists them without writing anything.",
  arguments: [
    {
      name: "FORMAT",
      summary: "csv, parquet, mlflow or wandb",
      choices: ["csv", "parquet", "mlflow", "wandb"],
    },
    { name: "RUN", summary: "ids of runs; default: all", optional: true, many: true, completes: "run" },
  ],
  flags: [
    {
      name: "output",
      short: "o",
      value: "PLACE",
      summary: "a new folder, or the URL of a server; required",
      completes: "folder",
    },
    { name: "to", value: "PLACE", summary: "use --output", isHidden: true, replacedBy: "output" },
    { name: "project", value: "NAME", summary: "only runs of this project" },
    {
      name: "experiment",
      value: "NAME",
      summary: "experiment on an MLflow server; default: the project's name",
    },
    { name: "force", summary: "replace existing files, or resend changed runs" },
    { name: "dry-run", summary: "print what would and would not be exported, without writing anything" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise store export parquet -o tables", does: "export tables for DuckDB, pandas and Polars" },
    {
      line: "tunewise store export mlflow --project tickets -o https://mlflow.example",
      does: "export a project to a server",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const backup: Command = {
  name: "store backup",
  formerly: "backup",
  summary: "back up the store and its files to one archive",
  category: "manage",
  about:
    "Writes a consistent snapshot of the store and clients' artifacts to one tar file that only you can read. A server may keep writing meanwhile. The archive can be restored into either database, and so can move a store from SQLite to PostgreSQL or back. It contains everything in the store, including the key that signs URLs: protect it like the store. Folders of tunewise runs are not included.",
  arguments: [{ name: "FILE", summary: "archive to write; must not exist", completes: "file" }],
  flags: [storeFlag, artifactsFlag, { name: "without-artifacts", summary: "exclude clients' artifacts" }],
  examples: [
    { line: "tunewise store backup monday.tar", does: "back up .tunewise in this folder" },
    {
      line: "tunewise store backup team.tar --store postgres://tunewise@db.example/team",
      does: "back up a team's database",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [],
};

const restore: Command = {
  name: "store restore",
  formerly: "restore",
  summary: "restore an archive into an empty store",
  category: "manage",
  about:
    "Verifies every byte of an archive, writes its files to an empty location, and inserts all rows into an empty store in one transaction. If anything fails, the store is unchanged. Refuses a store that is not empty and an archive with another schema version. Stop the store's servers first.",
  arguments: [{ name: "FILE", summary: "archive written by `tunewise store backup`", completes: "file" }],
  flags: [storeFlag, artifactsFlag],
  examples: [
    { line: "tunewise store restore monday.tar --store restored", does: "restore into a new folder" },
    {
      line: "tunewise store restore monday.tar --store postgres://tunewise@db.example/team",
      does: "restore into a PostgreSQL database",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const purge: Command = {
  name: "store purge",
  summary: "permanently remove deleted runs, models and projects",
  category: "manage",
  about:
    "Permanently removes deleted runs, logged models and projects with everything they logged, including files. Costs of runs remain in the ledger under their ids, so that reports and budgets do not change. A purged project is listed there as `purged project N`, and its name becomes available again. Runs and models that are the source of a registered model version are not removed, nor are tunewise runs, whose records are in their folders. Each purge is recorded in the audit log. A stopped purge can be continued by running it again. The store's servers may keep running.",
  arguments: [],
  flags: [
    {
      name: "older-than",
      value: "AGE",
      summary: "minimum time since deletion, such as 12h, 30d or 8w; 0d: everything; default: 30d",
    },
    { name: "dry-run", summary: "count what would be removed without removing anything" },
    yesFlag,
    storeFlag,
    artifactsFlag,
  ],
  examples: [
    { line: "tunewise store purge --dry-run", does: "count what was deleted more than 30 days ago" },
    { line: "tunewise store purge --older-than 0d --yes", does: "remove everything that was deleted" },
  ],
  savesWhenStopped: "always",
  exitCodes: [3],
};

/** The commands, in the order of help. */
export const storeCommands: readonly Command[] = [importCommand, exportCommand, backup, restore, purge];
