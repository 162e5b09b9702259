/** @file `tunewise server user`: who may use the tracking server. */
import {
  addPerson,
  changePersonPassword,
  changePersonRole,
  type ListedUser,
  listPeople,
  removePerson,
} from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import { type Call, type Handler, isOn, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { askPassword } from "../prompts.ts";
import { fittedTable } from "../render/fitted-table.ts";
import { plain } from "../render/place.ts";
import { accessRequest, actionWords } from "./access.ts";
import { hostOf } from "./surroundings.ts";

/** Lists users or changes them. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [action = "list"] = call.words;
  return (actions.get(action) ?? list)(call, console);
}

type Role = "admin" | "member";

async function list(call: Call, console: Console): Promise<number> {
  actionWords(call);
  const people = await listPeople(accessRequest(call), hostOf(console));
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
    [
      { head: "user" },
      { head: "role" },
      { head: "password" },
      { head: "tokens", align: "right" },
      { head: "projects", align: "right" },
      { head: "since" },
    ],
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

async function add(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  const password = await passwordOf(call, console);
  const role = textFlag(call, "role") as Role | null;
  const added = await addPerson({ ...accessRequest(call), name, role, password }, hostOf(console));
  if (console.json) console.document({ user: added });
  else console.result(`added ${added.name} as ${added.role === "admin" ? "an admin" : "a member"}`);
  const next =
    added.role === "admin"
      ? `tunewise server token create ${name}`
      : `tunewise server role grant PROJECT ${name} write`;
  console.info(`next: ${next}`);
  return DONE;
}

async function remove(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  await removePerson({ ...accessRequest(call), name }, hostOf(console));
  if (console.json) console.document({ removed: name });
  else console.result(`removed ${plain(name)}, with all tokens and roles`);
  return DONE;
}

async function changePassword(call: Call, console: Console): Promise<number> {
  const [name = ""] = actionWords(call, "NAME");
  const password = await passwordOf(call, console);
  await changePersonPassword({ ...accessRequest(call), name, password }, hostOf(console));
  if (console.json) console.document({ user: { name, has_password: password !== null } });
  else console.result(`${plain(name)} has ${password === null ? "no password any more" : "a new password"}`);
  return DONE;
}

async function changeRole(call: Call, console: Console): Promise<number> {
  const [name = "", word] = actionWords(call, "NAME", "ROLE");
  const role = word as Role;
  await changePersonRole({ ...accessRequest(call), name, role }, hostOf(console));
  if (console.json) console.document({ user: { name, role } });
  else console.result(`${plain(name)} is ${role === "admin" ? "an admin" : "a member"} now`);
  return DONE;
}

const actions: ReadonlyMap<string, Handler> = new Map([
  ["list", list],
  ["add", add],
  ["remove", remove],
  ["password", changePassword],
  ["role", changeRole],
]);

/**
 * The password that is meant; `null` for none.
 *
 * @throws {TunewiseError} `PASSWORD_MISSING`; `USAGE_INVALID` where two answers to the question differ
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
