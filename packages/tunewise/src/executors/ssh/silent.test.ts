/** @file Tests an `ssh` that stays silent and others that print endlessly, with a stub placed first on `PATH`. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RemoteHost, RunSpec, TorchPlacement } from "@tunewise/core/run";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { Box } from "../remote/box.ts";
import { inspectHost, type RemoteNeeds, startRemote } from "../remote/remote.ts";
import { replyLimits } from "../remote/replies.ts";
import { sshMachine } from "./transport.ts";

const root = temporaryFolder();
const { signal: unbroken } = new AbortController();

/** Behaviours of the stub. It records its process ids and its child's, so that a test can check that they end. */
const programs = {
  silent: "sleep 1000 & echo $! >> PIDS; wait",
  "an endless line":
    "yes '' | tr -d '\\n' | tr '\\0' a & echo $! >> PIDS; while :; do printf aaaaaaaaaaaaaaaa; done",
  "endless messages": "while :; do echo 'welcome to this machine' >&2; done",
  "endless lines": "while :; do echo '{\"unexpected\": true}'; done",
} as const;

function runtimeWith(name: keyof typeof programs, signal: AbortSignal = unbroken): Runtime {
  const folder = join(root, name.replaceAll(" ", "-"));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "ssh");
  writeFileSync(
    file,
    `#!/bin/sh\necho $$ >> PIDS\n${programs[name]}\n`.replaceAll("PIDS", join(folder, "pids")),
  );
  chmodSync(file, 0o755);
  const real = createRuntime(root, signal, "test");
  return { ...real, environment: { ...real.environment, PATH: `${folder}:${real.environment["PATH"]}` } };
}

const host: RemoteHost = { address: "ssh://box", leaseSeconds: 60, onLeaseEnd: null, eventsAhead: 0 };
const needs: RemoteNeeds = {
  host,
  modelFolder: root,
  complete: () => Promise.reject(new Error("no machine answers, so nothing is written for it")),
};

function specOf(run: string, capSeconds: number): RunSpec {
  const placement: TorchPlacement = {
    kind: "torch",
    device: "cpu",
    dtype: "float32",
    recompute: "none",
    processes: 1,
    host,
  };
  return {
    v: 1,
    run,
    folder: join(root, run),
    placement,
    until: null,
    sweep: null,
    recipe: { configuration: "{}", folder: root, sha256: "0".repeat(64) },
    model: { source: "none", revision: "none" },
    data: { fingerprint: "none" },
    limits: { seconds: capSeconds },
  };
}

/** Recorded processes that are still running. */
function living(name: keyof typeof programs): number[] {
  const text = readFileSync(join(root, name.replaceAll(" ", "-"), "pids"), "utf8");
  return text
    .trim()
    .split("\n")
    .map(Number)
    .filter((pid) => {
      try {
        // a killed process may remain as a zombie
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      } catch {
        return false;
      }
    });
}

const untilNoted = (name: keyof typeof programs): Promise<void> =>
  vi.waitFor(() => expect(living(name).length).toBeGreaterThan(0), { timeout: 20_000 });
const untilGone = (name: keyof typeof programs): Promise<void> =>
  vi.waitFor(() => expect(living(name)).toEqual([]), { timeout: 20_000 });

afterEach(() => {
  vi.restoreAllMocks();
});

describe.skipIf(process.platform !== "linux")("a machine that does not shake hands", () => {
  test("and is silent counts as unreachable after its limit, and nothing of ssh is left", async () => {
    vi.spyOn(replyLimits, "hello", "get").mockReturnValue({ seconds: 1, bytes: 1 << 16 });
    await expect(inspectHost("ssh://box", runtimeWith("silent"))).rejects.toMatchObject({
      code: "SSH_UNREACHABLE",
      params: { reason: 'no answer to the request "hello" within 1 seconds' },
    });
    await untilGone("silent");
  }, 60_000);

  test("has a minute to say hello, and no request has more than a quarter of an hour without a sign of life", () => {
    expect(replyLimits.hello.seconds).toBe(60);
    expect(Math.max(...Object.values(replyLimits).map(({ seconds }) => seconds))).toBe(900);
  });

  test.each(["an endless line", "endless messages", "endless lines"] as const)(
    "and writes %s is cut off",
    async (name) => {
      await expect(inspectHost("ssh://box", runtimeWith(name))).rejects.toMatchObject({
        code: expect.stringMatching(/^(SSH_UNREACHABLE|REMOTE_FAILED)$/),
      });
      await untilGone(name);
    },
    60_000,
  );

  test("is given up at once after Ctrl-C, with the tree of ssh", async () => {
    const interrupt = new AbortController();
    const asked = inspectHost("ssh://box", runtimeWith("silent", interrupt.signal));
    const refused = expect(asked).rejects.toMatchObject({ code: "USAGE_INTERRUPTED" });
    await untilNoted("silent");
    await sleep(100);
    interrupt.abort();
    await refused;
    await untilGone("silent");
  }, 60_000);

  test("ends the start of a run at Ctrl-C and at the cap, and says which", async () => {
    const interrupt = new AbortController();
    const started = startRemote(specOf("stopped", 3600), needs, runtimeWith("silent", interrupt.signal));
    const refused = expect(started).rejects.toMatchObject({
      code: "START_INTERRUPTED",
      params: { run: "stopped", address: "ssh://box" },
    });
    await untilNoted("silent");
    interrupt.abort();
    await refused;
    await expect(startRemote(specOf("spent", 0.5), needs, runtimeWith("silent"))).rejects.toMatchObject({
      code: "START_OVER_CAP",
    });
    await untilGone("silent");
  }, 60_000);

  test("closing the machine ends what is under way", async () => {
    const machine = sshMachine("ssh://box", runtimeWith("silent"));
    const asked = expect(new Box(machine, "r", "none").ask("status")).rejects.toMatchObject({
      code: "SSH_UNREACHABLE",
    });
    await untilNoted("silent");
    machine.close();
    await asked;
    await untilGone("silent");
  }, 60_000);
});
