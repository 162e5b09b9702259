/** GPUs of a worker site as a place of the plan: estimates, refusals, and calibration by finished runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, storePath } from "@tunewise/tracker";
import { expect, onTestFinished, test } from "vitest";
import * as sample from "../../../../../test/support/sample-records.ts";
import { packageFile, packageVersion } from "../../catalog/index.ts";
import type { Card } from "../../executors/index.ts";
import { writePlan } from "../../plan/index.ts";
import { recipeFromText } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { createRuntime } from "../../runtime/index.ts";
import { refusalsOf } from "./approve.ts";
import { type PlannedRecipe, planRecipe } from "./plan-recipe.ts";
import { placementAt, siteShares, type WorkerSite, worstCaseOf } from "./worker-site.ts";

const mib = 2 ** 20;
const auto = { training: { precision: "auto" } } as Pick<Recipe, "training">;
const l4: Card = { name: "NVIDIA L4", memoryBytes: 23_034 * mib, usedBytes: 0, capability: 8.9 };

function siteWith(cards: readonly Card[], address = "ssh://box"): WorkerSite {
  return {
    address,
    cards,
    placement: { kind: "torch", device: "cuda", dtype: "bfloat16", processes: cards.length },
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-site-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rows = Array.from({ length: 40 }, (_, at) =>
    JSON.stringify({ prompt: `row ${at}`, completion: `is ${at}` }),
  );
  writeFileSync(join(folder, "rows.jsonl"), rows.join("\n"));
  return folder;
}

/** Plans a small model as `run` and `plan` do. */
function planned(folder: string, site: WorkerSite | null, usdPerHour = 0.6): Promise<PlannedRecipe> {
  const text = [
    ...[
      "name: a",
      `model: ${packageFile("models/small")}`,
      "data: { train: rows.jsonl }",
      "task: { kind: text }",
    ],
    ...[
      `machine: { usd_per_hour: ${usdPerHour} }`,
      "budget: { minutes: 60 }",
      "forgetting: { measure: false }",
    ],
  ].join("\n");
  const loaded = recipeFromText(text, join(folder, "tunewise.yaml"), "tunewise.yaml");
  const runtime = createRuntime(folder, new AbortController().signal, packageVersion());
  return planRecipe(loaded, runtime, undefined, { isRough: true, site });
}

const ownOf = ({ plan }: PlannedRecipe) => plan.places.find(({ kind }) => kind === "own");

test("cards at hand come second, with what is free on them and the recipe's price", async () => {
  const used = { ...l4, usedBytes: 3000 * mib };
  const found = await planned(newFolder(), siteWith([l4, used]));
  const { places, budget } = found.plan;
  expect(places[1]).toMatchObject({
    kind: "own",
    name: "2x L4",
    instance: "ssh://box",
    pricing: "own",
    usdPerHour: 600_000,
    fits: "yes",
    memory: { usableBytes: 20_034 * mib },
    layout: { rows: 4, microBatches: 1, sharding: "none" },
  });
  expect(budget.expectedShare).toBeCloseTo((places[1]?.seconds?.expected ?? Number.NaN) / 3600, 5);
  expect(placementAt(siteWith([l4, used]), found.plan, auto).recompute).toBe(places[1]?.layout?.recompute);
});

test("shares of a site have cards of their own, named as the environment names them", () => {
  const cards = (share: WorkerSite) => [share.placement.processes, share.placement.cards];
  const four = siteWith([l4, l4, l4, l4], "here");
  expect(siteShares(four, 4).map(cards)).toEqual([0, 1, 2, 3].map((at) => [1, [String(at)]]));
  expect(siteShares(four, 2, "GPU-a, GPU-b,5,7").map(cards)).toEqual([
    [2, ["GPU-a", "GPU-b"]],
    [2, ["5", "7"]],
  ]);
  expect(siteShares(four, 3).map(cards)).toEqual([0, 1, 2].map((at) => [1, [String(at)]])); // one GPU stays unused
  expect(siteShares(four, 1)).toEqual([four]);
  const processor = siteWith([], "here");
  expect(siteShares(processor, 2)).toEqual([processor, processor]);
});

test("without cards, or with one that the catalog does not have, there is no such place", async () => {
  const folder = newFolder();
  for (const cards of [[], [{ ...l4, name: "Abacus 3000" }]]) {
    const found = await planned(folder, siteWith(cards));
    expect(ownOf(found)).toBeUndefined();
    expect(placementAt(siteWith(cards), found.plan, auto).recompute).toBe(found.plan.schedule.recompute);
  }
});

