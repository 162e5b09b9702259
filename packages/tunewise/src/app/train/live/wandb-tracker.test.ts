/** @file A run logged to a W&B server during training: the data that it stores, also after lost responses. */

import type { Metric } from "@tunewise/core/run";
import {
  findWandbRun,
  keepConfig,
  putTags,
  readLooseJson,
  readParams,
  readPoints,
  readTags,
  requestStop,
  type WandbRun,
} from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import {
  ending,
  type Fate,
  inFront,
  key,
  odd,
  openLive,
  point,
  type quick,
  runId,
  startMs,
  until,
} from "../../../../../../test/support/live-runs.ts";
import { serveTest, type TestTracking } from "../../../../../../test/support/tracking-server.ts";
import type { LiveLogs } from "./live-logs.ts";

const environment = { WANDB_API_KEY: key };

function live(wandb: string, about: { pace?: typeof quick } = {}): LiveLogs {
  return openLive({ wandb, experiment: "our tickets" }, { ...about, environment });
}

async function theRun({ context }: TestTracking): Promise<WandbRun> {
  const path = { entity: "tunewise", project: "our-tickets", name: runId };
  const run = await findWandbRun(context.database, path);
  if (run === null) throw new Error("no run there");
  return run;
}

/** Values of a metric with their steps. */
async function valuesOf({ context }: TestTracking, run: WandbRun, name: string): Promise<number[][]> {
  const page = { limit: 10_000, after: null };
  const points = await readPoints(context.database, { run: run.run.number, key: name }, page);
  return points.map(({ step, value }) => [step, value]);
}

/** Metrics of a training run: two per step, and an evaluation slightly later at every tenth step. */
function training(from: number, to: number): Metric[] {
  return Array.from({ length: to - from }, (_, at) => from + at).flatMap((step) => {
    const figures = [point(step), point(step, 1e-4, "train/learning_rate")];
    const later = new Date(startMs + step * 1000 + 500).toISOString();
    const evaluation = { ...point(step, 2 / step, "validation/loss"), time: later };
    return step % 10 === 0 ? [...figures, evaluation] : figures;
  });
}

/** Number of history rows that this training creates. */
const rowsUntil = (step: number): number => step - 1 + Math.floor((step - 1) / 10);

