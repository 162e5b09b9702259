/**
 * Runs the executor suite: a run produces the same bytes wherever it is computed, whatever stops it, and even if its
 * controller detaches in between. `events.jsonl` holds the expected events, also for executors in other languages;
 * regenerate it with `UPDATE_CONTRACT=1`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import type { RunSpec } from "@tunewise/core/run";
import { beforeAll, describe, expect, test } from "vitest";
import { embeddedExecutor, processExecutor } from "../../../packages/tunewise/src/executors/index.ts";
import {
  executionFolder,
  type WorkerAddress,
} from "../../../packages/tunewise/src/executors/process/protocol.ts";
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
import { engineReference, executorSuite, expectClose, ofKind, type Reference } from "./executor-suite.ts";

const root = temporaryFolder();
let project: ContractProject;
let reference: Reference;

beforeAll(async () => {
  project = await contractProject(root);
  reference = await engineReference(project);
}, 300_000);

/** Rounds numbers to four digits, because other processors add in another order. */
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

executorSuite(
  "embedded",
  ({ runtime }) => embeddedExecutor(runtime),
  () => ({ project, reference }),
);
executorSuite(
  "process",
  ({ runtime }) => processExecutor(runtime),
  () => ({ project, reference }),
);

describe("a process", () => {
  const addressOf = ({ folder }: RunSpec): WorkerAddress =>
    JSON.parse(readFileSync(executionFolder(folder).address, "utf8"));
  const workerPid = (spec: RunSpec): number => addressOf(spec).pid;

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
    const source = resolve("packages/tunewise/src").replaceAll("\\", "/");
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

  test("takes the next controller once the connection of the one that detached has closed", async () => {
    const spec = project.spec("closing", { limits: { seconds: 600 } });
    const executor = processExecutor(project.runtime);
    const first = await executor.start(spec);
    for await (const event of first.events())
      if (event.kind === "step-end" && event.step === 2) first.detach();
    // the second controller detaches, too, but its side of the connection stays open for a while
    const second = connect({ path: addressOf(spec).socket, allowHalfOpen: true });
    second.write(`${JSON.stringify({ kind: "attach", after: 0 })}\n`);
    await once(second, "data");
    second.write(`${JSON.stringify({ kind: "detach" })}\n`);
    await once(second, "end");
    const third = await executor.attach(spec);
    if (third === null) throw new Error("there is no execution to attach to");
    setTimeout(() => second.end(), 200);
    const { result } = await control(third, evaluateAll);
    expect(comparable(result, spec.folder)).toEqual(reference.result);
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
