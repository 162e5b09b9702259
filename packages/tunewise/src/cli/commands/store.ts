/** @file `tunewise store`: import, export, backup, restore, purge. */
import type { Command, CommandGroup, Flag } from "../command.ts";
import { storeFlag, yesFlag } from "../flags.ts";

/** The group. */
export const storeGroup: CommandGroup = {
  name: "store",
  summary: "import, export, back up, restore and purge run histories",
  category: "manage",
  about: "The store holds what runs logged: a SQLite file in the output folder, or a PostgreSQL database.",
};

const artifactsFlag: Flag = {
  name: "artifacts",
  value: "PLACE",
  summary: "artifacts of clients: a folder or s3://BUCKET/PREFIX; default: artifacts in the store's folder",
};

const importCommand: Command = {
  name: "store import",
  formerly: "import",
  summary: "import histories from MLflow or W&B, or lost records",
  category: "manage",
  about:
    "Imports the history of another tracker: experiments, runs under their own ids, all points with their steps and times, parameters, tags, data, models and the registry, and files with --artifacts. mlflow takes the address of a tracking server, a folder mlruns or an mlflow.db; wandb takes a folder with .wandb files, or one such file. The source is only read. Existing data stay as they are and missing data are added, so that a repeated import continues after a stop and imports nothing twice. Damaged data are skipped and listed by kind with first names and reasons, and the exit code is 2; kinds that an import does not bring, such as traces, are listed by count. With runs as the tracker, SOURCE is a folder of tunewise's own runs, or the folder of one run: records that the store lacks are rebuilt from their files. Credentials of a server come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
  arguments: [
    { name: "TRACKER", summary: "mlflow, wandb or runs", choices: ["mlflow", "wandb", "runs"] },
    { name: "SOURCE", summary: "address, folder or file", completes: "file" },
  ],
  flags: [
    { name: "project", value: "NAME", summary: "import all runs into this project; default: their own" },
    { name: "artifacts", summary: "import files of runs and models too, as far as the disk has room" },
    { name: "dry-run", summary: "print what would be imported, and write nothing" },
    storeFlag,
    {
      name: "artifact-folder",
      value: "FOLDER",
      summary: "folder of artifacts; default: artifacts in the store's folder",
      completes: "folder",
    },
  ],
  examples: [
    { line: "tunewise store import mlflow mlruns --artifacts", does: "an MLflow folder, with its files" },
    {
      line: "tunewise store import mlflow https://mlflow.example --dry-run",
      does: "list what a server holds",
    },
    { line: "tunewise store import wandb wandb", does: "every run in the folder wandb" },
    { line: "tunewise store import runs .tunewise", does: "own runs that the store lacks" },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const exportCommand: Command = {
  name: "store export",
  formerly: "export",
  summary: "export what runs logged to tables, MLflow or W&B",
  category: "manage",
  about:
    "Exports what runs logged, of all runs or of those given: tables (csv, parquet), an mlruns folder or an MLflow tracking server, offline runs for `wandb sync`. Credentials of a server come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. Existing files and runs are never replaced without --force. What a format does not carry is listed by kind and count, before and after; --dry-run lists it and writes nothing.",
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
      summary: "a new folder, or the address of a server; required",
      completes: "folder",
    },
    { name: "to", value: "PLACE", summary: "use --output", isHidden: true, replacedBy: "output" },
    { name: "project", value: "NAME", summary: "only runs of this project" },
    {
      name: "experiment",
      value: "NAME",
      summary: "experiment on an MLflow server; default: the project's name",
    },
    { name: "force", summary: "replace files, or send runs again that changed" },
    { name: "dry-run", summary: "print what would be exported and what would not, and write nothing" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise store export parquet -o tables", does: "tables for DuckDB, pandas and Polars" },
    {
      line: "tunewise store export mlflow --project tickets -o https://mlflow.example",
      does: "a project to a server",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [2, 4],
};

const backup: Command = {
  name: "store backup",
  formerly: "backup",
  summary: "write the store and its files to one archive",
  category: "manage",
  about:
    "Writes a consistent snapshot of the store, and the artifacts of clients, to one tar file that only you can read; a server may keep writing meanwhile. The archive fits either database, and so moves a store from SQLite to PostgreSQL or back. It holds everything in the store, including the secret of its signed addresses: protect it like the store. Run folders of tunewise's own engine are not included.",
  arguments: [{ name: "FILE", summary: "archive to write; must not exist", completes: "file" }],
  flags: [
    storeFlag,
    artifactsFlag,
    { name: "without-artifacts", summary: "leave out the artifacts of clients" },
  ],
  examples: [
    { line: "tunewise store backup monday.tar", does: "back up .tunewise of this folder" },
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
    "Verifies every byte of an archive, writes its files to an empty place, and inserts all rows into an empty store in one transaction; an archive of another version of the schema is refused. If anything fails, the store is unchanged. A store that is not empty is refused. Stop servers of the store first.",
  arguments: [{ name: "FILE", summary: "archive of `tunewise store backup`", completes: "file" }],
  flags: [storeFlag, artifactsFlag],
  examples: [
    { line: "tunewise store restore monday.tar --store restored", does: "into a new folder" },
    {
      line: "tunewise store restore monday.tar --store postgres://tunewise@db.example/team",
      does: "into a PostgreSQL database",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const purge: Command = {
  name: "store purge",
  summary: "remove what was deleted, for good",
  category: "manage",
  about:
    "Removes runs, logged models and projects that were deleted: everything they logged, and their files. What runs did cost stays in the ledger, under their ids, so that reports, budgets and spent money do not change; a purged project is called `purged project N` there, and its name is free again. Runs and models that a version of the registry was made from stay, and so do runs of tunewise's own engine, whose record lies in their folders. Each purge is noted in the audit log. A purge that is stopped loses nothing: the next one continues. A server of the store may keep running.",
  arguments: [],
  flags: [
    {
      name: "older-than",
      value: "AGE",
      summary: "only what was deleted longer ago, such as 12h, 30d or 8w; 0d: everything; default: 30d",
    },
    { name: "dry-run", summary: "count what would be removed, and remove nothing" },
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
