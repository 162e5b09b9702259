/**
 * The suite that every executor passes: a run comes to the same bytes wherever it is computed, whatever stops it, and
 * whoever looks away in the middle. `events.jsonl` holds what is reported, for executors in other languages too; make
 * it again with `UPDATE_CONTRACT=1`.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { embeddedExecutor, type ProcessExecutor, processExecutor } from "../../../src/executors/index.ts";
import type { Execution, ExecutionEvent, Executor, Numbered, RunSpec } from "../../../src/run/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import {
  type ContractProject,
  comparable,
  contractProject,
  control,
  evaluateAll,
  resultOf,
  runToEnd,
} from "./contract-run.ts";

const root = temporaryFolder();
let project: ContractProject;
let reference: { spec: RunSpec; events: unknown; result: unknown; files: Map<string, string> };

const ofKind = <Kind extends ExecutionEvent["kind"]>(events: readonly ExecutionEvent[], kind: Kind) =>
  events.filter((event): event is Extract<ExecutionEvent, { kind: Kind }> => event.kind === kind);

beforeAll(async () => {
  project = await contractProject(root);
  const spec = project.spec("reference");
  const { events, result } = await runToEnd(embeddedExecutor(project.runtime, project.prepared), spec);
  reference = {
    ...{ spec, events: comparable(events, spec.folder), result: comparable(result, spec.folder) },
    files: resultOf(spec),
  };
}, 300_000);

/** Numbers to four digits: other processors add in another order. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

test("events are those of the golden file", () => {
  const path = resolve("test/conformance/contract/events.jsonl");
  const lines = (reference.events as unknown[]).map((event) => JSON.stringify(rounded(event)));
  if (process.env["UPDATE_CONTRACT"]) writeFileSync(path, `${lines.join("\n")}\n`);
  const golden = readFileSync(path, "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual(golden.map((line) => JSON.parse(line).kind));
  for (const [at, line] of golden.entries()) expectClose(JSON.parse(lines[at] ?? "{}"), JSON.parse(line));
});

function expectClose(found: unknown, expected: unknown): void {
  if (typeof expected === "number" && typeof found === "number") {
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(2e-3 * Math.abs(expected) + 1e-9);
  } else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(found as object)).toEqual(Object.keys(expected));
    for (const [key, item] of Object.entries(expected))
      expectClose((found as Record<string, unknown>)[key], item);
  } else expect(found).toEqual(expected);
}

const executors: readonly [string, (of: ContractProject) => Executor][] = [
  ["embedded", ({ runtime }) => embeddedExecutor(runtime)],
  ["process", ({ runtime }) => processExecutor(runtime)],
];

describe.each(executors)("%s", (name, create) => {
  const same = (found: { events: unknown; result: unknown }, spec: RunSpec): void => {
    expect(comparable(found.events, spec.folder)).toEqual(reference.events);
    expect(comparable(found.result, spec.folder)).toEqual(reference.result);
    expect(resultOf(spec)).toEqual(reference.files);
  };

  test("comes to the same events, measurements and weights", async () => {
    const spec = project.spec(`${name}-end`);
    same(await runToEnd(create(project), spec), spec);
  });

  test("stopped and started again, it comes to the same weights", async () => {
    const spec = project.spec(`${name}-stop`);
    const executor = create(project);
    const half = await runToEnd(executor, spec, (event) =>
      event.kind === "step-end" && event.step === 3 ? [{ kind: "stop" }] : [],
    );
    expect(half.result).toMatchObject({ status: "stopped", selectedStep: null, state: { step: 3 } });
    const rest = await runToEnd(executor, spec);
    expect(ofKind(rest.events, "training-start")[0]).toMatchObject({ state: { step: 3, sessions: 2 } });
    expect(comparable(rest.result, spec.folder)).toEqual(reference.result);
    expect(resultOf(spec)).toEqual(reference.files);
  });

  test("saves a checkpoint when it is asked to", async () => {
    const spec = project.spec(`${name}-checkpoint`, { until: 0.5 });
    const { events } = await runToEnd(create(project), spec, (event) =>
      event.kind === "step-end" && event.step === 2 ? [{ kind: "checkpoint" }] : [],
    );
    expect(ofKind(events, "checkpoint-saved").map(({ step }) => step)).toEqual([2, 4]);
  });

  test("rolls back to a checkpoint, and to the start where there is none", async () => {
    const spec = project.spec(`${name}-roll-back`);
    let isRolledBack = false;
    const { events, result } = await runToEnd(create(project), spec, (event) => {
      if (event.kind === "training-end") return [];
      if (event.kind !== "step-end" || event.step !== 6 || isRolledBack) return [];
      isRolledBack = true;
      return [{ kind: "roll-back", before: 5, rateScale: 0.5 }];
    });
    expect(ofKind(events, "rolled-back")).toMatchObject([{ step: 6, toStep: 4, rateScale: 0.5 }]);
    const rates = ofKind(events, "step-end").filter(({ step }) => step === 5);
    expect((rates[1]?.learningRate ?? 0) / (rates[0]?.learningRate ?? 1)).toBeCloseTo(0.5, 12);
    expect(result).toMatchObject({ status: "completed", state: { step: 8 } });
  });

  test("goes on alone while nobody is attached, and delivers what came meanwhile", async () => {
    const spec = project.spec(`${name}-detach`, { limits: { seconds: 600 } });
    const execution = await create(project).start(spec);
    const seen: Numbered<ExecutionEvent>[] = [];
    for await (const event of execution.events()) {
      seen.push(event);
      if (event.kind === "step-end" && event.step === 2) execution.detach();
    }
    const last = seen.at(-1)?.seq ?? 0;
    const again = await attachAgain(create(project), execution, spec);
    const rest = await control(again, evaluateAll, last);
    const { state } = ofKind(rest.events, "training-end")[0] ?? {};
    expect(state).toMatchObject({ step: 8 });
    const steps = ofKind([...seen, ...rest.events], "step-end").map(({ step }) => step);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("stops where nobody is attached and it has no limit of time", async () => {
    const spec = project.spec(`${name}-unlimited`);
    const execution = await create(project).start(spec);
    for await (const event of execution.events())
      if (event.kind === "step-end" && event.step === 2) execution.detach();
    expect(await execution.result()).toMatchObject({ status: "stopped", state: { step: 2 } });
  });

  test("ends by itself at its own limit of time", async () => {
    const spec = project.spec(`${name}-limit`, { limits: { seconds: 0 } });
    const { result } = await runToEnd(create(project), spec, () => []);
    expect(result).toMatchObject({ status: "stopped", state: { step: 0 } });
  });

  test("refuses rows that are not the ones it was given", async () => {
    const spec = project.spec(`${name}-data`, { data: { fingerprint: "0".repeat(64) } });
    const running = runToEnd(create(project), spec);
    await expect(running).rejects.toMatchObject({ code: "RUN_DATA_CHANGED" });
  });
});

/** Attaches in the way that an executor offers. */
async function attachAgain(executor: Executor, execution: Execution, spec: RunSpec): Promise<Execution> {
  if (!executor.capabilities.outlivesController) return execution;
  const attached = await (executor as ProcessExecutor).attach(spec);
  if (attached === null) throw new Error("there is no execution to attach to");
  return attached;
}

