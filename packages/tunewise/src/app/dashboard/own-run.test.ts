/** @file A run of this engine: the plan compared with the outcome, guard decisions, files, and answers by row. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Seconds, usd } from "@tunewise/core/quantity";
import { type EventBody, type RunEvent, stopBy } from "@tunewise/core/run";
import {
  findTrackedRun,
  openTrackingContext,
  recordStore,
  runFolderAt,
  runsPath,
  storePath,
} from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { inputOf, recipeOf } from "../../../../../test/support/plan-inputs.ts";
import { run as ownRun } from "../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { planRun, writePlan } from "../../plan/index.ts";
import { readAnswers, rowOf } from "./run-answers.ts";
import { readRunDetails } from "./run-details.ts";
import { findRunFile, listRunFiles } from "./run-files.ts";

const id = "20261124-204512-tickets-7f3a";
const time = "2026-11-24T20:45:12.000Z";

const events: EventBody[] = [
  { kind: "run-start", runId: id, steps: 9, resumedFromStep: 0 },
  { kind: "guard-tripped", step: 3, verdict: { act: "warn", guard: "overfitting", sentence: "it rises" } },
  { kind: "guard-tripped", step: 3, verdict: { act: "warn", guard: "overfitting", sentence: "it rises" } },
  { kind: "rolled-back", step: 5, toStep: 2, rateScale: 0.5 },
  { kind: "guard-overruled", step: 5, guard: "futility" },
  {
    kind: "finding",
    finding: {
      code: "DATA_LEAK",
      severity: "warning",
      title: 'says "kind":"guard-tripped"',
      detail: "d",
      where: [],
      count: 2,
      fix: "f",
    },
  },
  {
    kind: "guard-tripped",
    step: 7,
    verdict: { act: "stop", by: "guard", guard: "futility", sentence: "P = 2 %" },
  },
];

/** Creates a store that contains the run of a folder. */
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
  const summary = JSON.stringify({
    best_step: 6,
    sessions: 2,
    memory_bytes_peak: 3e9,
    judgement: { title: "better", sentence: "by 0.1" },
    forgetting: { verdict: "pass", perplexity_rise: 0.01 },
    stop: stopBy("cap", { cap: { kind: "minutes", limit: 1500 }, step: 36, steps: 80 }),
    findings: [{ code: "DATA_TWIN", severity: "warning", title: "t", detail: "before it began", fix: "f" }],
  });
  await store.createRun(ownRun(id, { summary }));
  await store.record({
    run: { id, change: { status: "stopped", endedAt: time } },
    events: {
      runId: id,
      items: events.map((body, at): RunEvent => ({ v: 1, run: id, seq: at + 1, time, ...body })),
    },
    spend: [
      {
        runId: id,
        time,
        kind: "train",
        spent: usd(1.5),
        duration: 60 as Seconds,
        priceUsdPerHour: usd(2),
        priceSource: "a list, 2026-11-20",
      },
    ],
  });
  const folder = runFolderAt(join(runsPath(output), id));
  await mkdir(folder.path, { recursive: true });
  return { context, folder, run: await findTrackedRun(context.database, id) };
}

test("what the store and the folder know of it", async () => {
  const { context, folder, run } = await place();
  const bare = await readRunDetails(context, run, true);
  expect(bare.own).toMatchObject({
    seconds: { planned: null, actual: 60 },
    safety: null,
    recipePath: null,
    recipeSettings: "",
  });
  const plan = planRun(inputOf("Qwen/Qwen2.5-0.5B", recipeOf(), []));
  await writeFile(folder.plan, writePlan(plan));
  await writeFile(folder.origin, '{"recipe_path":"/data/it\'s here/tunewise.yaml","set":"training.steps=4"}');
  await writeFile(folder.safety, '{"judgement":{"verdict":"fail","sentence":"two answers"}}');
  const { own, stopped, commands, ledger, headline } = await readRunDetails(context, run, true);
  expect(stopped).toEqual({ by: "cap", sentence: "Stopped at the 25-minute cap (step 36 of 80)." });
  expect(headline).toBeNull();
  const { low, expected, high } = plan.time.seconds;
  expect(own?.seconds).toEqual({ planned: { low, p50: expected, p90: high }, actual: 60 });
  expect(own?.microUsd).toEqual({
    planned: { low: plan.cost.usd.low, p50: plan.cost.usd.expected, p90: plan.cost.usd.high },
    actual: 1_500_000,
  });
  expect(own?.memoryBytes).toMatchObject({ planned: { p90: plan.memory.peakBytes.high }, actual: 3e9 });
  const ms = Date.parse(time);
  expect(own?.guards).toEqual({
    total: 4,
    items: [
      { step: 3, ms, guard: "overfitting", act: "warn", sentence: "it rises", toStep: null },
      { step: 5, ms, guard: "", act: "roll-back", sentence: "", toStep: 2 },
      { step: 5, ms, guard: "futility", act: "overruled", sentence: "", toStep: null },
      { step: 7, ms, guard: "futility", act: "stop", sentence: "P = 2 %", toStep: null },
    ],
  });
  expect(own).toMatchObject({
    sessions: 2,
    bestStep: 6,
    judgement: { title: "better" },
    safety: { verdict: "fail" },
    forgetting: { verdict: "pass" },
    findings: { total: 2, items: [{ code: "DATA_TWIN" }, { code: "DATA_LEAK" }] },
  });
  expect(commands).toEqual({
    show: `tunewise runs show ${id}`,
    stop: null,
    run: "tunewise run '/data/it'\\''s here/tunewise.yaml' --set training.steps=4",
    resume: `tunewise resume ${id}`,
    repeat: `tunewise run '/data/it'\\''s here/tunewise.yaml' --set training.steps=4 --force 'repeats ${id}'`,
  });
  expect(ledger).toMatchObject({
    total: 1,
    items: [{ microUsd: 1_500_000, priceSource: "a list, 2026-11-20" }],
  });
});

