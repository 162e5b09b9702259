/** @file Decisions on the page: the list of comparisons, and one comparison with its evidence. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  findTrackedRun,
  openTrackingContext,
  recordStore,
  runFolderAt,
  runsPath,
  storePath,
} from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { run as ownRun } from "../../../../../test/support/sample-records.ts";
import { sampleTry } from "../../../../../test/support/sample-try.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { exportDecision, listDecisions, readDecision } from "./decisions.ts";

const time = "2026-11-24T20:45:12.000Z";
const facts = { kind: "arms", fingerprint: "f", decided: "d" };
const outcome = { verdict: "tune", arm: "tuned", is_invalid: false, arms: 3 };

async function place() {
  const output = await temporaryFolder();
  const context = {
    ...(await openTrackingContext(
      { store: storePath(output), artifacts: join(output, "artifacts") },
      { now: () => new Date(time), random: Math.random },
    )),
    output,
  };
  onTestFinished(() => context.close());
  const store = recordStore(context.database);
  const ids = [
    "20261124-204512-try-7f3a",
    "20261124-204513-try-7f3b",
    "20261124-204514-tickets-7f3c",
  ] as const;
  const summaries = [{ ...facts, ...outcome }, facts, {}];
  for (const [at, id] of ids.entries())
    await store.createRun(ownRun(id, { summary: JSON.stringify(summaries[at]) }));
  await store.record({ run: { id: ids[0], change: { status: "completed", endedAt: time } } });
  return { context, ids };
}

test("comparisons are listed with their verdicts, trainings are not, nor what may not be read", async () => {
  const { context, ids } = await place();
  const listed = await listDecisions(context, null);
  expect(new Map(listed.map(({ id, title, tone }) => [id, `${title} ${tone}`]))).toEqual(
    new Map([
      [ids[0], "Fine-tune good"],
      [ids[1], " open"],
    ]),
  );
  expect(await listDecisions(context, { sql: "projects.number = ?", values: [-1] })).toEqual([]);
});

test("one decision has its evidence in the words of the report, and is a file to hand on", async () => {
  const { context, ids } = await place();
  const run = await findTrackedRun(context.database, ids[0]);
  const folder = runFolderAt(join(runsPath(context.output), ids[0])).path;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "arms.json"), JSON.stringify(sampleTry));
  const shown = await readDecision(context, run);
  expect(shown).toMatchObject({
    title: "Fine-tune",
    metric: "accuracy",
    testRows: 200,
    objective: "Assumed.",
  });
  expect(shown?.arms).toContainEqual({
    name: "tuned",
    isTuned: true,
    isOnFrontier: true,
    quality: 0.9,
    usdPerThousandAnswers: 0.02,
    low: expect.closeTo(0.85, 1),
    high: expect.closeTo(0.94, 1),
  });
  const parts = new Map(shown?.parts.map((part) => [part.title, part]));
  expect(parts.get("What was compared")?.table?.rows).toHaveLength(3);
  expect(parts.get("When training pays")?.sentences).toContain(
    "From not tuning to tuning at 46 answers a month.",
  );
  expect(parts.has("Invalid")).toBe(false);
  expect(shown?.split[0]?.question).toEqual({ text: "Where? <script>alert(1)</script>", length: null });
  expect(await exportDecision(context, run, "html")).toContain("&lt;script&gt;");
  expect(await exportDecision(context, run, "markdown")).toMatch(/^# t: fine-tune/);
});

test("what is not finished, or not here, has none", async () => {
  const { context, ids } = await place();
  expect(await readDecision(context, await findTrackedRun(context.database, ids[1]))).toBeNull();
  const run = await findTrackedRun(context.database, ids[0]);
  expect(await exportDecision({ ...context, output: null }, run, "html")).toBeNull();
  await expect(readDecision(context, run)).rejects.toMatchObject({ code: "RUN_FILE_UNREADABLE" });
});
