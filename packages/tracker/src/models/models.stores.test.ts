/** @file Logged models and the model registry, on each database. */
import { describe, expect, onTestFinished, test } from "vitest";
import { storePlaces } from "../../../../test/support/store-places.ts";
import type { Database } from "../database/database.ts";
import { openDatabase } from "../open-store.ts";
import { readDocuments } from "../tracking/documents.ts";
import { addTrackedRun, changeTrackedRun, findTrackedRun } from "../tracking/runs.ts";
import { createWriter, type Write } from "../tracking/writer.ts";
import {
  addLoggedModel,
  addLoggedModelParams,
  changeLoggedModel,
  dropLoggedModelTag,
  findLoggedModel,
  putLoggedModelTags,
} from "./logged-models.ts";
import { addModelMetrics } from "./model-metrics.ts";
import {
  type ModelCondition,
  type ModelField,
  type ModelSearch,
  searchLoggedModels,
} from "./model-search.ts";
import {
  addModelVersion,
  archiveOthers,
  changeModelVersion,
  dropModelVersion,
  dropModelVersionTag,
  findModelVersion,
  putModelVersionTags,
} from "./model-versions.ts";
import { addModelHistory, addOutputs, readOutputs } from "./outputs.ts";
import {
  addRegisteredModel,
  changeRegisteredModel,
  dropModelAlias,
  dropRegisteredModel,
  dropRegisteredModelTag,
  findRegisteredModel,
  putModelAlias,
  putRegisteredModelTags,
} from "./registered-models.ts";
import { promptTag, searchModelVersions, searchRegisteredModels } from "./registry-search.ts";
import type { LoggedModel, ModelVersion, RegisteredModel } from "./types.ts";

const startMs = Date.UTC(2026, 10, 25);

