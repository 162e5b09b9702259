/**
 * @file The time limit of a run covers everything from start to end, however long the worker takes to start and to
 * measure.
 */
import { chmodSync, mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TorchPlacement } from "@tunewise/core/run";
import { expect, test } from "vitest";
import { torchExecutor } from "../../../packages/tunewise/src/executors/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { contractProject, runToEnd } from "./contract-run.ts";

const root = temporaryFolder();
/** Tolerance in seconds for a busy machine. */
const graceSeconds = 3;

test("an evaluation that would cross the cap is cut, and the start of the worker counts", async () => {
  const { runtime, prepared, spec } = await contractProject(mkdtempSync(join(root, "try-")));
  const worker = resolve("test/support/slow-worker.mjs");
  chmodSync(worker, 0o755);
  const environment = { ...runtime.environment, TUNEWISE_PYTHON: worker, SLOW_START_MS: "8000" };
  const placement: TorchPlacement = {
    kind: "torch",
    device: "cpu",
    dtype: "float32",
    recompute: "none",
    processes: 1,
  };
  const limits = { seconds: 14 };
  const start = runtime.elapsedSeconds();
  const executor = torchExecutor({ ...runtime, environment }, prepared);
  const { result } = await runToEnd(executor, spec("slow", { placement, limits }));
  expect(result).toMatchObject({ status: "completed", measured: { answers: null, forgetting: null } });
  // it would take 22 seconds if the limit did not count the start
  expect(runtime.elapsedSeconds() - start).toBeLessThan(limits.seconds + graceSeconds);
}, 120_000);
