/** @file Real installers create the worker's environment from the package index, with a few small packages. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  installWorker,
  planInstallation,
  readInstallation,
} from "../../packages/tunewise/src/app/worker/index.ts";
import { createRuntime, type Runtime } from "../../packages/tunewise/src/runtime/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = temporaryFolder();

function runtimeIn(name: string, signal = new AbortController().signal): Runtime {
  const real = createRuntime(root, signal, "test");
  return { ...real, sources: { ...real.sources, cacheFolder: join(root, name) } };
}

function lockOf(name: string, ...lines: string[]): string {
  const path = join(root, `${name}.lock`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const ignore = (): void => undefined;

describe("an installation", { timeout: 240_000 }, () => {
  test("works, is kept, and is another one for other packages", async () => {
    const runtime = runtimeIn("cache");
    const options = { lock: lockOf("small", "tomli==2.5.0"), probe: "tomli" };
    const plan = await planInstallation(runtime, options);
    expect(plan).toMatchObject({
      isInstalled: false,
      python: { version: expect.stringMatching(/^3\.1[0-3]\./) },
    });
    const lines: string[] = [];
    const installed = await installWorker(plan, runtime, (line) => lines.push(line), options);
    expect(existsSync(installed.python)).toBe(true);
    expect(lines.join("\n")).toContain("tomli");
    const again = await planInstallation(runtime, options);
    expect(again).toMatchObject({ isInstalled: true, environment: plan.environment });
    const before = lines.length;
    expect(await installWorker(again, runtime, (line) => lines.push(line), options)).toEqual(installed);
    expect(lines).toHaveLength(before);
    const other = await planInstallation(runtime, { ...options, lock: lockOf("other", "tomli==2.4.0") });
    expect(other.environment).not.toBe(plan.environment);
  });

  test("that fails quotes the installer and leaves nothing that is used", async () => {
    const runtime = runtimeIn("failing");
    const options = { lock: lockOf("missing", "tunewise-no-such-package==1.0"), probe: "tomli" };
    const plan = await planInstallation(runtime, options);
    await expect(installWorker(plan, runtime, ignore, options)).rejects.toMatchObject({
      code: "WORKER_INSTALL_FAILED",
      message: expect.stringContaining("tunewise-no-such-package"),
    });
    expect(await readInstallation(plan.environment)).toBeNull();
    expect(await planInstallation(runtime, options)).toMatchObject({ isInstalled: false });
  });

  test("without a Python that fits, without room, or with an old driver is refused with what was found", async () => {
    const runtime = runtimeIn("refused");
    const shown = { lock: lockOf("none"), python: process.execPath };
    await expect(planInstallation(runtime, shown)).rejects.toMatchObject({
      code: "WORKER_PYTHON_UNSUPPORTED",
    });
    const old = async (): Promise<{ code: number; output: string }> => ({ code: 0, output: "3.9.18\n" });
    await expect(
      planInstallation({ ...runtime, sources: { ...runtime.sources, execute: old } }),
    ).rejects.toMatchObject({
      code: "WORKER_PYTHON_UNSUPPORTED",
      message: expect.stringContaining("python3.13 is 3.9.18"),
    });
    await expect(planInstallation({ ...runtime, freeDiskBytes: async () => 1e9 })).rejects.toMatchObject({
      code: "WORKER_DISK_FULL",
      message: expect.stringMatching(/1(\.0+)? GB are free/),
    });
  });
});
