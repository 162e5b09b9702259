/** @file Tests which callers are identified and which are refused. */
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, send, serveTeam, type Team } from "../../../../../test/support/team-server.ts";
import {
  addToken,
  addUser,
  changeUserPassword,
  hashPassword,
  listTokens,
  openTrackingContext,
  removeUser,
  revokeToken,
  saltBytes,
  tokenBytes,
  tokenFrom,
} from "../../index.ts";
import { mlflowProtocol } from "../mlflow/protocol.ts";
import { serveTracking } from "../serve-tracking.ts";
import { createFailures, credentialsOf, identifyUsers } from "./identify.ts";

const search = "/api/2.0/mlflow/experiments/search";

const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

const come = ({ url }: Team, authorization: string): Promise<Answer> =>
  send(url + search, "GET", undefined, { authorization });

async function statusOf(team: Team, authorization: string): Promise<number> {
  return (await come(team, authorization)).status;
}

async function setPassword({ context }: Team, name: string, password: string): Promise<void> {
  const hash = await hashPassword(password, randomBytes(saltBytes));
  await context.write((transaction) => changeUserPassword(transaction, name, hash));
}

test("a token lets its user in: as Bearer, as a password, under W&B's name; and under no other name", async () => {
  const team = await serveTeam();
  const token = team.tokens.get("eve") ?? "";
  for (const header of [
    `Bearer ${token}`,
    `bearer  ${token}`,
    basic("eve", token),
    basic("api", token),
    basic("", token),
  ]) {
    expect([header.slice(0, 8), await statusOf(team, header)]).toEqual([header.slice(0, 8), 200]);
  }
  const other = tokenFrom(randomBytes(tokenBytes)).secret;
  const wrong = [
    "",
    "Bearer",
    `Bearer ${other}`,
    basic("root", token),
    basic("api", other),
    basic("api", "0".repeat(40)),
  ];
  for (const header of [
    ...wrong,
    `Digest ${token}`,
    `Bearer ${token}x`,
    "Basic ???",
    `Basic ${token}`,
    basic("eve", ""),
  ]) {
    const { status, body, headers } = await come(team, header);
    expect([header, status, body.error_code]).toEqual([header, 401, "UNAUTHENTICATED"]);
    expect(headers.get("www-authenticate")).toBe('Basic realm="tunewise", charset="UTF-8"');
  }
  expect(team.failures).toEqual([]);
}, 60_000);

test("a token that was revoked or has expired, or whose user is gone, lets nobody in; its use is noted", async () => {
  let nowMs = 1_000_000;
  const team = await serveTeam({ now: () => nowMs });
  const { context } = team;
  const { secret, ...kept } = tokenFrom(randomBytes(tokenBytes));
  await context.write((transaction) =>
    addToken(transaction, {
      ...kept,
      owner: "eve",
      name: "",
      createdMs: nowMs,
      expiresMs: nowMs + 3_600_000,
    }),
  );
  const usedMs = async (): Promise<number | null | undefined> => {
    await context.write(async () => undefined);
    return (await listTokens(context.database, "eve")).find(({ prefix }) => prefix === kept.prefix)?.usedMs;
  };
  expect(await statusOf(team, `Bearer ${secret}`)).toBe(200);
  expect(await usedMs()).toBe(1_000_000);
  nowMs += 60_000;
  await statusOf(team, `Bearer ${secret}`);
  expect(await usedMs()).toBe(1_000_000);
  nowMs += 20 * 60_000;
  await statusOf(team, `Bearer ${secret}`);
  expect(await usedMs()).toBe(nowMs);
  nowMs += 3_600_000;
  expect((await come(team, `Bearer ${secret}`)).body.message).toContain("has expired");
  const own = team.tokens.get("eve") ?? "";
  await context.write((transaction) => revokeToken(transaction, own.slice(0, 11), nowMs));
  expect((await come(team, `Bearer ${own}`)).body.message).toBe(
    `The token ${own.slice(0, 11)}... was revoked.`,
  );
  await context.write((transaction) => removeUser(transaction, "rita"));
  expect(await statusOf(team, `Bearer ${team.tokens.get("rita")}`)).toBe(401);
});

test("a password lets its user in until it is changed, and a user without one by token alone", async () => {
  const team = await serveTeam();
  await setPassword(team, "eve", "correct horse");
  expect(await statusOf(team, basic("eve", "correct horse"))).toBe(200);
  expect(await statusOf(team, basic("eve", "correct horse"))).toBe(200);
  for (const [name, secret] of [
    ["eve", "wrong"],
    ["root", "correct horse"],
    ["root", ""],
    ["who", "correct horse"],
  ] as const) {
    expect((await come(team, basic(name, secret))).body.message).toBe("Name or password is wrong.");
  }
  await setPassword(team, "eve", "another one");
  expect(await statusOf(team, basic("eve", "correct horse"))).toBe(401);
  expect(await statusOf(team, basic("eve", "another one"))).toBe(200);
}, 60_000);

