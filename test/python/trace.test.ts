/** @file The worker's Python traces steps, and a plan uses the traces. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { traceSteps } from "../../packages/tunewise/src/executors/index.ts";
import { type TraceRequest, traceKey } from "../../packages/tunewise/src/plan/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { invokeHere } from "../support/invoke-here.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();
const smallModel = fileURLToPath(new URL("../../models/small", import.meta.url));
const python = process.env["TUNEWISE_PYTHON"];

const config = {
  model_type: "llama",
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 128,
  vocab_size: 512,
};

function requestOf(more: Partial<TraceRequest> = {}): TraceRequest {
  return {
    program: "worker",
    dtype: "bfloat16",
    method: { kind: "lora", rank: 8 },
    training: { recompute: "none", batching: "pad" },
    batches: [[128, 100], [64]],
    evaluation: [],
    accumulates: false,
    labelledShare: 0.5,
    card: { capability: "8.0" },
    world: { size: 1, sharding: "none" },
    ...more,
  };
}

function runtimeIn(name: string, environment: Runtime["environment"] = process.env): Runtime {
  const real = createRuntime(root, new AbortController().signal, "test");
  return { ...real, environment, sources: { ...real.sources, cacheFolder: join(root, name) } };
}

describe.skipIf(python === undefined)("tracing", { timeout: 240_000 }, () => {
  const starts: number[] = [];
  const needs = { config, seconds: 200, onStart: (count: number) => starts.push(count) };

  test("answers every request, keeps what it found, and does not ask again", async () => {
    const runtime = runtimeIn("cache");
    const requests = [requestOf(), requestOf({ method: { kind: "full" }, accumulates: true })];
    const found = await traceSteps({ ...needs, requests }, runtime);
    const [lora, full] = requests.map((one) => found.get(traceKey(one)));
    expect(lora?.peakReservedBytes).toBeGreaterThanOrEqual(lora?.peakAllocatedBytes ?? Number.NaN);
    expect(lora?.shapes.map(({ lengths }) => lengths)).toEqual([[128, 100], [64]]);
    expect(full?.batchesOfStep).toBe(2);
    expect(full?.shapes[0]?.work["matmul"]?.flops).toBeGreaterThan(
      lora?.shapes[0]?.work["matmul"]?.flops ?? Number.NaN,
    );
    expect(await traceSteps({ ...needs, requests }, runtime)).toEqual(found);
    expect(starts).toEqual([2]);
  });

  test("asks again where an answer in the cache is damaged", async () => {
    const runtime = runtimeIn("damaged");
    const requests = [requestOf()];
    const found = await traceSteps({ ...needs, requests }, runtime);
    const folder = join(root, "damaged", "traces");
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"peakReservedBytes":-1}');
    expect(await traceSteps({ ...needs, requests }, runtime)).toEqual(found);
  });

  test("a model that transformers does not know, and time that is over, leave no answer", async () => {
    const runtime = runtimeIn("refused");
    const unknown = { ...config, model_type: "no-such-model" };
    expect((await traceSteps({ ...needs, config: unknown, requests: [requestOf()] }, runtime)).size).toBe(0);
    const late = await traceSteps({ ...needs, seconds: 0.05, requests: [requestOf()] }, runtime);
    expect(late.size).toBe(0);
  });

  test("without the worker it says so", async () => {
    const asked = traceSteps({ ...needs, requests: [requestOf()] }, runtimeIn("none", {}));
    await expect(asked).rejects.toMatchObject({ code: "WORKER_NOT_INSTALLED" });
  });

  test("a plan's recommendation rests on it, unless it is told not to ask", async () => {
    const folder = join(root, "plan");
    mkdirSync(folder);
    const rows = Array.from({ length: 40 }, (_, at) =>
      JSON.stringify({ prompt: `how much is ${at} and ${at}?`, completion: String(2 * at) }),
    );
    writeFileSync(join(folder, "rows.jsonl"), `${rows.join("\n")}\n`);
    const recipe = {
      name: "sums",
      model: smallModel,
      data: { train: "rows.jsonl" },
      task: { kind: "text" },
      plan: { gpus: ["L4"], spot: false },
    };
    writeFileSync(join(folder, "tunewise.yaml"), JSON.stringify(recipe));
    const env = { TUNEWISE_CACHE: join(root, "plan-cache"), TUNEWISE_PYTHON: python ?? "" };
    const plan = async (...more: string[]) => {
      const { out } = await invokeHere(folder, ["plan", "--json", ...more], { env });
      const { places } = JSON.parse(out).plan;
      return places.find(({ kind }: { kind: string }) => kind === "rented").rests_on;
    };
    expect((await plan()).memory).toEqual({ by: "traced", compared: "nowhere" });
    expect((await plan("--no-trace")).memory.by).toBe("rules");
  });
});
