/** @file Tests admission over HTTP: duplicates are refused at the start, as are runs beyond a budget; stops arrive. */

import {
  findTrackedRun,
  openTrackingContext,
  readAudit,
  readTags,
  setBudget,
  settleRuns,
  type TrackingContext,
} from "@tunewise/tracker";
import { identifyUsers, serveTracking } from "@tunewise/tracker/server";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { trackingProtocols } from "./protocols.ts";

const start = Date.UTC(2026, 10, 25, 12);
const print = "0123456789abcdef".repeat(4);

type Answer = { status: number; body: Record<string, unknown> };

async function world(): Promise<{
  context: TrackingContext;
  clock: { ms: number };
  get: (path: string) => Promise<Answer>;
  post: (path: string, body: object) => Promise<Answer>;
  create: (tags: Record<string, string>) => Promise<Answer>;
  bucket: (name: string, tags: readonly string[]) => Promise<Answer>;
}> {
  const clock = { ms: start };
  const host = { now: () => new Date(clock.ms), random: Math.random };
  const places = { store: ":memory:", artifacts: await temporaryFolder() };
  const price = { microUsdPerHour: 3_600_000, source: "test" };
  const context = await openTrackingContext(places, host, { price });
  const protocols = trackingProtocols(context, identifyUsers(context), { output: null });
  const server = await serveTracking({ host: "127.0.0.1", port: 0, protocols, identify: null });
  onTestFinished(async () => {
    await server.close(0);
    await context.close();
  });
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(server.url + path, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const post = (path: string, body: object): Promise<Answer> =>
    call(path, { method: "POST", body: JSON.stringify(body) });
  const mutation = `mutation U($input: UpsertBucketInput!) { upsertBucket(input: $input) { bucket { id name } inserted } }`;
  return {
    context,
    clock,
    get: (path) => call(path, {}),
    post,
    create: (said) => {
      const tags = Object.entries(said).map(([key, value]) => ({ key, value }));
      return post("/api/2.0/mlflow/runs/create", { experiment_id: "0", start_time: clock.ms, tags });
    },
    bucket: (name, tags) =>
      post("/graphql", { query: mutation, variables: { input: { name, modelName: "tickets", tags } } }),
  };
}

const runId = ({ body }: Answer): string => (body["run"] as { info: { run_id: string } }).info.run_id;

test("MLflow: the same fingerprint is refused with the result and the price, unless a reason is given", async () => {
  const { context, clock, create, post } = await world();
  const tags = { "tunewise.fingerprint": print, "tunewise.family": print };
  const first = runId(await create(tags));
  expect(await create(tags)).toMatchObject({
    status: 409,
    body: { error_code: "RESOURCE_CONFLICT", message: expect.stringContaining("it is still running") },
  });
  clock.ms += 60_000;
  const metrics = [{ key: "eval_accuracy", value: 0.875, timestamp: clock.ms, step: 1 }];
  await post("/api/2.0/mlflow/runs/log-batch", { run_id: first, metrics });
  await post("/api/2.0/mlflow/runs/update", { run_id: first, status: "FINISHED", end_time: clock.ms });
  const refused = await create(tags);
  expect(refused.status).toBe(409);
  expect(refused.body["message"]).toMatch(/eval_accuracy 0\.875, for \$0\.060/);
  const forced = runId(await create({ ...tags, "tunewise.force": "another machine" }));
  const { number } = await findTrackedRun(context.database, forced);
  expect((await readTags(context.database, number)).get("tunewise.forced")).toBe("another machine");
  expect(await readAudit(context.database, { limit: 10 })).toMatchObject([
    { action: "duplicate-forced", subject: forced, detail: `the same as run ${first}: another machine` },
    { action: "duplicate-refused", subject: first },
  ]);
  await post("/api/2.0/mlflow/runs/update", { run_id: forced, status: "FAILED" });
  const other = { "tunewise.fingerprint": `f${print.slice(1)}`, "tunewise.family": print };
  const near = await findTrackedRun(context.database, runId(await create(other)));
  expect((await readTags(context.database, near.number)).get("tunewise.similar")).toBe(
    `${first}: eval_accuracy 0.875, $0.060`,
  );
});

test("MLflow: a run that was silent for a day stands in nobody's way", async () => {
  const { clock, create } = await world();
  const tags = { "tunewise.fingerprint": print };
  await create(tags);
  clock.ms += 25 * 3_600_000;
  expect((await create(tags)).status).toBe(200);
  expect((await create({ "tunewise.fingerprint": "not hex" })).status).toBe(200);
});

test("W&B: the cut fingerprint of a tag meets the whole one of MLflow", async () => {
  const { create, bucket } = await world();
  await create({ "tunewise.fingerprint": print });
  const tags = [`tunewise.fingerprint=${print.slice(0, 40)}`];
  const refused = await bucket("a", tags);
  expect(refused.status).toBe(200);
  expect(JSON.stringify(refused.body)).toMatch(/same experiment.*tunewise\.force=REASON/);
  expect(await bucket("a", [...tags, "tunewise.force=seed of chance"])).toMatchObject({
    body: { data: { upsertBucket: { inserted: true } } },
  });
  // A continued run is not checked again.
  expect(await bucket("a", tags)).toMatchObject({ body: { data: { upsertBucket: { inserted: false } } } });
});

test("a spent budget lets no client in, and asks runs at work to stop", async () => {
  const { context, clock, create, bucket, post, get } = await world();
  const at = runId(await create({}));
  const log = (): Promise<Answer> =>
    post("/api/2.0/mlflow/runs/log-metric", { run_id: at, key: "loss", value: 1, timestamp: clock.ms });
  await context.write((transaction) =>
    setBudget(transaction, { project: null, period: "month", microUsd: 50_000 }),
  );
  clock.ms += 45_000;
  await log();
  await settleRuns(context);
  expect(await get(`/api/tunewise/v1/runs/${at}/stop`)).toMatchObject({
    body: { stop: false, reason: null },
  });
  const warned = await findTrackedRun(context.database, runId(await create({})));
  expect((await readTags(context.database, warned.number)).get("tunewise.budget")).toMatch(
    /\$0\.045 of the \$0\.050/,
  );
  clock.ms += 45_000;
  await log();
  await settleRuns(context);
  expect(await get(`/api/tunewise/v1/runs/${at}/stop`)).toMatchObject({
    body: {
      stop: true,
      reason: expect.stringContaining("of all projects together for this month are spent"),
    },
  });
  expect(await create({})).toMatchObject({ status: 403, body: { error_code: "PERMISSION_DENIED" } });
  expect(JSON.stringify((await bucket("b", [])).body)).toContain("are spent");
  // The run has a minute to save; then its metrics are refused, but it may still report how it ended.
  expect((await log()).status).toBe(200);
  clock.ms += 61_000;
  expect(await log()).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining("asked to stop") },
  });
  expect(
    (await post("/api/2.0/mlflow/runs/set-tag", { run_id: at, key: "saved", value: "yes" })).status,
  ).toBe(200);
  expect(
    (await post("/api/2.0/mlflow/runs/update", { run_id: at, status: "KILLED", end_time: clock.ms })).status,
  ).toBe(200);
  expect(await get(`/api/tunewise/v1/runs/${at}`)).toMatchObject({
    body: { status: "killed", spent_micro_usd: 151_000, client: "mlflow" },
  });
  await context.write((transaction) =>
    setBudget(transaction, { project: null, period: "month", microUsd: 1e9 }),
  );
  expect((await create({})).status).toBe(200);
});

