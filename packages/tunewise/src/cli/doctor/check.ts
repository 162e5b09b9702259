/** @file Result type of checks of `tunewise doctor`, and the environment that they inspect. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { dirname } from "node:path";
import type { PrecisionHere } from "../../app/plan/index.ts";
import type { Cards } from "../../app/worker/index.ts";
import type { MachinePrice, ScannersHere } from "../../prepare/index.ts";
import { findProgram } from "../../runtime/index.ts";

/** Outcome of a check. Only `fail` prevents a run from starting. */
export type Health = "ok" | "warn" | "fail";

/** Result of a check, with a fix unless it passed. */
export interface Check {
  readonly name: string;
  readonly health: Health;
  /** What was found, with numbers. */
  readonly detail: string;
  /** What to do; `null` for `ok`. */
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
  /** Why a package cannot be imported; `null` if it can. */
  whyNotImport(name: string): Promise<string | null>;
  /** Why the engine cannot multiply in bfloat16 here; `null` if it can. Rejects if its runtime does not load. */
  whyNotBf16(): Promise<string | null>;
  /** The precision that `auto` selects here, as measured. Rejects if the runtime does not load. */
  precision(): Promise<PrecisionHere>;
  /** Hourly price of this machine, as entered by the user; `null` if unknown. */
  readonly machinePrice: MachinePrice | null;
  /** Days since prices were fetched; `null` if never. */
  readonly priceAgeDays: number | null;
  /** Graphics cards, as their driver lists them. */
  readonly cards: Cards;
  /** The installed PyTorch worker; `null` if there is none. */
  readonly worker: { readonly torch: string | null; readonly environment: string } | null;
  /** Scanners of code on the path. */
  readonly scanners: ScannersHere;
  /** Whether a program exists; a name with a slash is resolved against the recipe's `folder`, others against `PATH`. */
  hasProgram(name: string, folder: string): Promise<boolean>;
  /** Free bytes of the disk of a folder, which need not exist yet; `null` if unknown. */
  diskBytesFree(folder: string): number | null;
  /** Whether a folder, or its nearest existing parent, is writable. */
  canWrite(folder: string): boolean;
  /** Size of a file in bytes; `null` if it is missing or not readable. */
  fileBytes(path: string): number | null;
  /** The text of a file of at most `limit` bytes; `null` if it is larger or not readable. */
  readText(path: string, limit: number): string | null;
}

/** A check that passed. */
export function ok(name: string, detail: string): Check {
  return { name, health: "ok", detail, fix: null };
}

/** A check with a warning. */
export function warn(name: string, detail: string, fix: string): Check {
  return { name, health: "warn", detail, fix };
}

/** A check that prevents a run from starting. */
export function fail(name: string, detail: string, fix: string): Check {
  return { name, health: "fail", detail, fix };
}

/** Inspects this machine through Node. Sends nothing over the network. */
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
    // The limit of a container applies; without one, Node reports a number larger than any memory.
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

/** The folder, or its nearest existing parent. */
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
