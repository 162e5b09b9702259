/** A search by the PyTorch worker: two parallel trials on the CPU, interrupted and resumed. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { localSite, planRecipe, type WorkerSite } from "../../packages/tunewise/src/app/plan/index.ts";
import {
  runSearch,
  type SearchOutcome,
  type SearchPreview,
} from "../../packages/tunewise/src/app/search/index.ts";
import { executedSpec } from "../../packages/tunewise/src/executors/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { smallSearchFolder } from "../support/small-search.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();

describe.skipIf(python === undefined)("on PyTorch", () => {
  test("trials at once, interrupted and gone on with", { timeout: 300_000 }, async () => {
    const folder = smallSearchFolder(root, "search", {
      search: "parallel: 2\n  budget: { minutes: 60 }\n  trials: 2\n  promotion: none",
      machine: "usd_per_hour: 0, threads: 2",
      metrics: "perplexity",
      testRows: 4,
    });
    const path = join(folder, "tunewise.yaml");
    const space = "training.learning_rate: [3e-3, 1e-9]"; // the second rate learns nothing: one final run is enough
    const text = readFileSync(path, "utf8").replace(/training\.learning_rate: \{.*\n.*method\.rank.*/, space);
    writeFileSync(path, text);
    const atWork = new Set<number | null>();
    const stop = new AbortController();
    const first = await search(folder, stop, "torch", (event, trial) => {
      if (event.kind === "step-end" && atWork.add(trial).size === 2) stop.abort(); // both are running
    });
    expect(first.outcome?.document).toBeNull();
    expect(first.preview).toMatchObject({ parallel: 2, threads: 1, site: { by: "torch", basis: "assumed" } });
    await expect(search(folder, new AbortController(), "engine")).rejects.toMatchObject({
      code: "SEARCH_SITE_CHANGED",
    });

    const resumed = new Map<number, number>();
    const { outcome } = await search(folder, new AbortController(), "torch", (event, trial) => {
      if (event.kind === "run-start" && trial !== null && !resumed.has(trial))
        resumed.set(trial, event.resumedFromStep);
    });
    expect(outcome?.document).toMatchObject({
      account: { trials: 2, knownRuns: 0 },
      finals: { winner: { trial: 1, status: "completed" } },
    });
    expect([...resumed.keys()].sort()).toEqual([1, 2]);
    for (const step of resumed.values()) expect(step).toBeGreaterThan(0); // saved steps are not trained again
    for (const { run, failed } of outcome?.document?.trials ?? []) {
      expect(failed).toBe(false);
      const spec = await executedSpec(join(folder, ".tunewise/runs", run ?? ""));
      expect(spec?.placement).toMatchObject({ kind: "torch", device: "cpu", processes: 1 });
    }
    const settings = JSON.parse(readFileSync(join(outcome?.folder ?? "", "settings.json"), "utf8"));
    expect(settings.site).toEqual({ address: "here", device: "cpu", dtype: "float32" });
  });

  test("a trial that hangs fails alone, and the search goes on", { timeout: 300_000 }, async () => {
    const folder = smallSearchFolder(root, "hangs", {
      search: "parallel: 1\n  budget: { minutes: 60 }\n  trials: 2\n  promotion: none",
      machine: "usd_per_hour: 0, threads: 1",
      metrics: "perplexity",
      testRows: 4,
    });
    let run = "";
    let isStopped = false;
    const watch = (event: EventBody, trial: number | null): void => {
      if (event.kind === "run-start") run = event.runId;
      if (event.kind !== "step-end" || trial !== 2 || event.step < 2 || isStopped) return;
      isStopped = true;
      const path = join(folder, ".tunewise/runs", run, "execution/worker.json");
      process.kill(JSON.parse(readFileSync(path, "utf8")).pid, "SIGSTOP");
    };
    const { outcome } = await search(folder, new AbortController(), "torch", watch, 6);
    expect(isStopped).toBe(true);
    expect(outcome?.document?.trials.map(({ failed }) => failed)).toEqual([false, true]);
    expect(outcome?.document?.finals?.winner).toMatchObject({ trial: 1, status: "completed" });
  });
});

/** Searches in a folder, as the command does. */
async function search(
  folder: string,
  stop: AbortController,
  by: "engine" | "torch",
  watch: (event: EventBody, trial: number | null) => void = () => undefined,
  stallSeconds?: number,
): Promise<{ readonly outcome: SearchOutcome | null; readonly preview: SearchPreview | undefined }> {
  const real = createRuntime(folder, stop.signal, "test");
  const runtime = { ...real, sources: { ...real.sources, fetch: null, cacheFolder: join(root, "cache") } };
  const site: WorkerSite | null = by === "torch" ? await localSite("none", runtime) : null;
  const planned = await planRecipe(await loadRecipe("tunewise.yaml", runtime), runtime, undefined, { site });
  let preview: SearchPreview | undefined;
  const outcome = await runSearch(planned, runtime, {
    ...(stallSeconds === undefined ? {} : { stallSeconds: seconds(stallSeconds) }),
    site,
    choose: null,
    watch,
    isFresh: false,
    onProgress: () => undefined,
    approve: (shown) => {
      preview = shown;
      return Promise.resolve(true);
    },
  });
  return { outcome, preview };
}
