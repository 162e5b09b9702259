/**
 * @file A job that a killed controller left on a real Ray cluster. Its worker hangs, so it neither saves nor ends with
 * its lease. The sweep reports its cost per hour and stops it.
 */
import { readdirSync, readFileSync } from "node:fs";

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { Dashboard } from "../../packages/tunewise/src/executors/ray/dashboard.ts";
import { contractProject } from "../conformance/contract/contract-run.ts";
import { type Output, say } from "../support/say.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const cluster = inject("ray");
const root = temporaryFolder();

describe.skipIf(cluster === null)("a cluster that somebody forgot", () => {
  test("has a job at work, then nobody's, then none", async () => {
    const { address = "", token = "", python = "" } = cluster ?? {};
    const { runtime } = await contractProject(root);
    const environment = { ...runtime.environment, RAY_AUTH_TOKEN: token, TUNEWISE_REMOTE_PYTHON: python };
    const tunewise = (words: readonly string[], onStep: Parameters<typeof say>[3] = () => undefined) =>
      say(join(root, "project"), words, environment, onStep);
    const sweep = (...words: string[]): Promise<Output> =>
      tunewise(["runs", "sweep", "--on", address, "--rate", "4.2", ...words]);

    const on = ["--on", address, "--storage", join(root, "shared"), "--lease-seconds", "40"];
    await tunewise(["run", "--yes", "--json", ...on], (child) => child.kill("SIGKILL"));
    const worker = workerPid();
    process.kill(worker, "SIGSTOP");
    const early = await sweep("--delete", "--yes"); // during the lease, the run may be resumed
    const [job = ""] = /tunewise-\S+-1(?= +at-work )/.exec(early.text) ?? [];
    expect(job, early.text).not.toBe("");
    expect(early.text).toContain("$4.20 an hour");
    expect(early.text).not.toContain("said twice");

    let said = early.text;
    for (; !/ orphan /.test(said); said = (await sweep()).text) await sleep(3_000);
    expect(said).toMatch(/nobody here looks after \d+ of them/); // other processes may still be starting
    expect(said).toContain(`next: tunewise runs sweep --on ${address} --delete`);

    const ended = await sweep("--delete", "--yes");
    expect(ended.code, ended.text).toBe(0);
    expect(ended.text).toContain(`${job}: ended, the cluster said twice`);
    expect(await (await Dashboard.at(address, { environment })).job(job)).toMatchObject({
      status: "STOPPED",
    });
    expect((await sweep()).text).not.toContain(job);
    for (let waited = 0; isAlive(worker) && waited < 30; waited++) await sleep(1_000);
    expect(isAlive(worker)).toBe(false);
  });
});

/** PID of the worker; the cluster's nodes run on this machine. */
function workerPid(): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const line = readText(`/proc/${pid}/cmdline`);
    if (line.includes("tunewise_worker\0") && line.includes(`${root}/shared`)) return Number(pid);
  }
  throw new Error("no worker");
}

function isAlive(pid: number): boolean {
  return readText(`/proc/${pid}/cmdline`) !== ""; // a zombie has no command line
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has ended
  }
}