describe.each(storePlaces)("%s", (_, isThere, make) => {
  const it = test.skipIf(!isThere);

  async function store(): Promise<{ database: Database; write: Write; run: number }> {
    const database = await openDatabase(await make());
    onTestFinished(() => database.close());
    const write = createWriter(database);
    const { number } = await write((transaction) =>
      addTrackedRun(transaction, {
        id: "run",
        project: 0,
        name: "run",
        status: "running",
        client: "mlflow",
        person: "ada",
        purpose: "experiment",
        startedMs: startMs,
        fingerprint: null,
        family: null,
        tags: [],
      }),
    );
    return { database, write, run: number };
  }

  const model = (write: Write, id: string, more: Partial<LoggedModel> = {}): Promise<LoggedModel> =>
    write((transaction) =>
      addLoggedModel(transaction, {
        id,
        project: 0,
        name: `model ${id}`,
        kind: "",
        sourceRun: null,
        createdMs: startMs,
        tags: [],
        params: [],
        ...more,
      }),
    );

  const metric = (modelId: string, value: number, more: object = {}) => ({
    modelId,
    key: "acc",
    step: 0,
    ms: startMs,
    value,
    datasetName: "",
    datasetDigest: "",
    ...more,
  });

  it("keeps a logged model and what changes about it", async () => {
    const { database, write } = await store();
    const tags = [{ key: "team", value: "search" }];
    const params = [{ key: "lr", value: "0.1" }];
    const made = await model(write, "m-1", { tags, params, sourceRun: "run", kind: "llm" });
    expect(made).toMatchObject({ status: "pending", stage: "active", tags, params, kind: "llm" });
    expect(await findLoggedModel(database, "m-1")).toEqual(made);
    const ready = await write((transaction) =>
      changeLoggedModel(transaction, "m-1", { status: "ready" }, startMs + 1),
    );
    expect(ready).toMatchObject({ status: "ready", changedMs: startMs + 1 });
    expect(await findLoggedModel(database, "m-1")).toEqual(ready);
    await write((transaction) =>
      putLoggedModelTags(transaction, "m-1", [...tags, { key: "team", value: "b" }]),
    );
    expect((await findLoggedModel(database, "m-1")).tags).toEqual([{ key: "team", value: "b" }]);
    const drop = () => write((transaction) => dropLoggedModelTag(transaction, "m-1", "team"));
    expect([await drop(), await drop()]).toEqual([true, false]);
    await write((transaction) => changeLoggedModel(transaction, "m-1", { stage: "deleted" }, startMs + 2));
    await expect(findLoggedModel(database, "m-1")).rejects.toMatchObject({ code: "LOGGED_MODEL_NOT_FOUND" });
    expect(await findLoggedModel(database, "m-1", ["active", "deleted"])).toMatchObject({ stage: "deleted" });
  });

  it("takes a parameter again, but not another value of it", async () => {
    const { database, write } = await store();
    await model(write, "m-1", { params: [{ key: "lr", value: "1" }] });
    const add = (value: string) =>
      write((transaction) => addLoggedModelParams(transaction, "m-1", [{ key: "lr", value }]));
    await add("1");
    await expect(add("2")).rejects.toMatchObject({ code: "MODEL_PARAM_CHANGED" });
    expect((await findLoggedModel(database, "m-1")).params).toEqual([{ key: "lr", value: "1" }]);
  });

  it("shows what runs measured about a model, each point once", async () => {
    const { database, write, run } = await store();
    await model(write, "m-1");
    const points = [
      metric("m-1", 0.5),
      metric("m-1", 0.75, { step: 1, datasetName: "squad", datasetDigest: "d1" }),
      metric("m-1", Number.NaN, { key: "loss" }),
      metric("m-1", Number.NEGATIVE_INFINITY, { key: "loss", step: 3 }),
    ];
    for (const _again of [1, 2]) await write((transaction) => addModelMetrics(transaction, run, points));
    expect((await findLoggedModel(database, "m-1")).metrics).toEqual(
      points.map(({ modelId: _id, ...point }) => ({ ...point, run: "run" })),
    );
    await expect(
      write((transaction) => addModelMetrics(transaction, run, [metric("m-2", 1)])),
    ).rejects.toMatchObject({ code: "LOGGED_MODEL_NOT_FOUND" });
  });

  it("keeps the latest points where a model has too many", async () => {
    const { database, write, run } = await store();
    await model(write, "m-1");
    const curve = Array.from({ length: 1500 }, (_, step) => metric("m-1", step, { step, key: "loss" }));
    await write((transaction) => addModelMetrics(transaction, run, [metric("m-1", 1), ...curve]));
    const { metrics } = await findLoggedModel(database, "m-1");
    expect(metrics.length).toBe(1000);
    expect(metrics[0]).toMatchObject({ key: "acc" });
    expect(metrics.at(-1)).toMatchObject({ key: "loss", step: 1499 });
  });

  describe("a search of logged models", () => {
    async function three(): Promise<(search: Partial<ModelSearch>) => Promise<string[]>> {
      const { database, write, run } = await store();
      await model(write, "m-1", { kind: "llm", createdMs: startMs, params: [{ key: "lr", value: "0.1" }] });
      await model(write, "m-2", { createdMs: startMs + 1, tags: [{ key: "team", value: "Search_1" }] });
      await model(write, "m-3", { createdMs: startMs + 2, sourceRun: "run" });
      await write((transaction) => changeLoggedModel(transaction, "m-3", { status: "ready" }, startMs + 9));
      const on = (name: string, digest: string) => ({ datasetName: name, datasetDigest: digest });
      await write((transaction) =>
        addModelMetrics(transaction, run, [
          metric("m-1", 0.9, { step: 1, ...on("squad", "d1") }),
          metric("m-1", 0.1, { step: 2, ...on("squad", "d2") }),
          metric("m-2", 0.5, on("squad", "d1")),
          metric("m-3", Number.NaN),
        ]),
      );
      return async (search) => {
        const all = { projects: [0], conditions: [], measuredOn: [], order: [], limit: 10, offset: 0 };
        return (await searchLoggedModels(database, { ...all, ...search })).map(({ id }) => id);
      };
    }

    const one = (
      field: ModelField,
      comparison: ModelCondition["comparison"],
      ...values: (string | number)[]
    ): { conditions: ModelCondition[] } => ({ conditions: [{ field, comparison, values }] });
    const acc = (...data: { name: string; digest: string | null }[]): ModelField => ({
      of: "metric",
      key: "acc",
      data,
    });

    it("finds by properties, words and figures", async () => {
      const find = await three();
      const column = (name: "name" | "status" | "kind" | "source_run" | "created_ms"): ModelField => ({
        of: "model",
        column: name,
      });
      expect(await find({})).toEqual(["m-3", "m-2", "m-1"]);
      expect(await find({ projects: [] })).toEqual([]);
      expect(await find({ projects: [7] })).toEqual([]);
      expect(await find(one(column("name"), "=", "model m-2"))).toEqual(["m-2"]);
      expect(await find(one(column("name"), "LIKE", "Model%"))).toEqual([]);
      expect(await find(one(column("name"), "ILIKE", "Model%3"))).toEqual(["m-3"]);
      expect(await find(one(column("name"), "IN", "model m-2", "model m-1"))).toEqual(["m-2", "m-1"]);
      expect(await find(one(column("name"), "NOT IN", "model m-2", "x"))).toEqual(["m-3", "m-1"]);
      expect(await find(one(column("status"), "!=", "pending"))).toEqual(["m-3"]);
      expect(await find(one(column("kind"), "=", "llm"))).toEqual(["m-1"]);
      expect(await find(one(column("source_run"), "=", "run"))).toEqual(["m-3"]);
      expect(await find(one(column("created_ms"), ">", startMs))).toEqual(["m-3", "m-2"]);
      expect(await find(one({ of: "param", key: "lr" }, "=", "0.1"))).toEqual(["m-1"]);
      expect(await find(one({ of: "tag", key: "team" }, "LIKE", "Search_1"))).toEqual(["m-2"]);
      expect(await find(one({ of: "tag", key: "team" }, "!=", "x"))).toEqual(["m-2"]);
      expect(await find(one(acc(), ">", 0.05))).toEqual(["m-2", "m-1"]);
      expect(await find(one(acc(), ">", 0.2))).toEqual(["m-2"]);
    });

    it("counts only what was measured on the data asked for", async () => {
      const find = await three();
      expect(await find(one(acc({ name: "squad", digest: "d1" }), ">", 0.2))).toEqual(["m-2", "m-1"]);
      expect(await find(one(acc({ name: "squad", digest: null }), "<", 0.2))).toEqual(["m-1"]);
      expect(await find({ measuredOn: [{ name: "squad", digest: "d2" }] })).toEqual(["m-1"]);
      expect(await find({ measuredOn: [{ name: "squad", digest: null }] })).toEqual(["m-2", "m-1"]);
    });

    it("orders, missing and NaN last either way, and pages", async () => {
      const find = await three();
      const by = (field: ModelField, ascending: boolean) => ({ order: [{ field, ascending }] });
      expect(await find(by(acc(), true))).toEqual(["m-1", "m-2", "m-3"]);
      expect(await find(by(acc(), false))).toEqual(["m-2", "m-1", "m-3"]);
      const onFirst = acc({ name: "squad", digest: "d1" });
      expect(await find(by(onFirst, false))).toEqual(["m-1", "m-2", "m-3"]);
      expect(await find(by({ of: "model", column: "id" }, true))).toEqual(["m-1", "m-2", "m-3"]);
      expect(await find({ limit: 1, offset: 1 })).toEqual(["m-2"]);
    });
  });

  it("notes which models a run made", async () => {
    const { database, write, run } = await store();
    for (const id of ["m-1", "m-2"]) await model(write, id);
    const outputs = [
      { modelId: "m-1", step: 0 },
      { modelId: "m-2", step: 5 },
    ];
    const add = (id: string, modelId = "m-1") =>
      write((transaction) => addOutputs(transaction, id, [{ modelId, step: 0 }]));
    for (const _again of [1, 2]) await write((transaction) => addOutputs(transaction, "run", outputs));
    expect((await readOutputs(database, [run])).get(run)).toEqual(outputs);
    await write((transaction) => changeLoggedModel(transaction, "m-2", { stage: "deleted" }, startMs));
    expect((await readOutputs(database, [run, run + 1])).get(run)).toEqual(outputs.slice(0, 1));
    await expect(add("none")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(add("run", "m-9")).rejects.toMatchObject({ code: "LOGGED_MODEL_NOT_FOUND" });
    await write((transaction) => changeTrackedRun(transaction, run, { stage: "deleted" }));
    await expect(add("run")).rejects.toMatchObject({ code: "RUN_DELETED" });
  });

  it("keeps the history of models of older clients in a tag", async () => {
    const { database, write, run } = await store();
    const add = (entry: object) =>
      write((transaction) => addModelHistory(transaction, "run", entry, startMs));
    expect([await add({ a: 1 }), await add({ b: 2 })]).toEqual([true, true]);
    expect(await add({ c: "x".repeat(1_000_000) })).toBe(false);
    const { number } = await findTrackedRun(database, "run");
    const document = JSON.parse(`{${(await readDocuments(database, write, [number])).get(run)}}`);
    expect(document.tags).toEqual([{ key: "mlflow.log-model.history", value: '[{"a":1},{"b":2}]' }]);
  });

  describe("the registry", () => {
    const add = (write: Write, name: string, tags: { key: string; value: string }[] = []) =>
      write(async (transaction) => {
        const about = { name, description: null, tags, nowMs: startMs };
        return (await addRegisteredModel(transaction, about)) as RegisteredModel;
      });
    const addVersion = (write: Write, name: string, more: Partial<ModelVersion> = {}) =>
      write(async (transaction) =>
        addModelVersion(transaction, (await findRegisteredModel(transaction, name)) as RegisteredModel, {
          description: null,
          source: "models:/m-1",
          address: "mlflow-artifacts:/0/models/m-1/artifacts",
          run: null,
          runLink: null,
          loggedModel: null,
          person: "ada",
          createdMs: startMs,
          tags: [],
          ...more,
        }),
      );

    it("keeps names, once each, and renames and drops them", async () => {
      const { database, write } = await store();
      const made = await add(write, "a", [{ key: "k", value: "v" }]);
      expect(made).toMatchObject({ name: "a", tags: [{ key: "k", value: "v" }], aliases: [], latest: [] });
      expect(await add(write, "a")).toBeNull();
      await addVersion(write, "a", { tags: [{ key: "t", value: "1" }] });
      const renamed = await write((transaction) =>
        changeRegisteredModel(transaction, made, { name: "b", description: "d" }, startMs + 5),
      );
      expect(renamed).toMatchObject({ name: "b", description: "d", changedMs: startMs + 5 });
      expect(await findRegisteredModel(database, "a")).toBeNull();
      expect(await findModelVersion(database, "b", { version: 1 })).toMatchObject({ changedMs: startMs + 5 });
      await write((transaction) => putRegisteredModelTags(transaction, made, [{ key: "k", value: "w" }]));
      const drop = () => write((transaction) => dropRegisteredModelTag(transaction, made, "k"));
      expect([await drop(), await drop()]).toEqual([true, false]);
      const version = (await findModelVersion(database, "b", { version: 1 })) as ModelVersion;
      await write((transaction) => putModelAlias(transaction, renamed, "best", version));
      await write((transaction) => dropRegisteredModel(transaction, renamed));
      expect(await findRegisteredModel(database, "b")).toBeNull();
      expect(await findModelVersion(database, "b", { version: 1 })).toBeNull();
    });

    it("never gives a version's number out again", async () => {
      const { database, write } = await store();
      await add(write, "a");
      const [, second] = [await addVersion(write, "a"), await addVersion(write, "a")];
      await write((transaction) => dropModelVersion(transaction, second, startMs));
      expect(await findModelVersion(database, "a", { newest: "any" })).toMatchObject({ version: 1 });
      expect(await addVersion(write, "a")).toMatchObject({ version: 3, stage: "None" });
    });

    it("moves versions between stages and knows the newest of each", async () => {
      const { database, write } = await store();
      await add(write, "a");
      const [first, second] = [await addVersion(write, "a"), await addVersion(write, "a")];
      const move = (version: ModelVersion, stage: ModelVersion["stage"], archive: boolean) =>
        write(async (transaction) => {
          const moved = await changeModelVersion(transaction, version, { stage }, startMs + 1);
          if (archive) await archiveOthers(transaction, moved, startMs + 1);
        });
      await move(first, "Production", false);
      await move(second, "Production", true);
      await addVersion(write, "a");
      const latest = (await findRegisteredModel(database, "a"))?.latest ?? [];
      expect(latest.map(({ version, stage }) => [version, stage])).toEqual([
        [1, "Archived"],
        [2, "Production"],
        [3, "None"],
      ]);
      expect(await findModelVersion(database, "a", { newest: "Production" })).toMatchObject({ version: 2 });
      expect(await findModelVersion(database, "a", { newest: "Staging" })).toBeNull();
    });

    it("points aliases to one version each", async () => {
      const { database, write } = await store();
      const made = await add(write, "a");
      const [first, second] = [await addVersion(write, "a"), await addVersion(write, "a")];
      for (const version of [first, second]) {
        await write((transaction) => putModelAlias(transaction, made, "best", version));
      }
      expect(await findModelVersion(database, "a", { alias: "best" })).toMatchObject({
        version: 2,
        aliases: ["best"],
      });
      expect((await findRegisteredModel(database, "a"))?.aliases).toEqual([{ alias: "best", version: 2 }]);
      const drop = () => write((transaction) => dropModelAlias(transaction, made, "best"));
      expect([await drop(), await drop()]).toEqual([true, false]);
      await write((transaction) => putModelVersionTags(transaction, first, [{ key: "t", value: "1" }]));
      const dropTag = () => write((transaction) => dropModelVersionTag(transaction, first, "t"));
      expect([await dropTag(), await dropTag()]).toEqual([true, false]);
    });

    it("finds names and versions, and prompts only where they are asked for", async () => {
      const { database, write } = await store();
      await add(write, "alpha", [{ key: "team", value: "x" }]);
      await add(write, "beta");
      await add(write, "greet", [{ key: promptTag, value: "true" }]);
      await addVersion(write, "alpha", { run: "r1", tags: [{ key: "ok", value: "yes" }] });
      await addVersion(write, "alpha", { run: "r2", source: "runs:/r2/model" });
      await addVersion(write, "greet", { tags: [{ key: promptTag, value: "true" }] });
      const page = { prompts: false, order: [], limit: 10, offset: 0 } as const;
      type Names = Parameters<typeof searchRegisteredModels>[1];
      const names = async (search: Partial<Names>) =>
        (await searchRegisteredModels(database, { ...page, conditions: [], ...search })).map(
          ({ name }) => name,
        );
      expect(await names({})).toEqual(["alpha", "beta"]);
      expect(await names({ prompts: true })).toEqual(["greet"]);
      expect(await names({ order: [{ column: "name", ascending: false }], limit: 1 })).toEqual(["beta"]);
      const like = { field: { column: "name" }, comparison: "LIKE", values: ["%a"] } as const;
      const tag = { field: { tag: "team" }, comparison: "=", values: ["x"] } as const;
      expect(await names({ conditions: [like, tag] })).toEqual(["alpha"]);
      type Versions = Parameters<typeof searchModelVersions>[1];
      const found = async (search: Partial<Versions>) =>
        (await searchModelVersions(database, { ...page, conditions: [], ...search })).map(
          ({ name, version }) => `${name} ${version}`,
        );
      expect(await found({})).toEqual(["alpha 2", "alpha 1"]);
      expect(await found({ prompts: true })).toEqual(["greet 1"]);
      const run = { field: { column: "run" }, comparison: "IN", values: ["r1", "r9"] } as const;
      expect(await found({ conditions: [run] })).toEqual(["alpha 1"]);
      const source = { field: { column: "source" }, comparison: "=", values: ["runs:/r2/model"] } as const;
      expect(await found({ conditions: [source] })).toEqual(["alpha 2"]);
      const ok = { field: { tag: "ok" }, comparison: "!=", values: ["no"] } as const;
      expect(await found({ conditions: [ok] })).toEqual(["alpha 1"]);
      const version = { field: { column: "version" }, comparison: ">", values: [1] } as const;
      expect(await found({ conditions: [version] })).toEqual(["alpha 2"]);
    });
  });
});
