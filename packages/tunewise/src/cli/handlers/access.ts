/** @file `tunewise server user`, `role`, `token` and `audit`: access to the tracking server. */
import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import {
  type AccessRequest,
  addPerson,
  changeMemberDefault,
  changePersonPassword,
  changePersonRole,
  dropToken,
  grantRole,
  type ListedUser,
  listAllTokens,
  listAudit,
  listPeople,
  listRoles,
  makeToken,
  type ProjectRoles,
  removePerson,
  revokeRole,
  type SecretHost,
} from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";
import { type Call, type Handler, isOn, numberFlag, textFlag, textFlags } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { askPassword } from "../prompts.ts";
import { fittedTable, tableText } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

/** The selected store, and the operating system account of the caller. */
export function accessRequest(call: Call): AccessRequest {
  return { ...textFlags(call, "store"), by: `cli:${accountName()}` };
}

/** The runtime, with random bytes for salts and tokens. */
function secretHost(console: Console): SecretHost {
  return { ...runtimeOf(console), randomBytes };
}

/** Name of the account; some containers' accounts have none. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

/**
 * Returns the arguments of an action, which must match its parameters in number.
 *
 * @param names of the parameters, in capitals
 * @throws {TunewiseError} `USAGE_INVALID` for too few or too many
 */
function actionWords(call: Call, ...names: readonly string[]): string[] {
  const [action = "", ...words] = call.words;
  const { name } = call.command;
  const pattern = ["tunewise", name, action, ...names].join(" ");
  if (words.length === names.length) return words;
  const [missing] = names.slice(words.length);
  const detail = missing ? `${missing} is missing: ${pattern}` : `There is a word too many: ${pattern}`;
  throw problem("USAGE_INVALID", { detail: `${detail}.`, command: name });
}

/** Lists users or changes them. */
export async function handleUsers(call: Call, console: Console): Promise<number> {
  const [action = "list"] = call.words;
  return (userActions.get(action) ?? listUsers)(call, console);
}

type Role = "admin" | "member";

async function listUsers(call: Call, console: Console): Promise<number> {
  actionWords(call);
  const people = await listPeople(accessRequest(call), runtimeOf(console));
  if (console.json) {
    console.document({
      users: people.map(({ hasPassword, createdMs, ...user }) => ({
        ...user,
        has_password: hasPassword,
        created_ms: createdMs,
      })),
    });
    return DONE;
  }
  console.result(
    people.length === 0
      ? "no users: everybody on this machine may do everything"
      : peopleText(people, console.tableColumns),
  );
  if (people.length === 0) console.info("next: tunewise server user add NAME");
  return DONE;
}

function peopleText(people: readonly ListedUser[], columns: number): string {
  return fittedTable(
    ["user", "role", "password", "#tokens", "#projects", "since"],
    people.map(({ name, role, hasPassword, tokens, projects, createdMs }) => [
      plain(name),
      role,
      hasPassword ? "yes" : "no",
      String(tokens),
      role === "admin" ? "all" : String(projects),
      new Date(createdMs).toISOString().slice(0, 10),
    ]),
    columns,
  );
}

async function addUser(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  const password = await passwordOf(call, console);
  const role = textFlag(call, "role") as Role | null;
  const added = await addPerson({ ...accessRequest(call), name, role, password }, secretHost(console));
  console.output(
    { user: added },
    () => `added ${added.name} as ${added.role === "admin" ? "an admin" : "a member"}`,
  );
  const next =
    added.role === "admin"
      ? `tunewise server token create ${name}`
      : `tunewise server role grant PROJECT ${name} write`;
  console.info(`next: ${next}`);
  return DONE;
}

async function removeUser(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  await removePerson({ ...accessRequest(call), name }, runtimeOf(console));
  console.output({ removed: name }, () => `removed ${plain(name)}, with all tokens and roles`);
  return DONE;
}

async function changePassword(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  const password = await passwordOf(call, console);
  await changePersonPassword({ ...accessRequest(call), name, password }, secretHost(console));
  console.output(
    { user: { name, has_password: password !== null } },
    () => `${plain(name)} has ${password === null ? "no password any more" : "a new password"}`,
  );
  return DONE;
}

