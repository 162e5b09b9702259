/** @file For tests: complete runs as processes, each in a separate folder with data and recipe. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { program } from "./program.ts";

const tickets = resolve("examples/tickets");
let root = "";

/**
 * A recipe of eight steps plus additional lines. It uses float32, because on a busy machine the choice of precision
 * takes seconds and may differ between runs that are compared bit by bit. It measures forgetting, a third of the time,
 * only on request.
 */
export const recipe = (extra = ""): string => `name: small
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 48, validation: 8, test: 8 }
  bad_rows: skip
task: { kind: json, metrics: [json_valid, json_match, perplexity] }
method: { kind: lora, rank: 4 }
training: { steps: 8, batch_size: 8, learning_rate: 3e-3, evaluate_every: 4, checkpoint_every: 2,
  checkpoint_selection: last,
  seed: 3, precision: fp32 }
checks: { depth: exact }
evaluation: { max_new_tokens: 8 }
machine: { usd_per_hour: 0.5, source: the test, threads: 1 }
budget: { minutes: 10 }
${extra.includes("forgetting:") ? "" : "forgetting: { measure: false }\n"}${extra}`;

/** Creates a folder for the projects of a test file and removes it afterwards. */
export function useProjects(): void {
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "tunewise-run-"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
}

/** A new folder with data and recipe. */
export function project(name: string, text: string = recipe()): string {
  const folder = join(root, name);
  cpSync(tickets, folder, { recursive: true });
  writeFileSync(join(folder, "tunewise.yaml"), text);
  return folder;
}

/** Runs the command line in a folder until it ends. */
export function tunewise(
  folder: string,
  ...words: string[]
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", HF_TOKEN: "" },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** A running process; `end` resolves with its exit code and all its output. */
export interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly code: number | null; readonly out: string }>;
}

/** Starts a run and returns it once a step has ended. */
export function untilStep(folder: string, step: number): Promise<Running> {
  return untilPrinted(folder, `"kind":"step-end","step":${step},`);
}

/** Starts a run and returns it once its output contains a text this many times. */
export async function untilPrinted(folder: string, text: string, times = 1): Promise<Running> {
  const words = [program, "run", "--yes", "--json"];
  const child = spawn(process.execPath, words, { cwd: folder });
  let out = "";
  const end = new Promise<{ code: number | null; out: string }>((done) => {
    child.on("close", (code) => done({ code, out }));
  });
  await new Promise<void>((done, failed) => {
    end.then(() => failed(new Error(`the run ended before ${text}: ${out}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.split(text).length > times) done();
    });
  });
  return { child, end };
}

/** The folder of the only run of a project. */
export function runFolder(folder: string): string {
  const runs = join(folder, ".tunewise", "runs");
  const [only] = readdirSync(runs);
  return join(runs, only ?? "none");
}

/** The bytes of the run's adapter. */
export const adapterOf = (folder: string): Buffer =>
  readFileSync(join(runFolder(folder), "adapter", "adapter_model.safetensors"));