test("a command is noted down, paid in shares, and stopped from outside", async () => {
  const { clock, create, post, get } = await world();
  const launch = {
    id: "20261125-1-python-ab12",
    command: "python train.py",
    fingerprint: print,
    family: print,
    price_micro_usd_per_hour: 3_600_000,
    price_source: "--rate 3.60/h",
  };
  const begin = (more: object = {}): Promise<Answer> =>
    post("/api/tunewise/v1/launches", { ...launch, ...more });
  expect(await begin()).toMatchObject({ status: 201, body: { similar: null, warning: null } });
  expect(await begin({ id: "another" })).toMatchObject({
    status: 409,
    body: { error: { code: "RUN_DUPLICATE", about: { id: launch.id } } },
  });
  const tags = { "tunewise.run": launch.id, "tunewise.fingerprint": print };
  const parts = [runId(await create(tags)), runId(await create(tags))];
  clock.ms += 10_000;
  const reading = (body: object): Promise<Answer> =>
    post(`/api/tunewise/v1/launches/${launch.id}/readings`, body);
  expect(await reading({ micro_usd: 10_001, metered_ms: 10_000 })).toMatchObject({ body: { stop: null } });
  expect((await post(`/api/tunewise/v1/runs/${launch.id}/stop`, { reason: "the loss is NaN" })).status).toBe(
    200,
  );
  expect(await reading({ micro_usd: 10_001, metered_ms: 10_000 })).toMatchObject({
    body: { stop: "the loss is NaN" },
  });
  clock.ms += 1_000;
  await reading({ micro_usd: 11_001, metered_ms: 11_000, ended: "stopped" });
  for (const [at, spent] of [
    [0, 5_500],
    [1, 5_501],
  ] as const) {
    expect(await get(`/api/tunewise/v1/runs/${parts[at]}`)).toMatchObject({
      body: { status: "stopped", spent_micro_usd: spent },
    });
  }
  expect(await get("/api/tunewise/v1/spend?by=client")).toMatchObject({ body: { microUsd: 11_001 } });
  expect((await get("/api/tunewise/v1/spend?by=color")).status).toBe(400);
  expect(await get("/api/tunewise/v1/budgets")).toEqual({ status: 200, body: { budgets: [] } });
  expect((await reading({ micro_usd: -1, metered_ms: 0 })).status).toBe(400);
  expect((await begin({ id: "../x" })).status).toBe(400);
  expect((await get("/api/tunewise/v1/runs/none")).status).toBe(404);
  const unknown = await post("/api/tunewise/v1/launches/none/readings", { micro_usd: 1, metered_ms: 1 });
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: "RUN_NOT_FOUND" } } });
  // A stopped run may be repeated.
  expect((await begin({ id: "again" })).status).toBe(201);
});

