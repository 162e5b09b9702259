/** @file `tunewise server`: start, user, token, role, audit. */
import type { Command, CommandGroup } from "../command.ts";
import { hostFlag, limitFlag, portFlag, storeFlag } from "../flags.ts";

/** The group. */
export const serverGroup: CommandGroup = {
  name: "server",
  summary: "start the tracking server and manage its users",
  category: "manage",
  about:
    "The tracking server receives runs of MLflow and W&B clients. `tunewise serve` is the short form of `tunewise server start`.",
};

const start: Command = {
  name: "server start",
  alias: "serve",
  summary: "track runs of MLflow and W&B clients in this store",
  category: "manage",
  about:
    "Serves existing clients with one process on one port: set MLFLOW_TRACKING_URI for MLflow, WANDB_BASE_URL for Weights & Biases. Runs are stored beside those of `tunewise run`, so that lists, reports and comparisons include all of them. A folder is enough; --store names a PostgreSQL database. While the store has no users, only programs on this machine have access; once there is a user (tunewise server user add), every client needs a name with a password or a token. Ctrl-C finishes the current requests and exits.",
  arguments: [],
  flags: [
    hostFlag,
    portFlag("5000, as MLflow's"),
    storeFlag,
    {
      name: "recipe",
      value: "LIST",
      summary:
        "recipes, separated by commas, that the page may plan, check and start; none: none; default: tunewise.yaml of this folder, if it exists",
      completes: "recipe",
    },
    {
      name: "rate",
      value: "PRICE",
      summary: "hourly price of the clients' machines, such as 2.49/h; runs may set their own",
    },
    {
      name: "public-url",
      value: "URL",
      summary:
        "address under which people reach the page, such as https://tracking.example behind a proxy with TLS; with https the page's cookie is sent over TLS alone",
    },
    {
      name: "until-ended",
      value: "FOLDER",
      summary: "exit once the command of the meter in this folder has ended",
      completes: "folder",
    },
    {
      name: "artifacts",
      value: "PLACE",
      summary:
        "artifacts of clients: a folder or s3://BUCKET/PREFIX; default: artifacts in the store's folder",
    },
    {
      name: "model-sources",
      value: "LIST",
      summary:
        "schemes or prefixes, such as s3:,https://models.example/, of model sources outside that the registry records and never opens; none: none; default: object stores, hf: and https:",
    },
  ],
  examples: [
    { line: "tunewise serve", does: "track into .tunewise of this folder" },
    {
      line: "tunewise serve --recipe small.yaml,large.yaml",
      does: "let the page plan, check and start these two recipes",
    },
    {
      line: "tunewise serve --store postgres://tunewise@db.example/team",
      does: "track into a team's database",
    },
  ],
  savesWhenStopped: "always",
  exitCodes: [4],
};

const user: Command = {
  name: "server user",
  formerly: "users",
  summary: "add, list, change and remove users",
  category: "manage",
  about:
    "Users are stored with the runs. Once there is a user, the tracking server authenticates every client and accepts other machines. Admins may do everything, members what their roles in projects allow. The first user is an admin, and the last admin cannot be removed. A password is typed, or read from the environment variable of --password-env, never from the command line. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "add, list, remove, password or role; default: list",
      optional: true,
      choices: ["add", "list", "remove", "password", "role"],
    },
    { name: "NAME", summary: "name of the user", optional: true },
    { name: "ROLE", summary: "admin or member; for role", optional: true, choices: ["admin", "member"] },
  ],
  flags: [
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "member"],
      summary: "for add; default: member, and admin for the first user",
    },
    { name: "password-env", value: "NAME", summary: "environment variable with the password" },
    { name: "no-password", summary: "for add and password: authenticate by token only" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise server user add ada", does: "add a user; asks for a password" },
    { line: "tunewise server user add robot --no-password", does: "for a machine that uses a token" },
    { line: "tunewise server user role bob admin", does: "make bob an admin" },
  ],
  exitCodes: [4],
};

const token: Command = {
  name: "server token",
  formerly: "tokens",
  summary: "create, list and revoke access tokens",
  category: "manage",
  about:
    "A token authenticates its user: as MLFLOW_TRACKING_TOKEN for MLflow, as WANDB_API_KEY for Weights & Biases, or instead of the user's password. It is shown once, when it is created, and expires after a year unless --days says otherwise. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "create, list or revoke; default: list",
      optional: true,
      choices: ["create", "list", "revoke"],
    },
    { name: "WORD", summary: "the user; for revoke, the first characters of the token", optional: true },
  ],
  flags: [
    { name: "name", value: "TEXT", summary: "for create: purpose of the token" },
    {
      name: "days",
      value: "DAYS",
      kind: "whole",
      least: 1,
      most: 3_650,
      summary: "for create: days until it expires; default: 365",
    },
    storeFlag,
  ],
  examples: [
    { line: "tunewise server token create ada --name laptop --days 90", does: "print a token, once" },
    { line: "tunewise server token revoke tw-k3v9xq2m", does: "revoke a token by its first characters" },
  ],
  exitCodes: [],
};

const role: Command = {
  name: "server role",
  formerly: "projects",
  summary: "grant and revoke access to projects",
  category: "manage",
  about:
    "Roles of members in projects, each including the ones before it: read, write, admin. The creator of a project is its admin. Members without a role in a project have the default role, which is none unless `tunewise server role default` sets another. PROJECT is a name, or a number if no project has that name. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "grant, revoke, list or default; default: list",
      optional: true,
      choices: ["grant", "revoke", "list", "default"],
    },
    { name: "PROJECT", summary: "the project; for default: none, read or write", optional: true },
    { name: "USER", summary: "the user; for grant and revoke", optional: true },
    {
      name: "ROLE",
      summary: "read, write or admin; for grant",
      optional: true,
      choices: ["read", "write", "admin"],
    },
  ],
  flags: [storeFlag],
  examples: [
    { line: "tunewise server role grant tickets bob write", does: "let bob log to tickets" },
    { line: "tunewise server role revoke tickets bob", does: "leave bob the default role" },
    { line: "tunewise server role default read", does: "let every member read every project" },
  ],
  exitCodes: [],
};

const audit: Command = {
  name: "server audit",
  formerly: "audit",
  summary: "list changes of users, tokens and roles",
  category: "manage",
  about:
    "Lists the audit log, newest first: changes of users, tokens and roles; deleted, restored and purged runs and projects, and renamed projects; approved runs; overruled duplicates and budgets; refused runs; and refused requests (wrong passwords, and what callers may not see or do), each with its author and reason. The log is append-only; the databases themselves refuse to change it.",
  arguments: [],
  flags: [
    { name: "action", value: "ACTION", summary: "only this action, such as token-created" },
    { name: "person", value: "NAME", summary: "only this person; cli:NAME for accounts of the machine" },
    { name: "subject", value: "WORD", summary: "only changes of this user, project or run" },
    { name: "since", value: "DAY", summary: "from this day or month, as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "before this day or month" },
    limitFlag("ENTRIES", "50"),
    storeFlag,
  ],
  examples: [
    { line: "tunewise server audit --since 2026-11", does: "this month" },
    { line: "tunewise server audit --action duplicate-forced --json", does: "as JSON" },
  ],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const serverCommands: readonly Command[] = [start, user, token, role, audit];