describe("a run logged to a W&B server", () => {
  test("has its history, configuration, summary and end there", async () => {
    const at = await serveTest();
    const log = live(at.url);
    log.add([point(1), point(1, Number.NaN, "train/gradient_norm")]);
    await until(async () => (await at.context.database.all("SELECT 1 FROM points")).length === 3);
    expect((await theRun(at)).run).toMatchObject({ status: "running", name: runId, startedMs: startMs });
    log.add(training(2, 51));
    const results = [point(50, 0.75, "test/tuned/accuracy"), point(50, 0.02, "spent_usd")];
    const [end] = await log.end(ending({ results, best: { step: 40, loss: 0.05 } }));
    expect(end).toEqual({
      tracker: "wandb",
      place: at.url,
      experiment: "our-tickets",
      entity: null,
      reason: null,
    });

    const run = await theRun(at);
    expect(run.run).toMatchObject({ status: "completed", startedMs: startMs });
    expect(run.historyLines).toBe(rowsUntil(51));
    const losses = await valuesOf(at, run, "train/loss");
    expect(losses.map(([, value]) => value)).toEqual(Array.from({ length: 50 }, (_, step) => 1 / (step + 1)));
    const steps = await valuesOf(at, run, "train/global_step");
    expect(steps.map(([row]) => row)).toEqual(Array.from({ length: rowsUntil(51) }, (_, row) => row));
    expect(steps.slice(8, 12)).toEqual([
      [8, 9],
      [9, 10],
      [10, 10],
      [11, 11],
    ]);
    expect(await valuesOf(at, run, "validation/loss")).toEqual(
      [10, 20, 30, 40, 50].map((step) => [rowsUntil(step + 1) - 1, 2 / step]),
    );
    expect(await valuesOf(at, run, "train/gradient_norm")).toEqual([[0, Number.NaN]]);
    expect(await readParams(at.context.database, run.run.number)).toMatchObject({
      r: "16",
      lora_dropout: "0",
      model_name_or_path: "m",
      use_rslora: "false",
    });
    const config = readLooseJson(run.config) as Record<string, { value: unknown }>;
    expect(config["r"]).toEqual({ value: 16 });
    const { m } = (config["_wandb"]?.value ?? {}) as { m: object[] };
    expect(m[0]).toEqual({ 1: "train/global_step", 6: [3], 7: [] });
    expect(m).toContainEqual({ 1: "validation/loss", 5: 1, 6: [1, 3], 7: [] });
    expect(readLooseJson(run.summary)).toMatchObject({
      "train/loss": 0.02,
      "validation/loss": 0.04,
      "train/global_step": 50,
      _step: 54,
      "test/tuned/accuracy": 0.75,
      spent_usd: 0.02,
      best_step: 40,
      best_validation_loss: 0.05,
      _wandb: { runtime: 3600 },
    });
    const tags = await readTags(at.context.database, run.run.number);
    expect(JSON.parse(tags.get("wandb.tags") ?? "")).toEqual(["tunewise"]);
    expect(at.failures).toEqual([]);
  });

  test("goes on after its rows when it is resumed, and leaves what people changed", async () => {
    const at = await serveTest();
    const first = live(at.url);
    first.add([...training(1, 31), { ...point(30, 0.4, "forgetting/kl") }]);
    await first.end(ending({ status: "interrupted", endedMs: startMs + 31_000 }));
    const stopped = await theRun(at);
    expect(stopped.run.status).toBe("failed");
    await at.context.write(async (transaction) => {
      const { number } = stopped.run;
      await putTags(transaction, number, [{ key: "wandb.tags", value: '["for the board"]' }]);
      const config = readLooseJson(stopped.config) as object;
      await keepConfig(transaction, number, JSON.stringify({ ...config, owner: { value: "ada" } }));
      await transaction.run("UPDATE runs SET name = 'the good one' WHERE number = ?", number);
    });
    const day = 86_400_000;
    const second = live(at.url);
    second.add(
      training(31, 51).map((metric) => ({
        ...metric,
        time: new Date(Date.parse(metric.time) + day).toISOString(),
      })),
    );
    await second.end(ending({ endedMs: startMs + day + 51_000 }));

    expect(await at.context.database.all("SELECT id FROM runs")).toEqual([{ id: runId }]);
    const run = await theRun(at);
    expect(run.run).toMatchObject({ status: "completed", name: "the good one" });
    expect(run.historyLines).toBe(rowsUntil(51) + 1);
    const steps = await valuesOf(at, run, "train/global_step");
    expect(steps.map(([row]) => row)).toEqual(Array.from({ length: rowsUntil(51) + 1 }, (_, row) => row));
    expect((await valuesOf(at, run, "train/loss")).map(([, value]) => 1 / (value ?? 0))).toEqual(
      Array.from({ length: 50 }, (_, step) => expect.closeTo(step + 1, 6)),
    );
    expect(await readParams(at.context.database, run.run.number)).toMatchObject({ owner: "ada", r: "16" });
    expect((await readTags(at.context.database, run.run.number)).get("wandb.tags")).toBe('["for the board"]');
    const summary = readLooseJson(run.summary) as Record<string, unknown>;
    expect(summary).toMatchObject({ "forgetting/kl": 0.4, "train/loss": 0.02 });
    // the day between the two sessions does not count
    expect(summary["_runtime"]).toBeLessThan(60);
    const { m } = (readLooseJson(run.config) as Record<string, { value: { m: Record<number, string>[] } }>)[
      "_wandb"
    ]?.value ?? { m: [] };
    expect(m.map((definition) => definition[1]).sort()).toEqual([
      ...["forgetting/kl", "train/global_step", "train/learning_rate", "train/loss", "validation/loss"],
    ]);
  });

  test("has each row once where every third answer gets lost", async () => {
    const at = await serveTest();
    let count = 0;
    const url = await inFront(at.url, () => (count++ % 3 === 0 ? "lose-answer" : "pass"));
    const log = live(url);
    for (const metric of training(1, 31)) {
      log.add([metric]);
      await new Promise((done) => setTimeout(done, 2));
    }
    expect(await log.end(ending())).toMatchObject([{ reason: null }]);
    const run = await theRun(at);
    expect(run.run.status).toBe("completed");
    for (const name of ["train/loss", "train/learning_rate"])
      expect((await valuesOf(at, run, name)).length).toBe(30);
    const steps = (await valuesOf(at, run, "train/global_step")).map(([row]) => row);
    expect(steps).toEqual(Array.from({ length: run.historyLines }, (_, row) => row));
    expect(await at.context.database.all("SELECT id FROM runs")).toHaveLength(1);
  });

  test("comes whole once a server that was away is back", async () => {
    const at = await serveTest();
    let fate: Fate = { status: 502 };
    const log = live(await inFront(at.url, () => fate));
    log.add(training(1, 21));
    await new Promise((done) => setTimeout(done, 100));
    fate = "pass";
    log.add(training(21, 31));
    expect(await log.end(ending())).toMatchObject([{ reason: null }]);
    expect((await theRun(at)).historyLines).toBe(rowsUntil(31));
  });

  test("waits as long as a server says that it is asked too much", async () => {
    const at = await serveTest();
    const asked: number[] = [];
    const url = await inFront(at.url, () => {
      asked.push(performance.now());
      return asked.length === 1 ? { status: 429, headers: { "retry-after": "1" } } : "pass";
    });
    const log = live(url);
    log.add([point(1)]);
    await until(() => asked.length > 1);
    const [first = 0, second = 0] = asked;
    expect(second - first).toBeGreaterThan(950);
    expect(await log.end(ending())).toMatchObject([{ reason: null }]);
  });
});

describe("a stop on the server", () => {
  test("is asked for, and counts once", async () => {
    const at = await serveTest();
    const log = live(at.url);
    log.add([point(1)]);
    await until(async () => (await at.context.database.all("SELECT 1 FROM points")).length > 0);
    expect(log.stopReason).toBeNull();
    const { run } = await theRun(at);
    await at.context.write((transaction) =>
      requestStop(transaction, run.number, { by: "person", reason: "enough" }, startMs),
    );
    await until(() => log.stopReason !== null);
    expect(log.stopReason).toBe(`somebody stopped the run on ${at.url}`);
    await log.end(ending({ status: "stopped" }));

    const resumed = live(at.url);
    resumed.add([point(2)]);
    expect(await resumed.end(ending())).toMatchObject([{ reason: null }]);
    expect(resumed.stopReason).toBeNull();
  });
});

test("the key is in no message, not even one of the server's", async () => {
  const seen: string[] = [];
  const url = await odd((incoming, response) => {
    seen.push(Buffer.from(String(incoming.headers.authorization).slice(6), "base64").toString());
    response.writeHead(400).end(JSON.stringify({ errors: [{ message: `who is ${seen.at(-1)}?` }] }));
  });
  const log = live(url);
  log.add([point(1)]);
  await until(() => seen.length > 0);
  const [end] = await log.end(ending());
  expect(seen[0]).toBe(`api:${key}`);
  expect(end?.reason).toContain("400 who is api:***?");
  expect(JSON.stringify(end)).not.toContain(key);
});
