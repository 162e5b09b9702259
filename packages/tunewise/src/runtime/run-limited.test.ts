/** @file Tests third-party programs: lookup, an environment without secrets, no network, and limits. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import {
  findProgram,
  type LimitedProgram,
  networkCutter,
  programEnvironment,
  runLimited,
} from "./run-limited.ts";
import { createRuntime } from "./runtime.ts";

const root = temporaryFolder();
const runtime = createRuntime(root, new AbortController().signal, "0.0.0");
const node = process.execPath;
const limited = (script: string, more: Partial<LimitedProgram["limits"]> = {}): LimitedProgram => ({
  words: [node, "-e", script],
  cwd: root,
  temporaryFolder: root,
  outputFile: null,
  limits: { seconds: 60, megabytes: 4_096, bytes: 1_000_000, ...more },
});

describe("runLimited", () => {
  test("output, exit code and the last line of the errors", async () => {
    const script = "console.log(process.cwd()); console.error('one\\ntwo\\n'); process.exitCode = 3";
    const end = await runLimited(limited(script), runtime);
    expect(end).toMatchObject({ kind: "end", code: 3, lastError: "two" });
    expect(end.kind === "end" && end.output.trim()).toContain("tunewise-test-");
  });

  test("no words pass through a shell", async () => {
    const task = limited("console.log(JSON.stringify(process.argv.slice(1)))");
    const end = await runLimited({ ...task, words: [...task.words, "$HOME; id", "*", "`id`"] }, runtime);
    expect(end.kind === "end" && JSON.parse(end.output)).toEqual(["$HOME; id", "*", "`id`"]);
  });

  test("missing: neither on the path nor in the folder", async () => {
    for (const program of ["no-such-program-here", "./none", ""]) {
      expect(await runLimited({ ...limited(""), words: [program] }, runtime)).toEqual({ kind: "missing" });
    }
  });

  test("time: whatever it started ends with it", async () => {
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
      console.error(child.pid); setTimeout(() => {}, 60000);`;
    const end = await runLimited(limited(script, { seconds: 2 }), runtime);
    expect(end.kind).toBe("time");
    const pid = Number("lastError" in end ? end.lastError : Number.NaN);
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => runtime.processes.startOf(pid), { timeout: 10_000 }).toBeNull();
  });

  test("output: on its standard output and in its file", async () => {
    const flood = "setInterval(() => process.stdout.write('x'.repeat(100000)), 1)";
    expect((await runLimited(limited(flood), runtime)).kind).toBe("output");
    const file = join(root, "big.sarif");
    const script = `require("node:fs").writeFileSync(${JSON.stringify(file)}, "x".repeat(2e6)); setTimeout(() => {}, 6e4)`;
    expect((await runLimited({ ...limited(script), outputFile: file }, runtime)).kind).toBe("output");
  });

  test("memory", async () => {
    const script = "globalThis.all = Buffer.alloc(600e6, 1); setTimeout(() => {}, 60000)";
    expect((await runLimited(limited(script, { megabytes: 300 }), runtime)).kind).toBe("memory");
  });

  test("a signal, and Ctrl-C", async () => {
    const end = await runLimited(limited("process.kill(process.pid, 'SIGKILL')"), runtime);
    expect(end).toMatchObject({ kind: "signal", signal: "SIGKILL" });
    const user = new AbortController();
    const stopped = runLimited(limited("setTimeout(() => {}, 60000)"), { ...runtime, signal: user.signal });
    setTimeout(() => user.abort(new Error("stop")), 300);
    await expect(stopped).rejects.toThrow("stop");
  });

  test("it ends with this process, and its folder is gone", async () => {
    const folder = join(root, "lost");
    mkdirSync(folder);
    const script = `
      import { createRuntime, runLimited } from ${JSON.stringify(resolve("packages/tunewise/src/runtime/index.ts"))};
      const words = [process.execPath, "-e", "console.error(process.pid); setTimeout(() => {}, 60000)"];
      const limits = { seconds: 60, megabytes: 4096, bytes: 1e6 };
      const task = { words, cwd: ".", temporaryFolder: ${JSON.stringify(folder)}, outputFile: null, limits };
      void runLimited(task, createRuntime(".", new AbortController().signal, "0"));
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 3000);`;
    writeFileSync(join(root, "lost.mts"), script);
    spawnSync(node, ["--import", "tsx", join(root, "lost.mts")], { cwd: resolve(".") });
    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
  });

  test("the network is cut off where the machine can do that", async () => {
    const server = createServer((_, answer) => answer.end("in reach")).listen(0, "127.0.0.1");
    await new Promise((ready) => server.once("listening", ready));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const script = `fetch("http://127.0.0.1:${port}").then((a) => a.text()).then(console.log, () => console.log("cut off"))`;
    const end = await runLimited(limited(script), runtime);
    server.close();
    const isCut = (await networkCutter(runtime)) !== null;
    expect(end.kind === "end" && end.output.trim()).toBe(isCut ? "cut off" : "in reach");
  });

  test("nothing cuts it off on other systems, and where programs may not be run", async () => {
    expect(await networkCutter({ ...runtime, versions: { platform: "darwin-arm64" } })).toBeNull();
    expect(await networkCutter({ ...runtime, sources: { ...runtime.sources, execute: null } })).toBeNull();
    const refused = async () => ({ code: 1, output: "unshare: Operation not permitted" });
    expect(await networkCutter({ ...runtime, sources: { ...runtime.sources, execute: refused } })).toBeNull();
  });
});

test("the environment holds what programs need, and no secret", () => {
  const given = {
    PATH: "/bin",
    HOME: "/home/a",
    LC_ALL: "C",
    HF_TOKEN: "hf_x",
    AWS_SECRET_ACCESS_KEY: "x",
    GITHUB_TOKEN: "x",
    SEMGREP_APP_TOKEN: "x",
    TMPDIR: "/var/tmp",
    LD_PRELOAD: "/x.so",
    OPENAI_API_KEY: "x",
    unset: undefined,
  };
  const reduced = programEnvironment(given, "/private");
  expect(reduced).toMatchObject({ PATH: "/bin", HOME: "/home/a", LC_ALL: "C", TMPDIR: "/private" });
  expect(Object.keys(reduced).filter((name) => /TOKEN|KEY|SECRET|PRELOAD/.test(name))).toEqual([]);
});

test("programs are found as a shell finds them", async () => {
  const [bin, more] = [join(root, "bin"), join(root, "more")];
  for (const folder of [bin, more]) mkdirSync(folder);
  for (const path of [join(bin, "plain"), join(more, "tool"), join(root, "beside")])
    writeFileSync(path, "#!/bin/sh\n");
  mkdirSync(join(bin, "tool"));
  chmodSync(join(bin, "plain"), 0o644);
  for (const path of [join(more, "tool"), join(root, "beside")]) chmodSync(path, 0o755);
  const path = { PATH: [bin, more].join(delimiter) };
  expect(await findProgram("tool", root, path)).toBe(join(more, "tool")); // a folder of that name is skipped
  expect(await findProgram("plain", root, path)).toBeNull(); // not executable
  expect(await findProgram("./beside", root, path)).toBe(join(root, "beside"));
  expect(await findProgram("beside", root, path)).toBeNull();
});
