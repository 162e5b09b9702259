/** @file A check of `tunewise doctor`, and the environment that checks inspect. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { dirname } from "node:path";
import type { PrecisionHere } from "../../app/plan/index.ts";
import type { Cards } from "../../app/worker/index.ts";
import type { MachinePrice, ScannersHere } from "../../prepare/index.ts";
import { findProgram } from "../../runtime/index.ts";

/** How a check came out. `warn` does not keep a run from starting, `fail` does. */
export type Health = "ok" | "warn" | "fail";

/** Result of a check, with a fix unless it passed. */
export interface Check {
  readonly name: string;
  readonly health: Health;
  /** What was seen, with its numbers. */
  readonly detail: string;
  /** One thing to do; `null` for `ok`. */
  readonly fix: string | null;
}

/** The inspected parts of the machine; tests pass their own. */
export interface Environment {
  readonly nodeVersion: string;
  /** `linux`, `darwin`, `win32` ... and `x64`, `arm64` ... */
  readonly platform: string;
  readonly architecture: string;
  readonly cores: number;
  /** Load average over the last minute; `null` if unknown. */
  readonly load: number | null;
  readonly memoryBytesTotal: number;
  readonly memoryBytesFree: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a package can be imported: `null`, or the reason why not. */
  whyNotImport(name: string): Promise<string | null>;
  /** Why the engine does not multiply in bfloat16 here, `null` if it does; rejects where its runtime does not load. */
  whyNotBf16(): Promise<string | null>;
  /** The precision that `auto` takes here, measured; rejects where the runtime does not load. */
  precision(): Promise<PrecisionHere>;
  /** What an hour of this machine costs, as a person said; `null`: nobody did. */
  readonly machinePrice: MachinePrice | null;
  /** Days since prices were fetched; `null`: never. */
  readonly priceAgeDays: number | null;
  /** Graphics cards, as their driver lists them. */
  readonly cards: Cards;
  /** The installed worker on PyTorch; `null`: none. */
  readonly worker: { readonly torch: string | null; readonly environment: string } | null;
  /** Scanners of code on the path. */
  readonly scanners: ScannersHere;
  /** Whether a program is on the path; one named with a slash lies beside the recipe, in `folder`. */
  hasProgram(name: string, folder: string): Promise<boolean>;
  /** Free bytes of the disk that holds a folder, also one that is still to be made; `null` where unknown. */
  diskBytesFree(folder: string): number | null;
  /** Whether a folder, or the nearest one above that exists, may be written to. */
  canWrite(folder: string): boolean;
  /** Size of a readable file in bytes; `null` where there is none or it cannot be read. */
  fileBytes(path: string): number | null;
  /** The text of a file of at most `limit` bytes; `null` where it is larger or cannot be read. */
  readText(path: string, limit: number): string | null;
}

/** A check that is well. */
export function ok(name: string, detail: string): Check {
  return { name, health: "ok", detail, fix: null };
}

/** A check with a warning. */
export function warn(name: string, detail: string, fix: string): Check {
  return { name, health: "warn", detail, fix };
}

/** A check that would keep a run from starting. */
export function fail(name: string, detail: string, fix: string): Check {
  return { name, health: "fail", detail, fix };
}

/** This machine, seen through Node. Nothing is sent anywhere. */
export function inspectEnvironment(
  env: Environment["env"],
  found: Pick<
    Environment,
    "machinePrice" | "priceAgeDays" | "cards" | "worker" | "scanners" | "whyNotBf16" | "precision"
  >,
): Environment {
  return {
    nodeVersion: process.version,
    platform: process.platform,
    architecture: process.arch,
    cores: availableParallelism(),
    load: process.platform === "win32" ? null : (loadavg()[0] ?? null),
    // In a container the limit counts; without one Node answers with a number beyond any machine.
    memoryBytesTotal: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    memoryBytesFree: process.availableMemory(),
    env,
    ...found,
    whyNotImport,
    hasProgram: async (name, folder) => (await findProgram(name, folder, env)) !== null,
    diskBytesFree,
    canWrite,
    fileBytes,
    readText,
  };
}

async function whyNotImport(name: string): Promise<string | null> {
  try {
    await import(name);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  }
}

/** The folder, or the nearest one above it that exists. */
function existing(folder: string): string {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : existing(above);
}

function diskBytesFree(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(existing(folder));
    return bavail * bsize;
  } catch {
    return null;
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(existing(folder), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function fileBytes(path: string): number | null {
  try {
    accessSync(path, constants.R_OK);
    const stats = statSync(path);
    return stats.isFile() ? stats.size : null;
  } catch {
    return null;
  }
}

function readText(path: string, limit: number): string | null {
  const size = fileBytes(path);
  if (size === null || size > limit) return null;
  return readFileSync(path, "utf8");
}
