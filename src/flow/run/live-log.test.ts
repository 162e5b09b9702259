/** @file A run logged to a server while it works: what arrives there, and that no server keeps it from its end. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { serveTest } from "../../../test/support/tracking-server.ts";
import { readRecipe } from "../../recipe/index.ts";
import type { Metric } from "../../run/index.ts";
import { findTrackedRunOrNull, readKeys, readParams, readTags } from "../../track/index.ts";
import type { Desk } from "../tracking/desk.ts";
import { type LiveLog, liveAddress, openLiveLog } from "./live-log.ts";

const quick = { pace: 5, pause: 10, pauseMost: 20, end: 2_000 };
const time = "2026-11-24T20:45:12.000Z";
const runId = "20261124-204512-tickets-7f3a";

function point(step: number, value = 1 / step): Metric {
  return { runId, key: "train/loss", step, value, time };
}

function live(mlflow: string, pace = quick): LiveLog {
  const text = `name: tickets\nmodel: m\ndata: { train: t.jsonl }\ntracking: { mlflow: "${mlflow}" }\n`;
  const { recipe } = readRecipe(text, "r.yaml", "r");
  if (recipe === null) throw new Error("no recipe");
  const run = {
    id: runId,
    startedMs: Date.parse(time),
    tags: [{ key: "tunewise.data_fingerprint", value: "f" }],
  };
  const made = openLiveLog(recipe, run, { cwd: ".", environment: { USER: "ada" } }, pace);
  if (made === null) throw new Error("not asked for");
  return made;
}

async function theRun(desk: Desk) {
  const [row] = await desk.database.all("SELECT id, number FROM runs");
  const run = await findTrackedRunOrNull(desk.database, String(row?.["id"]));
  if (run === null) throw new Error("no run there");
  return run;
}

const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; tries < 500 && !(await isSo()); tries++)
    await new Promise((done) => setTimeout(done, 10));
};

describe("a run logged to a server", () => {
  test("has parameters, points, tags and its end there", async () => {
    const { url, desk } = await serveTest();
    const log = live(url);
    log.add([point(1), point(2, Number.NaN)]);
    await until(async () => (await desk.database.all("SELECT 1 FROM points")).length === 2);
    expect((await theRun(desk)).status).toBe("running");
    log.add(Array.from({ length: 2500 }, (_, at) => point(at + 3)));
    expect(await log.end("completed", Date.parse(time) + 1000, async () => 2502)).toEqual({
      place: url,
      reason: null,
    });
    const run = await theRun(desk);
    expect(run).toMatchObject({ status: "completed", name: runId, person: "ada" });
    expect(await readKeys(desk.database, run.number)).toEqual(["train/loss"]);
    expect((await desk.database.all("SELECT count(*) AS n FROM points"))[0]?.["n"]).toBe(2502);
    expect(await readParams(desk.database, run.number)).toMatchObject({ r: "16", model_name_or_path: "m" });
    const tags = await readTags(desk.database, run.number);
    expect([tags.get("tunewise.run"), tags.get("tunewise.points")]).toEqual([runId, "2502"]);
    expect(await log.end("failed", 0, async () => 0)).toEqual({ place: url, reason: null });
  });

  test("that is resumed goes on in the same run there", async () => {
    const { url, desk } = await serveTest();
    for (const step of [1, 2]) {
      const log = live(url);
      log.add([point(step)]);
      await log.end(step === 1 ? "interrupted" : "completed", Date.parse(time), async () => step);
    }
    expect((await desk.database.all("SELECT 1 FROM runs")).length).toBe(1);
    const run = await theRun(desk);
    expect(run.status).toBe("completed");
    expect((await desk.database.all("SELECT 1 FROM points")).length).toBe(2);
  });
});

/** A server that answers as it is told; its address is known before it answers well. */
async function odd(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer(answer as never);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("a server that is no help", () => {
  test.each([
    ["refuses", ((_, response) => response.writeHead(403).end()) as Parameters<typeof createServer>[1]],
    ["talks nonsense", ((_, response) => response.end("<html>")) as Parameters<typeof createServer>[1]],
    ["never answers", (() => undefined) as Parameters<typeof createServer>[1]],
  ])("%s: the end is there in time, and says what is missing", async (_, answer) => {
    const { url } = await odd(answer);
    const log = live(url, { ...quick, end: 300 });
    const start = performance.now();
    for (let step = 1; step <= 300; step++) log.add([point(step)]);
    expect(performance.now() - start).toBeLessThan(200);
    const end = await log.end("completed", Date.parse(time), async () => 300);
    expect(end.reason).toMatch(/^300 points were not sent/);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test("keeps no more than its share waiting", async () => {
    const { url } = await odd(() => undefined);
    const log = live(url, { ...quick, end: 50 });
    for (let part = 0; part < 30; part++) log.add(Array.from({ length: 10_000 }, (_, at) => point(at + 1)));
    expect((await log.end("completed", 0, async () => 0)).reason).toMatch(/^300000 points were not sent/);
  });
});

test.each([
  ["env", {}, "it is not set"],
  ["env", { MLFLOW_TRACKING_URI: "file:///mlruns" }, "it is no http or https address"],
])("%s with %j is said before anything begins", (mlflow, environment, found) => {
  const ask = () => liveAddress({ mlflow, experiment: null }, { environment });
  expect(ask).toThrow(found);
  expect(ask).toThrow(expect.objectContaining({ code: "TRACKING_ADDRESS_UNFIT" }));
});

test("nothing is asked that the recipe does not ask for", () => {
  const environment = { MLFLOW_TRACKING_URI: "http://127.0.0.1:1" };
  expect(liveAddress({ mlflow: null, experiment: null }, { environment })).toBeNull();
  expect(liveAddress({ mlflow: "env", experiment: null }, { environment })).toBe("http://127.0.0.1:1");
});
