/** @file For tests: a short run by the PyTorch worker on this machine, observed event by event. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { seconds } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import { approve, localSite, placementAt, planRecipe } from "../../packages/tunewise/src/app/plan/index.ts";
import { type RunOutcome, runApproved, trainAndReport } from "../../packages/tunewise/src/app/train/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";

const recipe = (steps: number) => `name: short
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  max_length: 192
  rows: { train: 24, validation: 2 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: ${steps}, batch_size: 4, evaluate_every: 2, seed: 3 }
evaluation: { max_new_tokens: 4, rows: 2 }
forgetting: { measure: false }
safety: { refusals: "off" }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

/** An approved run and its runtime. */
export interface WorkerRun {
  readonly runtime: Runtime;
  /** Runs it; `watch` receives each event and a function that returns the worker's PID. */
  readonly run: (watch: (event: EventBody, worker: () => number) => void) => Promise<RunOutcome>;
}

/**
 * Plans and approves a run by the worker.
 *
 * @param folder a path that does not exist yet
 * @param environment variables of the worker in addition to those of this process
 * @param stallSeconds maximum time without a report
 */
export async function workerRun(
  folder: string,
  {
    steps = 8,
    environment = {},
    stallSeconds,
  }: {
    readonly steps?: number;
    readonly environment?: Readonly<Record<string, string>>;
    readonly stallSeconds?: number;
  },
): Promise<WorkerRun> {
  mkdirSync(folder);
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), recipe(steps));
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime: Runtime = {
    ...real,
    node: [process.execPath, "--import", "tsx"],
    environment: { ...real.environment, ...environment },
  };
  const loaded = await loadRecipe(join(folder, "tunewise.yaml"), runtime, {});
  const site = await localSite("none", runtime);
  const planned = await planRecipe(loaded, runtime, undefined, { site });
  const approved = approve(planned, { kind: "flag" }, "test", placementAt(site, planned.plan, loaded.recipe));
  let id = "";
  const worker = (): number => {
    const path = join(folder, ".tunewise/runs", id, "execution/worker.json");
    return JSON.parse(readFileSync(path, "utf8")).pid;
  };
  const run: WorkerRun["run"] = (watch) => {
    const onEvent = (event: EventBody): void => {
      if (event.kind === "run-start") id = event.runId;
      watch(event, worker);
    };
    const stall = stallSeconds === undefined ? undefined : seconds(stallSeconds);
    return runApproved(approved, { onEvent, stallSeconds: stall, work: trainAndReport }, runtime);
  };
  return { runtime, run };
}
