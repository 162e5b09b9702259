/**
 * @file Failures of a remote machine: a real `sshd` on a loopback port, the worker's own controller, lease and watch,
 * and a training that only counts steps.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RemoteHost } from "@tunewise/core/run";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProcessExecution } from "../../packages/tunewise/src/executors/process/execution.ts";
import { executionFolder } from "../../packages/tunewise/src/executors/process/protocol.ts";
import { Box } from "../../packages/tunewise/src/executors/remote/box.ts";
import { RemoteConnection } from "../../packages/tunewise/src/executors/remote/connection.ts";
import { Contact } from "../../packages/tunewise/src/executors/remote/contact.ts";
import { bringFiles, sendFiles, sentFile } from "../../packages/tunewise/src/executors/remote/files.ts";
import { inspectHost } from "../../packages/tunewise/src/executors/remote/remote.ts";
import { runRemote, sshHost, sshMachine } from "../../packages/tunewise/src/executors/ssh/transport.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { type SshServer, slowLine, sshd, startSshServer } from "../support/ssh-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();
const real = createRuntime(root, new AbortController().signal, "test");
const python =
  sshd === undefined
    ? ""
    : execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
let server: SshServer;

/** A training that only counts steps; the rest of the worker is real. */
const counting = `
import json, time
from pathlib import Path

def execute(folder, controller, deadline):
    job = json.loads((folder / "spec.json").read_text())["counted"]
    state = {"step": 0, "best": None, "curves": {"train": [], "validation": []}, "forgetting": [],
             "tokens": 0, "trainSeconds": 0.0, "sessions": 1}
    controller.queries["double"] = lambda given, on_progress: 2 * given["value"]
    controller.report("training-start", steps=job["steps"], stepsPerEpoch=1, state=state, rateScale=1.0,
        vocabularySize=1, trainedParameters=1, modelParameters=1, regularization=None)
    status = "completed"
    while state["step"] < job["steps"]:
        controller.report("step-start", step=state["step"] + 1)
        controller.poll()
        if any(one["kind"] == "stop" for one in controller.take_commands()):
            status = "stopped"
            break
        time.sleep(job["seconds"])
        state["step"] += 1
        controller.report("step-end", step=state["step"], steps=job["steps"], loss=1.0, penalty=0.0,
            learningRate=0.1, gradientNorm=1.0, updateRatio=0.1, tokens=1, labelledTokens=1, wallSeconds=job["seconds"])
        if job["pauseEvery"] and state["step"] % job["pauseEvery"] == 0:
            controller.pause("forgetting", state)
    (folder.parent / "checkpoints" / "saved.json").write_text(json.dumps(state))
    controller.report("training-end", status=status, state=state)
    controller.pause("result", state)
    measured = {"answers": None, "forgetting": None, "safety": None, "memorization": None}
    return {"status": status, "state": state, "selectedStep": None, "measured": measured}
`;

function runtimeWith(environment: Record<string, string | undefined>): Runtime {
  return { ...real, environment: { ...server.environment, ...environment } };
}

function boxOf(run: string, { address = server.address, environment = {} } = {}): Box {
  return new Box(sshMachine(address, runtimeWith(environment)), run, "none");
}

