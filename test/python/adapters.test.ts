/**
 * Adapters and optimizers that only the worker supports: planned, refused by the engine, trained, and loaded by PEFT.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { EventBody, TorchPlacement } from "@tunewise/core/run";
import { describe, expect, test } from "vitest";
import { exportRun } from "../../packages/tunewise/src/app/export/index.ts";
import { openTextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { approve, planRecipe, refusalsOf } from "../../packages/tunewise/src/app/plan/index.ts";
import { evaluateRun, runApproved, trainAndReport } from "../../packages/tunewise/src/app/train/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { endedProgram } from "../support/ended-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const root = temporaryFolder();
const small = resolve("models/small");

const recipe = (method: string, optimizer: string): string => `name: adapters
model: ${small}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 96
  rows: { train: 32, validation: 4, test: 3 }
  bad_rows: skip
task: { kind: classify, metrics: [accuracy] }
method: ${method}
training: { steps: 6, batch_size: 4, learning_rate: 1e-2, evaluate_every: 3, seed: 3, optimizer: ${optimizer} }
checks: { depth: exact }
evaluation: { max_new_tokens: 4 }
forgetting: { measure: false }
safety: { code: "off", refusals: "off" }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

const placement: TorchPlacement = {
  kind: "torch",
  device: "cpu",
  dtype: "float32",
  processes: 1,
  recompute: "none",
};

interface Case {
  readonly name: string;
  readonly method: string;
  readonly optimizer: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const cases: readonly Case[] = [
  {
    name: "dora",
    method:
      "{ kind: lora, rank: 4, dora: true, rank_pattern: { down_proj: 8 }, alpha_pattern: { q_proj: 8 } }",
    optimizer: "adamw-8bit",
    settings: { use_dora: true, r: 4, rank_pattern: { down_proj: 8 }, alpha_pattern: { q_proj: 8 } },
  },
  {
    name: "quantized",
    method: "{ kind: qlora, rank: 4, dora: true }",
    optimizer: "adamw",
    settings: { use_dora: true, rank_pattern: {} },
  },
];

describe.skipIf(python === "")("on PyTorch alone", { timeout: 300_000 }, () => {
  test.each(cases)("$method, $optimizer", async ({ name, method, optimizer, settings }) => {
    const project = join(root, name);
    mkdirSync(project);
    cpSync(resolve("examples/desks"), project, { recursive: true });
    writeFileSync(join(project, "tunewise.yaml"), recipe(method, optimizer));
    const real = createRuntime(project, new AbortController().signal, "test");
    const runtime = { ...real, sources: { ...real.sources, fetch: null, cacheFolder: join(root, "cache") } };
    const loaded = await loadRecipe("tunewise.yaml", runtime);
    const planned = await planRecipe(loaded, runtime, undefined, { isRough: true });
    expect(refusalsOf(planned).map(({ code }) => code)).toEqual(["ENGINE_SETTING_UNKNOWN"]);
    expect(refusalsOf(planned, "torch")).toEqual([]);
    const events: EventBody[] = [];
    const approved = approve(planned, { kind: "flag" }, "tunewise run", placement);
    const onEvent = (event: EventBody): void => void events.push(event);
    const { status, runId } = await runApproved(approved, { onEvent, work: trainAndReport }, runtime);
    expect(status).toBe("completed");
    const losses = events.flatMap((event) => (event.kind === "evaluation-end" ? [event.loss] : []));
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    const adapter = join(project, ".tunewise/runs", runId, "adapter");
    expect(JSON.parse(readFileSync(join(adapter, "adapter_config.json"), "utf8"))).toMatchObject(settings);

    const unfit = {
      code: "RUN_MODEL_UNSUPPORTED",
      message: expect.stringContaining("made with method.dora"),
    };
    for (const format of ["peft", "merged"] as const)
      await expect(exportRun(runId, runtime, { format })).rejects.toMatchObject(unfit);
    await expect(openTextModel(runId, runtime, {})).rejects.toMatchObject(unfit);
    await expect(evaluateRun(runId, runtime, { onProgress: () => undefined })).rejects.toMatchObject(unfit);

    const asked = await endedProgram(
      python,
      [resolve("test/python/models/load.py")],
      JSON.stringify({ model: small, kind: "lora", result: adapter }),
    );
    expect(asked.status, asked.stderr).toBe(0);
    const { missing, moved } = JSON.parse(asked.stdout) as { missing: string[]; moved: number };
    expect(missing).toEqual([]);
    expect(moved).toBeGreaterThan(1e-4);
  });

  test("a pattern without effect ends the run with the line to write", async () => {
    const project = join(root, "pattern");
    mkdirSync(project);
    cpSync(resolve("examples/desks"), project, { recursive: true });
    writeFileSync(join(project, "tunewise.yaml"), recipe("{ rank_pattern: { dwn_proj: 8 } }", "adamw"));
    const runtime = createRuntime(project, new AbortController().signal, "test");
    const loaded = await loadRecipe("tunewise.yaml", runtime);
    const planned = await planRecipe(loaded, runtime, undefined, { isRough: true });
    const approved = approve(planned, { kind: "flag" }, "tunewise run", placement);
    const run = { onEvent: () => undefined, work: trainAndReport };
    await expect(runApproved(approved, run, runtime)).rejects.toMatchObject({
      code: "PATTERN_UNSUPPORTED",
      message: expect.stringContaining('method.rank_pattern has "dwn_proj"'),
      fix: expect.stringMatching(/^method:\n {2}rank_pattern:\n {4}\w+_proj: 8$/),
    });
  });
});
