/** @file The PyTorch worker on another machine, reached by `ssh`: a real `sshd` on a loopback port. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RemoteHost, RunSpec, TorchPlacement } from "@tunewise/core/run";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { torchExecutor } from "../../packages/tunewise/src/executors/index.ts";
import {
  type ContractProject,
  comparable,
  contractProject,
  control,
  evaluateAll,
  runToEnd,
} from "../conformance/contract/contract-run.ts";
import {
  engineReference,
  executorSuite,
  expectClose,
  expectOnce,
  ofKind,
  type Reference,
} from "../conformance/contract/executor-suite.ts";
import { type Output, say } from "../support/say.ts";
import { type SshServer, sshd, startSshServer } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"];
const root = temporaryFolder();
let project: ContractProject;
let reference: Reference;
let server: SshServer;
let host: RemoteHost;
let placement: TorchPlacement;

describe.skipIf(python === undefined || sshd === undefined)("over ssh", () => {
  beforeAll(async () => {
    server = await startSshServer(join(root, "box"), python);
    const { runtime, prepared, spec } = await contractProject(root);
    host = { address: server.address, leaseSeconds: 60, onLeaseEnd: null, eventsAhead: 0 };
    placement = {
      kind: "torch",
      device: "cpu",
      dtype: "float32",
      recompute: "none",
      processes: 1,
      host,
    };
    const remote = { ...runtime, environment: server.environment };
    project = { runtime: remote, prepared, spec: (name, change) => spec(name, { placement, ...change }) };
    reference = await engineReference({ runtime, prepared, spec });
  }, 300_000);
  afterAll(() => server?.stop());

  executorSuite(
    "ssh",
    ({ runtime }) => torchExecutor(runtime),
    () => ({ project, reference }),
    { isExact: false, timeout: 300_000, isRemote: true },
  );

  const workerPid = ({ run }: RunSpec): number =>
    JSON.parse(readFileSync(join(server.cache, "runs", run, "run/execution/worker.json"), "utf8")).pid;
  test("comes to the same through connections that are killed five times", { timeout: 300_000 }, async () => {
    const spec = project.spec("ssh-killed", {
      placement: { ...placement, host: { ...host, eventsAhead: 8 } },
    });
    const execution = await torchExecutor(project.runtime, project.prepared).start(spec);
    server.killConnections();
    let killed = 0;
    const { events, result } = await control(execution, (event) => {
      const isDue = (event.kind === "step-end" && event.step % 2 === 0) || event.kind === "work-start";
      if (isDue && killed < 5 && server.killConnections() > 0) killed++;
      return evaluateAll(event, execution);
    });
    expect(killed).toBe(5);
    expectOnce(events);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("whose controller and then whose worker is killed comes to the same", {
    timeout: 400_000,
  }, async () => {
    const spec = project.spec("ssh-shot");
    const script = join(root, "controller.mts");
    const source = resolve("packages/tunewise/src").replaceAll("\\", "/");
    writeFileSync(
      script,
      `import { torchExecutor } from "${source}/executors/index.ts";
import { createRuntime } from "${source}/runtime/index.ts";
const real = createRuntime(process.cwd(), new AbortController().signal, "test");
const execution = await torchExecutor(real).start(${JSON.stringify(spec)});
for await (const event of execution.events())
  if (event.kind === "step-end" && event.step === 3) process.kill(process.pid, "SIGKILL");
`,
    );
    const controller = spawn(process.execPath, ["--import", "tsx", script], {
      stdio: "ignore",
      env: server.environment as NodeJS.ProcessEnv,
    });
    await new Promise((ended) => controller.once("exit", ended));
    const executor = torchExecutor(project.runtime, project.prepared);
    const running = runToEnd(executor, spec, (event) => {
      if (event.kind === "step-end" && event.step === 6) process.kill(workerPid(spec), "SIGKILL");
      return [];
    });
    await expect(running).rejects.toMatchObject({ code: "EXECUTION_LOST", params: { run: "ssh-shot" } });
    const { events, result } = await runToEnd(executor, spec);
    const [start] = ofKind(events, "training-start");
    expect(start?.state.step).toBeGreaterThanOrEqual(3); // the step saved when the controller was lost
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("that hangs is ended there, and goes on from its checkpoint", { timeout: 300_000 }, async () => {
    const spec = project.spec("ssh-hangs");
    const executor = torchExecutor(project.runtime, project.prepared);
    const running = runToEnd(executor, spec, (event, execution) => {
      if (event.kind !== "step-end" || event.step !== 6) return [];
      process.kill(workerPid(spec), "SIGSTOP");
      setTimeout(() => execution.end(), 500);
      return [{ kind: "stop" }];
    });
    await expect(running).rejects.toMatchObject({
      code: "EXECUTION_LOST",
      params: { how: expect.stringContaining("terminated by signal 9") },
    });
    const { events, result } = await runToEnd(executor, spec);
    expect(ofKind(events, "training-start")[0]?.state.step).toBe(4);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("two processes there come to the same", { timeout: 300_000 }, async () => {
    const spec = project.spec("ssh-two", { placement: { ...placement, processes: 2 } });
    const { result } = await runToEnd(torchExecutor(project.runtime, project.prepared), spec);
    expectClose(comparable(result, spec.folder), reference.result);
  });

  test("run, interrupted, and resume, as a user types them", { timeout: 500_000 }, async () => {
    const folder = join(root, "project");
    const tunewise = (words: readonly string[], onStep: (child: ChildProcess) => void): Promise<Output> =>
      say(folder, words, server.environment, onStep);
    const on = ["--on", server.address, "--lease-seconds", "120"];
    const first = await tunewise(["run", "--yes", "--json", ...on], (child) => child.kill("SIGINT"));
    expect(first.text).toContain('"status":"interrupted"');
    const again = await tunewise(["resume", "latest", "--json"], () => undefined);
    expect(again.code, again.text).toBe(0);
    expect(again.text).toContain('"status":"completed"');
    const [run = ""] = readdirSync(join(folder, ".tunewise/runs"));
    const files = readdirSync(join(folder, ".tunewise/runs", run));
    expect(files).toEqual(expect.arrayContaining(["adapter", "events.jsonl", "report.html", "report.md"]));
    expect(existsSync(join(server.cache, "runs", run))).toBe(false); // nothing is kept remotely once it is here
    const shown = await tunewise(["runs", "show", "latest"], () => undefined);
    expect(shown.text).toContain("completed");
  });
});