test("whoever guesses has to wait, is told 401, and stops nobody who is known", async () => {
  let nowMs = 0;
  const team = await serveTeam({ now: () => nowMs });
  await setPassword(team, "eve", "correct horse");
  await setPassword(team, "rita", "correct horse");
  expect(await statusOf(team, basic("eve", "correct horse"))).toBe(200);
  const messages = [];
  for (let attempt = 0; attempt < 6; attempt++) {
    const { status, body } = await come(team, basic("rita", `guess ${attempt}`));
    expect(status).toBe(401);
    messages.push(body.message);
    await come(team, basic("eve", `guess ${attempt}`));
  }
  expect(messages.slice(0, 5)).toEqual(Array(5).fill("Name or password is wrong."));
  expect(messages[5]).toContain("wait a while");
  expect(await statusOf(team, basic("rita", "correct horse"))).toBe(401);
  expect(await statusOf(team, basic("eve", "correct horse"))).toBe(200);
  nowMs += 1_000;
  expect(await statusOf(team, basic("rita", "correct horse"))).toBe(200);
}, 120_000);

test("from the first user on everybody is asked, also where the server is at work already", async () => {
  let nowMs = 0;
  const host = { now: () => new Date(nowMs), random: Math.random };
  const context = await openTrackingContext({ store: ":memory:", artifacts: "/nowhere" }, host);
  const protocols = [mlflowProtocol(context, "3.18.0")];
  const identify = identifyUsers(context);
  await expect(serveTracking({ host: "0.0.0.0", port: 0, protocols, identify })).rejects.toMatchObject({
    code: "SERVER_USERS_MISSING",
  });
  await expect(serveTracking({ host: "::", port: 0, protocols, identify: null })).rejects.toMatchObject({
    code: "SERVER_USERS_MISSING",
  });
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  expect((await send(server.url + search, "GET")).status).toBe(200);
  await context.write((transaction) =>
    addUser(transaction, { name: "ada", role: "admin", password: null, createdMs: 0 }),
  );
  nowMs += 1_000;
  expect((await send(server.url + search, "GET")).status).toBe(401);
  expect((await send(`${server.url}/health`, "GET")).status).toBe(200);
  const open = await serveTracking({ host: "0.0.0.0", port: 0, protocols, identify });
  await open.close(0);
});

test("pages of other sites stay out, with whatever a browser sends along", async () => {
  const team = await serveTeam();
  const authorization = `Bearer ${team.tokens.get("root")}`;
  for (const prefix of ["/api", "/ajax-api"]) {
    const path = `${team.url}${prefix}/2.0/mlflow/experiments/create`;
    const answer = await send(
      path,
      "POST",
      { name: prefix },
      { authorization, origin: "https://evil.example" },
    );
    expect(answer.status).toBe(403);
  }
});

test("headers that nobody's client writes are none", () => {
  const read = (authorization?: string) =>
    credentialsOf({ headers: authorization === undefined ? {} : { authorization } });
  for (const header of [
    undefined,
    "",
    "Basic",
    "Basic bm9jb2xvbg==",
    "Bearer x",
    `Basic ${"A".repeat(5_000)}`,
    "Basic a b",
  ]) {
    expect([header, read(header)]).toEqual([header, null]);
  }
  expect(read(basic("ada", "a:b"))).toEqual({ name: "ada", password: "a:b" });
});

test("waits grow, are forgotten after a success, and do not fill the memory", () => {
  let nowMs = 0;
  const failures = createFailures(() => nowMs);
  for (let count = 0; count < 5; count++) failures.noteFailure("1.2.3.4", "ada");
  expect(failures.mayTry("1.2.3.4", "ada")).toBe(false);
  expect([failures.mayTry("1.2.3.4", "bob"), failures.mayTry("4.3.2.1", "ada")]).toEqual([true, true]);
  nowMs = 1_000;
  expect(failures.mayTry("1.2.3.4", "ada")).toBe(true);
  failures.noteFailure("1.2.3.4", "ada");
  nowMs = 2_000;
  expect(failures.mayTry("1.2.3.4", "ada")).toBe(false);
  for (let count = 0; count < 40; count++) failures.noteFailure("1.2.3.4", "ada");
  nowMs += 300_000;
  expect(failures.mayTry("1.2.3.4", "ada")).toBe(true);
  failures.noteSuccess("1.2.3.4", "ada");
  failures.noteFailure("1.2.3.4", "ada");
  expect(failures.mayTry("1.2.3.4", "ada")).toBe(true);
  for (let count = 0; count < 5; count++) failures.noteFailure("1.2.3.4", "eve");
  for (let other = 0; other < 10_000; other++) failures.noteFailure("1.2.3.4", `name ${other}`);
  expect(failures.mayTry("1.2.3.4", "eve")).toBe(true);
});
