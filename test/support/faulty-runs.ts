/**
 * @file A small run on a disk that fails at the n-th write. Nothing acknowledged is lost, nothing is charged twice, the
 * last checkpoint is complete, and the run resumes from it to the same result.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openStore } from "@tunewise/tracker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultTurns, isChargedPath } from "./fault-turns.ts";
import { type FaultKind, injectFaults, ownFolder } from "./faults.ts";
import { invokeHere } from "./invoke-here.ts";
import { lostInPowerCut } from "./power-loss.ts";
import { adapterOf, afterFault, afterResume, endHolder, type SeenRun, seenRun } from "./run-invariants.ts";

const recipe = `name: small
model: ${resolve("models/small")}
data:
  train: train.jsonl
  validation: validation.jsonl
  test: test.jsonl
  max_length: 256
  rows: { train: 8, validation: 2, test: 2 }
  bad_rows: skip
task: { kind: json, metrics: [json_valid] }
method: { kind: lora, rank: 2 }
training: { steps: 4, batch_size: 2, learning_rate: 3e-3, evaluate_every: 2, checkpoint_every: 2,
  checkpoint_selection: last,
  seed: 3, precision: fp32 }
checks: { depth: exact }
evaluation: { max_new_tokens: 2, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: 500, source: the test, threads: 1 }
budget: { minutes: 10 }
`;

let root = "";

/** A project with an existing store: creating a store on a failing disk is tested elsewhere. */
async function project(name: string): Promise<string> {
  const folder = join(root, name);
  mkdirSync(join(folder, ".tunewise"), { recursive: true });
  for (const part of ["train", "validation", "test"]) {
    cpSync(resolve("examples/tickets", `${part}.jsonl`), join(folder, `${part}.jsonl`));
  }
  writeFileSync(join(folder, "tunewise.yaml"), recipe);
  await (await openStore(join(folder, ".tunewise/tunewise.db"))).close();
  return folder;
}

const run = ["run", "--yes", "--json"];
let whole: SeenRun & { adapter: Buffer };
let operations: readonly string[] = [];

/** Runs once with one fault, resumes, and returns the errors found. */
async function meet(at: number, kind: FaultKind): Promise<string[]> {
  const folder = await project(`${kind}-${at}`);
  const start = performance.now();
  const { result: said, fired } = await injectFaults({ under: folder, at, kind }, ({ hasFired }) =>
    invokeHere(folder, run, { isMuted: () => kind === "crash" && hasFired() }),
  );
  if (!fired) return [];
  const wrong = await afterFault(folder, said, kind);
  const begun = await seenRun(folder);
  if (begun) endHolder(folder, begun.id);
  const isDone = begun?.status === "completed" && said.code === 0;
  const next = begun === null ? run : ["resume", "latest", "--json"];
  const again = isDone ? said : await invokeHere(folder, next);
  // the folder may record the completion before the store does
  const isFinished = /RUN_NOT_RESUMABLE[\s\S]*is completed/.test(again.out);
  if (again.code !== 0 && !isFinished) wrong.push(`cannot go on: ${(again.out + again.err).slice(-600)}`);
  const seen = await seenRun(folder);
  if (seen === null) wrong.push("no run is there");
  else {
    wrong.push(...afterResume(folder, seen, whole, performance.now() - start));
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return wrong.map((line) => `${at} ${operations[at - 1]}, ${kind}: ${line}`);
}

/** Runs without faults, as the reference. */
async function runWhole(): Promise<void> {
  const folder = await project("whole");
  const found = await injectFaults({ under: folder }, () => invokeHere(folder, run));
  expect(found.result).toMatchObject({ code: 0, err: "" });
  operations = found.operations;
  expect(lostInPowerCut(found.trace, isChargedPath)).toEqual([]);
  const seen = (await seenRun(folder)) as SeenRun;
  whole = { ...seen, adapter: adapterOf(folder, seen.id) as Buffer };
  expect(whole).toMatchObject({ status: "completed", losses: { length: 4 } });
}

/**
 * Tests the operations number `first`, `first` + `every` and so on. Two test files share the operations, because a test
 * file runs on one core.
 */
export function testRuns(first: number, every: number): void {
  describe("a run on a disk that fails", () => {
    beforeAll(async () => {
      root = ownFolder("faults");
      await runWhole();
    }, 120_000);
    afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

    test(`once, from operation ${first} on`, { timeout: 900_000 }, async () => {
      expect(operations.length).toBeGreaterThan(50);
      const wrong: string[] = [];
      const { turns, again } = faultTurns(operations, { first, every, usualStride: 15 });
      console.info(again);
      for (const { at, kind } of turns) wrong.push(...(await meet(at, kind)));
      expect(wrong).toEqual([]);
    });
  });
}
