import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packageFile, packageVersion } from "../../catalog/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { type PlannedRecipe, planRecipe, siteShares, type WorkerSite } from "../plan/index.ts";
import { planShare } from "./machine-share.ts";
import { trainingSeconds } from "./search-money.ts";
import { assumedTime, siteTime } from "./site-time.ts";

const l4 = { name: "NVIDIA L4", memoryBytes: 24e9, usedBytes: 0, capability: 8.9 };

function siteWith(cards: WorkerSite["cards"]): WorkerSite {
  const device = cards.length > 0 ? "cuda" : "cpu";
  return { address: "here", cards, placement: { kind: "torch", device, dtype: "float32", processes: 1 } };
}

async function plannedFor(
  site: WorkerSite | null,
  search = "{}",
): Promise<readonly [PlannedRecipe, Runtime]> {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-time-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rows = Array.from({ length: 40 }, (_, at) => `{"prompt":"row ${at}","completion":"is ${at}"}`);
  writeFileSync(join(folder, "rows.jsonl"), rows.join("\n"));
  const text = `name: a
model: ${packageFile("models/small")}
data: { train: rows.jsonl }
task: { kind: text }
forgetting: { measure: false }
search: ${search}
`;
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const runtime = createRuntime(folder, new AbortController().signal, packageVersion());
  return [await planRecipe(loaded, runtime, undefined, { isRough: true, site }), runtime];
}

test("the engine's plan says what the engine takes, and nothing else of the worker than its assumption", async () => {
  const [planned, runtime] = await plannedFor(null);
  const engine = await siteTime(null, planned, runtime);
  expect(engine.timed(planned.plan)).toBe(planned.plan);
  expect(assumedTime(engine, null)).toEqual([]);
  const site = siteWith([]);
  const worker = await siteTime(site, planned, runtime);
  expect(worker.basis).toBe("assumed");
  expect(assumedTime(worker, site)).toMatchObject([
    { code: "SEARCH_TIME_ASSUMED", fix: "tunewise run --worker torch" },
  ]);
  const [before, after] = [planned.plan, worker.timed(planned.plan)].map(trainingSeconds);
  expect(after?.expected).toBeCloseTo(before?.expected ?? Number.NaN, 6);
  const starts = worker.timed(planned.plan).time.parts.filter(({ name }) => name === "start");
  expect(starts.at(-1)?.seconds.high).toBeGreaterThan(10); // each segment starts a Python process
});

test("with cards of the catalog the plan's time for them counts, whatever the engine takes", async () => {
  const site = siteWith([l4]);
  const [planned, runtime] = await plannedFor(site);
  const time = await siteTime(site, planned, runtime);
  expect([time.basis, assumedTime(time, site)]).toEqual(["cards", []]);
  const own = planned.plan.places.find(({ kind }) => kind === "own")?.seconds;
  const { parts } = time.timed(planned.plan).time;
  const total = parts.slice(0, -1).reduce((sum, { seconds }) => sum + seconds.high, 0);
  expect(total).toBeCloseTo(own?.high ?? Number.NaN, 6);
});

test("a trial that has one of two cards is planned for the fuller one, without the engine's limits", async () => {
  const site = siteWith([l4, { ...l4, usedBytes: 4e9 }]);
  const [planned, runtime] = await plannedFor(site, "{ parallel: 2 }");
  const share = await planShare(planned, siteShares(site, 2), runtime);
  const own = share.plan.places.find(({ kind }) => kind === "own");
  expect(own).toMatchObject({ deviceCount: 1, memory: { usableBytes: 20e9 } });
  const full = siteWith([l4, { ...l4, usedBytes: 24e9 - 1e6 }]);
  await expect(planShare(planned, siteShares(full, 2), runtime)).rejects.toMatchObject({
    params: { parallel: 2, most: 1, reason: expect.stringContaining("1 MB free") },
  });
});
