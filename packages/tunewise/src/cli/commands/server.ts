/** @file `tunewise server`: start, user, token, role, audit. */
import type { Command, CommandGroup } from "../command.ts";
import { hostFlag, limitFlag, portFlag, storeFlag } from "../flags.ts";

/** The group. */
export const serverGroup: CommandGroup = {
  name: "server",
  summary: "start the tracking server and manage its users",
  category: "manage",
  about:
    "The tracking server receives runs from MLflow and W&B clients. `tunewise serve` is short for `tunewise server start`.",
};

const start: Command = {
  name: "server start",
  alias: "serve",
  summary: "track runs of MLflow and W&B clients in this store",
  category: "manage",
  about:
    "Serves MLflow and W&B clients on one port: set MLFLOW_TRACKING_URI for MLflow, WANDB_BASE_URL for Weights & Biases. Stores their runs with those of `tunewise run`, so that lists, reports and comparisons include all of them. Uses a folder by default, or a PostgreSQL database with --store. While the store has no users, only programs on this machine have access. Once there is a user (tunewise server user add), every client must authenticate with a password or a token. Ctrl-C finishes the current requests and exits.",
  arguments: [],
  flags: [
    hostFlag,
    portFlag("5000, like MLflow"),
    storeFlag,
    {
      name: "recipe",
      value: "LIST",
      summary:
        "comma-separated recipes that the web page may plan, check and start; none: no recipes; default: tunewise.yaml in this folder, if it exists",
      completes: "recipe",
    },
    {
      name: "rate",
      value: "PRICE",
      summary: "hourly price of the clients' machines, such as 2.49/h; runs can override it",
    },
    {
      name: "public-url",
      value: "URL",
      summary:
        "URL of the web page, such as https://tracking.example behind a TLS proxy; with https, the session cookie is sent only over TLS",
    },
    {
      name: "until-ended",
      value: "FOLDER",
      summary: "exit when the command metered in this folder ends",
      completes: "folder",
    },
    {
      name: "artifacts",
      value: "PLACE",
      summary:
        "location of clients' artifacts: a folder or s3://BUCKET/PREFIX; default: artifacts in the store's folder",
    },
    {
      name: "model-sources",
      value: "LIST",
      summary:
        "comma-separated schemes or prefixes of external model sources, such as s3:,https://models.example/, that the registry records but never opens; none: no external sources; default: object stores, hf: and https:",
    },
  ],
  examples: [
    { line: "tunewise serve", does: "store runs in .tunewise in this folder" },
    {
      line: "tunewise serve --recipe small.yaml,large.yaml",
      does: "let the web page plan, check and start two recipes",
    },
    {
      line: "tunewise serve --store postgres://tunewise@db.example/team",
      does: "store runs in a team's database",
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
    "Users are stored with the runs. Once there is a user, the tracking server authenticates every client and accepts other machines. Admins can do everything; members can do what their project roles allow. The first user is an admin, and the last admin cannot be removed. Passwords are typed, or read from the environment variable named by --password-env, but never passed on the command line. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "add, list, remove, password or role; default: list",
      optional: true,
      choices: ["add", "list", "remove", "password", "role"],
    },
    { name: "NAME", summary: "name of the user", optional: true },
    { name: "ROLE", summary: "for role: admin or member", optional: true, choices: ["admin", "member"] },
  ],
  flags: [
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "member"],
      summary: "for add: role of the user; default: member, or admin for the first user",
    },
    { name: "password-env", value: "NAME", summary: "environment variable with the password" },
    { name: "no-password", summary: "for add and password: authenticate by token only" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise server user add ada", does: "add a user and prompt for a password" },
    { line: "tunewise server user add robot --no-password", does: "add a user that authenticates by token" },
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
    "A token authenticates its user: as MLFLOW_TRACKING_TOKEN for MLflow, as WANDB_API_KEY for Weights & Biases, or in place of the user's password. It is shown only once, on creation, and expires after one year unless --days is given. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "create, list or revoke; default: list",
      optional: true,
      choices: ["create", "list", "revoke"],
    },
    {
      name: "WORD",
      summary: "name of the user; for revoke: the first characters of the token",
      optional: true,
    },
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
    "Manages the roles of members in projects: read, write and admin, each including the previous ones. The creator of a project is its admin. Members without a role in a project have the default role: none, unless set with `tunewise server role default`. PROJECT is a name, or a number if no project has that name. Every change is audited.",
  arguments: [
    {
      name: "ACTION",
      summary: "grant, revoke, list or default; default: list",
      optional: true,
      choices: ["grant", "revoke", "list", "default"],
    },
    {
      name: "PROJECT",
      summary: "name of the project; for default: the role none, read or write",
      optional: true,
    },
    { name: "USER", summary: "for grant and revoke: name of the user", optional: true },
    {
      name: "ROLE",
      summary: "for grant: read, write or admin",
      optional: true,
      choices: ["read", "write", "admin"],
    },
  ],
  flags: [storeFlag],
  examples: [
    { line: "tunewise server role grant tickets bob write", does: "allow bob to log to tickets" },
    { line: "tunewise server role revoke tickets bob", does: "reset bob to the default role" },
    { line: "tunewise server role default read", does: "allow every member to read every project" },
  ],
  exitCodes: [],
};

const audit: Command = {
  name: "server audit",
  formerly: "audit",
  summary: "list the audit log of the server",
  category: "manage",
  about:
    "Lists the audit log, newest first: changes of users, tokens and roles; deleted, restored and purged runs and projects; renamed projects; approved runs; overruled duplicates and budgets; refused runs; and refused requests (wrong passwords and missing permissions). Each entry has its author and reason. The log is append-only: triggers in the database prevent changes.",
  arguments: [],
  flags: [
    { name: "action", value: "ACTION", summary: "only this action, such as token-created" },
    { name: "person", value: "NAME", summary: "only this person; cli:NAME for an account on this machine" },
    { name: "subject", value: "WORD", summary: "only changes of this user, project or run" },
    { name: "since", value: "DAY", summary: "from this day or month, such as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "before this day or month" },
    limitFlag("ENTRIES", "50"),
    storeFlag,
  ],
  examples: [
    { line: "tunewise server audit --since 2026-11", does: "list entries from November 2026 on" },
    {
      line: "tunewise server audit --action duplicate-forced --json",
      does: "list overruled duplicates as JSON",
    },
  ],
  exitCodes: [],
};

/** The commands, in the order of help. */
export const serverCommands: readonly Command[] = [start, user, token, role, audit];