test("its folder's files, and none that lies elsewhere or belongs to its process", async () => {
  const { context, folder, run } = await place();
  await mkdir(join(folder.path, "adapter"));
  await writeFile(join(folder.path, "adapter", "adapter_model.safetensors"), "weights");
  await writeFile(folder.reportMarkdown, "# Report");
  await writeFile(folder.lock, "4711");
  const elsewhere = await temporaryFolder();
  await writeFile(join(elsewhere, "secret"), "secret");
  await symlink(elsewhere, join(folder.path, "etc"));
  await symlink(join(elsewhere, "secret"), join(folder.path, "passwd"));
  const { items, total } = await listRunFiles(context, run);
  expect([items.map(({ path, kind }) => [path, kind]), total]).toEqual([
    [
      ["adapter/adapter_model.safetensors", "model"],
      ["report.md", "text"],
    ],
    2,
  ]);
  expect((await findRunFile(context, run, "report.md"))?.bytes).toBe(8);
  for (const path of ["lock", "passwd", "etc/secret", "../../tunewise.db", "adapter"])
    expect([path, await findRunFile(context, run, path)]).toEqual([path, null]);
  expect((await listRunFiles({ ...context, output: null }, run)).items).toEqual([]);
});

test.each([
  ["accuracy", { value: 1, weight: 1 }, 1],
  ["perplexity", { value: 8 * Math.log(3), weight: 8 }, 3],
  ["json_match", { value: 0, weight: 0 }, null],
])("the score of a row by %s is in the metric's unit", (metric, outcome, score) => {
  const line = JSON.stringify({ prompt: "q", reference: "r", outcomes: { tuned: { [metric]: outcome } } });
  const found = rowOf(line, 0, 100)?.scores[0]?.tuned ?? null;
  if (score === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(score, 12);
});

test("its answers by row, with texts of bounded size and lines that are none left out", async () => {
  const { context, folder, run } = await place();
  const page = { offset: 0, limit: 50, row: null };
  expect(await readAnswers(context, run, page)).toBeNull();
  const row = (at: number, more: object = {}): string =>
    JSON.stringify({
      prompt: `question ${at}`,
      reference: "r",
      tuned: "t",
      base: null,
      outcomes: { tuned: { accuracy: { value: 1, weight: 1 } }, base: null },
      ...more,
    });
  const long = row(2, { prompt: "x".repeat(300_000), base: { odd: 1 } });
  const lines = [row(0), row(1), long, "no JSON", "y".repeat(4_100_000), row(5)];
  await writeFile(join(folder.path, "answers.jsonl"), `${lines.join("\n")}\n`);
  const whole = await readAnswers(context, run, page);
  expect([whole?.total, whole?.unreadable, whole?.rows.map(({ row: at }) => at)]).toEqual([
    6,
    2,
    [0, 1, 2, 5],
  ]);
  expect(whole?.rows[0]).toEqual({
    row: 0,
    baseIsRight: null,
    tunedIsRight: true,
    question: { text: "question 0", length: null },
    reference: { text: "r", length: null },
    base: null,
    tuned: { text: "t", length: null },
    scores: [{ metric: "accuracy", base: null, tuned: 1 }],
  });
  expect(whole?.rows[2]?.question).toEqual({ text: "x".repeat(1_000), length: 300_000 });
  expect(whole?.rows[2]?.base?.text).toBe('{"odd":1}');
  const one = await readAnswers(context, run, { ...page, row: 2 });
  expect([one?.rows.length, one?.rows[0]?.question.text.length]).toEqual([1, 200_000]);
  expect(
    (await readAnswers(context, run, { ...page, offset: 1, limit: 1 }))?.rows.map(({ row: at }) => at),
  ).toEqual([1]);
});
