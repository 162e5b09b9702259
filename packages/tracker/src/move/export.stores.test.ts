/** @file An export names the items that it does not include, on each database. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { importOptions, movedModel, movedRun, sourceOf } from "../../../../test/support/history-desks.ts";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { linkTraces, putTrace } from "../traces/traces.ts";
import { openTrackingContext } from "../tracking-context.ts";
import { exportHistories, type HistoryExport } from "./export-histories.ts";
import { importHistory } from "./import-history.ts";

const about = { description: null, createdMs: 5, tags: [] };
const version = {
  ...about,
  version: 1,
  stage: "None",
  source: "s",
  run: "a",
  runLink: null,
  loggedModel: null,
  path: null,
  person: "ada",
  changedMs: 5,
} as const;
const promptTag = { key: "mlflow.prompt.is_prompt", value: "true" };

/** A history with every kind of item that MLflow clients log. */
const history = sourceOf(
  [
    { run: movedRun("a"), points: [] },
    { run: movedRun("b"), points: [] },
    { run: movedRun("gone", { stage: "deleted" }), points: [] },
  ],
  {
    models: async function* () {
      yield { ...movedModel, id: "m-1", status: "ready", stage: "active", metrics: [] };
    },
    registry: async function* () {
      const aliases = [{ alias: "best", version: 1 }];
      yield { ...about, name: "registered", aliases, versions: [version] };
      yield { ...about, name: "greeting", tags: [promptTag], aliases: [], versions: [version] };
    },
  },
);

test.each(storePlaces)("%s", async (_, isThere, make) => {
  if (!isThere) return;
  const host = { now: () => new Date(5), random: Math.random };
  const places = { store: await make(), artifacts: await temporaryFolder() };
  const context = await openTrackingContext(places, host);
  onTestFinished(() => context.close());
  await importHistory(history, context, importOptions());
  const [row] = await context.database.all("SELECT project, number FROM runs WHERE id = 'a'");
  const project = Number(row?.["project"]);
  for (const name of ["x.txt", "deep/y.txt"])
    await context.artifacts.put(`${project}/a/artifacts/${name}`, Readable.from([Buffer.from("text")]));
  const words = { clientRequestId: null, requestPreview: null, responsePreview: null };
  await context.write(async (transaction) => {
    const trace = { id: "tr-1", project, requestedMs: 5, durationMs: 1, state: "OK" as const, tags: [] };
    await putTrace(transaction, { ...trace, ...words, metadata: [] });
    await linkTraces(transaction, Number(row?.["number"]), ["tr-1"]);
  });
  const to = await temporaryFolder();
  const request = {
    project: null,
    runs: [],
    isForced: true,
    producer: "tunewise-0",
    cwd: "/",
    env: {},
    signal: new AbortController().signal,
    onRun: () => undefined,
  };
  const missing = async (more: Pick<HistoryExport, "format"> & Partial<HistoryExport>) => {
    const planned: string[] = [];
    const { notCarried, runs } = await exportHistories(context, {
      ...request,
      to,
      ...more,
      onPlan: (plan) => planned.push(...plan.notCarried.map(({ kind }) => kind)),
    });
    expect(planned).toEqual(notCarried.map(({ kind }) => kind));
    return [runs, ...notCarried.map(({ kind, count, names }) => `${count} ${kind}: ${names.join(" ")}`)];
  };
  const models = [
    "1 logged models: m-1",
    "1 registered models: registered",
    "1 model versions: registered",
    "1 model aliases: best",
    "1 prompts: greeting",
    "1 traces: tr-1",
  ];
  const files = "2 files: a/deep/y.txt a/x.txt";
  const tags = "1 tags of projects: team";
  const whole = ["1 deleted runs: gone", tags, ...models, files];
  for (const format of ["csv", "wandb"] as const) expect(await missing({ format })).toEqual([2, ...whole]);
  expect(await missing({ format: "csv", project: "tickets", isDryRun: true })).toEqual([2, ...whole]);
  expect(await missing({ format: "csv", runs: ["a"] })).toEqual([1, ...models, files]);
  expect(await missing({ format: "csv", runs: ["b"] })).toEqual([1]);
  expect(await missing({ format: "mlflow" })).toEqual([2, "1 deleted runs: gone", ...models]);
  for (const path of ["tags/team", "a/artifacts/x.txt", "a/artifacts/deep/y.txt"])
    expect(await readFile(join(to, String(project), path), "utf8")).toBe(
      path === "tags/team" ? "search" : "text",
    );
});
