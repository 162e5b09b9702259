/** @file Commands about who may do what: users, tokens, projects, audit. */
import type { Command } from "../command.ts";
import { storeFlag } from "../flags.ts";

const users: Command = {
  name: "users",
  summary: "add, list, change and remove who may use the tracking server",
  category: "do",
  about:
    "Users lie in the store. From the first one on `tunewise serve` asks everybody who they are, and other machines may reach it. An admin may do everything; a member what projects allow. The first user is an admin, and the last admin stays. A password is typed, or read from the environment variable that --password-env names, never from the command line. Every change goes into the audit.",
  arguments: [
    {
      name: "ACTION",
      summary: "add, list, remove, password or role; default: list",
      optional: true,
      choices: ["add", "list", "remove", "password", "role"],
    },
    { name: "NAME", summary: "of the user", optional: true },
    { name: "ROLE", summary: "for role: admin or member", optional: true, choices: ["admin", "member"] },
  ],
  flags: [
    {
      name: "role",
      value: "ROLE",
      choices: ["admin", "member"],
      summary: "for add; default: member, and admin for the first user",
    },
    { name: "password-env", value: "NAME", summary: "environment variable that holds the password" },
    { name: "no-password", summary: "for add and password: only tokens let this user in" },
    storeFlag,
  ],
  examples: [
    { line: "tunewise users add ada", does: "asks for a password" },
    { line: "tunewise users add robot --no-password", does: "for a machine that logs with a token" },
    { line: "tunewise users role bob admin", does: "makes bob an admin" },
  ],
  exitCodes: [4],
};

const tokens: Command = {
  name: "tokens",
  summary: "make, list and revoke tokens for clients",
  category: "do",
  about:
    "A token stands for its user: MLFLOW_TRACKING_TOKEN for MLflow, WANDB_API_KEY for Weights & Biases, or a password in place of the user's own. It is shown once, when it is made, and ends after a year unless --days says otherwise. Every change goes into the audit.",
  arguments: [
    {
      name: "ACTION",
      summary: "create, list or revoke; default: list",
      optional: true,
      choices: ["create", "list", "revoke"],
    },
    { name: "WORD", summary: "the user; for revoke, the token's first letters", optional: true },
  ],
  flags: [
    { name: "name", value: "TEXT", summary: "for create: what the token is for" },
    {
      name: "days",
      value: "DAYS",
      kind: "whole",
      least: 1,
      most: 3_650,
      summary: "for create: how long it lets its user in; default: 365",
    },
    storeFlag,
  ],
  examples: [
    { line: "tunewise tokens create ada --name laptop --days 90", does: "prints the token, once" },
    { line: "tunewise tokens revoke tw-k3v9xq2m", does: "ends a token, by the letters that list shows" },
  ],
  exitCodes: [],
};

const projects: Command = {
  name: "projects",
  summary: "say who may read, write and manage which project",
  category: "do",
  about:
    "Roles of members in projects, each including those before it: read, write, admin. Whoever makes a project is its admin. What members may do in projects in which they have no role is the default, which is none until `tunewise projects default` says otherwise. PROJECT is a name, or a number where no project has that name. Every change goes into the audit.",
  arguments: [
    {
      name: "ACTION",
      summary: "grant, revoke, list or default; default: list",
      optional: true,
      choices: ["grant", "revoke", "list", "default"],
    },
    { name: "PROJECT", summary: "the project; for default: none, read or write", optional: true },
    { name: "USER", summary: "for grant and revoke", optional: true },
    {
      name: "ROLE",
      summary: "for grant: read, write or admin",
      optional: true,
      choices: ["read", "write", "admin"],
    },
  ],
  flags: [storeFlag],
  examples: [
    { line: "tunewise projects grant tickets bob write", does: "bob may log to tickets" },
    { line: "tunewise projects revoke tickets bob", does: "only the default is left to bob" },
    { line: "tunewise projects default read", does: "every member may read every project" },
  ],
  exitCodes: [],
};

const audit: Command = {
  name: "audit",
  summary: "show who changed users, tokens and roles, and who forced what",
  category: "look",
  about:
    "Lists what went on record, newest first: users, tokens and roles that were changed, and duplicates and budgets that were overruled, each with who did it and why. Lines are only ever added; the databases themselves refuse to change them.",
  arguments: [],
  flags: [
    { name: "action", value: "ACTION", summary: "lines of this kind alone, such as token-created" },
    { name: "person", value: "NAME", summary: "what this person did; cli:NAME for accounts of the machine" },
    { name: "subject", value: "WORD", summary: "what was done to this user, project or run" },
    { name: "since", value: "DAY", summary: "from this day or month on, as 2026-11-25 or 2026-11" },
    { name: "until", value: "DAY", summary: "up to before this day or month" },
    {
      name: "limit",
      value: "LINES",
      kind: "whole",
      least: 1,
      most: 100_000,
      summary: "at most so many; default: 50",
    },
    storeFlag,
  ],
  examples: [
    { line: "tunewise audit --since 2026-11", does: "this month" },
    { line: "tunewise audit --action duplicate-forced --json", does: "as data" },
  ],
  exitCodes: [],
};

/** In the order of help. */
export const accessCommands: readonly Command[] = [users, tokens, projects, audit];
