/** @file An import on each database: everything is imported once, no matter how often it is repeated. */
import { expect, onTestFinished, test } from "vitest";
import {
  importOptions,
  linesOf,
  movedModel,
  movedRun,
  sourceOf,
} from "../../../../test/support/history-desks.ts";
import { storePlaces } from "../../../../test/support/store-places.ts";
import { temporaryFolder } from "../../../../test/support/track-disk.ts";
import { openTrackingContext } from "../tracking-context.ts";
import { importHistory } from "./import-history.ts";

const dataset = {
  name: "rows",
  digest: "abc",
  sourceType: "code",
  source: "{}",
  schema: null,
  profile: null,
};
const run = movedRun("a", {
  params: [{ key: "lr", value: "1" }],
  inputs: [{ dataset, context: "training", tags: [] }],
  modelInputs: ["m-1", "m-none"],
  outputs: [{ modelId: "m-1", step: 3 }],
});
const points = [1, Number.NaN, Number.POSITIVE_INFINITY, 1e-300].map((value, step) => ({
  key: "loss",
  step,
  ms: 7,
  value,
}));
const metric = { key: "f1", step: 1, ms: 7, value: 0.5, run: "a", datasetName: "", datasetDigest: "" };
const version = {
  stage: "Staging",
  description: null,
  source: "s",
  run: "a",
  runLink: null,
  loggedModel: null,
} as const;

test.each(storePlaces)("%s", async (_, isThere, make) => {
  if (!isThere) return;
  const host = { now: () => new Date(5), random: Math.random };
  const context = await openTrackingContext(
    { store: await make(), artifacts: await temporaryFolder() },
    host,
  );
  onTestFinished(() => context.close());
  const source = sourceOf([{ run, points }], {
    models: async function* () {
      yield { ...movedModel, id: "m-1", status: "ready", stage: "active", metrics: [metric] };
      yield { ...movedModel, id: "m-2", status: "failed", stage: "deleted", metrics: [] };
    },
    registry: async function* () {
      const more = { path: "x", person: "ada", createdMs: 5, changedMs: 6, tags: [{ key: "k", value: "v" }] };
      const versions = [2, 5].map((number) => ({ ...version, ...more, version: number }));
      const aliases = [{ alias: "best", version: 5 }];
      yield { name: "registered", description: "d", createdMs: 5, tags: [], aliases, versions };
    },
  });
  const first = await importHistory(source, context, importOptions());
  expect(first).toMatchObject({
    runs: { fresh: 1 },
    points: { read: 4, added: 4 },
    models: { fresh: 2 },
    versions: { fresh: 2 },
    leftOut: [{ kind: "links to logged models", what: "run a", reason: "the model m-none is not here" }],
  });
  const lines = await linesOf(context.database);
  const again = await importHistory(source, context, importOptions());
  expect(again).toMatchObject({
    runs: { fresh: 0, more: 0, there: 1 },
    points: { added: 0 },
    models: { fresh: 0, there: 2 },
    versions: { fresh: 0, there: 2 },
    leftOutKinds: [{ kind: "links to logged models", count: 1 }],
  });
  expect(await linesOf(context.database)).toEqual(lines);
  const counts = async (table: string): Promise<number> =>
    Number((await context.database.all(`SELECT count(*) AS rows FROM ${table}`))[0]?.["rows"]);
  expect([
    await counts("run_outputs"),
    await counts("run_model_inputs"),
    await counts("logged_model_metrics"),
  ]).toEqual([1, 1, 1]);
  const versions = await context.database.all(
    "SELECT version, stage, address FROM model_versions ORDER BY version",
  );
  expect(versions.map((row) => `${row["version"]} ${row["stage"]} ${row["address"]}`)).toEqual([
    "2 Staging mlflow-artifacts:/1/a/artifacts/x",
    "5 Staging mlflow-artifacts:/1/a/artifacts/x",
  ]);
});
