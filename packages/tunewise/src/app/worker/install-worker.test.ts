import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { createRuntime, type Runtime } from "../../runtime/index.ts";
import { checkDriver, inspectWorker, planInstallation } from "./install-worker.ts";

const root = temporaryFolder();

test("drivers before CUDA 13 are refused with the build that they run", () => {
  expect(() => checkDriver("580.65.06")).not.toThrow();
  expect(() => checkDriver("570.124.06")).toThrow(
    expect.objectContaining({
      code: "WORKER_DRIVER_UNSUPPORTED",
      fix: expect.stringContaining("--torch-index"),
    }),
  );
});

/** A runtime without GPUs, whose programs give these answers. */
function runtimeOf(wheels: string, environment: Record<string, string> = {}): Runtime {
  const real = createRuntime(root, new AbortController().signal, "test");
  const execute = async (_: string, words: readonly string[]): Promise<{ code: number; output: string }> => {
    const line = words.join(" ");
    if (line.includes("wheels.py")) return { code: wheels === "" ? 1 : 0, output: wheels };
    if (line.includes("importlib.metadata")) return { code: 0, output: "2.15.0+cpu\n" };
    return line.includes("ensurepip") ? { code: 0, output: "3.12.4\n" } : { code: 127, output: "" };
  };
  const sources = { ...real.sources, cacheFolder: join(root, "cache"), execute };
  return {
    ...real,
    environment,
    sources,
    versions: { ...real.versions, platform: "linux-x64" },
    freeDiskBytes: async () => 1e12,
  };
}

const answered = (isTorchIndexReachable: boolean): string =>
  JSON.stringify({
    isTorchIndexReachable,
    torch: "torch-2.15.0-cp312-cp312-linux_x86_64.whl",
    bytes: 3.09e9,
    unknown: 0,
  });

test("an index that does not answer is said before another build is installed", async () => {
  expect(await planInstallation(runtimeOf(answered(false)))).toMatchObject({
    build: "default",
    torchIndex: null,
    silentIndex: "https://download.pytorch.org/whl/cpu",
    wheels: { bytes: 3.09e9 },
    neededBytes: 9e9,
  });
  const reachable = { build: "cpu", torchIndex: "https://download.pytorch.org/whl/cpu", silentIndex: null };
  expect(await planInstallation(runtimeOf(answered(true)))).toMatchObject({
    ...reachable,
    neededBytes: 2.5e9,
  });
  // a Python without pip cannot query the indexes
  expect(await planInstallation(runtimeOf(""))).toMatchObject({ ...reachable, wheels: null });
});

test("the version of PyTorch is read from the Python that a variable names", async () => {
  const { worker } = await inspectWorker(runtimeOf("", { TUNEWISE_PYTHON: "/opt/python" }));
  expect(worker).toMatchObject({ python: "/opt/python", torch: "2.15.0+cpu" });
});
