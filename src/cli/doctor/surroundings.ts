/** @file The real machine behind doctor's checks. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { availableParallelism, loadavg, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Surroundings } from "./check.ts";

/** This machine, seen through Node. Nothing is sent anywhere. */
export function lookAround(env: Surroundings["env"], priceAgeDays: number | null): Surroundings {
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
    priceAgeDays,
    whyNotImport,
    hasNvidiaDevice: () => existsSync("/dev/nvidiactl") || existsSync("/dev/nvidia0"),
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
