/** @file Tests charges over HTTP: counted once, refused if incomplete, and immediately included in budgets. */

import { addTrackedRun, type LaunchRequest, setBudget } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { tunewiseServer } from "../../../../../../test/support/tunewise-server.ts";
import { remoteLaunchRegistry } from "../../../app/tracking/index.ts";

const launch: LaunchRequest = {
  id: "make-data",
  command: "python make.py",
  host: "",
  project: null,
  person: "ada",
  fingerprint: null,
  family: null,
  forced: null,
  capMicroUsd: 2_000_000,
  outer: null,
  price: { microUsdPerHour: 1_000_000, source: "--rate 1/h" },
};
const tokens = {
  kind: "tokens",
  micro_usd: 400_000,
  quantity: 1e6,
  unit: "tokens",
  source: "bill",
  ms: 1000,
};

/** Starts a server with a running command and a run that it logged. */
async function place() {
  const { context, url } = await tunewiseServer();
  const registrar = remoteLaunchRegistry(url, null);
  await registrar.begin(launch);
  await context.write((transaction) =>
    addTrackedRun(transaction, {
      id: "logged",
      client: "mlflow",
      project: 0,
      launchedBy: 1,
      name: "x",
      status: "running",
      person: "",
      purpose: "experiment",
      startedMs: 0,
      fingerprint: null,
      family: null,
      tags: [],
    }),
  );
  const charge = async (id: string, body: object): Promise<{ status: number; body: unknown }> => {
    const address = `${url}/api/tunewise/v1/runs/${id}/charges`;
    const headers = { "content-type": "application/json" };
    const reply = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: reply.status, body: await reply.json() };
  };
  return { context, registrar, charge };
}

test("the same charge counts once; another one, and one without a time, count anew", async () => {
  const { charge, context } = await place();
  const spent = (microUsd: number) => ({ spent_micro_usd: microUsd, stop: null });
  expect(await charge("logged", tokens)).toEqual({ status: 201, body: spent(400_000) });
  expect(await charge("logged", tokens)).toEqual({ status: 200, body: spent(400_000) });
  expect(await charge("logged", { ...tokens, ms: 1001 })).toEqual({ status: 201, body: spent(800_000) });
  const { ms, ...now } = tokens;
  expect(await charge("logged", { ...now, kind: "storage" })).toMatchObject({ status: 201 });
  const lines = await context.database.all(
    "SELECT kind, quantity, unit, price_source FROM spend ORDER BY ms",
  );
  expect(lines.map(({ kind }) => kind)).toEqual(["tokens", "tokens", "storage"]);
  expect(lines[0]).toEqual({ kind: "tokens", quantity: 1e6, unit: "tokens", price_source: "bill" });
});

test("what says nothing, or is about no run, is refused", async () => {
  const { charge, context } = await place();
  const wrong: object[] = [
    { ...tokens, micro_usd: -1 },
    { ...tokens, micro_usd: 0.5 },
    { ...tokens, kind: "gifts" },
    { ...tokens, source: "" },
    { ...tokens, quantity: -1 },
    { ...tokens, more: 1 },
  ];
  for (const body of wrong) expect((await charge("logged", body)).status, JSON.stringify(body)).toBe(400);
  expect((await charge("nobody", tokens)).status).toBe(404);
  expect(await context.database.all("SELECT 1 FROM spend")).toEqual([]);
});

test("a command is asked to stop once its time and its charges reach its cap", async () => {
  const { charge, registrar } = await place();
  expect(await registrar.report("make-data", { microUsd: 1e6, meteredMs: 3.6e6, ended: null })).toBeNull();
  expect((await charge("logged", { ...tokens, micro_usd: 900_000 })).body).toMatchObject({ stop: null });
  const sentence = "the budget of $2.00 is spent: $1.10 for time, $0.900 for what it was charged besides";
  expect(await registrar.report("make-data", { microUsd: 1.1e6, meteredMs: 4e6, ended: null })).toBe(
    sentence,
  );
  const other = await place();
  const beyond = "the budget of $2.00 is spent: $0.00 for time, $3.00 for what it was charged besides";
  expect((await other.charge("make-data", { ...tokens, micro_usd: 3e6 })).body).toMatchObject({
    stop: beyond,
  });
});

test("a project's budget counts them", async () => {
  const { charge, context } = await place();
  await context.write((transaction) =>
    setBudget(transaction, { project: 0, period: "total", microUsd: 5e5 }),
  );
  await charge("logged", tokens);
  expect(await context.database.all("SELECT 1 FROM runs WHERE stop_ms IS NOT NULL")).toEqual([]);
  await charge("logged", { ...tokens, ms: 2000 });
  expect(await context.database.all("SELECT 1 FROM runs WHERE stop_ms IS NOT NULL")).toHaveLength(2);
});
