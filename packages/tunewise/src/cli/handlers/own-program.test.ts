/** @file Tests processes of the server: read within limits, ended with their children, or left running. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { readCommand } from "../../app/dashboard/index.ts";
import { TunewiseError } from "../../problem/index.ts";
import { ownProgram } from "./own-program.ts";

const cwd = temporaryFolder();
const here = { cwd, isOffline: false };
const limits = { seconds: 20, outputBytes: 1_000, signal: new AbortController().signal };

/** A stub that replaces the command line program and gets the same arguments. */
function program(name: string, text: string) {
  const file = join(cwd, `${name}.mjs`);
  writeFileSync(file, text);
  return ownProgram([process.execPath, file], { PATH: process.env["PATH"], HOME: cwd });
}

/** The message of the problem that a command ends with. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return TunewiseError.is(error) ? `${error.code} ${error.message}` : String(error);
  }
}

test("words go without a shell, and the document comes back", async () => {
  const start = program(
    "echo",
    "console.log(JSON.stringify({ words: process.argv.slice(2), cwd: process.cwd() }));",
  );
  const words = ["plan", "$(touch hacked); `touch hacked` & <x>"];
  expect(await readCommand(start, words, here, limits)).toEqual({ words: [...words, "--json"], cwd });
  expect(existsSync(join(cwd, "hacked"))).toBe(false);
});

test("a document with exit code 2 counts, an error is told with its fix", async () => {
  const said = program("said", "console.log('{\"ok\":false}'); process.exitCode = 2;");
  expect(await readCommand(said, ["check"], here, limits)).toEqual({ ok: false });
  const error = { code: "X", message: "It is wrong.", fix: "mend it" };
  const wrong = program(
    "wrong",
    `console.log(${JSON.stringify(JSON.stringify({ error }))}); process.exitCode = 64;`,
  );
  expect(await failure(readCommand(wrong, ["plan"], here, limits))).toBe(
    "RECIPE_COMMAND_FAILED tunewise plan: It is wrong.",
  );
  const silent = program("silent", "process.exitCode = 1;");
  expect(await failure(readCommand(silent, ["plan"], here, limits))).toContain("exit code 1");
});

test("one that prints too much, takes too long or is not waited for is ended", async () => {
  const loud = program("loud", "setInterval(() => console.log('x'.repeat(10_000)), 1);");
  expect(await failure(readCommand(loud, ["plan"], here, limits))).toContain("more than 1000 bytes");
  const slow = program("slow", "setInterval(() => undefined, 1000);");
  expect(await failure(readCommand(slow, ["plan"], here, { ...limits, seconds: 0.5 }))).toContain(
    "longer than 0.5 s",
  );
  const leaving = new AbortController();
  const left = readCommand(slow, ["plan"], here, { ...limits, signal: leaving.signal });
  leaving.abort();
  expect(await failure(left)).toContain("the client disconnected");
});

test("what it started is ended with it", async () => {
  const beat = join(cwd, "beat");
  const child = `setInterval(() => require('fs').writeFileSync(${JSON.stringify(beat)}, String(Date.now())), 50)`;
  const parent = program(
    "parent",
    `import { spawn } from "node:child_process";
     spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "ignore" });
     setInterval(() => undefined, 1000);`,
  );
  const started = parent(["plan"], { ...here, log: null });
  await expect.poll(() => existsSync(beat), { timeout: 15_000 }).toBe(true);
  started.stop();
  expect(await started.ended).toBeNull();
  await wait(300);
  const last = readFileSync(beat, "utf8");
  await wait(300);
  expect(readFileSync(beat, "utf8")).toBe(last);
});

test("with a log it prints there, once", async () => {
  const start = program("log", "console.log('out'); console.error('err', process.env.HF_HUB_OFFLINE);");
  const log = join(cwd, "run.log");
  const started = start(["run"], { cwd, isOffline: true, log });
  expect(started.stdout).toBeNull();
  expect(await started.ended).toBe(0);
  expect(readFileSync(log, "utf8")).toBe("out\nerr 1\n");
  expect(() => start(["run"], { cwd, isOffline: true, log })).toThrow("EEXIST");
});
