/**
 * @file The worker plans, trains, measures and reports any causal model of transformers: tiny random models of many
 * families, most of which the engine does not support. The results load with transformers and PEFT.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { sum } from "@tunewise/core/math";
import type { EventBody, TorchPlacement } from "@tunewise/core/run";
import { beforeAll, describe, expect, test } from "vitest";
import { exportRun } from "../../packages/tunewise/src/app/export/index.ts";
import { openTextModel } from "../../packages/tunewise/src/app/inference/index.ts";
import { approve, placeFacts, planRecipe, refusalsOf } from "../../packages/tunewise/src/app/plan/index.ts";
import { runApproved, trainAndReport } from "../../packages/tunewise/src/app/train/index.ts";
import { loadRecipe } from "../../packages/tunewise/src/prepare/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { endedProgram } from "../support/ended-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const root = temporaryFolder();
const models = join(root, "models");

/** Families that the engine supports too; it opens the worker's results. */
const computed: ReadonlySet<string> = new Set([
  ...["gpt_neox", "gemma2", "phi3", "qwen3_moe", "gpt2", "olmo2", "granite", "gemma3_text"],
]);

/** The training of one family. */
interface Case {
  readonly family: string;
  readonly method: string;
  readonly regularization?: string;
  readonly training?: string;
  /** Parameters that an adapter does not cover; default: none. */
  readonly leftOut?: number;
}

const lora = "{ kind: lora, rank: 4 }";
const ewc = "regularization: { method: ewc, lambda: 10, examples: 8, length: 64 }";
/** Families used to develop the code. */
const developed: readonly Case[] = [
  { family: "gpt_neox", method: lora, regularization: ewc },
  { family: "gemma2", method: "{ kind: qlora, rank: 4 }" },
  {
    family: "phi3",
    method: "{ kind: lora, rank: 4, targets: [qkv_proj, down_proj] }",
    training: ", batching: pack",
  },
  { family: "mixtral", method: lora, leftOut: 2 * (4 * 3 * 32 * 64) },
  { family: "mixtral", method: "{ kind: full }", training: ", gradient_checkpointing: layer" },
];
/** Families tested when the code was written; `more` runs only if `WORKER_FAMILIES` is `all`. */
const others: readonly Case[] = [
  { family: "falcon", method: lora },
  { family: "qwen3_moe", method: lora, leftOut: 2 * (4 * 3 * 32 * 16) },
  { family: "gpt2", method: lora, regularization: ewc },
  { family: "mamba", method: "{ kind: lora, rank: 4, targets: [in_proj, x_proj, dt_proj] }" },
];
const more: readonly Case[] = [
  { family: "olmo2", method: "{ kind: full }" },
  { family: "granite", method: "{ kind: lora, rank: 4, rslora: true }" },
  { family: "stablelm", method: "{ kind: lora, rank: 4, dropout: 0.1 }" },
  { family: "gemma3_text", method: lora },
  { family: "granitemoe", method: "{ kind: qlora, rank: 4 }", leftOut: 2 * (4 * 3 * 32 * 64) },
  { family: "opt", method: lora, training: ", batching: pack" },
];
const cases = [...developed, ...others, ...(process.env["WORKER_FAMILIES"] === "all" ? more : [])];

