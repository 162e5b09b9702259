/** @file A live run and its later export send matching data, so that the export completes the live run. */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { EventBody, Run, RunEvent } from "@tunewise/core/run";
import {
  exportHistories,
  metricsOf,
  openDatabase,
  openTrackingContext,
  readWandbFile,
  recordStore,
  resultFigures,
  type ScoreEntry,
  type TrackingContext,
} from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import {
  ending,
  inFront,
  key,
  odd,
  quick,
  runId,
  startMs,
  until,
} from "../../../../../../test/support/live-runs.ts";
import { run } from "../../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../../test/support/track-disk.ts";
import { serveTest } from "../../../../../../test/support/tracking-server.ts";
import { effectiveConfiguration, hyperparametersOf, type Recipe, readRecipe } from "../../../recipe/index.ts";
import { openLiveLogs } from "./live-logs.ts";

type Row = Record<string, unknown>;

function stepEnd(step: number): EventBody {
  return {
    kind: "step-end",
    step,
    steps: 20,
    loss: step === 3 ? Number.NaN : 1 / step,
    penalty: 0,
    learningRate: 1e-4,
    gradientNorm: 1,
    updateRatio: 0,
    tokens: 10,
    labelledTokens: 5,
    wallSeconds: 1,
  } as EventBody;
}

/** Twelve steps and two evaluations, each with its own timestamp. */
function events(): RunEvent[] {
  let [ms, seq] = [startMs, 0];
  const at = (event: EventBody): RunEvent => {
    ms += 700;
    return { v: 1, run: runId, seq: ++seq, time: new Date(ms).toISOString(), ...event };
  };
  const evaluation = (step: number): EventBody =>
    ({ kind: "evaluation-end", step, loss: 2 / step, wallSeconds: 1 }) as unknown as EventBody;
  const steps = (from: number, to: number): RunEvent[] =>
    Array.from({ length: to - from + 1 }, (_, add) => at(stepEnd(from + add)));
  return [...steps(1, 10), at(evaluation(10)), ...steps(11, 12), at(evaluation(12))];
}

/** A stand-in for a W&B server that records the requests it receives. */
async function listen(): Promise<{ readonly url: string; readonly sent: Row[] }> {
  const sent: Row[] = [];
  const place = { project: { name: "tickets", entity: { name: "team" } } };
  const data = { model: { bucket: null }, upsertBucket: { bucket: { id: "1", ...place }, inserted: true } };
  const url = await odd((incoming, response) => {
    void json(incoming).then((body) => {
      sent.push(body as Row);
      response.end(JSON.stringify(incoming.url === "/graphql" ? { data } : {}));
    });
  });
  return { url, sent };
}

const { signal } = new AbortController();

/** A record that contains a run with these events. */
async function ownRecord(
  recipe: Recipe,
  items: readonly RunEvent[],
  about: Partial<Run>,
  scores: readonly ScoreEntry[] = [],
): Promise<{ readonly context: TrackingContext; readonly folder: string }> {
  const folder = await temporaryFolder();
  const store = recordStore(await openDatabase(join(folder, "tunewise.db")));
  onTestFinished(() => store.close());
  const configuration = effectiveConfiguration(recipe);
  const createdAt = new Date(startMs).toISOString();
  const params = hyperparametersOf(recipe);
  await store.createRun(run(runId, { createdAt, configuration, params, ...about }));
  await store.record({ events: { runId, items }, scores });
  const places = { store: join(folder, "tunewise.db"), artifacts: folder };
  const context = await openTrackingContext(places, { now: () => new Date(), random: Math.random });
  onTestFinished(() => context.close());
  return { context, folder };
}

