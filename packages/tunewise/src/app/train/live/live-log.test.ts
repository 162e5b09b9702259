/**
 * @file A run logged to a server during training: what MLflow receives, and that no server can delay the end of the
 * run.
 */

import type { TrackingContext } from "@tunewise/tracker";
import { findTrackedRunOrNull, readKeys, readParams, readTags } from "@tunewise/tracker";
import { describe, expect, test } from "vitest";
import {
  ending,
  key,
  odd,
  openLive,
  point,
  quick,
  runId,
  until,
} from "../../../../../../test/support/live-runs.ts";
import { serveTest } from "../../../../../../test/support/tracking-server.ts";
import { recipeFromText } from "../../../prepare/index.ts";
import { liveTargets } from "./live-logs.ts";

async function theRun(context: TrackingContext) {
  const [row] = await context.database.all("SELECT id, number FROM runs");
  const run = await findTrackedRunOrNull(context.database, String(row?.["id"]));
  if (run === null) throw new Error("no run there");
  return run;
}

describe("a run logged to an MLflow server", () => {
  test("has parameters, points, tags and its end there", async () => {
    const { url, context } = await serveTest();
    const log = openLive({ mlflow: url });
    log.add([point(1), point(2, Number.NaN)]);
    await until(async () => (await context.database.all("SELECT 1 FROM points")).length === 2);
    expect((await theRun(context)).status).toBe("running");
    log.add(Array.from({ length: 2500 }, (_, at) => point(at + 3)));
    const end = ending({ points: async () => 2502, results: [point(2502, 0.5, "test/tuned/f1")] });
    const whole = { tracker: "mlflow", place: url, experiment: "tickets", entity: null, reason: null };
    expect(await log.end(end)).toEqual([whole]);
    const run = await theRun(context);
    expect(run).toMatchObject({ status: "completed", name: runId, person: "ada" });
    expect(await readKeys(context.database, run.number)).toEqual(["test/tuned/f1", "train/loss"]);
    expect((await context.database.all("SELECT count(*) AS n FROM points"))[0]?.["n"]).toBe(2503);
    expect(await readParams(context.database, run.number)).toMatchObject({
      r: "16",
      model_name_or_path: "m",
    });
    const tags = await readTags(context.database, run.number);
    expect([tags.get("tunewise.run"), tags.get("tunewise.points")]).toEqual([runId, "2502"]);
    expect(await log.end(ending({ status: "failed" }))).toEqual([whole]);
  });

  test("goes on in the same run there when it is resumed", async () => {
    const { url, context } = await serveTest();
    for (const step of [1, 2]) {
      const log = openLive({ mlflow: url });
      log.add([point(step)]);
      await log.end(ending({ status: step === 1 ? "interrupted" : "completed", points: async () => step }));
    }
    expect((await context.database.all("SELECT 1 FROM runs")).length).toBe(1);
    const run = await theRun(context);
    expect(run.status).toBe("completed");
    expect((await context.database.all("SELECT 1 FROM points")).length).toBe(2);
  });

  test("goes to a W&B server too, each with its own end", async () => {
    const { url } = await serveTest();
    const away = await odd((_, response) => response.writeHead(503).end());
    const log = openLive(
      { mlflow: url, wandb: away, entity: "team", experiment: "both" },
      { environment: { WANDB_API_KEY: key } },
    );
    log.add([point(1)]);
    expect(await log.end(ending())).toEqual([
      { tracker: "mlflow", place: url, experiment: "both", entity: null, reason: null },
      {
        tracker: "wandb",
        place: away,
        experiment: "both",
        entity: "team",
        reason: expect.stringMatching(/^1 points were not sent: .* answered 503/),
      },
    ]);
  });
});

