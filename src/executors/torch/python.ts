/** @file Finds the Python and the device that the worker runs on. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { TorchPlacement } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { readTextFile } from "../../untrusted/index.ts";
import { findCards } from "./cards.ts";

/** The pinned packages of the worker's environment. */
export function workerLock(): string {
  return packageFile("worker/requirements.lock");
}

const maxLockBytes = 1 << 20;

/** Folder of an environment with these packages: another version of tunewise has another. */
export async function workerEnvironment(
  { sources }: Pick<Runtime, "sources">,
  lock: string = workerLock(),
): Promise<string> {
  const text = await readTextFile(lock, maxLockBytes);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return join(sources.cacheFolder, "worker", hash);
}

/** The Python of an environment. */
export function pythonOf(environment: string): string {
  return platform() === "win32"
    ? join(environment, "Scripts", "python.exe")
    : join(environment, "bin", "python");
}

/** The file that an installation writes last. */
export function installationFile(environment: string): string {
  return join(environment, "tunewise.json");
}

/**
 * The worker's Python: the one that `TUNEWISE_PYTHON` names, or that of the installed environment.
 *
 * @throws {TunewiseError} `WORKER_NOT_INSTALLED`
 */
export async function workerPython(runtime: Pick<Runtime, "sources" | "environment">): Promise<string> {
  const named = runtime.environment["TUNEWISE_PYTHON"];
  if (named !== undefined && existsSync(named)) return named;
  const environment = await workerEnvironment(runtime);
  if (named === undefined && existsSync(installationFile(environment))) return pythonOf(environment);
  throw problem("WORKER_NOT_INSTALLED", { path: named ?? pythonOf(environment) });
}

/**
 * The worker on this machine: on the NVIDIA cards that are visible, one process each; on Apple's graphics processor; or
 * on the processor.
 */
export async function torchPlacement(
  recompute: TorchPlacement["recompute"],
  runtime: Pick<Runtime, "sources" | "environment">,
): Promise<TorchPlacement> {
  const cards = await findCards(runtime);
  if (cards.kind === "cuda") {
    const visible = runtime.environment["CUDA_VISIBLE_DEVICES"];
    const named = visible?.split(",").filter((name) => name.trim() !== "").length;
    const processes = Math.max(1, Math.min(cards.cards.length, named ?? cards.cards.length));
    return { kind: "torch", device: "cuda", dtype: "bfloat16", recompute, processes };
  }
  const device = platform() === "darwin" ? "mps" : "cpu";
  return { kind: "torch", device, dtype: "float32", recompute, processes: 1 };
}