async function changeRole(call: Call, console: Console): Promise<number> {
  const [name = "", word] = actionWords(call, "NAME", "ROLE");
  const role = word as Role;
  await changePersonRole({ ...accessRequest(call), name, role }, runtimeOf(console));
  console.output(
    { user: { name, role } },
    () => `${plain(name)} is ${role === "admin" ? "an admin" : "a member"} now`,
  );
  return DONE;
}

const userActions: ReadonlyMap<string, Handler> = new Map([
  ["list", listUsers],
  ["add", addUser],
  ["remove", removeUser],
  ["password", changePassword],
  ["role", changeRole],
]);

/**
 * Returns the given password; `null` for none.
 *
 * @throws {TunewiseError} `PASSWORD_MISSING`; `USAGE_INVALID` if the repeated password differs
 */
async function passwordOf(call: Call, console: Console): Promise<string | null> {
  const name = textFlag(call, "password-env");
  const command = call.command.name;
  if (isOn(call, "no-password")) {
    if (name === null) return null;
    const detail = "--no-password and --password-env do not go together.";
    throw problem("USAGE_INVALID", { detail, command });
  }
  if (name !== null) {
    const value = console.io.env[name] ?? "";
    if (value !== "") return value;
    throw problem("PASSWORD_MISSING", { detail: `The environment variable ${name} is not set` });
  }
  if (!console.canAsk)
    throw problem("PASSWORD_MISSING", { detail: "There is no terminal to ask for a password" });
  const first = await askPassword("password", command);
  if ((await askPassword("the same again", command)) === first) return first;
  throw problem("USAGE_INVALID", { detail: "The two passwords differ.", command });
}

const memberDefaults = ["none", "read", "write"] as const;

/** Lists roles or changes them. */
export async function handleRoles(call: Call, console: Console): Promise<number> {
  const [action = "list"] = call.words;
  return (roleActions.get(action) ?? showRoles)(call, console);
}

async function grantProjectRole(call: Call, console: Console): Promise<number> {
  const [word = "", user = "", role] = actionWords(call, "PROJECT", "USER", "ROLE");
  const request = { ...accessRequest(call), project: word, user, role: role as "read" | "write" | "admin" };
  const { project } = await grantRole(request, runtimeOf(console));
  console.output({ project, user, role }, () => `${plain(user)} has the role ${role} in ${plain(project)}`);
  return DONE;
}

async function revokeProjectRole(call: Call, console: Console): Promise<number> {
  const [word = "", user = ""] = actionWords(call, "PROJECT", "USER");
  const { project } = await revokeRole({ ...accessRequest(call), project: word, user }, runtimeOf(console));
  console.output(
    { project, user, role: null },
    () => `${plain(user)} has no role of their own in ${plain(project)} any more`,
  );
  return DONE;
}

async function changeDefault(call: Call, console: Console): Promise<number> {
  const [word = ""] = actionWords(call, "none|read|write");
  const role = memberDefaults.find((one) => one === word);
  if (role === undefined) {
    const expected = `one of ${memberDefaults.join(", ")}`;
    const fix = "tunewise server role default read";
    throw problem("USAGE_VALUE_INVALID", { name: "the default", expected, found: JSON.stringify(word), fix });
  }
  await changeMemberDefault({ ...accessRequest(call), role }, runtimeOf(console));
  console.output({ member_default: role }, () => `members without a role in a project: ${role}`);
  return DONE;
}

async function showRoles(call: Call, console: Console): Promise<number> {
  const [word = null] = call.words.length > 2 ? actionWords(call, "PROJECT") : call.words.slice(1);
  const found = await listRoles({ ...accessRequest(call), project: word }, runtimeOf(console));
  console.output({ member_default: found.memberDefault, projects: found.projects }, () => rolesText(found));
  return DONE;
}

