/**
 * @file Losses of the PyTorch worker against the engine's: the same spec, SmolLM2-135M in float32.
 * `TUNEWISE_TEST_SMOLLM2` names the model's .gguf. `WORKER_FIGURES` names a file for the differences over 50 steps.
 */
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ExecutionEvent, Executor, RemoteHost, RunSpec } from "@tunewise/core/run";
import { expect } from "vitest";
import { embeddedExecutor, torchExecutor } from "../../packages/tunewise/src/executors/index.ts";
import { loadRecipe, prepare } from "../../packages/tunewise/src/prepare/index.ts";
import { effectiveConfiguration } from "../../packages/tunewise/src/recipe/index.ts";
import { createRuntime } from "../../packages/tunewise/src/runtime/index.ts";
import { runToEnd } from "../conformance/contract/contract-run.ts";
import { ofKind } from "../conformance/contract/executor-suite.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Path of the model; empty: the comparison is skipped. */
export const model: string = process.env["TUNEWISE_TEST_SMOLLM2"] ?? "";
const root = temporaryFolder();
/** File for the differences; `undefined`: they are not recorded. */
export const figures: string | undefined = process.env["WORKER_FIGURES"];
/** The recorded differences cover 50 steps; a test needs only a few. */
const steps = figures === undefined ? 6 : 50;
/** Training settings of a recipe. */
export interface Setting {
  readonly method: string;
  readonly training?: string;
  /** Whether the rows are documents: the texts of five training rows each. */
  readonly areDocuments?: boolean;
  /** Learning rate. */
  readonly rate?: number;
  readonly regularization?: string;
  readonly processes?: number;
  readonly sharding?: "none" | "fsdp";
  /** Where the worker runs; default: this machine. */
  readonly host?: RemoteHost;
  /** Environment variables needed to reach the host. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Texts of different lengths, some of them longer than a block. */
function writeDocuments(folder: string): void {
  const lines = readFileSync(join(folder, "train.jsonl"), "utf8").trim().split("\n");
  const texts = lines.map((line) => Object.values(JSON.parse(line) as object).join(" "));
  mkdirSync(join(folder, "documents"));
  for (let at = 0; at < 60; at++) {
    const some = texts.slice(3 * at, 3 * at + 1 + (at % 9));
    writeFileSync(join(folder, "documents", `${at}.txt`), `${some.join("\n")}\n`);
  }
}

/** Runs the same training on both executors and compares losses, penalties and validation losses. */
export async function losses(name: string, setting: Setting): Promise<Compared> {
  const {
    method,
    training = "",
    areDocuments = false,
    rate = 5e-4,
    regularization = "",
    processes = 1,
    sharding = "none",
    host,
  } = setting;
  const folder = join(root, name);
  mkdirSync(folder);
  cpSync(resolve("examples/desks"), folder, { recursive: true });
  if (areDocuments) writeDocuments(folder);
  const data = areDocuments
    ? "{ train: documents/, max_length: 128, split: { test: 0 }, rows: { train: 40, validation: 4 } }"
    : "{ train: train.jsonl, validation: validation.jsonl, max_length: 128, rows: { train: 120, validation: 10 } }";
  const task = areDocuments ? "{ kind: language-modeling }" : "{ kind: classify, metrics: [accuracy] }";
  const text = `name: ${name}
model: ${model}
data: ${data}
task: ${task}
method: ${method}
training: { steps: ${steps}, batch_size: 4, learning_rate: ${rate}, warmup: 3, seed: 11,
  evaluate_every: ${steps / 2}${training} }
${regularization}
forgetting: { measure: false }
safety: { code: "off", refusals: "off" }
machine: { threads: 1 }
`;
  writeFileSync(join(folder, "tunewise.yaml"), text);
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime = {
    ...real,
    environment: { ...real.environment, ...setting.environment },
    cwd: resolve("."),
    sources: { ...real.sources, cacheFolder: join(root, "cache") },
  };
  const prepared = await prepare(await loadRecipe(join(folder, "tunewise.yaml"), runtime, {}), runtime);
  const configuration = effectiveConfiguration(prepared.recipe);
  let [startSeconds, contractShare] = [0, 0];
  const run = async (executor: Executor, placement: RunSpec["placement"]): Promise<ExecutionEvent[]> => {
    const path = join(folder, placement.kind);
    mkdirSync(join(path, "checkpoints"), { recursive: true });
    const spec: RunSpec = {
      v: 1,
      run: `${name}-${placement.kind}`,
      folder: path,
      until: null,
      sweep: null,
      recipe: { configuration, folder, sha256: createHash("sha256").update(configuration).digest("hex") },
      model: { source: model, revision: prepared.model.revision },
      data: { fingerprint: prepared.dataFingerprint },
      placement,
      limits: { seconds: null },
    };
    const [begun, ends]: [number, number[]] = [performance.now(), []];
    const { events } = await runToEnd(executor, spec, ({ kind }) => {
      if (kind === "training-start") startSeconds = (performance.now() - begun) / 1000;
      // between two steps, the extra time is that of the contract, unless an evaluation is due
      if (kind === "step-end") ends.push(performance.now());
      return [];
    });
    const between = ends.slice(1, steps / 2).map((end, at) => (end - (ends[at] as number)) / 1000);
    const within = ofKind(events, "step-end").slice(1, steps / 2);
    const worked = within.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
    contractShare = between.reduce((sum, seconds) => sum + seconds, 0) / worked - 1;
    return events;
  };
  const engine = await run(embeddedExecutor(runtime, prepared), {
    kind: "this-machine",
    base: { format: method.includes("qlora") ? "nf4" : "float32", place: "memory" },
    recompute: "none",
  });
  const torch = await run(torchExecutor(runtime, prepared), {
    kind: "torch",
    device: "cpu",
    dtype: "float32",
    recompute: "none",
    processes,
    sharding,
    ...(host && { host }),
  });
  const ends = { engine: ofKind(engine, "step-end"), torch: ofKind(torch, "step-end") };
  expect(ends.torch.map(({ step }) => step)).toEqual(ends.engine.map(({ step }) => step));
  const found = {
    loss: ends.engine.map(({ loss }, at) => Math.abs(loss - (ends.torch[at]?.loss ?? Number.NaN))),
    penalty: ends.engine.map((one, at) => Math.abs(one.penalty - (ends.torch[at]?.penalty ?? Number.NaN))),
    validation: ofKind(engine, "evaluation-end").map(({ loss }, at) =>
      Math.abs(loss - (ofKind(torch, "evaluation-end")[at]?.loss ?? Number.NaN)),
    ),
    torch: ends.torch.map(({ loss }) => loss),
  };
  const line = JSON.stringify({
    name,
    loss: Math.max(...found.loss),
    validation: Math.max(...found.validation),
    startSeconds,
    contractShare, // of the worker, the last to run
  });
  if (figures !== undefined) appendFileSync(figures, `${line}\n`);
  return found;
}

/** Differences by step. */
export interface Compared {
  readonly loss: readonly number[];
  readonly penalty: readonly number[];
  readonly validation: readonly number[];
  readonly torch: readonly number[];
}
