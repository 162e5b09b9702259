/** @file Runs side by side: differences as sentences, answers by page, and the reasons for missing answers. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  addTrackedRun,
  openTrackingContext,
  readTrackedRuns,
  runsPath,
  storePath,
  type TrackedRun,
} from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { addOwnRun, answeredRows } from "../../../../../test/support/own-runs.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { createAnswersBeside } from "./answers-beside.ts";
import { createScoreComparison } from "./compare-scores.ts";

const ids = ["20261124-204512-a-7f3a", "20261124-204513-b-7f3b", "20261124-204514-c-7f3c"] as const;

async function place() {
  const output = await temporaryFolder();
  const context = {
    ...(await openTrackingContext(
      { store: storePath(output), artifacts: join(output, "artifacts") },
      { now: () => new Date("2026-11-24T20:45:12.000Z"), random: Math.random },
    )),
    output,
  };
  onTestFinished(() => context.close());
  const runs = async (some: readonly string[]): Promise<TrackedRun[]> => {
    const found = await readTrackedRuns(context.database, some);
    return some.flatMap((id) => found.find((run) => run.id === id) ?? []);
  };
  const answersPath = (id: string): string => join(runsPath(output), id, "answers.jsonl");
  return { context, output, runs, answersPath };
}

test("differences of own runs in words; a client's run has one value and no interval", async () => {
  const { context, output, runs, answersPath } = await place();
  const [a, b] = ids;
  await addOwnRun(context.database, output, { id: a, rows: answeredRows(40, 10) });
  await addOwnRun(context.database, output, {
    id: b,
    recipe: "method: { rank: 4 }",
    rows: answeredRows(40, 30),
  });
  await context.write((transaction) =>
    addTrackedRun(transaction, {
      id: "m",
      client: "mlflow",
      project: 0,
      purpose: "experiment",
      family: null,
      tags: [],
      name: "",
      status: "completed",
      person: "",
      startedMs: 1,
      fingerprint: null,
    }),
  );
  const compare = createScoreComparison(context);
  const found = await compare(await runs([a, b, "m"]));
  expect(found?.variants[1]?.differences[0]?.sentence).toMatch(/^better by 50\.0 points/);
  expect(found?.leftOut).toEqual([
    {
      run: "m",
      reason:
        "logged by MLflow's client: one value of each score and no answers by row, so that chance cannot be told",
    },
  ]);
  expect(await compare(await runs([a, b, "m"]))).toBe(found); // from the cache
  const turned = await compare(await runs(["m", a]));
  expect(turned).toMatchObject({
    variants: [],
    leftOut: [{ run: "m" }, { run: a, reason: "the baseline has no answers by row" }],
  });
  // changed answers require a new comparison
  writeFileSync(answersPath(b), "no JSON\n");
  expect((await compare(await runs([a, b])))?.leftOut).toEqual([
    { run: b, reason: "its answers cannot be read, or have no outcomes by row" },
  ]);
  rmSync(answersPath(b));
  expect((await compare(await runs([a, b])))?.leftOut).toEqual([
    { run: b, reason: "its answers by row are not on this server" },
  ]);
});

test("comparisons wait for one another, and not without end", async () => {
  const { context, output, runs } = await place();
  await addOwnRun(context.database, output, { id: ids[0], rows: answeredRows(40, 10) });
  await addOwnRun(context.database, output, {
    id: ids[1],
    recipe: "method: { rank: 4 }",
    rows: answeredRows(40, 30),
  });
  const compare = createScoreComparison(context);
  const asked = await runs([ids[0], ids[1]]);
  const found = await Promise.all(Array.from({ length: 12 }, () => compare(asked)));
  expect(found.filter((one) => one === null).length).toBeGreaterThan(0);
  expect(new Set(found.filter((one) => one !== null)).size).toBe(1);
});

test("answers to shared rows, page by page, counted over all rows", async () => {
  const { context, output, runs, answersPath } = await place();
  const [a, b, c] = ids;
  await addOwnRun(context.database, output, { id: a, rows: answeredRows(300, 250) });
  const twice = [...answeredRows(300, 240), ...answeredRows(1, 0)].reverse(); // one question twice, in reverse order
  await addOwnRun(context.database, output, { id: b, recipe: "method: { rank: 4 }", rows: twice });
  await addOwnRun(context.database, output, { id: c, rows: answeredRows(10, 10, "another question") });
  const read = createAnswersBeside(context);
  const all = await read({ runs: await runs([a, b, c]), only: "all", offset: 250, limit: 50, marks: false });
  expect(all?.runs).toEqual([a, b]);
  expect(all?.leftOut).toEqual([{ run: c, reason: "it answered other rows" }]);
  expect(all?.counts).toEqual({ all: 300, scores: 11, answers: 11 });
  expect(all?.rows.map(({ row }) => row)).toEqual(Array.from({ length: 50 }, (_, at) => 250 + at));
  const some = await read({ runs: await runs([a, b]), only: "scores", offset: 10, limit: 50, marks: false });
  expect(some?.rows).toMatchObject([
    {
      row: 249,
      question: { text: "question 249" },
      reference: { text: "label 249" },
      answers: [
        { text: { text: "label 249" }, isRight: true, scores: [{ metric: "exact_match", value: 1 }] },
        {
          text: { text: "label something else" },
          isRight: false,
          scores: [{ metric: "exact_match", value: 0 }],
        },
      ],
    },
  ]);
  const marked = await read({ runs: await runs([a, b]), only: "scores", offset: 10, limit: 1, marks: true });
  expect(marked?.rows[0]?.answers.map(({ parts }) => parts)).toEqual([
    null,
    [
      { kind: "same", text: "label " },
      { kind: "missing", text: "249" },
      { kind: "added", text: "something else" },
    ],
  ]);
  expect(
    (await read({ runs: await runs([a]), only: "all", offset: 0, limit: 50, marks: false }))?.rows,
  ).toEqual([]);
  writeFileSync(answersPath(b), `{"prompt":"question 0"\n${"[".repeat(1000)}\n`);
  const broken = await read({ runs: await runs([a, b]), only: "all", offset: 0, limit: 50, marks: false });
  expect(broken).toMatchObject({ runs: [a], counts: { all: 0 }, rows: [] });
});
