/** @file `tunewise server role`: who may read, write and manage which project. */
import {
  changeMemberDefault,
  grantRole,
  listRoles,
  type ProjectRoles,
  revokeRole,
} from "../../app/tracking/index.ts";
import { problem } from "../../problem/index.ts";
import type { Call, Handler } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { plain } from "../render/place.ts";
import { tableText } from "../render/table.ts";
import { accessRequest, actionWords } from "./access.ts";
import { hostOf } from "./surroundings.ts";

const defaults = ["none", "read", "write"] as const;

/** Lists roles or changes them. */
export async function handle(call: Call, console: Console): Promise<number> {
  const [action = "list"] = call.words;
  return (actions.get(action) ?? list)(call, console);
}

async function grant(call: Call, console: Console): Promise<number> {
  const [word = "", user = "", role] = actionWords(call, "PROJECT", "USER", "ROLE");
  const request = { ...accessRequest(call), project: word, user, role: role as "read" | "write" | "admin" };
  const { project } = await grantRole(request, hostOf(console));
  if (console.json) console.document({ project, user, role });
  else console.result(`${plain(user)} has the role ${role} in ${plain(project)}`);
  return DONE;
}

async function revoke(call: Call, console: Console): Promise<number> {
  const [word = "", user = ""] = actionWords(call, "PROJECT", "USER");
  const { project } = await revokeRole({ ...accessRequest(call), project: word, user }, hostOf(console));
  if (console.json) console.document({ project, user, role: null });
  else console.result(`${plain(user)} has no role of their own in ${plain(project)} any more`);
  return DONE;
}

async function changeDefault(call: Call, console: Console): Promise<number> {
  const [word = ""] = actionWords(call, "none|read|write");
  const role = defaults.find((one) => one === word);
  if (role === undefined) {
    const expected = `one of ${defaults.join(", ")}`;
    const fix = "tunewise server role default read";
    throw problem("USAGE_VALUE_INVALID", { name: "the default", expected, found: JSON.stringify(word), fix });
  }
  await changeMemberDefault({ ...accessRequest(call), role }, hostOf(console));
  if (console.json) console.document({ member_default: role });
  else console.result(`members without a role in a project: ${role}`);
  return DONE;
}

async function list(call: Call, console: Console): Promise<number> {
  const [word = null] = call.words.length > 2 ? actionWords(call, "PROJECT") : call.words.slice(1);
  const found = await listRoles({ ...accessRequest(call), project: word }, hostOf(console));
  if (console.json) console.document({ member_default: found.memberDefault, projects: found.projects });
  else console.result(rolesText(found));
  return DONE;
}

function rolesText({ memberDefault, projects }: ProjectRoles): string {
  const rows = projects.map(({ number, name, roles }) => [
    String(number),
    plain(name),
    roles.map(({ user, role }) => `${plain(user)} ${role}`).join(", ") || "-",
  ]);
  const table = tableText([{ head: "number", align: "right" }, { head: "project" }, { head: "roles" }], rows);
  return `${table}\n\nmembers without a role in a project: ${memberDefault}; admins of the server may do everything`;
}

const actions: ReadonlyMap<string, Handler> = new Map([
  ["list", list],
  ["grant", grant],
  ["revoke", revoke],
  ["default", changeDefault],
]);
