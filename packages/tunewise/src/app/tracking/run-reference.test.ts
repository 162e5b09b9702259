/** @file `latest` and id prefixes mean the same for show, charge, stop and the model commands. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NewRun } from "@tunewise/core/run";
import {
  addTrackedRun,
  chargeRun,
  createWriter,
  type Database,
  openDatabase,
  recordStore,
  requestRunStop,
  resolveRunId,
  storePath,
} from "@tunewise/tracker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRuntime } from "../../runtime/index.ts";
import { findRun } from "../runs/index.ts";
import { showTrackedRun } from "./show-tracked.ts";

let folder = "";
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tunewise-named-"));
  database = await openDatabase(storePath(folder));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** A run of this engine that began at the given minute. */
async function own(id: string, minute: number, summary: object = {}): Promise<void> {
  const createdAt = `2026-11-20T10:${String(minute).padStart(2, "0")}:00.000Z`;
  const run: NewRun = {
    id,
    name: id,
    status: "completed",
    createdAt,
    endedAt: createdAt,
    recipeText: "",
    configuration: "{}",
    dataFingerprint: "d",
    model: "m",
    modelRevision: "r",
    versions: "{}",
    folder: `runs/${id}`,
    project: id,
    params: {},
    wallSeconds: 1,
    spentMicroUsd: 0,
    summary: JSON.stringify(summary),
  };
  await recordStore(database).createRun(run, { fingerprint: id, family: id, forced: null, dead: [] });
}

async function client(id: string, minute: number): Promise<void> {
  const startedMs = Date.parse(`2026-11-20T10:${String(minute).padStart(2, "0")}:00.000Z`);
  const about = {
    project: 0,
    person: "ada",
    purpose: "experiment",
    fingerprint: null,
    family: null,
  } as const;
  await createWriter(database)((transaction) =>
    addTrackedRun(transaction, {
      ...about,
      id,
      name: id,
      status: "running",
      client: "mlflow",
      startedMs,
      tags: [],
    }),
  );
}

test("`latest` is the newest training of this engine, whatever came after it", async () => {
  await own("2026-own-1", 1);
  await own("2026-trial", 2, { kind: "trial", search: "s", trial: 1 });
  await client("abc-client", 3);
  expect(await resolveRunId(database, "latest")).toBe("2026-own-1");
  const runtime = createRuntime(folder, new AbortController().signal, "0");
  expect((await showTrackedRun("latest", folder, runtime)).id).toBe("2026-own-1");
  expect((await chargeRun("latest", "0.01usd", about, folder, runtime)).id).toBe("2026-own-1");
  expect((await requestRunStop("latest", "enough", folder, runtime)).id).toBe("2026-own-1");
});

const about = { kind: "other", quantity: 0, unit: "", source: "a bill" } as const;

test("in a store of clients alone it is their newest; the start of an id will do", async () => {
  await client("abc-1", 1);
  await client("abd-2", 2);
  expect(await resolveRunId(database, "latest")).toBe("abd-2");
  expect(await resolveRunId(database, "abc")).toBe("abc-1");
  await expect(resolveRunId(database, "ab")).rejects.toMatchObject({ code: "RUN_AMBIGUOUS" });
  await expect(resolveRunId(database, "zzz")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});

test("what only a training has is not looked for in runs of clients: there is no training", async () => {
  await client("abc-1", 1);
  const runtime = createRuntime(folder, new AbortController().signal, "0");
  await expect(findRun("latest", runtime, folder)).rejects.toMatchObject({ code: "TRAINING_NOT_FOUND" });
  await expect(findRun("zzz", runtime, folder)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});

test("an empty store has no latest", async () => {
  await expect(resolveRunId(database, "latest")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
});
