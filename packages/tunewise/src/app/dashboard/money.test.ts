/** @file Plan accuracy on the page matches the terminal, and covers only readable runs. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProject, openRuns, openTrackingContext, readRefusals, storePath } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import { run as sampleRun } from "../../../../../test/support/sample-records.ts";
import { temporaryFolder } from "../../../../../test/support/track-disk.ts";
import { packageFile } from "../../catalog/index.ts";
import { type Plan, writePlan } from "../../plan/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { measurePlanAccuracy, planRecipe } from "../plan/index.ts";
import { refuseDuplicate } from "../runs/index.ts";
import { createPlanAccuracy } from "./money.ts";

async function planIn(folder: string, runtime: Runtime): Promise<Plan> {
  cpSync(packageFile("models/small"), join(folder, "model"), { recursive: true });
  const row = (at: number): string =>
    JSON.stringify({ prompt: `row ${at} of some`, completion: `answer ${at}` });
  writeFileSync(join(folder, "rows.jsonl"), Array.from({ length: 40 }, (_, at) => row(at)).join("\n"));
  const text =
    "name: a\nmodel: ./model\ndata: { train: rows.jsonl }\nforgetting: { measure: false }\nbudget: { minutes: 5 }\nmachine: { usd_per_hour: 3 }\n";
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  return (await planRecipe(loaded, runtime, undefined, { isRough: true })).plan;
}

test("says what `tunewise plan --accuracy` says", async () => {
  const folder = await temporaryFolder();
  const runtime = createRuntime(folder, new AbortController().signal, "test");
  const plan = await planIn(folder, runtime);
  const output = join(folder, "out");
  mkdirSync(output);
  const { low, expected, high } = plan.time.seconds;
  const runs = [
    { id: "20261124-204512-one-0001", name: "one", wallSeconds: expected },
    { id: "20261124-204513-one-0002", name: "one", wallSeconds: 4 * high },
    { id: "20261124-204514-two-0003", name: "two", wallSeconds: low },
    { id: "20261124-204515-two-0004", name: "two", wallSeconds: expected }, // without its folder
  ];
  const store = await openRuns(output);
  for (const [at, { wallSeconds, ...about }] of runs.entries()) {
    const path = `runs/${about.id}`;
    mkdirSync(join(output, path), { recursive: true });
    if (at < 3) writeFileSync(join(output, path, "plan.json"), writePlan(plan));
    const run = sampleRun(about.id, { ...about, status: "completed", folder: path, wallSeconds });
    await store.createRun({ ...run, endedAt: run.createdAt, spentMicroUsd: plan.cost.usd.expected });
  }
  const [first] = await store.listRuns({ name: "one" });
  const refused = first && refuseDuplicate(first, { fingerprint: "a".repeat(64) }, store, runtime);
  await expect(refused).rejects.toMatchObject({ code: "RUN_DUPLICATE" });
  await store.close();

  const context = await openTrackingContext(
    { store: storePath(output), artifacts: join(folder, "files") },
    runtime,
  );
  onTestFinished(() => context.close());
  const read = createPlanAccuracy({ ...context, output });
  const page = await read(null);
  const terminal = await measurePlanAccuracy(runtime, output);
  expect([page.seconds, page.microUsd, page.memoryBytes]).toEqual([
    terminal.wall,
    terminal.cost,
    terminal.memory,
  ]);
  expect(terminal.wall).toMatchObject({ count: 3, inside: 2 / 3 });
  expect(page.runs.items.map(({ id }) => id)).toEqual(terminal.runs.map(({ runId }) => runId));
  expect(page.runs.total).toBe(3);
  expect(await read(null)).toEqual(page); // from the cache

  // refusals of this engine's runs look like those of other clients
  const [refusal] = await readRefusals(context.database, 0);
  expect(refusal).toMatchObject({ earlierName: "one", person: "", microUsd: plan.cost.usd.expected });

  const project = await findProject(context.database, { name: "one" });
  const some = await read({ sql: "projects.number = ?", values: [project?.number ?? -1] });
  expect([some.runs.total, some.seconds?.count]).toEqual([2, 2]);
  expect((await createPlanAccuracy({ ...context, output: null })(null)).runs.total).toBe(0);
});
