/**
 * @file A run whose folder records its end but whose store does not: listing runs and starting the same experiment both
 * see the end.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openRuns, runFolderAt, runsPath } from "@tunewise/tracker";
import { expect, test } from "vitest";
import { run, time } from "../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { createRuntime } from "../../runtime/index.ts";
import { deadRuns } from "../runs/index.ts";
import { listRuns } from "./list-runs.ts";

const id = "20261124-204512-tickets-7f3a";
const prints = { fingerprint: "f", family: "g", forced: null };

/** An output folder whose store was not writable when its run ended. Only the journal records the end. */
async function behind(): Promise<string> {
  const output = await temporaryFolder();
  mkdirSync(runFolderAt(join(runsPath(output), id)).path, { recursive: true });
  const store = await openRuns(output);
  await store.createRun(run(id), { ...prints, dead: [] });
  await store.note({ run: { id, change: { status: "completed", endedAt: time } } });
  await store.close();
  return output;
}

test("`runs` shows how a run ended, where only its folder knew", async () => {
  const output = await behind();
  const runtime = createRuntime(output, new AbortController().signal, "0");
  expect(await listRuns(runtime, { store: output })).toMatchObject([
    { id, status: "completed", endedAt: time },
  ]);
});

test("a run that the store takes for dead and its folder knows as completed is not paid for again", async () => {
  const output = await behind();
  const store = await openRuns(output);
  const dead = await deadRuns(store, output, createRuntime(output, new AbortController().signal, "0"));
  expect(dead).toEqual([]);
  const duplicate = await store.createRun(run("20261124-204513-tickets-7f3b"), { ...prints, dead });
  expect(duplicate).toMatchObject({ id, status: "completed" });
  await store.close();
});

test("a run whose journal cannot be read hinders nobody, and is dead", async () => {
  const output = await behind();
  const { record } = runFolderAt(join(runsPath(output), id));
  rmSync(record);
  mkdirSync(record);
  const store = await openRuns(output);
  await expect(store.catchUp(id)).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
  expect(await deadRuns(store, output, createRuntime(output, new AbortController().signal, "0"))).toEqual([
    id,
  ]);
  await store.close();
});