/** A program that replaces Python on the remote machine. */
function program(name: string, lines: readonly string[]): string {
  const path = join(root, name);
  writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Counted {
  readonly steps: number;
  readonly seconds: number;
  /** Steps between two pauses, at which the worker waits for its controller; 0: no pauses. */
  readonly pauseEvery?: number;
  readonly host?: Partial<RemoteHost>;
}

/** Starts a run that counts steps. */
async function startCounting(
  run: string,
  { steps, seconds, pauseEvery = 10, host = {} }: Counted,
  address = server.address,
): Promise<{ box: Box; folder: string; host: RemoteHost }> {
  const all: RemoteHost = { address, leaseSeconds: 60, onLeaseEnd: null, eventsAhead: 0, ...host };
  const folder = join(root, run);
  const execution = executionFolder(folder);
  mkdirSync(execution.path, { recursive: true });
  const spec = {
    limits: { seconds: null },
    placement: { kind: "torch", processes: 1, host: all },
    method: { kind: "lora" },
    training: { optimizer: "adamw" },
    counted: { steps, seconds, pauseEvery },
  };
  writeFileSync(execution.spec, JSON.stringify(spec));
  const box = boxOf(run, { address });
  const files = [await sentFile("run/execution/spec.json", execution.spec, false)];
  const sources = join(root, "package");
  for (const name of readdirSync(sources).filter((one) => one.endsWith(".py")))
    files.push(await sentFile(`package/tunewise_worker/${name}`, join(sources, name), true));
  await sendFiles(box, files, ["run/execution", "package"]);
  await box.ask("start", { environment: {} });
  return { box, folder, host: all };
}

/** Connects a controller. */
async function control(
  run: string,
  box: Box,
  folder: string,
  { leaseSeconds }: RemoteHost,
): Promise<{ execution: ProcessExecution; connection: RemoteConnection }> {
  const carrier = await box.bridge();
  if (carrier === null) throw new Error("nothing to connect to");
  const contact = new Contact({
    run,
    folder,
    address: box.machine.address,
    leaseSeconds,
    elapsedSeconds: real.elapsedSeconds,
    controller: `c-${Math.random()}`,
  });
  const connection = new RemoteConnection(box, carrier, contact);
  const ended = connection.closed.then(() => "").finally(() => contact.close());
  ended.catch(() => undefined);
  return {
    connection,
    execution: new ProcessExecution({ run }, executionFolder(folder), connection, ended),
  };
}

async function untilWorkless(box: Box): Promise<void> {
  while ((await box.ask("status")).isWorking) await sleep(200);
}

const savedIn = (run: string): { step: number } =>
  JSON.parse(readFileSync(join(server.cache, "runs", run, "run/checkpoints/saved.json"), "utf8"));

describe.skipIf(sshd === undefined)("another machine", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    server = await startSshServer(join(root, "box"), python);
    cpSync(resolve("worker/tunewise_worker"), join(root, "package"), {
      recursive: true,
      filter: (path) => !path.includes("__pycache__"),
    });
    writeFileSync(join(root, "package", "execute.py"), counting);
  }, 60_000);
  afterAll(() => server?.stop());

  test("runs a command whose words hold anything", async () => {
    const words = ["a b", "it's", '"', "$HOME", "`id`", "; exit 3", "\\", "*", "", "-n", "two\nlines"];
    const { code, stdout } = await runRemote(sshHost(server.address, runtimeWith({})), [
      "printf",
      "<%s>",
      ...words,
    ]);
    expect([code, stdout]).toEqual([0, words.map((word) => `<${word}>`).join("")]);
    const read = await runRemote(
      sshHost(server.address, runtimeWith({})),
      ["sh", "-c", "cat; exit 7"],
      "by stdin",
    );
    expect([read.code, read.stdout]).toEqual([7, "by stdin"]);
  });

  test("is refused by names that are none", () => {
    for (const address of [
      "box",
      "ssh://-oProxyCommand=x",
      "ssh://a b",
      "ssh://u@h:99999",
      "ssh://u@h/path",
      "http://h",
    ])
      expect(() => sshHost(address, real), address).toThrow(
        expect.objectContaining({ code: "SSH_ADDRESS_INVALID" }),
      );
    expect(sshHost("ssh://me@[::1]:22", real).address).toMatchObject({ host: "::1", user: "me", port: 22 });
  });

  test.each([
    ["a host key that changed", "SSH_HOST_KEY_CHANGED"],
    ["a host key that is not known", "SSH_HOST_KEY_UNKNOWN"],
  ])("%s", async (name, code) => {
    const folder = join(root, code);
    mkdirSync(folder);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "other")]);
    const other = readFileSync(join(folder, "other.pub"), "utf8").split(" ").slice(0, 2).join(" ");
    const known = join(folder, "known_hosts");
    writeFileSync(known, name.includes("changed") ? `tunewise-test ${other}\n` : "");
    const config = readFileSync(join(server.folder, "ssh_config"), "utf8").replace(
      /UserKnownHostsFile .*/,
      `UserKnownHostsFile ${known}`,
    );
    writeFileSync(join(folder, "config"), config);
    program(`${code}/ssh`, [`exec /usr/bin/ssh -F ${join(folder, "config")} "$@"`]);
    const runtime = runtimeWith({ PATH: `${folder}:${process.env["PATH"]}` });
    await expect(inspectHost(server.address, runtime)).rejects.toMatchObject({ code });
  });

  test("a user whom it does not let in, and a port where nobody is", async () => {
    const denied = server.address.replace(/\/\/[^@]+@/, "//nobody-of-that-name@");
    await expect(inspectHost(denied, runtimeWith({}))).rejects.toMatchObject({
      code: "SSH_DENIED",
      fix: expect.stringContaining("ssh-copy-id -p"),
    });
    const closed = server.address.replace(/:\d+$/, ":1");
    await expect(inspectHost(closed, runtimeWith({}))).rejects.toMatchObject({ code: "SSH_UNREACHABLE" });
    const nowhere = { ...real, environment: { PATH: root } };
    await expect(inspectHost(server.address, nowhere)).rejects.toMatchObject({ code: "SSH_MISSING" });
  });

  test("no Python, an old one, and one without the packages", async () => {
    const old = program("old-python", [
      `exec ${python} -c 'import sys; sys.version_info = (3, 8, 1, "final", 0); exec(sys.argv[1])' "$2"`,
    ]);
    const bare = program("bare-python", [`exec ${python} -I -S "$@"`]);
    for (const [path, found] of [
      [join(root, "no/python"), /does not exist/],
      [undefined, /worker\/[0-9a-f]{12}\/bin\/python does not exist/],
      [old, /its Python is 3\.8/],
      [bare, /lacks torch, transformers/],
    ] as const) {
      const asked = inspectHost(server.address, runtimeWith({ TUNEWISE_REMOTE_PYTHON: path }));
      await expect(asked).rejects.toMatchObject({
        code: "REMOTE_PYTHON_UNSUPPORTED",
        message: expect.stringMatching(found),
        fix: expect.stringMatching(/^ssh -p \d+ .*python3 -m venv .* < .*requirements\.lock/),
      });
    }
  });

  test("a disk that is full keeps what came, and the rest is sent when there is room", async () => {
    const small = program("small-disk", ["ulimit -f 2048", `exec ${python} "$@"`]); // limits a file to 1 or 2 MiB
    const source = join(root, "large.bin");
    writeFileSync(source, Buffer.alloc(6 << 20, 7));
    const file = await sentFile("run/large.bin", source, false);
    const full = boxOf("full", { environment: { TUNEWISE_REMOTE_PYTHON: small } });
    await expect(sendFiles(full, [file], [])).rejects.toMatchObject({ code: "REMOTE_DISK_FULL" });
    const sent: number[] = [];
    await sendFiles(boxOf("full"), [file], [], (bytes) => sent.push(bytes));
    expect(sent[0]).toBeLessThan(6 << 20);
    expect(readFileSync(join(server.cache, "runs/full/run/large.bin")).equals(readFileSync(source))).toBe(
      true,
    );
  });

  test("a connection that is cut in the middle of a file, and content that is not what was promised", async () => {
    const source = join(root, "cut.safetensors");
    const content = Buffer.from(Array.from({ length: 3 << 20 }, (_, at) => (at * 31) & 255));
    writeFileSync(source, content);
    const port = Number(/:(\d+)$/.exec(server.address)?.[1]);
    const line = await slowLine(port, 0, 1_000_000);
    const box = boxOf("cut", { address: server.address.replace(/:\d+$/, `:${line.port}`) });
    const file = await sentFile("run/adapter/cut.safetensors", source, false);
    await sendFiles(box, [file], []);
    expect(line.cuts()).toBeGreaterThan(0);
    const back = join(root, "back");
    await bringFiles(box, back, ["adapter"]);
    expect(readFileSync(join(back, "adapter/cut.safetensors")).equals(content)).toBe(true);
    line.close();
    writeFileSync(join(root, "spoiled.bin"), "right");
    const spoiled = await sentFile("run/spoiled.bin", join(root, "spoiled.bin"), false);
    writeFileSync(join(server.cache, `runs/cut/blobs/${spoiled.sha256}.part`), "wro");
    await sendFiles(boxOf("cut"), [spoiled], []);
    expect(readFileSync(join(server.cache, "runs/cut/run/spoiled.bin"), "utf8")).toBe("right");
    writeFileSync(join(root, "changing.bin"), "before");
    const changing = await sentFile("run/changing.bin", join(root, "changing.bin"), false);
    writeFileSync(join(root, "changing.bin"), "after!");
    await expect(sendFiles(boxOf("cut"), [changing], [])).rejects.toMatchObject({ code: "REMOTE_FAILED" });
  });

  test("what is not one of a run's files does not come back", async () => {
    const run = join(server.cache, "runs/strange/run");
    mkdirSync(join(run, "adapter"), { recursive: true });
    for (const name of ["adapter_model.bin", "evil.py", "fine.json"])
      writeFileSync(join(run, "adapter", name), "{}");
    await bringFiles(boxOf("strange"), join(root, "strange-back"), ["adapter"]);
    expect(readdirSync(join(root, "strange-back/adapter"))).toEqual(["fine.json"]);
  });

  test("connections that are killed twenty times: every event once, and every request answered", async () => {
    const { box, folder, host } = await startCounting("killed", {
      steps: 120,
      seconds: 0.05,
      host: { eventsAhead: 8 },
    });
    const { execution } = await control("killed", box, folder, host);
    server.killConnections();
    const seen: number[] = [];
    const steps: number[] = [];
    const pauses: number[] = [];
    let killed = 0;
    async function* onPause({ number }: { number: number }): AsyncGenerator<never, void, void> {
      pauses.push(number);
      expect(await execution.query("double", { value: number })).toBe(2 * number);
      yield* [];
    }
    for await (const event of execution.events(0, onPause)) {
      seen.push(event.seq);
      if (event.kind !== "step-end") continue;
      steps.push(event.step);
      if (event.step % 6 === 0 && server.killConnections() > 0) killed++;
    }
    expect(await execution.result()).toMatchObject({ status: "completed", state: { step: 120 } });
    expect(seen).toEqual(Array.from(seen, (_, at) => at + 1));
    expect(steps).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
    expect(pauses).toEqual(Array.from({ length: 13 }, (_, at) => at + 1));
    expect(killed).toBe(20);
  });

  test("without its controller it goes on until its lease is over, saves, and does what was asked for", async () => {
    const done = join(root, "powered-off");
    const host = { leaseSeconds: 3, onLeaseEnd: `echo off > ${done}` };
    const started = await startCounting("left", { steps: 1000, seconds: 0.05, pauseEvery: 0, host });
    const { execution } = await control("left", started.box, started.folder, started.host);
    server.killConnections();
    const log = join(server.cache, "runs/left/run/execution/events.jsonl");
    const alive = (): number => readFileSync(log, "utf8").trim().split("\n").length;
    // a killed controller: its connection ends and is not replaced
    const child = started.box.bridge;
    started.box.bridge = async () => new Promise(() => undefined);
    void execution.events().next();
    await sleep(500);
    const before = alive();
    server.killConnections();
    await sleep(1500);
    expect(alive()).toBeGreaterThan(before + 5); // the worker continues
    expect(existsSync(done)).toBe(false);
    started.box.bridge = child;
    await untilWorkless(boxOf("left"));
    expect(savedIn("left").step).toBeGreaterThan(5);
    expect(savedIn("left").step).toBeLessThan(200);
    for (let waited = 0; !existsSync(done) && waited < 100; waited++) await sleep(100);
    expect(readFileSync(done, "utf8")).toBe("off\n");
  });

  test("a worker that is killed is told so", async () => {
    const { box, folder, host } = await startCounting("shot", { steps: 1000, seconds: 0.05 });
    const { execution, connection } = await control("shot", box, folder, host);
    const { pid } = JSON.parse(
      readFileSync(join(server.cache, "runs/shot/run/execution/worker.json"), "utf8"),
    );
    for await (const event of execution.events()) if (event.seq === 5) process.kill(pid, "SIGKILL");
    await connection.closed;
    expect(await box.ask("status")).toMatchObject({
      isWorking: false,
      how: expect.stringContaining("signal 9"),
    });
  });

  test("a second controller is refused while the first is there, and one that leaves ends the run", async () => {
    const { box, folder, host } = await startCounting("two", { steps: 1000, seconds: 0.05 });
    const first = await control("two", box, folder, host);
    const events = first.execution.events();
    await events.next();
    const second = await control("two", boxOf("two"), join(root, "two-second"), host);
    for await (const event of second.execution.events()) throw new Error(`there was an event ${event.kind}`);
    await expect(second.execution.result()).rejects.toMatchObject({ code: "RUN_LOCKED" });
    await events.next();
    await events.return();
    await untilWorkless(box);
    expect(savedIn("two").step).toBeLessThan(100);
  });

  test("a worker of another version", async () => {
    const execution = join(server.cache, "runs/version/run/execution");
    mkdirSync(execution, { recursive: true });
    const holding = program("holding", [
      `exec ${python} -c '
import fcntl, json, os, socket, sys, time
held = open(sys.argv[1] + "/watch", "w"); fcntl.flock(held, fcntl.LOCK_EX)
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[2]); server.listen(1)
open(sys.argv[1] + "/worker.json", "w").write(json.dumps({"pid": os.getpid(), "socket": sys.argv[2], "protocol": 99}))
sys.stdin.read()' ${execution} ${join(root, "s")}`,
    ]);
    const { spawn } = await import("node:child_process");
    const child = spawn(holding, { stdio: ["pipe", "ignore", "inherit"] });
    while (!existsSync(join(execution, "worker.json")) || statSync(join(execution, "worker.json")).size === 0)
      await sleep(50);
    await expect(boxOf("version").bridge()).rejects.toMatchObject({
      code: "REMOTE_WORKER_VERSION",
      params: { found: "99" },
    });
    child.kill();
  });

  test("over a line with a round trip of 0.1 s a step does not wait for it", async () => {
    const port = Number(/:(\d+)$/.exec(server.address)?.[1]);
    const line = await slowLine(port, 50);
    const address = server.address.replace(/:\d+$/, `:${line.port}`);
    const secondsOf = async (run: string, eventsAhead: number): Promise<number> => {
      const counted = { steps: 39, seconds: 0.1, host: { eventsAhead } };
      const { box, folder, host } = await startCounting(run, counted, address);
      const { execution } = await control(run, box, folder, host);
      let [first, last] = [0, 0];
      for await (const event of execution.events()) {
        if (event.kind === "step-start") first ||= performance.now();
        if (event.kind === "step-end") last = performance.now();
      }
      return (last - first) / 1000;
    };
    const lockstep = await secondsOf("lockstep", 0);
    const ahead = await secondsOf("ahead", 8);
    line.close();
    console.info(
      `39 steps of 0.1 s, round trip 0.1 s: ${lockstep.toFixed(1)} s in lockstep, ${ahead.toFixed(1)} s ahead`,
    );
    expect(lockstep).toBeGreaterThan(39 * 0.3 * 0.9);
    expect(ahead).toBeLessThan(lockstep / 2);
  });

  test("nothing on it reads a clock of the day", () => {
    for (const name of ["box", "controller", "lease", "link", "watch"]) {
      const text = readFileSync(resolve(`worker/tunewise_worker/${name}.py`), "utf8");
      expect(text, name).not.toMatch(/time\.time\(|datetime|localtime|gmtime/);
    }
  });
});