const recipe = ({
  family,
  method,
  regularization = "",
  training = "",
}: Case): string => `name: ${family.replaceAll("_", "-")}
model: ${join(models, family)}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 96
  rows: { train: 32, validation: 4, test: 3 }
  bad_rows: skip
task: { kind: classify, metrics: [accuracy] }
method: ${method}
training: { steps: 6, batch_size: 4, learning_rate: 1e-2, evaluate_every: 3, seed: 3${training} }
${regularization}
checks: { depth: exact }
evaluation: { max_new_tokens: 4 }
forgetting:
  tasks: none
  max_new_tokens: 4
  rows: { text: 2, prompts: 2 }
  curve_rows: { text: 1, prompts: 1 }
safety: { code: "off", refusals: "off" }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

/** Plans, approves and runs a case; returns its events and the folder of the run. */
async function run(
  one: Case,
): Promise<{ events: EventBody[]; folder: string; project: string; runId: string; trained: number }> {
  const project = join(root, `${one.family}-${one.method.replaceAll(/\W+/g, "-")}`);
  mkdirSync(project);
  cpSync(resolve("examples/desks"), project, { recursive: true });
  writeFileSync(join(project, "tunewise.yaml"), recipe(one));
  const runtime = runtimeIn(project);
  const planned = await planRecipe(await loadRecipe("tunewise.yaml", runtime), runtime, undefined, {
    isRough: true,
  });
  expect(refusalsOf(planned, "torch")).toEqual([]);
  const placement: TorchPlacement = {
    kind: "torch",
    device: "cpu",
    dtype: "float32",
    processes: 1,
    recompute: one.training?.includes("recompute") ? "layer" : "none",
  };
  const events: EventBody[] = [];
  const approved = approve(planned, { kind: "flag" }, "tunewise run", placement);
  const onEvent = (event: EventBody): void => void events.push(event);
  const outcome = await runApproved(approved, { onEvent, work: trainAndReport }, runtime);
  expect(outcome.status).toBe("completed");
  const { runId } = outcome;
  const trained = planned.plan.model.trainedParameters;
  return { events, folder: join(project, ".tunewise/runs", runId), project, runId, trained };
}

/** Number of values in a safetensors file. */
function valuesOf(path: string): number {
  const file = readFileSync(path);
  const header: Record<string, { shape?: number[] }> = JSON.parse(
    file.toString("utf8", 8, 8 + Number(file.readBigUInt64LE(0))),
  );
  return sum(Object.values(header).map(({ shape = [0] }) => shape.reduce((all, size) => all * size, 1)));
}

/**
 * The engine supports this family too: the choice of placement uses the worker's time, but the engine's plans must not.
 */
async function expectTimed(project: string): Promise<void> {
  const runtime = runtimeIn(project);
  const loaded = await loadRecipe("tunewise.yaml", runtime);
  const planned = await planRecipe(loaded, runtime, undefined, { isRough: true });
  const worker = { isInstalled: true, device: "cpu", cards: null } as const;
  const facts = await placeFacts(planned, join(project, ".tunewise"), worker, runtime);
  expect(facts.workerSeconds).toBeGreaterThan(1);
  expect(planned.plan.calibration?.seconds ?? null).toBeNull();
}

function runtimeIn(folder: string) {
  const real = createRuntime(folder, new AbortController().signal, "test");
  return { ...real, sources: { ...real.sources, fetch: null, cacheFolder: join(root, "cache") } };
}

describe.skipIf(python === "")("families of transformers", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    const families = [...new Set(cases.map(({ family }) => family))];
    const words = [resolve("test/python/models/make.py"), models, resolve("models/small"), ...families];
    const made = await endedProgram(python, words);
    expect(made.status, made.stderr).toBe(0);
  }, 120_000);

  const requests: object[] = [];

  test.each(cases)("$family, $method", async (one) => {
    const { events, folder, project, runId, trained } = await run(one);
    const of = <Kind extends EventBody["kind"]>(kind: Kind) =>
      events.filter((event): event is Extract<EventBody, { kind: Kind }> => event.kind === kind);
    expect(of("step-end")).toHaveLength(6);
    const [first, last] = [of("evaluation-end")[0], of("evaluation-end").at(-1)];
    expect(last?.loss).toBeLessThan(first?.loss ?? 0);
    const findings = of("finding").map(({ finding }) => finding);
    const experts = findings.filter(({ code }) => code === "EXPERTS_NOT_ADAPTED");
    expect(experts.map(({ detail }) => Number(/^[\d,]+/.exec(detail)?.[0].replaceAll(",", "")))).toEqual(
      one.leftOut === undefined ? [] : [one.leftOut],
    );
    expect(of("forgetting-judged")).toHaveLength(1);
    const report = readFileSync(join(folder, "report.md"), "utf8");
    expect(report).toContain("accuracy");
    const isFull = one.method.includes("full");
    const result = join(folder, isFull ? "weights/tuned.safetensors" : "adapter");
    expect(existsSync(result)).toBe(true);
    // the plan counts the parameters that the worker trains
    if (!isFull) expect(valuesOf(join(result, "adapter_model.safetensors"))).toBe(trained);
    requests.push({ model: join(models, one.family), kind: isFull ? "full" : "lora", result });
    const runtime = runtimeIn(project);
    if (one.family === "gemma2") return expectTimed(project);
    const asked = openTextModel(runId, runtime, {});
    if (computed.has(one.family)) await (await asked).close();
    else await expect(asked).rejects.toMatchObject({ code: "RUN_MODEL_UNSUPPORTED" });
    if (!isFull) {
      const { files } = await exportRun(runId, runtime, { format: "peft" });
      expect(files.map(({ path }) => path).sort()).toEqual([
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
      ]);
    }
  });

  test("what came out loads with transformers and PEFT", async () => {
    const input = requests.map((request) => JSON.stringify(request)).join("\n");
    const { status, stdout, stderr } = await endedProgram(
      python,
      [resolve("test/python/models/load.py")],
      input,
    );
    expect(status, stderr).toBe(0);
    for (const line of stdout.trim().split("\n")) {
      const { values, missing, moved } = JSON.parse(line) as {
        values: number;
        missing: string[];
        moved: number;
      };
      expect(values).toBeGreaterThan(0);
      expect(missing).toEqual([]);
      expect(moved).toBeGreaterThan(1e-4);
    }
  });
});
