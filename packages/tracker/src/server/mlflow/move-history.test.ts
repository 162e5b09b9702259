/** @file Tests export to and import from a tracking server over its public routes, with this server itself. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import {
  emptyDesk,
  fillDesk,
  importOptions,
  linesOf,
  movedRun,
} from "../../../../../test/support/history-desks.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { serveTest } from "../../../../../test/support/tracking-server.ts";
import {
  addLoggedModel,
  exportHistories,
  type HistoryExport,
  importHistory,
  keepName,
  openMlflowSource,
  putProjectTags,
} from "../../index.ts";

const startMs = 1_700_000_000_000;
const signal = new AbortController().signal;
const points = [
  ...Array.from({ length: 2500 }, (_, step) => ({
    key: "loss",
    step,
    ms: startMs + step,
    value: 1 / (step + 1),
  })),
  { key: "odd", step: 1, ms: startMs, value: Number.NaN },
  { key: "odd", step: 2, ms: startMs, value: Number.NEGATIVE_INFINITY },
  { key: "eval/loss", step: -3, ms: startMs, value: 1e-300 },
];
const dataset = {
  name: "rows",
  digest: "abc",
  sourceType: "code",
  source: "{}",
  schema: "{}",
  profile: null,
};
const run = movedRun("a1", {
  params: Array.from({ length: 230 }, (_, at) => ({ key: `p${at}`, value: `value ${at}` })),
  tags: [
    { key: "mlflow.runName", value: "run a1" },
    { key: "note", value: "zwei\nZeilen 漢字" },
  ],
  inputs: [{ dataset, context: "training", tags: [{ key: "mlflow.data.context", value: "training" }] }],
});

function request(to: string, more: Partial<HistoryExport> = {}): HistoryExport {
  return {
    format: "mlflow",
    to,
    project: null,
    runs: [],
    isForced: false,
    producer: "tunewise-0",
    cwd: "/",
    env: {},
    signal,
    onRun: () => undefined,
    ...more,
  };
}

test("runs come from a server with all they have, and nothing twice", async () => {
  const server = await serveTest();
  const gone = movedRun("b2", { stage: "deleted", deletedMs: startMs, status: "failed" });
  await fillDesk(server.context, "tickets", [
    { run, points },
    { run: gone, points: [] },
  ]);
  const about = { project: 1, kind: "pyfunc", sourceRun: "a1", createdMs: startMs, tags: [], params: [] };
  await server.context.write((transaction) =>
    addLoggedModel(transaction, { ...about, id: "m-1", name: "tuned" }),
  );
  const version = {
    version: 3,
    stage: "Production",
    description: "d",
    source: "runs:/a1/model",
    run: "a1",
    runLink: null,
  };
  const more = {
    loggedModel: null,
    path: "model",
    person: "ada",
    createdMs: startMs,
    changedMs: startMs,
    tags: [],
  };
  const name = {
    name: "registered",
    description: null,
    createdMs: startMs,
    tags: [{ key: "k", value: "v" }],
  };
  const aliases = [{ alias: "best", version: 3 }];
  await server.context.write((transaction) =>
    keepName(transaction, { ...name, aliases, versions: [{ ...version, ...more } as never] }, startMs),
  );
  await server.context.artifacts.put(
    "1/a1/artifacts/deep/model.bin",
    Readable.from([Buffer.from("weights")]),
  );
  const context = await emptyDesk();
  const source = await openMlflowSource(server.url, { cwd: "/", env: {}, signal });
  const options = importOptions({ files: { freeBytes: async () => null } });
  const report = await importHistory(source, context, options);
  expect(report).toMatchObject({
    runs: { fresh: 2, more: 0, there: 0 },
    points: { read: 2503, added: 2503 },
    models: { fresh: 1 },
    versions: { fresh: 1 },
    files: { fresh: 1, bytes: 7 },
    leftOut: [],
  });
  expect(await linesOf(context.database)).toEqual(await linesOf(server.context.database));
  expect(await context.artifacts.size("1/a1/artifacts/deep/model.bin")).toBe(7);
  expect(await context.database.all("SELECT version, stage, address FROM model_versions")).toEqual([
    { version: 3, stage: "Production", address: "mlflow-artifacts:/1/a1/artifacts/model" },
  ]);
  const again = await importHistory(source, context, options);
  expect(again).toMatchObject({
    runs: { fresh: 0, more: 0, there: 2 },
    points: { added: 0 },
    models: { fresh: 0, there: 1 },
    versions: { fresh: 0, there: 1 },
    files: { fresh: 0, there: 1 },
    leftOut: [],
  });
  expect(server.failures).toEqual([]);
});

test("runs go to a server in batches that it takes, once", async () => {
  const [server, context] = [await serveTest(), await emptyDesk()];
  const renamed = movedRun("c3", { params: [{ key: "loss(%)", value: "x".repeat(7000) }] });
  await fillDesk(context, "tickets", [
    { run, points },
    { run: renamed, points: [] },
  ]);
  await context.write((transaction) => putProjectTags(transaction, 1, [{ key: "team", value: "search" }]));
  const [sentFile] = await context.database.all("SELECT project FROM runs WHERE id = 'a1'");
  await context.artifacts.put(
    `${sentFile?.["project"]}/a1/artifacts/deep/50% model.bin`,
    Readable.from([Buffer.from("weights")]),
  );
  const first = await exportHistories(context, request(server.url));
  expect(first).toMatchObject({
    runs: 2,
    there: 0,
    changed: [],
    renamed: [{ run: "c3", keys: ["loss(%)"] }],
    notCarried: [],
  });
  const tags = await server.context.database.all("SELECT value FROM project_tags WHERE key = 'team'");
  const [arrived] = await server.context.database.all("SELECT id, project FROM runs WHERE name = 'run a1'");
  const file = `${arrived?.["project"]}/${arrived?.["id"]}/artifacts/deep/50% model.bin`;
  expect([tags, await server.context.artifacts.size(file)]).toEqual([[{ value: "search" }], 7]);
  const metrics = (lines: string[]): string[] =>
    lines.filter((line) => / (metric|dataset)=/.test(line)).map((line) => line.replace(/^id=\w+ /, ""));
  expect(metrics(await linesOf(server.context.database))).toEqual(metrics(await linesOf(context.database)));
  expect(await exportHistories(context, request(server.url))).toMatchObject({
    runs: 0,
    there: 2,
    changed: [],
  });
  await fillDesk(context, "tickets", [{ run, points: [{ key: "late", step: 1, ms: startMs, value: 1 }] }]);
  expect(await exportHistories(context, request(server.url))).toMatchObject({
    runs: 0,
    there: 1,
    changed: ["a1"],
  });
  expect(await exportHistories(context, request(server.url, { isForced: true }))).toMatchObject({
    runs: 1,
    there: 1,
  });
  const [count] = await server.context.database.all(
    "SELECT count(*) AS runs FROM runs WHERE stage = 'active'",
  );
  expect(count?.["runs"]).toBe(2);
  expect(server.failures).toEqual([]);
});

test("a source that is a folder without MLflow's files is refused, and no link of an address is followed", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "mlflow.db"), "SQLite format 3\0 and nothing more");
  await expect(openMlflowSource("mlflow.db", { cwd: folder, env: {}, signal })).rejects.toMatchObject({
    code: "MOVE_READ_FAILED",
  });
});