describe.each(["mlflow", "wandb"])("a %s server that is no help", (name) => {
  const live = (url: string, end: number) =>
    openLive({ [name]: url }, { pace: { ...quick, end }, environment: { WANDB_API_KEY: key } });

  test.each<[string, Parameters<typeof odd>[0]]>([
    ["refuses", (_, response) => response.writeHead(403).end()],
    ["fails", (_, response) => response.writeHead(500).end("<html>")],
    ["talks nonsense", (_, response) => response.end("<html>")],
    ["answers with another shape", (_, response) => response.end('[{"data": 7}]')],
    ["leads elsewhere", (_, response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end()],
    ["never answers", () => undefined],
    ["breaks off", (_, response) => response.destroy()],
  ])("%s: the end is there in time, and says what is missing", async (_, answer) => {
    const log = live(await odd(answer), 300);
    const start = performance.now();
    for (let step = 1; step <= 300; step++) log.add([point(step)]);
    expect(performance.now() - start).toBeLessThan(2000); // adding points never waits
    const [end] = await log.end(ending({ points: async () => 300 }));
    expect(end?.reason).toMatch(/^300 points were not sent/);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test("keeps no more than its share waiting", async () => {
    const log = live(await odd(() => undefined), 50);
    for (let part = 0; part < 30; part++) log.add(Array.from({ length: 10_000 }, (_, at) => point(at + 1)));
    expect((await log.end(ending()))[0]?.reason).toMatch(/^300000 points were not sent/);
  });
});

const none = { mlflow: null, wandb: null, entity: null, experiment: null };

test.each([
  [
    { mlflow: "env" },
    {},
    "TRACKING_ADDRESS_INVALID",
    "the MLflow server in MLFLOW_TRACKING_URI, but it is not set",
  ],
  [
    { mlflow: "env" },
    { MLFLOW_TRACKING_URI: "file:///mlruns" },
    "TRACKING_ADDRESS_INVALID",
    "it is not an http or https address",
  ],
  [
    { wandb: "env" },
    { WANDB_BASE_URL: "wandb.example", WANDB_API_KEY: key },
    "TRACKING_ADDRESS_INVALID",
    "the W&B server in WANDB_BASE_URL, but it is not an http or https address",
  ],
  [
    { wandb: "env" },
    {},
    "TRACKING_KEY_MISSING",
    "logged to https://api.wandb.ai, but WANDB_API_KEY is not set",
  ],
  [
    { wandb: "https://wandb.example/w" },
    { WANDB_API_KEY: " " },
    "TRACKING_KEY_MISSING",
    "logged to https://wandb.example, but",
  ],
])("%j with %j is said before anything begins", (tracking, environment, code, found) => {
  const ask = () => liveTargets({ ...none, ...tracking }, { environment });
  expect(ask).toThrow(found);
  expect(ask).toThrow(expect.objectContaining({ code }));
});

test("nothing is asked that the recipe does not ask for", () => {
  const environment = {
    MLFLOW_TRACKING_URI: "http://127.0.0.1:1",
    WANDB_BASE_URL: "http://127.0.0.1:2",
    WANDB_API_KEY: key,
    WANDB_ENTITY: "team",
    WANDB_PROJECT: "all",
  };
  expect(liveTargets(none, { environment })).toEqual({ mlflow: null, wandb: null });
  const every = liveTargets({ ...none, mlflow: "env", wandb: "env" }, { environment });
  expect(every).toEqual({
    mlflow: "http://127.0.0.1:1",
    wandb: { address: "http://127.0.0.1:2", key, entity: "team", project: "all" },
  });
  const own = { ...none, wandb: "https://wandb.example", experiment: "tickets" };
  expect(liveTargets(own, { environment })).toEqual({
    mlflow: null,
    wandb: { address: "https://wandb.example", key, entity: null, project: "tickets" },
  });
});

test.each([
  [undefined, { mlflow: null, wandb: "https://wandb.example" }],
  ["mlflow", { mlflow: "env", wandb: "https://wandb.example" }],
  ["wandb", { mlflow: null, wandb: "https://wandb.example" }],
  ["all", { mlflow: "env", wandb: "https://wandb.example" }],
  ["none", { mlflow: null, wandb: null }],
] as const)(
  "--report-to %s adds servers to those of the recipe, or takes them away",
  (reportTo, expected) => {
    const text =
      "name: t\nmodel: m\ndata: { train: t.jsonl }\ntracking: { wandb: 'https://wandb.example' }\n";
    const overrides = reportTo === undefined ? {} : { reportTo };
    expect(recipeFromText(text, "/r/r.yaml", "r.yaml", overrides).recipe.tracking).toMatchObject(expected);
  },
);
