/** @file Tests the audit of a server: refused requests without their secrets, renamed projects, refused budgets. */

import {
  addToken,
  addUser,
  createRefusalLog,
  openTrackingContext,
  readAudit,
  setBudget,
  tokenBytes,
  tokenFrom,
} from "@tunewise/tracker";
import { identifyUsers, serveTracking } from "@tunewise/tracker/server";
import { expect, onTestFinished, test } from "vitest";
import { grant, serveTeam, type Team } from "../../../../../test/support/team-server.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { trackingProtocols } from "./protocols.ts";

const mlflow = "/api/2.0/mlflow";

/** Users with tokens, which are checked much faster than passwords. */
const people = {
  ada: { role: "admin", token: tokenFrom(Buffer.alloc(tokenBytes, 1)) },
  wim: { role: "member", token: tokenFrom(Buffer.alloc(tokenBytes, 2)) },
} as const;
const kept = ({ prefix, digest }: ReturnType<typeof tokenFrom>) => ({ prefix, digest });
const [ada, wim] = [`ada:${people.ada.token.secret}`, `wim:${people.wim.token.secret}`];

/** Starts a server that audits refusals, with or without a public URL; `lines` returns its audit, oldest first. */
async function place(publicUrl: string | null = null) {
  const folder = await temporaryFolder();
  const runtime = { now: () => new Date(), random: Math.random };
  const context = await openTrackingContext({ store: ":memory:", artifacts: folder }, runtime);
  await context.write(async (transaction) => {
    for (const [name, { role, token }] of Object.entries(people)) {
      await addUser(transaction, { name, role, password: null, createdMs: 1 });
      await addToken(transaction, { ...kept(token), owner: name, name: "", createdMs: 1, expiresMs: null });
    }
  });
  const refusals = createRefusalLog(context);
  const identify = identifyUsers(context);
  const server = await serveTracking({
    host: "127.0.0.1",
    port: 0,
    identify,
    onRefused: refusals.note,
    protocols: trackingProtocols(context, identify, {
      output: null,
      publicUrl: publicUrl === null ? null : new URL(publicUrl),
    }),
  });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  const ask = (path: string, who: string | null, body?: object, headers: object = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body && { "content-type": "application/json" }),
        ...(who === null ? {} : { authorization: `Basic ${btoa(who)}` }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const lines = async () => {
    await refusals.close();
    return (await readAudit(context.database, { limit: 100 })).reverse();
  };
  return { ask, lines, context };
}

test("wrong passwords, unknown tokens and what nobody may see are noted, and no secret is", async () => {
  const { ask, lines } = await place();
  const secret = "hunter2-secret";
  const token = `tw-${"a".repeat(43)}`;
  expect((await ask("/api/tunewise/v1/session", null, { name: "ada", password: secret })).status).toBe(401);
  expect((await ask(`${mlflow}/experiments/get?experiment_id=0`, `wim:${secret}`)).status).toBe(401);
  expect((await ask(`${mlflow}/experiments/get?experiment_id=0`, `${token}:${token}`)).status).toBe(401);
  expect((await ask(`${mlflow}/experiments/get?experiment_id=0`, null)).status).toBe(401);
  expect((await ask("/api/tunewise/v1/audit", wim)).status).toBe(403);
  expect((await ask(`${mlflow}/runs/get?run_id=${"0".repeat(32)}`, wim)).status).toBe(404);
  const found = await lines();
  expect(found.map(({ action, person, subject }) => [action, person, subject])).toEqual([
    ["sign-in-refused", "ada", "POST /api/tunewise/v1/session"],
    ["sign-in-refused", "wim", `GET ${mlflow}/experiments/get`],
    ["sign-in-refused", expect.stringMatching(/^(a token)?$/), `GET ${mlflow}/experiments/get`],
    ["sign-in-refused", "", `GET ${mlflow}/experiments/get`],
    ["access-refused", "wim", "GET /api/tunewise/v1/audit"],
    ["access-refused", "wim", `GET ${mlflow}/runs/get`],
  ]);
  expect(found[0]?.detail).toBe("401 from 127.0.0.1: Name or password is wrong.");
  expect(JSON.stringify(found)).not.toContain(secret);
  expect(JSON.stringify(found)).not.toContain(token);
});

test("admins read the audit page by page; it tells of renamed projects and of refused budgets", async () => {
  const { ask, context } = await place();
  const made = await ask(`${mlflow}/experiments/create`, ada, { name: "before" });
  const { experiment_id: id } = (await made.json()) as { experiment_id: string };
  await ask(`${mlflow}/experiments/update`, ada, { experiment_id: id, new_name: "after" });
  await context.write((transaction) =>
    setBudget(transaction, { project: Number(id), period: "total", microUsd: 0 }),
  );
  for (let at = 0; at < 2; at++)
    expect((await ask(`${mlflow}/runs/create`, ada, { experiment_id: id })).status).toBe(403);
  const answer = await ask("/api/tunewise/v1/audit", ada);
  const { lines, next } = (await answer.json()) as { lines: Record<string, unknown>[]; next: number | null };
  expect(next).toBeNull();
  expect(lines.filter(({ action }) => action === "budget-refused")).toHaveLength(1);
  expect(lines.find(({ action }) => action === "project-renamed")).toMatchObject({
    person: "ada",
    subject: "before",
    detail: "to after",
  });
  const older = await ask(`/api/tunewise/v1/audit?before=${String(lines[0]?.["sequence"])}`, ada);
  expect(((await older.json()) as { lines: unknown[] }).lines).toHaveLength(lines.length - 1);
});

const secure: readonly (readonly [string | null, Record<string, string>, boolean])[] = [
  ["https://tracking.example", {}, true],
  ["http://tracking.example", { "x-forwarded-proto": "https" }, false],
  [null, {}, false],
  [null, { "x-forwarded-proto": "https" }, true],
  [null, { "x-forwarded-proto": "HTTPS, http" }, true],
  [null, { "x-forwarded-proto": "http, https" }, false],
];
test.each(secure)("a page at %s with %j has a cookie for TLS alone: %s", async (url, headers, isSecure) => {
  const { ask } = await place(url);
  const body = { token: people.ada.token.secret };
  const cookie = (await ask("/api/tunewise/v1/session", null, body, headers)).headers.get("set-cookie");
  expect(cookie?.split("; ").includes("Secure")).toBe(isSecure);
});

test("a run names no parent that its caller may not read", async () => {
  const team: Team = await serveTeam();
  const create = (who: string, name: string) =>
    team.ask(who, "POST", `${mlflow}/experiments/create`, { name });
  const hidden = Number((await create("root", "hidden")).body.experiment_id);
  const own = Number((await create("root", "own")).body.experiment_id);
  await grant(team, "wim", own, "write");
  const run = async (who: string, project: number, parent?: string) =>
    team.ask(who, "POST", `${mlflow}/runs/create`, {
      experiment_id: String(project),
      tags: parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }],
    });
  const secret = (await run("root", hidden)).body.run.info.run_id;
  const mine = (await run("wim", own)).body.run.info.run_id;
  const [invisible, absent] = [await run("wim", own, secret), await run("wim", own, "0".repeat(32))];
  expect(invisible.status).toBe(404);
  expect([absent.status, absent.text]).toEqual([404, invisible.text]);
  const tag = { run_id: mine, key: "mlflow.parentRunId", value: secret };
  expect((await team.ask("wim", "POST", `${mlflow}/runs/set-tag`, tag)).status).toBe(404);
  const batch = { run_id: mine, tags: [{ key: tag.key, value: secret }] };
  expect((await team.ask("wim", "POST", `${mlflow}/runs/log-batch`, batch)).status).toBe(404);
  expect((await run("wim", own, mine)).status).toBe(200);
  expect((await run("root", own, secret)).status).toBe(200);
  expect(team.failures).toEqual([]);
});
