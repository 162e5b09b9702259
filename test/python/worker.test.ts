/** @file The PyTorch worker passes the executor suite and reproduces the engine's results. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RunSpec } from "@tunewise/core/run";
import { beforeAll, describe, expect, test } from "vitest";
import { embeddedExecutor, torchExecutor } from "../../packages/tunewise/src/executors/index.ts";
import {
  type ContractProject,
  comparable,
  contractProject,
  resultOf,
  runToEnd,
} from "../conformance/contract/contract-run.ts";
import {
  engineReference,
  executorSuite,
  expectClose,
  ofKind,
  type Reference,
} from "../conformance/contract/executor-suite.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();
let project: ContractProject;
let reference: Reference;

const placement: RunSpec["placement"] = {
  kind: "torch",
  device: "cpu",
  dtype: "float32",
  recompute: "none",
  processes: 1,
};

describe.skipIf(python === undefined)("on PyTorch", () => {
  beforeAll(async () => {
    const { runtime, prepared, spec } = await contractProject(root);
    project = { runtime, prepared, spec: (name, change) => spec(name, { placement, ...change }) };
    reference = await engineReference({ runtime, prepared, spec });
  }, 300_000);

  executorSuite(
    "torch",
    ({ runtime }) => torchExecutor(runtime),
    () => ({ project, reference }),
    {
      isExact: false,
      timeout: 300_000,
    },
  );

  test.each([
    ["lora", "{ kind: lora, rank: 4 }"],
    ["full", "{ kind: full }"],
  ])("trains with dft as the engine does: %s", { timeout: 300_000 }, async (name, method) => {
    const folder = join(root, `dft-${name}`);
    mkdirSync(folder);
    const own = await contractProject(folder, { method, loss: "dft" });
    const expected = await runToEnd(embeddedExecutor(own.runtime, own.prepared), own.spec("engine"));
    const found = await runToEnd(torchExecutor(own.runtime), own.spec("worker", { placement }));
    const lossesOf = ({ events }: typeof found) =>
      ofKind(events, "step-end").map(({ loss, gradientNorm }) => ({ loss, gradientNorm }));
    expect(lossesOf(expected)).toHaveLength(8);
    expectClose(lossesOf(found), lossesOf(expected));
    const validation = ({ result }: typeof found) => result.state.curves.validation;
    expectClose(validation(found), validation(expected));
    // training losses are at most 1/e, validation losses those of the likelihood
    expect(Math.max(...lossesOf(found).map(({ loss }) => loss))).toBeLessThan(1 / Math.E);
    for (const [, loss] of validation(found)) expect(loss).toBeGreaterThan(1);
  });

  test("two processes come to the same as one", { timeout: 300_000 }, async () => {
    const spec = project.spec("two", { placement: { ...placement, processes: 2 } });
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec);
    expectClose(comparable(events, spec.folder), reference.events);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("two that share the weights too, killed or not: to the bit", { timeout: 600_000 }, async () => {
    const shared: RunSpec["placement"] = { ...placement, processes: 2, sharding: "fsdp" };
    const spec = project.spec("fsdp", { placement: shared });
    const { events, result } = await runToEnd(torchExecutor(project.runtime), spec);
    expectClose(comparable(events, spec.folder), reference.events);
    expectClose(comparable(result, spec.folder), reference.result);
    const killed = project.spec("fsdp-killed", { placement: shared });
    await killWorker(killed, 6);
    await runToEnd(torchExecutor(project.runtime), killed);
    const weights = "adapter_model.safetensors";
    expect(resultOf(killed).get(weights)).toBe(resultOf(spec).get(weights));
  });

  test("killed again and again, worker and controller in turn, it comes to the same", async () => {
    const kills = Number(process.env["WORKER_KILLS"] ?? 4);
    const spec = project.spec("killed");
    const script = controllerScript(spec);
    for (let kill = 0; kill < kills; kill++) {
      // checkpoints are every 4 steps and where a controller died: each kill comes at another step
      const at = 1 + ((kill * 3) % 7);
      if (kill % 2 === 0) await killWorker(spec, at);
      else await killController(script, at);
    }
    const { result, events } = await runToEnd(torchExecutor(project.runtime), spec);
    expect(ofKind(events, "training-start")[0]?.state.sessions).toBeGreaterThan(1);
    expectClose(comparable(result, spec.folder), reference.result);
  }, 900_000);

  /** Kills the worker after a given step, unless the run has already ended. */
  async function killWorker(spec: RunSpec, at: number): Promise<void> {
    const running = runToEnd(torchExecutor(project.runtime), spec, (event) => {
      if (event.kind === "step-end" && event.step >= at) process.kill(workerPid(spec), "SIGKILL");
      return [];
    });
    await running.catch((error: unknown) => expect(error).toMatchObject({ code: "EXECUTION_LOST" }));
  }

  /** Starts a controller in a separate process that kills itself after a given step. */
  async function killController(script: string, at: number): Promise<void> {
    const controller = spawn(process.execPath, ["--import", "tsx", script, String(at)], { stdio: "ignore" });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      controller.once("exit", (ended, by) => resolve([ended, by])),
    );
    expect(signal ?? code).toBe("SIGKILL");
  }

  function workerPid(spec: RunSpec): number {
    return JSON.parse(readFileSync(join(spec.folder, "execution/worker.json"), "utf8")).pid;
  }

  function controllerScript(spec: RunSpec): string {
    const path = join(root, "controller.mts");
    const source = resolve("packages/tunewise/src").replaceAll("\\", "/");
    writeFileSync(
      path,
      `import { torchExecutor } from "${source}/executors/index.ts";
import { createRuntime } from "${source}/runtime/index.ts";
const real = createRuntime(process.cwd(), new AbortController().signal, "test");
const execution = await torchExecutor(real).start(${JSON.stringify(spec)});
for await (const event of execution.events())
  if (event.kind === "step-end" && event.step >= Number(process.argv[2])) process.kill(process.pid, "SIGKILL");
process.kill(process.pid, "SIGKILL");
`,
    );
    return path;
  }
});
