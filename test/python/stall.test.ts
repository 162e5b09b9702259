/** @file A worker that hangs: its process is stopped in the middle of a step, and hears nothing. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { approve, localSite, placementAt, planRecipe } from "../../src/app/plan/index.ts";
import { findRun } from "../../src/app/runs/index.ts";
import { resumeRun, runRecipe } from "../../src/app/train/index.ts";
import { loadRecipe } from "../../src/prepare/index.ts";
import { seconds } from "../../src/quantity/index.ts";
import type { EventBody } from "../../src/run/index.ts";
import { createRuntime, type Runtime } from "../../src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();
const recipe = `name: hangs
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  max_length: 192
  rows: { train: 24, validation: 2 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: 8, batch_size: 4, evaluate_every: 2, seed: 3 }
evaluation: { max_new_tokens: 4, rows: 2 }
forgetting: { measure: false }
safety: { refusals: "off" }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

describe.skipIf(python === undefined)("a worker that hangs", () => {
  test("is asked to save, ended, recorded, and goes on from its checkpoint", async () => {
    const { runtime, run } = await begin("deaf");
    const seen: EventBody[] = [];
    let pid = 0;
    const failed = run((event, worker) => {
      seen.push(event);
      if (event.kind !== "step-end" || event.step !== 3) return;
      pid = worker();
      process.kill(pid, "SIGSTOP");
    });
    await expect(failed).rejects.toMatchObject({ code: "RUN_STALLED", params: { step: 3 } });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    const found = await findRun("latest", runtime);
    expect(found.run.status).toBe("failed");
    expect(readFileSync(found.folder.events, "utf8")).toContain('"guard":"stall"');
    expect(seen.filter(({ kind }) => kind === "guard-tripped")).toMatchObject([
      { step: 3, verdict: { act: "stop", guard: "stall" } },
    ]);
    const resumed: EventBody[] = [];
    const { status } = await resumeRun("latest", runtime, { watch: (event) => void resumed.push(event) });
    expect(status).toBe("completed");
    expect(resumed.find(({ kind }) => kind === "run-start")).toMatchObject({ resumedFromStep: 2 });
  });

  test("but wakes when it is asked: it saves and stops", async () => {
    const { run } = await begin("slow");
    let pid = 0;
    const { status, standing } = await run((event, worker) => {
      if (event.kind === "step-end" && event.step === 3) {
        pid = worker();
        process.kill(pid, "SIGSTOP");
      } else if (event.kind === "guard-tripped") process.kill(pid, "SIGCONT");
    });
    expect(status).toBe("stopped");
    expect(standing.guards).toMatchObject([{ verdict: { act: "stop", guard: "stall" } }]);
  });
});

/** A run that may be silent for six seconds. @returns the run, which is told each event and who its worker is */
async function begin(name: string) {
  const folder = join(root, name);
  mkdirSync(folder);
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), recipe);
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime: Runtime = { ...real, node: [process.execPath, "--import", "tsx"] };
  const loaded = await loadRecipe(join(folder, "tunewise.yaml"), runtime, {});
  const site = await localSite("none", runtime);
  const planned = await planRecipe(loaded, runtime, undefined, { site });
  const approved = approve(planned, { kind: "flag" }, "test", placementAt(site, planned.plan));
  let id = "";
  const worker = (): number => {
    const path = join(folder, ".tunewise/runs", id, "execution/worker.json");
    return JSON.parse(readFileSync(path, "utf8")).pid;
  };
  const run = (watch: (event: EventBody, worker: () => number) => void) =>
    runRecipe(
      approved,
      runtime,
      (event) => {
        if (event.kind === "run-start") id = event.runId;
        watch(event, worker);
      },
      null,
      undefined,
      seconds(6),
    );
  return { runtime, run };
}