test("a card that others fill refuses the worker's run, not the engine's", async () => {
  const found = await planned(newFolder(), siteWith([{ ...l4, usedBytes: 23_033 * mib }]));
  const [refusal] = refusalsOf(found, "torch");
  expect(refusal).toMatchObject({
    code: "MEMORY_TOO_SMALL",
    detail: expect.stringContaining("1.05 MB free"),
  });
  expect(refusalsOf(found)).toEqual([]);
});

test("another machine without a price is said to be metered at nothing", async () => {
  const folder = newFolder();
  const codes = async (address: string, price: number): Promise<string[]> => {
    const { findings } = await planned(folder, siteWith([], address), price);
    return findings.map(({ code }) => code).filter((code) => code === "REMOTE_PRICE_MISSING");
  };
  expect(await codes("ssh://box", 0)).toEqual(["REMOTE_PRICE_MISSING"]);
  expect(await codes("ssh://box", 0.6)).toEqual([]);
  expect(await codes("here", 0)).toEqual([]);
});

test("the worst case is the tightest cap and one lease, and nothing here or without a price", async () => {
  const { prepared } = await planned(newFolder(), null);
  const host = { address: "ssh://box", leaseSeconds: 600, onLeaseEnd: null, eventsAhead: 8 };
  const there = siteWith([l4]);
  const site = { ...there, placement: { ...there.placement, host } };
  const about = { ...prepared.recipe, budget: { ...prepared.recipe.budget, usd: 0.5, minutes: 60 } };
  expect(worstCaseOf(site, about)).toEqual({
    capUsd: 500_000,
    leaseUsd: 100_000,
    leaseSeconds: 600,
    usdPerHour: 600_000,
  });
  const unlimited = { ...about.budget, usd: null, minutes: null };
  expect(worstCaseOf(site, { ...about, budget: unlimited })?.capUsd).toBeNull();
  expect(worstCaseOf(there, about)).toBeNull();
  const free = { ...about, machine: { ...about.machine, usdPerHour: 0 } };
  expect(worstCaseOf(site, free)).toBeNull();
});

test("finished runs on such cards correct time and memory, and the plan says so", async () => {
  const folder = newFolder();
  const before = await planned(folder, siteWith([l4]));
  const root = join(folder, before.prepared.recipe.output);
  mkdirSync(root);
  const store = await openStore(storePath(root));
  const place = ownOf(before);
  const plannedSeconds = place?.seconds?.expected ?? Number.NaN;
  for (const at of [0, 1, 2]) {
    const run = sample.run(`r${at}`, {
      status: "completed",
      endedAt: sample.time,
      folder: `r${at}`,
      wallSeconds: 3 * plannedSeconds,
      versions: JSON.stringify({ tunewise: packageVersion() }),
      summary: JSON.stringify({ sessions: 1, memory_bytes_peak: 2e9 }),
    });
    await store.createRun(run, { fingerprint: `f${at}`, family: "x", forced: null, dead: [] });
    mkdirSync(join(root, run.folder, "execution"), { recursive: true });
    writeFileSync(join(root, run.folder, "plan.json"), writePlan(before.plan));
    const spec = {
      v: 1,
      run: run.id,
      folder: join(root, run.folder),
      recipe: { configuration: "{}", folder, sha256: "0".repeat(64) },
      model: { source: "a", revision: "b" },
      data: { fingerprint: "c" },
      placement: placementAt(siteWith([l4]), before.plan, auto),
      until: null,
      sweep: null,
      limits: { seconds: null },
    };
    writeFileSync(join(root, run.folder, "execution", "spec.json"), JSON.stringify(spec));
  }
  await store.close();
  const after = ownOf(await planned(folder, siteWith([l4])));
  expect(after?.restsOn).toEqual({
    memory: { by: "runs", compared: "this-card" },
    time: { by: "runs", compared: "this-card" },
  });
  // three runs move the factor three quarters of the way, on a log scale
  expect(after?.seconds?.expected).toBeCloseTo(plannedSeconds * 3 ** 0.75, 3);
  expect(after?.memory?.bytes.expected).toBeGreaterThan(place?.memory?.bytes.expected ?? Number.NaN);
  const other = ownOf(
    await planned(folder, siteWith([{ ...l4, name: "NVIDIA L40S", memoryBytes: 46_068 * mib }])),
  );
  expect(other?.restsOn?.time.by).toBe("rules");
});

test("a precision that the recipe names is that of the worker", async () => {
  const { plan } = await planned(newFolder(), siteWith([l4]));
  const typeAt = (precision: Recipe["training"]["precision"]): string =>
    placementAt(siteWith([l4]), plan, { training: { ...auto.training, precision } }).dtype;
  expect([typeAt("auto"), typeAt("bf16"), typeAt("fp32")]).toEqual(["bfloat16", "bfloat16", "float32"]);
});
