/** @file A small run for the executor test suite: its spec, and a controller that follows a script. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type {
  Execution,
  ExecutionEvent,
  Executor,
  Measurement,
  Numbered,
  RunCommand,
  RunResult,
  RunSpec,
} from "@tunewise/core/run";
import { loadRecipe, type Prepared, prepare } from "../../../packages/tunewise/src/prepare/index.ts";
import { effectiveConfiguration } from "../../../packages/tunewise/src/recipe/index.ts";
import { createRuntime, type Runtime } from "../../../packages/tunewise/src/runtime/index.ts";

/** The recipe, with a method and a training loss. */
const recipe = (method: string, loss: string): string => `name: contract
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 192
  rows: { train: 24, validation: 4, test: 3 }
  bad_rows: skip
task: { kind: json, metrics: [perplexity, json_match] }
method: ${method}
training: { steps: 8, batch_size: 8, learning_rate: 5e-3, evaluate_every: 4, seed: 3, precision: fp32, loss: ${loss} }
evaluation: { max_new_tokens: 8 }
forgetting:
  tasks: none
  rows: { text: 4, prompts: 2 }
  curve_rows: { text: 2, prompts: 1 }
safety: { refusals: "off" }
machine: { threads: 1 }
budget: { minutes: 10 }
`;

/** Every measurement of a result. */
export const everything: readonly Measurement[] = ["answers", "forgetting", "safety", "memorization"];

/** A prepared recipe from which runs are created. */
export interface ContractProject {
  readonly runtime: Runtime;
  readonly prepared: Prepared;
  /** Creates the spec of a run in a new folder. */
  spec(name: string, change?: Partial<RunSpec>): RunSpec;
}

/** Writes and prepares the recipe. Workers run from the sources, as this test does. */
export async function contractProject(
  root: string,
  { method = "{ kind: lora, rank: 4 }", loss = "nll" }: { method?: string; loss?: string } = {},
): Promise<ContractProject> {
  const folder = join(root, "project");
  mkdirSync(folder);
  cpSync(resolve("examples/tickets"), folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), recipe(method, loss));
  const real = createRuntime(folder, new AbortController().signal, "test");
  const runtime: Runtime = { ...real, cwd: resolve("."), node: [process.execPath, "--import", "tsx"] };
  const loaded = await loadRecipe(join(folder, "tunewise.yaml"), runtime, {});
  const prepared = await prepare(loaded, runtime);
  const configuration = effectiveConfiguration(prepared.recipe);
  const spec = (name: string, change: Partial<RunSpec> = {}): RunSpec => {
    const run = join(root, name);
    mkdirSync(join(run, "checkpoints"), { recursive: true });
    return {
      v: 1,
      run: name,
      folder: run,
      until: null,
      sweep: null,
      limits: { seconds: null },
      recipe: { configuration, folder, sha256: createHash("sha256").update(configuration).digest("hex") },
      model: { source: prepared.recipe.model.source, revision: prepared.model.revision },
      data: { fingerprint: prepared.dataFingerprint },
      placement: {
        kind: "this-machine",
        base: { format: "float32", place: "memory" },
        recompute: "none",
      },
      ...change,
    };
  };
  return { runtime, prepared, spec };
}

/** Returns the commands to send after an event. */
export type Script = (event: Numbered<ExecutionEvent>, execution: Execution) => readonly RunCommand[];

/** Requests all measurements at the end of the training. */
export const evaluateAll: Script = ({ kind }) =>
  kind === "training-end" ? [{ kind: "evaluate", measure: everything }] : [];

/** Reads all events, follows the script, and returns the events and the result. */
export async function control(
  execution: Execution,
  script: Script,
  after = 0,
): Promise<{ readonly events: Numbered<ExecutionEvent>[]; readonly result: RunResult }> {
  const events: Numbered<ExecutionEvent>[] = [];
  for await (const event of execution.events(after)) {
    events.push(event);
    for (const command of script(event, execution)) execution.send(command);
  }
  return { events, result: await execution.result() };
}

/** Starts a run and controls it to its end. */
export async function runToEnd(
  executor: Executor,
  spec: RunSpec,
  script: Script = evaluateAll,
): ReturnType<typeof control> {
  return control(await executor.start(spec), script);
}

/** The part of a value that must be equal on every executor: without times, absolute paths and progress. */
export function comparable(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) {
    const events = value.filter((item) => (item as { kind?: unknown } | null)?.kind !== "phase");
    return events.map((item) => comparable(item, folder));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (["wallSeconds", "trainSeconds", "seconds", "seq", "sessions", "peakMemoryBytes"].includes(key))
      return [];
    return [[key, key === "path" ? relative(folder, String(item)) : comparable(item, folder)]];
  });
  return Object.fromEntries(entries);
}

/** The files of a run's result, by name. */
export function resultOf({ folder }: RunSpec): Map<string, string> {
  const adapter = join(folder, "adapter");
  const hash = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(adapter, name)))
      .digest("hex");
  return new Map(
    readdirSync(adapter)
      .sort()
      .map((name) => [name, hash(name)]),
  );
}