test("an export has the rows, the configuration and the summary that the run sent live", async () => {
  const { url, sent } = await listen();
  const text = `name: tickets\nmodel: m\ndata: { train: t.jsonl }\ntracking: { wandb: "${url}" }\n`;
  const { recipe } = readRecipe(text, "r.yaml", "r");
  if (recipe === null) throw new Error("no recipe");
  const items = events();
  const scores = [{ arm: "tuned", metric: "accuracy", value: 0.75 }];
  const result = { scores, wallSeconds: 14, spentMicroUsd: 20_000 };

  const about = { id: runId, startedMs: startMs, tags: [] };
  const log = openLiveLogs(recipe, about, { cwd: ".", environment: { WANDB_API_KEY: key } }, quick);
  for (const item of items) {
    log.add(metricsOf(item));
    await new Promise((done) => setTimeout(done, 3));
  }
  const metric = { runId, step: 12, time: items.at(-1)?.time ?? "" };
  const results = resultFigures(result).map(([name, value]) => ({ ...metric, key: name, value }));
  expect(await log.end(ending({ results, best: { step: 12, loss: 2 / 12 } }))).toMatchObject([
    { reason: null },
  ]);

  const { wallSeconds, spentMicroUsd } = result;
  const entries = scores.map((score) => ({ ...score, runId, low: null, high: null, rows: 4 }));
  const { context, folder } = await ownRecord(
    recipe,
    items,
    { wallSeconds, spentMicroUsd, summary: '{"best_step":12}' },
    entries,
  );
  const request = {
    format: "wandb",
    to: "out",
    project: null,
    runs: [],
    isForced: false,
    producer: "t-0",
  } as const;
  await exportHistories(context, { ...request, cwd: folder, env: {}, signal, onRun: () => undefined });
  const [name = ""] = await readdir(join(folder, "out"));
  const written: Row[] = [];
  const [config, last]: [Row, Row] = [{}, {}];
  for await (const part of readWandbFile(createReadStream(join(folder, "out", name, `run-${runId}.wandb`)))) {
    if (part.kind === "history") written.push(JSON.parse(part.row) as Row);
    if (part.kind === "run") for (const { path, value } of part.config.update) config[path.join(".")] = value;
    if (part.kind === "summary") for (const { path, value } of part.update) last[path.join(".")] = value;
  }

  const bodies = sent.flatMap(({ files }) => (files ? [files as Record<string, { content: string[] }>] : []));
  const loose = (line: string): Row => JSON.parse(line.replaceAll(":NaN", ':"NaN"')) as Row;
  expect(bodies.flatMap((files) => files["wandb-history.jsonl"]?.content ?? []).map(loose)).toEqual(written);
  expect(written.map((row) => row["_step"])).toEqual(Array.from({ length: items.length }, (_, row) => row));
  expect(written.map((row) => row["train/global_step"])).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 12],
  ]);
  const upserts = sent.flatMap(({ variables }) => (variables as { config?: string })?.config ?? []);
  const { _wandb: client, ...told } = JSON.parse(upserts.at(-1) ?? "{}") as Record<
    string,
    { value: unknown }
  >;
  expect(client?.value).toMatchObject({
    m: expect.arrayContaining([{ 1: "train/loss", 5: 1, 6: [1, 3], 7: [] }]),
  });
  expect(Object.fromEntries(Object.entries(told).map(([word, { value }]) => [word, value]))).toEqual(config);
  const sentSummary = loose(bodies.at(-1)?.["wandb-summary.json"]?.content[0] ?? "");
  expect(sentSummary).toMatchObject(last);
  expect(last).toMatchObject({ "test/tuned/accuracy": 0.75, best_step: 12, "train/loss": 1 / 12 });
});

test("what MLflow lacks of a live run is sent into its experiment, in place of what is there", async () => {
  const at = await serveTest();
  let isAway = false;
  const url = await inFront(at.url, () => (isAway ? { status: 403 } : "pass"));
  const text = `name: tickets\nmodel: m\ndata: { train: t.jsonl }\ntracking: { mlflow: "${url}", experiment: team }\n`;
  const { recipe } = readRecipe(text, "r.yaml", "r");
  if (recipe === null) throw new Error("no recipe");
  const items = events();
  const about = { id: runId, startedMs: startMs, tags: [] };
  const log = openLiveLogs(recipe, about, { cwd: ".", environment: {} }, { ...quick, end: 200 });
  log.add(metricsOf(items[0] as RunEvent));
  await until(async () => (await at.context.database.all("SELECT 1 FROM points")).length === 4);
  isAway = true;
  log.add(items.slice(1).flatMap((item) => metricsOf(item)));
  const [end] = await log.end(ending());
  expect(end).toMatchObject({
    tracker: "mlflow",
    experiment: "team",
    reason: expect.stringMatching(/^46 points/),
  });

  isAway = false;
  const { context, folder } = await ownRecord(recipe, items, {});
  const request = { format: "mlflow", to: url, project: null, runs: [runId], isForced: false } as const;
  const more = { producer: "t-0", cwd: folder, env: {}, signal, onRun: () => undefined };
  const sent = await exportHistories(context, { ...request, ...more, experiment: end?.experiment ?? null });
  expect(sent).toMatchObject({ runs: 1, there: 0 });
  const runs = await at.context.database.all(
    `SELECT p.name AS project, count(*) AS points FROM runs r JOIN projects p ON p.number = r.project
     JOIN series s ON s.run = r.number JOIN points o ON o.series = s.number WHERE r.stage = 'active' GROUP BY r.number`,
  );
  expect(runs).toEqual([{ project: "team", points: 50 }]);
});
