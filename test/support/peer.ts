/** @file Programs that check our exports: separate processes that exchange jobs and results in JSON files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { endedProgram } from "./ended-program.ts";

/** Rows evaluated by transformers or mlx-lm; logits in base64. */
export interface JudgedRows {
  readonly rows: readonly string[];
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
  readonly dtype: string;
}

/** Runs a Python script of `bench/peers` on jobs. */
export async function runPython(
  python: string,
  script: string,
  jobs: readonly object[],
): Promise<JudgedRows[]> {
  return (await runPeer(python, script, jobs)) as JudgedRows[];
}

/** Runs a Python script of `bench/peers` and returns what it writes. */
export function runPeer(python: string, script: string, jobs: readonly object[]): Promise<unknown> {
  return exchange(jobs, ([job, out]) => [python, resolve("bench/peers", script), job, out]);
}

/** Runs a `judge.mjs` of `bench/peers` on one job, with packages from a folder. */
export function runNode(peers: string, name: "llama-cpp" | "transformers-js", job: object): Promise<unknown> {
  const script = resolve("bench/peers", name, "judge.mjs");
  return exchange(job, (paths) => [process.execPath, script, peers, ...paths]);
}

async function exchange(job: unknown, command: (paths: [string, string]) => string[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "tunewise-peer-"));
  try {
    const paths: [string, string] = [join(folder, "job.json"), join(folder, "out.json")];
    writeFileSync(paths[0], JSON.stringify(job));
    const [program = "", ...words] = command(paths);
    const { status, stderr, stdout } = await endedProgram(program, words);
    expect(status, `${stdout.slice(-2000)}${stderr.slice(-4000)}`).toBe(0);
    return JSON.parse(readFileSync(paths[1], "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Decodes Float32 values from base64. */
export function unpack(base64: string | undefined): Float32Array {
  const bytes = Buffer.from(base64 ?? "", "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Maximum absolute difference of two lists of equal length. */
export function furthest(found: Float32Array, expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  return found.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] as number))), 0);
}

/**
 * Maximum difference in log probability between probabilities by ID and logits, ignoring probabilities below `least`.
 */
export function furthestLog(
  probabilities: Readonly<Record<string, number>>,
  logits: Float32Array,
  least = 1e-9,
): number {
  const top = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - top), 0);
  expect(Object.keys(probabilities).length).toBe(logits.length);
  return Object.entries(probabilities).reduce((most, [id, probability]) => {
    if (probability < least) return most;
    return Math.max(
      most,
      Math.abs(Math.log(probability) - ((logits[Number(id)] as number) - top - Math.log(sum))),
    );
  }, 0);
}