test("a command stops when what it has cost reaches the budget of its project", async () => {
  const { context, clock, post } = await world();
  await context.write((transaction) =>
    setBudget(transaction, { project: 0, period: "total", microUsd: 10_000 }),
  );
  const price = { price_micro_usd_per_hour: 3_600_000, price_source: "test" };
  await post("/api/tunewise/v1/launches", { id: "a", command: "python train.py", ...price });
  const read = async (micro_usd: number, metered_ms: number): Promise<unknown> => {
    clock.ms += 5_000;
    return (await post("/api/tunewise/v1/launches/a/readings", { micro_usd, metered_ms })).body["stop"];
  };
  expect(await read(5_000, 5_000)).toBeNull();
  expect(await read(10_000, 10_000)).toContain("of project Default in all are spent");
});

test("a run's own rate counts before the server's, and one that says nothing does not", async () => {
  const { clock, create, post, get } = await world();
  const [own, odd] = [
    runId(await create({ "tunewise.rate": "36/h" })),
    runId(await create({ "tunewise.rate": "dear" })),
  ];
  clock.ms += 10_000;
  for (const [id, spent] of [
    [own, 100_000],
    [odd, 10_000],
  ] as const) {
    await post("/api/2.0/mlflow/runs/update", { run_id: id, status: "FINISHED", end_time: clock.ms });
    expect(await get(`/api/tunewise/v1/runs/${id}`)).toMatchObject({ body: { spent_micro_usd: spent } });
  }
});
