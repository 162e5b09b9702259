/** @file Finds the worker's Python and its device. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import type { TorchPlacement } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { packageFile } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Cards, findCards } from "./cards.ts";

/** Path of the file with the pinned packages of the worker's environment. */
export function workerLock(): string {
  return packageFile("worker/requirements.lock");
}

const maxLockBytes = 1 << 20;

/** Folder of the environment with these packages; it differs between versions of tunewise. */
export async function workerEnvironment(
  { sources }: Pick<Runtime, "sources">,
  lock: string = workerLock(),
): Promise<string> {
  const text = await readTextFile(lock, maxLockBytes);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return join(sources.cacheFolder, "worker", hash);
}

/** Path of an environment's Python. */
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
 * Returns the worker's Python: the one that `TUNEWISE_PYTHON` names, or that of the installed environment.
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
 * Returns the worker's placement on this machine: the visible NVIDIA cards with one process each, Apple's graphics
 * processor, or the processor.
 *
 * @throws {TunewiseError} `SHARDING_NEEDS_CARDS`
 */
export async function torchPlacement(
  asked: Asked,
  runtime: Pick<Runtime, "sources" | "environment">,
): Promise<TorchPlacement> {
  return placementOn(await findCards(runtime), asked, runtime.environment["CUDA_VISIBLE_DEVICES"]);
}

type Asked = Required<Pick<TorchPlacement, "recompute" | "sharding">>;

const deviceText = { cuda: "one NVIDIA GPU", mps: "the Apple GPU", cpu: "the CPU" } as const;

/**
 * Returns the worker's placement on the given cards.
 *
 * @param visible cards to use, separated by commas
 * @throws {TunewiseError} `SHARDING_NEEDS_CARDS`
 */
export function placementOn(found: Cards, asked: Asked, visible?: string): TorchPlacement {
  const cards = found.kind === "cuda" ? found.cards : [];
  const named = visible?.split(",").filter((name) => name.trim() !== "").length;
  const processes = Math.max(1, Math.min(cards.length, named ?? cards.length));
  const device = cards.length > 0 ? "cuda" : platform() === "darwin" ? "mps" : "cpu";
  if (asked.sharding === "fsdp" && processes === 1)
    throw problem("SHARDING_NEEDS_CARDS", { found: deviceText[device] });
  const isOld = cards.some(({ capability }) => capability !== null && capability < 8);
  const dtype = device !== "cuda" ? "float32" : isOld ? "float16" : "bfloat16";
  return { kind: "torch", device, dtype, processes, ...asked };
}