function rolesText({ memberDefault, projects }: ProjectRoles): string {
  const rows = projects.map(({ number, name, roles }) => [
    String(number),
    plain(name),
    roles.map(({ user, role }) => `${plain(user)} ${role}`).join(", ") || "-",
  ]);
  const table = tableText(["#number", "project", "roles"], rows);
  return `${table}\n\nmembers without a role in a project: ${memberDefault}; admins of the server may do everything`;
}

const roleActions: ReadonlyMap<string, Handler> = new Map([
  ["list", showRoles],
  ["grant", grantProjectRole],
  ["revoke", revokeProjectRole],
  ["default", changeDefault],
]);

const usualDays = 365;
const maxNameCharacters = 100;

/** Lists tokens, creates or revokes one. */
export async function handleTokens(call: Call, console: Console): Promise<number> {
  if (call.words[0] === "create") return createToken(call, console);
  return call.words[0] === "revoke" ? revokeToken(call, console) : listTokens(call, console);
}

async function createToken(call: Call, console: Console): Promise<number> {
  const [owner = ""] = actionWords(call, "USER");
  const name = plain(textFlag(call, "name") ?? "").slice(0, maxNameCharacters);
  const days = numberFlag(call, "days") ?? usualDays;
  const { secret, expiresMs } = await makeToken(
    { ...accessRequest(call), owner, name, days },
    secretHost(console),
  );
  console.output({ token: secret, user: owner, expires_ms: expiresMs }, () => secret);
  console.info(`this is shown once; it lets ${plain(owner)} in until ${dayText(expiresMs)}`);
  console.info("next: MLFLOW_TRACKING_TOKEN=... or WANDB_API_KEY=..., with the token above");
  return DONE;
}

async function revokeToken(call: Call, console: Console): Promise<number> {
  const [prefix = ""] = actionWords(call, "TOKEN");
  const token = await dropToken({ ...accessRequest(call), prefix }, runtimeOf(console));
  console.output(
    { revoked: token.prefix, user: token.owner },
    () => `revoked ${token.prefix}... of ${plain(token.owner)}`,
  );
  return DONE;
}

async function listTokens(call: Call, console: Console): Promise<number> {
  const owner = call.words[1] ?? null;
  const tokens = await listAllTokens({ ...accessRequest(call), owner }, runtimeOf(console));
  if (console.json) {
    console.document({
      tokens: tokens.map((token) => ({
        prefix: token.prefix,
        user: token.owner,
        name: token.name,
        created_ms: token.createdMs,
        expires_ms: token.expiresMs,
        revoked_ms: token.revokedMs,
        used_ms: token.usedMs,
      })),
    });
    return DONE;
  }
  const rows = tokens.map(({ prefix, owner: user, name, createdMs, expiresMs, revokedMs, usedMs }) => [
    ...[prefix, plain(user), plain(name), dayText(createdMs)],
    revokedMs === null ? dayText(expiresMs) : `revoked ${dayText(revokedMs)}`,
    dayText(usedMs),
  ]);
  const heads = ["token", "user", "for", "made", "ends", "last used"];
  console.result(rows.length === 0 ? "no tokens" : fittedTable(heads, rows, console.tableColumns));
  return DONE;
}

function dayText(ms: number | null): string {
  return ms === null ? "never" : new Date(ms).toISOString().slice(0, 10);
}

const auditLimit = 50;

/** Lists the audit, newest first. */
export async function handleAudit(call: Call, console: Console): Promise<number> {
  const words = textFlags(call, "action", "person", "subject", "since", "until");
  const limit = numberFlag(call, "limit") ?? auditLimit;
  const lines = await listAudit({ ...accessRequest(call), ...words, limit }, runtimeOf(console));
  if (console.json) {
    console.document({ lines });
    return DONE;
  }
  const rows = lines.map(({ ms, person, action, subject, detail }) => [
    new Date(ms).toISOString().slice(0, 19).replace("T", " "),
    ...[person, action, subject, detail].map(plain),
  ]);
  const heads = ["when (UTC)", "who", "what", "to", ""];
  console.result(rows.length === 0 ? "no entries" : fittedTable(heads, rows, console.tableColumns));
  return DONE;
}