describe("a process", () => {
  const workerPid = (spec: RunSpec): number =>
    JSON.parse(readFileSync(join(spec.folder, "execution/worker.json"), "utf8")).pid;

  test("that is killed is reported, and the next one comes to the same weights", async () => {
    const spec = project.spec("killed-worker");
    const executor = processExecutor(project.runtime);
    const running = runToEnd(executor, spec, (event) => {
      if (event.kind === "checkpoint-saved") process.kill(workerPid(spec), "SIGKILL");
      return [];
    });
    await expect(running).rejects.toMatchObject({ code: "EXECUTION_LOST", params: { run: "killed-worker" } });
    const { events, result } = await runToEnd(executor, spec);
    expect(ofKind(events, "training-start")[0]).toMatchObject({ state: { step: 4 } });
    expect(comparable(result, spec.folder)).toEqual(reference.result);
    expect(resultOf(spec)).toEqual(reference.files);
  });

  test("whose controller is killed saves and ends, and the next one comes to the same weights", async () => {
    const spec = project.spec("killed-controller");
    const script = join(root, "controller.mts");
    const source = resolve("src").replaceAll("\\", "/");
    writeFileSync(
      script,
      `import { processExecutor } from "${source}/executors/index.ts";
import { createRuntime } from "${source}/runtime/index.ts";
const real = createRuntime(process.cwd(), new AbortController().signal, "test");
const executor = processExecutor({ ...real, node: [process.execPath, "--import", "tsx"] });
const execution = await executor.start(${JSON.stringify(spec)});
for await (const event of execution.events())
  if (event.kind === "step-end" && event.step === 3) process.kill(process.pid, "SIGKILL");
`,
    );
    const controller = spawn(process.execPath, ["--import", "tsx", script], { stdio: "ignore" });
    await new Promise((ended) => controller.once("exit", ended));
    const executor = processExecutor(project.runtime);
    const { events, result } = await runToEnd(executor, spec);
    expect(ofKind(events, "training-start")[0]).toMatchObject({ state: { step: 3 } });
    expect(comparable(result, spec.folder)).toEqual(reference.result);
    expect(resultOf(spec)).toEqual(reference.files);
  });

  test("leaves nothing behind but its files, and its end can be read later", async () => {
    const spec = project.spec("ended");
    const executor = processExecutor(project.runtime);
    const { events, result } = await runToEnd(executor, spec);
    const pid = workerPid(spec);
    expect(() => process.kill(pid, 0)).toThrow();
    expect(existsSync(join(spec.folder, "execution/lock"))).toBe(false);
    const attached = await executor.attach(spec);
    if (attached === null) throw new Error("there is no end to read");
    const again = await control(attached, () => []);
    expect(again.result).toEqual(result);
    expect(again.events).toEqual(events.filter(({ kind }) => kind !== "phase"));
  });
});
